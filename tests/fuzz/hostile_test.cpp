// R6: files made to hurt. Each ends in a named error, through the probe; no child dies of one, and none takes memory beyond its cap.
#include "tests/fuzz/hostile.hpp"
#include "driver/probe.hpp"
#include "tests/fuzz/hdf5_tools.hpp"
#include "tests/fuzz/job_reader.hpp"
#include "tests/unit/io/small_group.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iostream>
#include <sstream>

namespace nocturne {
namespace {

using test::Hostile;

/// VmHWM of a process, in MiB.
double peak_mib(pid_t pid)
{
    std::ifstream status("/proc/" + std::to_string(pid) + "/status");
    for (std::string line; std::getline(status, line);)
        if (line.rfind("VmHWM:", 0) == 0) return std::stod(line.substr(6)) / 1024;
    return 0;
}

std::vector<Hostile> all_of_them()
{
    std::vector<Hostile> all;
    for (auto const& part :
         {test::hostile_links(), test::hostile_objects(), test::hostile_places(), test::hostile_sizes(),
          test::hostile_filters(), test::hostile_sample_types(), test::hostile_header_types(), test::hostile_shapes(),
          test::hostile_values(), test::hostile_repetitions(), test::hostile_absences()})
        all.insert(all.end(), part.begin(), part.end());
    return all;
}

TEST(Hostile, EachEndsInANamedError)
{
    auto const all = all_of_them();
    EXPECT_GE(all.size(), 60u);
    double highest = 0;
    test::JobReader reader;
    for (auto const& hostile : all) {
        SCOPED_TRACE(hostile.name);
        test::Scratch const dir;
        auto const path = test::SmallSubband(0).write(dir, 0);
        test::change_file(path, hostile.change);
        Prober prober;
        auto const file = prober.look(path);
        highest = std::max(highest, peak_mib(prober.child_pid()));
        if (hostile.words.empty()) continue;  // odd, but no more than that: it must only not hurt
        bool const passed = file.probe.result == ProbeResult::good;  // samples are decoded by the job alone
        auto const reason = passed ? reader.read(path) : file.probe.reason;
        EXPECT_TRUE(!passed || test::is_refusal(reason)) << reason;
        EXPECT_EQ(reason.find("HDF5 fails on this file"), std::string::npos) << reason;
        for (auto const& word : hostile.words)
            EXPECT_NE(reason.find(word), std::string::npos) << word << " is not in: " << reason;
        if (passed) continue;
        try {
            prober.require_good(path);
            ADD_FAILURE() << "it is good";
        } catch (Error const& error) {
            EXPECT_EQ(error.code(), Code::bad_input);
            EXPECT_NE(std::string(error.what()).find(path), std::string::npos) << error.what();
        }
    }
    std::cout << all.size() << " constructs; the largest child took " << highest << " MiB\n";
    EXPECT_LT(highest, 256);
}

TEST(Hostile, PlugInsOfTheEnvironmentAreNotLoaded)
{
    test::Scratch const dir;
    auto const path = test::SmallSubband(0).write(dir, 0);
    std::ofstream(dir / "libh5evil.so") << "no library";
    setenv("HDF5_PLUGIN_PATH", dir.path().c_str(), 1);
    setenv("HDF5_VOL_CONNECTOR", "evil", 1);
    setenv("HDF5_DRIVER", "evil", 1);
    Prober prober;
    EXPECT_EQ(prober.look(path).probe.result, ProbeResult::good);
    std::ifstream maps("/proc/" + std::to_string(prober.child_pid()) + "/maps");
    std::stringstream text;
    text << maps.rdbuf();
    EXPECT_EQ(text.str().find("evil"), std::string::npos);
    for (char const* name : {"HDF5_PLUGIN_PATH", "HDF5_VOL_CONNECTOR", "HDF5_DRIVER"}) unsetenv(name);
}

}  // namespace
}  // namespace nocturne
