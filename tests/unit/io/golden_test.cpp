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

enum class Way { fast, library };

void expect_as_pyuvdata(std::string const& stem, Way way)
{
    std::ifstream text(stem + ".txt");
    ASSERT_TRUE(text) << stem;
    GroupReader reader({stem + ".uvh5"});
    if (way == Way::library) reader.avoid_index();
    auto const& h = reader.header();
    std::size_t nt = 0, nb = 0, nf = 0, np = 0;
    double low = 0, high = 0, start = 0;
    text >> nt >> nb >> nf >> np >> low >> high >> start;
    ASSERT_EQ(h.time_mjd_s.size(), nt);
    ASSERT_EQ(h.baselines.size(), nb);
    ASSERT_EQ(h.freq_hz.size(), nf);
    ASSERT_EQ(h.correlations.size(), np);
    EXPECT_EQ(h.freq_hz.front(), low);
    EXPECT_EQ(h.freq_hz.back(), high);
    EXPECT_NEAR(h.time_mjd_s.front(), (start - jd_minus_mjd_days) * day_s, 1e-4);
    auto const survey = reader.survey(0, static_cast<Index>(nb));
    test::PlainSink sink(h, static_cast<Index>(nb));
    reader.read(0, static_cast<Index>(nb), survey, sink);
    double jd = 0, freq = 0, re = 0, im = 0, nsamples = 0;
    int ant1 = 0, ant2 = 0, code = 0, flag = 0, n = 0;
    for (; text >> jd >> ant1 >> ant2 >> freq >> code >> re >> im >> flag >> nsamples; ++n) {
        auto const p = std::find(h.correlations.begin(), h.correlations.end(), static_cast<Correlation>(code)) -
                       h.correlations.begin();
        auto const i = sink.at(nearest_index(h.time_mjd_s, (jd - jd_minus_mjd_days) * day_s),
                               baseline_of(h, ant1, ant2), nearest_index(h.freq_hz, freq), p);
        ASSERT_EQ(sink.vis[i], std::complex<double>(re, im)) << stem << " sample " << n;
        ASSERT_EQ(survey.has_flags[0] ? sink.flag[i] : 0, flag) << stem << " sample " << n;
        double const weight = survey.weight_is_constant ? survey.weight : sink.nsamples[i];
        ASSERT_EQ(weight, nsamples < 0 ? 1 : nsamples) << stem << " sample " << n;
    }
    EXPECT_GE(n, 100);
}

TEST(Golden, files_read_as_pyuvdata_reads_them)
{
    std::string const folder = std::string(NOCTURNE_SOURCE_DIR) + "/tests/golden/uvh5/";
    for (auto const* name : {"ata_3c286", "hera_zen.2458661"})
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
