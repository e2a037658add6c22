// What a scan looks at. Enters: a directory, or one Measurement Set. Leaves: paths, and whether each is wanted.
#pragma once

#include <string>
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
        std::vector<std::string>
            unnamed;  ///< the others that are wanted and look like data, with \xff for what is no UTF-8; sorted
    };
    /// Files and Measurement Sets of the directory; not hidden ones, and not those whose paths begin with `except`.
    Found find(std::string const& except) const;

    bool wanted(std::string const& path) const;

private:
    std::string directory_, only_, pattern_;
};

}  // namespace nocturne
