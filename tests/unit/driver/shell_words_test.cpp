#include "driver/shell_words.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <cstdlib>

namespace nocturne::cli {
namespace {

/// What a shell makes of a line.
std::string said_by_shell(std::string const& line)
{
    FILE* pipe = popen(("printf '%s|' " + line).c_str(), "r");
    std::array<char, 256> part{};
    std::string out;
    while (auto const n = std::fread(part.data(), 1, part.size(), pipe)) out.append(part.data(), n);
    pclose(pipe);
    return out;
}

TEST(ShellWords, PlainWordsStayAsTheyAre)
{
    EXPECT_EQ(shell_line({"nocturne", "run", "in/2026-01-25T22:26:05_sb00.hdf5", "--cell=3"}),
              "nocturne run in/2026-01-25T22:26:05_sb00.hdf5 --cell=3");
}

TEST(ShellWords, AShellGivesTheWordsBack)
{
    std::vector<std::string> const words = {"a b", "", "it's", "$HOME `id` \\ \"x\"", "*", "-o", "tab\tnew\nline", "~"};
    std::string wanted;
    for (auto const& word : words) wanted += word + "|";
    EXPECT_EQ(said_by_shell(shell_line(words)), wanted);
}

TEST(ShellWords, RecordsDoNotNameTheHomeDirectory)
{
    auto const* const home = std::getenv("HOME");
    std::string const before = home ? home : "";
    setenv("HOME", "/people/ann lee/", 1);
    EXPECT_EQ(
        recorded_line({"nocturne", "run", "/people/ann lee/in", "-o", "/people/ann lee/a b", "--db=/people/ann lee/d"}),
        "nocturne run ~/in -o ~/'a b' --db=$HOME/d");
    EXPECT_EQ(recorded_line({"/people/ann lee", "/people/ann leeson/x", "/mnt/people/ann lee/x"}),
              "~ '/people/ann leeson/x' '/mnt/people/ann lee/x'");
    EXPECT_EQ(script_word("/people/ann lee/a b"), "\"$HOME\"/'a b'");
    EXPECT_EQ(script_word("out=/people/ann lee/x"), "'out='\"$HOME\"/x");
    EXPECT_EQ(script_word("/people/ann lee"), "\"$HOME\"");
    setenv("HOME", "/people/ann lee", 1);
    EXPECT_EQ(said_by_shell(script_word("a$b=/people/ann lee/a b")), "a$b=/people/ann lee/a b|");
    setenv("HOME", "/", 1);
    EXPECT_EQ(recorded_line({"nocturne", "run", "/in"}), "nocturne run /in");
    setenv("HOME", before.c_str(), 1);
}

TEST(ShellWords, PasswordsOfDatabaseAddressesAreNotKept)
{
    EXPECT_EQ(shell_line({"--db", "postgresql://u:S3c/r@t@host:5432/d"}), "--db 'postgresql://u:***@host:5432/d'");
    EXPECT_EQ(shell_line({"--db=postgresql://host/d?user=u&password=S3cret&x=1"}),
              "'--db=postgresql://host/d?user=u&password=***&x=1'");
    EXPECT_EQ(shell_line({"http://host:80/a"}), "http://host:80/a");
}

}  // namespace
}  // namespace nocturne::cli
