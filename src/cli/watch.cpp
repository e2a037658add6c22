// Verb `watch`: `index scan`, once or again and again, until a signal comes; one line where something is new.
#include "cli/table.hpp"
#include "cli/verb.hpp"
#include "driver/index.hpp"
#include "driver/stop_signal.hpp"

#include <chrono>
#include <map>
#include <thread>

#include <spdlog/spdlog.h>

namespace nocturne::cli {
namespace watch_verb {

using Json = nlohmann::ordered_json;

struct Options {
    std::string directory, interval = "60s", partial_after = "10min";
    bool once = false;
    ScanOptions scan;
};

struct Totals {
    std::int64_t scans = 0, new_files = 0, new_groups = 0;
    std::map<std::string, std::string> rejected;  ///< path and reason, as they were told last
    std::string away;                             ///< why the last look failed; "" = it did not
    std::chrono::steady_clock::time_point told;   ///< when that was said
};

/// What is wrong with a file is said once.
void tell_rejected(ScanReport const& report, std::map<std::string, std::string>& told)
{
    std::map<std::string, std::string> now;
    for (auto const& [path, reason] : report.rejected) {
        auto const before = told.find(path);
        if (before == told.end() || before->second != reason) spdlog::warn("rejected {}: {}", path, reason);
        now[path] = reason;
    }
    told = std::move(now);
}

void look(Options const& options, db::Session& session, Totals& totals)
{
    auto const report = scan_directory(options.directory, options.scan, session);
    auto const& counts = report.counts;
    ++totals.scans;
    totals.new_files += counts.new_files;
    totals.new_groups += counts.new_groups;
    if (counts.new_files + counts.updated_files > 0)
        spdlog::info("{}: {} new files, {} changed, {} new groups, {} to be done again", report.directory,
                     counts.new_files, counts.updated_files, counts.new_groups, counts.reopened_groups);
    tell_rejected(report, totals.rejected);
}

/// A file system or server that is away comes back; that it is gone is said once, then every hour.
void look_again(Options const& options, db::Session& session, std::string const& database, Totals& totals)
{
    constexpr auto again = std::chrono::hours(1);
    auto const now = std::chrono::steady_clock::now();
    try {
        if (!totals.away.empty()) session = db::Session::open(database, db::OpenMode::existing);
        look(options, session, totals);
        if (!totals.away.empty()) spdlog::info("{} can be looked at again", options.directory);
        totals.away.clear();
    } catch (Error const& error) {
        if (totals.away != error.what() || now - totals.told > again) {
            spdlog::warn("{}", error.what());
            totals.told = now;
        }
        totals.away = error.what();
    }
}

/// Looks at signals ten times a second.
void wait(double seconds)
{
    auto const end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
    while (!StopSignal::requested() && std::chrono::steady_clock::now() < end)
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
}

int watch(Options options, Globals const& globals)
{
    StopSignal const signals;
    double const pause_s = parse_duration_s(options.interval, "--interval");
    if (!(pause_s >= 1)) throw Error(Code::usage, "--interval " + options.interval, "it is under a second", "say 60s");
    options.scan.partial_after_s = options.scan.unfinished_s =
        parse_duration_s(options.partial_after, "--partial-after", 60);
    auto const database = database_of(globals);
    auto session = db::Session::open(database);
    Totals totals;
    look(options, session, totals);
    while (!options.once) {
        wait(pause_s);
        if (StopSignal::requested()) break;
        look_again(options, session, database, totals);
    }
    if (globals.json)
        print_json(Json{{"scans", totals.scans}, {"new_files", totals.new_files}, {"new_groups", totals.new_groups}});
    return 0;
}

std::function<int()> declare(App& app, Globals const& globals)
{
    auto o = std::make_shared<Options>();
    app.add_option("directory", o->directory, "Directory of UVH5 files and Measurement Sets")->required();
    app.add_flag("--once", o->once, "Look once, as cron does it");
    app.add_option("--interval", o->interval, "Pause between two looks, such as 60s or 5min; default 60s");
    app.add_option("--min-subbands", o->scan.min_subbands, "Files of the smallest group worth imaging (default 12)");
    app.add_option("--partial-after", o->partial_after,
                   "An incomplete group is ready when no file came for so long; default 10min");
    return [o, &globals] { return watch(*o, globals); };
}

VerbRegistrar const here{{"watch", "Record what arrives in a directory, until stopped", &declare}};

}  // namespace watch_verb
}  // namespace nocturne::cli
