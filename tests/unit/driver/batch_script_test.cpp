// Values that look like commands are data in the script that submit writes: 150 of them, read back by bash itself.
#include "driver/batch_script.hpp"
#include "driver/command.hpp"
#include "driver/submit.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include <unistd.h>

namespace nocturne {
namespace {

namespace fs = std::filesystem;

// clang-format off
std::vector<std::pair<std::string, std::string>> const wrappings{
    {"$(", ")"}, {"`", "`"}, {"; ", " ;"}, {"| ", ""}, {"|| ", ""}, {"&& ", ""}, {"& ", " &"}, {"\n", "\n"},
    {"'; ", "; '"}, {"\"; ", "; \""}, {"\\'; ", " #"}, {"$'\\x27; ", " #"}, {"\r\n", "\r\n"}, {"${x:-$(", ")}"},
    {"<(", ")"}, {">(", ")"}, {"\n#SBATCH --wrap='", "'"}, {")\n", "\n("}, {"'$(", ")'"}, {"\"$(", ")\""}, {"\\\n", ""},
    {"{", ",}"}, {"!", ""}, {"~/; ", ""}, {"*; ", ""}, {"${{ args.x }}$(", ")"}, {"\t;", ";\t"}, {"\x01$(", ")"},
    {"\xff\xfe$(", ")"}, {"\xe2\x80\x99; ", ""}, {"a=b $(", ")"}, {"--x=$(", ")"}, {"-c ", ""}, {"# ", ""},
    {"\n# ", "\n"}, {"EOF\n", "\nEOF"}, {"$((`", "`))"}, {"[$(", ")]"}, {"]]; ", " [["}, {"=(", ")"}, {"%s$(", ")"},
    {"\\$(", ")"}, {"\\`", "\\`"}, {"''$(", ")''"}, {"'\\''; ", "; '\\''"}, {"\x7f;", ""}, {"\v; ", ""}, {"\f& ", ""},
    {"\b| ", ""}, {"$IFS;", ""}};
// clang-format on

class Scripts : public ::testing::Test {
protected:
    void SetUp() override
    {
        scratch_ = fs::temp_directory_path() / ("nocturne-batch-script-" + std::to_string(getpid()));
        fs::create_directories(scratch_);
        std::ofstream(launcher()) << "printf '%s\\0' \"$NOCTURNE_RUN_ID\" \"$@\"\n";
    }
    void TearDown() override { fs::remove_all(scratch_); }

    std::string launcher() const { return (scratch_ / "launch.sbatch").string(); }
    fs::path canary() const { return scratch_ / "canary"; }

    std::string written(BatchScript const& script) const
    {
        auto const path = (scratch_ / "job.sbatch").string();
        std::ofstream(path) << to_text(script);
        return path;
    }
    /// What bash makes of the script: the run's id and the words that reach the launcher.
    std::vector<std::string> words_of(BatchScript const& script) const
    {
        auto const path = written(script);
        EXPECT_EQ(run_command({"bash", "-n", path}).code, 0);
        auto const said = run_command({"bash", path});
        EXPECT_EQ(said.code, 0) << said.err;
        std::vector<std::string> words;
        std::istringstream text(said.out);
        for (std::string word; std::getline(text, word, '\0');) words.push_back(word);
        return words;
    }
    /// 50 ways to have `touch canary` run by a careless shell, a line of #SBATCH or a template.
    std::vector<std::string> hostile_values() const
    {
        auto const touch = "touch " + canary().string();
        std::vector<std::string> all;
        for (auto const& [before, after] : wrappings) all.push_back(before + touch + after);
        return all;
    }

    fs::path scratch_;
};

TEST_F(Scripts, HostileValuesComeBackAsTheyWere)
{
    auto const values = hostile_values();
    ASSERT_EQ(values.size(), 50U);
    for (auto const& value : values) {  // as an argument, beside a name, and as the id of the run: 150
        BatchScript script;
        script.launcher = launcher();
        script.arguments = {value, "--arg", "name=" + value};
        script.run_id = value;
        auto const words = words_of(script);
        ASSERT_EQ(words, (std::vector<std::string>{value, value, "--arg", "name=" + value})) << to_text(script);
        EXPECT_FALSE(fs::exists(canary())) << value;
    }
}

TEST_F(Scripts, ADatabaseWithAPasswordComesWithTheEnvironmentOrTheJobEnds)
{
    BatchScript script;
    script.launcher = launcher();
    script.secret_database = true;
    auto const path = written(script);
    auto const without = run_command({"env", "-u", "NOCTURNE_DB", "bash", path});
    EXPECT_EQ(without.code, 78);
    EXPECT_NE(without.err.find("NOCTURNE_DB"), std::string::npos) << without.err;
    EXPECT_EQ(run_command({"bash", path}, {{"NOCTURNE_DB", "postgresql://u:canary-pw@h/d"}}).code, 0);
}

TEST_F(Scripts, ShellcheckHasNothingToSayOfAScriptOfHostileValues)
{
    if (run_command({"shellcheck", "--version"}).code != 0) GTEST_SKIP() << "no shellcheck on this machine";
    BatchScript script;
    script.launcher = launcher();
    script.path = script.program = script.cluster = scratch_ / "a place' $(x)";
    script.run_id = "20261121T192657Z-2399ffb7";
    script.options = {"--ntasks=2", "--array=0-4%2"};
    script.secret_database = true;
    script.arguments = hostile_values();
    auto const said = run_command({"shellcheck", written(script)});
    EXPECT_EQ(said.code, 0) << said.out;
}

TEST_F(Scripts, OptionsOfSlurmAreOptionsAndNothingElse)
{
    for (auto const* good : {"--partition=gpu", "--constraint=[a100|h200]&ib", "--exclusive", "--mail-user=a@b.org",
                             "--dependency=afterok:12:13", "--array=0-4%2"})
        EXPECT_NO_THROW(check_slurm_option(good)) << good;
    for (auto const& value : hostile_values()) {
        EXPECT_THROW(check_slurm_option(value), Error) << value;
        EXPECT_THROW(check_slurm_option("--comment=" + value), Error) << value;
    }
    for (auto const* bad : {"", "-", "--", "---x", "--=x", "-p", "x", "--a b"})
        EXPECT_THROW(check_slurm_option(bad), Error) << bad;
}

/// A quarter of a short limit: with two minutes of warning a run of two minutes was interrupted as it began.
TEST_F(Scripts, TheWarningFitsTheTimeLimit)
{
    for (auto const& [time, seconds] : {std::pair{"2", 120},
                                        {"1:30", 90},
                                        {"04:00:00", 14400},
                                        {"1-2", 93600},
                                        {"1-02:30", 95400},
                                        {"1-02:30:05", 95405}})
        EXPECT_EQ(slurm_seconds(time), seconds) << time;
    for (auto const* other : {"", "0", "UNLIMITED", "1-", "-1", "1:", "1:2:3:4", "1-2-3", "2h", "9999999999"})
        EXPECT_FALSE(slurm_seconds(other)) << other;
    auto const warning = [&](std::vector<std::string> options) {
        BatchScript script;
        script.options = std::move(options);
        auto const text = to_text(script);
        auto const from = text.find("USR1@") + 5;
        return text.substr(from, text.find('\n', from) - from);
    };
    EXPECT_EQ(warning({}), "120");
    EXPECT_EQ(warning({"--time=2"}), "30");
    EXPECT_EQ(warning({"--time=0:20"}), "10");
    EXPECT_EQ(warning({"--time=2", "--time=04:00:00"}), "120");  // the later of two counts
    EXPECT_EQ(warning({"--time=UNLIMITED"}), "120");
}

TEST_F(Scripts, TheNameOfAJobHoldsNoMoreThanSlurmTakes)
{
    EXPECT_EQ(slurm_name("night.image"), "night.image");
    EXPECT_EQ(slurm_name("a\n#SBATCH --wrap=x/%j"), "a__SBATCH_--wrap=x__j");
}

TEST(Commands, EndWhereTheyTakeTooLong)
{
    EXPECT_EQ(run_command({"sleep", "30"}, {}, 0.3).code, 124);
    EXPECT_EQ(run_command({"true"}, {}, 30).code, 0);
}

TEST(ArraySizes, AreCounts)
{
    EXPECT_EQ(parse_array("50").count, 50);
    EXPECT_EQ(parse_array("50%10").at_once, 10);
    for (auto const* bad : {"", "0", "-1", "5%", "5%0", "%5", "1-5", "99999999", "5%2%1"})
        EXPECT_THROW(parse_array(bad), Error) << bad;
}

}  // namespace
}  // namespace nocturne
