// Enters: argc, argv. Leaves: the exit code; results on stdout, everything else on stderr.
#include "cli/program.hpp"

#include "cli/log.hpp"
#include "cli/stage_options.hpp"
#include "cli/verb.hpp"
#include "db/address.hpp"
#include "driver/attempt.hpp"
#include "driver/error_report.hpp"
#include "nocturne/environment.hpp"
#include "nocturne/error.hpp"
#include "nocturne/nearest.hpp"
#include "nocturne/utf8.hpp"
#include "nocturne/version.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdlib>
#include <deque>
#include <exception>
#include <filesystem>
#include <iostream>
#include <map>
#include <set>

#include <unistd.h>

namespace nocturne::cli {
namespace {

std::vector<Verb>& verbs()
{
    static std::vector<Verb> all;
    return all;
}

/// The app of `path` ("index scan": scan under index), made where it is not there yet.
CLI::App* app_of(CLI::App& root, std::string const& path, std::string const& summary)
{
    CLI::App* at = &root;
    std::size_t start = 0;
    while (start <= path.size()) {
        std::size_t const end = std::min(path.find(' ', start), path.size());
        auto const word = path.substr(start, end - start);
        CLI::App* next = nullptr;
        for (CLI::App* sub : at->get_subcommands([](CLI::App*) { return true; }))
            if (sub->get_name() == word) next = sub;
        if (!next) next = at->add_subcommand(word, end == path.size() ? summary : "");
        at = next;
        start = end + 1;
    }
    return at;
}

/// A word that is no verb by itself says which it has.
void describe_groups(CLI::App& root)
{
    for (CLI::App* group : root.get_subcommands([](CLI::App*) { return true; })) {
        std::string names;
        for (CLI::App const* sub : group->get_subcommands([](CLI::App*) { return true; }))
            names += (names.empty() ? "" : ", ") + sub->get_name();
        if (group->get_description().empty()) group->description("Verbs: " + names);
    }
}

void add_common_options(CLI::App& app, Globals& globals)
{
    app.add_flag("--json", globals.json, "One JSON document on stdout");
    app.add_flag("--quiet", globals.quiet, "Log errors only; results still go to standard output");
    app.add_option("--log-format", globals.log_format, "Log lines on stderr: text or json")
        ->check(CLI::IsMember({"text", "json"}));
    app.add_option("--db", globals.db,
                   "Database: an SQLite path or postgresql://USER@HOST/NAME (else NOCTURNE_DB, else PIPELINE_DB, else "
                   "nocturne.sqlite here)");
}

/// A file or a variable may have blanks around what it says.
std::string without_blanks(std::string const& text)
{
    constexpr char const* blanks = " \t\r\n";
    auto const first = text.find_first_not_of(blanks);
    return first == std::string::npos ? "" : text.substr(first, text.find_last_not_of(blanks) + 1 - first);
}

/// CLI11 says what it did not understand; the nearest option or verb is added here.
int report_usage(CLI::App const& root, CLI::ParseError const& error, int argc, char** argv)
{
    std::string problem = db::without_password(error.what());
    std::vector<std::string> known;
    std::set<std::string> path{argv[0]};
    std::string verb;
    CLI::App const* at = &root;
    while (!at->get_subcommands().empty()) {
        at = at->get_subcommands().front();
        path.insert(at->get_name());
        verb += at->get_name() + " ";
    }
    for (auto const* option : at->get_options())
        for (auto const& name : option->get_lnames()) known.push_back("--" + name);
    for (auto const* sub : at->get_subcommands([](CLI::App const*) { return true; })) known.push_back(sub->get_name());
    if (at->get_require_subcommand_min() > 0 && problem.find("ubcommand") != std::string::npos) {
        auto const word = std::find_if(argv, argv + argc, [&](char const* text) { return !path.count(text); });
        if (word != argv + argc) problem = std::string("there is no '") + *word + "'";
    }
    std::string nearest;
    for (int i = 1; i < argc; ++i) {
        std::string word = argv[i];
        word = word.substr(0, word.find('='));
        if (std::find(known.begin(), known.end(), word) == known.end() && problem.find(word) != std::string::npos)
            nearest += did_you_mean(word, known);
    }
    auto const help = "nocturne " + verb + "--help";
    std::cerr << "nocturne: " << problem << nearest << "\nTry: " << help << "\n";
    print_error_document(Error(Code::usage, problem + nearest, "the command line is wrong", "try " + help));
    return exit_code(Code::usage);
}

/// What was printed has arrived.
void require_standard_output()
{
    std::cout.flush();
    if (!std::cout)
        throw Error(Code::io, "cannot write the result", "standard output does not take it", "free space or reopen it");
}

/// Names go into JSON, databases and FITS.
void require_utf8(int argc, char** argv)
{
    for (int i = 1; i < argc; ++i)
        if (!is_utf8(argv[i]))
            throw Error(Code::usage, "an argument is not UTF-8", escaped_utf8(argv[i]),
                        "rename the file or the directory");
    std::error_code odd;
    auto const here = std::filesystem::current_path(odd).string();
    if (!is_utf8(here))
        throw Error(Code::usage, "the working directory's name is not UTF-8", escaped_utf8(here),
                    "work in another one");
}

/// --json on the command line, which may be one that cannot be parsed.
ErrorForm error_form(int argc, char** argv)
{
    bool const json = std::any_of(argv, argv + argc, [](char const* word) { return std::string(word) == "--json"; });
    return json ? ErrorForm::text_and_json : ErrorForm::text;
}

/// Before the processes that mpirun or srun started know of each other: the first of them, or the only one.
bool is_first_process()
{
    for (auto const* name : {"OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK", "SLURM_PROCID"})
        if (auto const rank = environment(name); !rank.empty()) return rank == "0";
    return true;
}

}  // namespace

VerbRegistrar::VerbRegistrar(Verb verb) { verbs().push_back(std::move(verb)); }

void check_words(std::string const& verb, std::vector<std::string> const& words)
{
    auto const one =
        std::find_if(verbs().begin(), verbs().end(), [&](Verb const& known) { return known.name == verb; });
    NOCT_CHECK(one != verbs().end(), "words of an unknown verb");
    CLI::App app;
    App own(app);
    Globals globals;
    add_common_options(app, globals);
    one->declare(own, globals);
    auto given = with_switches_on(words);
    std::reverse(given.begin(), given.end());
    try {
        app.parse(given);
    } catch (CLI::ParseError const& error) {
        auto const reason = error.get_exit_code() == 0 ? "it would print and end" : db::without_password(error.what());
        throw Error(Code::usage, "nocturne " + verb + " does not work with these options", reason,
                    "try nocturne " + verb + " --help");
    }
}

void print_json(nlohmann::ordered_json const& document)
{
    set_error_form(ErrorForm::text);
    std::cout << document.dump(isatty(STDOUT_FILENO) ? 2 : -1, ' ', false,
                               nlohmann::ordered_json::error_handler_t::replace)
              << std::endl;
    require_standard_output();
}

std::string database_of(Globals const& globals, std::string const& fallback)
{
    auto const chosen = globals.db.empty() ? fallback : globals.db;
    if (chosen.empty())
        throw Error(Code::usage, "no database", "neither --db nor NOCTURNE_DB is set",
                    "say --db FILE.sqlite or --db postgresql://USER@HOST/NAME");
    db::dialect_of(chosen);  // an address that is none is refused before anything is said or written of it
    return chosen;
}

int run_program(int argc, char** argv)
{
    CLI::App root{"Nocturne: nights of radio-interferometer files to calibrated images"};
    root.name("nocturne");
    root.set_version_flag("--version", std::string("nocturne ") + code_version());
    root.require_subcommand(1);
    Globals globals;
    globals.command_line.assign(argv, argv + argc);
    std::map<CLI::App*, std::function<int()>> actions;
    std::deque<App> apps;
    set_error_form(error_form(argc, argv));
    std::sort(verbs().begin(), verbs().end(), [](Verb const& a, Verb const& b) { return a.name < b.name; });
    try {
        require_utf8(argc, argv);
        for (auto const& verb : verbs()) {
            CLI::App* app = app_of(root, verb.name, verb.summary);
            add_common_options(*app, globals);
            actions[app] = verb.declare(apps.emplace_back(*app), globals);
        }
        describe_groups(root);
        auto words = with_switches_on({argv + 1, argv + argc});
        std::reverse(words.begin(), words.end());  // as CLI11 takes them
        root.parse(words);
        if (globals.db.empty()) globals.db = environment("NOCTURNE_DB");
        if (globals.db.empty()) globals.db = environment("PIPELINE_DB");
        globals.db = without_blanks(globals.db);
        set_up_log(globals);
        CLI::App* chosen = &root;
        while (!chosen->get_subcommands().empty()) chosen = chosen->get_subcommands().front();
        auto const found = actions.find(chosen);
        if (found == actions.end())
            throw Error(Code::usage, "'" + chosen->get_name() + "' is not a verb by itself", "it has verbs of its own",
                        "try nocturne " + chosen->get_name() + " --help");
        int const code = found->second();
        require_standard_output();
        return code;
    } catch (CLI::ParseError const& error) {
        if (error.get_exit_code() == 0) return root.exit(error);
        if (!is_first_process()) set_error_form(ErrorForm::text);
        return report_usage(root, error, argc, argv);
    } catch (std::exception const&) {
        if (!is_first_process()) set_error_form(ErrorForm::text);
        return tell(*attempt([] { throw; }));
    }
}

}  // namespace nocturne::cli
