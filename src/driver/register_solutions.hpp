// Solutions into the registry. Enters: a file of solutions or a CASA table. Leaves: its tables registered as one set, or the reason why not.
#pragma once

#include "db/registry.hpp"
#include "driver/solution_files.hpp"
#include "nocturne/group.hpp"
#include "qa/solution_quality.hpp"

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <vector>

namespace nocturne {

struct RegisterRequest {
    std::vector<std::string> paths;                        ///< files of one set: one of ours, or several CASA tables
    std::string set_name;                                  ///< "": the solved group
    std::optional<double> valid_start_mjd, valid_end_mjd;  ///< default: half a day around what was solved
    std::string notes, command_line, code_version;         ///< of the solver; "" where nobody knows
    bool force = false;  ///< registers what fails its QA, too, as failed: never chosen
    db::Existing existing = db::Existing::refuse;
};

struct Registered {
    std::string set_name;
    std::vector<db::CalTableRow> rows;
    SolutionQuality quality;
    std::vector<db::GaveWay> gone;  ///< what its files took the place of
};

/// Throws Error(bad_input) for tables of a kind that the registry does not know.
void check_kinds(std::vector<CalTable> const& tables);

/// The rows of a set that was judged; `bytes` of its file. Tables that fail are failed, never active.
std::vector<db::CalTableRow> rows_of(LoadedSolutions const& loaded, SolutionQuality const& quality, std::int64_t bytes,
                                     RegisterRequest const& request);

/// Throws Error(qa_fail) where the verdict is fail (nothing is registered then), and the errors of load_solutions and register_tables.
Registered register_solutions(db::Session& session, RegisterRequest const& request);

nlohmann::ordered_json to_json(SolutionQuality const& quality);

}  // namespace nocturne
