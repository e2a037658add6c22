// Files besides the group's own that decide a result: the Earth-orientation table, the telescope's file, files that parameters name.
// Enters: a job, the name of a telescope. Leaves: their paths and checksums.
#pragma once

#include "driver/job_file.hpp"

namespace nocturne {

/// A file and its xxh3-128; `use` says what for: "earth-table", "telescope", or the parameter that names it.
struct DataFile {
    std::string use, path, xxh128;
};

/// `telescope`: telescope_name of the group's files; "" where nobody knows it. A parameter whose text is the path of a file, or a list of
/// paths with commas between, names those files. Throws Error(input_missing) where there is no Earth-orientation table.
std::vector<DataFile> data_files(Job const& job, std::string const& telescope);

/// As provenance has them.
nlohmann::json to_json(std::vector<DataFile> const& files);

}  // namespace nocturne
