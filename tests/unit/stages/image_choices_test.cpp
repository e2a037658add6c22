// What of a group is imaged: the whole stage on a group of one source, run pass by pass as the driver does on one rank.
#include "nocturne/stage.hpp"
#include "sky/beam.hpp"
#include "sky/frames.hpp"
#include "stages/image/settings.hpp"
#include "tests/support/random_group.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace nocturne {
namespace {

constexpr Index n = 128;
constexpr double cell_arcsec = 30;
/// The source's place from the image's centre, and its flux in XX and YY.
constexpr Index source_x = 100, source_y = 30;
constexpr double xx_jy = 3, yy_jy = 2;

using Choice = std::map<std::string, ParamValue>;

/// A point at (l, m), of jy(integration, hand).
template<class Jy>
void add_point(test::RandomGroup& group, double l, double m, Jy const& jy)
{
    double const q = std::sqrt(1 - l * l - m * m) - 1;
    for (Index t = 0; t < group.nt; ++t)
        for (Index b = 0; b < group.nb; ++b)
            for (Index c = 0; c < group.nc; ++c) {
                auto const* uvw = group.uvw_m.data() + (t * group.nb + b) * 3;
                double const phase = 2 * pi * group.freq_hz[static_cast<std::size_t>(c)] / speed_of_light_m_s *
                                     (uvw[0] * l + uvw[1] * m + uvw[2] * q);
                for (Index p = 0; p < 2; ++p) {
                    auto& v = group.vis[static_cast<std::size_t>(((t * group.nb + b) * group.nc + c) * 2 + p)];
                    v = {v.re + static_cast<float>(jy(t, p) * std::cos(phase)),
                         v.im + static_cast<float>(jy(t, p) * std::sin(phase))};
                }
            }
}

void add_steady_source(test::RandomGroup& group)
{
    double const cell = cell_arcsec * arcsec_rad;
    add_point(group, -static_cast<double>(source_x - n / 2) * cell, static_cast<double>(source_y - n / 2) * cell,
              [](Index, Index p) { return p ? yy_jy : xx_jy; });
}

test::RandomGroup group_of_source(Index n_channels = 64)
{
    test::RandomGroupArgs args;
    args.n_integrations = 8;
    args.n_baselines = 60;
    args.n_channels = n_channels;
    args.outliers = 0;
    args.flagged = 0.02;
    test::RandomGroup group(args);
    std::fill(group.vis.begin(), group.vis.end(), Vis{0, 0});
    add_steady_source(group);
    return group;
}

GroupState state_of(test::RandomGroup const& group)
{
    GroupState state;
    state.device = make_device("kokkos");
    auto& header = state.header;
    header.group_id = "2026-01-25T22:26:05";
    header.correlations = {Correlation::XX, Correlation::YY};
    header.freq_hz = group.freq_hz;
    header.channel_width_hz.assign(group.freq_hz.size(), 1e6);
    for (int s = 0; s < 4; ++s) header.subbands.push_back({s, "a", 0, "", s * group.nc / 4, group.nc / 4});
    header.time_mjd_s = group.time_s;
    header.integration_s.assign(group.time_s.size(), 12.9);
    header.baselines = group.baselines;
    for (int a = 0; a < 61; ++a) header.antennas.push_back({std::to_string(a), a, {}, 4.65});
    state.uvw_m = group.uvw_m;
    state.centre = {degrees(40), degrees(35)};
    state.pointings.assign(group.time_s.size(), state.centre);
    return state;
}

/// One rank, all baselines as one block.
void travel(test::RandomGroup& group, Choice choice, GroupState& state)
{
    choice.insert({{"imsize", std::int64_t(n)}, {"cell", cell_arcsec}, {"niter", std::int64_t(0)}});
    auto const& stage = stage_type("image");
    auto const passes = stage.make(Params(stage.params, choice));
    for (auto const& pass : passes) pass->prepare(state);
    for (auto const& pass : passes) {
        auto block = group.block();
        if (pass->scope() == Scope::block)
            pass->run(block, state);
        else
            pass->run(state);
    }
}

GroupState image_of(test::RandomGroup group, Choice const& choice)
{
    auto state = state_of(group);
    travel(group, choice, state);
    return state;
}

Image const& find(GroupState const& state, Product product)
{
    auto const found =
        std::find_if(state.images.begin(), state.images.end(), [&](Image const& i) { return i.product == product; });
    EXPECT_NE(found, state.images.end());
    return *found;
}

float at_source(Image const& image) { return image.pixels[source_y * n + source_x]; }

std::string const natural = "natural";

TEST(ImageChoices, a_range_of_channels_is_the_image_of_a_group_of_these)
{
    auto const whole = group_of_source();
    auto const range = image_of(whole, {{"channels", std::string("16~47")}});
    auto part = test::RandomGroup(whole);
    part.nc = 32;
    part.freq_hz = {whole.freq_hz.begin() + 16, whole.freq_hz.begin() + 48};
    part.vis.clear(), part.flag.clear(), part.weight.clear();
    for (Index row = 0; row < whole.nt * whole.nb; ++row)
        for (Index i = 16 * 2; i < 48 * 2; ++i) {
            auto const at = static_cast<std::size_t>(row * whole.nc * 2 + i);
            part.vis.push_back(whole.vis[at]);
            part.flag.push_back(whole.flag[at]);
            part.weight.push_back(whole.weight[at]);
        }
    auto const alone = image_of(part, {});
    EXPECT_EQ(find(range, Product::dirty).pixels, find(alone, Product::dirty).pixels);
    EXPECT_EQ(find(range, Product::psf).pixels, find(alone, Product::psf).pixels);
    EXPECT_DOUBLE_EQ(find(range, Product::dirty).freq_hz, find(alone, Product::dirty).freq_hz);
    EXPECT_DOUBLE_EQ(find(range, Product::dirty).bandwidth_hz, 32e6);
    ASSERT_TRUE(range.nodes) << "the report draws them";
    EXPECT_LT(range.counts.used, 0) << "what is left out moves";
    EXPECT_GT(range.counts.by_reason[5], 0) << "to flag_static";
    EXPECT_EQ(range.counts.total(), 0) << "and nothing is lost";
    EXPECT_THROW(image_of(whole, {{"channels", std::string("64~70")}}), Error);
    EXPECT_DOUBLE_EQ(find(image_of(whole, {{"channels", std::string("5")}}), Product::dirty).freq_hz, whole.freq_hz[5]);
    for (auto const* wrong : {"5.5", "5 MHz", "3~1", "a~b", "1~2pc", "0.5~1"})
        EXPECT_THROW(image_of(whole, {{"channels", std::string(wrong)}}), Error) << wrong;
    auto const hertz = image_of(whole, {{"channels", std::string("1.342~1.404 GHz")}});
    EXPECT_EQ(find(hertz, Product::dirty).pixels, find(range, Product::dirty).pixels);
}

TEST(ImageChoices, channels_of_a_cube_are_images_of_these_channels)
{
    auto const group = group_of_source();
    for (auto const* cube : {"subbands", "4"}) {
        Choice const choice{{"niter", std::int64_t(30)}, {"cube", std::string(cube)}};
        auto const all = image_of(group, choice);
        auto const third = image_of(group, {{"niter", std::int64_t(30)}, {"channels", std::string("32~47")}});
        int compared = 0;
        for (auto const& [plane, image] : all.planes) {
            if (plane != 2) continue;
            EXPECT_EQ(image.pixels, find(third, image.product).pixels) << name(image.product);
            EXPECT_GT(image.beam.major_rad, 0);
            ++compared;
        }
        EXPECT_GE(compared, 5);
        ASSERT_EQ(all.cubes.size(), 1U);
        auto const& whole = all.cubes[0];
        EXPECT_EQ(whole.product, Product::image);
        ASSERT_EQ(whole.planes.size(), 4U);
        EXPECT_EQ(whole.pixels.size(), static_cast<std::size_t>(4 * n * n));
        EXPECT_NEAR(whole.planes[1].freq_hz - whole.planes[0].freq_hz, 16 * 244140.625 * 8, 1);
        EXPECT_TRUE(std::equal(whole.pixels.begin() + 2 * n * n, whole.pixels.begin() + 3 * n * n,
                               find(third, Product::image).pixels.begin()));
        EXPECT_EQ(find(all, Product::image).pixels,
                  find(image_of(group, {{"niter", std::int64_t(30)}}), Product::image).pixels);
    }
}

TEST(ImageChoices, a_channel_without_a_visibility_is_blank)
{
    auto group = group_of_source();
    for (Index row = 0; row < group.nt * group.nb; ++row)
        for (Index i = 16 * 2; i < 32 * 2; ++i) group.flag[static_cast<std::size_t>(row * group.nc * 2 + i)] = flag_rfi;
    auto const all = image_of(group, {{"cube", std::string("4")}});
    ASSERT_EQ(all.cubes.size(), 1U);
    EXPECT_TRUE(std::isnan(all.cubes[0].pixels[n * n + 5]));
    EXPECT_FALSE(std::isnan(all.cubes[0].pixels[2 * n * n + 5]));
    EXPECT_TRUE(std::none_of(all.planes.begin(), all.planes.end(), [](PlaneImage const& p) { return p.plane == 1; }));
}

TEST(ImageChoices, baselines_outside_a_range_have_no_weight)
{
    auto group = group_of_source();
    auto state = state_of(group);
    double low = 0, high = 0;
    Index used = 0;
    state.keep = [&](ImagedVisibilities&& kept) {
        low = 1e9;
        for (std::size_t row = 0; row < kept.uvw_m.size() / 3; ++row)
            for (Index c = 0; c < kept.n_channels; ++c) {
                if (!(kept.weight[row * static_cast<std::size_t>(kept.n_channels) + static_cast<std::size_t>(c)] > 0))
                    continue;
                double const length = std::hypot(kept.uvw_m[3 * row], kept.uvw_m[3 * row + 1]) *
                                      group.freq_hz[static_cast<std::size_t>(c)] / speed_of_light_m_s;
                low = std::min(low, length), high = std::max(high, length);
                ++used;
            }
    };
    travel(group, {{"minuv-l", 200.0}, {"maxuv-l", 2000.0}}, state);
    EXPECT_GT(used, 1000);
    EXPECT_GE(low, 200);
    EXPECT_LT(low, 250);
    EXPECT_LT(high, 2000);
    EXPECT_GT(high, 1900);
    EXPECT_GT(state.counts.by_reason[5], 0);
    EXPECT_EQ(state.counts.total(), 0) << "nothing is lost";
    EXPECT_DOUBLE_EQ(find(state, Product::dirty).uv_min_lambda, 200);
    EXPECT_THROW(image_of(group, {{"minuv-l", 200.0}, {"maxuv-l", 100.0}}), Error);
    EXPECT_THROW(image_of(group, {{"minuv-l", 1e9}}), Error);
}

TEST(ImageChoices, a_taper_widens_the_beam_by_its_width)
{
    auto const group = group_of_source();
    for (auto const* weighting : {"natural", "uniform", "briggs"}) {
        Choice choice{{"weighting", std::string(weighting)}};
        auto const sharp = find(image_of(group, choice), Product::psf).beam;
        choice["taper"] = 150.0;
        auto const tapered = image_of(group, choice);
        auto const wide = find(tapered, Product::psf).beam;
        double const expected = std::hypot(sharp.minor_rad, 150 * arcsec_rad);
        EXPECT_GT(wide.minor_rad, 0.9 * expected) << weighting;  // the beam itself is no Gaussian
        EXPECT_LT(wide.minor_rad, 1.6 * expected) << weighting;
        EXPECT_NEAR(at_source(find(tapered, Product::dirty)), 2.5, 0.01) << "a point source keeps its peak";
    }
}

TEST(ImageChoices, averaging_costs_a_source_no_more_than_it_may)
{
    auto const group = group_of_source();
    auto const exact = image_of(group, {{"weighting", natural}});
    double const flux = static_cast<double>(at_source(find(exact, Product::dirty)));
    EXPECT_NEAR(flux, 2.5, 1e-3);
    double before = 1;
    for (double loss : {1e-4, 1e-3, 1e-2, 1e-1}) {
        auto const mean = image_of(group, {{"weighting", natural}, {"averaging", loss}});
        double const left = static_cast<double>(at_source(find(mean, Product::dirty))) / flux;
        EXPECT_GE(left, 1 - 1.1 * loss - 1e-4) << loss;
        EXPECT_LE(left, 1 + 1e-4) << loss;
        EXPECT_LE(left, before + 1e-4);
        before = left;
        EXPECT_LT(mean.nodes->geometry.n_points, group.nt * group.nb * group.nc) << loss;
        EXPECT_DOUBLE_EQ(find(mean, Product::dirty).averaging_loss, loss);
        EXPECT_NE(std::find_if(
                      mean.notes.begin(), mean.notes.end(),
                      [](std::string const& note) { return note.find("averaged by baseline") != std::string::npos; }),
                  mean.notes.end());
    }
    EXPECT_LT(before, 0.999) << "something was averaged";
    auto const clean = image_of(group, {{"averaging", 1e-3}, {"niter", std::int64_t(200)}});
    EXPECT_NEAR(at_source(find(clean, Product::image)), 2.5, 0.02);
}

TEST(ImageChoices, stokes_q_is_half_the_difference_of_the_hands)
{
    auto const group = group_of_source();
    auto const q = image_of(group, {{"stokes", std::string("Q")}, {"niter", std::int64_t(100)}});
    EXPECT_NEAR(at_source(find(q, Product::image)), 0.5, 0.01);
    EXPECT_EQ(find(q, Product::image).stokes, "Q");
    EXPECT_THROW(image_of(group, {{"stokes", std::string("U")}}), Error);
    auto turned = group;
    for (std::size_t i = 0; i < turned.vis.size(); i += 2) std::swap(turned.vis[i], turned.vis[i + 1]);
    for (std::size_t i = 0; i < turned.flag.size(); i += 2) std::swap(turned.flag[i], turned.flag[i + 1]);
    auto const negative = image_of(turned, {{"stokes", std::string("Q")}, {"niter", std::int64_t(100)}});
    EXPECT_NEAR(at_source(find(negative, Product::image)), -0.5, 0.01);
    Choice const bent{{"stokes", std::string("Q")}, {"niter", std::int64_t(100)}, {"nterms", std::int64_t(2)}};
    auto const indices = image_of(turned, bent).spectra, of_positive = image_of(group, bent).spectra;
    ASSERT_EQ(indices.size(), 2U);
    for (std::size_t k = 0; k < 2; ++k)  // negative sources have an index, too, and its error no sign
        EXPECT_NEAR(at_source(indices[k]), at_source(of_positive[k]), 1e-4);
}

TEST(ImageChoices, a_beam_of_a_file_is_that_beam)
{
    auto group = group_of_source();
    auto const beams = [&](Choice const& choice, std::shared_ptr<BeamMap const> map) {
        auto state = state_of(group);
        state.beam_map = std::move(map);
        Choice wide{{"niter", std::int64_t(10)}, {"cell", 100.0}};
        wide.insert(choice.begin(), choice.end());
        travel(group, wide, state);
        return state;
    };
    auto map = std::make_shared<BeamMap>();
    map->n_x = map->n_y = 301;
    map->x0 = map->y0 = 150;
    map->step_l = -60 * arcsec_rad, map->step_m = 60 * arcsec_rad;
    map->freq_hz = 1.4e9;
    for (int y = 0; y < 301; ++y)
        for (int x = 0; x < 301; ++x)
            map->power.push_back(
                static_cast<float>(airy_power(4.65, std::hypot(x - 150, y - 150) * 60 * arcsec_rad, 1.4e9)));
    auto const airy = beams({}, nullptr), file = beams({{"beam-file", std::string("b.fits")}}, map),
               gauss = beams({{"model-beam", std::string("gaussian")}}, nullptr);
    auto const &a = find(airy, Product::pb), &f = find(file, Product::pb), &g = find(gauss, Product::pb);
    for (std::size_t i = 0; i < a.pixels.size(); ++i) {
        EXPECT_NEAR(f.pixels[i], a.pixels[i], 2e-4) << i;
        if (a.pixels[i] > 0.45F) {
            EXPECT_NEAR(g.pixels[i], a.pixels[i], 0.02) << i;
        }
    }
    EXPECT_EQ(a.beam_model, "AIRY");
    EXPECT_EQ(f.beam_model, "FITS");
    EXPECT_EQ(g.beam_model, "GAUSSIAN");
    EXPECT_EQ(f.dish_m, 0);
    EXPECT_THROW(beams({{"model-beam", std::string("file")}}, nullptr), Error);
}

TEST(ImageChoices, what_clean_would_use_is_named_where_there_is_none)
{
    auto const state = image_of(group_of_source(), {{"multiscale", true}, {"nterms", std::int64_t(2)}});
    EXPECT_TRUE(std::any_of(state.notes.begin(), state.notes.end(), [](std::string const& note) {
        return note.find("no CLEAN to use multiscale, nterms = 2") != std::string::npos;
    }));
}

/// A steady source in noise, and one that shines from the third to the sixth of eight integrations.
test::RandomGroup long_burst()
{
    test::RandomGroupArgs args;
    args.n_integrations = 8;
    args.n_baselines = 60;
    args.n_channels = 64;
    args.outliers = 0;
    test::RandomGroup group(args);
    add_steady_source(group);
    double const cell = cell_arcsec * arcsec_rad;
    add_point(group, 20 * cell, 10 * cell, [](Index t, Index) { return t >= 2 && t < 6 ? 0.5 : 0; });
    return group;
}

TEST(ImageChoices, with_cleans_model_taken_out_a_long_burst_is_found_and_no_steady_source)
{
    auto const group = long_burst();
    auto const search = [&](std::string const& subtract) {
        return image_of(group, {{"niter", std::int64_t(600)},
                                {"per-integration", true},
                                {"snapshot-subtract", subtract},
                                {"snapshot-size", std::int64_t(256)},
                                {"snapshot-cell", 15.0}})
            .candidates;
    };
    auto const near_steady = [](Candidate const& c) {
        return std::hypot(c.x_pix - (128 + 2 * (source_x - 64)), c.y_pix - (128 + 2 * (source_y - 64))) < 6;
    };
    auto const plain = search("none");
    EXPECT_EQ(std::count_if(plain.begin(), plain.end(), near_steady), 8);
    for (auto const* subtract : {"model", "neighbours"}) {
        auto found = search(subtract);
        EXPECT_EQ(std::count_if(found.begin(), found.end(), near_steady), 0) << subtract;
        if (std::string(subtract) == "neighbours") continue;
        // CLEAN gave the burst the half of its flux that it has on average, so about half stands out while it shines: a source that
        // varies is no point to CLEAN, which puts more on its sidelobes.
        // In the other four integrations, too much was taken out.
        EXPECT_EQ(std::erase_if(found, [](Candidate const& c) { return c.flux_jy < 0; }), 4U);
        ASSERT_EQ(found.size(), 4U);
        EXPECT_GT(std::min(found[1].flux_jy, found[2].flux_jy), 0.7 * std::max(found[0].flux_jy, found[3].flux_jy))
            << "no line between neighbours is taken out of a long burst's middle";
        for (std::size_t k = 0; k < found.size(); ++k) {
            EXPECT_EQ(found[k].integration, static_cast<std::int64_t>(k) + 2);
            EXPECT_NEAR(found[k].x_pix, 128 - 40, 1);
            EXPECT_NEAR(found[k].y_pix, 128 + 20, 1);
            EXPECT_NEAR(found[k].flux_jy, 0.25, 0.15);  // what CLEAN made of it, noise, sidelobes
        }
    }
}

TEST(ImageChoices, without_a_fit_the_beam_is_that_of_the_uv_plane)
{
    auto const group = group_of_source(16);
    auto const fitted = find(image_of(group, {}), Product::psf).beam;
    for (double const cell : {0.05, 600.0}) {
        auto const state = image_of(group, {{"cell", cell}, {"niter", std::int64_t(20)}});
        auto const beam = find(state, Product::image).beam;
        if (cell < 1) {
            EXPECT_NEAR(beam.major_rad / fitted.major_rad, 1, 0.1);
        }
        EXPECT_GE(beam.minor_rad, 2 * cell * arcsec_rad);
        EXPECT_EQ(find(state, Product::psf).beam.major_rad, beam.major_rad);
        EXPECT_TRUE(std::any_of(state.notes.begin(), state.notes.end(), [](std::string const& note) {
            return note.find("own sum falls to half") != std::string::npos;
        }));
    }
}

}  // namespace
}  // namespace nocturne
