// Real files of other telescopes against what pyuvdata reads from them (tests/golden/uvh5/make_expected.py).
#include "nocturne/units.hpp"
#include "tests/unit/io/plain_sink.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace nocturne {
namespace {

/// Nearest entry of an axis.
Index nearest_index(std::vector<double> const& axis, double value)
{
    return std::min_element(axis.begin(), axis.end(),
                            [&](double a, double b) { return std::abs(a - value) < std::abs(b - value); }) -
           axis.begin();
}

Index baseline_of(GroupHeader const& h, int ant1, int ant2)
{
    for (std::size_t b = 0; b < h.baselines.size(); ++b)
        if (h.antennas[static_cast<std::size_t>(h.baselines[b].ant1)].number == ant1 &&
            h.antennas[static_cast<std::size_t>(h.baselines[b].ant2)].number == ant2)
            return static_cast<Index>(b);
    return -1;
}

/// The sample of a baseline that is nearest to a time; of several at that time, the one of the named centre.
Index integration_of(GroupHeader const& h, Index baseline, double time_mjd_s, std::string const& centre)
{
    auto const moments = h.all_moments();
    auto const n = static_cast<Index>(h.baselines.size());
    Index best = -1;
    double least = 1e99;
    for (Index t = 0; t < std::ssize(h.time_mjd_s); ++t) {
        Index const m = h.ragged() ? h.moment_of[static_cast<std::size_t>(t * n + baseline)] : t;
        if (m < 0) continue;
        auto const& moment = moments[static_cast<std::size_t>(m)];
        auto const& name = h.centres[static_cast<std::size_t>(moment.centre)].name;
        double const apart = std::abs(moment.time_mjd_s - time_mjd_s) + (name == centre ? 0 : 1e-3);
        if (apart < least) best = t;
        least = std::min(least, apart);
    }
    return best;
}

enum class Way { fast, library };

/// One sample as the text has it.
struct Expected {
    double jd = 0, freq = 0, re = 0, im = 0, nsamples = 0;
    int ant1 = 0, ant2 = 0, code = 0, flag = 0;
    std::string centre;
};

std::istream& operator>>(std::istream& in, Expected& e)
{
    return in >> e.jd >> e.ant1 >> e.ant2 >> e.freq >> e.code >> e.re >> e.im >> e.flag >> e.nsamples >> e.centre;
}

/// The header line; averaging leaves fewer samples than the file has times.
void expect_axes(std::istream& text, GroupHeader const& h)
{
    std::size_t nt = 0, nb = 0, nf = 0, np = 0;
    double low = 0, high = 0, start = 0;
    text >> nt >> nb >> nf >> np >> low >> high >> start;
    double earliest = 1e99;
    for (auto const& moment : h.all_moments()) earliest = std::min(earliest, moment.time_mjd_s);
    EXPECT_TRUE(h.ragged() || h.time_mjd_s.size() == nt);
    EXPECT_EQ(h.baselines.size(), nb);
    EXPECT_EQ(h.freq_hz.size(), nf);
    EXPECT_EQ(h.correlations.size(), np);
    EXPECT_EQ(h.freq_hz.front(), low);
    EXPECT_EQ(h.freq_hz.back(), high);
    EXPECT_NEAR(earliest, (start - jd_minus_mjd_days) * day_s, 1e-4);
}

void expect_as_pyuvdata(std::string const& stem, Way way)
{
    SCOPED_TRACE(stem);
    std::ifstream text(stem + ".txt");
    ASSERT_TRUE(text) << stem;
    GroupReader reader({stem + ".uvh5"});
    if (way == Way::library) reader.avoid_index();
    auto const& h = reader.header();
    expect_axes(text, h);
    auto const nb = std::ssize(h.baselines);
    auto const survey = reader.survey(0, nb);
    test::PlainSink sink(h, nb);
    reader.read(0, nb, survey, sink);
    int n = 0;
    for (Expected e; text >> e; ++n) {
        auto const p = std::find(h.correlations.begin(), h.correlations.end(), static_cast<Correlation>(e.code)) -
                       h.correlations.begin();
        Index const b = baseline_of(h, e.ant1, e.ant2);
        auto const i = sink.at(integration_of(h, b, (e.jd - jd_minus_mjd_days) * day_s, e.centre), b,
                               nearest_index(h.freq_hz, e.freq), p);
        ASSERT_EQ(sink.vis[i], std::complex<double>(e.re, e.im)) << "sample " << n;
        ASSERT_EQ(survey.has_flags[0] ? sink.flag[i] : 0, e.flag) << "sample " << n;
        double const weight = survey.weight_is_constant ? survey.weight : sink.nsamples[i];
        ASSERT_EQ(weight, e.nsamples < 0 ? 1 : e.nsamples) << "sample " << n;
    }
    EXPECT_GE(n, 100);
}

TEST(Golden, files_read_as_pyuvdata_reads_them)
{
    std::string const folder = std::string(NOCTURNE_SOURCE_DIR) + "/tests/golden/uvh5/";
    for (auto const* name : {"ata_3c286", "hera_zen.2458661", "bitshuffle_lz4", "bitshuffle_zstd", "lz4",
                             "averaged_by_baseline", "two_windows", "polarization_a_window", "centre_a_time",
                             "centres_at_one_time", "ephemeris", "big_endian_lzf"})
        for (auto const way : {Way::fast, Way::library}) expect_as_pyuvdata(folder + name, way);
}

/// More files of the same kind: set NOCTURNE_GOLDEN_UVH5 to a folder of pairs .uvh5 and .txt.
TEST(Golden, further_files_read_as_pyuvdata_reads_them)
{
    auto const* folder = std::getenv("NOCTURNE_GOLDEN_UVH5");
    if (!folder) GTEST_SKIP() << "NOCTURNE_GOLDEN_UVH5 names no folder";
    for (auto const& entry : std::filesystem::directory_iterator(folder))
        if (entry.path().extension() == ".uvh5")
            for (auto const way : {Way::fast, Way::library})
                expect_as_pyuvdata(entry.path().parent_path() / entry.path().stem(), way);
}

TEST(Golden, headers_say_what_the_files_are)
{
    std::string const folder = std::string(NOCTURNE_SOURCE_DIR) + "/tests/golden/uvh5/";
    auto const ata = group_header({folder + "ata_3c286.uvh5"});
    EXPECT_EQ(ata.site.telescope_name, "ATA");
    EXPECT_EQ(ata.centres.front().kind, PhaseReference::icrs);
    EXPECT_DOUBLE_EQ(ata.centres.front().direction.ra.value(), 3.539257703155924);
    EXPECT_EQ(ata.correlations[1], Correlation::XY);
    EXPECT_EQ(ata.expected_subbands, 1);
    EXPECT_EQ(ata.antennas.size(), 42U);
    EXPECT_DOUBLE_EQ(ata.antennas[0].diameter_m, 6.1);
    auto const hera = group_header({folder + "hera_zen.2458661.uvh5"});
    EXPECT_EQ(hera.centres.front().kind, PhaseReference::unphased);  // drift means "not fringe-stopped" but for DSA-110
}

TEST(Golden, centres_and_samples_of_dialects_are_told)
{
    std::string const folder = std::string(NOCTURNE_SOURCE_DIR) + "/tests/golden/uvh5/";
    auto const a_time = group_header({folder + "centre_a_time.uvh5"});
    ASSERT_EQ(a_time.centres.size(), 12U);
    ASSERT_EQ(a_time.moments.size(), 12U);
    EXPECT_FALSE(a_time.ragged());
    EXPECT_EQ(a_time.centres[11].name, "meridian_icrs_t11");
    EXPECT_DOUBLE_EQ(a_time.centres[11].direction.ra.value(), 1 + 0.003 * 11);
    EXPECT_EQ(a_time.moments[11].centre, 11);
    auto const together = group_header({folder + "centres_at_one_time.uvh5"});
    EXPECT_TRUE(together.ragged());
    EXPECT_EQ(together.centres.size(), 2U);
    EXPECT_EQ(together.moments.size(), 24U);
    EXPECT_EQ(together.time_mjd_s.size(), 24U);
    EXPECT_TRUE(std::is_sorted(together.time_mjd_s.begin(), together.time_mjd_s.end(), std::less_equal<>()));
    auto const averaged = group_header({folder + "averaged_by_baseline.uvh5"});
    EXPECT_TRUE(averaged.ragged());
    EXPECT_EQ(averaged.time_mjd_s.size(), 12U);
    EXPECT_EQ(averaged.exposure_s.size(), 120U);
    double shortest = 1e9, longest = 0;
    for (std::size_t i = 0; i < averaged.exposure_s.size(); ++i)
        if (averaged.present[i] != 0) {
            shortest = std::min(shortest, averaged.exposure_s[i]);
            longest = std::max(longest, averaged.exposure_s[i]);
        }
    EXPECT_NEAR(longest, 10 * shortest, 1e-6);
    auto const moving = group_header({folder + "ephemeris.uvh5"});
    EXPECT_EQ(moving.centres.size(), 12U);
    EXPECT_NE(moving.centres[0].direction.ra, moving.centres[1].direction.ra);
    auto const flexible = group_header({folder + "polarization_a_window.uvh5"});
    EXPECT_EQ(flexible.correlations, (std::vector{Correlation::XX, Correlation::YY}));
    EXPECT_EQ(flexible.freq_hz.size(), 4U);
}

TEST(Golden, ranges_of_baselines_join_to_the_whole)
{
    std::string const path = std::string(NOCTURNE_SOURCE_DIR) + "/tests/golden/uvh5/ata_3c286.uvh5";
    GroupReader reader({path});
    auto const n = static_cast<Index>(reader.header().baselines.size());
    test::PlainSink whole(reader.header(), n);
    reader.read(0, n, whole);
    for (Index first = 0; first < n; first += 100) {
        Index const count = std::min<Index>(100, n - first);
        test::PlainSink part(reader.header(), count);
        reader.read(first, count, part);
        for (Index b = 0; b < count; ++b)
            for (Index c = 0; c < part.nc; ++c)
                for (Index p = 0; p < part.np; ++p)
                    ASSERT_EQ(part.vis[part.at(0, b, c, p)], whole.vis[whole.at(0, first + b, c, p)]);
    }
}

}  // namespace
}  // namespace nocturne
