// `apply_gains` on every device against its oracle: one, two and four correlations, several slots, antennas and channels without a
// solution, one weight for all and weights of their own, in place or not.
#include "kernels/apply_gains.hpp"

#include "tests/oracle/apply_gains.hpp"
#include "tests/support/devices.hpp"

#include <cstring>
#include <random>

namespace nocturne {
namespace {

using Complex = std::complex<double>;
Index const nt = 5, nb = 4, na = 5, slots = 2;

struct Block {
    Index nc, np;
    std::vector<Vis> vis, band, drift, band_two, drift_two;
    std::vector<Complex> band_gain, drift_gain, band_gain_two, drift_gain_two;
    std::vector<std::uint8_t> flag;
    std::vector<float> weight;
    std::vector<GainPair> pairs{{0, 1}, {3, 0}, {1, 4}, {2, 3}};
    std::vector<std::int32_t> slot{0, 0, 1, 1, 0};

    Block(Index channels, Index correlations) : nc(channels), np(correlations)
    {
        std::mt19937 random(3);
        std::normal_distribution<double> normal;
        auto const table = [&](Index n, bool holes, std::vector<Complex>& gain, std::vector<Vis>& inverse) {
            for (Index i = 0; i < n; ++i) {
                gain.push_back(holes && random() % 13 == 0
                                   ? Complex(0)
                                   : std::polar(std::exp(0.4 * normal(random)), 2 * normal(random)));
                Complex const h = gain.back() == 0.0 ? gain.back() : 1.0 / gain.back();
                inverse.push_back({static_cast<float>(h.real()), static_cast<float>(h.imag())});
            }
        };
        table(slots * na * nc * np, true, band_gain, band);
        table(nt * na * np, false, drift_gain, drift);
        table(slots * na * nc * np, true, band_gain_two, band_two);
        table(nt * na * np, false, drift_gain_two, drift_two);
        drift[static_cast<std::size_t>(4 * np)] = {};  // integration 0, antenna 4
        drift_gain[static_cast<std::size_t>(4 * np)] = 0;
        for (Index i = 0; i < nt * nb * nc * np; ++i) {
            vis.push_back({static_cast<float>(normal(random)), static_cast<float>(normal(random))});
            flag.push_back(random() % 10 == 0 ? 2 : 0);
            weight.push_back(static_cast<float>(random() % 5));
        }
    }

    struct At {
        Index t, a, c, p;
    };
    Complex gain(At at) const { return product(band_gain, drift_gain, at); }
    Complex gain_two(At at) const { return product(band_gain_two, drift_gain_two, at); }

private:
    Complex product(std::vector<Complex> const& by_channel, std::vector<Complex> const& by_time, At at) const
    {
        auto const [t, a, c, p] = at;
        return by_channel[static_cast<std::size_t>(((slot[static_cast<std::size_t>(t)] * na + a) * nc + c) * np + p)] *
               by_time[static_cast<std::size_t>((t * na + a) * np + p)];
    }
};

enum class Weights { one, own, in_place };

class ApplyGains : public test::OnEveryDevice {
protected:
    void compare(Block const& in, Weights weights)
    {
        auto const vis = to_device(device(), in.vis);
        auto const flag = to_device(device(), in.flag);
        auto const weight = to_device(device(), in.weight);
        auto const pairs = to_device(device(), in.pairs);
        auto const slot = to_device(device(), in.slot);
        auto const band = to_device(device(), in.band), drift = to_device(device(), in.drift),
                   band_two = to_device(device(), in.band_two), drift_two = to_device(device(), in.drift_two);
        Buffer<float> other(device(), weight.size());
        Buffer<Vis> const raw(device(), vis.size());
        auto const own = weight.view(nt, nb, in.nc, in.np);
        auto const result = weights == Weights::in_place ? own : other.view(nt, nb, in.nc, in.np);
        View<float const, 4> old = own;
        if (weights == Weights::one) old = make_constant_view<float const>(weight.data() + 1, nt, nb, in.nc, in.np);
        run(device(),
            ApplyGainsArgs{vis.view(nt, nb, in.nc, in.np), flag.view(nt, nb, in.nc, in.np), old, result, pairs.view(nb),
                           slot.view(nt), band.view(slots, na, in.nc, in.np), drift.view(nt, na, in.np),
                           band_two.view(slots, na, in.nc, in.np), drift_two.view(nt, na, in.np),
                           weights == Weights::one ? View<Vis, 4>{} : raw.view(nt, nb, in.nc, in.np)});
        finish(device());
        if (weights != Weights::one) {
            auto const kept = raw.to_host();
            EXPECT_EQ(std::memcmp(kept.data(), in.vis.data(), raw.bytes()), 0);
        }
        auto const got_vis = vis.to_host();
        auto const got_flag = flag.to_host();
        auto const got_weight = weights == Weights::in_place ? weight.to_host() : other.to_host();
        for (std::size_t i = 0; i < got_vis.size(); ++i) {
            auto const k = static_cast<Index>(i);
            Index const p = k % in.np, c = k / in.np % in.nc, b = k / (in.np * in.nc) % nb,
                        t = k / (in.np * in.nc * nb);
            auto const pair = in.pairs[static_cast<std::size_t>(b)];
            auto const expected =
                oracle::apply_gains({in.vis[i].re, in.vis[i].im}, in.weight[weights == Weights::one ? 1 : i],
                                    in.gain({t, pair.one, c, p}), in.gain_two({t, pair.two, c, p}));
            double const size = 1 + std::abs(expected.sky);
            ASSERT_NEAR(got_vis[i].re, expected.sky.real(), 3e-6 * size) << "sample " << i;
            ASSERT_NEAR(got_vis[i].im, expected.sky.imag(), 3e-6 * size) << "sample " << i;
            ASSERT_NEAR(got_weight[i], expected.weight, 3e-6 * expected.weight) << "sample " << i;
            ASSERT_EQ(got_flag[i], in.flag[i] | (expected.lost ? 32 : 0)) << "sample " << i;
        }
    }
};

TEST_P(ApplyGains, equals_the_oracle)
{
    for (Index np : {1, 2, 4})
        for (auto weights : {Weights::one, Weights::own, Weights::in_place}) {
            SCOPED_TRACE(std::to_string(np) + " correlations, weights " + std::to_string(static_cast<int>(weights)));
            compare(Block(37, np), weights);
        }
}

TEST_P(ApplyGains, takes_bands_longer_than_a_piece) { compare(Block(300, 2), Weights::own); }

TEST_P(ApplyGains, refuses_shapes_that_differ)
{
    Block const in(4, 2);
    auto const vis = to_device(device(), in.vis);
    auto const flag = to_device(device(), in.flag);
    auto const weight = to_device(device(), in.weight);
    auto const pairs = to_device(device(), in.pairs);
    auto const slot = to_device(device(), in.slot);
    auto const band = to_device(device(), in.band), drift = to_device(device(), in.drift);
    ApplyGainsArgs args{vis.view(nt, nb, 4, 2),     flag.view(nt, nb, 4, 2), weight.view(nt, nb, 4, 2),
                        weight.view(nt, nb, 4, 2),  pairs.view(nb),          slot.view(nt),
                        band.view(slots, na, 2, 4), drift.view(nt, na, 2),   band.view(slots, na, 2, 4),
                        drift.view(nt, na, 2)};
    EXPECT_THROW(run(device(), args), Error);
}

INSTANTIATE_TEST_SUITE_P(devices, ApplyGains, test::every_backend(), test::backend_name);

}  // namespace
}  // namespace nocturne
