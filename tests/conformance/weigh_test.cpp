// `weigh` on every device against its oracle, points outside the grid included.
#include "kernels/weigh.hpp"

#include "tests/oracle/weigh.hpp"
#include "tests/support/devices.hpp"

#include <random>

namespace nocturne {
namespace {

class Weigh : public test::OnEveryDevice {};

TEST_P(Weigh, equals_the_oracle)
{
    Index const nt = 4, nb = 5, nc = 83;
    UvCells const cells{48, 15.0};
    std::mt19937 random(5);
    std::uniform_real_distribution<double> metres(-110, 110);
    std::vector<double> uvw_m, freq_hz;
    std::vector<float> table;
    for (Index i = 0; i < nt * nb * 3; ++i) uvw_m.push_back(metres(random));
    for (Index c = 0; c < nc; ++c) freq_hz.push_back(1.3e9 + 2e6 * static_cast<double>(c));
    for (Index i = 0; i < cells.size(); ++i) table.push_back(static_cast<float>(i + 1));
    auto const uvw = to_device(device(), uvw_m), freq = to_device(device(), freq_hz);
    auto const d_table = to_device(device(), table);
    Buffer<float> factor(device(), nt * nb * nc);
    run(device(),
        WeighArgs{uvw.view(nt, nb, 3), freq.view(nc), cells, d_table.view(cells.size()), factor.view(nt, nb, nc)});
    finish(device());
    auto const got = factor.to_host();
    int outside = 0;
    for (Index i = 0; i < nt * nb * nc; ++i) {
        double const per_m = freq_hz[i % nc] / 299792458.0;
        auto const* at = &uvw_m[3 * (i / nc)];
        float const expected = oracle::factor_at(table, at[0] * per_m, at[1] * per_m, cells.n_cells, cells.cell_lambda);
        EXPECT_EQ(got[i], expected) << i;
        outside += expected == 0;
    }
    EXPECT_GT(outside, 0);
}

TEST_P(Weigh, refuses_a_table_of_another_grid)
{
    Buffer<double> uvw(device(), 6), freq(device(), 4);
    Buffer<float> table(device(), 10), factor(device(), 8);
    WeighArgs const args{uvw.view(1, 2, 3), freq.view(4), {8, 10.0}, table.view(10), factor.view(1, 2, 4)};
    EXPECT_THROW(run(device(), args), Error);
}

INSTANTIATE_TEST_SUITE_P(devices, Weigh, test::every_backend(), test::backend_name);

}  // namespace
}  // namespace nocturne
