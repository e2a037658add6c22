// A directory that goes away with the test, and rows to put into a database.
#pragma once

#include "db/groups.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
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
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    Scratch(Scratch const&) = delete;
    Scratch& operator=(Scratch const&) = delete;
    std::string operator/(std::string const& name) const { return path_ + "/" + name; }

private:
    std::string path_;
};

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
