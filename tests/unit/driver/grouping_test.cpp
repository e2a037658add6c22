// Files to groups: the rules, and properties over random nights: jitter, missing files, duplicates, any order.
#include "driver/grouping.hpp"

#include "nocturne/error.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <set>

namespace nocturne {
namespace {

constexpr double cadence_s = 309.237645312;  // 24 integrations of 12.884901888 s
constexpr double start_s = 60000.0 * 86400;

NamedFile file(double time_s, int subband, std::string const& directory = "/d")
{
    NamedFile f;
    f.stamp = std::to_string(static_cast<long long>(std::llround(time_s - start_s)));
    f.stamp_mjd_s = time_s;
    f.subband = subband;
    f.path = directory + "/" + f.stamp + "_sb" + std::to_string(subband);
    f.modified_s = 1;
    f.bytes = 100;
    return f;
}

std::vector<NamedFile> group_at(double time_s, int n = 16)
{
    std::vector<NamedFile> files;
    for (int i = 0; i < n; ++i) files.push_back(file(time_s, i));
    return files;
}

Code refusal(std::vector<NamedFile> const& files, GroupingOptions const& options)
{
    try {
        group_files(files, options);
    } catch (Error const& error) {
        return error.code();
    }
    return Code::qa_fail;
}

TEST(Grouping, one_complete_group)
{
    auto const result = group_files(group_at(start_s), {});
    ASSERT_EQ(result.groups.size(), 1u);
    EXPECT_EQ(result.groups[0].group_id, "0");
    EXPECT_EQ(result.groups[0].chosen.size(), 16u);
    EXPECT_TRUE(result.groups[0].missing.empty());
    EXPECT_FALSE(result.cadence_s);
    EXPECT_TRUE(group_files({}, {}).groups.empty());
}

TEST(Grouping, is_named_by_sb00_or_the_lowest_that_is_there)
{
    auto files = group_at(start_s);
    for (auto& f : files) f = file(start_s + 3 * f.subband, f.subband);
    EXPECT_EQ(group_files(files, {}).groups[0].group_id, "0");
    files.erase(files.begin());
    auto const without = group_files(files, {});
    ASSERT_EQ(without.groups.size(), 1u);
    EXPECT_EQ(without.groups[0].group_id, "3");
    EXPECT_EQ(without.groups[0].missing, std::vector<int>{0});
}

TEST(Grouping, a_damaged_sb00_still_names_its_group)
{
    auto files = group_at(start_s);
    for (auto& f : files) f = file(start_s + 3 * f.subband, f.subband);
    files[0].usable = false;
    auto const group = group_files(files, {}).groups.at(0);
    EXPECT_EQ(group.group_id, "0");
    EXPECT_EQ(group.unusable, std::vector<std::size_t>{0});
    EXPECT_EQ(group.missing, std::vector<int>{0});
}

TEST(Grouping, the_tolerance_is_sixty_seconds)
{
    EXPECT_EQ(group_files({file(start_s, 0), file(start_s + 60, 1)}, {}).groups.size(), 1u);
    EXPECT_EQ(group_files({file(start_s, 0), file(start_s - 60, 1)}, {}).groups.size(), 1u);
    EXPECT_EQ(group_files({file(start_s, 0), file(start_s + 61, 1)}, {}).groups.size(), 2u);
}

TEST(Grouping, a_file_joins_the_nearest_group)
{
    auto files = group_at(start_s, 2);
    for (auto const& f : group_at(start_s + 130, 2)) files.push_back(f);
    files.push_back(file(start_s + 58, 5));  // within 60 s of the first, 72 of the second
    files.push_back(file(start_s + 72, 6));
    auto const result = group_files(files, {16, 60.0, 0});
    ASSERT_EQ(result.groups.size(), 2u);
    EXPECT_EQ(files[result.groups[0].chosen.back()].subband, 5);
    EXPECT_EQ(files[result.groups[1].chosen.back()].subband, 6);
}

TEST(Grouping, a_tolerance_of_half_the_cadence_is_refused)
{
    auto files = group_at(start_s);
    for (auto const& f : group_at(start_s + cadence_s)) files.push_back(f);
    EXPECT_EQ(refusal(files, {16, 155.0, 0}), Code::bad_config);
    EXPECT_EQ(refusal(files, {16, 154.0, 0}), Code::qa_fail);
    EXPECT_EQ(refusal(group_at(start_s), {16, 155.0, cadence_s}), Code::bad_config);  // one group: by its duration
    EXPECT_EQ(refusal(group_at(start_s), {16, -1.0, 0}), Code::bad_config);
    EXPECT_EQ(refusal(group_at(start_s), {16, NAN, 0}), Code::bad_config);
}

TEST(Grouping, short_groups_shrink_the_default_tolerance)
{
    auto files = group_at(start_s);
    for (auto const& f : group_at(start_s + 50)) files.push_back(f);
    auto const result = group_files(files, {16, std::nullopt, 50});
    EXPECT_EQ(result.groups.size(), 2u);
    EXPECT_LT(result.tolerance_s, 25);
}

TEST(Grouping, an_index_beyond_the_expected_is_left_out)
{
    auto files = group_at(start_s, 4);
    files.push_back(file(start_s, 4));
    auto const result = group_files(files, {4, std::nullopt, 0});
    EXPECT_EQ(result.out_of_range, std::vector<std::size_t>{4});
    EXPECT_EQ(result.groups[0].chosen.size(), 4u);
}

TEST(Grouping, of_two_files_the_newest_then_the_largest_then_the_first_wins)
{
    auto const winner_of = [](NamedFile a, NamedFile b) {
        auto const result = group_files({a, b}, {});
        EXPECT_EQ(result.groups.size(), 1u);
        EXPECT_EQ(result.groups[0].superseded.size(), 1u);
        return std::vector{a, b}[result.groups[0].chosen.at(0)].path;
    };
    auto a = file(start_s, 3, "/a"), b = file(start_s, 3, "/b");
    EXPECT_EQ(winner_of(a, b), a.path);
    EXPECT_EQ(winner_of(b, a), a.path);
    b.bytes = 101;
    EXPECT_EQ(winner_of(a, b), b.path);
    a.modified_s = 2;
    EXPECT_EQ(winner_of(a, b), a.path);
}

/// A random night as it was meant (truth) and as it lies on disk.
struct Night {
    std::vector<NamedFile> files;
    std::vector<std::set<int>> present;  ///< [group]
};

Night random_night(std::mt19937& random)
{
    std::uniform_real_distribution<double> jitter(-29, 29), uniform(0, 1);
    Night night;
    int const n_groups = 1 + static_cast<int>(random() % 12);
    double const lost = 0.3 * uniform(random), doubled = 0.2 * uniform(random);
    for (int g = 0; g < n_groups; ++g) {
        std::set<int> present;
        for (int s = 0; s < 16; ++s) {
            if (uniform(random) < lost) continue;
            present.insert(s);
            night.files.push_back(file(start_s + std::round(g * cadence_s + jitter(random)), s));
            if (uniform(random) >= doubled) continue;
            auto copy = night.files.back();
            copy.path = "/copy" + copy.path;
            copy.modified_s = 1 + std::floor(3 * uniform(random));
            night.files.push_back(copy);
        }
        if (!present.empty()) night.present.push_back(present);
    }
    return night;
}

TEST(Grouping, random_nights_are_found_as_they_were_meant)
{
    std::mt19937 random(20260301);
    for (int round = 0; round < 300; ++round) {
        auto const night = random_night(random);
        auto const result = group_files(night.files, {16, std::nullopt, cadence_s});
        ASSERT_EQ(result.groups.size(), night.present.size()) << round;
        std::size_t n = 0;
        for (std::size_t g = 0; g < result.groups.size(); ++g) {
            auto const& group = result.groups[g];
            std::set<int> found;
            for (std::size_t i : group.chosen) found.insert(night.files[i].subband);
            EXPECT_EQ(found, night.present[g]) << round;
            EXPECT_EQ(found.size() + group.missing.size(), 16u);
            EXPECT_EQ(group.group_id, night.files[group.chosen.front()].stamp);
            n += group.chosen.size() + group.superseded.size();
            for (auto const& loser : group.superseded) {
                EXPECT_EQ(night.files[loser.file].subband, night.files[loser.winner].subband);
                EXPECT_LE(night.files[loser.file].modified_s, night.files[loser.winner].modified_s);
            }
        }
        EXPECT_EQ(n, night.files.size()) << "a file was lost";
    }
}

/// What a grouping says, without the indices: names of groups and paths.
std::vector<std::pair<std::string, std::vector<std::string>>> in_words(std::vector<NamedFile> const& files,
                                                                       Grouping const& result)
{
    std::vector<std::pair<std::string, std::vector<std::string>>> words;
    for (auto const& group : result.groups) {
        words.emplace_back(group.group_id, std::vector<std::string>());
        for (std::size_t i : group.chosen) words.back().second.push_back(files[i].path);
    }
    return words;
}

TEST(Grouping, the_order_of_files_means_nothing)
{
    std::mt19937 random(7);
    for (int round = 0; round < 100; ++round) {
        auto night = random_night(random);
        auto const before = in_words(night.files, group_files(night.files, {16, std::nullopt, cadence_s}));
        std::shuffle(night.files.begin(), night.files.end(), random);
        EXPECT_EQ(in_words(night.files, group_files(night.files, {16, std::nullopt, cadence_s})), before) << round;
    }
}

}  // namespace
}  // namespace nocturne
