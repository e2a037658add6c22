// `stefcal` on every device against least squares in double precision: noise, unequal weights, absent baselines, antennas with too few
// of them, empty channels, phases alone; and its body by a team of threads.
#include "kernels/stefcal.hpp"

#include "nocturne/team.hpp"
#include "tests/oracle/stefcal.hpp"
#include "tests/support/devices.hpp"
#include "tests/support/thread_team.hpp"

#include <random>

namespace nocturne {
namespace {

using Complex = std::complex<double>;

/// Sums of an array of `na` antennas with known gains. Channel 5: antenna 2 has one baseline left. Channel 6: no data.
struct Problem {
    Index na, nc, np = 2;
    bool unit_amplitudes;
    std::vector<AntennaPair> pairs;
    std::vector<float> re, im, power, data, count;
    std::vector<Complex> truth;  ///< [correlation][antenna][channel]

    Problem(Index antennas, Index channels, bool phases) : na(antennas), nc(channels), unit_amplitudes(phases)
    {
        std::mt19937 random(5);
        std::normal_distribution<double> normal;
        for (Index two = 1; two < na; ++two)
            for (Index one = 0; one < two; ++one)
                pairs.push_back({static_cast<std::int32_t>(one), static_cast<std::int32_t>(two)});
        for (Index i = 0; i < np * na * nc; ++i)
            truth.push_back(std::polar(phases ? 1 : 0.3 * std::exp(0.2 * normal(random)), 1.5 * normal(random)));
        std::size_t const n = pairs.size() * static_cast<std::size_t>(np * nc);
        re.resize(n), im.resize(n), power.resize(n), data.resize(n), count.resize(n);
        for (std::size_t b = 0; b < pairs.size(); ++b)
            for (Index p = 0; p < np; ++p)
                for (Index c = 0; c < nc; ++c) fill(b, p, c, random);
    }

    std::size_t at(std::size_t b, Index p, Index c) const
    {
        return (b * static_cast<std::size_t>(np) + static_cast<std::size_t>(p)) * static_cast<std::size_t>(nc) +
               static_cast<std::size_t>(c);
    }
    Complex gain(Index a, Index p, Index c) const { return truth[static_cast<std::size_t>((p * na + a) * nc + c)]; }

    void fill(std::size_t b, Index p, Index c, std::mt19937& random)
    {
        std::normal_distribution<double> normal;
        auto const [one, two] = pairs[b];
        bool const absent = random() % 12 == 0 || (c == 5 && (one == 2 || two == 2) && one + two != 3) || c == 6;
        double const d = absent ? 0 : 20 + static_cast<double>(random() % 40);
        Complex const model = std::conj(gain(one, p, c)) * gain(two, p, c);
        Complex const v = d * model + std::sqrt(d) * 0.02 * Complex(normal(random), normal(random));
        re[at(b, p, c)] = static_cast<float>(v.real());
        im[at(b, p, c)] = static_cast<float>(v.imag());
        power[at(b, p, c)] = static_cast<float>(d);
        data[at(b, p, c)] = static_cast<float>(d * std::norm(model) + 1);
        count[at(b, p, c)] = absent ? 0.F : 3.F;
    }
};

struct Solution {
    std::vector<float> re, im, information;
    std::vector<std::uint8_t> flag;
    std::vector<StefcalResult> result;
};

StefcalArgs settings(Problem const& in, SolveMode mode)
{
    StefcalArgs args;
    args.n_antennas = in.na;
    args.reference = 1;
    args.mode = mode;
    args.least_baselines = 3;
    return args;
}

class Stefcal : public test::OnEveryDevice {
protected:
    Solution solve(Problem const& in, SolveMode mode)
    {
        auto const re = to_device(device(), in.re), im = to_device(device(), in.im),
                   power = to_device(device(), in.power);
        auto const data = to_device(device(), in.data), count = to_device(device(), in.count);
        auto const pairs = to_device(device(), in.pairs);
        auto const nb = static_cast<Index>(in.pairs.size());
        Index const n = in.np * in.na * in.nc;
        Buffer<float> gain_re(device(), n), gain_im(device(), n), information(device(), n);
        Buffer<std::uint8_t> flag(device(), n);
        Buffer<StefcalResult> result(device(), in.np * in.nc);
        auto args = settings(in, mode);
        args.product_re = re.view(nb, in.np, in.nc);
        args.product_im = im.view(nb, in.np, in.nc);
        args.power_model = power.view(nb, in.np, in.nc);
        args.power_data = data.view(nb, in.np, in.nc);
        args.count = count.view(nb, in.np, in.nc);
        args.pairs = pairs.view(nb);
        args.gain_re = gain_re.view(in.np, in.na, in.nc);
        args.gain_im = gain_im.view(in.np, in.na, in.nc);
        args.information = information.view(in.np, in.na, in.nc);
        args.flag = flag.view(in.np, in.na, in.nc);
        args.result = result.view(in.np, in.nc);
        run(device(), args);
        finish(device());
        return {gain_re.to_host(), gain_im.to_host(), information.to_host(), flag.to_host(), result.to_host()};
    }
};

/// The least-squares gains of one channel over the antennas with a solution, with `got`'s global phase.
std::vector<Complex> expected_gains(Problem const& in, Solution const& got, Index p, Index c)
{
    std::vector<oracle::BaselineSums> sums;
    std::vector<Complex> from;
    auto const flagged = [&](Index a) { return got.flag[static_cast<std::size_t>((p * in.na + a) * in.nc + c)] != 0; };
    for (Index a = 0; a < in.na; ++a) from.push_back(in.gain(a, p, c));
    for (std::size_t b = 0; b < in.pairs.size(); ++b) {
        auto const [one, two] = in.pairs[b];
        auto const k = in.at(b, p, c);
        if (!flagged(one) && !flagged(two)) sums.push_back({one, two, {in.re[k], in.im[k]}, in.power[k]});
    }
    auto fitted = oracle::fit_gains(sums, from, in.unit_amplitudes);
    Complex turn;
    for (Index a = 0; a < in.na; ++a) {
        auto const k = static_cast<std::size_t>((p * in.na + a) * in.nc + c);
        if (!flagged(a)) turn += Complex(got.re[k], got.im[k]) * std::conj(fitted[static_cast<std::size_t>(a)]);
    }
    for (auto& g : fitted) g *= turn / std::abs(turn);
    return fitted;
}

void compare(Problem const& in, Solution const& got)
{
    for (Index p = 0; p < in.np; ++p)
        for (Index c = 0; c < in.nc; ++c) {
            SCOPED_TRACE("correlation " + std::to_string(p) + " channel " + std::to_string(c));
            auto const& result = got.result[static_cast<std::size_t>(p * in.nc + c)];
            EXPECT_EQ(result.antennas, c == 6 ? 0 : c == 5 ? in.na - 1 : in.na);
            EXPECT_EQ(result.converged, c == 6 ? 0 : 1);
            auto const expected = expected_gains(in, got, p, c);
            double explained = 0;
            for (std::size_t b = 0; b < in.pairs.size(); ++b) {
                auto const [one, two] = in.pairs[b];
                if (c == 6 || (c == 5 && (one == 2 || two == 2))) continue;
                auto const k = in.at(b, p, c);
                auto const model =
                    std::conj(expected[static_cast<std::size_t>(one)]) * expected[static_cast<std::size_t>(two)];
                explained +=
                    2 * (std::conj(model) * Complex(in.re[k], in.im[k])).real() - std::norm(model) * in.power[k];
            }
            EXPECT_NEAR(result.explained, explained, 1e-5 * (1 + explained));
            for (Index a = 0; a < in.na; ++a) {
                auto const k = static_cast<std::size_t>((p * in.na + a) * in.nc + c);
                bool const none = c == 6 || (c == 5 && a == 2);
                EXPECT_EQ(got.flag[k], none ? 1 : 0) << "antenna " << a;
                auto const wanted = none ? Complex(1) : expected[static_cast<std::size_t>(a)];
                EXPECT_NEAR(std::abs(Complex(got.re[k], got.im[k]) - wanted), 0, 2e-5) << "antenna " << a;
                double information = 0;
                for (std::size_t b = 0; b < in.pairs.size() && !none; ++b) {
                    auto const [one, two] = in.pairs[b];
                    auto const other = one == a ? two : one;
                    if ((one == a || two == a) && !(c == 5 && other == 2))
                        information += std::norm(expected[static_cast<std::size_t>(other)]) * in.power[in.at(b, p, c)];
                }
                EXPECT_NEAR(got.information[k], information, 1e-4 * (1 + information));
            }
        }
}

TEST_P(Stefcal, equals_least_squares)
{
    for (Index nc : {7, 21}) {
        Problem const in(9, nc, false);
        compare(in, solve(in, SolveMode::amplitude_and_phase));
    }
}

TEST_P(Stefcal, holds_amplitudes_where_phases_alone_are_wanted)
{
    Problem const in(8, 19, true);
    auto const got = solve(in, SolveMode::phase);
    compare(in, got);
    for (std::size_t k = 0; k < got.re.size(); ++k) EXPECT_NEAR(std::hypot(got.re[k], got.im[k]), 1, 1e-6);
}

TEST_P(Stefcal, counts_the_data_of_the_baselines_used)
{
    Problem const in(7, 7, false);
    auto const got = solve(in, SolveMode::amplitude_and_phase);
    for (Index c : {0, 5}) {
        double data = 0, count = 0;
        for (std::size_t b = 0; b < in.pairs.size(); ++b) {
            if (c == 5 && (in.pairs[b].one == 2 || in.pairs[b].two == 2)) continue;
            data += in.data[in.at(b, 1, c)];
            count += in.count[in.at(b, 1, c)];
        }
        auto const& result = got.result[static_cast<std::size_t>(in.nc + c)];
        EXPECT_NEAR(result.power_data, data, 1e-6 * data);
        EXPECT_EQ(result.count, count);
    }
}

TEST_P(Stefcal, flags_a_solve_of_too_few_antennas)
{
    Problem const in(3, 7, false);
    for (auto flag : solve(in, SolveMode::amplitude_and_phase).flag) EXPECT_EQ(flag, 1);
}

TEST_P(Stefcal, refuses_more_antennas_than_fit)
{
    StefcalArgs args;
    args.n_antennas = StefcalArgs::max_antennas + 1;
    EXPECT_THROW(run(device(), args), Error);
}

/// The body on the host, by the team that `go` runs it with.
template<class Go>
Solution by_body(Problem const& in, Go const& go)
{
    auto const n = static_cast<std::size_t>(in.np * in.na * in.nc);
    Solution got{std::vector<float>(n), std::vector<float>(n), std::vector<float>(n), std::vector<std::uint8_t>(n),
                 std::vector<StefcalResult>(static_cast<std::size_t>(in.np * in.nc))};
    auto const nb = static_cast<Index>(in.pairs.size());
    auto args = settings(in, SolveMode::amplitude_and_phase);
    args.product_re = make_view(in.re.data(), nb, in.np, in.nc);
    args.product_im = make_view(in.im.data(), nb, in.np, in.nc);
    args.power_model = make_view(in.power.data(), nb, in.np, in.nc);
    args.power_data = make_view(in.data.data(), nb, in.np, in.nc);
    args.count = make_view(in.count.data(), nb, in.np, in.nc);
    args.pairs = make_view(in.pairs.data(), nb);
    args.gain_re = make_view(got.re.data(), in.np, in.na, in.nc);
    args.gain_im = make_view(got.im.data(), in.np, in.na, in.nc);
    args.information = make_view(got.information.data(), in.np, in.na, in.nc);
    args.flag = make_view(got.flag.data(), in.np, in.na, in.nc);
    args.result = make_view(got.result.data(), in.np, in.nc);
    go(StefcalTile{args}, in.np * in.nc);
    return got;
}

TEST(StefcalTeam, of_threads_gives_least_squares_and_the_bits_of_one_thread)
{
    Problem const in(9, 7, false);
    auto const bytes = StefcalTile::scratch_bytes(in.na);
    auto const threaded =
        by_body(in, [&](StefcalTile const& tile, Index n) { test::for_each_tile_threaded(n, 4, bytes, tile); });
    compare(in, threaded);
    auto const alone = by_body(in, [&](StefcalTile const& tile, Index n) {
        std::vector<double> scratch(bytes / 8 + 8);
        for (Index t = 0; t < n; ++t) {
            SerialTeam team(scratch.data(), bytes + 64);
            tile(team, t);
        }
    });
    EXPECT_EQ(threaded.re, alone.re);
    EXPECT_EQ(threaded.im, alone.im);
    EXPECT_EQ(threaded.information, alone.information);
}

INSTANTIATE_TEST_SUITE_P(devices, Stefcal, test::every_backend(), test::backend_name);

}  // namespace
}  // namespace nocturne
