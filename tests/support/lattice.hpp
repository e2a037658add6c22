// For conformance tests of the gridder's kernels: a small lattice whose tiles are all held, with a kernel of known form.
#pragma once

#include "kernels/shared/lattice.hpp"
#include "nocturne/device.hpp"

#include <numeric>
#include <random>
#include <vector>

namespace nocturne::test {

/// φ(d) = (1 − (2 d / support)²)², a polynomial of degree 4 in every tap.
inline double bump(double cells, int support)
{
    double const x = 2 * cells / support, q = 1 - x * x;
    return std::abs(x) < 1 ? q * q : 0;
}

/// Coefficients [degree + 1][8] of its taps in t: d = j − support/2 + (t + 1)/2, and (q0 + q1 t + q2 t²)².
inline std::vector<float> bump_taps(int support, int degree)
{
    std::vector<float> taps(static_cast<std::size_t>(degree + 1) * 8);
    double const s = 4.0 / (support * support);
    for (int j = 0; j < support; ++j) {
        double const a = j - 0.5 * support + 0.5, q0 = 1 - s * a * a, q1 = -s * a, q2 = -0.25 * s;
        double const power[5] = {q0 * q0, 2 * q0 * q1, q1 * q1 + 2 * q0 * q2, 2 * q1 * q2, q2 * q2};
        for (int i = 0; i < 5; ++i) taps[i * 8 + j] = static_cast<float>(power[i]);
    }
    return taps;
}

/// A lattice of n × n cells and n_planes planes, w from first_plane on, one cell per wavelength at 1 GHz.
class SmallLattice {
public:
    SmallLattice(Device const& device, Index n, Index n_planes, int support, int support_w, double hold = 1)
    {
        int const degree = 5;
        auto taps = bump_taps(support, degree);
        auto const taps_w = bump_taps(support_w, degree);
        taps.insert(taps.end(), taps_w.begin(), taps_w.end());
        std::mt19937 random(17);
        std::vector<std::int32_t> column, tile;
        Index const columns = (n / tile_cells) * (n / tile_cells);
        for (Index c = 0; c < columns; ++c) {
            bool const held = hold >= 1 || static_cast<double>(random() % 1000) < 1000 * hold;
            column.push_back(held ? static_cast<std::int32_t>(tile.size()) / static_cast<std::int32_t>(n_planes) : -1);
            for (Index k = 0; held && k < n_planes; ++k) {
                bool const touched = hold >= 1 || random() % 2 == 0;
                tile.push_back(touched ? static_cast<std::int32_t>(n_tiles++) : -1);
            }
        }
        taps_ = to_device(device, taps);
        column_ = to_device(device, column);
        tile_ = to_device(device, tile);
        value.n = n;
        value.n_planes = n_planes;
        value.support = support;
        value.support_w = support_w;
        value.degree = degree;
        value.cells_u = -1e-9;
        value.cells_v = 1e-9;
        value.cells_w = 0.5e-9;
        value.first_plane = -4;
        value.shift_turns = 0.37e-9;
        value.taps = taps_.view(2, degree + 1, 8);
        value.column = column_.view(column_.size());
        value.tile = tile_.view(tile_.size());
        host_ = value;
        host_column_ = column;
        host_tile_ = tile;
        host_.column = make_view(const_cast<std::int32_t const*>(host_column_.data()), column_.size());
        host_.tile = make_view(const_cast<std::int32_t const*>(host_tile_.data()), tile_.size());
    }

    /// Offset in the pool, on the host.
    Index offset(Index row, Index column, Index plane) const { return cell_offset(host_, row, column, plane); }
    Index pool_size() const { return n_tiles * tile_values; }

    Lattice value;
    Index n_tiles = 0;

private:
    Lattice host_;
    Buffer<float> taps_;
    Buffer<std::int32_t> column_, tile_;
    std::vector<std::int32_t> host_column_, host_tile_;
};

/// Lines in all directions, w of both signs, some that stand still, some that leap; w up to 10 planes of the lattice above.
inline NodeGeometry lines_for(unsigned seed, Index n_lines)
{
    std::mt19937 random(seed);
    std::uniform_real_distribution<double> unit(-1, 1);
    NodeGeometry points;
    for (int c = 0; c < 90; ++c) points.freq_hz.push_back(1e9 + 4e6 * c);
    for (Index i = 0; i < n_lines; ++i) {
        double const reach = i % 4 == 0 ? 0.5 : i % 4 == 1 ? 90 : 25;
        int const n = 1 + static_cast<int>(random() % 90);
        points.lines.push_back({{reach * unit(random), reach * unit(random), 10 * unit(random)},
                                points.n_points,
                                static_cast<std::int32_t>(random() % (91 - n)),
                                n});
        points.n_points += n;
    }
    return points;
}

inline std::vector<Vis> random_values(Index n, unsigned seed)
{
    std::mt19937 random(seed);
    std::normal_distribution<float> normal;
    std::vector<Vis> values(n);
    for (auto& v : values) v = {normal(random), normal(random)};
    return values;
}

}  // namespace nocturne::test
