// For tests of the program as a user runs it: a scratch directory, commands, their output and exit code.
#pragma once

#include "io/fits_reader.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

#include <sys/wait.h>
#include <unistd.h>

namespace nocturne::test {

struct Outcome {
    int code = -1;
    std::string out, err;
    nlohmann::json json() const { return nlohmann::json::parse(out); }
};

inline std::string slurp(std::filesystem::path const& path)
{
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

/// A directory of its own for each test, removed afterwards; commands run in it.
class ProgramTest : public ::testing::Test {
protected:
    void SetUp() override
    {
        auto const* test = ::testing::UnitTest::GetInstance()->current_test_info();
        scratch_ = std::filesystem::temp_directory_path() /
                   (std::string("nocturne-") + test->name() + "-" + std::to_string(getpid()));
        std::filesystem::remove_all(scratch_);
        std::filesystem::create_directories(scratch_);
    }
    void TearDown() override { std::filesystem::remove_all(scratch_); }

    static std::string program() { return std::string(NOCTURNE_BINARY_DIR) + "/nocturne"; }

    /// A shell command with the scratch directory as current directory.
    Outcome shell(std::string const& command) const
    {
        auto const err = (scratch_ / "stderr.txt").string();
        auto const whole = "cd '" + scratch_.string() + "' && { " + command + "\n} 2>'" + err + "' </dev/null";
        Outcome outcome;
        FILE* pipe = popen(whole.c_str(), "r");
        std::array<char, 4096> part{};
        while (auto const n = std::fread(part.data(), 1, part.size(), pipe)) outcome.out.append(part.data(), n);
        int const status = pclose(pipe);
        outcome.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        outcome.err = slurp(err);
        return outcome;
    }
    Outcome nocturne(std::string const& arguments) const { return shell(program() + " " + arguments); }
    /// Under mpirun, as root too.
    Outcome mpi(int ranks, std::string const& arguments) const
    {
        return shell("OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 mpirun --oversubscribe -np " +
                     std::to_string(ranks) + " " + program() + " " + arguments);
    }

    /// Kills the program after a while; false where it had ended before.
    bool killed_after(std::string const& words, int delay_ms) const
    {
        auto const end = shell(program() + " " + words + " >/dev/null & pid=$!; sleep " +
                               std::to_string(delay_ms / 1000.0) + "; kill -9 $pid; wait $pid; echo $?");
        return end.out == "137\n";
    }
    /// A small group of the telescope's layout in `directory`: 16 files.
    void simulate(std::string const& directory, std::string const& more = "") const
    {
        auto const made = nocturne("simulate --out " + directory +
                                   " --antennas 9 --integrations 3 --channels 4 --random-sources 3 --seed 4 " + more);
        ASSERT_EQ(made.code, 0) << made.err;
    }

    std::filesystem::path scratch_;
};

constexpr char const* small_image = " --imsize 128 --cell 20 ";

}  // namespace nocturne::test
