#include "driver/tidy.hpp"

#include "db/groups.hpp"
#include "io/old_temporaries.hpp"
#include "io/product.hpp"

#include <algorithm>
#include <filesystem>

namespace nocturne {
namespace {

namespace fs = std::filesystem;

bool holds_inputs(db::Session& session, fs::path const& directory)
{
    auto const files = db::files_in(session, directory.string());
    return std::any_of(files.begin(), files.end(),
                       [](db::FileRow const& file) { return file.status != db::FileStatus::foreign; });
}

/// Where runs are at work, files and directories go while one looks: what is gone is passed over.
int tidy_below(db::Session& session, fs::path const& directory, double temp_age_s)
{
    int removed = remove_stray_temporaries(directory.string()) + remove_old_temporaries(directory.string(), temp_age_s);
    std::error_code gone;
    for (fs::directory_iterator at(directory, gone), end; !gone && at != end; at.increment(gone)) {
        std::error_code odd;
        bool const inside = fs::is_directory(at->symlink_status(odd));
        if (inside && !holds_inputs(session, at->path())) removed += tidy_below(session, at->path(), temp_age_s);
    }
    return removed;
}

}  // namespace

int tidy(db::Session& session, std::string const& top, double temp_age_s)
{
    if (!fs::is_directory(top))
        throw Error(Code::input_missing, "cannot tidy " + top, "it is no directory", "name the directory of products");
    auto const path = fs::canonical(top);  // as the index names directories, whatever links lead here
    for (auto above = path; above != above.root_path(); above = above.parent_path())
        if (holds_inputs(session, above))
            throw Error(Code::usage, "cannot tidy " + top, above.string() + " holds input files",
                        "name a directory of products apart from them");
    return tidy_below(session, path, temp_age_s);
}

}  // namespace nocturne
