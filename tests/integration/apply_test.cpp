// `nocturne apply` and `--solutions` as a user runs them: raw samples beside corrected ones, images between two sets, six violations with six refusals.
#include "tests/support/calibrator_road.hpp"

#include <algorithm>
#include <cmath>

namespace nocturne {
namespace {

constexpr double sixty = pi / 3;

class ApplyRoad : public test::CalibratorRoad {
protected:
    std::vector<CalTable> tables() const { return read_solutions((scratch_ / "set.h5").string()); }
    void write(std::string const& name, std::vector<CalTable> const& tables) const
    {
        write_solutions((scratch_ / name).string(), tables, "test");
    }

    /// The set of another time; the phase of antenna a turned by a share of 60 degrees against its neighbours.
    void write_turned(std::string const& name, double later_s, double turn) const
    {
        auto all = tables();
        for (auto& table : all) {
            for (auto& interval : table.intervals) {
                interval.start_mjd_s += later_s;
                interval.end_mjd_s += later_s;
                interval.time_mjd_s += later_s;
            }
            if (table.kind != CalKind::bandpass) continue;
            for (std::size_t a = 0; a < table.antennas.size(); ++a)
                for (std::size_t k = table.at(0, a, 0, 0), n = table.size() / table.antennas.size(); n > 0; ++k, --n)
                    table.gain[k] *= std::polar(1.F, static_cast<float>(a % 2 ? turn : -turn) / 2);
        }
        write(name, all);
    }

    test::Outcome image(std::string const& arguments, std::string const& stem) const
    {
        return nocturne("image G --imsize 512 --cell 3 --weighting natural -o " + stem + " " + arguments);
    }
    float peak(std::string const& stem) const
    {
        auto const plane = read_fits((scratch_ / (stem + "-dirty.fits")).string());
        return *std::max_element(plane.pixels.begin(), plane.pixels.end());
    }
};

TEST_F(ApplyRoad, KeepsRawSamplesBesideCorrectedOnes)
{
    auto const got = nocturne("apply G --solutions set.h5 --ms out.ms --json");
    ASSERT_EQ(got.code, 0) << got.err;
    EXPECT_EQ(got.json()["calibration"]["provenance"], "BORROWED_VALIDATED");
    EXPECT_EQ(got.json()["calibration"]["forced"], false);
    auto const image = [&](std::string const& column) {
        auto const made =
            nocturne("image out.ms --imsize 512 --cell 3 --weighting natural --column " + column + " -o " + column);
        EXPECT_EQ(made.code, 0) << made.err;
        return peak(column);
    };
    EXPECT_LT(image("DATA"), 15);
    EXPECT_NEAR(image("CORRECTED_DATA"), 19.87, 0.2);
    EXPECT_EQ(nocturne("convert G --ms raw.ms").code, 0);
    auto const table = [&](std::string const& set) { return test::slurp(scratch_ / set / "table.f4_TSM1"); };
    EXPECT_EQ(table("out.ms"), table("raw.ms"));  // DATA, bit by bit
}

TEST_F(ApplyRoad, BetweenTwoSetsThatDifferBySixtyDegreesThePeakStays)
{
    ASSERT_EQ(image("--solutions set.h5", "one").code, 0);
    write_turned("before.h5", -1800, -sixty);
    write_turned("after.h5", 1800, sixty);
    auto const both = image("--solutions before.h5,after.h5", "both");
    ASSERT_EQ(both.code, 0) << both.err;
    EXPECT_NEAR(peak("both") / peak("one"), 1, 0.002);
    EXPECT_NEAR(peak("one"), 19.87, 0.2);
}

TEST_F(ApplyRoad, BetweenSetsOfOtherKindsNoFrameIsMixed)
{
    ASSERT_EQ(nocturne("solve G --model cal.csv --types K,B,G --out kbg.h5").code, 0);
    ASSERT_EQ(image("--solutions set.h5", "one").code, 0);
    auto const moved = [&](std::string const& from, std::string const& to, double later_s) {
        auto all = read_solutions((scratch_ / from).string());
        for (auto& table : all)
            for (auto& interval : table.intervals) interval.time_mjd_s += later_s;
        write(to, all);
    };
    moved("kbg.h5", "before.h5", -1800);
    moved("set.h5", "after.h5", 1800);  // its bandpass holds the delays
    auto const both = image("--solutions before.h5,after.h5", "both");
    ASSERT_EQ(both.code, 0) << both.err;
    EXPECT_NEAR(peak("both") / peak("one"), 1, 0.002);
    auto gains = tables();
    std::erase_if(gains, [](CalTable const& table) { return table.kind != CalKind::gain; });
    for (auto& table : gains) table.group_id = "another";
    write("gains.h5", gains);
    auto const alone = image("--solutions set.h5,gains.h5", "bad");
    EXPECT_EQ(alone.code, 65) << alone.err;
    EXPECT_NE(alone.err.find("gains.h5 has no bandpass"), std::string::npos) << alone.err;
}

TEST_F(ApplyRoad, TheSameSetTwiceIsTakenOnce)
{
    ASSERT_EQ(nocturne("solve G --model cal.csv --types B,G --solint 1 --out fine.h5").code, 0);
    shell("cp fine.h5 copy.h5");  // its last moment is an integration
    std::vector<std::string> const named{"fine.h5", "fine.h5,fine.h5", "fine.h5,copy.h5"};
    for (std::size_t i = 0; i < named.size(); ++i) {
        std::string const ms = "out" + std::to_string(i) + ".ms";
        auto const got = nocturne("apply G --solutions " + named[i] + " --ms " + ms + " --json");
        ASSERT_EQ(got.code, 0) << got.err;
        EXPECT_EQ(got.json()["calibration"]["method"], "nearest");
        for (auto const* file : {"table.f4_TSM1", "table.f5_TSM1", "table.f6_TSM1", "table.f1_TSM1"})
            EXPECT_EQ(test::slurp(scratch_ / ms / file), test::slurp(scratch_ / "out0.ms" / file)) << named[i] << file;
    }
}

TEST_F(ApplyRoad, CasaTablesOfOursDoTheSame)
{
    ASSERT_EQ(nocturne("solve G --model cal.csv --types B,G --out again.h5 --casa set").code, 0);
    ASSERT_EQ(image("--solutions set.h5", "ours").code, 0);
    auto const casa = image("--solutions set.B,set.G", "casa");
    ASSERT_EQ(casa.code, 0) << casa.err;
    EXPECT_NEAR(peak("casa") / peak("ours"), 1, 1e-5);
}

TEST_F(ApplyRoad, IsTheSameByTwoRanksInSmallSpans)
{
    auto const one = nocturne("apply G --solutions set.h5 --ms one.ms");
    auto const two = mpi(2, "apply G --solutions set.h5 --ms two.ms --memory 0.0005");
    ASSERT_EQ(one.code + two.code, 0) << one.err << two.err;
    for (auto const* file : {"table.f4_TSM1", "table.f5_TSM1", "table.f6_TSM1", "table.f1_TSM1"})
        EXPECT_EQ(test::slurp(scratch_ / "one.ms" / file), test::slurp(scratch_ / "two.ms" / file)) << file;
}

TEST_F(ApplyRoad, RefusesEachOfSixViolationsByName)
{
    std::vector<std::pair<std::string, void (*)(CalTable&)>> const violations{
        {"declination", [](CalTable& t) { t.pointing_dec_rad -= 0.1; }},
        {"frequencies",
         [](CalTable& t) {
             for (double& f : t.freq_hz) f += 1e6;
         }},
        {"antennas", [](CalTable& t) { std::swap(t.antennas[2].position_m, t.antennas[7].position_m); }},
        {"quality",
         [](CalTable& t) {
             for (float& error : t.phase_error_rad) error = 0.5F;
         }},
        {"validity",
         [](CalTable& t) {
             for (auto& interval : t.intervals) interval.time_mjd_s -= 2 * day_s;
         }},
        {"preprocessing", [](CalTable& t) { t.preprocessing = "phased, 10.000 s, 244141 Hz"; }},
        {"correlations", [](CalTable& t) { t.correlations[1] = Correlation::LL; }}};
    for (auto const& [rule, spoil] : violations) {
        auto all = tables();
        for (auto& table : all) spoil(table);
        write("bad.h5", all);
        auto const refused = image("--solutions bad.h5", "bad");
        EXPECT_EQ(refused.code, 65) << rule << refused.err;
        EXPECT_NE(refused.err.find("(" + rule + ": "), std::string::npos) << refused.err;
        EXPECT_NE(refused.err.find("--force"), std::string::npos);
        EXPECT_FALSE(std::filesystem::exists(scratch_ / "bad-dirty.fits")) << rule;
    }
    auto other = tables();
    for (auto& table : other) table.preprocessing = "phased, 10.000 s, 244141 Hz";
    write("bad.h5", other);
    auto const forced = image("--solutions bad.h5 --force", "forced");
    ASSERT_EQ(forced.code, 0) << forced.err;
    auto const fits = test::slurp(scratch_ / "forced-dirty.fits");
    EXPECT_NE(fits.find("CALFORCE=                    T"), std::string::npos);
    EXPECT_NE(fits.find("preprocessing: "), std::string::npos);
    EXPECT_NE(fits.find("BORROWED_VALIDATED"), std::string::npos);
}

TEST_F(ApplyRoad, SolutionsFitAnyFormOfTheGroup)
{
    ASSERT_EQ(nocturne("convert G --ms one.ms").code, 0);
    ASSERT_EQ(nocturne("convert G --ms times.ms --fields per-time").code, 0);
    for (std::string const form : {"one", "times"}) {
        auto const applied = nocturne("apply " + form + ".ms --solutions set.h5 --ms " + form + "-c.ms");
        EXPECT_EQ(applied.code, 0) << applied.err;
        auto const solved = nocturne("solve " + form + ".ms --model cal.csv --types B,G --out " + form + ".h5");
        ASSERT_EQ(solved.code, 0) << solved.err;
        auto const back = nocturne("apply G --solutions " + form + ".h5 --ms " + form + "-back.ms");
        EXPECT_EQ(back.code, 0) << "neither has the missing subband: " << back.err;
        auto const mine = read_solutions((scratch_ / (form + ".h5")).string()), theirs = tables();
        ASSERT_EQ(mine.size(), theirs.size());
        double worst = 0;
        for (std::size_t t = 0; t < mine.size(); ++t) {
            if (mine[t].kind != CalKind::gain) continue;  // the set has no channels of subbands that the group lacks
            ASSERT_EQ(mine[t].gain.size(), theirs[t].gain.size());
            for (std::size_t k = 0; k < mine[t].gain.size(); ++k)
                if (!mine[t].flag[k] && !theirs[t].flag[k])
                    worst = std::max<double>(worst, std::abs(mine[t].gain[k] - theirs[t].gain[k]));
        }
        EXPECT_LT(worst, form == "one" ? 0.01 : 0.03) << form;  // the beam on the meridian, or on the phase centre
    }
    shell("mkdir part; mv $(ls G/*_sb01.hdf5) part/");
    EXPECT_EQ(nocturne("apply G --solutions set.h5 --ms part.ms").code, 0) << "a group may lack subbands";
}

TEST_F(ApplyRoad, FailsLoudlyWithoutTheTable)
{
    auto const missing = image("--solutions none.h5", "bad");
    EXPECT_EQ(missing.code, 66);
    EXPECT_NE(missing.err.find("none.h5"), std::string::npos);
    shell("head -c 3000 set.h5 > cut.h5");
    EXPECT_EQ(image("--solutions cut.h5", "bad").code, 65);
    shell("cp -r G other && echo x > notes.txt");
    EXPECT_EQ(image("--solutions notes.txt", "bad").code, 65);
    EXPECT_FALSE(std::filesystem::exists(scratch_ / "bad-dirty.fits"));
    std::ofstream(scratch_ / "plain.yaml") << "name: plain\nargs: [incoming, out]\njobs:\n  image:\n    tasks:\n"
                                              "      - {task: flag}\n      - {task: convert}\n      - {task: image}\n";
    auto const nobody = nocturne("run plain.yaml --arg incoming=G --arg out=out --solutions set.h5");
    EXPECT_EQ(nobody.code, 78);
    EXPECT_NE(nobody.err.find("no task of"), std::string::npos) << nobody.err;
}

}  // namespace
}  // namespace nocturne
