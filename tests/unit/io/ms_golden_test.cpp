// Measurement Sets that CASA and LOFAR's correlator wrote, against what python-casacore reads in them (tests/golden/ms).
#include "io/ms_facts.hpp"
#include "io/ms_reader.hpp"
#include "io/wgs84.hpp"
#include "nocturne/error.hpp"
#include "tests/unit/io/scratch.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

namespace nocturne {
namespace {

struct Line {
    double time_s;
    int ant1, ant2;
    double uvw[3];
    Index channel, correlation;
    double re, im;
    int flag;
    double weight;
};

std::vector<Line> expected(std::string const& name)
{
    std::ifstream file(std::string(NOCTURNE_SOURCE_DIR) + "/tests/golden/ms/" + name + ".txt");
    std::vector<Line> lines;
    for (Line l{}; file >> l.time_s >> l.ant1 >> l.ant2 >> l.uvw[0] >> l.uvw[1] >> l.uvw[2] >> l.channel >>
                   l.correlation >> l.re >> l.im >> l.flag >> l.weight;)
        lines.push_back(l);
    return lines;
}

/// One golden set, unpacked and read whole.
class Golden {
public:
    explicit Golden(std::string const& name)
        : path_(unpack(name)), reader_(path_), header(reader_.header()), nb_(std::ssize(header.baselines))
    {
        auto const nt = std::ssize(header.time_mjd_s), nc = std::ssize(header.freq_hz),
                   np = std::ssize(header.correlations);
        vis_.resize(static_cast<std::size_t>(nt * nb_ * nc * np));
        flag_.resize(vis_.size());
        weight_.resize(vis_.size());
        target_ = {make_view(vis_.data(), nt, nb_, nc, np), make_view(flag_.data(), nt, nb_, nc, np),
                   make_view(weight_.data(), nt, nb_, nc, np)};
        reader_.read(0, nb_, target_);
    }

    /// Every line of the expectation; `sign` is that of the imaginary part and of UVW against the file's.
    void compare(std::string const& name, int sign) const
    {
        auto const lines = expected(name);
        ASSERT_GT(lines.size(), 50u);
        for (auto const& l : lines) {
            SCOPED_TRACE(std::to_string(l.ant1) + "-" + std::to_string(l.ant2) + " at " + std::to_string(l.time_s));
            auto const [t, b] = cell(l);
            auto const& v = target_.vis(t, b, l.channel, l.correlation);
            EXPECT_EQ(v.re, static_cast<float>(l.re));
            EXPECT_EQ(v.im, static_cast<float>(sign * l.im));
            EXPECT_EQ(target_.flag(t, b, l.channel, l.correlation), l.flag ? flag_file : 0);
            EXPECT_EQ(target_.weight(t, b, l.channel, l.correlation), static_cast<float>(l.weight));
            for (std::size_t i = 0; i < 3; ++i)
                EXPECT_EQ(header.file_uvw_m[3 * static_cast<std::size_t>(t * nb_ + b) + i], sign * l.uvw[i]);
        }
    }

    std::string const& path() const { return path_; }

private:
    std::string unpack(std::string const& name) const
    {
        auto const archive = std::string(NOCTURNE_SOURCE_DIR) + "/tests/golden/ms/" + name + ".tgz";
        EXPECT_EQ(std::system(("tar -C '" + scratch_.path() + "' -xzf '" + archive + "'").c_str()), 0);
        return scratch_ / (name + ".ms");
    }

    std::pair<Index, Index> cell(Line const& l) const
    {
        for (Index t = 0; t < std::ssize(header.time_mjd_s); ++t)
            for (Index b = 0; b < nb_; ++b) {
                auto const& baseline = header.baselines[static_cast<std::size_t>(b)];
                auto const cell = static_cast<std::size_t>(t * nb_ + b);
                auto const m = header.ragged() ? header.moment_of[cell] : static_cast<std::int32_t>(t);
                if (m < 0) continue;
                double const apart_s = header.moments[static_cast<std::size_t>(m)].time_mjd_s - l.time_s;
                if (baseline.ant1 == l.ant1 && baseline.ant2 == l.ant2 && apart_s < 1e-4 && apart_s > -1e-4)
                    return {t, b};
            }
        ADD_FAILURE() << "it is not there";
        return {0, 0};
    }

    test::Scratch scratch_;
    std::string path_;
    MsReader reader_;

public:
    GroupHeader header;

private:
    Index nb_;
    std::vector<Vis> vis_;
    std::vector<std::uint8_t> flag_;
    std::vector<float> weight_;
    MsTarget target_;
};

TEST(MsGolden, OfCasa)
{
    Golden const golden("casa");
    golden.compare("casa", -1);
    EXPECT_FALSE(golden.header.mirrored);
    EXPECT_TRUE(golden.header.ragged());  // its baselines have times of their own
    EXPECT_EQ(golden.header.site.telescope_name, "EVLA");
    EXPECT_EQ(golden.header.centres.front().name, "J1008+0730");
    EXPECT_EQ(golden.header.correlations,
              (std::vector{Correlation::RR, Correlation::RL, Correlation::LR, Correlation::LL}));
    EXPECT_EQ(golden.header.antennas.size(), 28u);
    EXPECT_EQ(golden.header.integration_s.front(), 0.04);
}

TEST(MsGolden, OfLofar)
{
    Golden const golden("lofar");
    golden.compare("lofar", 1);
    EXPECT_TRUE(golden.header.mirrored);
    EXPECT_EQ(golden.header.antennas.front().name, "CS001HBA0");
    EXPECT_NEAR(golden.header.freq_hz.front(), 134.288025e6, 1);
}

TEST(MsGolden, Facts)
{
    Golden const golden("casa");
    auto const facts = read_ms_facts(golden.path());
    EXPECT_EQ(facts.version, 2);
    EXPECT_TRUE(facts.trouble.empty());
    EXPECT_EQ(facts.rows, 62);
    EXPECT_TRUE(facts.flag_category_keyword);
    ASSERT_EQ(facts.samples.size(), 6u);
    for (auto const& fact : facts.samples) EXPECT_EQ(fact.looked, fact.there ? facts.rows : 0) << fact.name;
    EXPECT_TRUE(facts.samples[0].there && facts.samples[0].defined && facts.samples[0].fits);
    EXPECT_FALSE(facts.samples[1].there);
    EXPECT_EQ(facts.antennas[0].mount, "ALT-AZ");
    EXPECT_EQ(facts.fields[0].frame, "J2000");
    ASSERT_EQ(facts.subtables.size(), 13u);  // SOURCE beyond those that must be there
    for (auto const& table : facts.subtables) EXPECT_EQ(table.trouble, "") << table.name;
}

}  // namespace
}  // namespace nocturne
