// R4: damaged files, through the real probe, and those that pass it through the real reader. NOCTURNE_MUTANTS says how many
// (2,000 without it); NOCTURNE_MUTANTS_FROM is the first one's number.
#include "driver/probe.hpp"
#include "tests/fuzz/job_reader.hpp"
#include "tests/fuzz/mutator.hpp"
#include "tests/unit/io/scratch.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>

#include <sys/resource.h>

namespace nocturne {
namespace {

using Clock = std::chrono::steady_clock;

constexpr double most_s = 5, most_gib = 1;

std::uint64_t number_of(char const* variable, std::uint64_t otherwise)
{
    char const* const text = std::getenv(variable);
    return text && *text ? std::strtoull(text, nullptr, 10) : otherwise;
}

double peak_of_children_gib()
{
    rusage usage{};
    getrusage(RUSAGE_CHILDREN, &usage);
    return static_cast<double>(usage.ru_maxrss) / (1 << 20);
}

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

/// What became of the mutants.
struct Tally {
    std::map<std::string, int> verdicts;
    int died = 0, hung = 0, passed = 0, read = 0, refused_later = 0;
    double longest_s = 0;
};

void judge(ProbedFile const& file, double wall_s, Tally& tally)
{
    ++tally.verdicts[name(file.probe.result)];
    tally.died += file.probe.reason.find("was killed by") != std::string::npos;
    tally.hung += file.probe.reason.find("gave no answer") != std::string::npos;
    tally.longest_s = std::max(tally.longest_s, wall_s);
    if (file.probe.result != ProbeResult::good) {
        EXPECT_FALSE(file.probe.reason.empty());
    }
}

TEST(Mutants, HurtNobody)
{
    auto const seeds = test::make_seeds();
    auto const n = number_of("NOCTURNE_MUTANTS", 2000), from = number_of("NOCTURNE_MUTANTS_FROM", 0);
    test::Scratch const dir;
    auto const path = dir / "2026-03-01T05:00:00_sb00.hdf5";
    auto prober = std::make_unique<Prober>();
    auto reader = std::make_unique<test::JobReader>();
    Tally tally;
    for (std::uint64_t i = from; i < from + n; ++i) {
        auto const& seed = seeds[i % seeds.size()];
        SCOPED_TRACE("mutant " + std::to_string(i) + " of " + seed.name);
        std::ofstream(path, std::ios::binary) << test::mutant_of(seed, i);
        auto const start = Clock::now();
        auto const file = prober->look(path);
        judge(file, seconds_since(start), tally);
        if (file.probe.result != ProbeResult::good) continue;
        ++tally.passed;
        auto const how = reader->read(path);
        tally.read += how == "read";
        tally.refused_later += test::is_refusal(how);
        EXPECT_TRUE(how == "read" || test::is_refusal(how)) << how;
        if (how != "read" && !test::is_refusal(how))
            std::filesystem::copy_file(
                path, std::filesystem::temp_directory_path() / ("nocturne-mutant-" + std::to_string(i)),
                std::filesystem::copy_options::overwrite_existing);
    }
    prober.reset();  // what children took is known when they are gone
    reader.reset();
    EXPECT_LT(tally.longest_s, most_s + 1.5);  // 5 s of patience, then its end and a new child
    EXPECT_LT(peak_of_children_gib(), most_gib);
    EXPECT_GT(tally.passed, 0);
    std::cout << n << " mutants: " << tally.died << " probes died, " << tally.hung << " hung, " << tally.passed
              << " passed, of which " << tally.read << " were read and " << tally.refused_later
              << " refused later; longest " << tally.longest_s << " s, peak " << peak_of_children_gib() << " GiB\n";
    for (auto const& [verdict, count] : tally.verdicts) std::cout << "  " << verdict << " " << count << "\n";
}

TEST(Mutants, SeedsAreGood)
{
    test::Scratch const dir;
    Prober prober;
    test::JobReader reader;
    for (auto const& seed : test::make_seeds()) {
        SCOPED_TRACE(seed.name);
        auto const path = dir / (seed.name + ".hdf5");
        std::ofstream(path, std::ios::binary) << seed.bytes;
        auto const file = prober.look(path);
        EXPECT_EQ(file.probe.result, ProbeResult::good) << file.probe.reason;
        EXPECT_GT(file.summary->n_baselines, 1);
        EXPECT_EQ(reader.read(path), "read");
        EXPECT_GT(seed.structure.size(), 2000u);
        EXPECT_LT(seed.structure.size(), seed.bytes.size());
    }
}

}  // namespace
}  // namespace nocturne
