// `grid` on every device against its oracle: all supports, wrapping, folding, lines that leap; the same bits for any order;
// the Tile body by real threads.
#include "kernels/grid.hpp"
#include "tests/oracle/grid.hpp"
#include "tests/support/devices.hpp"
#include "tests/support/lattice.hpp"
#include "tests/support/thread_team.hpp"

#include <algorithm>

namespace nocturne {
namespace {

class Grid : public test::OnEveryDevice {};

constexpr Index n_cells = 48, n_planes = 22;

std::vector<oracle::LatticePoint> points_of(NodeGeometry const& geometry, std::vector<Vis> const& y,
                                            Lattice const& lattice)
{
    double const scale[4] = {lattice.cells_u, lattice.cells_v, lattice.cells_w, lattice.shift_turns};
    std::vector<oracle::LatticePoint> points;
    for (auto const& line : geometry.lines)
        for (int p = 0; p < line.n; ++p) {
            Vis const v = y[line.first_value + p];
            points.push_back(oracle::fold(line.uvw_m, geometry.freq_hz[line.first_freq + p], scale, {v.re, v.im}));
        }
    return points;
}

struct Case {
    Device device;
    test::SmallLattice lattice;
    NodeGeometry geometry = test::lines_for(3, 60);
    std::vector<Vis> y = test::random_values(geometry.n_points, 4);
    Buffer<PointLine> lines;
    Buffer<double> freq_hz;
    Buffer<Vis> values;
    Buffer<std::int64_t> pool;

    Case(Device const& d, int support, int support_w)
        : device(d),
          lattice(d, n_cells, n_planes, support, support_w),
          lines(to_device(d, geometry.lines)),
          freq_hz(to_device(d, geometry.freq_hz)),
          values(to_device(d, y)),
          pool(d, lattice.pool_size())
    {
        pool.clear();
    }
    GridArgs args(float scale)
    {
        return {lattice.value, lines.view(lines.size()), freq_hz.view(freq_hz.size()), values.view(values.size()),
                scale,         pool.view(pool.size())};
    }
};

void expect_oracle(Case const& c, std::vector<std::int64_t> const& pool, double scale, int support, int support_w)
{
    auto const expected = oracle::grid(
        points_of(c.geometry, c.y, c.lattice.value), n_cells, n_planes, c.lattice.value.first_plane,
        [&](double d) { return test::bump(d, support); }, [&](double d) { return test::bump(d, support_w); });
    double difference = 0, norm = 0;
    for (Index k = 0; k < n_planes; ++k)
        for (Index row = 0; row < n_cells; ++row)
            for (Index column = 0; column < n_cells; ++column) {
                Index const at = c.lattice.offset(row, column, k);
                std::complex<double> const got(static_cast<double>(pool[at]) / scale,
                                               static_cast<double>(pool[at + 8]) / scale);
                auto const exact = expected[(k * n_cells + row) * n_cells + column];
                difference += std::norm(got - exact);
                norm += std::norm(exact);
            }
    EXPECT_LT(std::sqrt(difference / norm), 1e-6) << "support " << support << " × " << support_w;
}

TEST_P(Grid, equals_the_oracle)
{
    for (auto const& [support, support_w] : {std::pair{4, 4}, {5, 7}, {6, 6}, {7, 5}, {8, 8}, {8, 4}, {3, 3}}) {
        Case c(device(), support, support_w);
        float const scale =
            grid_scale(largest_part(KokkosDevice{}, make_view<Vis const>(c.y.data(), c.geometry.n_points)),
                       c.geometry.n_points, 90);
        run(device(), c.args(scale));
        finish(device());
        expect_oracle(c, c.pool.to_host(), static_cast<double>(scale), support, support_w);
    }
}

TEST_P(Grid, has_the_same_bits_for_any_order_of_lines)
{
    Case c(device(), 6, 6);
    run(device(), c.args(0x1p30F));
    auto const first = c.pool.to_host();
    std::reverse(c.geometry.lines.begin(), c.geometry.lines.end());
    c.lines = to_device(device(), c.geometry.lines);
    c.pool.clear();
    run(device(), c.args(0x1p30F));
    EXPECT_EQ(first, c.pool.to_host());
}

TEST_P(Grid, finds_the_largest_part)
{
    auto values = test::random_values(1000, 1);
    values[700] = {3, -50};
    auto const largest = [&] {
        auto const on_device = to_device(device(), values);
        View<Vis const, 1> const view = on_device.view(1000);
        return std::visit([&](auto const& d) { return largest_part(d, view); }, device());
    };
    EXPECT_EQ(largest(), 50);
    for (float bad : {std::nanf(""), HUGE_VALF, -HUGE_VALF}) {
        values[3].re = bad;
        EXPECT_EQ(largest(), HUGE_VAL);
    }
}

TEST(GridTile, is_free_of_races_and_right_by_threads)
{
    Device const host = make_device("kokkos");
    for (int threads : {1, 5}) {
        Case c(host, 6, 5);
        test::for_each_tile_threaded(c.lines.size(), threads, GridTile::scratch_bytes, GridTile{c.args(0x1p30F)});
        expect_oracle(c, c.pool.to_host(), 0x1p30, 6, 5);
    }
}

TEST(GridScale, leaves_room_for_every_sum)
{
    for (double largest : {1e-37, 1e-20, 0.3, 1.0, 7e8})
        for (Index points : {Index(1), Index(1000), Index(90'000'000)})
            for (Index longest : {Index(1), Index(768)}) {
                double const scale = static_cast<double>(grid_scale(largest, points, longest));
                EXPECT_LE(largest * scale * static_cast<double>(longest), 0x1p50);
                EXPECT_LE(largest * scale * static_cast<double>(points), 0x1p61);
                EXPECT_EQ(std::exp2(std::round(std::log2(scale))), scale);
                EXPECT_TRUE(std::isnormal(1 / static_cast<float>(scale)));
            }
    EXPECT_EQ(grid_scale(0, 5, 5), 1);
}

INSTANTIATE_TEST_SUITE_P(devices, Grid, test::every_backend(), test::backend_name);

}  // namespace
}  // namespace nocturne
