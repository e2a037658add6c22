#include "driver/maker_child.hpp"

#include "driver/error_json.hpp"

#include <cstring>
#include <filesystem>

#include <sys/statvfs.h>

namespace nocturne {
namespace {

/// A child that died on a full disk says so in its last words, or leaves the disk full.
bool disk_is_full(std::string const& directory, std::string const& words)
{
    constexpr std::uint64_t next_to_nothing = 1 << 20;
    struct statvfs info;
    bool const known = statvfs(directory.c_str(), &info) == 0;
    return words.find("No space left") != std::string::npos || words.find("Disk quota") != std::string::npos ||
           (known && std::uint64_t(info.f_bavail) * info.f_frsize < next_to_nothing);
}

/// casacore ends its process where a destructor of its own cannot write: what it said then; "" where it was something else.
std::string casacore_said(std::string const& words)
{
    constexpr char const* what = "what():";
    auto const at = words.find(what);
    if (words.find("casacore::AipsError") == std::string::npos || at == std::string::npos) return "";
    auto said = words.substr(words.find_first_not_of(' ', at + std::strlen(what)));
    return said.substr(0, said.find('\n'));
}

}  // namespace

MakerChild::MakerChild(std::string verb, std::string purpose, std::string path)
    : child_({{std::move(verb)}, std::move(purpose)}), path_(std::move(path))
{}

nlohmann::json MakerChild::ask(nlohmann::json const& question)
{
    try {
        auto const text = question.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
        auto const reply = nlohmann::json::parse(child_.ask(text, patience_s));
        if (reply.contains("error")) throw error_from_json(reply["error"]);
        return reply;
    } catch (ChildError const& error) {
        auto const parent = std::filesystem::absolute(path_).parent_path().string();
        if (error.kind() == ChildError::Kind::died && disk_is_full(parent, child_.last_words()))
            throw Error(Code::io, "cannot write " + path_, "No space left on device",
                        "free some space and run the same command again");
        // Out of memory is not the medium's fault.
        if (error.kind() == ChildError::Kind::died && error.reason().find("SIGKILL") == std::string::npos) {
            auto const said = casacore_said(child_.last_words());
            throw Error(Code::io, "cannot write " + path_,
                        said.empty() ? "casacore gave up over it: " + error.reason() : said,
                        "check the medium, its free space and ulimit -f, then run the same command again");
        }
        throw;
    }
}

}  // namespace nocturne
