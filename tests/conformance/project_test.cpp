// `project` on every device, and its tile on real threads, against the oracle: every kind of rectangle, flags, weights that
// differ, repeat or are one constant, one and two hands, values that are not numbers under a flag.
#include "kernels/project.hpp"

#include "tests/support/devices.hpp"
#include "tests/support/node_rects.hpp"
#include "tests/support/thread_team.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <random>

namespace nocturne {
namespace {

enum class Weights { differ, repeat, constant };

struct Case {
    test::NodeRects plan;
    Index nb = plan.n_baselines(), np = 2;
    std::vector<Vis> vis;
    std::vector<std::uint8_t> flag;
    std::vector<float> weight, factor;
    int hand_b = 1;

    Case(Weights weights, int second_hand, bool flags, test::NodeRects rects = {10, 90})
        : plan(std::move(rects)), hand_b(second_hand)
    {
        std::mt19937 random(3);
        std::normal_distribution<float> sample;
        for (Index i = 0; i < plan.nt * nb * plan.nc * np; ++i) {
            Index const row = i / (plan.nc * np);
            vis.push_back({sample(random), sample(random)});
            flag.push_back(flags && random() % 7 == 0 ? flag_rfi : 0);
            if (flag.back()) vis.back() = {NAN, INFINITY};
            bool const same = weights == Weights::constant || (weights == Weights::repeat && row / nb % 4 != 0);
            weight.push_back(same ? 2.5F : static_cast<float>(random() % 5));
            if (i % np == 0)
                factor.push_back(weights == Weights::constant ? 1.0F : 0.5F + 0.001F * static_cast<float>(i % plan.nc));
        }
    }

    struct Result {
        std::vector<Vis> y, psf;
        std::vector<double> rect_weight;
        std::vector<float> weights;
    };

    /// Runs through `launcher(args)`.
    template<class Launcher>
    Result run_on(Device const& device, Launcher const& launcher) const
    {
        Index const nt = plan.nt, nc = plan.nc, nr = static_cast<Index>(plan.rects.size());
        auto const d_vis = to_device(device, vis);
        auto const d_flag = to_device(device, flag);
        auto const d_weight = to_device(device, weight), d_factor = to_device(device, factor);
        auto const matrices = to_device(device, plan.matrices);
        auto const rects = to_device(device, plan.rects);
        Buffer<Vis> y(device, plan.n_values), psf(device, plan.n_values);
        Buffer<double> sums(device, nr);
        Buffer<float> kept(device, nt * nb * nc);
        kept.clear();
        launcher(ProjectArgs{
            {d_vis.view(nt, nb, nc, np), d_flag.view(nt, nb, nc, np), d_weight.view(nt, nb, nc, np), 0, hand_b},
            d_factor.view(nt, nb, nc),
            rects.view(nr),
            0,
            0,
            matrices.view(matrices.size()),
            y.view(plan.n_values),
            psf.view(plan.n_values),
            sums.view(nr),
            kept.view(nt, nb, nc)});
        finish(device);
        return {y.to_host(), psf.to_host(), sums.to_host(), kept.to_host()};
    }

    /// w V, w and Σ w of rectangle `r` from the definition.
    void weighted(NodeRect const& r, std::vector<std::complex<double>>& wv, std::vector<std::complex<double>>& w) const
    {
        for (Index t = r.first_time; t < r.first_time + r.n_times; ++t)
            for (Index c = r.first_channel; c < r.first_channel + r.n_channels; ++c) {
                auto const cell = static_cast<std::size_t>((t * nb + r.baseline) * plan.nc + c), a = 2 * cell,
                           b = a + 1;
                bool const two = hand_b >= 0;
                double total = weight[a];
                if (two) total = weight[a] > 0 && weight[b] > 0 ? 2 / (1.0 / weight[a] + 1.0 / weight[b]) : 0;
                if (flag[a] || (two && flag[b])) total = 0;
                total *= factor[cell];
                std::complex<double> v(vis[a].re, vis[a].im);
                if (two) v = 0.5 * (v + std::complex<double>(vis[b].re, vis[b].im));
                wv.push_back(total > 0 ? total * v : 0);
                w.push_back(total);
            }
    }

    void expect_equal(Result const& got) const
    {
        for (std::size_t i = 0; i < plan.rects.size(); ++i) {
            auto const& r = plan.rects[i];
            std::vector<std::complex<double>> wv, w;
            weighted(r, wv, w);
            double total = 0;
            for (auto const& x : w) total += x.real();
            for (Index k = 0; k < static_cast<Index>(w.size()); ++k) {
                Index const t = r.first_time + k / r.n_channels, c = r.first_channel + k % r.n_channels;
                EXPECT_NEAR(got.weights[static_cast<std::size_t>((t * nb + r.baseline) * plan.nc + c)],
                            w[static_cast<std::size_t>(k)].real(), 1e-6 * total);
            }
            EXPECT_NEAR(got.rect_weight[i], total, 1e-6 * total);
            auto const nodes_t = plan.time_nodes(r), nodes_f = plan.freq_nodes(r);
            auto const y = oracle::project(wv, plan.times(r), plan.channels(r), nodes_t, nodes_f);
            auto const psf = oracle::project(w, plan.times(r), plan.channels(r), nodes_t, nodes_f);
            for (std::size_t k = 0; k < y.size(); ++k) {
                auto const& found = got.y[static_cast<std::size_t>(r.first_value) + k];
                EXPECT_LT(std::abs(std::complex<double>(found.re, found.im) - y[k]), 2e-4)
                    << "rectangle " << i << " value " << k;
                auto const& beam = got.psf[static_cast<std::size_t>(r.first_value) + k];
                EXPECT_LT(std::abs(std::complex<double>(beam.re, beam.im) - psf[k]), 2e-4)
                    << "rectangle " << i << " value " << k;
            }
        }
    }
};

class Project : public test::OnEveryDevice {};

TEST_P(Project, equals_the_oracle)
{
    for (auto weights : {Weights::differ, Weights::repeat, Weights::constant})
        for (int hand_b : {1, -1})
            for (bool flags : {true, false}) {
                Case const given(weights, hand_b, flags);
                given.expect_equal(given.run_on(device(), [&](ProjectArgs const& args) { run(device(), args); }));
            }
}

TEST_P(Project, equals_the_oracle_on_axes_that_look_the_same_from_both_ends)
{
    for (auto weights : {Weights::differ, Weights::repeat, Weights::constant})
        for (auto const& [n_times, n_channels] : {std::pair<Index, Index>{10, 90}, {11, 91}}) {
            Case const given(weights, 1, true, {n_times, n_channels, test::Axes::even});
            auto const& rects = given.plan.rects;
            ASSERT_TRUE(std::any_of(rects.begin(), rects.end(),
                                    [](NodeRect const& r) { return r.time_folded >= 0 && r.freq_folded >= 0; }));
            given.expect_equal(given.run_on(device(), [&](ProjectArgs const& args) { run(device(), args); }));
        }
}

TEST_P(Project, makes_the_same_bits_from_any_split_of_the_baselines)
{
    Case const given(Weights::repeat, 1, true);
    auto const whole = given.run_on(device(), [&](ProjectArgs const& args) { run(device(), args); });
    auto const split = given.run_on(device(), [&](ProjectArgs const& args) {
        for (Index r = 0; r < args.rects.extent[0]; ++r) {
            auto const& rect = given.plan.rects[static_cast<std::size_t>(r)];
            auto one = args;
            one.first_baseline = rect.baseline;
            one.in = {args.in.vis.slice(1, rect.baseline, 1), args.in.flag.slice(1, rect.baseline, 1),
                      args.in.weight.slice(1, rect.baseline, 1), args.in.hand_a, args.in.hand_b};
            one.factor = args.factor.slice(1, rect.baseline, 1);
            one.rects = args.rects.slice(0, r, 1);
            one.first_value = rect.first_value;
            one.y = args.y.slice(0, rect.first_value, rect.n_values());
            one.psf = args.psf.slice(0, rect.first_value, rect.n_values());
            one.rect_weight = args.rect_weight.slice(0, r, 1);
            one.weights = args.weights.slice(1, rect.baseline, 1);
            run(device(), one);
        }
    });
    EXPECT_EQ(0, std::memcmp(whole.y.data(), split.y.data(), whole.y.size() * sizeof(Vis)));
    EXPECT_EQ(0, std::memcmp(whole.psf.data(), split.psf.data(), whole.psf.size() * sizeof(Vis)));
    EXPECT_EQ(whole.rect_weight, split.rect_weight);
}

TEST_P(Project, takes_what_expand_made)
{
    Case given(Weights::constant, -1, false);
    auto const one_hand = given.run_on(device(), [&](ProjectArgs const& args) { run(device(), args); });
    given.np = 1;
    std::vector<Vis> first;
    std::vector<float> kept(one_hand.weights);
    for (std::size_t i = 0; i < given.vis.size(); i += 2) first.push_back(given.vis[i]);
    given.vis = first;
    given.flag.assign(first.size(), 0);
    given.weight.assign(first.size(), 1.0F);
    given.factor = kept;
    auto const plain = given.run_on(device(), [&](ProjectArgs args) {
        args.in.flag = make_constant_view(args.in.flag.data, given.plan.nt, given.nb, given.plan.nc, Index(1));
        args.in.weight = make_constant_view(args.in.weight.data, given.plan.nt, given.nb, given.plan.nc, Index(1));
        run(device(), args);
    });
    for (std::size_t i = 0; i < plain.y.size(); ++i) {
        ASSERT_NEAR(plain.y[i].re, one_hand.y[i].re, 2e-4) << "value " << i;
        ASSERT_NEAR(plain.y[i].im, one_hand.y[i].im, 2e-4) << "value " << i;
    }
}

TEST_P(Project, refuses_shapes_that_differ)
{
    Case given(Weights::constant, 1, false);
    EXPECT_THROW(given.run_on(device(),
                              [&](ProjectArgs args) {
                                  args.factor = args.factor.slice(2, 0, 5);
                                  run(device(), args);
                              }),
                 Error);
}

INSTANTIATE_TEST_SUITE_P(devices, Project, test::every_backend(), test::backend_name);

TEST(ProjectThreads, tile_equals_the_oracle)
{
    Case const given(Weights::differ, 1, true);
    given.expect_equal(given.run_on(make_device("kokkos"), [&](ProjectArgs const& args) {
        test::for_each_tile_threaded(args.rects.extent[0], 5, ProjectTile::scratch_bytes, ProjectTile{args});
    }));
}

}  // namespace
}  // namespace nocturne
