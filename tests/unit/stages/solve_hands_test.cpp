// Stage `solve` where a hand of an antenna hears nothing, or hears badly: what it says of that hand, and of all others.
#include "tests/unit/stages/solve_scene.hpp"

#include <set>

namespace nocturne {
namespace {

using namespace solve_scene;

/// What a hand of one antenna is made to hear: nothing but noise, `times` that of the others.
struct Deaf {
    Index antenna = 0, hand = 0;
    float times = 1;
    Index from = 0;  ///< channel
};

/// The antenna at a place among those that have baselines.
Index antenna_at(Scene const& scene, Index place)
{
    std::set<Index> used;
    for (auto const& baseline : scene.state.header.baselines) used.insert(baseline.ant1);
    return *std::next(used.begin(), place);
}

void deafen(Scene& scene, InstrumentOptions options, Deaf const& deaf)
{
    options.dead = {static_cast<int>(deaf.antenna)};
    options.seed += 100;
    Scene const noise(options);
    for (Index b = 0; b < scene.block.n_baselines(); ++b) {
        auto const pair = scene.state.header.baselines[static_cast<std::size_t>(b)];
        if (pair.ant1 != deaf.antenna && pair.ant2 != deaf.antenna) continue;
        for (Index t = 0; t < 8; ++t)
            for (Index c = deaf.from; c < 64; ++c) {
                Vis const heard = noise.block.vis(t, b, c, deaf.hand);
                scene.block.vis(t, b, c, deaf.hand) = {deaf.times * heard.re, deaf.times * heard.im};
            }
    }
}

/// Over the good antennas of a hand: mean of the squares of errors over what is stated for them.
struct Honesty {
    double amplitude = 0, phase = 0, n = 0;

    void add(Scene const& scene, CalTable const& table, std::size_t p, Index alone = -1, std::size_t first = 0,
             std::size_t end = 64)
    {
        for (std::size_t c = first; c < end; ++c) {
            std::vector<std::size_t> good, whose;
            std::vector<Complex> ratio;
            Complex sum;
            for (std::size_t a = 0; a < table.antennas.size(); ++a) {
                auto const k = table.at(0, a, p, c);
                if (table.flag[k]) continue;
                good.push_back(k);
                whose.push_back(a);
                ratio.push_back(Complex(table.gain[k]) /
                                scene.truth(table, a, static_cast<Index>(p), static_cast<Index>(c), -1));
                sum += ratio.back() / std::abs(ratio.back());
            }
            for (std::size_t i = 0; i < good.size(); ++i) {
                if (alone >= 0 && scene.station(table, whose[i]) != alone) continue;
                Complex const error = ratio[i] * std::conj(sum) / std::abs(sum) - 1.0;
                double const relative = table.amplitude_error[good[i]] / std::abs(Complex(table.gain[good[i]]));
                amplitude += std::pow(error.real() / relative, 2);
                phase += std::pow(error.imag() / table.phase_error_rad[good[i]], 2);
                n += 1;
            }
        }
    }
};

Index flagged(CalTable const& table, Scene const& scene, Deaf const& deaf)
{
    Index n = 0;
    for (std::size_t a = 0; a < table.antennas.size(); ++a)
        for (std::size_t c = 0; c < table.freq_hz.size(); ++c)
            if (scene.station(table, a) == deaf.antenna)
                n += table.flag[table.at(0, a, static_cast<std::size_t>(deaf.hand), c)] != 0;
    return n;
}

TEST(SolveHands, ADeafHandLeavesTheErrorsOfTheOthersRight)
{
    for (float times : {0.5F, 1.F, 4.F}) {
        SCOPED_TRACE(times);
        Honesty same, other;
        for (std::uint64_t seed : {1, 2, 3}) {
            auto options = usual(8000);
            options.seed = seed;
            Scene scene(options);
            Deaf const deaf{antenna_at(scene, 3), 0, times};
            deafen(scene, options, deaf);
            auto const& table = scene.solve({{"types", std::string("B")}}).front();
            EXPECT_EQ(flagged(table, scene, deaf), 64);
            same.add(scene, table, 0);
            other.add(scene, table, 1);
            EXPECT_EQ(std::count(table.flag.begin(), table.flag.end(), 1), 64) << "no other";
        }
        EXPECT_NEAR(same.amplitude / same.n, 1, 0.07);  // 2112 squares: 0.03
        EXPECT_NEAR(same.phase / same.n, 1, 0.07);
        EXPECT_NEAR(other.phase / other.n, 1, 0.07);
    }
}

TEST(SolveHands, AReferenceThatIsReplacedIsNoted)
{
    auto const options = usual(8000);
    for (bool const deaf : {false, true}) {
        Scene scene(options);
        Index const asked = antenna_at(scene, 3);
        if (deaf) deafen(scene, options, {asked, 0, 1});
        auto const name = std::to_string(scene.state.header.antennas[static_cast<std::size_t>(asked)].number);
        auto const& table = scene.solve({{"types", std::string("B")}, {"refant", name}}).front();
        auto const& notes = scene.state.notes;
        auto const is_note = [](std::string const& note) { return note.rfind("reference antenna ", 0) == 0; };
        EXPECT_EQ(std::count_if(notes.begin(), notes.end(), is_note), deaf);
        EXPECT_EQ(table.reference_antenna == 3, !deaf);
    }
}

void add_noise(Scene& scene, InstrumentOptions const& options, Deaf const& at)
{
    auto const heard = scene.vis;
    deafen(scene, options, at);
    for (std::size_t i = 0; i < heard.size(); ++i)
        if (scene.vis[i].re != heard[i].re) scene.vis[i].re += heard[i].re, scene.vis[i].im += heard[i].im;
}

/// Noise on top of what a hand hears, so that it has `power` times that of the others. Beyond measure (8) it counts less.
TEST(SolveHands, ANoisyHandHasItsOwnErrorsAndHarmsNoOther)
{
    for (auto const& [power, others] : {std::pair{3.F, 1.1}, {9.F, 1.04}}) {
        SCOPED_TRACE(power);
        Honesty all, noisy;
        for (std::uint64_t seed : {1, 2, 3}) {
            auto options = usual(3000);
            options.seed = seed;
            Scene scene(options), clean(options);
            Deaf const at{antenna_at(scene, 3), 0, std::sqrt(power - 1)};
            add_noise(scene, options, at);
            auto const& table = scene.solve({{"types", std::string("B")}}).front();
            auto const& without = clean.solve({{"types", std::string("B")}}).front();
            all.add(scene, table, 0);
            noisy.add(scene, table, 0, at.antenna);
            for (std::size_t a = 0; a < table.antennas.size(); ++a) {
                auto const k = table.at(0, a, 0, 30);
                double const more = table.phase_error_rad[k] / without.phase_error_rad[k];
                EXPECT_NEAR(more, scene.station(table, a) == at.antenna ? std::sqrt(power) : others, 0.15 * more);
            }
        }
        EXPECT_NEAR(all.amplitude / all.n, 1, 0.07);
        EXPECT_NEAR(all.phase / all.n, 1, 0.07);
        EXPECT_NEAR((noisy.phase + noisy.amplitude) / noisy.n, 2, 0.3) << "384 squares: 0.14";
    }
}

TEST(SolveHands, NoiseOfAHandInAPartOfTheBandIsOfThatPart)
{
    Honesty quiet, loud, all;
    for (std::uint64_t seed : {1, 2, 3, 4}) {
        auto options = usual(3000);
        options.seed = seed;
        Scene scene(options);
        Deaf const at{antenna_at(scene, 3), 0, std::sqrt(6.F), 48};
        add_noise(scene, options, at);
        auto const& table = scene.solve({{"types", std::string("B")}}).front();
        quiet.add(scene, table, 0, at.antenna, 0, 48);
        loud.add(scene, table, 0, at.antenna, 48);
        all.add(scene, table, 0);
    }
    EXPECT_NEAR((quiet.phase + quiet.amplitude) / quiet.n, 2, 0.4) << "384 squares: 0.14";
    EXPECT_NEAR((loud.phase + loud.amplitude) / loud.n, 2, 0.6) << "128 squares: 0.25";
    EXPECT_NEAR((all.phase + all.amplitude) / all.n, 2, 0.14);
}

/// 20 Jy over 60 mJy of noise.
TEST(SolveHands, ANoisyHandOfABrightCalibratorHasItsOwnErrors)
{
    Honesty all, noisy;
    for (std::uint64_t seed : {1, 2, 3}) {
        auto options = usual(80);
        options.seed = seed;
        Scene scene(options);
        Deaf const at{antenna_at(scene, 3), 0, std::sqrt(8.F)};
        add_noise(scene, options, at);
        auto const& table = scene.solve({{"types", std::string("B")}}).front();
        all.add(scene, table, 0);
        noisy.add(scene, table, 0, at.antenna);
    }
    EXPECT_NEAR((all.phase + all.amplitude) / all.n, 2, 0.14);
    EXPECT_NEAR((noisy.phase + noisy.amplitude) / noisy.n, 2, 0.4);
}

}  // namespace
}  // namespace nocturne
