#include "stages/image/keep.hpp"

namespace nocturne {
namespace {

/// `view` itself where it lies on the host; otherwise a view of a host copy that `held` owns. A stride of 0 stays one.
template<class T, int N>
View<T const, N> on_host(Device const& device, View<T, N> const& view, std::vector<std::remove_const_t<T>>& held)
{
    View<T const, N> copy;
    copy.data = view.data;
    Index last = 0;
    for (int axis = 0; axis < N; ++axis) {
        copy.extent[axis] = view.extent[axis];
        copy.stride[axis] = view.stride[axis];
        last += (view.extent[axis] - 1) * view.stride[axis];
    }
    if (is_host(device)) return copy;
    held.resize(static_cast<std::size_t>(last) + 1);
    std::visit([&](auto const& d) { copy_out(d, held.data(), view.data, held.size() * sizeof(T)); }, device);
    copy.data = held.data();
    return copy;
}

/// One integration of a block, on the host.
class HostRow {
public:
    HostRow(Device const& device, VisBlock const& block, Hands const& hands, View<float const, 3> const& factors,
            Index t)
        : in{on_host(device, block.vis.slice(0, t, 1), vis_),
             on_host(device, block.flag.slice(0, t, 1), flag_),
             on_host(device, block.weight.slice(0, t, 1), weight_),
             hands.a,
             hands.b,
             hands.either,
             hands.form},
          factor(on_host(device, factors.slice(0, t, 1), factor_)),
          uvw_m(on_host(device, block.uvw_m.slice(0, t, 1), uvw_))
    {}

private:
    std::vector<Vis> vis_;
    std::vector<std::uint8_t> flag_;
    std::vector<float> weight_, factor_;
    std::vector<double> uvw_;

public:
    StokesView const in;
    View<float const, 3> const factor;
    View<double const, 3> const uvw_m;
};

}  // namespace

ImagedVisibilities imaged_visibilities(VisBlock const& block, Hands const& hands, View<float const, 3> const& factor,
                                       GroupState const& state)
{
    ImagedVisibilities kept{
        block.first_baseline, block.n_integrations(), block.n_baselines(), block.n_channels(), {}, {}, {}};
    for (Index t = 0; t < kept.n_integrations; ++t) {
        HostRow const row(state.device, block, hands, factor, t);
        for (Index b = 0; b < kept.n_baselines; ++b) {
            for (Index axis = 0; axis < 3; ++axis) kept.uvw_m.push_back(row.uvw_m(0, b, axis));
            auto const& pair = state.header.baselines[static_cast<std::size_t>(block.first_baseline + b)];
            for (Index c = 0; c < kept.n_channels; ++c) {
                auto const sample = pair.ant1 == pair.ant2 ? StokesSample{} : row.in(0, b, c);
                kept.vis.push_back({sample.re, sample.im});
                kept.weight.push_back(sample.weight * row.factor(0, b, c));
            }
        }
    }
    return kept;
}

}  // namespace nocturne
