// The flagger by hand. Enters: files of one group. Leaves: its account of flags; on request the flags themselves.
#pragma once

#include "driver/group_inputs.hpp"
#include "nocturne/stage.hpp"

#include <optional>
#include <string>
#include <vector>

namespace nocturne {

struct FlagRequest : GroupRequest {
    /// "" or an .npz: flags [baseline][integration][channel][correlation], antennas [baseline][2], freq_hz.
    std::string out;
};

struct FlagResult {
    std::optional<MsExported> ms;                        ///< where the job writes one, on the leader
    GroupState state;                                    ///< counts and flag_account hold the whole group on every rank
    std::vector<std::pair<std::string, double>> pass_s;  ///< seconds of each step on this rank
    double flag_s = 0, wall_s = 0;                       ///< in passes of stage flag (this rank); from open to end
};

/// All ranks of `world` share the group. Throws the errors of the road; Error(usage) for `out` with several ranks.
FlagResult flag_files(FlagRequest const& request, Ranks const& world);

/// A picture of how much was lost, [channel] across, [integration] down, as RGB bytes of `width` × `height`.
struct Occupancy {
    Index width = 0, height = 0;
    std::vector<std::uint8_t> rgb;
};
Occupancy draw_occupancy(FlagAccount const& account);

}  // namespace nocturne
