#include "db/deletions.hpp"

#include "db/query.hpp"

#include <nlohmann/json.hpp>

namespace nocturne::db {
namespace {

/// Within a transaction that holds the group: nobody has claimed it since the file was read from the index, nor moved it by hand.
void check_still(Session& session, RawFile const& file)
{
    Query query(session, "SELECT state, fence FROM ingest_queue WHERE group_id = :id");
    query.bind(file.group_id);
    auto& state = query.text();
    auto& fence = query.integer();
    bool const there = query.fetch();
    if (there && file.state && queue_state(state.get()) == *file.state && fence.get() == file.fence) return;
    throw Error(
        Code::transient, "cannot delete " + file.path,
        "group " + file.group_id + " is " + (there ? state.get() : "gone") + " by now, or was claimed meanwhile",
        "run the same command again");
}

}  // namespace

std::vector<RawFile> raw_files_below(Session& session, std::string const& directory)
{
    Query query(
        session,
        "SELECT f.path, f.group_id, f.xxh128, f.file_size_bytes, q.state, q.processing_stage, q.failed_key, q.fence "
        "FROM hdf5_files f LEFT JOIN ingest_queue q ON q.group_id = f.group_id WHERE f.path > :from AND f.path < :to "
        "AND f.stored = 1 AND f.status IN ('present', 'superseded') ORDER BY f.path");
    query.bind(directory + "/").bind(directory + "0");  // '0' follows '/'
    auto &path = query.text(), &group = query.text(), &hash = query.text();
    auto& bytes = query.integer();
    auto &state = query.text(), &stage = query.text(), &key = query.text();
    auto& fence = query.integer();
    std::vector<RawFile> files;
    while (query.fetch()) {
        auto& file =
            files.emplace_back(RawFile{path.get(), group.get(), hash.get(), bytes.get(), {}, fence.get(), false});
        if (!state.null()) file.state = queue_state(state.get());
        file.settled = file.state == QueueState::failed && stage.get() == "error" && key.null();
    }
    return files;
}

namespace {

constexpr char const* without_files =
    "q.state = 'completed' AND q.n_subbands = 0 AND q.path = :directory AND (q.start_mjd IS NULL OR (q.start_mjd >= "
    ":start AND q.start_mjd < :end))";

}  // namespace

std::vector<std::string> configurations_of(Session& session, GroupsWithoutFiles const& groups)
{
    Query query(session,
                "SELECT DISTINCT r.config FROM group_runs r JOIN ingest_queue q ON q.group_id = r.group_id WHERE "
                "r.status = 'COMPLETED' AND r.code_version = :version AND " +
                    std::string(without_files));
    query.bind(groups.code_version).bind(groups.directory).bind(groups.start_mjd).bind(groups.end_mjd);
    auto& config = query.text();
    std::vector<std::string> all;
    while (query.fetch()) all.push_back(config.get());
    return all;
}

std::int64_t count_without_result(Session& session, GroupsWithoutFiles const& groups,
                                  std::vector<std::string> const& configurations)
{
    Query query(session, "");
    query.bind(groups.directory).bind(groups.start_mjd).bind(groups.end_mjd).bind(groups.code_version);
    std::string names = "''";
    for (std::size_t i = 0; i < configurations.size(); ++i) {
        names += ", :c" + std::to_string(i);
        query.bind(configurations[i]);
    }
    query.set_text("SELECT count(*) FROM ingest_queue q WHERE " + std::string(without_files) +
                   " AND NOT EXISTS (SELECT 1 FROM group_runs r WHERE r.group_id = q.group_id AND r.status = "
                   "'COMPLETED' AND r.code_version = :version AND r.config IN (" +
                   names + "))");
    auto const& n = query.integer();
    return query.fetch() ? n.value : 0;
}

std::int64_t begin_deletion(Session& session, Deletion const& deletion)
{
    auto const& file = deletion.file;
    return transact(session, [&] {
        hold_group(session, file.group_id);
        check_still(session, file);
        Query query(
            session,
            "INSERT INTO deletion_log (path, group_id, bytes, xxh128, copies, verified_at, command_line) VALUES "
            "(:path, :group, :bytes, :hash, :copies, :verified, :command) RETURNING id");
        query.bind(file.path).bind(file.group_id).bind(file.bytes).bind(file.xxh128);
        query.bind(nlohmann::json(deletion.copies).dump()).bind(deletion.verified_s);
        query.bind_text_or_null(deletion.command_line);
        auto const& id = query.integer();
        query.fetch();
        return static_cast<std::int64_t>(id.get());
    });
}

bool end_deletion(Session& session, std::int64_t id)
{
    return transact(session, [&] {
        auto const known =
            Query(session, "UPDATE deletion_log SET deleted_at = coalesce(deleted_at, :now) WHERE id = :id")
                .bind(now_unix_s())
                .bind(id)
                .run();
        Query(session,
              "UPDATE hdf5_files SET stored = 0, reason = 'deleted, with verified copies (deletion_log)' WHERE path = "
              "(SELECT path FROM deletion_log WHERE id = :id)")
            .bind(id)
            .run();
        return known == 1;
    });
}

void withdraw_deletion(Session& session, std::int64_t id)
{
    Query(session, "DELETE FROM deletion_log WHERE id = :id AND deleted_at IS NULL").bind(id).run();
}

void take_back_deletion(Session& session, std::int64_t id)
{
    transact(session, [&] {
        Query(session,
              "UPDATE hdf5_files SET stored = 1, reason = NULL WHERE stored = 0 AND path = (SELECT path FROM "
              "deletion_log WHERE id = :id)")
            .bind(id)
            .run();
        Query(session, "DELETE FROM deletion_log WHERE id = :id").bind(id).run();
    });
}

std::vector<LoggedDeletion> open_deletions(Session& session, std::string const& directory)
{
    Query query(session,
                "SELECT id, path FROM deletion_log WHERE deleted_at IS NULL AND path > :from AND path < :to "
                "ORDER BY id");
    query.bind(directory + "/").bind(directory + "0");  // '0' follows '/'
    auto& id = query.integer();
    auto& path = query.text();
    std::vector<LoggedDeletion> open;
    while (query.fetch()) open.push_back({id.get(), path.get(), false});
    return open;
}

std::optional<LoggedDeletion> find_deletion(Session& session, std::int64_t id)
{
    Query query(session, "SELECT path, deleted_at FROM deletion_log WHERE id = :id");
    query.bind(id);
    auto& path = query.text();
    auto const& at = query.real();
    if (!query.fetch()) return std::nullopt;
    return LoggedDeletion{id, path.get(), !at.null()};
}

}  // namespace nocturne::db
