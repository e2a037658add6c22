#include "driver/data_files.hpp"

#include "driver/solution_files.hpp"
#include "io/hash.hpp"
#include "sky/earth.hpp"
#include "sky/telescope.hpp"

#include <filesystem>

namespace nocturne {
namespace {

constexpr char const* earth_table = "earth-table";

/// Which file is a telescope's costs a look into all of them; a run asks for each group.
std::string telescope_file(std::string const& telescope)
{
    static std::map<std::string, std::string> known;
    auto const found = known.find(telescope);
    return found != known.end() ? found->second
                                : known.emplace(telescope, find_telescope(telescope).path).first->second;
}

/// The text where it is the path of a file; else those parts of a list with commas that are.
std::vector<std::string> files_named(std::string const& text)
{
    std::error_code odd;
    if (text.empty()) return {};
    if (std::filesystem::is_regular_file(text, odd)) return {text};
    std::vector<std::string> paths;
    for (auto const& part : split_paths(text))
        if (std::filesystem::is_regular_file(part, odd)) paths.push_back(part);
    return paths;
}

}  // namespace

std::vector<DataFile> data_files(Job const& job, std::string const& telescope)
{
    std::vector<DataFile> files;
    auto const add = [&](std::string const& use, std::string const& path) {
        for (auto const& file : files)
            if (file.use == use && file.path == path) return;
        files.push_back({use, path, hash_file(path)});
    };
    for (auto const& task : job.tasks)
        for (auto const& [name, value] : task.params.values()) {
            auto const* text = std::get_if<std::string>(&value);
            if (name == earth_table)
                add(name, EarthOrientation::file(*text));
            else if (text)
                for (auto const& path : files_named(*text)) add(name, path);
        }
    auto const of_telescope = telescope.empty() ? "" : telescope_file(telescope);
    if (!of_telescope.empty()) add("telescope", of_telescope);
    return files;
}

nlohmann::json to_json(std::vector<DataFile> const& files)
{
    auto list = nlohmann::json::array();
    for (auto const& file : files) list.push_back({{"use", file.use}, {"path", file.path}, {"xxh128", file.xxh128}});
    return list;
}

}  // namespace nocturne
