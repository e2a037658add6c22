// Folders are tried from the most explicit (environment) to the most general (source tree of the build).
#include "sky/data_path.hpp"

#include "nocturne/error.hpp"

#include <cstdlib>
#include <filesystem>

namespace nocturne {
namespace fs = std::filesystem;

std::vector<std::string> data_folders()
{
    std::vector<fs::path> candidates;
    if (char const* chosen = std::getenv("NOCTURNE_DATA")) candidates.emplace_back(chosen);
    std::error_code failure;
    fs::path const executable = fs::read_symlink("/proc/self/exe", failure);
    for (fs::path at = executable.parent_path(); !failure && at.has_relative_path(); at = at.parent_path()) {
        candidates.push_back(at / "jobs");
        candidates.push_back(at / "share" / "nocturne");
    }
#if defined(NOCTURNE_SOURCE_DIR)
    candidates.emplace_back(fs::path(NOCTURNE_SOURCE_DIR) / "jobs");
#endif
    std::vector<std::string> folders;
    for (auto const& candidate : candidates)
        if (fs::is_directory(candidate, failure)) folders.push_back(candidate.string());
    return folders;
}

std::string data_path(std::string const& relative)
{
    std::string tried;
    for (auto const& folder : data_folders()) {
        fs::path const path = fs::path(folder) / relative;
        std::error_code failure;
        if (fs::exists(path, failure)) return path.string();
        tried += (tried.empty() ? "" : ", ") + folder;
    }
    throw Error(Code::input_missing, "cannot find " + relative,
                tried.empty() ? "no data folder exists" : "not in " + tried,
                "set NOCTURNE_DATA to the folder that holds it");
}

}  // namespace nocturne
