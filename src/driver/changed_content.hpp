// A file that is not what was indexed. Enters: what a scan found and what the database holds. Leaves: the row, rejected where the
// bytes changed under the same file.
#pragma once

#include "db/groups.hpp"

namespace nocturne {

/// A bit that flipped on the medium changes neither size nor name: a file of the recorded size with another content hash is
/// rejected, and keeps the recorded hash, until its content is restored or `--rehash` says that the change was meant. A file that
/// was made anew since it was indexed (its birth is later) is another delivery, and taken; so is one that was still being written when it
/// was indexed (it had changed within ten minutes) and that no result was made of.
void refuse_changed_content(db::FileRow& found, db::FileRow const& before, db::Session& session);

}  // namespace nocturne
