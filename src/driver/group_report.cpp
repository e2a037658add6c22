// Enters: a finished group. Leaves: what its page says. Only the glue: what is drawn and said is qa's.
#include "driver/group_report.hpp"

#include "driver/home.hpp"
#include "driver/image_shares.hpp"
#include "driver/report_calibration.hpp"
#include "io/png_writer.hpp"
#include "qa/describe.hpp"

#include <algorithm>
#include <cmath>

namespace nocturne {
namespace {

/// Less than that is moved sooner than a bandwidth is measured, in caches in part: it has no share of it.
constexpr std::uint64_t bytes_worth_a_share = std::uint64_t{64} << 20;

std::uint64_t bytes_moved(Ledger const& ledger)
{
    std::uint64_t bytes = 0;
    for (auto const& row : ledger.rows()) bytes += row.bytes;
    return bytes;
}

ReportInput input_of(Subband const& subband, GroupHeader const& header, std::vector<db::InputFile> const& files)
{
    ReportInput input;
    input.subband = subband.index;
    input.path = subband.n_channels > 0 ? without_home(subband.path) : "";
    input.bytes = subband.bytes;
    for (auto const& file : files)
        if (file.path == subband.path) input.xxh128 = file.xxh128;
    if (subband.n_channels > 0) {
        input.low_hz = header.freq_hz[static_cast<std::size_t>(subband.first_channel)];
        input.high_hz = header.freq_hz[static_cast<std::size_t>(subband.first_channel + subband.n_channels - 1)];
    }
    return input;
}

/// Points of the uv plane for the figure: a few thousand, evenly over the lines of the nodes.
std::vector<std::array<float, 2>> uv_points(GroupState const& state)
{
    std::vector<std::array<float, 2>> points;
    if (!state.nodes) return points;
    auto const& geometry = state.nodes->geometry;
    auto const step = std::max<std::size_t>(1, geometry.lines.size() / 3000);
    for (std::size_t i = 0; i < geometry.lines.size(); i += step) {
        auto const& line = geometry.lines[i];
        auto const freq = geometry.freq_hz[static_cast<std::size_t>(line.first_freq + line.n / 2)];
        double const scale = freq / speed_of_light_m_s / 1e3;
        points.push_back({static_cast<float>(line.uvw_m[0] * scale), static_cast<float>(line.uvw_m[1] * scale)});
    }
    return points;
}

void add_gates(GroupReport& report, GroupState const& state)
{
    auto const add = [&](std::string name, std::string value, std::string wanted, Verdict verdict) {
        report.gates.push_back({std::move(name), std::move(value), std::move(wanted), verdict});
        if (verdict != Verdict::pass && report.verdict == Verdict::pass) report.verdict = verdict;
    };
    auto const total = static_cast<double>(state.counts.total());
    double const used = total > 0 ? static_cast<double>(state.counts.used) / total : 0;
    auto const present = state.header.n_present();
    add("subbands", std::to_string(present), "all " + std::to_string(state.header.expected_subbands),
        present == state.header.expected_subbands ? Verdict::pass : Verdict::warn);
    add("samples used", std::to_string(static_cast<int>(std::lround(100 * used))) + " %", "at least 50 %",
        used >= 0.5 ? Verdict::pass : Verdict::warn);
    double const range = report.about.noise_jy > 0 ? std::abs(report.peak_jy) / report.about.noise_jy : 0;
    add("peak over noise", std::to_string(static_cast<int>(std::lround(range))), "at least 5",
        range >= 5 ? Verdict::pass : Verdict::warn);
    if (state.calibration && !state.calibration->doubt.empty())
        add("positions", "in doubt: see the notes", "a source in the image before self-calibration", Verdict::warn);
}

/// What a group without an image says of itself.
void describe_header(GroupReport& report, GroupHeader const& header)
{
    auto& about = report.about;
    auto const& freq = header.freq_hz;
    if (!freq.empty()) {
        about.freq_hz = 0.5 * (freq.front() + freq.back());
        about.bandwidth_hz = freq.back() - freq.front() + header.channel_width_hz.front();
    }
    about.mid_time_mjd_s = header.mid_time_mjd_s();
    for (double exposure : header.integration_s) about.duration_s += exposure;
}

/// Lines of the verdict for solutions that a job keeps.
void add_solution_gates(GroupReport& report, SolutionQuality const& quality)
{
    QualityLimits const limits;
    auto const percent = [](double share) { return std::to_string(static_cast<int>(std::lround(100 * share))) + " %"; };
    auto const verdict = [](bool good, bool fair) {
        return good ? Verdict::pass : fair ? Verdict::warn : Verdict::fail;
    };
    for (auto const& table : quality.tables) {
        std::string const kind = name(table.kind);
        if (table.mean_snr > 0)
            report.gates.push_back({kind + ": mean signal to noise", std::to_string(std::lround(table.mean_snr)),
                                    "at least " + std::to_string(std::lround(limits.good_snr)),
                                    verdict(table.mean_snr >= limits.good_snr, table.mean_snr >= limits.least_snr)});
        if (table.unexplained_ratio > 0) {
            bool const bad = table.unexplained_share > limits.most_unexplained_share,
                       doubtful = table.unexplained_share > limits.good_unexplained_share;
            char text[64], most[64];
            std::snprintf(text, sizeof text, "%.3g times the noise, %.2g %% of the model", table.unexplained_ratio,
                          100 * table.unexplained_share);
            std::snprintf(most, sizeof most, "at most %g times, or %g %%", limits.good_unexplained,
                          100 * limits.good_unexplained_share);
            report.gates.push_back(
                {kind + ": power not explained", text, most,
                 verdict(table.unexplained_ratio <= limits.good_unexplained || !doubtful,
                         table.unexplained_ratio <= limits.most_unexplained || !bad || kind == "G")});
        }
        report.gates.push_back(
            {kind + ": flagged", percent(table.flagged_fraction), "at most " + percent(limits.good_flagged),
             verdict(table.flagged_fraction <= limits.good_flagged, table.flagged_fraction <= limits.most_flagged)});
        report.gates.push_back({kind + ": antennas", std::to_string(table.n_antennas),
                                "at least " + std::to_string(limits.least_antennas) + ", or two thirds",
                                Verdict::pass});
    }
    if (quality.verdict == QualityVerdict::warn) report.verdict = Verdict::warn;
    for (auto const& reason : quality.reasons)
        report.verdict_reason += (report.verdict_reason.empty() ? "" : "; ") + reason;
}

/// Where the solutions come from that a group was corrected by.
void add_calibration(GroupReport& report, CalibrationUse const& use)
{
    auto& more = report.provenance.more;
    more.emplace_back("Calibration", std::string(name(use.provenance)) + ", " + use.method);
    for (auto const& set : use.sets) more.emplace_back("Set of solutions", set);
    for (auto const& file : use.files) more.emplace_back("Solutions", without_home(file.path) + " " + file.xxh128);
    for (auto const& waived : use.waived) more.emplace_back("Forced", waived);
}

}  // namespace

GroupReport describe_group(GroupState const& state, ProductContext const& context, std::optional<Product> shown)
{
    GroupReport report;
    report.group_id = state.header.group_id;
    report.telescope = state.header.site.telescope_name;
    if (shown) {
        describe_image(report, *find_product(state.images, *shown), find_product(state.images, Product::psf),
                       encode_png);
        add_gates(report, state);
    } else {
        describe_header(report, state.header);
    }
    if (context.quality) add_solution_gates(report, *context.quality);
    report.candidates = state.candidates;
    report.snapshots_searched = state.snapshots_searched;
    report.detect_sigma = context.detect_sigma;
    report.uv_klambda = uv_points(state);
    report.samples = state.counts;
    describe_calibration(report, state);
    for (auto const& subband : state.header.subbands)
        report.inputs.push_back(input_of(subband, state.header, context.inputs));
    report.stages = *context.ledger;
    report.wall_s = context.wall_s;
    if (bytes_moved(*context.ledger) >= bytes_worth_a_share) report.bandwidth_bytes_per_s = measure_bandwidth();
    auto& origin = report.provenance;
    origin.run_id = context.run_id;
    origin.status = "COMPLETED";
    origin.code_version = context.code_version;
    origin.command_line = context.command_line;
    origin.host = context.where.host;
    origin.device = context.where.device;
    origin.device_uuid = context.where.device_uuid;
    origin.started_utc = context.started_utc;
    origin.config = without_home(context.config_text);
    origin.earth_note = without_home(state.earth_note);
    origin.ranks = context.ranks;
    origin.slurm_job_id = context.where.slurm_job_id;
    origin.restart_count = context.where.restart_count;
    origin.more = context.more;
    for (auto const& note : context.notes) origin.more.emplace_back("note", without_home(note));
    if (state.calibration) add_calibration(report, *state.calibration);
    return report;
}

}  // namespace nocturne
