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

int tidy_one(std::string const& directory, double temp_age_s)
{
    return remove_stray_temporaries(directory) + remove_old_temporaries(directory, temp_age_s);
}

}  // namespace

int tidy(db::Session& session, std::string const& top, double temp_age_s)
{
    if (!fs::is_directory(top))
        throw Error(Code::input_missing, "cannot tidy " + top, "it is no directory", "name the directory of products");
    auto path = fs::absolute(top).lexically_normal();
    if (!path.has_filename()) path = path.parent_path();  // a final slash
    for (auto above = path; above != above.root_path(); above = above.parent_path())
        if (holds_inputs(session, above))
            throw Error(Code::usage, "cannot tidy " + top, above.string() + " holds input files",
                        "name a directory of products apart from them");
    int removed = tidy_one(path.string(), temp_age_s);
    fs::recursive_directory_iterator walk(path, fs::directory_options::skip_permission_denied);
    for (; walk != fs::recursive_directory_iterator(); ++walk) {
        std::error_code gone;
        if (!walk->is_directory(gone) || walk->is_symlink(gone)) continue;
        if (holds_inputs(session, walk->path()))
            walk.disable_recursion_pending();
        else
            removed += tidy_one(walk->path().string(), temp_age_s);
    }
    return removed;
}

}  // namespace nocturne
