// `jones` on every device against its oracle: polarised models that differ from sample to sample, noise, an antenna without data, one that hears one feed
// alone, a column of too few antennas; and the body by a team of threads.
#include "kernels/jones.hpp"
#include "nocturne/team.hpp"

#include "tests/oracle/jones_sums.hpp"
#include "tests/support/devices.hpp"
#include "tests/support/thread_team.hpp"

#include <random>

namespace nocturne {
namespace {

using Complex = std::complex<double>;

/// Columns: 0 and 1 all antennas, 2 antenna 3 without data, 3 three antennas alone, 4 a model without YY, whose matrices nothing fixes.
struct Problem {
    Index na = 6, nc = 5;
    std::vector<std::vector<oracle::JonesSample>> samples;  ///< [column]
    std::vector<oracle::Matrix> truth;
    std::vector<float> sums;
    std::vector<std::int32_t> row;

    Problem()
    {
        std::mt19937 random(8);
        std::normal_distribution<double> normal;
        auto const any = [&](double size) { return size * Complex(normal(random), normal(random)); };
        for (Index a = 0; a < na; ++a) {
            oracle::Matrix j{std::polar(1 + 0.2 * normal(random), normal(random)), any(0.1), any(0.1),
                             std::polar(1 + 0.2 * normal(random), normal(random))};
            truth.push_back(j);
        }
        row.assign(static_cast<std::size_t>(na * na), -1);
        std::int32_t n = 0;
        for (Index q = 1; q < na; ++q)
            for (Index p = 0; p < q; ++p)
                row[static_cast<std::size_t>(p * na + q)] = row[static_cast<std::size_t>(q * na + p)] = n++;
        sums.assign(static_cast<std::size_t>(n * nc * JonesSumsArgs::planes), 0);
        samples.resize(static_cast<std::size_t>(nc));
        for (Index c = 0; c < nc; ++c)
            for (Index q = 1; q < na; ++q)
                for (Index p = 0; p < q; ++p) {
                    if ((c == 2 && (p == 3 || q == 3)) || (c == 3 && q > 2)) continue;
                    oracle::JonesSums sum;
                    for (int k = 0; k < 4; ++k) {
                        oracle::JonesSample s{static_cast<int>(p), static_cast<int>(q), {}, {}, 1.0 + k};
                        s.model = {5.0 + any(1), any(1), any(1), 4.0 + any(1)};
                        if (c == 4) s.model[1] = s.model[2] = s.model[3] = 0;
                        s.vis = oracle::predicted(s, truth);
                        for (auto& v : s.vis) v += any(0.2);
                        samples[static_cast<std::size_t>(c)].push_back(s);
                        sum.add(s);
                    }
                    store(sum, row[static_cast<std::size_t>(p * na + q)], c);
                }
    }

    void store(oracle::JonesSums const& sum, Index b, Index c)
    {
        float* to = sums.data() + (b * nc + c) * JonesSumsArgs::planes;
        for (Index s = 0; s < 16; ++s) {
            auto const product = sum.product[s / 8][s / 4 % 2][s / 2 % 2][s % 2],
                       power = sum.power[s / 8][s / 4 % 2][s / 2 % 2][s % 2];
            to[s] = static_cast<float>(product.real());
            to[16 + s] = static_cast<float>(product.imag());
            to[32 + s] = static_cast<float>(power.real());
            to[48 + s] = static_cast<float>(power.imag());
        }
        to[64] = static_cast<float>(sum.power_data);
        to[65] = static_cast<float>(sum.count);
    }
};

struct Solution {
    std::vector<Vis> jones;
    std::vector<float> information;
    std::vector<std::uint8_t> flag;
    std::vector<StefcalResult> result;

    explicit Solution(Problem const& in)
        : jones(static_cast<std::size_t>(in.nc * in.na * 4)),
          information(jones.size()),
          flag(jones.size() / 4),
          result(static_cast<std::size_t>(in.nc))
    {}
};

JonesArgs settings(Problem const& in)
{
    JonesArgs args;
    args.n_antennas = in.na;
    args.reference = 1;
    args.least_baselines = 3;
    args.max_iterations = 400;
    args.tolerance = 1e-6F;
    return args;
}

/// D of antenna a with the others held, element (i, k).
Complex information_of(std::vector<oracle::JonesSample> const& samples, std::vector<oracle::Matrix> const& j, int a,
                       std::size_t i, std::size_t k)
{
    Complex sum;
    for (auto const& s : samples) {
        if (s.one != a && s.two != a) continue;
        auto const z =
            s.one == a ? oracle::product(s.model, oracle::adjoint(j[static_cast<std::size_t>(s.two)]))
                       : oracle::product(oracle::adjoint(s.model), oracle::adjoint(j[static_cast<std::size_t>(s.one)]));
        sum += s.weight * oracle::product(z, oracle::adjoint(z))[2 * i + k];
    }
    return sum;
}

void compare_column(Problem const& in, Solution const& got, Index c)
{
    auto const& samples = in.samples[static_cast<std::size_t>(c)];
    auto const expected = oracle::fit_jones(samples, in.truth);
    std::vector<oracle::Matrix> solved;
    Complex turn;
    for (std::size_t a = 0; a < expected.size(); ++a) {
        auto const& m = solved.emplace_back();
        for (std::size_t e = 0; e < 4; ++e) {
            auto const v = got.jones[(static_cast<std::size_t>(c * in.na) + a) * 4 + e];
            solved.back()[e] = Complex(v.re, v.im);
            if (!(c == 2 && a == 3)) turn += std::conj(m[e]) * expected[a][e];
        }
    }
    turn /= std::abs(turn);
    for (std::size_t a = 0; a < expected.size(); ++a) {
        auto const cell = static_cast<std::size_t>(c * in.na) + a;
        bool const none = c == 2 && a == 3;
        EXPECT_EQ(got.flag[cell], none ? 1 : 0) << "antenna " << a;
        if (none) continue;
        for (std::size_t e = 0; e < 4; ++e)
            EXPECT_NEAR(std::abs(solved[a][e] * turn - expected[a][e]), 0, 3e-5) << "antenna " << a;
        auto const d = [&](std::size_t i, std::size_t k) {
            return information_of(samples, solved, static_cast<int>(a), i, k);
        };
        double const size = d(0, 0).real();
        EXPECT_NEAR(got.information[4 * cell], d(0, 0).real(), 1e-4 * size);
        EXPECT_NEAR(got.information[4 * cell + 1], d(1, 1).real(), 1e-4 * size);
        EXPECT_NEAR(got.information[4 * cell + 2], d(0, 1).real(), 1e-4 * size);
        EXPECT_NEAR(got.information[4 * cell + 3], d(0, 1).imag(), 1e-4 * size);
    }
    auto const& result = got.result[static_cast<std::size_t>(c)];
    double const left = oracle::misfit(samples, expected);
    EXPECT_EQ(result.converged, 1);
    EXPECT_EQ(result.antennas, c == 2 ? 5 : 6);
    EXPECT_EQ(result.count, static_cast<double>(samples.size()));
    EXPECT_NEAR(result.power_data - result.explained, left, 1e-5 * result.power_data);
}

void compare(Problem const& in, Solution const& got)
{
    for (Index c = 0; c < 3; ++c) {
        SCOPED_TRACE("column " + std::to_string(c));
        compare_column(in, got, c);
    }
    for (Index c = 3; c < 5; ++c) {
        EXPECT_EQ(got.result[static_cast<std::size_t>(c)].antennas, 0);
        for (Index a = 0; a < in.na; ++a) {
            auto const cell = static_cast<std::size_t>(c * in.na + a);
            EXPECT_EQ(got.flag[cell], 1);
            EXPECT_EQ(got.jones[4 * cell].re, 1);
            EXPECT_EQ(got.jones[4 * cell + 1].re, 0);
        }
    }
}

class JonesSolve : public test::OnEveryDevice {};

TEST_P(JonesSolve, equals_least_squares_on_the_samples)
{
    Problem const in;
    Solution got(in);
    auto const sums = to_device(device(), in.sums);
    auto const row = to_device(device(), in.row);
    Buffer<Vis> const jones(device(), in.nc * in.na * 4);
    Buffer<float> const information(device(), in.nc * in.na * 4);
    Buffer<std::uint8_t> const flag(device(), in.nc * in.na);
    Buffer<StefcalResult> const result(device(), in.nc);
    auto args = settings(in);
    args.sums = sums.view(sums.size() / (in.nc * JonesSumsArgs::planes), in.nc, JonesSumsArgs::planes);
    args.row = row.view(in.na, in.na);
    args.jones = jones.view(in.nc, in.na, Index(4));
    args.information = information.view(in.nc, in.na, Index(4));
    args.flag = flag.view(in.nc, in.na);
    args.result = result.view(in.nc);
    run(device(), args);
    finish(device());
    got.jones = jones.to_host();
    got.information = information.to_host();
    got.flag = flag.to_host();
    got.result = result.to_host();
    compare(in, got);
}

TEST_P(JonesSolve, refuses_more_antennas_than_fit)
{
    JonesArgs args;
    args.n_antennas = StefcalArgs::max_antennas + 1;
    EXPECT_THROW(run(device(), args), Error);
}

/// The body on the host, by the team that `go` runs it with.
template<class Go>
Solution by_body(Problem const& in, Go const& go)
{
    Solution got(in);
    auto args = settings(in);
    args.sums =
        make_view(in.sums.data(), std::ssize(in.sums) / (in.nc * JonesSumsArgs::planes), in.nc, JonesSumsArgs::planes);
    args.row = make_view(in.row.data(), in.na, in.na);
    args.jones = make_view(got.jones.data(), in.nc, in.na, Index(4));
    args.information = make_view(got.information.data(), in.nc, in.na, Index(4));
    args.flag = make_view(got.flag.data(), in.nc, in.na);
    args.result = make_view(got.result.data(), in.nc);
    go(JonesTile{args}, in.nc);
    return got;
}

TEST(JonesTeam, of_threads_gives_least_squares_and_the_bits_of_one_thread)
{
    Problem const in;
    auto const bytes = JonesTile::scratch_bytes(in.na);
    auto const threaded =
        by_body(in, [&](JonesTile const& tile, Index n) { test::for_each_tile_threaded(n, 4, bytes, tile); });
    compare(in, threaded);
    auto const alone = by_body(in, [&](JonesTile const& tile, Index n) {
        std::vector<double> scratch(bytes / 8 + 8);
        for (Index t = 0; t < n; ++t) {
            SerialTeam team(scratch.data(), bytes + 64);
            tile(team, t);
        }
    });
    for (std::size_t k = 0; k < alone.jones.size(); ++k) {
        EXPECT_EQ(threaded.jones[k].re, alone.jones[k].re);
        EXPECT_EQ(threaded.jones[k].im, alone.jones[k].im);
    }
    EXPECT_EQ(threaded.information, alone.information);
}

INSTANTIATE_TEST_SUITE_P(devices, JonesSolve, test::every_backend(), test::backend_name);

}  // namespace
}  // namespace nocturne
