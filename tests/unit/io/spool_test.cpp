// Spools: what was acknowledged is there whatever happened to the file's end, and only one has it open.
#include "io/spool.hpp"

#include "nocturne/error.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace nocturne {
namespace {

using Lines = std::vector<std::string>;

class SpoolFile : public ::testing::Test {
protected:
    void SetUp() override
    {
        directory_ = std::filesystem::temp_directory_path() / ("nocturne-spool-" + std::to_string(getpid()));
        std::filesystem::remove_all(directory_);
        path_ = (directory_ / "run-r0000.spool").string();
    }
    void TearDown() override { std::filesystem::remove_all(directory_); }

    std::string bytes() const
    {
        std::ifstream file(path_, std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }
    void put(std::string const& bytes) const { std::ofstream(path_, std::ios::binary) << bytes; }

    std::filesystem::path directory_;
    std::string path_;
};

TEST_F(SpoolFile, holds_its_lines_in_order)
{
    auto spool = Spool::create(path_, "title");
    spool.append({"one", "two", ""});
    spool.append({"three"});
    auto const content = spool.read();
    EXPECT_EQ(content.title, "title");
    EXPECT_EQ(content.lines, (Lines{"one", "two", "", "three"}));
    EXPECT_EQ(content.damaged, 0);
    EXPECT_EQ(read_spool(path_).lines, content.lines);
    spool.clear();
    EXPECT_EQ(spool.read().title, "title");
    EXPECT_TRUE(spool.read().lines.empty());
    spool.append({"four"});
    EXPECT_EQ(read_spool(path_).lines, Lines{"four"});
    EXPECT_EQ(spools_in(directory_.string()), Lines{path_});
    spool.remove();
    EXPECT_FALSE(std::filesystem::exists(directory_)) << "the last one takes its directory along";
}

TEST_F(SpoolFile, cut_off_at_any_byte_it_has_all_lines_before)
{
    Spool::create(path_, "title").append({"first", "second", "third"});
    auto const whole = bytes();
    Lines const lines{"title", "first", "second", "third"};
    for (std::size_t n = 0; n <= whole.size(); ++n) {
        put(whole.substr(0, n));
        auto const content = read_spool(path_);
        auto const complete =
            static_cast<std::size_t>(std::count(whole.begin(), whole.begin() + static_cast<long>(n), '\n'));
        ASSERT_EQ(content.lines.size() + !content.title.empty(), complete) << n;
        ASSERT_TRUE(std::equal(content.lines.begin(), content.lines.end(), lines.begin() + 1)) << n;
        ASSERT_EQ(content.damaged, 0) << n;
    }
}

TEST_F(SpoolFile, a_changed_byte_spoils_one_line)
{
    Spool::create(path_, "title").append({"first", "second", "third"});
    auto const whole = bytes();
    auto const begin = whole.find("second") - 33;
    for (std::size_t at = begin; at < begin + 39; ++at) {
        auto changed = whole;
        changed[at] ^= 1;
        put(changed);
        auto const content = read_spool(path_);
        ASSERT_EQ(content.lines, (Lines{"first", "third"})) << at;
        ASSERT_EQ(content.damaged, 1) << at;
    }
}

TEST_F(SpoolFile, one_has_it_open)
{
    {
        auto const spool = Spool::create(path_, "title");
        EXPECT_FALSE(Spool::adopt(path_));
        EXPECT_THROW(Spool::create(path_, "other"), Error);
    }
    auto const first = Spool::adopt(path_);
    ASSERT_TRUE(first);
    EXPECT_FALSE(Spool::adopt(path_));
    EXPECT_FALSE(Spool::adopt(path_ + "x")) << "a file that is not there";
    EXPECT_THROW(Spool::create("/proc/nowhere/x.spool", "title"), Error);
}

TEST_F(SpoolFile, a_killed_owner_leaves_what_was_acknowledged)
{
    int pipes[2];
    ASSERT_EQ(pipe(pipes), 0);
    pid_t const child = fork();
    if (child == 0) {
        auto spool = Spool::create(path_, "title");
        for (int i = 0;; ++i) {
            spool.append({std::to_string(i)});
            char const told = 1;
            if (write(pipes[1], &told, 1) != 1) _exit(1);
        }
    }
    close(pipes[1]);
    char told;
    std::size_t acknowledged = 0;
    while (acknowledged < 20 && read(pipes[0], &told, 1) == 1) ++acknowledged;
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    while (read(pipes[0], &told, 1) == 1) ++acknowledged;
    close(pipes[0]);
    auto const spool = Spool::adopt(path_);
    ASSERT_TRUE(spool);
    auto const lines = spool->read().lines;
    EXPECT_GE(lines.size(), acknowledged);
    for (std::size_t i = 0; i < lines.size(); ++i) EXPECT_EQ(lines[i], std::to_string(i));
}

/// A limit on the size of files stands for a full disk.
TEST_F(SpoolFile, of_a_line_that_does_not_fit_nothing_stays)
{
    auto spool = Spool::create(path_, "title");
    spool.append({"kept"});
    auto const before = bytes();
    rlimit usual{};
    getrlimit(RLIMIT_FSIZE, &usual);
    auto const previous = std::signal(SIGXFSZ, SIG_IGN);
    rlimit const small{before.size() + 40, usual.rlim_max};
    setrlimit(RLIMIT_FSIZE, &small);
    Code code = Code::qa_fail;
    try {
        spool.append({std::string(100, 'x')});
    } catch (Error const& error) {
        code = error.code();
        EXPECT_NE(std::string(error.what()).find(path_), std::string::npos) << error.what();
    }
    setrlimit(RLIMIT_FSIZE, &usual);
    std::signal(SIGXFSZ, previous);
    EXPECT_EQ(code, Code::io);
    EXPECT_EQ(bytes(), before);
    spool.append({"more"});
    EXPECT_EQ(spool.read().lines, (Lines{"kept", "more"}));
}

}  // namespace
}  // namespace nocturne
