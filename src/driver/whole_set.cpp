#include "driver/whole_set.hpp"

#include <nlohmann/json.hpp>

#include <filesystem>

namespace nocturne {

namespace fs = std::filesystem;

std::string files_of_set(std::string const& path)
{
    auto files = nlohmann::json::object();
    std::error_code failed;
    for (fs::recursive_directory_iterator at(path, failed), end; !failed && at != end; at.increment(failed)) {
        std::error_code odd;
        if (!at->is_regular_file(odd) || at->path().filename() == "table.lock") continue;
        files[at->path().lexically_relative(path).string()] = at->file_size(odd);
    }
    return nlohmann::json{{"files", files}}.dump();
}

bool is_whole_set(std::string const& path, std::string const& recorded)
{
    std::error_code odd;
    if (!fs::exists(fs::path(path) / "table.dat", odd)) return false;
    auto const record = nlohmann::json::parse(recorded, nullptr, false);
    if (!record.is_object() || !record.contains("files")) return true;
    for (auto const& [name, bytes] : record["files"].items()) {
        auto const file = fs::path(path) / name;
        auto const now = fs::file_size(file, odd);
        bool const samples = file.filename().string().rfind("table.f", 0) == 0;
        if (odd || (samples && now < bytes.get<std::uintmax_t>())) return false;
    }
    return true;
}

}  // namespace nocturne
