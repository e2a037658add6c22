#include "stages/image/node_operator.hpp"

#include "kernels/expand.hpp"
#include "kernels/project.hpp"

#include <algorithm>
#include <cmath>

namespace nocturne {
namespace {

/// Baselines at a time: on a host their visibilities stay in the second-level cache (0.6 MB for DSA-110).
constexpr Index host_baselines = 4, device_baselines = 64;

/// Node values [first, end) where kernels can reach them: in place on a host, else copied.
class Values {
public:
    Values(Device const& device, Vis* host, Index n) : device_(device), host_(host), n_(n)
    {
        if (!is_host(device)) copy_ = Buffer<Vis>(device, n);
    }
    View<Vis, 1> view() { return copy_.size() > 0 ? copy_.view(n_) : make_view(host_, n_); }
    void fetch()
    {
        if (copy_.size() > 0) copy_.download(host_);
    }
    void send()
    {
        if (copy_.size() > 0) copy_.upload(host_);
    }

private:
    Device device_;
    Vis* host_;
    Index n_;
    Buffer<Vis> copy_;
};

}  // namespace

void NodeOperator::prepare(GroupState const& state, NodePlan const& plan, KeepWeights keep)
{
    keep_ = keep;
    rects_ = to_device(state.device, plan.rects);
    matrices_ = to_device(state.device, plan.matrices);
    first_rect_ = plan.first_rect;
    first_value_ = plan.first_value;
    blocks_.clear();
    auto const& freq_hz = state.header.freq_hz;
    auto const n_channels = static_cast<Index>(freq_hz.size());
    beam_ = {};
    beam_.n_moments = static_cast<Index>(state.header.all_moments().size());
    for (Index first = 0; first < n_channels; first += BeamWeights::group_channels) {
        Index const n = std::min(BeamWeights::group_channels, n_channels - first);
        double sum = 0;
        for (Index c = first; c < first + n; ++c) sum += freq_hz[static_cast<std::size_t>(c)];
        beam_.freq_hz.push_back(sum / static_cast<double>(n));
    }
    beam_.n_groups = static_cast<Index>(beam_.freq_hz.size());
    beam_.units.assign(static_cast<std::size_t>(beam_.n_moments * beam_.n_groups), 0);
}

View<NodeRect const, 1> NodeOperator::rects(Index first_baseline, Index n_baselines) const
{
    auto const first = static_cast<std::size_t>(first_baseline), end = first + static_cast<std::size_t>(n_baselines);
    return rects_.view(rects_.size()).slice(0, first_rect_[first], first_rect_[end] - first_rect_[first]);
}

View<float, 3> NodeOperator::weights_of(VisBlock const& block, GroupState const& state)
{
    if (keep_ == KeepWeights::no) return {};
    Index const t = block.n_integrations(), b = block.n_baselines(), c = block.n_channels();
    blocks_.push_back({block.first_baseline, t, b, c, Buffer<float>(state.device, t * b * c)});
    return blocks_.back().weights.view(t, b, c);
}

void NodeOperator::count(GroupState const& state, double unit)
{
    if (keep_ == KeepWeights::no) return;
    auto const& block = blocks_.back();
    auto const& header = state.header;
    std::vector<float> copy;
    float const* weights = block.weights.data();
    if (!is_host(state.device)) {
        copy = block.weights.to_host();
        weights = copy.data();
    }
    auto const n_all = static_cast<Index>(header.baselines.size());
    for (Index t = 0; t < block.n_integrations; ++t)
        for (Index b = 0; b < block.n_baselines; ++b) {
            Index const baseline = block.first_baseline + b;
            if (first_value(baseline + 1) == first_value(baseline)) continue;  // an autocorrelation
            Index const moment = header.ragged() ? header.moment_of[static_cast<std::size_t>(t * n_all + baseline)] : t;
            if (moment < 0) continue;
            float const* const row = weights + (t * block.n_baselines + b) * block.n_channels;
            for (Index g = 0; g < beam_.n_groups; ++g) {
                Index const first = g * BeamWeights::group_channels;
                Index const end = std::min(first + BeamWeights::group_channels, block.n_channels);
                float sum = 0;
                for (Index c = first; c < end; ++c) sum += row[c];
                beam_.units[static_cast<std::size_t>(moment * beam_.n_groups + g)] +=
                    std::llround(static_cast<double>(sum) / unit);
            }
        }
}

void NodeOperator::model_of(Device const& device, Block const& block, std::vector<Vis> const& y,
                            std::vector<Vis>& out) const
{
    Index const first_of_block = first_value(block.first_baseline),
                n_values = first_value(block.first_baseline + block.n_baselines) - first_of_block;
    if (n_values == 0) return;
    Values in(device, const_cast<Vis*>(y.data()) + first_of_block, n_values);
    Values made(device, out.data() + first_of_block, n_values);
    in.send();
    Index const at_once = std::min(is_host(device) ? host_baselines : device_baselines, block.n_baselines);
    Index const t = block.n_integrations, c = block.n_channels;
    Buffer<Vis> vis(device, t * at_once * c);
    auto const zero = to_device(device, std::vector<std::uint8_t>{0});
    auto const one = to_device(device, std::vector<float>{1});
    auto const weights = block.weights.view(t, block.n_baselines, c);
    Buffer<double> sums;
    for (Index b = 0; b < block.n_baselines; b += at_once) {
        Index const n = std::min(at_once, block.n_baselines - b), baseline = block.first_baseline + b;
        Index const first = first_value(baseline), count = first_value(baseline + n) - first;
        auto const rectangles = rects(baseline, n);
        if (sums.size() < rectangles.extent[0]) sums = Buffer<double>(device, rectangles.extent[0]);
        run(device, ExpandArgs{in.view().slice(0, first - first_of_block, count), rectangles, baseline, first,
                               matrices(), vis.view(t, n, c)});
        StokesView const model{vis.view(t, n, c, Index(1)),
                               make_constant_view(static_cast<std::uint8_t const*>(zero.data()), t, n, c, Index(1)),
                               make_constant_view(static_cast<float const*>(one.data()), t, n, c, Index(1)), 0, -1};
        run(device, ProjectArgs{model, weights.slice(1, b, n), rectangles, baseline, first, matrices(),
                                made.view().slice(0, first - first_of_block, count), View<Vis, 1>{},
                                sums.view(rectangles.extent[0])});
    }
    made.fetch();
}

void NodeOperator::residual(Device const& device, std::vector<Vis> const& y0, std::vector<Vis> const& y,
                            std::vector<Vis>& out, NodeOperator const* keeper) const
{
    auto const& from = keeper ? *keeper : *this;
    NOCT_CHECK(from.keep_ == KeepWeights::yes, "a residual needs weights that were not kept");
    NOCT_CHECK(y0.size() == y.size(), "residual: one value per point is needed");
    out.assign(y.size(), Vis{});
    for (auto const& block : from.blocks_) {
        model_of(device, block, y, out);
        finish(device);
        auto const first = static_cast<std::size_t>(first_value(block.first_baseline)),
                   end = static_cast<std::size_t>(first_value(block.first_baseline + block.n_baselines));
        for (std::size_t i = first; i < end; ++i) out[i] = {y0[i].re - out[i].re, y0[i].im - out[i].im};
    }
}

std::size_t NodeOperator::device_bytes() const
{
    std::size_t bytes = rects_.bytes() + matrices_.bytes();
    for (auto const& block : blocks_) bytes += block.weights.bytes();
    return bytes;
}

}  // namespace nocturne
