// The predictor against a sum over fine steps of time and frequency, with the geometry taken from ERFA at every step.
#include "sky/predictor.hpp"
#include "nocturne/error.hpp"
#include "sky/beam.hpp"
#include "sky/phasing.hpp"

#include <gtest/gtest.h>
#include <cmath>
#include <complex>

namespace nocturne {
namespace {

EarthOrientation const& earth()
{
    static auto const table = EarthOrientation::load(NOCTURNE_SOURCE_DIR "/jobs/earth/earth_orientation.txt");
    return table;
}

GroupHeader small_group(PhaseReference reference, double dec_deg)
{
    GroupHeader h;
    h.site = {"OVRO_MMA", 37.2334 * degree_rad, -118.2834 * degree_rad, 1188, "header"};
    h.centres.front().kind = reference;
    h.centres.front().direction = {degrees(12), degrees(dec_deg)};
    for (int c = 0; c < 21; ++c) h.freq_hz.push_back(1.31e9 + 244140.625 * c + (c > 15 ? 1e6 : 0));  // a gap
    h.channel_width_hz.assign(h.freq_hz.size(), 244140.625);
    h.time_mjd_s = {61000.3 * day_s, 61000.3 * day_s + 150};
    h.integration_s = {12.884901888, 12.884901888};
    h.correlations = {Correlation::XX};
    double const xyz[3][3] = {{0, 0, 0}, {1049, 700, 1471}, {-935, 358, -175}};
    for (int a = 0; a < 3; ++a) h.antennas.push_back({std::to_string(a), a, {xyz[a][0], xyz[a][1], xyz[a][2]}, 4.65});
    h.baselines = {{0, 0}, {0, 1}, {0, 2}, {1, 2}};
    return h;
}

/// s − s0 at `steps` times over integration t: both directions are fixed to the sky at the middle.
std::vector<Vec3> directions(GroupHeader const& h, Index t, Direction source, int steps)
{
    Instant const middle(h.site, earth(), MjdSeconds(h.time_mjd_s[t]));
    Direction stopped = h.centres.front().direction;
    if (h.centres.front().kind == PhaseReference::meridian) stopped = middle.meridian(stopped.dec);
    std::vector<Vec3> all;
    for (int i = 0; i < steps; ++i) {
        double const offset_s = ((i + 0.5) / steps - 0.5) * h.integration_s[t];
        Instant const now(h.site, earth(), MjdSeconds(h.time_mjd_s[t] + offset_s));
        auto s = now.itrs(now.apparent(source));
        auto const s0 = now.itrs(now.apparent(stopped));
        for (std::size_t k = 0; k < 3 && h.centres.front().kind != PhaseReference::unphased; ++k) s[k] -= s0[k];
        all.push_back(s);
    }
    return all;
}

std::complex<double> fine_sum(GroupHeader const& h, std::vector<Vec3> const& toward, Index b, Index c,
                              Smearing smearing)
{
    auto const &one = h.antennas[h.baselines[b].ant1].position_m, &two = h.antennas[h.baselines[b].ant2].position_m;
    int const nf = smearing == Smearing::sky ? 40 : 1;
    std::complex<double> sum;
    for (auto const& s : toward) {
        double const delay = (dot(two, s) - dot(one, s)) / speed_of_light_m_s;
        for (int k = 0; k < nf; ++k) {
            double const f = h.freq_hz[c] + ((k + 0.5) / nf - 0.5) * h.channel_width_hz[c];
            sum += std::polar(1.0, 2 * pi * std::remainder(f * delay, 1.0));
        }
    }
    return sum / (static_cast<double>(toward.size()) * nf);
}

double worst_against_sum(GroupHeader const& h, Source const& source, SkyOptions const& options)
{
    Predictor const predictor(h, {source}, options, earth());
    Index const n = std::ssize(h.freq_hz);
    double worst = 0;
    for (Index t = 0; t < 2; ++t) {
        auto const toward = directions(h, t, source.direction, options.smearing == Smearing::sky ? 150 : 1);
        for (Index b = 0; b < std::ssize(h.baselines); ++b) {
            std::vector<float> re(n, 0.0F), im(n, 0.0F);
            predictor.add_row(t, b, 0, n, re.data(), im.data());
            for (Index c : {0L, 7L, 15L, 16L, 20L}) {
                auto const expected = source.flux_at(h.freq_hz[c]) * fine_sum(h, toward, b, c, options.smearing);
                worst = std::max(worst, std::abs(std::complex<double>(re[c], im[c]) - expected));
            }
        }
    }
    return worst;
}

TEST(Predictor, EqualsAFineSumOverTimeAndFrequency)
{
    for (double dec_deg : {-20.0, 54.6, 85.0}) {
        auto const h = small_group(PhaseReference::meridian, dec_deg);
        auto const centre = default_centre(h, earth());
        Source const near{"near", direction_at(0.004, -0.006, centre), 1, -0.7},
            far{"far", direction_at(0.025, 0.02, centre), 1, 0.5};
        SkyOptions options{BeamModel::none, Smearing::none, Aberration::each};
        EXPECT_LT(worst_against_sum(h, near, options), 5e-6) << dec_deg;
        options.smearing = Smearing::sky;
        EXPECT_LT(worst_against_sum(h, near, options), 1e-5) << dec_deg;
        EXPECT_LT(worst_against_sum(h, far, options), 6e-5) << dec_deg;
    }
}

TEST(Predictor, KnowsPhasedAndUnphasedFiles)
{
    for (auto reference : {PhaseReference::icrs, PhaseReference::unphased}) {
        auto h = small_group(reference, 40);
        h.integration_s = {0.5, 0.5};  // the fringes of unphased data turn fast
        auto const centre = default_centre(h, earth());
        Source const source{"", direction_at(0.004, -0.006, centre), 1, 0};
        EXPECT_LT(worst_against_sum(h, source, {BeamModel::none, Smearing::sky, Aberration::each}), 2e-5);
    }
}

TEST(Predictor, CommonAberrationIsWhatUvwAndDirectionCosinesSay)
{
    auto const h = small_group(PhaseReference::meridian, 54.6);
    auto const centre = default_centre(h, earth());
    double const l = 0.02, m = -0.01;
    Predictor const predictor(h, {{"", direction_at(l, m, centre), 2, 0}},
                              {BeamModel::none, Smearing::none, Aberration::common}, earth());
    auto const times = instants(h, earth());
    auto const toward = GroupMoments(h, earth()).stopped_toward(1);
    auto const uvw = antenna_uvw_m(h.antennas, {times[1].uvw_axes(centre)});
    float re[1] = {}, im[1] = {};
    predictor.add_row(1, 1, 5, 1, re, im);
    double const path = (uvw[3] - uvw[0]) * l + (uvw[4] - uvw[1]) * m +
                        (uvw[5] - uvw[2]) * std::sqrt(1 - l * l - m * m) -
                        (dot(toward, h.antennas[1].position_m) - dot(toward, h.antennas[0].position_m));
    auto const expected = std::polar(2.0, 2 * pi * std::remainder(h.freq_hz[5] * path / speed_of_light_m_s, 1.0));
    EXPECT_NEAR(re[0], expected.real(), 2e-6);
    EXPECT_NEAR(im[0], expected.imag(), 2e-6);
}

/// A Gaussian as a sum of points on its tangent plane.
TEST(Predictor, GaussiansAreTheirOwnSum)
{
    for (double dec_deg : {-20.0, 54.6, 85.0}) {
        auto const h = small_group(PhaseReference::meridian, dec_deg);
        auto const centre = default_centre(h, earth());
        Source wide{"wide", direction_at(0.004, -0.006, centre), 2, -0.7};
        wide.major_rad = 90 * arcsec_rad, wide.minor_rad = 40 * arcsec_rad, wide.pa_rad = 0.6;
        std::vector<Source> points;
        double total = 0;
        for (int i = -36; i <= 36; ++i)
            for (int j = -36; j <= 36; ++j) {
                double const along = i / 8.0, across = j / 8.0,
                             share = std::exp(-0.5 * (along * along + across * across));
                double const a = along * wide.major_rad / 2.3548200450309493,
                             b = across * wide.minor_rad / 2.3548200450309493;
                double const north = a * std::cos(0.6) - b * std::sin(0.6),
                             east = a * std::sin(0.6) + b * std::cos(0.6);
                points.push_back({"", direction_at(east, north, wide.direction), share, -0.7});
                total += share;
            }
        for (auto& point : points) point.flux_jy *= wide.flux_jy / total;
        SkyOptions const options{BeamModel::none, Smearing::none, Aberration::common};
        Predictor const one(h, {wide}, options, earth()), many(h, points, options, earth());
        Index const n = std::ssize(h.freq_hz);
        double least = 1e9;
        for (Index b = 0; b < std::ssize(h.baselines); ++b) {
            std::vector<float> re(n, 0.0F), im(n, 0.0F), re_of_sum(n, 0.0F), im_of_sum(n, 0.0F);
            one.add_row(1, b, 0, n, re.data(), im.data());
            many.add_row(1, b, 0, n, re_of_sum.data(), im_of_sum.data());
            for (Index c = 0; c < n; ++c) {
                EXPECT_NEAR(re[c], re_of_sum[c], 3e-4) << dec_deg << " baseline " << b;
                EXPECT_NEAR(im[c], im_of_sum[c], 3e-4);
                least = std::min<double>(least, std::hypot(re[c], im[c]));
            }
        }
        EXPECT_LT(least, 1.9) << "some baseline resolves it";
    }
}

TEST(Predictor, DisksAreTheirOwnSum)
{
    auto const h = small_group(PhaseReference::meridian, 54.6);
    auto const centre = default_centre(h, earth());
    Source wide{"wide", direction_at(0.004, -0.006, centre), 2, -0.7};
    wide.major_rad = 200 * arcsec_rad, wide.minor_rad = 80 * arcsec_rad, wide.pa_rad = 0.6, wide.disk = true;
    std::vector<Source> points;
    for (int i = -60; i <= 60; ++i)
        for (int j = -60; j <= 60; ++j) {
            double const along = i / 60.25, across = j / 60.25;
            if (along * along + across * across > 1) continue;
            double const a = along * wide.major_rad / 2, b = across * wide.minor_rad / 2;
            points.push_back({"",
                              direction_at(a * std::sin(0.6) + b * std::cos(0.6), a * std::cos(0.6) - b * std::sin(0.6),
                                           wide.direction),
                              1, -0.7});
        }
    for (auto& point : points) point.flux_jy = wide.flux_jy / static_cast<double>(points.size());
    SkyOptions const options{BeamModel::none, Smearing::none, Aberration::common};
    Predictor const one(h, {wide}, options, earth()), many(h, points, options, earth());
    Index const n = std::ssize(h.freq_hz);
    double least = 1e9;
    for (Index b = 0; b < std::ssize(h.baselines); ++b) {
        std::vector<float> re(n, 0.0F), im(n, 0.0F), re_of_sum(n, 0.0F), im_of_sum(n, 0.0F);
        one.add_row(1, b, 0, n, re.data(), im.data());
        many.add_row(1, b, 0, n, re_of_sum.data(), im_of_sum.data());
        for (Index c = 0; c < n; ++c) {
            EXPECT_NEAR(re[c], re_of_sum[c], 3e-3) << "baseline " << b;
            EXPECT_NEAR(im[c], im_of_sum[c], 3e-3);
            least = std::min<double>(least, std::hypot(re[c], im[c]));
        }
    }
    EXPECT_LT(least, 0.3) << "some baseline resolves it";
}

TEST(Predictor, BeamIsThatOfTheDriftingMeridian)
{
    auto const h = small_group(PhaseReference::meridian, 0);
    auto const centre = default_centre(h, earth());
    Source const source{"", direction_at(0.01, 0.02, centre), 1, 0};
    Predictor const predictor(h, {source}, {BeamModel::airy, Smearing::none, Aberration::common}, earth());
    for (Index t = 0; t < 2; ++t) {
        Instant const now(h.site, earth(), MjdSeconds(h.time_mjd_s[t]));
        double const angle = separation(now.meridian(Radians(0)), source.direction).value();
        EXPECT_NEAR(predictor.beam(t, 0, 3), airy_power(4.65, std::sin(angle), h.freq_hz[3]), 2e-5);
        float re[1] = {}, im[1] = {};
        predictor.add_row(t, 0, 3, 1, re, im);
        EXPECT_NEAR(re[0], predictor.beam(t, 0, 3), 1e-6);  // an autocorrelation
    }
    EXPECT_GT(std::abs(predictor.beam(1, 0, 3) - predictor.beam(0, 0, 3)), 1e-3);
}

TEST(Predictor, RefusesBaselinesWithTimesOfTheirOwn)
{
    auto h = small_group(PhaseReference::meridian, 30);
    h.moments = h.all_moments();
    for (std::int32_t t = 0; t < 2; ++t)
        for (std::size_t b = 0; b < h.baselines.size(); ++b) h.moment_of.push_back(t);
    try {
        Predictor const sky(h, {}, {}, earth());
        FAIL() << "no error";
    } catch (Error const& error) {
        EXPECT_EQ(error.code(), Code::bad_input);
        EXPECT_NE(std::string(error.what()).find("times of their own"), std::string::npos) << error.what();
    }
}

TEST(Predictor, RefusesABeamOfSeveralDishes)
{
    auto h = small_group(PhaseReference::meridian, 0);
    h.antennas[1].diameter_m = 14;
    EXPECT_THROW(Predictor(h, {}, {}, earth()), Error);
    EXPECT_NO_THROW(Predictor(h, {}, {BeamModel::none, Smearing::sky, Aberration::common}, earth()));
}

}  // namespace
}  // namespace nocturne
