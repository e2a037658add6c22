// `time_sums` on every device against its oracle: one, two and four correlations, flags, weights of 0, values that are not finite
// under a flag, channels that fill no vector and do not lie evenly, two sources with smearing; a model of its own per correlation, robust weights.
#include "kernels/time_sums.hpp"

#include "tests/oracle/time_sums.hpp"
#include "tests/support/devices.hpp"

#include <limits>
#include <random>

namespace nocturne {
namespace {

struct Case {
    Index nt = 7, nb = 3, nc = 21, np = 2, ns = 2;
    bool one_weight = false;
    std::vector<Vis> vis;
    std::vector<std::uint8_t> flag;
    std::vector<float> weight, flux;
    std::vector<double> freq_hz;
    std::vector<SourceFringe> fringe;
    std::vector<std::int32_t> interval{0, 0, 1, 1, 1, 2, 2};
    std::vector<Vis> column;   ///< the model of its own; empty: fringes
    std::vector<Vis> gain;     ///< [interval][antenna][correlation][channel]; empty: not robust
    std::vector<float> scale;  ///< [correlation][channel]
    std::vector<AntennaPair> pairs{{0, 2}, {-1, -1}, {1, 3}};

    Case(Index channels, Index correlations, bool one) : nc(channels), np(correlations), one_weight(one)
    {
        std::mt19937 random(11);
        std::normal_distribution<float> normal;
        std::uniform_real_distribution<double> uniform;
        for (Index i = 0; i < nt * nb * nc * np; ++i) {
            vis.push_back({3 * normal(random), 3 * normal(random)});
            flag.push_back(!one && random() % 9 == 0 ? 64 : 0);
            weight.push_back(one ? 2.5F : static_cast<float>(random() % 4));
            if (flag.back()) vis.back().re = std::numeric_limits<float>::quiet_NaN();
        }
        for (Index c = 0; c < nc; ++c)
            freq_hz.push_back(1.31e9 + 2.44e5 * static_cast<double>(c + (c > nc / 2 ? 40 : 0)));
        for (Index i = 0; i < nt * ns * nc; ++i) flux.push_back(static_cast<float>(1 + 8 * uniform(random)));
        for (Index i = 0; i < nt * nb * ns; ++i) {
            SourceFringe f;
            f.delay_s = (uniform(random) - 0.5) * 2e-5;
            f.smear[0] = static_cast<float>(1 - 0.2 * uniform(random));
            f.smear[1] = static_cast<float>(-0.05 * uniform(random));
            f.smear[2] = static_cast<float>(0.01 * uniform(random));
            fringe.push_back(f);
        }
    }

    Case& with_column()
    {
        std::mt19937 random(12);
        std::normal_distribution<float> normal;
        for (std::size_t i = 0; i < vis.size(); ++i) column.push_back({5 * normal(random), 5 * normal(random)});
        return *this;
    }
    /// A quarter of the gains and one scale in five are 0.
    Case& with_gains()
    {
        std::mt19937 random(13);
        std::normal_distribution<float> normal;
        for (Index i = 0; i < 3 * 4 * np * nc; ++i)
            gain.push_back(i % 4 == 1 ? Vis{} : Vis{1 + 0.2F * normal(random), 0.2F * normal(random)});
        for (Index i = 0; i < np * nc; ++i) scale.push_back(i % 5 == 3 ? 0.F : 1.F + static_cast<float>(i % 7));
        return *this;
    }

    std::size_t at(Index t, Index b, Index c, Index p) const
    {
        return static_cast<std::size_t>(((t * nb + b) * nc + c) * np + p);
    }

    std::complex<double> model(Index t, Index b, Index c, Index p) const
    {
        if (!column.empty()) return {column[at(t, b, c, p)].re, column[at(t, b, c, p)].im};
        double const x = nc > 1 ? static_cast<double>(c) / static_cast<double>(nc - 1) : 0;
        std::complex<double> sum;
        for (Index s = 0; s < ns; ++s) {
            auto const& f = fringe[static_cast<std::size_t>((t * nb + b) * ns + s)];
            sum += oracle::fringe(flux[static_cast<std::size_t>((t * ns + s) * nc + c)],
                                  f.smear[0] + x * f.smear[1] + x * x * f.smear[2], f.delay_s,
                                  freq_hz[static_cast<std::size_t>(c)]);
        }
        return sum;
    }

    oracle::TimeSums expected(Index b, Index p, Index c) const
    {
        std::vector<oracle::TimeSample> samples;
        for (Index t = 0; t < nt; ++t) {
            auto const v = vis[at(t, b, c, p)];
            bool const used = flag[at(t, b, c, p)] == 0;
            samples.push_back({used ? std::complex<double>(v.re, v.im) : 0, model(t, b, c, p),
                               used ? weight[at(t, b, c, p)] : 0, interval[static_cast<std::size_t>(t)]});
            make_robust(samples.back(), b, p, c);
        }
        return oracle::time_sums(samples, 3);
    }

    void make_robust(oracle::TimeSample& s, Index b, Index p, Index c) const
    {
        auto const pair = pairs[static_cast<std::size_t>(b)];
        if (gain.empty() || pair.one < 0 || !(s.weight > 0)) return;
        auto const g = [&](Index antenna) {
            auto const v = gain[static_cast<std::size_t>(((s.interval * 4 + antenna) * np + p) * nc + c)];
            return std::complex<double>(v.re, v.im);
        };
        auto const both = std::conj(g(pair.one)) * g(pair.two);
        double const noise = scale[static_cast<std::size_t>(p * nc + c)];
        if (both != 0.0 && noise > 0) s.weight = oracle::student_weight(s.weight, s.vis - both * s.model, noise, 5);
    }
};

class TimeSums : public test::OnEveryDevice {
protected:
    void compare(Case const& in)
    {
        auto const vis = to_device(device(), in.vis);
        auto const flag = to_device(device(), in.flag);
        auto const weight = to_device(device(), in.weight);
        auto const freq = to_device(device(), in.freq_hz);
        auto const fringe = to_device(device(), in.fringe);
        auto const flux = to_device(device(), in.flux);
        auto const interval = to_device(device(), in.interval);
        Index const cells = in.nb * in.np * in.nc;
        Buffer<float> re(device(), 3 * cells), im(device(), 3 * cells), model(device(), 3 * cells),
            data(device(), cells), count(device(), cells);
        View<float const, 4> weights = weight.view(in.nt, in.nb, in.nc, in.np);
        if (in.one_weight) weights = make_constant_view<float const>(weight.data(), in.nt, in.nb, in.nc, in.np);
        auto const column = to_device(device(), in.column), gain = to_device(device(), in.gain);
        auto const scale = to_device(device(), in.scale);
        auto const pairs = to_device(device(), in.pairs);
        TimeSumsArgs args{vis.view(in.nt, in.nb, in.nc, in.np),
                          flag.view(in.nt, in.nb, in.nc, in.np),
                          weights,
                          freq.view(in.nc),
                          fringe.view(in.nt, in.nb, in.ns),
                          flux.view(in.nt, in.ns, in.nc),
                          interval.view(in.nt),
                          re.view(3, in.nb, in.np, in.nc),
                          im.view(3, in.nb, in.np, in.nc),
                          model.view(3, in.nb, in.np, in.nc),
                          data.view(in.nb, in.np, in.nc),
                          count.view(in.nb, in.np, in.nc)};
        if (!in.column.empty()) args.model = column.view(in.nt, in.nb, in.nc, in.np);
        if (!in.gain.empty()) {
            args.gain = gain.view(3, Index(4), in.np, in.nc);
            args.scale = scale.view(in.np, in.nc);
            args.pairs = pairs.view(in.nb);
            args.freedom = 5;
        }
        run(device(), args);
        finish(device());
        auto const got_re = re.to_host(), got_im = im.to_host(), got_model = model.to_host(), got_data = data.to_host(),
                   got_count = count.to_host();
        for (Index b = 0; b < in.nb; ++b)
            for (Index p = 0; p < in.np; ++p)
                for (Index c = 0; c < in.nc; ++c)
                    expect_same(in.expected(b, p, c),
                                {got_re, got_im, got_model, got_data, got_count, (b * in.np + p) * in.nc + c, cells});
    }

    struct Got {
        std::vector<float> const &re, &im, &model, &data, &count;
        Index at, cells;
    };
    static void expect_same(oracle::TimeSums const& expected, Got const& got)
    {
        auto const at = static_cast<std::size_t>(got.at);
        double power = 1;
        for (double model : expected.power_model) power += model;
        double const size = 1e-5 * (1 + std::sqrt(expected.power_data * power));
        for (std::size_t i = 0; i < 3; ++i) {
            auto const k = i * static_cast<std::size_t>(got.cells) + at;
            ASSERT_NEAR(got.re[k], expected.product[i].real(), size) << "cell " << at;
            ASSERT_NEAR(got.im[k], expected.product[i].imag(), size) << "cell " << at;
            ASSERT_NEAR(got.model[k], expected.power_model[i], 1e-3 + 1e-5 * expected.power_model[i]);
        }
        ASSERT_NEAR(got.data[at], expected.power_data, 1e-5 * (1 + expected.power_data));
        ASSERT_EQ(got.count[at], expected.count);
    }
};

TEST_P(TimeSums, equals_the_oracle)
{
    for (Index np : {1, 2, 4})
        for (bool one_weight : {false, true}) {
            SCOPED_TRACE(std::to_string(np) + " correlations");
            compare(Case(21, np, one_weight));
        }
}

TEST_P(TimeSums, takes_a_model_of_its_own_per_correlation)
{
    for (Index np : {1, 2, 4}) compare(Case(21, np, false).with_column());
}

TEST_P(TimeSums, weighs_by_students_t)
{
    for (Index np : {1, 2, 4})
        for (bool one_weight : {false, true}) {
            SCOPED_TRACE(std::to_string(np) + " correlations");
            compare(Case(21, np, one_weight).with_gains());
            compare(Case(21, np, one_weight).with_column().with_gains());
        }
}

TEST_P(TimeSums, takes_bands_longer_and_shorter_than_a_piece)
{
    for (Index nc : {1, 8, 300}) {
        SCOPED_TRACE(std::to_string(nc) + " channels");
        compare(Case(nc, 2, true));
    }
}

TEST_P(TimeSums, refuses_shapes_that_differ)
{
    Buffer<Vis> vis(device(), 24);
    Buffer<std::uint8_t> flag(device(), 24);
    Buffer<float> real(device(), 24);
    Buffer<double> freq(device(), 4);
    Buffer<SourceFringe> fringe(device(), 3);
    Buffer<std::int32_t> interval(device(), 1);
    TimeSumsArgs const args{vis.view(1, 3, 4, 2),  flag.view(1, 3, 4, 2), real.view(1, 3, 4, 2), freq.view(4),
                            fringe.view(1, 3, 1),  real.view(1, 1, 4),    interval.view(1),      real.view(1, 3, 2, 4),
                            real.view(1, 3, 4, 2), real.view(1, 3, 2, 4), real.view(3, 2, 4),    real.view(3, 2, 4)};
    EXPECT_THROW(run(device(), args), Error);
}

INSTANTIATE_TEST_SUITE_P(devices, TimeSums, test::every_backend(), test::backend_name);

}  // namespace
}  // namespace nocturne
