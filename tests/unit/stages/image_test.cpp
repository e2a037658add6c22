// Stage `image`: its parameters, its passes, and images made of nodes that a test lays down.
#include "stages/image/make.hpp"
#include "tests/support/points.hpp"

#include <gtest/gtest.h>

namespace nocturne {
namespace {

constexpr Index n = 256;

ImageSettings small_settings()
{
    ImageSettings settings;
    settings.n_pixels = n;
    settings.cell_rad = 10 * arcsec_rad;
    settings.weighting = Weighting::natural;
    return settings;
}

/// A group of one source of 2 Jy at pixel (60, 200), weight 3 on every point.
GroupState one_source()
{
    GroupState state;
    state.device = make_device("kokkos");
    state.header.group_id = "2026-01-25T22:26:05";
    state.header.correlations = {Correlation::XX, Correlation::YY};
    state.header.freq_hz = {1.3e9, 1.4e9, 1.5e9};
    state.header.channel_width_hz = {1e8, 1e8, 1e8};
    state.header.subbands = {{0, "a", 0, "", 1, 2}, {1, "b", 0, "", 0, 0}};
    state.header.time_mjd_s = {100, 110};
    state.header.integration_s = {10, 10};
    NodeSet nodes;
    nodes.geometry = test::array_layout(8, 16, 2, 12, 40 * degree_rad);
    nodes.y = test::source_values(nodes.geometry, {n, 10 * arcsec_rad, {}}, {{60, 200}}, 0);
    for (auto& y : nodes.y) y = {6 * y.re, 6 * y.im};
    nodes.psf.assign(nodes.y.size(), Vis{3, 0});
    nodes.sum_weight_units = 3 * nodes.geometry.n_points;
    state.nodes = std::move(nodes);
    return state;
}

TEST(ImageStage, lists_its_passes_and_weighs_only_where_asked)
{
    auto const& stage = stage_type("image");
    auto const names = [&](std::string const& weighting) {
        std::vector<std::string> found;
        for (auto const& pass : stage.make(Params(stage.params, {{"weighting", weighting}})))
            found.push_back(pass->name());
        return found;
    };
    EXPECT_EQ(names("natural"), (std::vector<std::string>{"image.project", "image.make"}));
    EXPECT_EQ(names("uniform").size(), 4U);
    EXPECT_EQ(names("briggs").back(), "image.make");
}

TEST(ImageStage, refuses_impossible_images)
{
    auto const specs = image_params();
    EXPECT_THROW(image_settings(Params(specs, {{"imsize", std::int64_t(255)}})), Error);
    EXPECT_THROW(image_settings(Params(specs, {{"imsize", std::int64_t(16384)}, {"cell", 60.0}})), Error);
    EXPECT_THROW(Params(specs, {{"epsilon", 1e-9}}), Error);
    auto const settings =
        image_settings(Params(specs, {{"imsize", std::int64_t(512)}, {"compress", std::string("off")}}));
    EXPECT_EQ(settings.n_pixels, 512);
    EXPECT_EQ(settings.compression, Compression::off);
    EXPECT_DOUBLE_EQ(settings.cell_rad, 6 * arcsec_rad);
}

TEST(ImageStage, says_what_nothing_uses)
{
    auto const idle = [](std::map<std::string, ParamValue> const& given) {
        return image_settings(Params(image_params(), given)).idle;
    };
    EXPECT_TRUE(idle({}).empty());
    EXPECT_TRUE(idle({{"tier", std::string("standard")}, {"mgain", 0.5}}).empty()) << "a tier says more than it needs";
    EXPECT_TRUE(idle({{"niter", std::int64_t(10)}, {"gain", 0.2}}).empty());
    auto const all = idle({{"gain", 0.2}, {"mgain", 0.5}, {"detect", 7.0}, {"mask-least", 3.0}});
    ASSERT_EQ(all.size(), 3U);
    EXPECT_EQ(all[0], "without niter nothing uses gain, mgain");
    EXPECT_THROW(
        image_settings(Params(image_params(), {{"tier", std::string("quicklook")}, {"cube", std::string("subbands")}})),
        Error);
}

TEST(ImageStage, takes_ranges_and_scales_as_other_programs_write_them)
{
    auto const select = [](std::string const& text) {
        return image_settings(Params(image_params(), {{"uvrange", text}})).select;
    };
    EXPECT_EQ(select(">1klambda").uv_min_lambda, 1000);
    EXPECT_EQ(select(">1klambda").uv_max_lambda, 0);
    EXPECT_EQ(select("< 250 lambda").uv_max_lambda, 250);
    EXPECT_EQ(select("0.5~2klambda").uv_min_lambda, 500);
    EXPECT_EQ(select("500lambda~2klambda").uv_max_lambda, 2000);
    for (char const* wrong :
         {"1klambda", ">200m", ">lambda", "5~", "2~1klambda", ">-1lambda", "<0klambda", "0~0lambda"})
        EXPECT_THROW(select(wrong), Error) << wrong;
    EXPECT_THROW(image_settings(Params(image_params(), {{"uvrange", std::string(">1lambda")}, {"minuv-l", 1.0}})),
                 Error);
    auto const scales = image_settings(Params(image_params(), {{"niter", std::int64_t(1)},
                                                               {"multiscale", true},
                                                               {"scales", std::string("[0, 5, 15, 45]")}}))
                            .clean.scales.sizes;
    ASSERT_EQ(scales.size(), 4U);
    EXPECT_EQ(scales[3].pixels, 45);
}

TEST(ImageStage, takes_pixels_by_the_array_and_nothing_else_below_its_bounds)
{
    EXPECT_TRUE(image_settings(Params(image_params(), {{"cell", 0.0}})).cell_by_array);
    EXPECT_FALSE(image_settings(Params(image_params(), {})).cell_by_array);
    EXPECT_THROW(Params(image_params(), {{"cell", 1e-4}}), Error);
}

TEST(ImageStage, makes_dirty_image_and_psf)
{
    auto state = one_source();
    make_image_pass(small_settings())->run(state);
    ASSERT_EQ(state.images.size(), 2U);
    auto const& dirty = state.images[0];
    auto const& psf = state.images[1];
    EXPECT_EQ(dirty.product, Product::dirty);
    EXPECT_EQ(psf.product, Product::psf);
    EXPECT_NEAR(dirty.pixels[60 * n + 200], 2, 4e-4);
    EXPECT_NEAR(psf.pixels[n / 2 * n + n / 2], 1, 2e-4);
    EXPECT_NEAR(dirty.freq_hz, 1.3114e9 + 0.5 * 0.1875e9, 1);  // the mean of the points, not of the header
    EXPECT_DOUBLE_EQ(dirty.bandwidth_hz, 2e8);
    EXPECT_DOUBLE_EQ(dirty.duration_s, 20);
    EXPECT_EQ(dirty.stokes, "I");
    EXPECT_EQ(dirty.weighting, "natural");
    EXPECT_GT(dirty.noise_jy, 0);
    EXPECT_GT(psf.beam.major_rad, 5 * arcsec_rad);
    EXPECT_DOUBLE_EQ(dirty.beam.major_rad, psf.beam.major_rad);
}

TEST(ImageStage, two_ranks_make_what_one_makes)
{
    auto whole = one_source();
    make_image_pass(small_settings())->run(whole);
    for (int rank = 0; rank < 3; ++rank) {
        auto part = one_source();
        part.share = {rank, 3};
        make_image_pass(small_settings())->run(part);
        ASSERT_EQ(part.images.size(), rank < 2 ? 1U : 0U);
        if (rank < 2) {
            EXPECT_EQ(part.images[0].pixels, whole.images[rank].pixels);
        }
    }
}

TEST(ImageStage, says_so_where_everything_is_flagged)
{
    auto state = one_source();
    state.nodes->sum_weight_units = 0;
    try {
        make_image_pass(small_settings())->run(state);
        FAIL() << "an image of nothing was made";
    } catch (Error const& error) {
        EXPECT_EQ(error.code(), Code::bad_input);
        EXPECT_NE(std::string(error.what()).find("2026-01-25T22:26:05"), std::string::npos);
    }
    EXPECT_TRUE(state.images.empty());
}

}  // namespace
}  // namespace nocturne
