// Stage `apply` between sets: what is interpolated is the product of a set's tables, and no antenna leaves the frame of the others.
#include "stages/apply/factors.hpp"

#include "nocturne/error.hpp"
#include "nocturne/units.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace nocturne {
namespace {

using Complex = std::complex<double>;

constexpr std::size_t na = 5, nc = 6, nt = 9;

GroupHeader header()
{
    GroupHeader h;
    h.group_id = "T";
    for (int a = 0; a < static_cast<int>(na); ++a) h.antennas.push_back({"A" + std::to_string(a), 10 + a, {}, 4.65});
    for (std::size_t c = 0; c < nc; ++c) h.freq_hz.push_back(1.3e9 + 1e6 * static_cast<double>(c));
    h.channel_width_hz.assign(nc, 1e6);
    for (std::size_t t = 0; t < nt; ++t) h.time_mjd_s.push_back(1000.0 + 100 * static_cast<double>(t));
    h.integration_s.assign(nt, 100);
    h.correlations = {Correlation::XX, Correlation::YY};
    return h;
}

/// A gain that drifts steadily: amplitude and phase of antenna a at a time, with a delay.
Complex truth(std::size_t a, std::size_t c, double time)
{
    auto const x = static_cast<double>(a), t = (time - 1400) / 1000;
    return std::polar(1 + x / 10 + 0.3 * t * (x - 1), 0.4 * x + (x - 2) * (t + 0.05 * static_cast<double>(c)));
}

/// As solved at `times`, empty; `set` names its set, the group is the same.
CalTable table(CalKind kind, std::string const& set, std::vector<double> const& times)
{
    auto const h = header();
    CalTable made;
    made.kind = kind;
    made.set = made.group_id = set;
    made.antennas = h.antennas;
    made.correlations = h.correlations;
    for (double time : times) made.intervals.push_back({time - 10, time + 10, time});
    made.freq_hz = h.freq_hz;
    made.channel_width_hz = h.channel_width_hz;
    if (kind != CalKind::bandpass) {
        made.freq_hz = {1.3025e9};
        made.channel_width_hz = {6e6};
    }
    made.reference_hz = 1.3e9;
    made.gain.assign(made.size(), 1);
    made.delay_s.assign(made.size(), 0);
    made.flag.assign(made.size(), 0);
    return made;
}

template<class Value>
void fill(CalTable& made, Value const& value)
{
    for (std::size_t i = 0; i < made.intervals.size(); ++i)
        for (std::size_t a = 0; a < na; ++a)
            for (std::size_t p = 0; p < 2; ++p)
                for (std::size_t c = 0; c < made.freq_hz.size(); ++c)
                    made.gain[made.at(i, a, p, c)] = std::complex<float>(value(a, c, made.intervals[i].time_mjd_s));
}

/// B at the middle in a frame of its own (`frame`: phase of all antennas), G at `times` on top.
std::vector<CalTable> solved(std::string const& set, std::vector<double> const& times, double frame)
{
    double const middle = (times.front() + times.back()) / 2;
    auto bandpass = table(CalKind::bandpass, set, {middle}), gains = table(CalKind::gain, set, times);
    fill(bandpass,
         [&](std::size_t a, std::size_t c, double time) { return truth(a, c, time) * std::polar(1.0, frame); });
    fill(gains, [&](std::size_t a, std::size_t, double time) { return 0.5 * truth(a, 0, time) / truth(a, 0, middle); });
    return {bandpass, gains};
}

std::vector<CalTable> operator+(std::vector<CalTable> one, std::vector<CalTable> const& two)
{
    one.insert(one.end(), two.begin(), two.end());
    return one;
}

Complex total(GainFactors const& f, std::size_t t, std::size_t a, std::size_t c, std::size_t p)
{
    auto const slot = static_cast<std::size_t>(f.slot[t]);
    return Complex(f.band[((slot * na + a) * nc + c) * 2 + p]) * Complex(f.drift[(t * na + a) * 2 + p]);
}

Complex on_baseline(GainFactors const& f, std::size_t t, std::size_t one, std::size_t two, std::size_t c, std::size_t p)
{
    return std::conj(total(f, t, one, c, p)) * total(f, t, two, c, p);
}

void expect_truth(std::vector<CalTable> const& tables, double tolerance)
{
    auto const h = header();
    auto const factors = gain_factors(solution_sets(tables), {h});
    for (std::size_t t = 0; t < nt; ++t)
        for (std::size_t c = 0; c < nc; ++c)
            for (std::size_t p = 0; p < 2; ++p) {
                auto const got = 4.0 * on_baseline(factors, t, 1, 4, c, p);
                auto const time = h.time_mjd_s[t];
                auto const wanted = std::conj(truth(1, c, time)) * truth(4, c, time);
                EXPECT_NEAR(std::abs(got / wanted - 1.0), 0, tolerance) << t << " " << c << " " << p;
            }
}

TEST(ApplySets, BetweenTwoSetsTheirProductsRunAndNotTheirKinds)
{
    // What drifted within a set is in its gains, what drifted until then in its bandpass: a steady drift comes out as it was.
    expect_truth(solved("one", {400, 600, 800}, 0.7) + solved("two", {2000, 2200, 2400}, -2.1), 3e-6);
    expect_truth(solved("two", {2000, 2400}, -2.1) + solved("one", {700, 1000}, 0.7), 3e-6);
}

TEST(ApplySets, SetsOfDifferentKindsAreEachWholeByThemselves)
{
    auto one = solved("one", {400, 800}, 0.7);
    auto delays = table(CalKind::delay, "one", {600});
    for (std::size_t k = 0; k < delays.size(); ++k) delays.delay_s[k] = 3e-9 * static_cast<double>(k / 2);
    for (std::size_t a = 0; a < na; ++a)
        for (std::size_t p = 0; p < 2; ++p)
            for (std::size_t c = 0; c < nc; ++c)
                one[0].gain[one[0].at(0, a, p, c)] *= std::complex<float>(
                    std::polar(1.0, -2 * pi * (one[0].freq_hz[c] - 1.3e9) * delays.delay_s[2 * a + p]));
    auto two = solved("two", {2000}, 0.1);
    for (auto& g : two[0].gain) g *= 0.5F;
    two.pop_back();  // a bandpass alone
    expect_truth(one + std::vector<CalTable>{delays} + two, 3e-6);
}

TEST(ApplySets, AnAntennaOfOneSetAloneStandsToTheOthersAsThere)
{
    auto one = solved("one", {800, 1000}, -1), two = solved("two", {1800, 2000}, 2.5);
    for (std::size_t k = 0; k < 2 * nc; ++k) {
        one[0].flag[one[0].at(0, 4, 0, 0) + k] = 1;
        two[0].flag[two[0].at(0, 0, 0, 0) + k] = 1;
    }
    auto const h = header();
    auto const factors = gain_factors(solution_sets(one + two), {h});
    // Antenna 2 keeps its phase but for the drift of all, so that the others turn against it.
    for (std::size_t t = 0; t + 1 < nt; ++t) {
        auto const later = std::conj(truth(2, 3, 1800)) * truth(4, 3, 1800);
        auto const got = on_baseline(factors, t, 2, 4, 3, 0);
        EXPECT_NEAR(std::abs(total(factors, t, 4, 3, 0)), 0.5 * std::abs(truth(4, 3, 1800)), 1e-6) << t;
        EXPECT_NEAR(std::arg(got * std::conj(later)), 0, 1e-6) << t;  // the mean of antennas 1, 2, 3 is antenna 2
        auto const earlier = std::conj(truth(2, 3, 1000)) * truth(0, 3, 1000);
        EXPECT_NEAR(std::arg(on_baseline(factors, t, 2, 0, 3, 0) * std::conj(earlier)), 0, 1e-6) << t;
    }
}

TEST(ApplySets, AChannelOfOneSetAloneDriftsAsItsNeighbourDoes)
{
    auto one = solved("one", {400, 600, 800}, 0.7), two = solved("two", {2000, 2200, 2400}, -2.1);
    for (std::size_t a = 0; a < na; ++a)
        for (std::size_t p = 0; p < 2; ++p) {
            one[0].flag[one[0].at(0, a, p, 1)] = 1;  // of all antennas, as where interference was
            two[0].flag[two[0].at(0, a, p, 4)] = 1;
        }
    one[0].flag[one[0].at(0, 4, 0, 2)] = 1;
    auto const h = header();
    auto const factors = gain_factors(solution_sets(one + two), {h});
    for (std::size_t t = 0; t < nt; ++t)
        for (std::size_t c = 0; c < nc; ++c) {
            auto const wanted = std::conj(truth(1, c, h.time_mjd_s[t])) * truth(4, c, h.time_mjd_s[t]);
            auto const got = 4.0 * on_baseline(factors, t, 1, 4, c, 0);
            EXPECT_NEAR(std::arg(got / wanted), 0, 1e-5) << t << " " << c;  // drifts are the same in all channels
            EXPECT_NEAR(std::abs(got / wanted), 1, 1e-5) << t << " " << c;
        }
}

TEST(ApplySets, WhereNoAntennaOfAHandIsInBothTheNearerSetServesAlone)
{
    auto one = solved("one", {900, 1000}, 0), two = solved("two", {1800, 1900}, 1);
    for (std::size_t a = 0; a < na; ++a)
        for (std::size_t c = 0; c < nc; ++c) {
            auto& of = a < 2 ? one[0] : two[0];
            of.flag[of.at(0, a, 0, c)] = 1;
            two[0].flag[two[0].at(0, a, 1, c)] = 1;
        }
    auto const h = header();
    auto const factors = gain_factors(solution_sets(one + two), {h});
    for (std::size_t t = 0; t + 1 < nt; ++t)
        for (std::size_t a = 0; a < na; ++a) {
            EXPECT_EQ(std::abs(total(factors, t, a, 3, 0)) > 0, (t < 4) == (a >= 2)) << t << " " << a;
            EXPECT_GT(std::abs(total(factors, t, a, 2, 1)), 0) << t << " " << a;  // a hand of one set alone
        }
}

TEST(ApplySets, TurnsThatNobodyCanTellAreSaid)
{
    auto const h = header();
    auto const one = solved("one", {900, 1000}, 0);
    EXPECT_GT(gain_factors(solution_sets(one + solved("two", {1300}, 2.5)), {h}).doubts.agreement, 0.8);
    auto two = solved("two", {1300}, 2.5);
    for (std::size_t a = 0; a < na; ++a)
        for (std::size_t k = 0; k < 2 * nc; ++k)
            two[0].gain[two[0].at(0, a, 0, 0) + k] *=
                std::complex<float>(std::polar(1.0, 2 * pi * static_cast<double>(a) / na));
    EXPECT_LT(gain_factors(solution_sets(one + two), {h}).doubts.agreement, 0.5);
}

TEST(ApplySets, TheSameMomentTwiceIsTakenOnce)
{
    auto const h = header();
    auto const again = solved("one", {1000, 1800}, 0.3);
    auto other = again;
    for (auto& one : other) one.set = "copy";
    for (auto const& tables : {again + other, again + again}) {
        auto const factors = gain_factors(solution_sets(tables), {h});
        for (std::size_t t = 0; t < nt; ++t) EXPECT_GT(std::abs(total(factors, t, 3, 2, 1)), 0.1) << t;
    }
}

TEST(ApplySets, WhatLacksTheOthersBandpassIsRefused)
{
    auto gains = solved("two", {2000, 2200}, 0);
    gains.erase(gains.begin());
    auto const one = solved("one", {400, 800}, 0);
    try {
        solution_sets(one + gains);
        FAIL();
    } catch (Error const& error) {
        EXPECT_EQ(error.code(), Code::bad_input);
        EXPECT_NE(std::string(error.what()).find("two has no bandpass"), std::string::npos) << error.what();
    }
    auto apart = std::vector<CalTable>{one[0]} + gains;
    EXPECT_THROW(solution_sets(apart), Error) << "gains that were solved without that bandpass";
    for (auto& table : apart)
        for (auto& antenna : table.antennas) antenna.number = -1;
    EXPECT_NO_THROW(solution_sets(apart)) << "CASA's are solved on top of others";
    auto delays = table(CalKind::delay, "two", {2100});
    for (auto& antenna : delays.antennas) antenna.number = -1;
    auto band = apart[0];
    band.set = band.group_id = "two";
    band.intervals = {{2090, 2110, 2100}};
    EXPECT_THROW(solution_sets(apart + std::vector<CalTable>{band, delays}), Error) << "below which bandpass?";
}

TEST(ApplySets, KindsThatOneCasaTableHoldsServeAllOthers)
{
    auto one = solved("ms1", {400, 800}, 0.4), two = solved("ms2", {2000, 2400}, 0);
    fill(two[1], [&](std::size_t a, std::size_t, double time) { return 0.5 * truth(a, 0, time) / truth(a, 0, 600); });
    std::vector<CalTable> tables{two[1], one[1], one[0]};
    for (auto& each : tables) {
        each.set = name(each.kind) + each.group_id;
        for (auto& antenna : each.antennas) antenna.number = -1;
    }
    expect_truth(tables, 3e-6);  // one bandpass, and gains of two Measurement Sets on top of it
    auto const sets = solution_sets(tables);
    EXPECT_EQ(sets.sets.size(), 2U);
    EXPECT_EQ(sets.common.size(), 1U);
}

TEST(ApplySets, TablesOfOneGroupMakeOneSetEachKindOnce)
{
    auto const one = solved("one", {400, 800}, 0.4), two = solved("two", {2000, 2400}, -1);
    std::vector<CalTable> tables{one[1], two[1], two[0], one[0]};
    for (auto& each : tables) {
        each.set = "";
        each.group_id = "both.ms";
    }
    auto const sets = solution_sets(tables);
    ASSERT_EQ(sets.sets.size(), 2U);
    EXPECT_EQ(sets.sets[0].tables.size(), 2U);
    expect_truth(tables, 3e-6);
}

/// One of phases alone and one of amplitudes, of CASA.
std::vector<CalTable> phases_and_amplitudes(std::vector<double> const& phases, std::vector<double> const& amplitudes)
{
    std::vector<CalTable> tables{table(CalKind::gain, "phases", phases),
                                 table(CalKind::gain, "amplitudes", amplitudes)};
    fill(tables[0], [](std::size_t a, std::size_t, double) { return std::polar(1.0, 0.3 * static_cast<double>(a)); });
    fill(tables[1], [](std::size_t a, std::size_t, double) { return Complex(2 + static_cast<double>(a)); });
    tables[0].phase_only = true;
    for (auto& each : tables)
        for (auto& antenna : each.antennas) antenna.number = -1;
    return tables;
}

void expect_product(SolutionSets const& sets)
{
    auto const factors = gain_factors(sets, {header()});
    for (std::size_t t = 0; t < nt; ++t)
        for (std::size_t a = 0; a < na; ++a) {
            auto const x = static_cast<double>(a);
            EXPECT_NEAR(std::abs(total(factors, t, a, 2, 1) - std::polar(2 + x, 0.3 * x)), 0, 1e-5) << t << " " << a;
        }
}

TEST(ApplySets, WhatCasaSolvedAtOneTimeIsMultiplied)
{
    auto tables = phases_and_amplitudes({1000, 1400, 1800}, {1400});
    expect_product(solution_sets(tables));
    expect_product(solution_sets({tables[1], tables[0]}));
    expect_product(solution_sets(phases_and_amplitudes({1400.3}, {1400})));
    EXPECT_TRUE(solution_sets(tables).layered());
    EXPECT_FALSE(solution_sets({tables[0]}).layered());
    for (auto& each : tables) each.registered = true;
    EXPECT_THROW(solution_sets(tables), Error) << "two sets of the registry, of which one has no amplitudes";
    for (auto& each : tables) each.set = "one";
    expect_product(solution_sets(tables));
}

TEST(ApplySets, WhatCasaSolvedOnTheSetItselfStandsOnTop)
{
    auto tables = phases_and_amplitudes({1000, 1400, 1800}, {200, 300});
    EXPECT_THROW(solution_sets(tables, "T"), Error) << "phases alone, of another time and another set";
    tables[0].group_id = "some/where/T.ms";
    expect_product(solution_sets(tables, "T"));
    auto const sets = solution_sets(tables, "T");
    ASSERT_EQ(sets.sets.size(), 1U);
    EXPECT_EQ(sets.common.size(), 1U);
    EXPECT_TRUE(sets.layered());
    tables[1].group_id = "T.ms";
    EXPECT_THROW(solution_sets(tables, "T"), Error) << "two fields of one set";
}

}  // namespace
}  // namespace nocturne
