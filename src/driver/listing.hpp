// What a scan looks at. Enters: a directory, or one Measurement Set. Leaves: paths, and whether each is wanted.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace nocturne {

class Listing {
public:
    /// `place`: a directory, or a Measurement Set, which is then the one that is wanted of its directory. `pattern`: glob on base
    /// names, "" = all. Throws Error(input_missing) where it is not there or cannot be listed.
    Listing(std::string const& place, std::string pattern);

    std::string const& directory() const { return directory_; }  ///< absolute, without a final slash

    struct Found {
        std::vector<std::string> paths;  ///< whose names are UTF-8, which records and JSON can hold; sorted
        /// The others that are wanted and named like data: path, with \xff for what is no UTF-8, and what is wrong; sorted.
        std::vector<std::pair<std::string, std::string>> unusable;
    };
    /// Files and Measurement Sets of the directory, those too that have lost their table.dat; not hidden ones, and not the database
    /// `except` with what SQLite lays beside it.
    Found find(std::string const& except) const;

    bool wanted(std::string const& path) const;

private:
    std::string directory_, only_, pattern_;
};

}  // namespace nocturne
