// status.json, result.json and metrics of a run, as workflow managers read them: never those of another run.
#include "tests/support/program.hpp"

#include <set>

namespace nocturne {
namespace {

using nlohmann::json;

class Recorded : public test::ProgramTest {
protected:
    void SetUp() override
    {
        test::ProgramTest::SetUp();
        simulate("in");
    }
    static std::string words(std::string const& more)
    {
        return "run in --out out --record rec --prom rec/n.prom --quiet " + more;
    }
    test::Outcome run(std::string const& more) const { return nocturne(words("--db d.sqlite " + more)); }
    json document(std::string const& name) const
    {
        return json::parse(test::slurp(scratch_ / ("rec/" + name + ".json")));
    }
    void expect_refused(int code, std::string const& more) const
    {
        EXPECT_EQ(nocturne(words(more)).code, code);
        EXPECT_EQ(document("result")["exit_code"], code);
        EXPECT_EQ(document("result")["error"]["code"], code);
        EXPECT_EQ(document("result")["products"], json::array());
        EXPECT_EQ(document("status")["exit_code"], code);
        EXPECT_EQ(document("status")["state"], "FAILED");
    }
    bool metrics_say(std::string const& line) const
    {
        return test::slurp(scratch_ / "rec/n.prom").find(line + "\n") != std::string::npos;
    }
};

TEST_F(Recorded, NothingOfAnEarlierRunStandsOnceAnotherBegan)
{
    ASSERT_EQ(run("--imsize 64 --cell 60").code, 0);
    EXPECT_EQ(document("result")["exit_code"], 0);
    auto const earlier = document("result")["run_id"];
    auto const killed = shell(program() + " " + words("--db d.sqlite --imsize 4096 --cell 5") +
                              " & pid=$!; for i in $(seq 200); do " + program() +
                              " queue show --db d.sqlite | grep -q in_progress && break; sleep 0.05; done; kill -9 "
                              "$pid; wait $pid; echo $?");
    ASSERT_EQ(killed.out, "137\n") << killed.err;
    EXPECT_FALSE(std::filesystem::exists(scratch_ / "rec/result.json"));
    EXPECT_EQ(document("status")["state"], "RUNNING");
    EXPECT_NE(document("status")["run_id"], earlier);
}

TEST_F(Recorded, ARunThatDoesNotBeginSaysSo)
{
    ASSERT_EQ(run("--imsize 64 --cell 60").code, 0);
    expect_refused(66, "--db d.sqlite --imsize 64 --cell 60 --group nonsuch");
    EXPECT_TRUE(metrics_say("nocturne_run_exit_code{job=\"continuum\"} 66"));
    EXPECT_TRUE(metrics_say("nocturne_runs_total{job=\"continuum\",result=\"success\"} 1"));
    EXPECT_TRUE(metrics_say("nocturne_runs_total{job=\"continuum\",result=\"failure\"} 1"));
    ASSERT_EQ(run("--imsize 64 --cell 60").code, 0);
    expect_refused(78, "--db d.sqlite --arg nonsuch=1");
    ASSERT_EQ(nocturne(words("--db d.sqlite --arg nonsuch=1 --dry-run")).code, 78);
    auto const away = nocturne(words("--db postgresql://nobody@127.0.0.1:9/none"));
    if (away.code == 78) GTEST_SKIP() << "this build has no PostgreSQL";
    expect_refused(69, "--db postgresql://nobody@127.0.0.1:9/none");
    EXPECT_TRUE(metrics_say("nocturne_run_exit_code{job=\"continuum\"} 69"));
}

TEST_F(Recorded, ProductsOfADirectoryWithLettersOfAnyKind)
{
    ASSERT_EQ(nocturne("run in --out 'n\u00e4chte \u2600' --record rec --db d.sqlite --imsize 64 --cell 60").code, 0);
    EXPECT_FALSE(document("result")["products"].empty());
}

/// One database knows of nothing that the other has done.
TEST_F(Recorded, ADirectoryOfAnotherDatabaseIsTold)
{
    auto const warned = [&](std::string const& database) {
        auto const said = nocturne("run in --out out --imsize 64 --cell 60 --db " + database);
        EXPECT_EQ(said.code, 0) << said.err;
        return said.err.find("database " + (scratch_ / database).string() + " does not know") != std::string::npos;
    };
    EXPECT_FALSE(warned("a.sqlite"));
    ASSERT_EQ(nocturne("db backup copy.sqlite --db a.sqlite").code, 0);
    EXPECT_TRUE(warned("b.sqlite"));
    EXPECT_FALSE(warned("b.sqlite"));
    EXPECT_FALSE(warned("a.sqlite"));
    ASSERT_EQ(nocturne("db restore copy.sqlite --db c.sqlite").code, 0);
    EXPECT_FALSE(warned("c.sqlite")) << "it knows what it had done there";
}

TEST_F(Recorded, ProductsAreOfThisConfigurationAlone)
{
    ASSERT_EQ(run("--imsize 128 --cell 20 --niter 5").code, 0);
    auto const cleaned = document("result");
    EXPECT_EQ(cleaned["stale"], json::array());
    ASSERT_EQ(run("--imsize 160 --cell 20").code, 0);
    auto const dirty = document("result");
    std::set<std::string> kinds;
    for (auto const& product : dirty["products"]) {
        EXPECT_EQ(product["run_id"], dirty["run_id"]) << product;
        kinds.insert(product["product"]);
    }
    EXPECT_TRUE(kinds.count("dirty"));
    EXPECT_FALSE(kinds.count("image"));
    EXPECT_EQ(dirty["products"].size() + dirty["stale"].size(), cleaned["products"].size());
    for (auto const& product : dirty["stale"]) EXPECT_EQ(product["run_id"], cleaned["run_id"]) << product;
    ASSERT_EQ(run("--imsize 160 --cell 20").code, 0);
    EXPECT_EQ(document("result")["products"], dirty["products"]) << "they stand, whoever made them";
    EXPECT_EQ(document("result")["stale"], dirty["stale"]);
}

}  // namespace
}  // namespace nocturne
