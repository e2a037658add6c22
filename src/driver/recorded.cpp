// Enters: paths. Leaves: recorded hashes.
#include "driver/recorded.hpp"

#include "io/ms_reader.hpp"
#include "io/uvh5_files.hpp"

#include <filesystem>

namespace nocturne {
namespace {

namespace fs = std::filesystem;

std::string recorded_hash(db::Session& session, std::string const& path)
{
    auto text = fs::absolute(path).lexically_normal().string();
    if (text.size() > 1 && text.back() == '/') text.pop_back();
    auto row = db::find_file(session, text);
    std::error_code failure;
    if (!row) row = db::find_file(session, fs::weakly_canonical(path, failure).string());
    return row ? row->xxh128 : "";
}

}  // namespace

std::vector<db::InputFile> recorded_files(std::vector<std::string> const& paths, std::string const& database)
{
    std::optional<db::Session> session;
    bool const address = database.find("://") != std::string::npos;
    std::error_code failure;
    if (!database.empty() && (address || fs::exists(database, failure)))
        session = db::Session::open(database, db::OpenMode::existing);
    std::vector<db::InputFile> files;
    for (auto const& path : paths) {
        auto const name = parse_subband_name(path);
        files.push_back({name ? name->subband : 0, path, session ? recorded_hash(*session, path) : "",
                         static_cast<std::int64_t>(content_bytes(path))});
    }
    return files;
}

}  // namespace nocturne
