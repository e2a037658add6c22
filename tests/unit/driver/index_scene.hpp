// A directory of copies of one small UVH5 file under the names of DSA-110's correlator, and a database.
#pragma once

#include "driver/index.hpp"
#include "io/uvh5_files.hpp"
#include "tests/unit/io/scratch.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>

namespace nocturne::test {

namespace fs = std::filesystem;

class IndexScene : public testing::Test {
protected:
    IndexScene()
    {
        fs::create_directory(root_ / "in");
        session_.emplace(db::Session::open((root_ / "db.sqlite").string()));
    }

    fs::path put(std::string const& stamp, int subband, std::string const& directory = "in")
    {
        fs::create_directories(root_ / directory);
        auto const path = root_ / directory / subband_file_name(stamp, subband);
        fs::copy_file(golden(), path, fs::copy_options::overwrite_existing);
        return path;
    }
    void put_group(std::string const& stamp, int n = 16)
    {
        for (int i = 0; i < n; ++i) put(stamp, i);
    }
    static fs::path golden() { return fs::path(NOCTURNE_SOURCE_DIR) / "tests/golden/uvh5/hera_zen.2458661.uvh5"; }
    static void cut(fs::path const& path, std::size_t bytes = 1000) { fs::resize_file(path, bytes); }
    static void age(fs::path const& path, int seconds)
    {
        fs::last_write_time(path, fs::last_write_time(path) + std::chrono::seconds(seconds));
    }
    ScanReport scan(ScanOptions const& options = {}, std::string const& directory = "in")
    {
        return scan_directory((root_ / directory).string(), options, *session_);
    }
    db::GroupRow group(std::string const& id) { return db::find_group(*session_, id).value_or(db::GroupRow{}); }
    db::FileRow row(fs::path const& path) { return db::find_file(*session_, path.string()).value_or(db::FileRow{}); }

    Scratch const scratch_;
    fs::path root_ = fs::canonical(scratch_.path());
    std::optional<db::Session> session_;
    std::vector<db::InputFile> own_files_;
    std::string const stamp_ = "2026-03-01T05:00:00";
};

}  // namespace nocturne::test
