// Where a product comes from. Enters: its path. Leaves: everything that was recorded of the run that made it.
#include "db/images.hpp"
#include "db/query.hpp"
#include "db/runs.hpp"

#include <algorithm>
#include <filesystem>
#include <set>

namespace nocturne::db {
namespace {

struct Found {
    std::string path, run_id, group_id, product;
};

std::vector<Found> find_products(Session& session, std::string const& condition, std::string const& value)
{
    Query query(session,
                "SELECT path, run_id, group_id, product FROM data_products WHERE " + condition + " ORDER BY path");
    query.bind(value);
    auto &path = query.text(), &run = query.text(), &group = query.text(), &product = query.text();
    std::vector<Found> found;
    while (query.fetch()) found.push_back({path.get(), run.get(), group.get(), product.get()});
    return found;
}

using HashOfFile = std::function<std::string(std::string const&)>;

Found find_product(Session& session, std::string const& path, HashOfFile const& hash)
{
    namespace fs = std::filesystem;
    auto found = find_products(session, "path = :path", path);
    if (found.empty()) found = find_products(session, "path = :path", fs::absolute(path).lexically_normal().string());
    std::error_code failed;
    auto const canonical = fs::weakly_canonical(path, failed);
    if (found.empty() && !failed) found = find_products(session, "path = :path", canonical.string());
    std::string tail = "/";
    tail += fs::path(path).lexically_normal().string();
    auto const characters = std::count_if(tail.begin(), tail.end(), [](char c) { return (c & 0xC0) != 0x80; });
    auto const start = "length(path) - " + std::to_string(characters - 1);
    bool const there = found.empty() && hash && fs::is_regular_file(path, failed);
    if (found.empty() && !there) found = find_products(session, "substr(path, " + start + ") = :tail", tail);
    if (there) found = find_products(session, "xxh128 = :hash", hash(path));
    bool const one = std::all_of(found.begin(), found.end(), [&](Found const& other) {
        return other.run_id == found.front().run_id && other.group_id == found.front().group_id;
    });
    if (there && !found.empty() && one) return found.front();
    if (found.empty())
        throw Error(Code::input_missing, "no provenance of " + path,
                    "database " + session.path() + " knows no such product",
                    std::string("list what it knows with 'nocturne images --all'") +
                        (there ? "; what was made by hand says it in its FITS header and its report" : ""));
    if (found.size() > 1)
        throw Error(Code::input_missing, "no single provenance of " + path,
                    std::to_string(found.size()) + " products end with this name, first " + found.front().path,
                    "give the whole path");
    return found.front();
}

std::vector<Provenance::File> read_file_list(Session& session, std::string const& sql, Found const& of)
{
    Query query(session, sql);
    query.bind(of.run_id).bind(of.group_id);
    auto &path = query.text(), &hash = query.text();
    auto& bytes = query.integer();
    std::vector<Provenance::File> files;
    while (query.fetch()) files.push_back({path.get(), hash.get(), bytes.get()});
    return files;
}

void read_run(Session& session, Found const& of, Provenance& into)
{
    Query query(
        session,
        "SELECT r.status, g.code_version, g.config, r.command_line, coalesce(g.host, r.host), "
        "coalesce(g.device, r.device), coalesce(g.device_uuid, r.device_uuid), g.rank, g.ranks, r.ranks, r.hpc_job_id, "
        "r.restart_count, g.started_at, g.finished_at, g.calibration, g.notes, g.flagging FROM group_runs g JOIN runs "
        "r ON "
        "r.run_id = "
        "g.run_id "
        "WHERE g.run_id = :run AND g.group_id = :id");
    query.bind(of.run_id).bind(of.group_id);
    auto &status = query.text(), &version = query.text(), &config = query.text(), &command = query.text(),
         &host = query.text(), &device = query.text(), &uuid = query.text();
    auto &rank = query.integer(), &ranks = query.integer(), &run_ranks = query.integer();
    auto& slurm = query.text();
    auto& restarts = query.integer();
    auto &started = query.real(), &finished = query.real();
    auto &calibration = query.text(), &notes = query.text(), &flagging = query.text();
    if (!query.fetch()) return;
    into.status = status.get();
    into.code_version = version.get();
    into.config_json = config.get("{}");
    into.command_line = command.get();
    into.host = host.get();
    into.device = device.get();
    into.device_uuid = uuid.get();
    into.rank = static_cast<int>(rank.get());
    into.ranks = static_cast<int>(ranks.get(1));
    into.run_ranks = static_cast<int>(run_ranks.get(1));
    into.slurm_job_id = slurm.get();
    into.restart_count = static_cast<int>(restarts.get());
    into.started_s = started.get();
    into.finished_s = finished.get();
    into.calibration_json = calibration.get();
    into.notes_json = notes.get();
    into.flagging_json = flagging.get();
}

std::vector<Provenance::Stage> read_stages(Session& session, Found const& of)
{
    Query query(session,
                "SELECT stage, wall_s, bytes FROM stage_timings WHERE run_id = :run AND group_id = :id "
                "ORDER BY sequence");
    query.bind(of.run_id).bind(of.group_id);
    auto& name = query.text();
    auto& wall = query.real();
    auto& bytes = query.integer();
    std::vector<Provenance::Stage> stages;
    while (query.fetch()) {
        double const rate = wall.get() > 0 ? 1e-9 * static_cast<double>(bytes.get()) / wall.get() : 0;
        stages.push_back({name.get(), wall.get(), bytes.get(), rate});
    }
    return stages;
}

}  // namespace

Provenance provenance_of(Session& session, std::string const& path, HashOfFile const& hash)
{
    auto const found = find_product(session, path, hash);
    Provenance provenance;
    provenance.image = found.path;
    provenance.product = found.product;
    provenance.group_id = found.group_id;
    provenance.run_id = found.run_id;
    read_run(session, found, provenance);
    provenance.inputs =
        read_file_list(session,
                       "SELECT path, xxh128, bytes FROM run_inputs WHERE run_id = :run AND group_id = :id "
                       "ORDER BY subband_idx, path",
                       found);
    provenance.outputs = read_file_list(session,
                                        "SELECT path, xxh128, bytes FROM data_products WHERE run_id = :run AND "
                                        "group_id = :id ORDER BY path",
                                        found);
    provenance.stages = read_stages(session, found);
    return provenance;
}

bool made_of(Session& session, std::string const& run_id, std::string const& group_id,
             std::vector<InputFile> const& files)
{
    std::set<std::pair<std::int64_t, std::string>> inputs;
    Query query(session, "SELECT subband_idx, xxh128 FROM run_inputs WHERE run_id = :run AND group_id = :id");
    query.bind(run_id).bind(group_id);
    auto& index = query.integer();
    auto& hash = query.text();
    while (query.fetch()) inputs.emplace(index.get(), hash.get());
    return !files.empty() && std::all_of(files.begin(), files.end(), [&](InputFile const& file) {
        return inputs.count({file.subband_idx, file.xxh128}) > 0;
    });
}

}  // namespace nocturne::db
