// What a scan looks at. Enters: a directory, or one Measurement Set. Leaves: paths, and whether each is wanted.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace nocturne {

/// What a directory among inputs is.
enum class DirectoryKind {
    measurement_set,
    headless_set,  ///< one that has lost its table.dat
    hollow_set,    ///< NAME.ms without a table
    other_table,   ///< of casacore: solutions, or a subtable by itself
    plain
};
DirectoryKind directory_kind(std::string const& path);

/// Why it cannot be used; "" for a set, and for what nobody takes for one.
std::string what_is_wrong(DirectoryKind kind);

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
        std::vector<std::string> tables;  ///< of casacore, that are wanted and no Measurement Sets; sorted
    };
    /// Files and Measurement Sets of the directory, those too that have lost their table.dat; not hidden ones, and not the database
    /// `except` with what SQLite lays beside it.
    Found find(std::string const& except) const;

    bool wanted(std::string const& path) const;

private:
    void add_directory(std::string const& path, DirectoryKind kind, Found& found) const;

    std::string directory_, only_, pattern_;
};

}  // namespace nocturne
