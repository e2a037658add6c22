// Enters: gates, sample counts, stages, provenance. Leaves: the sections of the report that are tables.
#include "nocturne/text.hpp"
#include "qa/figures.hpp"
#include "qa/report_sections.hpp"
#include "qa/text.hpp"

#include <algorithm>
#include <cmath>

namespace nocturne {
namespace {

/// In the order of FlagReason's bits.
constexpr char const* reasons[] = {
    "missing from the files", "flagged in the file",    "not finite",
    "exactly zero",           "autocorrelation",        "by hand, not selected, dead, or without a solution",
    "interference",           "beyond the integer grid"};

std::string percent_of_10000(std::int64_t share_of_10000)
{
    return print("%lld.%02lld %%", static_cast<long long>(share_of_10000 / 100),
                 static_cast<long long>(share_of_10000 % 100));
}

std::string key_value(std::string const& key, std::string const& value)
{
    if (value.empty()) return "";
    return "<tr><td class=\"l\">" + escape_html(key) + "</td><td class=\"l w\">" + escape_html(value) + "</td></tr>\n";
}

std::string stage_row(LedgerRow const& row, int tone, GroupReport const& r)
{
    double const mean_s = row.seconds / std::max(row.ranks, 1), bytes = static_cast<double>(row.bytes);
    double const rate = row.seconds > 0 ? bytes / row.seconds : 0;
    std::string html =
        print("<tr><td class=\"l\"><span class=\"key tone%d\"></span>", tone) + escape_html(row.name) + "</td>";
    html += print("<td>%s</td><td>%.3f</td><td>%s</td>", format_count(row.calls).c_str(), mean_s,
                  r.wall_s > 0 ? print("%.1f %%", 100 * mean_s / r.wall_s).c_str() : "");
    if (row.bytes == 0) return html + "<td></td><td></td><td></td></tr>\n";
    return html +
           print("<td>%s</td><td>%.2f</td><td>%s</td></tr>\n", format_bytes(bytes).c_str(), rate / 1e9,
                 r.bandwidth_bytes_per_s > 0 ? print("%.0f %%", 100 * rate / r.bandwidth_bytes_per_s).c_str() : "");
}

std::string provenance_table(GroupReport const& r)
{
    auto const& p = r.provenance;
    std::string html = "<table><tbody>\n" + key_value("Run", p.run_id) + key_value("Status", p.status);
    html += key_value("Started (UTC)", p.started_utc) + key_value("Command", p.command_line);
    html += key_value("Code version", p.code_version) + key_value("Host", p.host);
    html += key_value("Device", p.device + (p.device_uuid.empty() ? "" : " (" + p.device_uuid + ")"));
    html += key_value("Ranks", std::to_string(p.ranks));
    html += key_value("Slurm job", p.slurm_job_id.empty() ? "not under Slurm" : p.slurm_job_id);
    html += key_value("Restarts", std::to_string(p.restart_count)) + key_value("Earth orientation", p.earth_note);
    for (auto const& [key, value] : p.more) html += key_value(key, value);
    return html + "</tbody></table>\n";
}

std::string input_table(std::vector<ReportInput> const& inputs)
{
    std::string html =
        "<div class=\"scroll\"><table>\n<thead><tr><th class=\"l\">Subband</th><th class=\"l\">File</th><th>Size</th>"
        "<th class=\"l\">xxh3-128</th></tr></thead>\n<tbody>\n";
    for (auto const& i : inputs) {
        html += print("<tr><td class=\"l\">sb%02d</td><td class=\"l w\">", i.subband);
        html += i.present() ? escape_html(i.path) : "<span class=\"fail\">missing</span>";
        html += "</td><td>" + (i.present() ? format_bytes(static_cast<double>(i.bytes)) : "") +
                "</td><td class=\"l m\">" + escape_html(i.xxh128) + "</td></tr>\n";
    }
    return html + "</tbody></table></div>\n";
}

std::string output_table(std::vector<ReportOutput> const& outputs)
{
    std::string html =
        "<div class=\"scroll\"><table>\n<thead><tr><th class=\"l\">Product</th><th>Size</th><th class=\"l\">xxh3-128"
        "</th></tr></thead>\n<tbody>\n";
    for (auto const& o : outputs)
        html += "<tr><td class=\"l w\">" + escape_html(o.path) + "</td><td>" +
                (o.bytes ? format_bytes(static_cast<double>(o.bytes)) : "") + "</td><td class=\"l m\">" +
                escape_html(o.xxh128) + "</td></tr>\n";
    return html + "</tbody></table></div>\n";
}

}  // namespace

std::string gate_section(GroupReport const& r)
{
    if (r.gates.empty()) return "";
    constexpr char const* kinds[] = {"pass", "warn", "fail"};
    std::string html =
        "<section>\n<h2>Checks</h2>\n<table>\n<thead><tr><th class=\"l\">Check</th><th>Value</th><th>Wanted</th>"
        "<th class=\"l\"></th></tr></thead>\n<tbody>\n";
    for (auto const& gate : r.gates) {
        std::string const kind = kinds[static_cast<int>(gate.verdict)];
        html += "<tr><td class=\"l\">" + escape_html(gate.name) + "</td><td>" + escape_html(gate.value) + "</td><td>" +
                escape_html(gate.wanted) + "</td><td class=\"l " + kind + "\">" + kind + "</td></tr>\n";
    }
    return html + "</tbody></table>\n</section>\n";
}

std::string sample_section(GroupReport const& r)
{
    std::vector<std::int64_t> parts{r.samples.used};
    for (Index n : r.samples.by_reason) parts.push_back(n);
    if (r.samples.total() <= 0) return "";
    auto const shares = shares_of_10000(parts);
    std::vector<BarPart> bar;
    std::string rows;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        std::string const what = i == 0 ? "used" : reasons[i - 1];
        bar.push_back({what + ": " + percent_of_10000(shares[i]),
                       static_cast<double>(parts[i]) / static_cast<double>(r.samples.total()), static_cast<int>(i)});
        if (parts[i] == 0 && i > 0) continue;
        rows += print("<tr><td class=\"l\"><span class=\"key tone%zu\"></span>", i) + escape_html(what) + "</td><td>" +
                format_count(parts[i]) + "</td><td>" + percent_of_10000(shares[i]) + "</td></tr>\n";
    }
    return "<section>\n<h2>Samples</h2>\n" + draw_bar(bar, "Samples by fate") +
           "<table>\n<thead><tr><th class=\"l\">Fate</th><th>Samples</th><th>Share</th></tr></thead>\n<tbody>\n" +
           rows + "<tr class=\"sum\"><td class=\"l\">all</td><td>" + format_count(r.samples.total()) + "</td><td>" +
           percent_of_10000(10000) +
           "</td></tr>\n</tbody></table>\n<p class=\"note\">Every sample of the group, integrations × baselines × "
           "channels × "
           "correlations, is counted once: a flagged one under the first reason found.</p>\n" +
           (r.deaf.empty() ? "" : "<p>Antennas that hear nothing: " + escape_html(join(r.deaf)) + "</p>\n") +
           "</section>\n";
}

std::string stage_section(GroupReport const& r)
{
    if (r.stages.empty()) return "";
    double covered = 0;
    std::string rows;
    for (auto const& row : r.stages.rows()) covered += row.seconds / std::max(row.ranks, 1);
    double const whole = std::max(r.wall_s, covered);
    std::vector<BarPart> bar;
    int tone = 0;
    for (auto const& row : r.stages.rows()) {
        double const mean_s = row.seconds / std::max(row.ranks, 1);
        bar.push_back({row.name + ": " + format_seconds(mean_s), whole > 0 ? mean_s / whole : 0, tone});
        rows += stage_row(row, tone, r);
        tone = (tone + 1) % 9;
    }
    if (r.wall_s > 0) {
        rows += print(
            "<tr><td class=\"l\">elsewhere</td><td></td><td>%.3f</td><td>%.1f "
            "%%</td><td></td><td></td><td></td></tr>\n",
            whole - covered, 100 * (whole - covered) / whole);
        rows += print(
            "<tr class=\"sum\"><td class=\"l\">wall clock</td><td></td><td>%.3f</td><td>100.0 %%</td><td></td><td></td>"
            "<td></td></tr>\n",
            whole);
    }
    std::string html =
        "<section>\n<h2>Where the time went</h2>\n" + draw_bar(bar, "Seconds by stage") +
        "<div class=\"scroll\"><table>\n<thead><tr><th class=\"l\">Stage</th><th>Calls</th><th>Seconds</th><th>Share"
        "</th><th>Bytes</th><th>GB/s</th><th>Of bandwidth</th></tr></thead>\n<tbody>\n" +
        rows + "</tbody></table></div>\n";
    if (r.bandwidth_bytes_per_s > 0)
        html += print(
            "<p class=\"note\">Of bandwidth: the share of a stage’s time that moving its bytes alone would take at the "
            "%.1f GB/s measured here. Seconds are means over ranks.</p>\n",
            r.bandwidth_bytes_per_s / 1e9);
    return html + "</section>\n";
}

std::string provenance_section(GroupReport const& r)
{
    std::string html = "<section>\n<h2>Provenance</h2>\n";
    if (!r.inputs.empty()) html += "<h3>Subbands</h3>\n" + draw_subbands(r.inputs);
    html += provenance_table(r);
    if (!r.inputs.empty())
        html += "<details open><summary>Input files</summary>\n" + input_table(r.inputs) + "</details>\n";
    if (!r.outputs.empty())
        html += "<details open><summary>Products</summary>\n" + output_table(r.outputs) + "</details>\n";
    if (!r.provenance.config.empty())
        html += "<details><summary>Effective configuration</summary>\n<pre>" + escape_html(r.provenance.config) +
                "</pre></details>\n";
    return html + "</section>\n";
}

}  // namespace nocturne
