// A measured or computed primary beam as pixels. Enters: a plane of power. Leaves: its power anywhere.
#pragma once

#include "nocturne/view.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <vector>

namespace nocturne {

/// Power, 1 on the axis, around the pointing: pixel (y, x) lies (x - x0) step_l east and (y - y0) step_m north of it, in direction
/// cosines of a frame that looks along the pointing, up to the north. Its size goes as 1 / frequency. Outside: as at the edge.
struct BeamMap {
    Index n_x = 0, n_y = 0;
    double x0 = 0, y0 = 0, step_l = 0, step_m = 0;
    double freq_hz = 0;
    std::vector<float> power;  ///< [y][x]
    std::string path;          ///< of the file
    double edge = 0;           ///< the most power where its pixels end

    /// By cubics along both axes (Lagrange), so that the bend between pixels is kept.
    double at(double l, double m, double f_hz) const
    {
        double const scale = f_hz / freq_hz, x = x0 + l * scale / step_l, y = y0 + m * scale / step_m;
        if (n_x < 4 || n_y < 4 || !std::isfinite(x + y)) return 0;
        double const inner_x = std::clamp(x, 1.0, static_cast<double>(n_x - 2)),
                     inner_y = std::clamp(y, 1.0, static_cast<double>(n_y - 2));
        double const fx = std::min(std::floor(inner_x), static_cast<double>(n_x - 3)),
                     fy = std::min(std::floor(inner_y), static_cast<double>(n_y - 3));
        auto const wx = shares(inner_x - fx), wy = shares(inner_y - fy);
        auto const* row = power.data() + (static_cast<Index>(fy) - 1) * n_x + static_cast<Index>(fx) - 1;
        double sum = 0;
        for (double const w : wy) {
            for (std::size_t i = 0; i < 4; ++i) sum += w * wx[i] * static_cast<double>(row[i]);
            row += n_x;
        }
        return sum;
    }

private:
    static std::array<double, 4> shares(double t)
    {
        return {-t * (t - 1) * (t - 2) / 6, (t + 1) * (t - 1) * (t - 2) / 2, -(t + 1) * t * (t - 2) / 2,
                (t + 1) * t * (t - 1) / 6};
    }
};

}  // namespace nocturne
