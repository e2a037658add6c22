// Solutions by way of the registry, as a user goes: register, ask, run; what fails its QA stays out, an expired set is no set, a new one makes groups be done
// again.
#include "tests/support/calibrator_road.hpp"

#include <algorithm>
#include <cmath>

namespace nocturne {
namespace {

constexpr char const* job_of_solutions =
    "name: target\nargs: [incoming, out]\njobs:\n  image:\n    tasks:\n      - {task: convert}\n      - {task: flag}\n"
    "      - {task: apply, args: {from: registry}}\n      - {task: image, args: {imsize: 512, cell: 3, weighting: "
    "natural}}\n";

class RegistryRoad : public test::CalibratorRoad {
protected:
    void SetUp() override
    {
        test::CalibratorRoad::SetUp();
        std::ofstream(scratch_ / "target.yaml") << job_of_solutions;
    }

    /// The set as solved `later_s` later, its antennas' phases against their neighbours turned by `turn`.
    void write_moved(std::string const& name, double later_s, double turn) const
    {
        auto all = read_solutions((scratch_ / "set.h5").string());
        for (auto& table : all) {
            for (auto& interval : table.intervals) {
                interval.start_mjd_s += later_s;
                interval.end_mjd_s += later_s;
                interval.time_mjd_s += later_s;
            }
            for (std::size_t a = 0; table.kind == CalKind::bandpass && a < table.antennas.size(); ++a)
                for (std::size_t k = table.at(0, a, 0, 0), n = table.size() / table.antennas.size(); n > 0; ++k, --n)
                    table.gain[k] *= std::polar(1.F, static_cast<float>(a % 2 ? turn : -turn) / 2);
        }
        write_solutions((scratch_ / name).string(), all, "test");
    }
    test::Outcome run() const
    {
        return nocturne("run target.yaml --arg incoming=G --arg out=out --min-subbands 2 --json --db db.sqlite");
    }
    test::Outcome registry(std::string const& words) const
    {
        return nocturne("registry " + words + " --json --db db.sqlite");
    }
    float peak() const
    {
        auto const images = nocturne("images --json --db db.sqlite").json();
        auto const plane = read_fits(images.at(0).at("path"));
        return *std::max_element(plane.pixels.begin(), plane.pixels.end());
    }
};

TEST_F(RegistryRoad, TargetsAreCorrectedBetweenTwoSets)
{
    write_moved("before.h5", -1800, -pi / 3);
    write_moved("after.h5", 1800, pi / 3);
    ASSERT_EQ(registry("register before.h5 --set before").code, 0);
    ASSERT_EQ(registry("register after.h5 --set after").code, 0);
    auto const sets = registry("list").json();
    ASSERT_EQ(sets.size(), 2U);
    EXPECT_EQ(sets[0]["active"], sets[0]["total"]);
    double const middle = (sets[0]["mid_mjd"].get<double>() + sets[1]["mid_mjd"].get<double>()) / 2;
    auto const active = registry("active --mjd " + std::to_string(middle)).json();
    EXPECT_EQ(active["method"], "interpolated");
    EXPECT_NEAR(active["weight_before"].get<double>(), 0.5, 1e-4);
    auto const done = run();
    ASSERT_EQ(done.code, 0) << done.err;
    EXPECT_NEAR(peak(), 19.87, 0.2);  // 1 %; a mean of complex gains makes it 33 % too bright
    auto const image = nocturne("images --json --db db.sqlite").json().at(0).at("path").get<std::string>();
    auto const prov = nocturne("prov --json --db db.sqlite " + image).json();
    EXPECT_EQ(prov["calibration"]["method"], "interpolated");
    EXPECT_EQ(prov["calibration"]["provenance"], "SAME_DATE_VALID");
    EXPECT_EQ(prov["calibration"]["sets"].size(), 2U);
    EXPECT_NE(test::slurp(image).find("SAME_DATE_VALID"), std::string::npos);
    EXPECT_EQ(run().json()["groups"]["skipped"], 1);
    write_moved("nearer.h5", 600, pi / 9);
    ASSERT_EQ(registry("register nearer.h5 --set nearer").code, 0);
    EXPECT_EQ(run().json()["groups"]["done"], 1);  // another choice, another result
}

TEST_F(RegistryRoad, WithoutAViableTableNothingIsImaged)
{
    auto const none = run();
    EXPECT_EQ(none.code, 66);
    EXPECT_NE(none.json()["failures"][0]["message"].get<std::string>().find("NO_VIABLE_TABLE"), std::string::npos);
    ASSERT_EQ(
        registry("register set.h5 --set old --valid-from 2019-01-01T00:00:00 --valid-to 2020-01-01T00:00:00").code, 0);
    EXPECT_EQ(registry("register set.h5 --set never --valid-to 2020-01-01T00:00:00").code, 64)
        << "it would begin after that";
    EXPECT_EQ(run().code, 66);
    EXPECT_TRUE(nocturne("images --json --db db.sqlite").json().empty());
    auto const named = nocturne(
        "run target.yaml --arg incoming=G --arg out=out --min-subbands 2 --json --db db.sqlite "
        "--solutions set.h5");
    EXPECT_EQ(named.code, 65);
    EXPECT_NE(named.json()["failures"][0]["message"].get<std::string>().find("validity: "), std::string::npos);
    EXPECT_TRUE(nocturne("images --json --db db.sqlite").json().empty());
    EXPECT_EQ(registry("retire old").json()["retired"], 2);
    ASSERT_EQ(registry("register set.h5 --set new").code, 0);
    ASSERT_EQ(run().code, 0);
    shell("printf x >> set.h5");
    auto const changed =
        nocturne("run target.yaml --arg incoming=G --arg out=out2 --min-subbands 2 --json --db db.sqlite");
    EXPECT_EQ(changed.code, 65);
    EXPECT_NE(changed.out.find("registered"), std::string::npos) << changed.out;
}

TEST_F(RegistryRoad, NoiseIsNotRegistered)
{
    ASSERT_EQ(shell("printf 'name,ra_deg,dec_deg,flux_jy,spix\\nCAL,150,54.6,0.0001,0\\n' > faint.csv && " + program() +
                    " simulate --out N --antennas 12 --integrations 6 --subbands 2 --channels 16 --ra 150 --dec 54.6 "
                    "--sources faint.csv --noise --seed 3")
                  .code,
              0);
    auto const unsolved = nocturne("solve N --model cal.csv --types B,G --out n.h5 --register --db db.sqlite --json");
    EXPECT_EQ(unsolved.code, 3) << unsolved.err;
    EXPECT_NE(unsolved.err.find("SNR"), std::string::npos) << unsolved.err;
    auto const solved = nocturne("solve N --model cal.csv --types B,G --minsnr 0 --out n.h5 --register --db db.sqlite");
    EXPECT_EQ(solved.code, 3) << solved.err;
    EXPECT_NE(solved.err.find("mean SNR"), std::string::npos) << solved.err;
    EXPECT_TRUE(registry("list").json().empty());
    EXPECT_EQ(registry("register n.h5").code, 3);
    EXPECT_EQ(registry("register n.h5 --set forced --force").code, 0);
    EXPECT_EQ(registry("list").json()[0]["active"], 0);
    EXPECT_EQ(registry("active --mjd 61100").code, 66);
}

TEST_F(RegistryRoad, AFileThatChangesItsSetIsSaid)
{
    std::string const solve = "solve G --model cal.csv --types B,G --out s.h5 --register --db db.sqlite --set ";
    ASSERT_EQ(nocturne(solve + "half").code, 0);
    auto const renamed = nocturne(solve + "half2");
    EXPECT_EQ(renamed.code, 0) << renamed.err;
    EXPECT_NE(renamed.err.find("set half is no more"), std::string::npos) << renamed.err;
    EXPECT_EQ(registry("list").json().size(), 1U);
}

TEST_F(RegistryRoad, OneSetIsOfOneGroup)
{
    auto other = read_solutions((scratch_ / "set.h5").string());
    for (auto& table : other) table.group_id = "2026-01-26T00:00:00";
    write_solutions((scratch_ / "other.h5").string(), other, "test");
    auto const mixed = registry("register set.h5 other.h5");
    EXPECT_EQ(mixed.code, 64) << mixed.err;
    EXPECT_NE(mixed.err.find("2026-01-26T00:00:00"), std::string::npos) << mixed.err;
    EXPECT_TRUE(registry("list").json().empty());
    auto const twice = registry("register set.h5 set.h5");
    EXPECT_EQ(twice.code, 0) << twice.err;
    EXPECT_EQ(registry("list").json()[0]["total"], 2);
}

/// By hand, too, solutions hold as long as they are registered to, and what is retired is said.
TEST_F(RegistryRoad, WhatIsRegisteredHoldsByHand)
{
    ASSERT_EQ(
        registry("register set.h5 --set old --valid-from 2019-01-01T00:00:00 --valid-to 2020-01-01T00:00:00").code, 0);
    std::vector<std::string> const verbs{"apply G --ms a.ms", "image G --out i --imsize 64 --cell 20",
                                         "selfcal G --out s --rounds p --imsize 64 --cell 20",
                                         "solve G --model cal.csv --types G --out g.h5"};
    for (auto const& verb : verbs) {
        auto const refused = nocturne(verb + " --solutions set.h5 --db db.sqlite");
        EXPECT_EQ(refused.code, 65) << verb << refused.err;
        EXPECT_NE(refused.err.find("validity: "), std::string::npos) << verb << refused.err;
    }
    shell("cp db.sqlite nocturne.sqlite");
    EXPECT_EQ(nocturne(verbs[0] + " --solutions set.h5").code, 65) << "the database that is here";
    EXPECT_EQ(nocturne(verbs[1] + " --solutions set.h5 --db none.sqlite").code, 0);
    ASSERT_EQ(registry("retire old --reason snow").code, 0);
    auto const retired = nocturne(verbs[1] + " --solutions set.h5 --db db.sqlite");
    EXPECT_EQ(retired.code, 0) << retired.err;
    EXPECT_NE(retired.err.find("is retired: snow"), std::string::npos) << retired.err;
    auto const run_again =
        nocturne("run target.yaml --arg incoming=G --arg out=out --min-subbands 2 --db db.sqlite --solutions set.h5");
    EXPECT_EQ(run_again.code, 0) << run_again.err;
    EXPECT_NE(run_again.err.find("is retired: snow"), std::string::npos) << run_again.err;
}

/// Solutions are the same by whatever name: through links, as copies, with a slash at the end.
TEST_F(RegistryRoad, OtherNamesOfAFileAreNoWayPast)
{
    std::string const until = " --valid-from 2019-01-01T00:00:00 --valid-to 2020-01-01T00:00:00";
    ASSERT_EQ(shell("ln -s set.h5 link.h5 && cp set.h5 copy.h5 && mkdir here && ln -s here there").code, 0);
    ASSERT_EQ(registry("register set.h5 --set old" + until).code, 0);
    for (std::string const named : {"link.h5", "copy.h5"}) {
        auto const refused = nocturne("apply G --ms a.ms --solutions " + named + " --db db.sqlite");
        EXPECT_EQ(refused.code, 65) << named << refused.err;
        EXPECT_NE(refused.err.find("validity: "), std::string::npos) << named << refused.err;
    }
    ASSERT_EQ(nocturne("solve G --model cal.csv --types B,G --out c.h5 --casa there/c").code, 0);
    auto const tables = registry("register there/c.B/ there/c.G/ --set casa" + until);
    ASSERT_EQ(tables.code, 0) << tables.err;
    for (std::string const named : {"there/c.B,there/c.G", "here/c.B/,here/c.G/"}) {
        auto const refused = nocturne("apply G --ms a.ms --solutions " + named + " --db db.sqlite");
        EXPECT_EQ(refused.code, 65) << named << refused.err;
        EXPECT_NE(refused.err.find("validity: "), std::string::npos) << named << refused.err;
    }
    EXPECT_EQ(registry("register here/c.B here/c.G --set twice").code, 65);
}

/// Nearer sets that do not fit: of other channels, gains alone, of another strip.
TEST_F(RegistryRoad, SetsThatDoNotFitTakeNoPlace)
{
    write_moved("before.h5", -1800, 0);
    write_moved("after.h5", 1800, 0);
    ASSERT_EQ(registry("register before.h5 --set before").code, 0);
    ASSERT_EQ(registry("register after.h5 --set after").code, 0);
    auto const sets_of = [&](std::string const& words) {
        auto const applied = nocturne("apply G --solutions registry --ms a.ms --json --db db.sqlite " + words);
        EXPECT_EQ(applied.code, 0) << applied.err;
        return applied.code ? nlohmann::json() : applied.json()["calibration"];
    };
    nlohmann::json const both{"before", "after"};
    ASSERT_EQ(shell(program() + " solve G --model cal.csv --types G --out G.h5 && " + program() +
                    " simulate --out N --antennas 12 --integrations 6 --subbands 1 --channels 16 --ra 150 --dec 54.6 "
                    "--sources cal.csv --noise --gain-std 0.1 --phase-std-deg 60 --seed 3 && " +
                    program() + " solve N --model cal.csv --types B,G --out N.h5")
                  .code,
              0);
    for (std::string const file : {"G.h5", "N.h5"}) {
        auto const registered = registry("register " + file + " --set near" + file.substr(0, 1));
        ASSERT_EQ(registered.code, 0) << registered.err;
    }
    EXPECT_EQ(sets_of("")["sets"], both);
    auto strip = read_solutions((scratch_ / "set.h5").string());
    for (auto& table : strip) table.pointing_dec_rad -= 15 * degree_rad;
    write_solutions((scratch_ / "strip.h5").string(), strip, "test");
    ASSERT_EQ(registry("register strip.h5 --set strip").code, 0);
    auto const forced = sets_of("--force");
    EXPECT_EQ(forced["sets"], both);
    EXPECT_EQ(forced["provenance"], "SAME_DATE_VALID");
    EXPECT_EQ(run().code, 0);
    auto const image = nocturne("images --json --db db.sqlite").json().at(0).at("path").get<std::string>();
    EXPECT_EQ(nocturne("prov --json --db db.sqlite " + image).json()["calibration"]["sets"], both);
    for (std::string const set : {"before", "after", "nearN"}) ASSERT_EQ(registry("retire " + set).code, 0);
    auto const alone = nocturne("apply G --solutions registry --ms b.ms --db db.sqlite");
    EXPECT_EQ(alone.code, 0) << alone.err;
    EXPECT_NE(alone.err.find("no bandpass"), std::string::npos) << alone.err;
    ASSERT_EQ(registry("retire nearG").code, 0);
    EXPECT_EQ(sets_of("--force")["provenance"], "BORROWED_VALIDATED");
}

TEST_F(RegistryRoad, TravelsAsAFile)
{
    ASSERT_EQ(registry("register set.h5 --set one --notes 'first light'").code, 0);
    ASSERT_EQ(registry("export -o registry.json").json()["tables"], 2);
    auto const brought = nocturne("registry import registry.json --json --db other.sqlite");
    ASSERT_EQ(brought.code, 0) << brought.err;
    EXPECT_EQ(nocturne("registry show one --json --db other.sqlite").json(), registry("show one").json());
    auto const again = nocturne("registry import registry.json --json --db other.sqlite");
    EXPECT_EQ(again.json()["known"], 2) << again.err;
    ASSERT_EQ(registry("retire one --reason 'bad weather'").code, 0);
    shell("cp set.h5 two.h5");
    ASSERT_EQ(registry("register two.h5 --set two").code, 0);
    ASSERT_EQ(registry("export -o grown.json").code, 0);
    auto const grown = nocturne("registry import grown.json --json --db other.sqlite");
    ASSERT_EQ(grown.code, 0) << grown.err;
    EXPECT_EQ(grown.json()["registered"], 2);
    EXPECT_EQ(grown.json()["retired"], 2) << "a set that its origin retired serves nowhere";
    EXPECT_EQ(nocturne("registry show one --json --db other.sqlite").json(), registry("show one").json());
    shell("printf x >> set.h5");
    EXPECT_EQ(nocturne("registry import registry.json --json --db third.sqlite").code, 65);
    EXPECT_EQ(nocturne("registry import G --db third.sqlite").code, 65);
    ASSERT_EQ(registry("export -o registry.json").code, 0);
    EXPECT_EQ(nocturne("registry import registry.json --db third.sqlite").code, 0) << "what is retired needs no file";
}

}  // namespace
}  // namespace nocturne
