// Launch of `rotate` on the host. Contiguous rows are taken 64 channels at a time: all rotors first, then the products, so
// that both loops vectorise (perf/bench/rotate_bench).
#include "kernels/rotate.hpp"

#include "kernels/kokkos/loop.hpp"

#include <algorithm>

namespace nocturne {
namespace {

constexpr Index chunk = 64;

struct Rotors {
    float re[chunk], im[chunk];
};

void fill(Rotors& rotors, double const* freq_hz, Index n, double path)
{
    for (Index c = 0; c < n; ++c) {
        Vis const r = RotateCell::rotor(path, freq_hz[c]);
        rotors.re[c] = r.re;
        rotors.im[c] = r.im;
    }
}

/// v[channel][correlation] *= rotor[channel], `correlations` known to the compiler.
template<Index correlations>
void multiply(Vis* __restrict v, Rotors const& rotors, Index n)
{
    for (Index c = 0; c < n; ++c)
        for (Index p = 0; p < correlations; ++p) {
            Vis const old = v[c * correlations + p];
            v[c * correlations + p] = {old.re * rotors.re[c] - old.im * rotors.im[c],
                                       old.re * rotors.im[c] + old.im * rotors.re[c]};
        }
}

struct RotateRow {
    RotateCell cell;
    bool contiguous;

    void operator()(Index integration, Index baseline) const
    {
        auto const& vis = cell.args.vis;
        cell.write_uvw(integration, baseline);
        double const path = cell.path_s(integration, baseline);
        if (path == 0) return;
        Index const channels = vis.extent[2], correlations = vis.extent[3];
        if (!contiguous) {
            for (Index c = 0; c < channels; ++c) cell.rotate_channel(integration, baseline, c, path);
            return;
        }
        auto const product = correlations == 1 ? multiply<1> : correlations == 2 ? multiply<2> : multiply<4>;
        for (Index first = 0; first < channels; first += chunk) {
            Index const n = std::min(chunk, channels - first);
            Rotors rotors;
            fill(rotors, cell.args.freq_hz.data + first, n, path);
            product(&vis(integration, baseline, first, 0), rotors, n);
        }
    }
};

}  // namespace

void launch(KokkosDevice const&, RotateArgs const& args)
{
    if (args.vis.size() == 0) return;
    Index const correlations = args.vis.extent[3];
    bool const contiguous = args.vis.stride[3] == 1 && args.vis.stride[2] == correlations &&
                            args.freq_hz.stride[0] == 1 &&
                            (correlations == 1 || correlations == 2 || correlations == 4);
    kokkos::for_each(args.vis.extent[0], args.vis.extent[1], RotateRow{RotateCell{args}, contiguous});
}

}  // namespace nocturne
