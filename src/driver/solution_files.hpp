// Files of solutions, of ours (HDF5) and of CASA (caltables), read in a child process: nobody vouches for them. Enters: paths. Leaves: tables.
#pragma once

#include "nocturne/cal_table.hpp"
#include "nocturne/calibration_use.hpp"
#include "nocturne/group.hpp"

#include <string>
#include <vector>

namespace nocturne {

struct LoadedSolutions {
    CalibrationFile file;  ///< solution_path, xxh3-128 (of a directory: over its files)
    bool of_casa = false;
    bool names_hands = true;  ///< false: the hands of a CASA table are called XX, YY, and may be RR, LL
    std::vector<CalTable> tables;
};

/// The one path of solutions that the registry knows: absolute, without links and slash at its end.
std::string solution_path(std::string const& path);

/// "a.h5,b.K" → paths.
std::vector<std::string> split_paths(std::string const& text);

/// Throws Error(input_missing), Error(bad_input): also for kinds that are not applied, by name.
LoadedSolutions load_solutions(std::string const& path);
std::vector<LoadedSolutions> load_solutions(std::vector<std::string> const& paths);

/// xxh3-128 of a file, or of a directory: over the names and hashes of its files. Throws Error(input_missing).
std::string hash_solutions(std::string const& path);

}  // namespace nocturne
