// A small group in DSA-110's layout with values that say where they stand.
#pragma once

#include "io/uvh5_files.hpp"
#include "io/uvh5_writer.hpp"
#include "nocturne/units.hpp"
#include "tests/unit/io/scratch.hpp"

#include <vector>

namespace nocturne::test {

/// One subband and the memory that its views refer to. 5 antennas with numbers 0, 2, 4, 6, 8; 15 baselines; 10 channels.
class SmallSubband {
public:
    static constexpr Index nt = 20, nb = 15, nc = 10, np = 2;

    explicit SmallSubband(int index)
    {
        content.site = {"OVRO_MMA", 37.2 * degree_rad, -118.3 * degree_rad, 1188, "header"};
        content.history = "test";
        for (int a = 0; a < 5; ++a)
            content.antennas.push_back({std::to_string(a + 1), 2 * a, {10.0 * a, -20.0 * a, 3.0 * a * a}, 4.65});
        for (std::int32_t b = 0; b < 5; ++b)
            for (std::int32_t a = 0; a <= b; ++a) content.baselines.push_back({a, b});
        content.uvw_m.assign(nb, {1, 2, 3});
        for (Index t = 0; t < nt; ++t) content.time_mjd_s.push_back(61100 * day_s + 12.885 * static_cast<double>(t));
        content.integration_s.assign(nt, 12.885);
        for (Index c = 0; c < nc; ++c)
            content.freq_hz.push_back(1.49e9 - (static_cast<double>(index * nc + c)) * 250e3);  // sb00 highest, falling
        content.channel_width_hz = 250e3;
        content.correlations = {Correlation::XX, Correlation::YY};
        content.phase_center_dec_rad = 0.9;
        for (Index i = 0; i < nt * nb * nc * np; ++i)
            vis_.push_back({static_cast<float>(i), static_cast<float>(index) + 0.5F});
        content.vis = make_view(static_cast<Vis const*>(vis_.data()), nt, nb, nc, np);
        content.constant_nsamples = 12;
    }
    SmallSubband(SmallSubband const&) = delete;
    SmallSubband& operator=(SmallSubband const&) = delete;

    /// re of the sample at file channel c.
    static double expected(Index t, Index b, Index c, Index p)
    {
        return static_cast<double>(((t * nb + b) * nc + c) * np + p);
    }

    std::string write(Scratch const& dir, int index) const
    {
        auto const path = dir / subband_file_name("2026-03-01T05:00:00", index);
        write_uvh5(path, content);
        return path;
    }

    Uvh5Subband content;

private:
    std::vector<Vis> vis_;
};

inline std::vector<std::string> write_small_group(Scratch const& dir, std::vector<int> const& subbands)
{
    std::vector<std::string> paths;
    for (int const index : subbands) paths.push_back(SmallSubband(index).write(dir, index));
    return paths;
}

}  // namespace nocturne::test
