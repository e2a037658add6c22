// Metrics of runs: what Prometheus reads, and how counters go on from file to file.
#include "driver/prometheus.hpp"

#include <gtest/gtest.h>

#include <regex>
#include <sstream>

namespace nocturne {
namespace {

PrometheusRun night(int exit_code, double ended_s)
{
    PrometheusRun run;
    run.job = "a \"night\"";
    run.exit_code = exit_code;
    run.wall_s = 12.5;
    run.done = 3, run.failed = 1;
    run.ended_s = ended_s;
    run.stages = {{"flag", 1, 2, 2, 100, 1}, {"image.make", 1, 4, 3.5, 0, 1}};
    return run;
}

bool holds(std::string const& text, std::string const& line)
{
    return text.find("\n" + line + "\n") != std::string::npos;
}

TEST(Prometheus, text_is_in_its_format)
{
    auto const text = prometheus_text(night(0, 1.7e9), "");
    std::regex const comment("# (HELP|TYPE) nocturne_[a-z_]+ .+"),
        sample("nocturne_[a-z_]+\\{job=\"a \\\\\"night\\\\\"\"(,[a-z]+=\"[^\"]*\")?\\} -?[0-9.e+]+");
    std::istringstream lines(text);
    int samples = 0;
    for (std::string line; std::getline(lines, line);) {
        bool const is_sample = std::regex_match(line, sample);
        EXPECT_TRUE(is_sample || std::regex_match(line, comment)) << line;
        samples += is_sample;
    }
    EXPECT_GE(samples, 18);
    EXPECT_TRUE(holds(text, R"(nocturne_run_stage_seconds{job="a \"night\"",stage="image.make"} 3.5)")) << text;
    EXPECT_TRUE(holds(text, R"(nocturne_run_groups{job="a \"night\"",result="failed"} 1)")) << text;
    EXPECT_EQ(text.back(), '\n');
}

TEST(Prometheus, counters_go_on_and_the_last_success_stays)
{
    auto const first = prometheus_text(night(0, 1.7e9), "");
    auto const second = prometheus_text(night(65, 1.7e9 + 60), first);
    auto const third = prometheus_text(night(75, 1.7e9 + 90), second);
    auto const job = std::string(R"({job="a \"night\"")");
    EXPECT_TRUE(holds(third, "nocturne_groups_total" + job + ",result=\"done\"} 9")) << third;
    for (char const* result : {"success", "failure", "retry"})
        EXPECT_TRUE(holds(third, "nocturne_runs_total" + job + ",result=\"" + result + "\"} 1")) << third;
    EXPECT_TRUE(holds(third, "nocturne_last_success_timestamp_seconds" + job + "} 1700000000"));
    EXPECT_TRUE(holds(third, "nocturne_run_end_timestamp_seconds" + job + "} 1700000090"));
    EXPECT_TRUE(holds(third, "nocturne_run_exit_code" + job + "} 75"));
    EXPECT_EQ(prometheus_text(night(65, 1), "").find("last_success_timestamp_seconds{"), std::string::npos);
    EXPECT_EQ(prometheus_text(night(0, 1.7e9), "no metrics at all\n\n# x\n"), first);
}

}  // namespace
}  // namespace nocturne
