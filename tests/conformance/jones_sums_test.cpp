// `jones_sums` on every device against its oracle: correlations in another order, flags, weights of 0 and of their own, values that are not finite under
// a flag, uneven intervals and blocks of channels, a model of its own and one of fringes.
#include "kernels/jones_sums.hpp"

#include "tests/oracle/jones_sums.hpp"
#include "tests/oracle/time_sums.hpp"
#include "tests/support/devices.hpp"

#include <limits>
#include <random>

namespace nocturne {
namespace {

Index const nt = 5, nb = 3, nc = 7;
using Complex = std::complex<double>;

struct Case {
    std::vector<Vis> vis, model;
    std::vector<std::uint8_t> flag;
    std::vector<float> weight, flux;
    std::vector<double> freq_hz;
    std::vector<SourceFringe> fringe;
    std::vector<std::int32_t> integrations{0, 2, 3, 5}, channels{0, 4, 7};
    std::int32_t element[4] = {0, 2, 3, 1};  ///< XX, YY, XY, YX

    Case()
    {
        std::mt19937 random(5);
        std::normal_distribution<float> normal;
        for (Index i = 0; i < nt * nb * nc * 4; ++i) {
            vis.push_back({2 * normal(random), 2 * normal(random)});
            model.push_back({2 * normal(random), 2 * normal(random)});
            flag.push_back(random() % 23 == 0 ? 64 : 0);
            weight.push_back(static_cast<float>(random() % 9));
            if (flag.back()) vis.back().im = std::numeric_limits<float>::infinity();
        }
        for (Index c = 0; c < nc; ++c) freq_hz.push_back(1.3e9 + 1e6 * static_cast<double>(c));
        for (Index i = 0; i < nt * nc; ++i) flux.push_back(1 + 0.1F * static_cast<float>(i));
        for (Index i = 0; i < nt * nb; ++i) {
            fringe.emplace_back();
            fringe.back().delay_s = 1e-8 * static_cast<double>(i);
        }
    }

    oracle::JonesSample sample(Index t, Index b, Index c, bool of_fringes) const
    {
        oracle::JonesSample s;
        double sum = 0;
        auto const first = ((t * nb + b) * nc + c) * 4;
        for (Index p = 0; p < 4; ++p) {
            auto const k = static_cast<std::size_t>(first + p);
            if (flag[k] || weight[k] <= 0) return s;
            sum += 1.0 / static_cast<double>(weight[k]);
        }
        for (std::size_t e = 0; e < 4; ++e) {
            auto const k = static_cast<std::size_t>(first + element[e]);
            s.vis[e] = Complex(vis[k].re, -vis[k].im);
            s.model[e] = Complex(model[k].re, -model[k].im);
            if (of_fringes)
                s.model[e] = e == 1 || e == 2
                                 ? Complex(0)
                                 : std::conj(oracle::fringe(flux[static_cast<std::size_t>(t * nc + c)], 1,
                                                            fringe[static_cast<std::size_t>(t * nb + b)].delay_s,
                                                            freq_hz[static_cast<std::size_t>(c)]));
        }
        s.weight = 4 / sum;
        return s;
    }
};

class JonesSums : public test::OnEveryDevice {
protected:
    void compare(bool of_fringes)
    {
        Case const in;
        auto const vis = to_device(device(), in.vis), model = to_device(device(), in.model);
        auto const flag = to_device(device(), in.flag);
        auto const weight = to_device(device(), in.weight), flux = to_device(device(), in.flux);
        auto const freq = to_device(device(), in.freq_hz);
        auto const fringe = to_device(device(), in.fringe);
        auto const integrations = to_device(device(), in.integrations), channels = to_device(device(), in.channels);
        Index const solutions = 6;
        Buffer<float> sums(device(), nb * solutions * JonesSumsArgs::planes);
        JonesSumsArgs args;
        args.vis = vis.view(nt, nb, nc, Index(4));
        args.flag = flag.view(nt, nb, nc, Index(4));
        args.weight = weight.view(nt, nb, nc, Index(4));
        if (of_fringes)
            args.fringes = {freq.view(nc), fringe.view(nt, nb, Index(1)), flux.view(nt, Index(1), nc)};
        else
            args.model = model.view(nt, nb, nc, Index(4));
        std::copy_n(in.element, 4, args.element);
        args.first_integration = integrations.view(Index(4));
        args.first_channel = channels.view(Index(3));
        args.sums = sums.view(nb, solutions, JonesSumsArgs::planes);
        run(device(), args);
        finish(device());
        auto const got = sums.to_host();
        for (Index b = 0; b < nb; ++b)
            for (Index k = 0; k < solutions; ++k) expect_same(in, of_fringes, b, k, got);
    }

    static void expect_same(Case const& in, bool of_fringes, Index b, Index k, std::vector<float> const& got)
    {
        oracle::JonesSums expected;
        auto const interval = static_cast<std::size_t>(k / 2), block = static_cast<std::size_t>(k % 2);
        for (Index t = in.integrations[interval]; t < in.integrations[interval + 1]; ++t)
            for (Index c = in.channels[block]; c < in.channels[block + 1]; ++c)
                expected.add(in.sample(t, b, c, of_fringes));
        float const* values = got.data() + (b * 6 + k) * JonesSumsArgs::planes;
        double const scale = 1e-5 * (1 + expected.power_data);
        for (Index s = 0; s < 16; ++s) {
            auto const product = expected.product[s / 8][s / 4 % 2][s / 2 % 2][s % 2],
                       power = expected.power[s / 8][s / 4 % 2][s / 2 % 2][s % 2];
            ASSERT_EQ(jones_slot(s / 8, s / 4 % 2, s / 2 % 2, s % 2), s);
            ASSERT_NEAR(values[s], product.real(), scale) << "slot " << s;
            ASSERT_NEAR(values[16 + s], product.imag(), scale) << "slot " << s;
            ASSERT_NEAR(values[32 + s], power.real(), scale) << "slot " << s;
            ASSERT_NEAR(values[48 + s], power.imag(), scale) << "slot " << s;
        }
        ASSERT_NEAR(values[64], expected.power_data, scale);
        ASSERT_EQ(values[65], expected.count);
    }
};

TEST_P(JonesSums, equals_the_oracle) { compare(false); }
TEST_P(JonesSums, takes_point_sources) { compare(true); }

TEST_P(JonesSums, refuses_shapes_that_differ)
{
    Buffer<Vis> vis(device(), 48);
    Buffer<std::uint8_t> flag(device(), 48);
    Buffer<float> real(device(), 200);
    Buffer<std::int32_t> first(device(), 2);
    JonesSumsArgs args;
    args.vis = args.model = vis.view(1, 3, 4, 4);
    args.flag = flag.view(1, 3, 4, 4);
    args.weight = real.view(1, 3, 4, 4);
    args.first_integration = args.first_channel = first.view(2);
    args.sums = real.view(3, 1, 65);
    EXPECT_THROW(run(device(), args), Error);
}

INSTANTIATE_TEST_SUITE_P(devices, JonesSums, test::every_backend(), test::backend_name);

}  // namespace
}  // namespace nocturne
