// What a run keeps in a spool while its database is away. Enters: moves of groups and runs, events. Leaves: lines of text, and the same again.
#pragma once

#include "db/runs.hpp"

#include <string>
#include <variant>

namespace nocturne {

struct FailedGroup {
    db::Claim claim;
    db::Failure failure;
    std::vector<db::EventRow> events;
};

struct ReleasedGroup {
    db::Claim claim;
    std::string why;
    std::vector<db::EventRow> events;
};

struct EndedRun {
    std::string run_id;
    db::RunEnd end;
};

/// One line: an event, or a move that the database has yet to learn of.
using SpoolEntry = std::variant<db::EventRow, db::GroupResult, FailedGroup, ReleasedGroup, EndedRun>;

std::string to_line(SpoolEntry const& entry);
/// Throws Error(bad_input) on what no program of ours wrote.
SpoolEntry entry_of_line(std::string const& line);

/// The run that an entry is about.
std::string run_of(SpoolEntry const& entry);

}  // namespace nocturne
