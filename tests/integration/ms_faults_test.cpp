// Every call that makes a Measurement Set fails once: open, mkdir, write, pwrite, ftruncate, fsync, rename, in the program and in the
// child that holds casacore. Exit 74 that names the set, nothing under its name, nothing left, and the next run is as if nothing had
// been; or the call did not matter and the set is whole. A part of the calls here; all of them: tests/run --faults.
#include "tests/integration/table_differences.hpp"
#include "tests/support/program.hpp"

#include <algorithm>
#include <cstring>
#include <map>

namespace nocturne {
namespace {

struct Fault {
    char const* name;
    int error;
};

void PrintTo(Fault const& fault, std::ostream* out) { *out << fault.name; }

class MsFaults : public test::ProgramTest, public ::testing::WithParamInterface<Fault> {
protected:
    void SetUp() override
    {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
        GTEST_SKIP() << "failing calls are preloaded, and a sanitizer's library must come before everything";
#endif
        scratch_ = std::filesystem::temp_directory_path() / ("nocturne-faults-" + std::to_string(getpid()));
        std::filesystem::remove_all(scratch_);
        std::filesystem::create_directories(scratch_ / "out");
        simulate("g");
        ASSERT_EQ(nocturne("convert g --ms whole.ms --quiet --columns all").code, 0);
    }

    /// Converts with call `n` failing; 0: with none.
    test::Outcome convert(long n) const
    {
        std::ofstream(scratch_ / "counter", std::ios::binary) << std::string(64, '\0');
        auto const place = scratch_.string();
        return shell("NOCTURNE_FAULT_BELOW=" + place + "/out NOCTURNE_FAULT_COUNTER=" + place +
                     "/counter NOCTURNE_FAULT_AT=" + std::to_string(n) +
                     " NOCTURNE_FAULT_ERROR=" + std::to_string(GetParam().error) + " LD_PRELOAD=" NOCTURNE_FAULTS " " +
                     program() + " convert g --ms out/o.ms --quiet --columns all");
    }

    long calls() const
    {
        std::uint64_t n = 0;
        auto const bytes = test::slurp(scratch_ / "counter");
        std::memcpy(&n, bytes.data(), sizeof n);
        return static_cast<long>(n);
    }

    /// The name of the call that failed; "" where none did.
    std::string failed_call() const { return test::slurp(scratch_ / "counter").c_str() + sizeof(std::uint64_t); }

    /// Cell by cell but for HISTORY, which says when.
    std::vector<std::string> differences() const
    {
        auto found = test::table_differences((scratch_ / "whole.ms").string(), (scratch_ / "out/o.ms").string());
        std::erase_if(found, [](std::string const& name) { return name.starts_with("HISTORY"); });
        return found;
    }
};

TEST_P(MsFaults, EachFailingCallIsAnErrorAndLeavesNothing)
{
    ASSERT_EQ(convert(0).code, 0);
    EXPECT_EQ(differences(), std::vector<std::string>());
    long const n_calls = calls();
    ASSERT_GT(n_calls, GetParam().error == 0 ? 60 : 200);
    shell("rm -rf out/o.ms");
    char const* const all = std::getenv("NOCTURNE_FAULTS");
    long const step = all ? 1 : n_calls / 24 + 1;
    std::map<std::string, std::array<int, 2>> seen;  // refused, without consequence
    for (long n = 1; n <= n_calls; n += step) {
        auto const end = convert(n);
        auto const call = failed_call();
        ASSERT_NE(call, "") << n << " of " << n_calls << ": " << end.err;
        ++seen[call][end.code == 0];
        if (end.code == 0) {
            EXPECT_EQ(differences(), std::vector<std::string>()) << n << " " << call;
        } else {
            EXPECT_EQ(end.code, 74) << n << " " << call << ": " << end.err;
            EXPECT_NE(end.err.find("o.ms"), std::string::npos) << n << " " << call << ": " << end.err;
            EXPECT_EQ(shell("ls -A out").out, "") << n << " " << call;
            if (n / step % 16 == 0) {
                EXPECT_EQ(nocturne("convert g --ms out/o.ms --quiet --columns all").code, 0);
                EXPECT_EQ(differences(), std::vector<std::string>()) << n << " " << call;
            }
        }
        shell("rm -rf out/* out/.o*");
    }
    for (auto const& [call, count] : seen)
        std::printf("%s of %ld calls: %s refused %d, without consequence %d\n", GetParam().name, n_calls, call.c_str(),
                    count[0], count[1]);
}

INSTANTIATE_TEST_SUITE_P(Errors, MsFaults,
                         ::testing::Values(Fault{"NoSpace", ENOSPC}, Fault{"BadMedium", EIO}, Fault{"ShortWrite", 0}),
                         [](auto const& fault) { return std::string(fault.param.name); });

}  // namespace
}  // namespace nocturne
