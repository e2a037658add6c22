// Verb `doctor`: what this program finds on this machine: devices, libraries, Earth table, database, disk, memory, scheduler.
#include "cli/machine.hpp"
#include "cli/verb.hpp"
#include "db/file_system.hpp"
#include "db/libraries.hpp"
#include "db/migrations.hpp"
#include "driver/gpu_sums.hpp"
#include "driver/libraries.hpp"
#include "driver/node_health.hpp"
#include "driver/node_memory.hpp"
#include "io/libraries.hpp"
#include "kernels/shared/libraries.hpp"
#include "nocturne/device.hpp"
#include "nocturne/version.hpp"
#include "qa/text.hpp"
#include "qa/timing.hpp"
#include "sky/earth.hpp"
#include "sky/libraries.hpp"

#include <cmath>
#include <ctime>
#include <filesystem>
#include <iostream>
#include <memory>

#include <unistd.h>

namespace nocturne::cli {
namespace doctor_verb {

using Json = nlohmann::ordered_json;

enum class State { ok, warn, fail };

char const* word(State state) { return state == State::ok ? "ok" : (state == State::warn ? "warn" : "FAIL"); }

/// What was found: lines for people, fields for machines.
struct Findings {
    Json document = Json::object();
    Json checks = Json::array();
    State worst = State::ok;

    void say(std::string const& name, State state, std::string const& text)
    {
        checks.push_back({{"name", name}, {"state", word(state)}, {"text", text}});
        worst = std::max(worst, state);
    }
};

void look_at_devices(Findings& found)
{
    auto devices = Json::array();
    bool usable = false;
    for (auto const& d : find_devices()) {
        usable = usable || d.usable;
        devices.push_back({{"backend", d.backend},
                           {"name", d.name},
                           {"uuid", d.uuid},
                           {"memory_bytes", d.memory_bytes},
                           {"usable", d.usable},
                           {"why_not", d.why_not}});
        auto const size = d.memory_bytes > 0 ? ", " + format_bytes(static_cast<double>(d.memory_bytes)) : "";
        auto const text = d.usable ? d.name + (d.uuid.empty() ? "" : " " + d.uuid) + size : "not usable: " + d.why_not;
        found.say("device " + d.backend, d.usable ? State::ok : State::warn, text);
    }
    if (!usable) found.say("devices", State::fail, "none is usable");
    found.document["devices"] = devices;
#if defined(NOCTURNE_HAS_CUDA)
    found.document["cuda_built"] = true;
    found.say("MPI and GPUs", State::ok, describe_gpu_memory_in_mpi());
#else
    found.document["cuda_built"] = false;
    found.say("CUDA back end", State::ok, "not built in; the host is used");
#endif
}

void look_at_processor(Findings& found)
{
    auto const p = find_processor();
    found.document["processor"] = {{"model", p.model},
                                   {"cores_online", p.cores_online},
                                   {"cores_allowed", p.cores_allowed},
                                   {"avx2", p.avx2},
                                   {"avx512", p.avx512}};
    auto const text = p.model + ", " + std::to_string(p.cores_allowed) + " of " + std::to_string(p.cores_online) +
                      " cores allowed, " + (p.avx512 ? "AVX-512" : (p.avx2 ? "AVX2" : "no AVX2"));
    found.say("processor", p.avx2 ? State::ok : State::fail, text);
}

void look_at_memory(Findings& found)
{
    constexpr double little = 4e9;  // one rank of a full group
    auto const m = find_memory();
    found.document["memory"] = {{"total_bytes", m.total_bytes},
                                {"available_bytes", m.free_bytes()},
                                {"limit_bytes", m.group ? m.group->limit_bytes : 0},
                                {"transparent_huge_pages", m.huge_pages}};
    auto const available = static_cast<double>(m.free_bytes());
    found.say("memory", available > little ? State::ok : State::warn,
              format_bytes(available) + " available of " + format_bytes(static_cast<double>(m.total_bytes)) +
                  (m.group ? ", control group limit " + format_bytes(static_cast<double>(m.group->limit_bytes)) : ""));
    bool const pages = m.huge_pages == "always" || m.huge_pages == "madvise";
    found.say("huge pages", pages ? State::ok : State::warn,
              pages ? "transparent, " + m.huge_pages
                    : "off or unknown: gridding is slower; write madvise to transparent_hugepage/enabled");
}

void look_at_libraries(Findings& found)
{
    auto libraries = Json::object();
    std::string text;
    for (auto const& list : {kernel_libraries(), sky_libraries(), io_libraries(), db::libraries(), driver_libraries()})
        for (auto const& [name, version] : list) {
            libraries[name] = version;
            text += (text.empty() ? "" : ", ") + name + " " + version;
        }
    found.document["libraries"] = libraries;
    found.say("libraries", State::ok, text);
}

void look_at_earth(Findings& found)
{
    constexpr double soon_days = 60;
    double const now_mjd = static_cast<double>(std::time(nullptr)) / day_s + 40587;  // MJD of 1970-01-01
    try {
        auto const earth = EarthOrientation::load();
        double const left = earth.last_mjd() - now_mjd;
        auto const day = [](double mjd) { return format_utc(mjd * day_s).substr(0, 10); };
        auto const values = earth.at(MjdSeconds(now_mjd * day_s));
        found.document["earth"] = {{"path", earth.path()},
                                   {"first_mjd", earth.first_mjd()},
                                   {"last_mjd", earth.last_mjd()},
                                   {"measured_until_mjd", earth.measured_until_mjd()},
                                   {"expires_utc", day(earth.last_mjd())},
                                   {"days_left", left},
                                   {"ut1_minus_utc_s", values.ut1_minus_utc_s},
                                   {"tai_minus_utc_s", values.tai_minus_utc_s}};
        auto const warning = earth.warning(MjdSeconds(now_mjd * day_s), Strictness::warn);
        auto const text = "measured to " + day(earth.measured_until_mjd()) + ", predicted to " + day(earth.last_mjd()) +
                          " (" + print("%.0f", left) + " days left)";
        found.say("Earth table", left > soon_days ? State::ok : State::warn, warning.empty() ? text : warning);
        found.say("leap seconds", State::ok, print("TAI − UTC = %g s now", values.tai_minus_utc_s));
    } catch (Error const& error) {
        found.document["earth"] = nullptr;
        found.say("Earth table", State::fail, error.what());
    }
}

void look_at_server(Findings& found, std::string const& where)
{
    auto& document = found.document["database"] = {{"path", db::without_password(where)}, {"reached", false}};
    try {
        auto session = db::Session::connect(where, db::OpenMode::existing);
        document["reached"] = true;
        document["schema_version"] = db::schema_version(session);
        found.say("database", State::ok,
                  session.path() + " answers, schema " + std::to_string(db::schema_version(session)));
        double const ahead_s = db::clock_ahead_s(session);
        document["clock_ahead_s"] = ahead_s;
        found.say("clock", std::abs(ahead_s) <= most_clock_ahead_s ? State::ok : State::fail,
                  print("%.1f s ahead of the database's server", ahead_s));
    } catch (Error const& error) {
        found.say("database", State::fail, error.what());
    }
}

/// What keeps a database file from being used, or what it is; nothing is made, or changed.
std::string look_into(std::string const& path, Json& document)
{
    namespace fs = std::filesystem;
    std::error_code odd;
    auto const parent = fs::absolute(path).lexically_normal().parent_path();
    bool const there = fs::exists(path, odd);
    document["exists"] = there;
    if (!fs::is_directory(parent, odd))
        throw Error(Code::cannot_create, "no directory " + parent.string(), "it would hold the database", "create it");
    if (access(parent.c_str(), W_OK) != 0 || (there && access(path.c_str(), W_OK) != 0))
        throw Error(Code::cannot_create, "no one can write " + path + " as this user",
                    "it, or its directory, is read-only: verbs that only read it work",
                    "make both writable, or name another with --db");
    if (!there) return "not there yet: the first run makes it";
    if (fs::is_regular_file(path, odd) && fs::file_size(path, odd) == 0) return "empty: the first run makes its tables";
    auto session = db::Session::connect(path, db::OpenMode::existing);
    session.set_patience_s(5);
    db::Transaction const trial(session);  // rolled back
    int const schema = db::schema_version(session), newest = db::migrations().back().version;
    document["schema_version"] = schema;
    if (schema > newest)
        throw Error(Code::unavailable, path + " was made by a newer program", "schema " + std::to_string(schema),
                    "use the newer program, or another database");
    return "schema " + std::to_string(schema);
}

void look_at_database(Findings& found, std::string const& path)
{
    if (db::dialect_of(path) == db::Dialect::postgresql) return look_at_server(found, path);
    constexpr double little = 10e9;
    auto& document = found.document["database"] = {{"path", path}, {"wal_fit", false}, {"writable", false}};
    try {
        auto const system = db::file_system_of(path);
        auto const free = free_disk_bytes(path);
        document["file_system"] = system.name;
        document["network"] = system.network;
        document["wal_fit"] = !system.network;
        document["free_bytes"] = free;
        found.say("free disk", static_cast<double>(free) > little ? State::ok : State::warn,
                  format_bytes(static_cast<double>(free)) + " where the database lies");
        if (system.network) {
            found.say("database", State::fail,
                      path + " on " + system.name +
                          ": shared between machines, unfit for SQLite's WAL; use a local disk or PostgreSQL");
            return;
        }
        auto const state = look_into(path, document);
        document["writable"] = true;
        found.say("database", State::ok, path + " on " + system.name + ", fit for SQLite's WAL; " + state);
    } catch (Error const& error) {
        found.say("database", State::fail, error.what());
    }
}

void look_at_scheduler(Findings& found)
{
    auto const s = find_scheduler();
    found.document["scheduler"] = {{"name", s.name},
                                   {"job_id", s.job_id},
                                   {"nodes", s.nodes},
                                   {"tasks", s.tasks},
                                   {"cpus_per_task", s.cpus_per_task},
                                   {"gpus", s.gpus},
                                   {"restart_count", s.restart_count}};
    found.say("scheduler", State::ok,
              s.name.empty() ? "none"
                             : s.name + " job " + s.job_id + (s.nodes.empty() ? "" : ", " + s.nodes + " nodes") +
                                   (s.tasks.empty() ? "" : ", " + s.tasks + " tasks"));
}

void print_text(Findings const& found)
{
    std::size_t width = 0;
    for (auto const& check : found.checks) width = std::max(width, check["name"].get<std::string>().size());
    for (auto const& check : found.checks) {
        auto name = check["name"].get<std::string>();
        name.resize(width, ' ');
        std::cout << print("%-4s  ", check["state"].get<std::string>().c_str()) << name << "  "
                  << check["text"].get<std::string>() << "\n";
    }
    std::cout.flush();
}

std::function<int()> declare(App& app, Globals const& globals)
{
    app.footer("Exit code 0, or 71 where something makes work impossible (FAIL).");
    return [&globals] {
        Findings found;
        found.document["version"] = code_version();
        found.say("nocturne", State::ok, code_version());
        look_at_processor(found);
        look_at_memory(found);
        look_at_devices(found);
        look_at_libraries(found);
        look_at_earth(found);
        look_at_database(found, database_of(globals));
        look_at_scheduler(found);
        found.document["state"] = word(found.worst);
        found.document["checks"] = found.checks;
        if (globals.json)
            print_json(found.document);
        else
            print_text(found);
        return found.worst == State::fail ? exit_code(Code::system) : 0;
    };
}

VerbRegistrar const here{
    {"doctor", "What this machine offers: devices, libraries, Earth table, database, memory", &declare}};

}  // namespace doctor_verb
}  // namespace nocturne::cli
