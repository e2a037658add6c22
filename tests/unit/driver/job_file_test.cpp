// Job files: values, origins and defaults; every mistake named with line, column and the nearest word.
#include "driver/job_file.hpp"

#include "driver/template_text.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace nocturne {
namespace {

/// A stage to write job files about.
struct ParameterProbe : Pass {
    explicit ParameterProbe(std::string pass_name, std::vector<Field> in, std::vector<Field> out)
        : name_(std::move(pass_name)), in_(std::move(in)), out_(std::move(out))
    {}
    std::string name() const override { return name_; }
    Scope scope() const override { return Scope::block; }
    std::vector<Field> reads() const override { return in_; }
    std::vector<Field> writes() const override { return out_; }
    std::string name_;
    std::vector<Field> in_, out_;
};

Passes make_first(Params const&)
{
    Passes passes;
    passes.push_back(std::make_unique<ParameterProbe>("t-first", std::vector{Field::vis}, std::vector{Field::density}));
    return passes;
}
Passes make_second(Params const&)
{
    Passes passes;
    passes.push_back(
        std::make_unique<ParameterProbe>("t-second", std::vector{Field::density}, std::vector{Field::images}));
    return passes;
}

StageRegistrar const first{
    {"t-first",
     "For tests",
     {{"level", "Jy", 1.5, "A level", {}, 0, 10}, {"mode", "", std::string("a"), "A mode", {"a", "b"}}},
     &make_first}};
StageRegistrar const second{{"t-second",
                             "For tests",
                             {{"count", "", std::int64_t(3), "A count"}, {"on", "", false, "A switch"}},
                             &make_second}};

class JobFile : public ::testing::Test {
protected:
    void SetUp() override
    {
        path_ = std::filesystem::temp_directory_path() / ("nocturne-job-" + std::to_string(::getpid()) + ".yaml");
    }
    void TearDown() override { std::filesystem::remove(path_); }

    Job load(std::string const& text, JobRequest const& request = {})
    {
        std::ofstream(path_) << text;
        return load_jobs(path_.string(), request).front();
    }
    std::string error_of(std::string const& text, JobRequest const& request = {})
    {
        try {
            load(text, request);
        } catch (Error const& error) {
            EXPECT_EQ(error.code(), Code::bad_config) << error.what();
            return error.what();
        }
        return "no error";
    }
    std::filesystem::path path_;
};

std::string const good = R"(name: night
args:
  - level: 2
  - mode
jobs:
  one:
    tasks:
      - {id: a, task: t-first, args: {level: "${{ args.level }}", mode: "${{ args.mode }}"}}
      - {task: nocturne.t-second, args: {count: 7}}
)";

TEST_F(JobFile, takes_arguments_defaults_and_overrides)
{
    auto const job = load(good, {{{"mode", "b"}}, {{"count", "9"}}});
    ASSERT_EQ(job.tasks.size(), 2U);
    EXPECT_EQ(job.tasks[0].params.number("level"), 2);
    EXPECT_EQ(job.tasks[0].params.text("mode"), "b");
    EXPECT_EQ(job.tasks[1].params.integer("count"), 9);
    EXPECT_EQ(job.tasks[1].params.flag("on"), false);
    EXPECT_EQ(job.tasks[0].origin.at("level"), "argument");
    EXPECT_EQ(job.tasks[1].origin.at("count"), "command line");
    EXPECT_EQ(job.tasks[1].origin.at("on"), "default");
    EXPECT_EQ(job.tasks[1].id, "t-second");
}

TEST_F(JobFile, configuration_is_the_same_wherever_values_come_from)
{
    auto const a = load(good, {{{"mode", "b"}, {"level", "2.0"}}, {}}).configuration();
    auto const b = load(good, {{{"mode", "a"}}, {{"mode", "b"}}}).configuration();
    EXPECT_EQ(a.dump(), b.dump());
}

TEST_F(JobFile, an_unknown_key_is_named_with_its_place_and_the_nearest)
{
    auto text = good;
    text.replace(text.find("tasks:"), 6, "taks: ");
    auto const error = error_of(text, {{{"mode", "a"}}, {}});
    EXPECT_NE(error.find("unknown key 'taks'"), std::string::npos) << error;
    EXPECT_NE(error.find("did you mean 'tasks'?"), std::string::npos) << error;
    EXPECT_NE(error.find(":7:5"), std::string::npos) << error;
}

TEST_F(JobFile, mistakes_are_refused)
{
    struct Case {
        std::string what, replace, by, expect;
    };
    for (auto const& c : std::vector<Case>{
             {"an unknown parameter", "level:", "levle:", "did you mean 'level'?"},
             {"an unknown stage", "t-first", "t-frist", "did you mean 't-first'?"},
             {"an unknown argument", "args.level", "args.lvl", "did you mean 'level'?"},
             {"another template group", "args.level", "secrets.key", "unknown template"},
             {"a wrong type", "count: 7", "count: seven", "an integer"},
             {"a list for a value", "count: 7", "count: [7]", "single value"},
             {"a key twice", "count: 7", "count: 7, count: 8", "stands twice"},
             {"no name", "name: night\n", "", "write 'name: …' [" + path_.string() + ":1:1]"},
             {"a task without a task", "task: nocturne.t-second, ", "id: second, ",
              "write 'task: …' [" + path_.string() + ":9:9]"},
             {"a list as a key", "count: 7", "[a]: 7", "a key of args of task t-second is not a single value"},
             {"a mapping as a key", "name: night", "{a: b}: night", "a key of the job file is not a single value"},
             {"foreach without items", "one:\n", "one:\n    foreach: {radius: 2}\n", "key 'items' is missing"},
             {"an argument twice", "  - mode\n", "  - mode\n  - mode: a\n", "argument 'mode' is listed twice"},
             {"an argument twice in one", "  - mode\n", "  - {mode: a, mode: b}\n", "is not one name"},
             {"two arguments in one", "  - mode\n", "  - {mode: a, other: b}\n", "is not one name"},
             {"a list as an argument", "  - mode\n", "  - [mode]: a\n", "single value"},
             {"an empty argument", "  - mode\n", "  - {}\n", "is not one name"},
             {"no YAML", "jobs:", "jobs: }", "not YAML"},
             {"a wrong order", "task: t-first, args: {level: \"${{ args.level }}\", mode: \"${{ args.mode }}\"}",
              "task: t-second", "reads density"}}) {
        auto text = good;
        ASSERT_NE(text.find(c.replace), std::string::npos) << c.what;
        auto const place = c.what == "an unknown parameter" ? text.find("{level:") + 1 : text.find(c.replace);
        text.replace(place, c.replace.size(), c.by);
        EXPECT_NE(error_of(text, {{{"mode", "a"}}, {}}).find(c.expect), std::string::npos)
            << c.what << ": " << error_of(text, {{{"mode", "a"}}, {}});
    }
}

TEST_F(JobFile, arguments_are_checked)
{
    EXPECT_NE(error_of(good).find("argument 'mode' has no value"), std::string::npos);
    EXPECT_NE(error_of(good, {{{"mode", "a"}, {"levl", "1"}}, {}}).find("did you mean 'level'?"), std::string::npos);
    EXPECT_NE(error_of(good, {{{"mode", "c"}}, {}}).find("choose one of a, b"), std::string::npos);
    EXPECT_NE(error_of(good, {{{"mode", "a"}, {"level", "11"}}, {}}).find("out of bounds"), std::string::npos);
}

TEST_F(JobFile, a_missing_file_is_missing_input)
{
    try {
        load_jobs("/nonexistent/job.yaml", {});
        FAIL() << "no error";
    } catch (Error const& error) {
        EXPECT_EQ(error.code(), Code::input_missing);
    }
}

TEST_F(JobFile, jobs_come_in_the_order_of_their_needs)
{
    std::ofstream(path_) << R"(name: night
args: [which: others]
jobs:
  last: {needs: [middle, first], foreach: {items: "${{ args.which }}"}, tasks: [{task: t-first, args: {mode: a}}]}
  middle: {needs: first, foreach: {items: "a*,b"}, tasks: [{task: t-first}]}
  first: {foreach: {items: calibrators, least-flux: 2.5, radius: 0.5}, tasks: [{task: t-first}]}
)";
    auto const jobs = load_jobs(path_.string(), {});
    ASSERT_EQ(jobs.size(), 3U);
    EXPECT_EQ(jobs[0].name, "night.first");
    EXPECT_EQ(jobs[0].groups.least_jy, 2.5);
    EXPECT_EQ(jobs[0].groups.radius_deg, 0.5);
    EXPECT_EQ(jobs[1].id, "middle");
    EXPECT_EQ(jobs[1].groups.names, (std::vector<std::string>{"a*", "b"}));
    EXPECT_EQ(jobs[2].groups.kind, GroupChoice::Kind::others);
    EXPECT_THROW(load_jobs(path_.string(), {{{"which", "calibrators,x"}}, {}}), Error);
    EXPECT_THROW(load_jobs(path_.string(), {{{"which", "groups"}}, {}}), Error);  // the others' too
}

TEST(TemplateText, values_are_data_only)
{
    std::map<std::string, std::string> const args{{"x", "$(touch canary); ${{ args.y }}"}, {"y", "no"}};
    EXPECT_EQ(expand_template("a ${{ args.x }} b", args), "a $(touch canary); ${{ args.y }} b");
    EXPECT_EQ(expand_template("${{args.y}}${{  args.y  }}", args), "nono");
    EXPECT_THROW(expand_template("${{ args.y ", args), Error);
}

}  // namespace
}  // namespace nocturne
