// Files that arrive: what is bad now may be whole soon. Enters: rows of files just looked at. Leaves: which of them are unfinished, and
// which groups are to be waited for.
#pragma once

#include "driver/index.hpp"

#include <map>
#include <string>
#include <vector>

namespace nocturne {

/// Rejected files that changed less than `unfinished_s` ago become `skipped`; so do those of the last minute that change while they
/// are watched for a second. `before`: rows of earlier scans; a file that was as bad then as now is not watched again.
void skip_unfinished(std::vector<db::FileRow>& rows, std::map<std::string, db::FileRow> const& before,
                     double unfinished_s);

/// collecting, pending or failed, and why. `others`: files of the group that it cannot use. True where the group lacks files and may still
/// get them: something came less than `partial_after_s` ago, or is being written.
bool judge_group(db::ScannedGroup& group, std::vector<db::FileRow const*> const& chosen,
                 std::vector<db::FileRow const*> const& others, ScanOptions const& options);

}  // namespace nocturne
