// `degrid` on every device against its oracle; the Tile body by real threads.
#include "kernels/degrid.hpp"
#include "tests/oracle/degrid.hpp"
#include "tests/support/devices.hpp"
#include "tests/support/lattice.hpp"
#include "tests/support/thread_team.hpp"

namespace nocturne {
namespace {

class Degrid : public test::OnEveryDevice {};

constexpr Index n_cells = 48, n_planes = 22;

struct Case {
    test::SmallLattice lattice;
    NodeGeometry geometry = test::lines_for(5, 40);
    std::vector<std::complex<double>> cells;  // dense
    Buffer<PointLine> lines;
    Buffer<double> freq_hz;
    Buffer<float> pool;
    Buffer<Vis> y;

    Case(Device const& d, int support, int support_w)
        : lattice(d, n_cells, n_planes, support, support_w),
          cells(n_cells * n_cells * n_planes),
          lines(to_device(d, geometry.lines)),
          freq_hz(to_device(d, geometry.freq_hz)),
          y(d, geometry.n_points)
    {
        std::mt19937 random(9);
        std::normal_distribution<float> normal;
        std::vector<float> host(lattice.pool_size());
        for (Index k = 0; k < n_planes; ++k)
            for (Index row = 0; row < n_cells; ++row)
                for (Index column = 0; column < n_cells; ++column) {
                    Index const at = lattice.offset(row, column, k);
                    host[at] = normal(random);
                    host[at + 8] = normal(random);
                    cells[(k * n_cells + row) * n_cells + column] = {host[at], host[at + 8]};
                }
        pool = to_device(d, host);
    }
    DegridArgs args()
    {
        return {lattice.value, lines.view(lines.size()), freq_hz.view(freq_hz.size()), pool.view(pool.size()),
                y.view(y.size())};
    }
};

void expect_oracle(Case const& c, std::vector<Vis> const& got, int support, int support_w)
{
    double const scale[4] = {c.lattice.value.cells_u, c.lattice.value.cells_v, c.lattice.value.cells_w,
                             c.lattice.value.shift_turns};
    double difference = 0, norm = 0;
    for (auto const& line : c.geometry.lines)
        for (int p = 0; p < line.n; ++p) {
            auto const point = oracle::fold(line.uvw_m, c.geometry.freq_hz[line.first_freq + p], scale, 0);
            auto const exact = oracle::degrid(
                point, c.cells, n_cells, n_planes, c.lattice.value.first_plane,
                [&](double d) { return test::bump(d, support); }, [&](double d) { return test::bump(d, support_w); });
            Vis const v = got[line.first_value + p];
            difference += std::norm(exact - std::complex<double>(v.re, v.im));
            norm += std::norm(exact);
        }
    EXPECT_LT(std::sqrt(difference / norm), 1e-6) << "support " << support << " × " << support_w;
}

TEST_P(Degrid, equals_the_oracle)
{
    for (auto const& [support, support_w] : {std::pair{4, 4}, {5, 7}, {6, 6}, {7, 5}, {8, 8}, {8, 4}, {3, 3}}) {
        Case c(device(), support, support_w);
        run(device(), c.args());
        finish(device());
        expect_oracle(c, c.y.to_host(), support, support_w);
    }
}

TEST(DegridTile, is_free_of_races_and_right_by_threads)
{
    for (int threads : {1, 5}) {
        Case c(make_device("kokkos"), 6, 5);
        test::for_each_tile_threaded(c.lines.size(), threads, 64, DegridTile{c.args()});
        expect_oracle(c, c.y.to_host(), 6, 5);
    }
}

INSTANTIATE_TEST_SUITE_P(devices, Degrid, test::every_backend(), test::backend_name);

}  // namespace
}  // namespace nocturne
