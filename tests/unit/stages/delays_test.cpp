// Delays of gains over channels: errors by what scatters about the line, random phases are none.
#include "stages/solve/phases.hpp"

#include <gtest/gtest.h>

#include <random>

namespace nocturne {
namespace {

constexpr Index n_channels = 96;

/// Six antennas of one hand with no delay; phase errors as stated, 0.03 rad, but for what a test adds.
struct Phases {
    Gains gains;
    std::vector<double> freq_hz;
    std::mt19937 random;
    std::normal_distribution<double> normal;

    explicit Phases(unsigned seed) : random(seed)
    {
        gains.n_hands = 1, gains.n_antennas = 6, gains.n_columns = n_channels;
        for (Index c = 0; c < n_channels; ++c) freq_hz.push_back(1.3e9 + 2.44e5 * static_cast<double>(c));
        for (Index i = 0; i < 6 * n_channels; ++i) gains.value.push_back(std::polar(1.0, 0.03 * normal(random)));
        gains.flag.assign(gains.value.size(), gain_good);
        gains.phase_var.assign(gains.value.size(), 0.03 * 0.03);
    }
    void turn(Index antenna, Index channel, double by)
    {
        gains.value[gains.at(0, antenna, channel)] *= std::polar(1.0, by);
    }
};

TEST(Delays, RandomPhasesAreNoDelay)
{
    std::uniform_real_distribution<double> any(-pi, pi);
    int found = 0, random = 0;
    for (unsigned seed = 0; seed < 200; ++seed) {
        Phases phases(seed);
        for (Index c = 0; c < n_channels; ++c) phases.turn(2, c, any(phases.random));
        auto const smooth = fit_delays(phases.gains, 0, 0, phases.freq_hz);
        random += smooth.random[2] && !smooth.found[2] && smooth.delay_s[2] == 0;
        for (std::size_t a : {1, 3, 4, 5}) found += smooth.found[a];
    }
    EXPECT_GE(random, 199);
    EXPECT_EQ(found, 800);
    Phases reference(1);
    for (Index c = 0; c < n_channels; ++c) reference.turn(0, c, any(reference.random));
    auto const smooth = fit_delays(reference.gains, 0, 0, reference.freq_hz);
    EXPECT_EQ(std::count(smooth.random.begin(), smooth.random.end(), 1), 0) << "the reference is, not all the others";
}

TEST(Delays, ErrorsAreOfTheScatterAboutTheLineNotOfRipples)
{
    double scattered = 0, plain = 0;
    for (unsigned seed = 0; seed < 400; ++seed) {
        Phases phases(seed);
        for (Index c = 0; c < n_channels; ++c) {
            phases.turn(2, c, 0.3 * phases.normal(phases.random));
            phases.turn(4, c, 0.3 * std::sin(2 * pi * static_cast<double>(c) / 96));
        }
        auto const smooth = fit_delays(phases.gains, 0, 0, phases.freq_hz);
        scattered += smooth.delay_s[2] * smooth.delay_s[2] / smooth.delay_var[2];
        double const mine = smooth.delay_s[1] - smooth.delay_s[3];
        plain += mine * mine / (smooth.delay_var[1] + smooth.delay_var[3]);
        EXPECT_LT(smooth.delay_var[4], 1.7 * smooth.delay_var[1]);
    }
    EXPECT_NEAR(scattered / 400, 1, 0.25);
    EXPECT_NEAR(plain / 400, 1, 0.25);
}

/// 64 channels of 2 MHz, two of five lost here and there, phases of 0.25 rad beside delays of up to 0.2 µs.
TEST(Delays, OfFaintCalibratorsWithChannelsLostHereAndThereAreRight)
{
    int wrong = 0;
    double squares = 0;
    for (unsigned seed = 0; seed < 300; ++seed) {
        Phases phases(seed);
        std::uniform_real_distribution<double> any(-200e-9, 200e-9), lost(0, 1);
        for (Index c = 0; c < n_channels; ++c)
            phases.freq_hz[static_cast<std::size_t>(c)] = 1.3e9 + 2e6 * static_cast<double>(c);
        double const delay = any(phases.random);
        for (Index a = 0; a < 6; ++a)
            for (Index c = 0; c < n_channels; ++c) {
                phases.turn(a, c, 0.25 * phases.normal(phases.random));
                if (a == 2) phases.turn(a, c, 2 * pi * phases.freq_hz[static_cast<std::size_t>(c)] * delay);
                auto const k = phases.gains.at(0, a, c);
                phases.gains.phase_var[k] = 0.25 * 0.25 + 0.03 * 0.03;
                if (c >= 64 || lost(phases.random) < 0.4) phases.gains.flag[k] = gain_none;
            }
        auto const smooth = fit_delays(phases.gains, 0, 0, phases.freq_hz);
        double const off = (smooth.delay_s[2] - smooth.delay_s[0]) - delay;
        double const sigma = std::sqrt(smooth.delay_var[2] + smooth.delay_var[1]);
        wrong += std::abs(off) > 5 * sigma;
        squares += off * off / (sigma * sigma);
    }
    EXPECT_EQ(wrong, 0);
    EXPECT_NEAR(squares / 300, 1, 0.35);
}

}  // namespace
}  // namespace nocturne
