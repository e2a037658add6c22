// `density` on every device against its oracle: weights of every kind, points outside the grid, mirrored ones.
#include "kernels/density.hpp"

#include "tests/oracle/density.hpp"
#include "tests/support/devices.hpp"

#include <random>

namespace nocturne {
namespace {

struct Case {
    Index nt = 3, nb = 6, nc = 150;
    UvCells cells{256, 3.0};
    double scale = 1048576;
    std::vector<double> uvw_m, freq_hz;
    std::vector<std::uint8_t> flag, is_auto{1, 0, 0, 0, 1, 0};
    std::vector<float> weight;

    explicit Case(bool one_weight)
    {
        std::mt19937 random(11);
        std::uniform_real_distribution<double> metres(-120, 120);
        for (Index i = 0; i < nt * nb * 3; ++i) uvw_m.push_back(metres(random));
        for (Index c = 0; c < nc; ++c) freq_hz.push_back(1.3e9 + 1e6 * static_cast<double>(c));
        for (Index i = 0; i < nt * nb * nc * 2; ++i) {
            flag.push_back(random() % 10 == 0 ? flag_rfi : 0);
            weight.push_back(one_weight ? 3.0F : static_cast<float>(random() % 5));
        }
    }

    std::vector<std::int64_t> sums(Device const& device, bool broadcast, int hand_b) const
    {
        auto const vis = Buffer<Vis>(device, nt * nb * nc * 2);
        auto const d_flag = to_device(device, flag);
        auto const d_weight = to_device(device, weight), one = to_device(device, std::vector<float>{weight[0]});
        auto const uvw = to_device(device, uvw_m), freq = to_device(device, freq_hz);
        auto const autos = to_device(device, is_auto);
        Buffer<std::int64_t> sum(device, cells.size());
        sum.clear();
        View<float const, 4> w = d_weight.view(nt, nb, nc, 2);
        if (broadcast) w = make_constant_view(static_cast<float const*>(one.data()), nt, nb, nc, 2);
        run(device, DensityArgs{{vis.view(nt, nb, nc, 2), d_flag.view(nt, nb, nc, 2), w, 0, hand_b},
                                uvw.view(nt, nb, 3),
                                freq.view(nc),
                                autos.view(nb),
                                cells,
                                scale,
                                sum.view(cells.size())});
        finish(device);
        return sum.to_host();
    }

    oracle::CellSums expected(int hand_b) const
    {
        oracle::CellSums sums;
        for (Index i = 0; i < nt * nb * nc; ++i) {
            Index const row = i / nc, c = i % nc;
            double const w = hand_b < 0 ? weight[2 * i] : oracle::harmonic(weight[2 * i], weight[2 * i + 1]);
            if (is_auto[row % nb] || flag[2 * i] || (hand_b >= 0 && flag[2 * i + 1]) || !(w > 0)) continue;
            double const per_m = freq_hz[c] / 299792458.0;
            auto const cell =
                oracle::uv_cell(uvw_m[3 * row] * per_m, uvw_m[3 * row + 1] * per_m, cells.n_cells, cells.cell_lambda);
            if (cell.first >= 0) sums[cell] += w;
        }
        return sums;
    }
};

void expect_equal(Case const& given, std::vector<std::int64_t> const& sum, oracle::CellSums const& expected)
{
    ASSERT_GT(expected.size(), 20U);
    std::size_t touched = 0;
    for (std::int64_t s : sum) touched += s != 0;
    EXPECT_EQ(touched, expected.size());
    for (auto const& [cell, weight] : expected) {
        auto const at = static_cast<std::size_t>(cell.first * given.cells.n_cells + cell.second);
        EXPECT_NEAR(static_cast<double>(sum[at]) / given.scale, weight, 2e-7 * weight + 1e-5)
            << cell.first << " " << cell.second;
    }
}

class Density : public test::OnEveryDevice {};

TEST_P(Density, equals_the_oracle)
{
    Case const varying(false), constant(true);
    for (int hand_b : {1, -1}) {
        expect_equal(varying, varying.sums(device(), false, hand_b), varying.expected(hand_b));
        expect_equal(constant, constant.sums(device(), true, hand_b), constant.expected(hand_b));
    }
}

TEST_P(Density, refuses_sums_of_another_grid)
{
    Buffer<Vis> vis(device(), 8);
    Buffer<std::uint8_t> flag(device(), 8), is_auto(device(), 1);
    Buffer<float> weight(device(), 8);
    Buffer<double> uvw(device(), 3), freq(device(), 4);
    Buffer<std::int64_t> sum(device(), 50);
    DensityArgs const args{{vis.view(1, 1, 4, 2), flag.view(1, 1, 4, 2), weight.view(1, 1, 4, 2), 0, 1},
                           uvw.view(1, 1, 3),
                           freq.view(4),
                           is_auto.view(1),
                           {8, 3.0},
                           1.0,
                           sum.view(50)};
    EXPECT_THROW(run(device(), args), Error);
}

INSTANTIATE_TEST_SUITE_P(devices, Density, test::every_backend(), test::backend_name);

}  // namespace
}  // namespace nocturne
