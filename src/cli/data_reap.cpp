// Verb `data reap`: raw files whose copies in the archive were read again and found equal may go.
#include "cli/verb.hpp"

#include "driver/data_places.hpp"
#include "driver/reap.hpp"
#include "driver/shell_words.hpp"

#include <iostream>

namespace nocturne::cli {
namespace data_reap_verb {

struct Options {
    ReapRequest request;
    bool dry_run = false;
};

nlohmann::ordered_json to_json(ReapReport const& report)
{
    auto files = nlohmann::ordered_json::array();
    for (auto const& one : report.files)
        files.push_back({{"path", one.file.path},
                         {"group_id", one.file.group_id},
                         {"bytes", one.file.bytes},
                         {"deleted", one.deleted},
                         {"refused", one.refusal == ReapRefusal::none ? nlohmann::ordered_json(nullptr)
                                                                      : nlohmann::ordered_json(name(one.refusal))},
                         {"detail", one.detail},
                         {"copies", one.copies}});
    return {{"may_go", report.may_go}, {"deleted", report.deleted}, {"bytes", report.bytes}, {"files", files}};
}

void print_text(ReapReport const& report, bool remove)
{
    for (auto const& one : report.files)
        if (one.refusal != ReapRefusal::none)
            std::cout << "stays  " << one.file.path << "  " << name(one.refusal) << ": " << one.detail << "\n";
        else
            std::cout << (one.deleted ? "gone   "
                          : remove    ? "stays  "
                                      : "may go ")
                      << one.file.path << "  " << one.copies.size() << " verified\n";
    std::cout << report.may_go << " of " << report.files.size() << " files may go (" << report.bytes << " bytes), "
              << report.deleted << " deleted\n";
    if (report.exit_code == exit_code(Code::bad_input))
        std::cout << "a copy or a file is not what was indexed: nothing is deleted before that is cleared up\n";
}

int run_verb(Options options, Globals const& globals)
{
    auto& request = options.request;
    if (options.dry_run && request.remove)
        throw Error(Code::usage, "--dry-run and --delete", "they contradict each other", "give one of them");
    request.command_line = recorded_line(globals.command_line);
    auto session = db::Session::open(database_of(globals), db::OpenMode::existing);
    auto const report = reap(request, session);
    auto const there = look_into(request.location);
    if (report.files.empty() && (there.data_files > 0 || !there.below.empty()))
        throw Error(Code::input_missing, "no raw file of " + request.location + " is one of database " + session.path(),
                    std::to_string(there.data_files) +
                        (there.data_files == 1 ? " data file lies there" : " data files lie there"),
                    "name the directory that was indexed (nocturne groups --json has it), or index this one");
    if (globals.json)
        print_json(to_json(report));
    else
        print_text(report, request.remove);
    return report.exit_code;
}

std::function<int()> declare(App& app, Globals const& globals)
{
    auto o = std::make_shared<Options>();
    app.add_option("--location", o->request.location, "Directory of raw files that the database knows")->required();
    app.add_option(
           "--archive", o->request.archives,
           "Directory with copies, at the same places below it or side by side; several: --archive A --archive B")
        ->required();
    app.add_option("--copies", o->request.least_copies, "So many archives must hold a sound copy (default 1)")
        ->in_range(1, 100);
    app.add_flag("--delete", o->request.remove, "Delete; without it nothing is deleted");
    app.add_flag("--dry-run", o->dry_run, "Say what would go, and why the rest stays (the default)");
    app.footer(
        "Only files of groups that are done, or settled with 'queue resolve', go; each copy and the file itself are "
        "read "
        "to their ends and compared with the recorded checksum before. A group goes as a whole. Where any copy "
        "differs, "
        "nothing goes. What went stands in deletion_log.");
    return [o, &globals] { return run_verb(*o, globals); };
}

VerbRegistrar const here{{"data reap", "Delete raw files whose copies in an archive are sound", &declare}};

}  // namespace data_reap_verb
}  // namespace nocturne::cli
