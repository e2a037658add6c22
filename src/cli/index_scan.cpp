// Verb `index scan`: looks through a directory and records its files and groups.
#include "cli/table.hpp"
#include "cli/verb.hpp"
#include "driver/data_places.hpp"
#include "driver/index.hpp"

#include <cmath>
#include <iostream>

#include <spdlog/spdlog.h>

namespace nocturne::cli {
namespace index_scan_verb {

struct Options {
    std::string directory;
    std::string partial_after;
    std::string tolerance;
    bool no_hash = false, rehash = false;
    ScanOptions scan;
};

nlohmann::ordered_json to_json(std::vector<ScanReport::Remark> const& remarks)
{
    auto list = nlohmann::ordered_json::array();
    for (auto const& remark : remarks) list.push_back({{"path", remark.path}, {"reason", remark.reason}});
    return list;
}

nlohmann::ordered_json to_json(ScanReport const& report)
{
    return {{"directory", report.directory},
            {"groups", report.group_ids.size()},
            {"files", report.files},
            {"new", report.counts.new_files},
            {"updated", report.counts.updated_files},
            {"new_groups", report.counts.new_groups},
            {"reopened_groups", report.counts.reopened_groups},
            {"superseded", report.superseded.size()},
            {"group_ids", report.group_ids},
            {"rejected", to_json(report.rejected)},
            {"skipped", to_json(report.skipped)},
            {"superseded_files", to_json(report.superseded)},
            {"foreign", report.foreign},
            {"missing", report.missing},
            {"cluster_tolerance_s", report.tolerance_s},
            {"cadence_s", report.cadence_s ? nlohmann::ordered_json(*report.cadence_s) : nullptr}};
}

void print_remarks(char const* word, std::vector<ScanReport::Remark> const& remarks)
{
    for (auto const& remark : remarks) std::cout << word << "  " << remark.path << "  " << remark.reason << "\n";
}

void print_text(ScanReport const& report, db::Session& session)
{
    std::cout << report.group_ids.size() << (report.group_ids.size() == 1 ? " group of " : " groups of ")
              << report.files << " files in " << report.directory << " (" << report.counts.new_files << " new, "
              << report.superseded.size() << " superseded, " << report.rejected.size() << " rejected, "
              << report.foreign.size() << " foreign)\n";
    std::vector<std::vector<std::string>> rows;
    for (auto const& id : report.group_ids)
        if (auto const group = db::find_group(session, id))
            rows.push_back({id, name(group->state),
                            std::to_string(group->n_subbands) + "/" + std::to_string(group->expected_subbands),
                            format_mjd(group->start_mjd.value_or(NAN)), group->error});
    if (!rows.empty()) print_table({"group", "state", "subbands", "start (UTC)", "error"}, rows);
    print_remarks("rejected", report.rejected);
    print_remarks("skipped", report.skipped);
    print_remarks("superseded", report.superseded);
    for (auto const& path : report.foreign) std::cout << "foreign  " << path << "\n";
    for (auto const& path : report.missing) std::cout << "missing  " << path << "\n";
}

int run_verb(Options options, Globals const& globals)
{
    if (options.no_hash && options.rehash)
        throw Error(Code::usage, "--no-hash and --rehash", "they contradict each other", "give one of them");
    options.scan.hashing = options.no_hash ? Hashing::off : options.rehash ? Hashing::all : Hashing::changed;
    if (!options.partial_after.empty())
        options.scan.partial_after_s = options.scan.unfinished_s =
            parse_duration_s(options.partial_after, "--partial-after", 60);
    if (!options.tolerance.empty())
        options.scan.cluster_tolerance_s = parse_duration_s(options.tolerance, "--cluster-tolerance");
    auto session = db::Session::open(database_of(globals));
    auto const report = scan_directory(options.directory, options.scan, session);
    if (report.nothing()) spdlog::warn("{}", nothing_in(report.directory));
    if (globals.json)
        print_json(to_json(report));
    else
        print_text(report, session);
    return report.exit_code();
}

std::function<int()> declare(App& app, Globals const& globals)
{
    auto options = std::make_shared<Options>();
    app.add_option("directory", options->directory,
                   "Directory of UVH5 files and Measurement Sets, or one Measurement Set")
        ->required();
    app.add_option("--pattern", options->scan.pattern,
                   "Only files whose names match this glob, for example '*_sb??.hdf5'; all others stay as they are");
    app.add_option("--cluster-tolerance", options->tolerance,
                   "Farthest a file may lie from its group's time (default 60s, less than half the cadence)");
    app.add_option("--expected-subbands", options->scan.expected_subbands, "Files of a complete group (default 16)");
    app.add_option("--min-subbands", options->scan.min_subbands,
                   "Files of the smallest group worth imaging (default 12)");
    app.add_option(
        "--partial-after", options->partial_after,
        "An incomplete group is ready when no file came for so long, such as 10min or 600s; a plain number is "
        "minutes (default 10min); where it is given, bad files that changed less than that ago are taken for "
        "unfinished");
    app.add_flag("--no-hash", options->no_hash, "Do not compute checksums");
    app.add_flag("--rehash", options->rehash, "Compute the checksums of unchanged files again");
    return [options, &globals] { return run_verb(*options, globals); };
}

VerbRegistrar const here{{"index scan", "Record the files of a directory and the groups they make", &declare}};

}  // namespace index_scan_verb
}  // namespace nocturne::cli
