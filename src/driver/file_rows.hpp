// Rows of files as grouping sees them.
#pragma once

#include "db/groups.hpp"
#include "driver/grouping.hpp"
#include "nocturne/units.hpp"

namespace nocturne {

inline NamedFile named_file(db::FileRow const& row)
{
    return {row.path,
            row.timestamp_iso,
            row.timestamp_mjd.value_or(0) * day_s,
            row.subband_idx.value_or(0),
            row.modified_s,
            static_cast<std::uint64_t>(row.bytes),
            row.status == db::FileStatus::present};
}

inline bool follows_grammar(db::FileRow const& row)
{
    // A foreign UVH5 file has no time stamp in its name; its row keeps timestamp_iso empty.
    return row.subband_idx && !row.timestamp_iso.empty();
}

}  // namespace nocturne
