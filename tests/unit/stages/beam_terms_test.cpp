// The beam's drift as a few functions of time and frequency, against the Airy pattern by angles on the sphere.
#include "stages/image/beam_terms.hpp"

#include "sky/beam.hpp"
#include "sky/frames.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace nocturne {
namespace {

/// Five minutes of drift over a dish of 4.65 m, the second integration flagged.
struct Drift {
    Direction centre;
    std::vector<double> time_s;
    std::vector<Direction> pointings;
    BeamWeights weights;

    explicit Drift(double dec_deg) : centre{degrees(0.4), degrees(dec_deg)}
    {
        weights.n_moments = 9;
        weights.freq_hz = {1.32e9, 1.36e9, 1.40e9, 1.44e9, 1.48e9};
        weights.n_groups = 5;
        for (int m = 0; m < 9; ++m) {
            time_s.push_back(5e9 + 36 * m);
            double const ra = 0.4 + 36 * (m - 4) * 360.9856 / 86400;
            pointings.push_back({degrees(ra < 0 ? ra + 360 : ra), degrees(dec_deg)});
            for (int g = 0; g < 5; ++g) weights.units.push_back(m == 1 ? 0 : 1000 + 10 * m + 50 * g);
        }
    }
    BeamTerms terms() const { return BeamTerms({time_s, pointings, weights, centre, {ModelBeam::airy, 4.65}}); }
    double power(double l, double m, std::size_t moment, double freq_hz) const
    {
        auto const at = direction_at(l, m, centre);
        return airy_power(4.65, std::sin(separation(at, pointings[moment]).value()), freq_hz);
    }
    double mean(double l, double m) const
    {
        double sum = 0, total = 0;
        for (std::size_t i = 0; i < weights.units.size(); ++i) {
            auto const w = static_cast<double>(weights.units[i]);
            sum += w * power(l, m, i / 5, weights.freq_hz[i % 5]);
            total += w;
        }
        return sum / total;
    }
};

TEST(BeamTerms, follow_the_beam_in_time_and_frequency)
{
    for (double dec : {0.0, 54.6, 85.0}) {
        Drift const drift(dec);
        auto const terms = drift.terms();
        for (auto [l, m] : {std::pair{0.0, 0.0}, {0.012, -0.01}, {-0.022, 0.004}, {0.0, 0.024}}) {
            auto const c = terms.at(l, m);
            double const mean = drift.mean(l, m);
            double worst = 0, moves = 0, fitted = 0, total = 0;
            for (std::size_t i = 0; i < drift.weights.units.size(); ++i) {
                if (drift.weights.units[i] == 0) continue;
                auto const phi = terms.functions(drift.time_s[i / 5], drift.weights.freq_hz[i % 5]);
                double r = 0;
                for (std::size_t j = 0; j < BeamTerms::count; ++j) r += c[j] * phi[j];
                double const right = drift.power(l, m, i / 5, drift.weights.freq_hz[i % 5]) / mean;
                worst = std::max(worst, std::abs(r - right));
                moves = std::max(moves, std::abs(right - 1));
                fitted += static_cast<double>(drift.weights.units[i]) * r;
                total += static_cast<double>(drift.weights.units[i]);
            }
            EXPECT_LT(worst, 0.12 * moves + 1e-3)
                << dec << " " << l << " " << m << ", where the beam moves by " << moves;
            EXPECT_LT(worst, 0.03);
            EXPECT_NEAR(fitted / total, 1, 1e-6) << "apparent fluxes keep their meaning";
        }
    }
    Drift const drift(0);
    auto const edge = drift.terms().at(-0.022, 0.004);
    EXPECT_GT(std::abs(edge[1]), 0.1) << "a drift at declination 0 is seen";
}

TEST(BeamTerms, leave_what_a_group_cannot_tell)
{
    Drift drift(54.6);
    drift.time_s.resize(1);
    drift.pointings.resize(1);
    drift.weights.units.resize(1);
    drift.weights.n_moments = drift.weights.n_groups = 1;
    drift.weights.freq_hz.resize(1);
    auto const c = drift.terms().at(0.02, 0);
    EXPECT_NEAR(c[0], 1, 1e-6);
    for (std::size_t j = 1; j < BeamTerms::count; ++j) EXPECT_EQ(c[j], 0);
}

/// Two integrations, or 17 to 32 channels (two frequencies of weights), do not know a parabola from a constant.
TEST(BeamTerms, are_steady_between_two_times_and_two_frequencies)
{
    Drift drift(54.6);
    drift.time_s = {drift.time_s.front(), drift.time_s.front() + 12.9};
    drift.pointings.assign(2, drift.pointings.front());
    drift.weights.n_moments = drift.weights.n_groups = 2;
    drift.weights.units.assign(4, 7);
    drift.weights.freq_hz = {1.400e9, 1.404e9};
    auto const terms = drift.terms();
    auto const c = terms.at(0.01, -0.01);
    for (double time_s : {0.0, 0.5, 1.0})
        for (double freq_hz : {1.398e9, 1.402e9, 1.406e9}) {
            auto const f = terms.functions(drift.time_s[0] + 12.9 * time_s, freq_hz);
            double ratio = 0;
            for (std::size_t j = 0; j < BeamTerms::count; ++j) ratio += c[j] * f[j];
            EXPECT_NEAR(ratio, 1, 0.01) << time_s << ' ' << freq_hz;
        }
}

TEST(BeamTerms, take_sources_in_sidelobes_as_steady)
{
    auto const c = Drift(54.6).terms().at(0.08, 0);
    EXPECT_EQ(c, (BeamTerms::Terms{1}));
}

TEST(BeamTerms, take_slopes_along)
{
    Drift const drift(54.6);
    double const reference_hz = 1.41e9;
    BeamTerms const terms(
        {drift.time_s, drift.pointings, drift.weights, drift.centre, {ModelBeam::airy, 4.65}, reference_hz});
    auto const c = terms.at(0.012, -0.01);
    auto const both = terms.with_slope(c, 2, -1.5), flux = terms.with_slope(c, 2, 0);
    for (double time_s : drift.time_s)
        for (double freq_hz : drift.weights.freq_hz) {
            auto const f = terms.functions(time_s, freq_hz);
            double beam = 0, found = 0, steady = 0;
            for (std::size_t j = 0; j < BeamTerms::count; ++j)
                beam += c[j] * f[j], found += both[j] * f[j], steady += flux[j] * f[j];
            EXPECT_NEAR(steady, 2 * beam, 1e-12);
            EXPECT_NEAR(found, (2 - 1.5 * (freq_hz / reference_hz - 1)) * beam, 5e-3)
                << "products of third order are left out";
        }
}

}  // namespace
}  // namespace nocturne
