#include "db/deletions.hpp"

#include "db/query.hpp"

#include <nlohmann/json.hpp>

namespace nocturne::db {

std::vector<RawFile> raw_files_below(Session& session, std::string const& directory)
{
    Query query(
        session,
        "SELECT f.path, f.group_id, f.xxh128, f.file_size_bytes, q.state, q.processing_stage, q.failed_key FROM "
        "hdf5_files f LEFT JOIN ingest_queue q ON q.group_id = f.group_id WHERE f.path > :from AND f.path < :to "
        "AND f.stored = 1 AND f.status IN ('present', 'superseded') ORDER BY f.path");
    query.bind(directory + "/").bind(directory + "0");  // '0' follows '/'
    auto &path = query.text(), &group = query.text(), &hash = query.text();
    auto& bytes = query.integer();
    auto &state = query.text(), &stage = query.text(), &key = query.text();
    std::vector<RawFile> files;
    while (query.fetch()) {
        auto& file = files.emplace_back(RawFile{path.get(), group.get(), hash.get(), bytes.get(), {}, false});
        if (!state.null()) file.state = queue_state(state.get());
        file.settled = file.state == QueueState::failed && stage.get() == "error" && key.null();
    }
    return files;
}

std::int64_t begin_deletion(Session& session, Deletion const& deletion)
{
    auto const& file = deletion.file;
    return transact(session, [&] {
        hold_group(session, file.group_id);
        auto const group = find_group(session, file.group_id);
        if (group && group->state != file.state)
            throw Error(Code::transient, "cannot delete " + file.path,
                        "group " + file.group_id + " is " + name(group->state) + " by now",
                        "run the same command again");
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

void end_deletion(Session& session, std::int64_t id)
{
    transact(session, [&] {
        Query(session, "UPDATE deletion_log SET deleted_at = :now WHERE id = :id AND deleted_at IS NULL")
            .bind(now_unix_s())
            .bind(id)
            .run();
        Query(session,
              "UPDATE hdf5_files SET stored = 0, reason = 'deleted, with verified copies (deletion_log)' WHERE path = "
              "(SELECT path FROM deletion_log WHERE id = :id)")
            .bind(id)
            .run();
    });
}

std::vector<std::pair<std::int64_t, std::string>> open_deletions(Session& session)
{
    Query query(session, "SELECT id, path FROM deletion_log WHERE deleted_at IS NULL ORDER BY id");
    auto& id = query.integer();
    auto& path = query.text();
    std::vector<std::pair<std::int64_t, std::string>> open;
    while (query.fetch()) open.emplace_back(id.get(), path.get());
    return open;
}

}  // namespace nocturne::db
