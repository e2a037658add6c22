// Tiers and the names of other pipelines: who wins, and what is recorded of it.
#include "driver/tiers.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <unistd.h>

namespace nocturne {
namespace {

class Tiers : public ::testing::Test {
protected:
    void SetUp() override
    {
        path_ = std::filesystem::temp_directory_path() / ("nocturne-tiers-" + std::to_string(::getpid()) + ".yaml");
        std::ofstream(path_) << R"(name: t
args:
  - imsize: 3000
  - tier: none
jobs:
  one:
    tasks:
      - {task: convert}
      - {task: flag}
      - {task: image, args: {imsize: "${{ args.imsize }}", cell: 5, tier: "${{ args.tier }}"}}
)";
    }
    void TearDown() override
    {
        std::filesystem::remove(path_);
        for (auto const& name : set_) ::unsetenv(name.c_str());
    }
    void set(std::string const& name, std::string const& value)
    {
        ::setenv(name.c_str(), value.c_str(), 1);
        set_.push_back(name);
    }
    Task image(JobRequest const& request = {}) const { return load_jobs(path_.string(), request).front().tasks.back(); }

    std::filesystem::path path_;
    std::vector<std::string> set_;
};

TEST_F(Tiers, every_tier_that_is_listed_has_values_that_the_stage_takes)
{
    auto const& specs = stage_type("image").params;
    auto const tier = std::find_if(specs.begin(), specs.end(), [](ParamSpec const& s) { return s.name == "tier"; });
    ASSERT_NE(tier, specs.end());
    for (auto const& name : tier->choices) {
        auto const job = make_job("j", {"convert", "flag", "image"}, {{}, {{"tier", name}}});
        EXPECT_EQ(tier_of(job), name);
        for (auto const& [param, text] : tier_values(name)) {
            EXPECT_EQ(job.tasks.back().origin.at(param), "tier " + name) << param;
            EXPECT_EQ(std::stod("0" + text), std::stod("0" + to_text(job.tasks.back().params.values().at(param))))
                << param;
        }
    }
    EXPECT_EQ(tier_of(make_job("j", {"convert"}, {})), "none");
    EXPECT_THROW(make_job("j", {"convert", "flag", "image"}, {{}, {{"tier", "best"}}}), Error);
}

TEST_F(Tiers, weigh_as_much_as_the_place_where_they_were_said)
{
    auto const from_command = image({{}, {{"tier", "quicklook"}}});
    EXPECT_EQ(from_command.params.integer("imsize"), 1200);
    EXPECT_EQ(from_command.params.number("cell"), 12);
    auto const said = image({{}, {{"tier", "quicklook"}, {"imsize", "512"}}});
    EXPECT_EQ(said.params.integer("imsize"), 512);
    EXPECT_EQ(said.origin.at("imsize"), "command line");
    EXPECT_EQ(image({{{"imsize", "800"}}, {{"tier", "quicklook"}}}).params.integer("imsize"), 800)
        << "--arg was typed, too";
    auto const from_file = image({{{"tier", "quicklook"}}, {}});
    EXPECT_EQ(from_file.params.number("cell"), 12) << "a tier that was typed as an argument";
    set("NOCTURNE_TIER", "development");
    EXPECT_EQ(image().params.integer("imsize"), 1024) << "over the job file";
    EXPECT_EQ(image().origin.at("imsize"), "tier development");
    set("IMG_IMSIZE", "640");
    EXPECT_EQ(image().params.integer("imsize"), 640);
}

TEST_F(Tiers, the_environments_of_other_pipelines_stand_between_job_file_and_command_line)
{
    set("IMG_IMSIZE", "1600");
    set("IMG_ROBUST", "-0.5");
    set("IMG_NITER", "77");
    set("IMG_THRESHOLD", "5mJy");
    auto const task = image({{}, {{"niter", "5"}}});
    EXPECT_EQ(task.params.integer("imsize"), 1600);
    EXPECT_EQ(task.params.number("robust"), -0.5);
    EXPECT_EQ(task.params.integer("niter"), 5);
    EXPECT_EQ(task.params.text("threshold"), "5mJy");
    EXPECT_EQ(task.origin.at("imsize"), "environment");
    EXPECT_EQ(task.origin.at("niter"), "command line");
    EXPECT_EQ(task.origin.at("cell"), "job file");
    EXPECT_EQ(task.origin.at("epsilon"), "default");
}

}  // namespace
}  // namespace nocturne
