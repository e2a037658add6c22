// Enters: the files of a group. Leaves: those that fit each other chosen, one a subband.
#include "driver/disagreement.hpp"

#include "driver/inspect.hpp"

#include <algorithm>

namespace nocturne {
namespace {

using db::FileRow;
using db::FileStatus;

void bring_back(std::size_t bad, std::vector<FileRow>& rows, GroupMembers& members)
{
    auto const older = std::find_if(members.others.begin(), members.others.end(), [&](std::size_t i) {
        return rows[i].status == FileStatus::superseded && rows[i].subband_idx == rows[bad].subband_idx;
    });
    if (older == members.others.end()) return;
    rows[*older].status = FileStatus::present;
    rows[*older].reason.clear();
    members.chosen.push_back(*older);
    members.others.erase(older);
}

}  // namespace

void reject_disagreeing(std::vector<FileRow>& rows, GroupMembers& members)
{
    std::vector<std::size_t> bad;
    do {
        bad.clear();
        std::vector<FileRow const*> files;
        for (std::size_t i : members.chosen) files.push_back(&rows[i]);
        for (auto const& disagreement : find_disagreements(files)) {
            bad.push_back(members.chosen[disagreement.file]);
            rows[bad.back()].status = FileStatus::rejected;
            rows[bad.back()].reason = disagreement.reason;
        }
        std::erase_if(members.chosen, [&](std::size_t i) { return std::find(bad.begin(), bad.end(), i) != bad.end(); });
        for (std::size_t i : bad) bring_back(i, rows, members);
        members.others.insert(members.others.end(), bad.begin(), bad.end());
    } while (!bad.empty());
    std::sort(members.chosen.begin(), members.chosen.end(),
              [&](std::size_t a, std::size_t b) { return rows[a].subband_idx < rows[b].subband_idx; });
}

}  // namespace nocturne
