#include "io/table_info.hpp"

#include "nocturne/error.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace nocturne {
namespace {

std::string text_of(std::filesystem::path const& path)
{
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

/// Lines for type and subtype, and the empty one before what is to be read.
bool is_whole(std::string const& text)
{
    auto const subtype = text.find("\nSubType = ");
    auto const end = subtype == std::string::npos ? subtype : text.find('\n', subtype + 1);
    return text.starts_with("Type = ") && end != std::string::npos && text.find('\n', end + 1) == end + 1;
}

void expect(bool good, std::filesystem::path const& info)
{
    if (!good)
        throw Error(Code::io, "cannot write " + info.string(), "it is not what was written",
                    "check the medium, its free space and ulimit -f, then run the same command again");
}

}  // namespace

void check_table_infos(std::string const& path, std::vector<std::string> const& words)
{
    namespace fs = std::filesystem;
    auto const own = fs::path(path) / "table.info";
    auto const text = text_of(own);
    expect(std::all_of(words.begin(), words.end(),
                       [&](std::string const& word) { return text.find(word) != std::string::npos; }),
           own);
    for (auto const& entry : fs::directory_iterator(path))  // what lies deeper is carried over as it was
        if (fs::exists(entry.path() / "table.dat"))
            expect(is_whole(text_of(entry.path() / "table.info")), entry.path() / "table.info");
}

}  // namespace nocturne
