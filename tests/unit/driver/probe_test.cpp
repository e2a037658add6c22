#include "driver/probe.hpp"

#include "tests/unit/io/small_group.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

namespace nocturne {
namespace {

namespace fs = std::filesystem;

class Probing : public ::testing::Test {
protected:
    std::string good(int subband = 0) const { return test::SmallSubband(subband).write(dir_, subband); }

    test::Scratch dir_;
    Prober prober_;
};

TEST_F(Probing, AGoodFileIsSummarised)
{
    auto const file = prober_.look(good());
    ASSERT_EQ(file.probe.result, ProbeResult::good) << file.probe.reason;
    EXPECT_EQ(file.probe.reason, "");
    EXPECT_EQ(file.summary->telescope_name, "OVRO_MMA");
    EXPECT_EQ(file.summary->n_integrations, 20);
    EXPECT_EQ(file.summary->n_baselines, 15);
    EXPECT_EQ(file.summary->n_channels, 10);
    EXPECT_EQ(file.summary->n_correlations, 2);
    EXPECT_DOUBLE_EQ(file.summary->freq_first_hz, 1.49e9);
    EXPECT_NEAR(file.summary->dec_deg.value(), 0.9 / degree_rad, 1e-9);
    EXPECT_NEAR((file.summary->end_mjd - file.summary->start_mjd) * day_s, 20 * 12.885, 1e-4);
}

/// A copy in a small scratch directory that is removed gives its room back though the child rests.
TEST_F(Probing, AFileThatWasLookedAtIsOpenNowhere)
{
    auto const path = good();
    ASSERT_EQ(prober_.look(path).probe.result, ProbeResult::good);
    auto const files = "/proc/" + std::to_string(prober_.child_pid()) + "/fd";
    int n = 0;
    for (auto const& entry : fs::directory_iterator(files)) {
        std::error_code gone;
        EXPECT_NE(fs::read_symlink(entry.path(), gone), fs::canonical(path));
        ++n;
    }
    EXPECT_GT(n, 2);
}

TEST_F(Probing, VerdictsAreThoseOfTheProcessItself)
{
    auto const path = good();
    fs::resize_file(path, fs::file_size(path) / 2);
    EXPECT_EQ(prober_.look(path).probe.result, ProbeResult::truncated);
    std::ofstream(dir_ / "text.hdf5") << std::string(3000, 'x');
    EXPECT_EQ(prober_.look(dir_ / "text.hdf5").probe.result, ProbeResult::not_hdf5);
    EXPECT_EQ(prober_.look(dir_ / "absent.hdf5").probe.result, ProbeResult::missing);
    EXPECT_EQ(prober_.look(dir_.path()).probe.result, ProbeResult::not_hdf5);
    std::string const odd_name = dir_ / "caf\xe9 '\n\".hdf5";
    fs::copy_file(good(1), odd_name);
    EXPECT_EQ(prober_.look(odd_name).probe.result, ProbeResult::good);
}

TEST_F(Probing, OneChildLooksAtManyFiles)
{
    prober_.look(good(0));
    auto const pid = prober_.child_pid();
    for (int i = 1; i < 5; ++i) EXPECT_EQ(prober_.look(good(i)).probe.result, ProbeResult::good);
    EXPECT_EQ(prober_.child_pid(), pid);
    ProbeLimits limits;
    limits.files_of_a_child = 2;
    Prober impatient(limits);
    for (int i = 0; i < 5; ++i) EXPECT_EQ(impatient.look(good(i)).probe.result, ProbeResult::good);
}

TEST_F(Probing, AHangIsADamagedFileAndTheNextOneIsLookedAt)
{
    auto const path = good();
    ProbeLimits limits;
    limits.open_s = 0;
    auto const file = Prober(limits).look(path);
    EXPECT_EQ(file.probe.result, ProbeResult::damaged);
    EXPECT_NE(file.probe.reason.find("gave no answer"), std::string::npos) << file.probe.reason;
    EXPECT_EQ(prober_.look(path).probe.result, ProbeResult::good);
}

TEST_F(Probing, AChildThatDiedBetweenFilesIsStartedAgain)
{
    auto const path = good();
    EXPECT_EQ(prober_.look(path).probe.result, ProbeResult::good);
    for (int signal : {SIGKILL, SIGABRT}) {  // sanitizers would answer for SIGSEGV
        ::kill(prober_.child_pid(), signal);
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
        EXPECT_EQ(prober_.look(path).probe.result, ProbeResult::good);
    }
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
TEST_F(Probing, TooLittleMemoryIsSaidSo)
{
    ProbeLimits limits;
    limits.memory_bytes = 1 << 20;
    auto const file = Prober(limits).look(good());
    EXPECT_EQ(file.probe.result, ProbeResult::damaged);
    EXPECT_FALSE(file.probe.reason.empty());
}
#endif

TEST_F(Probing, RequiredFilesAreNamed)
{
    try {
        prober_.require_good(dir_ / "absent.hdf5");
        FAIL();
    } catch (Error const& error) {
        EXPECT_EQ(error.code(), Code::input_missing);
        EXPECT_NE(std::string(error.what()).find("absent.hdf5"), std::string::npos);
    }
    EXPECT_NO_THROW(prober_.require_good(good()));
}

TEST_F(Probing, AFileThatChangedMeanwhileIsNotUsed)
{
    auto const path = good();
    auto const stamps = stamps_of({path});
    EXPECT_NO_THROW(check_unchanged(stamps));
    std::ofstream(path, std::ios::app) << "x";
    try {
        check_unchanged(stamps);
        FAIL();
    } catch (Error const& error) {
        EXPECT_EQ(error.code(), Code::transient);
    }
}

}  // namespace
}  // namespace nocturne
