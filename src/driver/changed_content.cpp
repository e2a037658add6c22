// Enters: rows. Leaves: a verdict.
#include "driver/changed_content.hpp"

#include "db/done_before.hpp"
#include "db/files.hpp"

#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>

namespace nocturne {
namespace {

constexpr double at_rest_s = 600;  ///< a file that was not written to for so long had arrived
constexpr char const* changed_words = "its content changed since it was indexed";

/// Unix time at which the file was made; 0 where the file system does not say.
double birth_s(std::string const& path)
{
    struct statx about {};
    if (statx(AT_FDCWD, path.c_str(), 0, STATX_BTIME, &about) != 0 || (about.stx_mask & STATX_BTIME) == 0) return 0;
    return static_cast<double>(about.stx_btime.tv_sec) + 1e-9 * about.stx_btime.tv_nsec;
}

}  // namespace

void refuse_changed_content(db::FileRow& found, db::FileRow const& before, db::Session& session)
{
    using enum db::FileStatus;
    bool const recorded = before.status == present || before.status == superseded ||
                          (before.status == rejected && before.reason.rfind(changed_words, 0) == 0);
    bool const same_size = found.bytes == before.bytes && !before.xxh128.empty() && !found.xxh128.empty();
    if (found.status != present || !recorded || !same_size || found.xxh128 == before.xxh128) return;
    double const indexed_s = db::indexed_at(session, found.path).value_or(0);
    if (birth_s(found.path) > indexed_s) return;
    bool const arrived = before.status != rejected && indexed_s - before.modified_s < at_rest_s;
    if (arrived && !db::is_input_of_result(session, before.xxh128)) {
        spdlog::info("{} changed since it was indexed, and nothing was made of it: taken as it is now", found.path);
        return;
    }
    found.status = rejected;
    found.reason = std::string(changed_words) + ": xxh128 " + found.xxh128 + " where " + before.xxh128 +
                   " was recorded; restore it, or accept it with nocturne index scan --rehash";
    found.xxh128 = before.xxh128;
}

}  // namespace nocturne
