// A solve by hand: files of one group to a file of solutions and, if wished, CASA tables, without a database.
#pragma once

#include "driver/group_inputs.hpp"
#include "qa/timing.hpp"

#include <string>
#include <vector>

namespace nocturne {

/// The job's last task is solve.
struct SolveRequest : GroupRequest {
    std::string out;          ///< the HDF5 file
    std::string casa_prefix;  ///< "" or PREFIX of PREFIX.K, .B, .G
    std::string plots;        ///< "" or PREFIX of PREFIX-delays.png, …
};

struct Solved {
    std::string group_id;
    std::vector<CalTable> tables;
    std::vector<std::string> files;  ///< what was written
    std::vector<std::string> notes;  ///< what a user should know
    Ledger ledger;
    double wall_s = 0;
};

/// All ranks of `world` share the group. The result is complete on the leader. Throws the errors of the road.
Solved solve_files(SolveRequest const& request, Ranks const& world);

}  // namespace nocturne
