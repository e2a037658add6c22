// A directory that goes away with the test, databases in it or on the server that NOCTURNE_TEST_POSTGRESQL names
// (tests/support/postgresql), and rows to put into them.
#pragma once

#include "db/groups.hpp"
#include "db/query.hpp"

#include <gtest/gtest.h>

#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <set>
#include <string>

namespace nocturne::db::test {

class Scratch {
public:
    Scratch()
    {
        std::string pattern = (std::filesystem::temp_directory_path() / "nocturne-db-XXXXXX").string();
        if (!mkdtemp(pattern.data())) throw std::runtime_error("no temporary directory");
        path_ = pattern;
    }
    ~Scratch()
    {
        for (auto const& schema : schemas_) on_server("DROP SCHEMA IF EXISTS " + schema + " CASCADE");
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    Scratch(Scratch const&) = delete;
    Scratch& operator=(Scratch const&) = delete;
    std::string operator/(std::string const& name) const { return path_ + "/" + name; }

    /// Where database `name` (letters and digits) of this test is: a file, or a schema of the server.
    std::string database(std::string const& name) const
    {
        if (server().empty()) return path_ + "/" + name + ".sqlite";
        auto schema = "t" + path_.substr(path_.size() - 6) + "_" + name;
        for (char& c : schema) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        if (schemas_.insert(schema).second) on_server("CREATE SCHEMA " + schema);
        return server() + "?options=-csearch_path%3D" + schema;
    }

    /// The server's address, "" where the tests are on SQLite.
    static std::string server()
    {
        char const* address = std::getenv("NOCTURNE_TEST_POSTGRESQL");
        return address ? address : "";
    }

private:
    static void on_server(std::string const& statement)
    {
        auto session = Session::connect(server());
        Query(session, statement).run();
    }

    std::string path_;
    mutable std::set<std::string> schemas_;
};

/// Lines of text that the first column of `sql` has.
inline std::vector<std::string> texts_of(Session& session, std::string const& sql)
{
    Query query(session, sql);
    auto& text = query.text();
    std::vector<std::string> texts;
    while (query.fetch()) texts.push_back(text.get());
    return texts;
}

inline FileRow file_row(std::string const& path, std::string const& group_id, int subband)
{
    FileRow row;
    row.path = path;
    row.group_id = group_id;
    row.subband_code = "sb" + std::to_string(subband);
    row.subband_idx = subband;
    row.timestamp_iso = group_id;
    row.timestamp_mjd = 60000;
    row.bytes = 1000 + subband;
    row.modified_s = 5;
    row.xxh128 = std::string(31, '0') + "abcdefghijklmnop"[subband % 16];
    return row;
}

inline ScannedGroup group_of(std::vector<FileRow> const& files, int expected = 16)
{
    ScannedGroup group;
    group.row.group_id = files.front().group_id;
    group.row.expected_subbands = expected;
    group.row.n_subbands = static_cast<int>(files.size());
    group.row.start_mjd = 60000;
    group.row.state = static_cast<int>(files.size()) == expected ? QueueState::pending : QueueState::collecting;
    for (auto const& file : files) group.files.push_back({*file.subband_idx, file.path, file.xxh128, file.bytes});
    return group;
}

/// A pending group of `n` files.
inline void put_group(Session& session, std::string const& group_id, int n = 2)
{
    std::vector<FileRow> files;
    for (int i = 0; i < n; ++i) files.push_back(file_row("/data/" + group_id + "_sb" + std::to_string(i), group_id, i));
    store_scan(session, files, {group_of(files, n)});
}

/// The code of the Error that `body` throws; Code::qa_fail where it throws none.
template<class Body>
Code code_of(Body&& body, std::string* text = nullptr)
{
    try {
        body();
    } catch (Error const& error) {
        if (text) *text = error.what();
        return error.code();
    }
    return Code::qa_fail;
}

}  // namespace nocturne::db::test
