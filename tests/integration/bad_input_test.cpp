// What the world does to a job: damaged, missing and foreign files, places that cannot be written. Each time a named error,
// the right exit code, nothing under a final name, and the other groups done.
#include "tests/support/program.hpp"

#include <algorithm>

namespace nocturne {
namespace {

using test::Outcome;

class BadInput : public test::ProgramTest {
protected:
    static std::string job(std::string const& more = "")
    {
        return std::string("run ") + NOCTURNE_SOURCE_DIR +
               "/jobs/continuum.yaml --arg incoming=in --arg out=out --arg imsize=128 --arg cell=20 --json " + more;
    }
    /// Two groups; `damage` is done to the first one's files.
    Outcome after(std::string const& damage, std::string const& more = "")
    {
        simulate("in", "--start 2026-01-25T22:26:05");
        simulate("in", "--start 2026-01-25T22:31:14");
        auto const done = shell(damage);
        EXPECT_EQ(done.code, 0) << done.err;
        return nocturne(job(more));
    }
    void expect_only_the_second(Outcome const& outcome, int code, std::string const& word)
    {
        EXPECT_EQ(outcome.code, code) << outcome.err;
        EXPECT_EQ(outcome.json()["groups"]["done"], 1) << outcome.out;
        ASSERT_EQ(outcome.json()["failures"].size(), 1U) << outcome.out;
        auto const failure = outcome.json()["failures"][0];
        EXPECT_EQ(failure["group_id"], "2026-01-25T22:26:05");
        EXPECT_EQ(failure["code"], code);
        EXPECT_NE(failure["message"].get<std::string>().find(word), std::string::npos) << failure;
        EXPECT_EQ(shell("find out -name '*222605*' -type f").out, "");
        EXPECT_EQ(shell("find out -name '*223114*-dirty.fits' | wc -l").out, "1\n");
    }
    std::string const first = "in/2026-01-25T22:26:05";
};

TEST_F(BadInput, a_truncated_file_is_named)
{
    expect_only_the_second(after("truncate -s 20000 " + first + "_sb03.hdf5"), 65, "sb03");
}

TEST_F(BadInput, a_group_that_was_settled_is_left_alone_until_its_files_change)
{
    simulate("in");
    auto const bad = first + "_sb03.hdf5";
    shell("rm -r in/truth; cp " + bad + " good; cp " + first + "_sb04.hdf5 fourth; truncate -s 20000 " + bad);
    ASSERT_EQ(nocturne(job()).code, 65);
    ASSERT_EQ(nocturne("queue resolve 2026-01-25T22:26:05 --note lost").code, 0);
    for (int i = 0; i < 2; ++i) {
        auto const again = nocturne(job());
        EXPECT_EQ(again.code, 0) << again.err;
        EXPECT_EQ(again.json()["groups"]["failed"], 0) << again.out;
        EXPECT_EQ(nocturne("groups --json").json()[0]["error"], "lost");
    }
    auto const all = nocturne("queue retry --all --json");
    EXPECT_EQ(all.json()["groups"], nlohmann::json::array()) << "what a person settled is not brought back in passing";
    EXPECT_EQ(all.json()["settled"], nlohmann::json{"2026-01-25T22:26:05"});
    EXPECT_EQ(nocturne("groups --json").json()[0]["error"], "lost");
    auto const history = nocturne("queue show 2026-01-25T22:26:05 --json").json()[0]["status_history"];
    EXPECT_EQ(history.back()["detail"], "settled by hand: lost") << history;
    nocturne("index scan in");  // learns checksums: no change of files
    EXPECT_EQ(nocturne("groups --json").json()[0]["error"], "lost");
    EXPECT_EQ(nocturne(job()).code, 0);
    shell("truncate -s 20000 " + first + "_sb04.hdf5");
    EXPECT_EQ(nocturne(job()).code, 65) << "its files changed, for the worse";
    ASSERT_EQ(nocturne("queue retry 2026-01-25T22:26:05").code, 0);
    EXPECT_EQ(nocturne(job()).code, 65);
    ASSERT_EQ(nocturne("queue resolve 2026-01-25T22:26:05").code, 0);
    shell("cp good " + bad + "; cp fourth " + first + "_sb04.hdf5");
    auto const mended = nocturne(job());
    EXPECT_EQ(mended.code, 0) << mended.err;
    EXPECT_EQ(mended.json()["groups"]["done"], 1) << mended.out;
}

TEST_F(BadInput, under_quiet_failures_are_named_and_nothing_else)
{
    auto const outcome =
        after("truncate -s 20000 " + first + "_sb03.hdf5; rm in/2026-01-25T22:31:14_sb0[0-4].hdf5; rm -rf in/truth*",
              "--quiet");
    EXPECT_EQ(outcome.code, 66) << outcome.err;
    EXPECT_NE(outcome.err.find("sb03"), std::string::npos) << outcome.err;
    EXPECT_NE(outcome.err.find("11 of 16"), std::string::npos) << outcome.err;
    EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 2) << outcome.err;
}

TEST_F(BadInput, a_group_that_a_job_names_and_nobody_has_is_66)
{
    simulate("in", "--start 2026-01-25T22:26:05");
    auto const night = std::string("run ") + NOCTURNE_SOURCE_DIR +
                       "/jobs/night.yaml --arg incoming=in --arg out=out --json --dry-run ";
    auto const slip = nocturne(night + "--arg calibrators=2026-01-25T22:26:06").json()["failures"];
    ASSERT_EQ(slip.size(), 1U) << slip;
    EXPECT_EQ(slip[0]["code"], 66);
    EXPECT_NE(slip[0]["message"].get<std::string>().find("did you mean '2026-01-25T22:26:05'"), std::string::npos)
        << slip;
    EXPECT_TRUE(nocturne(night + "--arg 'calibrators=2026-02-*'").json()["failures"].empty());
    auto const alone = std::string("run ") + NOCTURNE_SOURCE_DIR + "/jobs/night.yaml --arg incoming=in --arg out=out ";
    auto const one = nocturne(alone + "--job calibrate --arg calibrators=2026-01-25T22:26:06 --json");
    EXPECT_EQ(one.code, 66) << "the job whose slip it is answers for it: " << one.err;
    EXPECT_EQ(one.json()["groups"]["failed"], 1) << one.out;
}

TEST_F(BadInput, a_file_of_something_else_is_named)
{
    expect_only_the_second(after("head -c 50000 /dev/urandom > " + first + "_sb05.hdf5"), 65, "sb05");
}

TEST_F(BadInput, too_few_subbands_are_listed)
{
    expect_only_the_second(after("rm " + first + "_sb0[0-4].hdf5"), 66, "11 of 16");
}

TEST_F(BadInput, one_missing_subband_is_imaged_and_said)
{
    auto const outcome = after("rm " + first + "_sb07.hdf5");
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    EXPECT_EQ(outcome.json()["groups"]["done"], 2);
    auto const images = nocturne("images --json").json();
    EXPECT_EQ(images[0]["n_subbands"], 15);
    EXPECT_EQ(images[0]["n_vis_missing"].get<Index>(), 3 * 45 * 4 * 2);
}

TEST_F(BadInput, all_flagged_makes_no_image)
{
    simulate("other", "--start 2026-01-25T22:26:05 --zeros 1");
    expect_only_the_second(after("cp other/*.hdf5 in/"), 65, "flagged");
}

TEST_F(BadInput, a_file_that_changed_after_the_scan_is_refused)
{
    simulate("in", "--start 2026-01-25T22:26:05");
    simulate("in", "--start 2026-01-25T22:31:14");
    ASSERT_EQ(nocturne("index scan in --json").code, 0);
    // One byte, the same size and time: only the content tells.
    shell("f=" + first +
          "_sb02.hdf5; touch -r $f stamp; printf '\\377' | dd of=$f bs=1 seek=60000 conv=notrunc; touch -r stamp $f");
    expect_only_the_second(nocturne(job()), 65, "sb02");
}

TEST_F(BadInput, foreign_files_are_named_and_left_alone)
{
    simulate("in");
    shell("echo hello > in/notes.txt; echo x > in/2026-01-25T22:26:05_sb99.hdf5.bak");
    auto const outcome = nocturne(job());
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    EXPECT_NE(outcome.err.find("notes.txt"), std::string::npos);
    EXPECT_EQ(outcome.json()["groups"]["done"], 1);
}

TEST_F(BadInput, an_output_that_cannot_be_made_is_73)
{
    simulate("in");
    shell("echo file > out");
    auto const outcome = nocturne(job("--db nocturne.sqlite"));
    EXPECT_EQ(outcome.code, 73) << outcome.err;
    EXPECT_NE(outcome.err.find("out"), std::string::npos);
}

TEST_F(BadInput, a_full_disk_is_74_and_leaves_nothing)
{
    if (shell("mkdir out && mount -t tmpfs -o size=100m,nr_inodes=4 tmpfs out").code != 0)
        GTEST_SKIP() << "mounting a small file system needs root";
    simulate("in");
    auto const outcome = nocturne(job("--db nocturne.sqlite"));
    auto const left = shell("find out -type f");
    shell("umount out");
    EXPECT_EQ(outcome.code, 74) << outcome.err;
    EXPECT_EQ(outcome.json()["failures"][0]["code"], 74);
    EXPECT_NE(outcome.json()["failures"][0]["message"].get<std::string>().find("out/"), std::string::npos);
    EXPECT_EQ(left.out, "");
}

TEST_F(BadInput, images_that_a_disk_cannot_take_are_not_begun)
{
    if (shell("mkdir out && mount -t tmpfs -o size=80m tmpfs out").code != 0)
        GTEST_SKIP() << "mounting a small file system needs root";
    simulate("in");
    auto const outcome = nocturne("run in --out out --db nocturne.sqlite --imsize 4096 --cell 3 --json --quiet");
    auto const events = nocturne("events export --db nocturne.sqlite --kind finished").json();
    shell("umount out");
    EXPECT_EQ(outcome.code, 74) << outcome.err;
    EXPECT_NE(outcome.out.find("no room for the images of a group in out"), std::string::npos) << outcome.out;
    EXPECT_TRUE(events.empty()) << "no stage was worked through: " << events.dump();
}

TEST_F(BadInput, a_disk_that_is_full_before_is_74)
{
    if (shell("mkdir out && mount -t tmpfs -o size=120k tmpfs out").code != 0)
        GTEST_SKIP() << "mounting a small file system needs root";
    simulate("in");
    auto const outcome = nocturne(job("--db nocturne.sqlite"));
    shell("umount out");
    EXPECT_EQ(outcome.code, 74) << outcome.err;
    auto const error = outcome.json()["error"];
    EXPECT_NE(error["problem"].get<std::string>().find("out is full"), std::string::npos);
    EXPECT_NE(error["what_to_do"].get<std::string>().find("free space there"), std::string::npos) << error;
}

TEST_F(BadInput, a_missing_directory_or_job_file_is_66)
{
    EXPECT_EQ(nocturne(job()).code, 66);
    EXPECT_EQ(nocturne("run nowhere.yaml").code, 66);
}

TEST_F(BadInput, mistakes_on_the_command_line_are_named)
{
    auto const option = nocturne("run in --imsze 128");
    EXPECT_EQ(option.code, 64);
    EXPECT_NE(option.err.find("--imsize"), std::string::npos) << option.err;
    EXPECT_EQ(nocturne("rnu in").code, 64);
    EXPECT_NE(nocturne("runs get").err.find("nocturne runs get --help"), std::string::npos);
    simulate("in");
    EXPECT_EQ(nocturne(job("--imsize 129")).code, 78);
    EXPECT_EQ(nocturne(job("--arg imsiez=1")).code, 78);
}

TEST_F(BadInput, an_interrupted_run_says_run_me_again)
{
    simulate("in");
    std::string const run = "run in --out out --imsize 2048 --epsilon 1e-6";
    auto const outcome = shell(program() + " " + run +
                               " 2>log & pid=$!; for i in $(seq 500); do grep -q 'to do' log && break; sleep 0.02; "
                               "done; kill -USR1 $pid; wait $pid");
    EXPECT_EQ(outcome.code, 75) << shell("cat log").out;
    EXPECT_EQ(shell("find out -name '*.fits'").out, "");
    EXPECT_EQ(nocturne(run).code, 0);
}

TEST_F(BadInput, a_full_disk_under_simulate_is_no_fault_of_a_source)
{
    auto const full = shell("trap '' XFSZ; ulimit -f 64; " + program() +
                            " simulate --out full --antennas 20 --integrations 4 --subbands 1 --channels 24");
    EXPECT_EQ(full.code, 74) << full.err;
    EXPECT_EQ(full.err.find("copy the file again"), std::string::npos) << full.err;
}

}  // namespace
}  // namespace nocturne
