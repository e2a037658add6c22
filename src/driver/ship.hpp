// From spools into the database, each entry once however often it is tried. Enters: lines, a database that answers. Leaves: its rows.
#pragma once

#include "driver/spool_lines.hpp"

#include <functional>
#include <string>
#include <vector>

namespace nocturne {

struct Shipped {
    std::int64_t events = 0;  ///< that were new
    std::int64_t moves = 0;   ///< results, failures, ends of runs
    std::int64_t refused =
        0;  ///< results that came too late: another run has claimed the group since, or their files are gone
    std::vector<std::string> remarks;  ///< a sentence for each of these
};

/// In order; events that follow each other in one transaction, every other entry in one of its own. A kill anywhere leaves what was shipped, and shipping
/// the same lines again changes nothing. `before` is called before each transaction (tests). Throws db::DatabaseAway where the database goes away.
void ship(db::Session& session, std::vector<std::string> const& lines, Shipped& shipped,
          std::function<void()> const& before = {});

struct Drained : Shipped {
    std::int64_t spools = 0;  ///< emptied and removed
    std::int64_t busy = 0;    ///< of runs that live: they ship them themselves
    std::int64_t kept = 0;    ///< of another database, or damaged; `remarks` say so
};

/// Ships the spools of a directory that nobody has open, and removes them. A spool with results of a run that this database does not know is left.
Drained drain_spools(db::Session& session, std::string const& directory, std::function<void()> const& before = {});

/// What was done, in the log; nothing where nothing was.
void tell(Drained const& drained, std::string const& directory);

}  // namespace nocturne
