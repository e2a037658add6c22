// A Measurement Set as files: what it weighs, what it hashes to, whether it is one.
#include "io/hash.hpp"
#include "io/ms_reader.hpp"
#include "nocturne/error.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include <sys/stat.h>

namespace nocturne {
namespace {

namespace fs = std::filesystem;

/// Relative paths of all regular files below `path`, sorted. Links are not followed.
std::vector<std::string> files_below(std::string const& path)
{
    std::vector<std::string> files;
    std::error_code failure;
    for (fs::recursive_directory_iterator at(path, failure), end; !failure && at != end; at.increment(failure))
        if (at->is_regular_file(failure)) files.push_back(at->path().lexically_relative(path).string());
    if (failure)
        throw Error(Code::input_missing, "cannot list " + path, failure.message(),
                    "check the path and its permissions");
    std::sort(files.begin(), files.end());
    return files;
}

/// What its table.info says, or the subtables that every set has.
bool has_look_of_set(fs::path const& top)
{
    std::error_code odd;
    std::ifstream info(top / "table.info");
    std::string line;
    std::getline(info, line);
    if (line.find("Measurement Set") != std::string::npos) return true;
    for (char const* part : {"ANTENNA", "FIELD", "SPECTRAL_WINDOW", "DATA_DESCRIPTION"})
        if (!fs::is_directory(top / part, odd)) return false;
    return true;
}

}  // namespace

bool is_measurement_set(std::string const& path)
{
    std::error_code odd;
    return fs::is_regular_file(fs::path(path) / "table.dat", odd) && has_look_of_set(path);
}

bool is_headless_set(std::string const& path)
{
    std::error_code odd;
    return fs::is_directory(path, odd) && !fs::is_regular_file(fs::path(path) / "table.dat", odd) &&
           has_look_of_set(path);
}

bool is_other_table(std::string const& path)
{
    std::error_code odd;
    return fs::is_regular_file(fs::path(path) / "table.dat", odd) && !has_look_of_set(path);
}

std::uint64_t tree_bytes(std::string const& path)
{
    std::uint64_t bytes = 0;
    for (auto const& file : files_below(path)) bytes += fs::file_size(fs::path(path) / file);
    return bytes;
}

double tree_modified_s(std::string const& path)
{
    double newest = 0;
    for (auto const& file : files_below(path)) {
        if (fs::path(file).filename() == "table.lock") continue;
        struct stat about {};
        if (stat((fs::path(path) / file).c_str(), &about) == 0)
            newest = std::max(
                newest, static_cast<double>(about.st_mtim.tv_sec) + 1e-9 * static_cast<double>(about.st_mtim.tv_nsec));
    }
    return newest;
}

std::string content_hash(std::string const& path) { return fs::is_directory(path) ? hash_tree(path) : hash_file(path); }

std::uint64_t content_bytes(std::string const& path)
{
    return fs::is_directory(path) ? tree_bytes(path) : fs::file_size(path);
}

std::string hash_tree(std::string const& path)
{
    StreamHash hash;
    for (auto const& file : files_below(path)) {
        if (fs::path(file).filename() == "table.lock") continue;
        auto const whole = (fs::path(path) / file).string();
        auto const line = file + "\t" + std::to_string(fs::file_size(whole)) + "\t" + hash_file(whole) + "\n";
        hash.add(line.data(), line.size());
    }
    return hash.hex();
}

}  // namespace nocturne
