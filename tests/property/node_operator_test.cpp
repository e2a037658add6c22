// Major cycles on nodes: taking a model out of the nodes gives what taking it out of the visibilities would have given, with
// flags, weights that differ and factors of Briggs; and the split of the baselines does not matter.
#include "kernels/expand.hpp"
#include "stages/image/image_work.hpp"
#include "stages/image/project.hpp"

#include "tests/support/random_group.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

namespace nocturne {
namespace {

ImageSettings settings_with(Weighting weighting)
{
    ImageSettings settings;
    settings.n_pixels = 512;
    settings.cell_rad = 10 * arcsec_rad;
    settings.weighting = weighting;
    settings.clean.iterations = 1;
    return settings;
}

GroupState state_of(test::RandomGroup const& group)
{
    GroupState state;
    state.device = make_device("kokkos");
    state.header.freq_hz = group.freq_hz;
    for (double t : group.time_s) state.header.time_mjd_s.push_back(t);
    state.header.baselines = group.baselines;
    state.header.correlations = {Correlation::XX, Correlation::YY};
    state.uvw_m = group.uvw_m;
    return state;
}

struct Done {
    std::shared_ptr<ImageWork> work = std::make_shared<ImageWork>();
    GroupState state;
};

/// The passes up to the nodes, in blocks of `at_once` baselines.
Done up_to_nodes(test::RandomGroup& group, ImageSettings const& settings, Index at_once)
{
    Done done;
    done.state = state_of(group);
    Passes passes;
    if (settings.weighting != Weighting::natural) {
        passes.push_back(make_weigh_pass(settings));
        passes.push_back(make_weights_pass(settings));
    }
    passes.push_back(make_project_pass(settings, done.work));
    for (auto& pass : passes) pass->prepare(done.state);
    for (auto& pass : passes) {
        if (pass->scope() == Scope::group) {
            pass->run(done.state);
            continue;
        }
        for (Index b = 0; b < group.nb; b += at_once) {
            auto block = group.block().baselines(b, std::min(at_once, group.nb - b));
            pass->run(block, done.state);
        }
    }
    return done;
}

/// Node values of some model: anything will do.
std::vector<Vis> some_values(std::size_t n)
{
    std::mt19937 random(5);
    std::normal_distribution<float> normal;
    std::vector<Vis> y(n);
    for (auto& value : y) value = {normal(random), normal(random)};
    return y;
}

void subtract_model(test::RandomGroup& group, std::vector<Vis> const& y)
{
    auto const state = state_of(group);
    auto const plan = plan_group(state, settings_with(Weighting::natural));
    std::vector<Vis> model(static_cast<std::size_t>(group.nt * group.nb * group.nc));
    run(make_device("kokkos"),
        ExpandArgs{make_view(y.data(), y.size()), make_view(plan.rects.data(), plan.rects.size()), 0, 0,
                   make_view(plan.matrices.data(), plan.matrices.size()),
                   make_view(model.data(), group.nt, group.nb, group.nc)});
    for (std::size_t i = 0; i < group.vis.size(); ++i)
        group.vis[i] = {group.vis[i].re - model[i / 2].re, group.vis[i].im - model[i / 2].im};
}

double relative(std::vector<Vis> const& a, std::vector<Vis> const& b)
{
    double difference = 0, norm = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        difference +=
            std::pow(static_cast<double>(a[i].re - b[i].re), 2) + std::pow(static_cast<double>(a[i].im - b[i].im), 2);
        norm += std::pow(static_cast<double>(b[i].re), 2) + std::pow(static_cast<double>(b[i].im), 2);
    }
    return std::sqrt(difference / norm);
}

TEST(NodeOperator, takes_a_model_out_as_from_the_visibilities)
{
    for (auto weighting : {Weighting::natural, Weighting::briggs}) {
        test::RandomGroup group({});
        auto const settings = settings_with(weighting);
        auto const done = up_to_nodes(group, settings, 7);
        auto const& nodes = *done.state.nodes;
        auto const model = some_values(nodes.y.size());
        std::vector<Vis> residual;
        done.work->nodes.residual(done.state.device, nodes.y, model, residual);
        subtract_model(group, model);
        auto const direct = up_to_nodes(group, settings, 64);
        EXPECT_LT(relative(residual, direct.state.nodes->y), 2e-5) << name(weighting);
        EXPECT_GT(relative(nodes.y, direct.state.nodes->y), 0.1) << "the model is not nothing";
    }
}

TEST(NodeOperator, makes_the_same_bits_from_any_blocks)
{
    test::RandomGroup group({});
    auto const settings = settings_with(Weighting::briggs);
    std::vector<std::vector<Vis>> residuals;
    std::vector<std::vector<std::int64_t>> beams;
    for (Index at_once : {1, 5, 64}) {
        auto const done = up_to_nodes(group, settings, at_once);
        auto const model = some_values(done.state.nodes->y.size());
        residuals.emplace_back();
        done.work->nodes.residual(done.state.device, done.state.nodes->y, model, residuals.back());
        beams.push_back(done.work->nodes.beam().units);
    }
    for (std::size_t i = 1; i < residuals.size(); ++i) {
        ASSERT_EQ(residuals[i].size(), residuals[0].size());
        EXPECT_EQ(0, std::memcmp(residuals[i].data(), residuals[0].data(), residuals[0].size() * sizeof(Vis)));
        EXPECT_EQ(beams[i], beams[0]);
    }
}

TEST(NodeOperator, the_beam_has_the_weights_of_the_image)
{
    test::RandomGroup group({});
    auto const done = up_to_nodes(group, settings_with(Weighting::briggs), 64);
    double total = 0;
    for (auto units : done.work->nodes.beam().units)
        total += static_cast<double>(units) * done.state.nodes->weight_unit;
    EXPECT_NEAR(total / done.state.nodes->sum_weight(), 1, 1e-5);
}

}  // namespace
}  // namespace nocturne
