// `settle` on every device, and by real threads, against its oracle.
#include "kernels/settle.hpp"

#include "tests/oracle/settle.hpp"
#include "tests/support/devices.hpp"
#include "tests/support/thread_team.hpp"

#include <random>

namespace nocturne {
namespace {

struct Case {
    Index const nt = 9, nb = 7, nc = 37, np;
    std::vector<Vis> vis;
    std::vector<std::uint8_t> flag;
    std::vector<float> limit;  ///< [baseline][correlation]

    explicit Case(Index correlations = 2) : np(correlations)
    {
        for (Index b = 0; b < nb; ++b)
            for (Index p = 0; p < np; ++p)
                limit.push_back(static_cast<float>(9 + 7 * p) - 0.5F * static_cast<float>(b));
        std::mt19937 random(6);
        std::normal_distribution<float> normal;
        for (Index t = 0; t < nt; ++t)
            for (Index b = 0; b < nb; ++b)
                for (Index c = 0; c < nc; ++c)
                    for (Index p = 0; p < np; ++p) {
                        float const jy = b == 6 ? 0.1F : 1;  // never clipped
                        vis.push_back({jy * normal(random), jy * normal(random)});
                        std::uint8_t bits =
                            random() % 11 == 0 && b < 5 ? static_cast<std::uint8_t>(1U << random() % 7) : 0;
                        if (b == 1 && c == 7 && t < 5) bits |= flag_rfi;   // grows in time
                        if (b == 2 && t == 3 && c < 20) bits |= flag_rfi;  // grows in frequency
                        if (b == 3) bits = flag_auto;
                        if (b == 4 && p == 1) bits = flag_missing;  // a hand that nobody measured; the other one grows
                        if (b == 4 && p == 0 && c == 9 && t < 6) bits = flag_rfi;
                        if (b == 6 && c == 7 && t < 3) bits |= flag_rfi;  // six integrations are clean: nothing grows
                        flag.push_back(bits);
                    }
    }

    /// Lines that the oracle flags, but not without growth, are those that grew.
    void expect_grown(std::vector<std::uint8_t> const& channel, std::vector<std::uint8_t> const& row) const
    {
        Index n = 0;
        for (Index b = 0; b < nb; ++b) {
            auto const all = settled(b, 0.5), clipped = settled(b, 1);
            for (Index t = 0; t < nt; ++t)
                for (Index c = 0; c < nc; ++c) {
                    bool const grown =
                        channel[static_cast<std::size_t>(b * nc + c)] || row[static_cast<std::size_t>(t * nb + b)];
                    bool const gained = (all[t][c][0] & flag_rfi) && !(clipped[t][c][0] & flag_rfi);
                    ASSERT_TRUE(!gained || grown) << b << " " << t << " " << c;
                    ASSERT_TRUE(!grown || (all[t][c][0] & flag_rfi)) << b << " " << t << " " << c;
                    n += gained;
                }
        }
        EXPECT_GT(n, 2);
    }

    oracle::Plane settled(Index b, double grow) const
    {
        oracle::Plane flags(nt, std::vector<std::vector<unsigned>>(nc, std::vector<unsigned>(np)));
        oracle::Samples samples(
            nt, std::vector<std::vector<std::complex<double>>>(nc, std::vector<std::complex<double>>(np)));
        for (Index t = 0; t < nt; ++t)
            for (Index c = 0; c < nc; ++c)
                for (Index p = 0; p < np; ++p) {
                    flags[t][c][p] = flag[at(t, b, c, p)];
                    samples[t][c][p] = {vis[at(t, b, c, p)].re, vis[at(t, b, c, p)].im};
                }
        std::vector<double> limits;
        for (Index p = 0; p < np; ++p)
            limits.push_back(static_cast<double>(limit[static_cast<std::size_t>(b * np + p)]));
        return oracle::settle(samples, flags, limits, grow, grow);
    }

    std::size_t at(Index t, Index b, Index c, Index p) const
    {
        return static_cast<std::size_t>(((t * nb + b) * nc + c) * np + p);
    }

    void expect(std::vector<std::uint8_t> const& got) const
    {
        for (Index b = 0; b < nb; ++b) {
            auto const want = settled(b, 0.5);
            for (Index t = 0; t < nt; ++t)
                for (Index c = 0; c < nc; ++c)
                    for (Index p = 0; p < np; ++p)
                        ASSERT_EQ(got[at(t, b, c, p)], want[t][c][p]) << b << " " << t << " " << c;
        }
    }
};

class Settle : public test::OnEveryDevice {};

TEST_P(Settle, equals_the_oracle)
{
    for (Index correlations : {1, 2, 3, 4}) {
        Case const c(correlations);
        auto const vis = to_device(device(), c.vis);
        auto const flag = to_device(device(), c.flag);
        auto const limit = to_device(device(), c.limit);
        auto const channel = to_device(device(), std::vector<std::uint8_t>(static_cast<std::size_t>(c.nb * c.nc), 1));
        auto const row = to_device(device(), std::vector<std::uint8_t>(static_cast<std::size_t>(c.nt * c.nb), 1));
        run(device(), SettleArgs{vis.view(c.nt, c.nb, c.nc, c.np), flag.view(c.nt, c.nb, c.nc, c.np),
                                 limit.view(c.nb, c.np), 0.5F, 0.5F, channel.view(c.nb, c.nc), row.view(c.nt, c.nb)});
        finish(device());
        c.expect(flag.to_host());
        c.expect_grown(channel.to_host(), row.to_host());
    }
}

TEST_P(Settle, refuses_shapes_that_differ)
{
    Buffer<Vis> vis(device(), 24);
    Buffer<std::uint8_t> flag(device(), 24);
    Buffer<float> limit(device(), 3);
    SettleArgs const args{vis.view(1, 3, 4, 2), flag.view(1, 3, 4, 2), limit.view(1, 3)};
    EXPECT_THROW(run(device(), args), Error);
}

TEST(SettleTeam, threads_agree_with_the_oracle)
{
    Case c;
    SettleArgs const args{make_view(static_cast<Vis const*>(c.vis.data()), c.nt, c.nb, c.nc, c.np),
                          make_view(c.flag.data(), c.nt, c.nb, c.nc, c.np),
                          make_view(static_cast<float const*>(c.limit.data()), c.nb, c.np), 0.5F, 0.5F};
    auto const before = c;
    test::for_each_tile_threaded(c.nb, 4, settle_scratch_bytes(4, c.nc), SettleTile{args});
    before.expect(c.flag);
}

INSTANTIATE_TEST_SUITE_P(devices, Settle, test::every_backend(), test::backend_name);

}  // namespace
}  // namespace nocturne
