#include "driver/solution_files.hpp"

#include "driver/cal_table_json.hpp"
#include "driver/casa_tables.hpp"
#include "driver/child.hpp"
#include "driver/error_json.hpp"
#include "io/hash.hpp"

#include <algorithm>
#include <filesystem>
#include <sstream>

namespace nocturne {
namespace {

using Json = nlohmann::json;

constexpr double patience_s = 300;
constexpr std::uint64_t most_memory = std::uint64_t(4) << 30;

Json ask(std::string const& path)
{
    Child child({{"casa-table-child"}, "reader of solutions", most_memory});
    try {
        auto const reply = Json::from_cbor(
            child.ask(Json({{"read", path}}).dump(-1, ' ', false, Json::error_handler_t::replace), patience_s));
        if (reply.contains("error")) throw error_from_json(reply["error"]);
        child.end();
        return reply;
    } catch (ChildError const& error) {
        if (error.kind() == ChildError::Kind::not_started) throw;
        throw Error(Code::bad_input, "cannot read solutions from " + path, error.reason(),
                    "the file is damaged: solve again");
    }
}

}  // namespace

std::string solution_path(std::string const& path)
{
    std::error_code odd;
    auto whole = std::filesystem::weakly_canonical(path, odd).string();
    if (odd || whole.empty()) whole = std::filesystem::absolute(path).lexically_normal().string();
    while (whole.size() > 1 && whole.back() == '/') whole.pop_back();
    return whole;
}

std::vector<std::string> split_paths(std::string const& text)
{
    std::vector<std::string> paths;
    std::istringstream list(text);
    for (std::string path; std::getline(list, path, ',');) {
        while (path.size() > 1 && path.back() == '/') path.pop_back();
        if (!path.empty()) paths.push_back(path);
    }
    return paths;
}

std::string hash_solutions(std::string const& path)
{
    namespace fs = std::filesystem;
    if (!fs::exists(path))
        throw Error(Code::input_missing, "no solutions at " + path, "no such file", "check the path");
    if (!fs::is_directory(path)) return hash_file(path);
    std::vector<std::string> files;
    for (auto const& entry : fs::recursive_directory_iterator(path))
        if (entry.is_regular_file() && entry.path().filename() != "table.lock")
            files.push_back(entry.path().lexically_relative(path).string());
    std::sort(files.begin(), files.end());
    std::string text;
    for (auto const& file : files) text += file + " " + hash_file(path + "/" + file) + "\n";
    return hash_bytes(text.data(), text.size());
}

LoadedSolutions load_solutions(std::string const& path)
{
    LoadedSolutions loaded;
    loaded.file = {solution_path(path), hash_solutions(path)};
    auto const reply = ask(loaded.file.path);
    loaded.of_casa = reply.at("of_casa");
    loaded.names_hands = reply.at("names_hands");
    within("solutions " + path, [&] {
        for (auto const& table : reply.at("tables")) loaded.tables.push_back(cal_table_from_json(table));
    });
    return loaded;
}

std::vector<LoadedSolutions> load_solutions(std::vector<std::string> const& paths)
{
    std::vector<LoadedSolutions> all;
    for (auto const& path : paths) all.push_back(load_solutions(path));
    return all;
}

}  // namespace nocturne
