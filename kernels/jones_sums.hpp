// Kernel `jones_sums`: the sums over time and channels that a solve for 2 × 2 Jones matrices needs, taken once. Enters: a block of four
// correlations and a model. Leaves: for each baseline and solution the products of V with M and of M with itself.
#pragma once

#include "kernels/shared/fringe_model.hpp"
#include "nocturne/device.hpp"

namespace nocturne {

/// Place of a product in the sums: x, y count the columns of the two factors, z, w their rows.
NOCT_INLINE constexpr Index jones_slot(Index x, Index y, Index z, Index w) { return (2 * x + y) * 4 + 2 * z + w; }

/// Shapes: vis, flag, weight, model [integration][baseline][channel][4]; element[2 i + j] is the correlation of feed i with feed j (XX, XY, YX, YY);
/// first_integration [interval + 1] and first_channel [block + 1] rise and end with the number of integrations and channels; sums
/// [baseline][interval × blocks + block][planes], written whole. model without data: `fringes` say M of the parallel hands, 0 in the cross hands.
///
/// With V = conj(vis), M = conj(model) as 2 × 2 matrices, so that V = J1 M J2ᴴ (CalTable, kind J), a solution's sums are, at
/// s = jones_slot(x, y, z, w): planes s and 16 + s the real and imaginary part of Σ w V_zx conj(M_wy), 32 + s and 48 + s those of
/// Σ w M_zx conj(M_wy), plane 64 Σ w Σ |V|², 65 the number of samples of four. Everything that full-polarisation StEFCal asks of the data (Salvini & Wijnholds
/// 2014, A&A 571 A97, 5) follows from them. A sample counts where no correlation is flagged and each has w > 0; its w is the harmonic mean of the four.
struct JonesSumsArgs {
    static constexpr Index planes = 66, power_data = 64, count = 65;
    View<Vis const, 4> vis;
    View<std::uint8_t const, 4> flag;
    View<float const, 4> weight;
    View<Vis const, 4> model;
    FringeModel fringes;
    std::int32_t element[4] = {0, 1, 2, 3};
    View<std::int32_t const, 1> first_integration, first_channel;
    View<float, 3> sums;
};

/// Host: throws Error(defect) where shapes differ.
inline void check(JonesSumsArgs const& args)
{
    auto const& vis = args.vis;
    NOCT_CHECK(vis.extent[3] == 4, "jones_sums: four correlations are needed");
    for (int axis = 0; axis < 4; ++axis)
        NOCT_CHECK(args.flag.extent[axis] == vis.extent[axis] && args.weight.extent[axis] == vis.extent[axis] &&
                       (!args.model.data || args.model.extent[axis] == vis.extent[axis]) && args.element[axis] >= 0 &&
                       args.element[axis] < 4,
                   "jones_sums: vis, flag, weight and model differ in shape");
    if (!args.model.data) args.fringes.check(vis.extent[0], vis.extent[1], vis.extent[2]);
    Index const intervals = args.first_integration.extent[0] - 1, blocks = args.first_channel.extent[0] - 1;
    NOCT_CHECK(intervals > 0 && blocks > 0 && args.sums.extent[0] == vis.extent[1] &&
                   args.sums.extent[1] == intervals * blocks && args.sums.extent[2] == JonesSumsArgs::planes,
               "jones_sums: sums are [baseline][interval × blocks + block][planes]");
}

/// One slot of one (baseline, solution): i = solution × 16 + slot.
struct JonesSumsCell {
    JonesSumsArgs args;

    /// The weight of a sample of four; 0: it does not count.
    NOCT_INLINE float weight(Index t, Index b, Index c) const
    {
        float sum = 0;
        for (Index p = 0; p < 4; ++p) {
            float const w = args.weight(t, b, c, p);
            if (args.flag(t, b, c, p) != 0 || !(w > 0)) return 0;
            sum += 1 / w;
        }
        return 4 / sum;
    }

    NOCT_INLINE Vis model(Index t, Index b, Index c, Index row, Index column) const
    {
        if (args.model.data) return args.model(t, b, c, args.element[2 * row + column]);
        return row == column ? args.fringes.at(t, b, c) : Vis{};
    }

    NOCT_INLINE void operator()(Index b, Index i) const
    {
        Index const slot = i % 16, solution = i / 16, blocks = args.first_channel.extent[0] - 1,
                    interval = solution / blocks, block = solution % blocks;
        Index const x = slot / 8, y = slot / 4 % 2, z = slot / 2 % 2, v = slot % 2;
        double re = 0, im = 0, power_re = 0, power_im = 0, power_data = 0, count = 0;
        for (Index t = args.first_integration(interval); t < args.first_integration(interval + 1); ++t)
            for (Index c = args.first_channel(block); c < args.first_channel(block + 1); ++c) {
                float const w = weight(t, b, c);
                if (!(w > 0)) continue;
                Vis const data = args.vis(t, b, c, args.element[2 * z + x]), one = model(t, b, c, z, x),
                          two = model(t, b, c, v, y);
                re += w * (data.re * two.re + data.im * two.im);  // conj(data) two
                im += w * (data.re * two.im - data.im * two.re);
                power_re += w * (one.re * two.re + one.im * two.im);
                power_im += w * (one.re * two.im - one.im * two.re);
                if (slot == 0)
                    for (Index p = 0; p < 4; ++p) {
                        Vis const each = args.vis(t, b, c, p);
                        power_data += w * (each.re * each.re + each.im * each.im);
                    }
                count += 1;
            }
        float* const to = &args.sums(b, solution, 0);
        to[slot] = static_cast<float>(re);
        to[16 + slot] = static_cast<float>(im);
        to[32 + slot] = static_cast<float>(power_re);
        to[48 + slot] = static_cast<float>(power_im);
        if (slot != 0) return;
        to[JonesSumsArgs::power_data] = static_cast<float>(power_data);
        to[JonesSumsArgs::count] = static_cast<float>(count);
    }
};

void launch(KokkosDevice const&, JonesSumsArgs const&);
void launch(CudaDevice const&, JonesSumsArgs const&);

}  // namespace nocturne
