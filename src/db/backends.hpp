// What an error of a library means, whichever kind of database it came from.
#pragma once

#include "db/session.hpp"

namespace nocturne::db {

/// How an error is to be taken: `lost` = the connection is gone, `conflict` = the transaction was broken off in favour of another
/// one and may be tried again, `away` = the database does not serve us now, `plain` = none of these.
enum class Trouble { plain, lost, conflict, away };

struct Verdict {
    Code code;
    std::string advice;
    Trouble trouble = Trouble::plain;
};

}  // namespace nocturne::db
