#include "driver/prometheus.hpp"

#include "io/product.hpp"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>

namespace nocturne {
namespace {

/// Values by "name{labels}", as the run before left them.
std::map<std::string, double> values_of(std::string const& text)
{
    std::map<std::string, double> values;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        auto const space = line.rfind(' ');
        if (line.empty() || line[0] == '#' || space == std::string::npos) continue;
        values[line.substr(0, space)] = std::strtod(line.c_str() + space, nullptr);
    }
    return values;
}

std::string label_text(std::string const& label)
{
    std::string text = "\"";
    for (char c : label) {
        if (c == '\n') {
            text += "\\n";
            continue;
        }
        if (c == '"' || c == '\\') text += '\\';
        text += c;
    }
    return text + "\"";
}

class Page {
public:
    Page(std::string const& job, std::string const& before) : job_(label_text(job)), before_(values_of(before)) {}

    void begin(std::string const& name, char const* type, char const* help)
    {
        name_ = "nocturne_" + name;
        text_ += "# HELP " + name_ + " " + help + "\n# TYPE " + name_ + " " + type + "\n";
    }
    void value(double number, std::string const& labels = "") { line(key(labels), number); }
    /// Goes on from where it stood.
    void count(double more, std::string const& labels = "") { line(key(labels), more + earlier(key(labels))); }
    void value_or_earlier(bool known, double number)
    {
        if (known || before_.count(key(""))) line(key(""), known ? number : earlier(key("")));
    }
    std::string const& text() const { return text_; }

private:
    std::string key(std::string const& labels) const
    {
        return name_ + "{job=" + job_ + (labels.empty() ? "" : "," + labels) + "}";
    }
    double earlier(std::string const& key) const
    {
        auto const found = before_.find(key);
        return found == before_.end() ? 0 : found->second;
    }
    void line(std::string const& key, double number)
    {
        char text[40];
        std::snprintf(text, sizeof text, " %.15g\n", number);
        text_ += key + text;
    }

    std::string job_, name_, text_;
    std::map<std::string, double> before_;
};

void add_counters(Page& page, PrometheusRun const& run)
{
    page.begin("runs_total", "counter", "Runs of this job so far, by how they ended.");
    for (auto const& [result, right] : {std::pair{"success", run.exit_code == 0}, {"retry", run.exit_code == 75}})
        page.count(right ? 1 : 0, std::string("result=") + label_text(result));
    page.count(run.exit_code != 0 && run.exit_code != 75 ? 1 : 0, "result=\"failure\"");
    page.begin("groups_total", "counter", "Groups that runs of this job have worked on so far.");
    page.count(static_cast<double>(run.done), "result=\"done\"");
    page.count(static_cast<double>(run.failed), "result=\"failed\"");
}

void add_gauges(Page& page, PrometheusRun const& run)
{
    page.begin("run_groups", "gauge", "Groups of the last run.");
    for (auto const& [result, n] :
         {std::pair{"done", run.done}, {"failed", run.failed}, {"left", run.left}, {"skipped", run.skipped}})
        page.value(static_cast<double>(n), std::string("result=") + label_text(result));
    page.begin("run_unrecorded", "gauge", "Records of the last run that wait in a spool for the database.");
    page.value(static_cast<double>(run.unrecorded));
    page.begin("run_exit_code", "gauge", "Exit code of the last run.");
    page.value(run.exit_code);
    page.begin("run_duration_seconds", "gauge", "Wall-clock time of the last run.");
    page.value(run.wall_s);
    page.begin("run_cpu_seconds", "gauge", "User and system time of all ranks of the last run.");
    page.value(run.cpu_s);
    page.begin("run_peak_memory_bytes", "gauge", "Largest memory of one rank of the last run.");
    page.value(run.peak_memory_bytes);
    page.begin("run_stage_seconds", "gauge", "Seconds of the slowest rank in each stage of the last run.");
    for (auto const& stage : run.stages) page.value(stage.slowest_s, "stage=" + label_text(stage.name));
    page.begin("run_stage_bytes", "gauge", "Bytes that each stage of the last run had to move.");
    for (auto const& stage : run.stages)
        page.value(static_cast<double>(stage.bytes), "stage=" + label_text(stage.name));
    page.begin("run_end_timestamp_seconds", "gauge", "When the last run ended.");
    page.value(run.ended_s);
    page.begin("last_success_timestamp_seconds", "gauge", "When a run last ended with 0.");
    page.value_or_earlier(run.exit_code == 0, run.ended_s);
}

}  // namespace

std::string prometheus_text(PrometheusRun const& run, std::string const& before)
{
    Page page(run.job, before);
    add_counters(page, run);
    add_gauges(page, run);
    return page.text();
}

void write_prometheus(std::string const& path, PrometheusRun const& run)
{
    std::ifstream file(path);
    std::string const before((std::istreambuf_iterator<char>(file)), {});
    write_product(path, prometheus_text(run, before));
}

}  // namespace nocturne
