// The primary beam of a group against the sum it stands for, pixel by pixel; restoring; the list of what CLEAN is told.
#include "stages/image/primary_beam.hpp"
#include "stages/image/settings.hpp"

#include "sky/beam.hpp"
#include "sky/frames.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace nocturne {
namespace {

BeamWeights uneven_weights(Index moments)
{
    BeamWeights weights;
    weights.n_moments = moments;
    weights.freq_hz = {1.3e9, 1.36e9, 1.42e9, 1.5e9};
    weights.n_groups = 4;
    for (Index m = 0; m < moments; ++m)
        for (std::int64_t g = 0; g < 4; ++g) weights.units.push_back(m == 2 ? 0 : 1000 + 100 * g + 50 * m);
    return weights;
}

/// The definition, by angles on the sphere.
double by_definition(PrimaryBeamArgs const& args, Index y, Index x)
{
    Index const half = args.geometry.n_pixels / 2;
    auto const at = direction_at(-static_cast<double>(x - half) * args.geometry.cell_rad,
                                 static_cast<double>(y - half) * args.geometry.cell_rad, args.geometry.centre);
    double sum = 0, total = 0;
    for (Index m = 0; m < args.weights.n_moments; ++m)
        for (Index g = 0; g < args.weights.n_groups; ++g) {
            auto const w =
                static_cast<double>(args.weights.units[static_cast<std::size_t>(m * args.weights.n_groups + g)]);
            double const sine = std::sin(separation(at, args.pointings[static_cast<std::size_t>(m)]).value());
            sum += w * airy_power(args.beam.dish_m(), sine, args.weights.freq_hz[static_cast<std::size_t>(g)]);
            total += w;
        }
    return sum / total;
}

TEST(PrimaryBeam, is_the_weighted_mean_over_a_drift)
{
    for (double dec : {0.0, 54.6, 85.0}) {
        Direction const centre{degrees(359.8), degrees(dec)};
        std::vector<Direction> pointings;
        for (int m = 0; m < 5; ++m) pointings.push_back({degrees(359.2 + 0.3 * m), degrees(dec + 0.01 * m)});
        auto const weights = uneven_weights(5);
        PrimaryBeamArgs const args{{510, 30 * arcsec_rad, centre}, pointings, weights, {ModelBeam::airy, 4.65}};
        auto const pb = primary_beam(args);
        for (Index y : {0, 1, 100, 255, 256, 500, 509})
            for (Index x : {0, 37, 254, 255, 400, 509})
                EXPECT_NEAR(static_cast<double>(pb[static_cast<std::size_t>(y * 510 + x)]), by_definition(args, y, x),
                            2e-6)
                    << "declination " << dec << ", pixel " << x << ", " << y;
    }
}

TEST(PrimaryBeam, needs_one_kind_of_dish)
{
    GroupHeader header;
    header.antennas = {{"a", 0, {}, 4.65}, {"b", 1, {}, 4.65}, {"c", 2, {}, 25}};
    header.baselines = {{0, 1}};
    EXPECT_EQ(common_dish_m(header), 4.65);
    header.baselines.push_back({1, 2});
    EXPECT_EQ(common_dish_m(header), 0);
}

TEST(CleanSettings, take_the_names_and_units_of_the_contract)
{
    auto const specs = image_params();
    auto const clean = [&](std::map<std::string, ParamValue> const& given) {
        return image_settings(Params(specs, given)).clean;
    };
    EXPECT_EQ(clean({}).mgain, 0.8);
    EXPECT_EQ(clean({}).gain, 0.1);
    EXPECT_EQ(clean({}).auto_mask, 5);
    EXPECT_EQ(clean({}).auto_threshold, 1);
    EXPECT_EQ(clean({}).pb_limit, 0.2);
    EXPECT_EQ(clean({}).threshold_jy, 0);
    EXPECT_DOUBLE_EQ(clean({{"threshold", std::string("5mJy")}}).threshold_jy, 5e-3);
    EXPECT_DOUBLE_EQ(clean({{"threshold", std::string("0.0Jy")}}).threshold_jy, 0);
    EXPECT_DOUBLE_EQ(clean({{"threshold", std::string("0.25")}}).threshold_jy, 0.25);
    EXPECT_DOUBLE_EQ(clean({{"threshold", std::string("30 uJy")}}).threshold_jy, 3e-5);
    for (auto const* bad : {"much", "-1", "5 kJy", ""})
        EXPECT_THROW(clean({{"threshold", std::string(bad)}}), Error) << bad;
    EXPECT_EQ(clean({{"deconvolver", std::string("clark")}}).deconvolver, Deconvolver::clark);
}

}  // namespace
}  // namespace nocturne
