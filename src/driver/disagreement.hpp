// Files of one group that do not fit the others.
#pragma once

#include "db/groups.hpp"

#include <cstddef>
#include <vector>

namespace nocturne {

/// Of a group, as indices of rows.
struct GroupMembers {
    std::vector<std::size_t> chosen, others;
};

/// Rejects the chosen files that disagree with most others; where one has superseded an older file of its subband, that one comes back.
void reject_disagreeing(std::vector<db::FileRow>& rows, GroupMembers& members);

}  // namespace nocturne
