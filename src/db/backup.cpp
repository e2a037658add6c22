// Enters: a database, or a copy of one. Leaves: a copy, a filled database, or what is wrong.
#include "db/backup.hpp"

#include "db/migrations.hpp"
#include "db/query.hpp"

#include <filesystem>

namespace nocturne::db {
namespace {

struct Column {
    std::string name, type;
};

std::vector<std::string> texts(Session& session, std::string const& sql)
{
    Query query(session, sql);
    auto& text = query.text();
    std::vector<std::string> all;
    while (query.fetch()) all.push_back(text.get());
    return all;
}

/// Tables of an SQLite file with our schema, parents before children.
std::vector<std::string> tables_of(Session& file)
{
    return texts(file,
                 "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT IN "
                 "('schema_migrations', 'backup_rows') ORDER BY rowid");
}

std::vector<Column> columns_of(Session& file, std::string const& table)
{
    Query query(file, "SELECT name, type FROM pragma_table_info(:table) ORDER BY cid");
    query.bind(table);
    auto &name = query.text(), &type = query.text();
    std::vector<Column> columns;
    while (query.fetch()) columns.push_back({name.get(), type.get()});
    return columns;
}

std::int64_t count_rows(Session& session, std::string const& table)
{
    Query query(session, "SELECT count(*) FROM " + table);
    auto& n = query.integer();
    return query.fetch() ? n.get() : 0;
}

/// The current row of a query over `columns`, to be bound to another.
class RowCells {
public:
    RowCells(Query& query, std::vector<Column> const& columns)
    {
        for (auto const& column : columns) {
            if (column.type == "TEXT")
                cells_.push_back({&query.text(), nullptr, nullptr});
            else if (column.type == "DOUBLE PRECISION")
                cells_.push_back({nullptr, nullptr, &query.real()});
            else
                cells_.push_back({nullptr, &query.integer(), nullptr});
        }
    }
    void bind_to(Query& query) const
    {
        for (auto const& cell : cells_) {
            if (cell.text) query.bind(cell.text->optional());
            if (cell.integer) {
                auto const value = cell.integer->optional();
                query.bind(value ? std::optional<std::int64_t>(*value) : std::nullopt);
            }
            if (cell.real) query.bind(cell.real->optional());
        }
    }

private:
    struct Cells {
        Cell<std::string>* text;
        Cell<long long>* integer;
        Cell<double>* real;
    };
    std::vector<Cells> cells_;
};

std::string listed(std::vector<Column> const& columns, std::string const& before, int row = -1)
{
    std::string list;
    for (auto const& column : columns)
        list += (list.empty() ? "" : ", ") + before + column.name + (row < 0 ? "" : "_" + std::to_string(row));
    return list;
}

/// Rows in batches of one INSERT each.
std::int64_t copy_table(Session& from, Session& to, std::string const& table, std::vector<Column> const& columns)
{
    constexpr int batch = 100;
    Query(to, "DELETE FROM " + table).run();  // triggers may have filled it
    Query read(from, "SELECT " + listed(columns, "") + " FROM " + table);
    RowCells const cells(read, columns);
    auto const head = "INSERT INTO " + table + " (" + listed(columns, "") + ") VALUES ";
    std::int64_t n = 0;
    for (bool more = true; more;) {
        Query write(to, "");
        std::string values;
        int rows = 0;
        for (; rows < batch && (more = read.fetch()); ++rows) {
            values += (rows == 0 ? "(" : ", (") + listed(columns, ":", rows) + ")";
            cells.bind_to(write);
        }
        write.set_text(head + values);
        if (rows > 0) write.run();
        n += rows;
    }
    return n;
}

/// What the server numbers itself goes on after the rows that came with their numbers.
void continue_ids(Session& session, std::string const& table)
{
    auto const numbered = texts(session, "SELECT attname FROM pg_attribute WHERE attrelid = to_regclass('" + table +
                                             "') AND attidentity <> ''");
    for (auto const& id : numbered)
        texts(session, "SELECT setval(pg_get_serial_sequence('" + table + "', '" + id + "'), coalesce(max(" + id +
                           "), 1), max(" + id + ") IS NOT NULL) FROM " + table);
}

void note_rows(Session& file, RowCounts const& counts)
{
    Query(file, "DROP TABLE IF EXISTS backup_rows").run();
    Query(file, "CREATE TABLE backup_rows (name TEXT PRIMARY KEY, rows BIGINT NOT NULL)").run();
    for (auto const& [table, n] : counts)
        Query(file, "INSERT INTO backup_rows (name, rows) VALUES (:name, :rows)").bind(table).bind(n).run();
    texts(file, "PRAGMA wal_checkpoint(TRUNCATE)");
    texts(file, "PRAGMA journal_mode=DELETE");
}

RowCounts copy_from_server(Session& session, Session& file)
{
    RowCounts counts;
    Transaction const reading(session, Sight::one_moment);
    Transaction writing(file);
    for (auto const& table : tables_of(file))
        counts.emplace_back(table, copy_table(session, file, table, columns_of(file, table)));
    writing.commit();
    return counts;
}

Error unsound(std::string const& file, std::string const& reason)
{
    return Error(Code::bad_input, "copy " + file + " is not sound", reason, "use another copy");
}

}  // namespace

void refuse_remains(std::string const& path)
{
    std::error_code odd;
    for (char const* ending : {"-wal", "-shm", "-journal"})
        if (std::filesystem::exists(std::filesystem::symlink_status(path + ending, odd)))
            throw Error(Code::cannot_create, "cannot make database " + path,
                        path + ending + " of another database stands there, which SQLite would take for its own",
                        "move it away together with the database that it belongs to, or name a new file");
}

RowCounts copy_into_file(Session& session, std::string const& file)
{
    std::error_code none;
    if (auto const bytes = std::filesystem::file_size(file, none); !none && bytes > 0)
        throw Error(Code::cannot_create, "cannot write " + file, "it is there already", "name another file");
    if (session.dialect() == Dialect::sqlite) {
        Query copy(session, "VACUUM INTO :file");
        copy.bind(file).run();
    }
    auto made = Session::open(file);
    RowCounts counts;
    if (session.dialect() == Dialect::postgresql)
        counts = copy_from_server(session, made);
    else
        for (auto const& table : tables_of(made)) counts.emplace_back(table, count_rows(made, table));
    note_rows(made, counts);
    return counts;
}

RowCounts check_copy(std::string const& file)
{
    auto copy = Session::connect(file, OpenMode::reading);
    auto const verdict = texts(copy, "SELECT integrity_check FROM pragma_integrity_check");
    if (verdict != std::vector<std::string>{"ok"})
        throw unsound(file, verdict.empty() ? "no verdict" : verdict.front());
    if (texts(copy, "SELECT name FROM sqlite_master WHERE name = 'backup_rows'").empty())
        throw unsound(file, "it is no copy that 'nocturne db backup' finished");
    RowCounts counts;
    Query query(copy, "SELECT name, rows FROM backup_rows ORDER BY name");
    auto& name = query.text();
    auto& rows = query.integer();
    while (query.fetch()) counts.emplace_back(name.get(), rows.get());
    for (auto const& [table, n] : counts)
        if (auto const found = count_rows(copy, table); found != n)
            throw unsound(file, "table " + table + " has " + std::to_string(found) + " rows of " + std::to_string(n));
    return counts;
}

void expand_copy(std::string const& file, std::string const& target)
{
    {
        auto copy = Session::connect(file, OpenMode::reading);
        Query write(copy, "VACUUM INTO :file");
        write.bind(target).run();
    }
    auto made = Session::open(target);
    Query(made, "DROP TABLE IF EXISTS backup_rows").run();
    texts(made, "PRAGMA wal_checkpoint(TRUNCATE)");
}

RowCounts fill_from_copy(Session& session, std::string const& file)
{
    auto copy = Session::connect(file, OpenMode::reading);
    for (char const* table : {"ingest_queue", "runs", "hdf5_files", "caltables"})
        if (count_rows(session, table) > 0)
            throw Error(Code::cannot_create, "cannot restore into " + session.path(),
                        std::string("its table ") + table + " is not empty", "restore into a new database");
    RowCounts counts;
    Transaction writing(session);
    for (auto const& table : tables_of(copy)) {
        counts.emplace_back(table, copy_table(copy, session, table, columns_of(copy, table)));
        if (session.dialect() == Dialect::postgresql) continue_ids(session, table);
    }
    writing.commit();
    return counts;
}

std::vector<std::string> find_faults(Session& session)
{
    std::vector<std::string> faults;
    if (session.dialect() == Dialect::sqlite) {
        for (auto const& line : texts(session, "SELECT integrity_check FROM pragma_integrity_check"))
            if (line != "ok") faults.push_back("pages: " + line);
        for (auto const& table : texts(session, "SELECT DISTINCT \"table\" FROM pragma_foreign_key_check"))
            faults.push_back("references: rows of " + table + " name rows that are not there");
    }
    auto const look = [&](std::string const& what, std::string const& sql) {
        for (auto const& id : texts(session, sql + " LIMIT 20")) faults.push_back(what + ": " + id);
    };
    look("in progress, held by nobody",
         "SELECT group_id FROM ingest_queue WHERE state = 'in_progress' AND lease_owner IS NULL ORDER BY group_id");
    look(
        "held, but not in progress",
        "SELECT group_id FROM ingest_queue WHERE state <> 'in_progress' AND lease_owner IS NOT NULL ORDER BY group_id");
    look("completed without a result",
         "SELECT group_id FROM ingest_queue WHERE state = 'completed' AND NOT EXISTS (SELECT 1 FROM group_runs g WHERE "
         "g.group_id = ingest_queue.group_id AND g.status IN ('COMPLETED', 'CANCELLED')) ORDER BY group_id");
    look(
        "two results that count, of one claim",
        "SELECT group_id FROM group_runs WHERE status = 'COMPLETED' GROUP BY group_id, fence HAVING count(*) > 1 ORDER "
        "BY group_id");
    return faults;
}

}  // namespace nocturne::db
