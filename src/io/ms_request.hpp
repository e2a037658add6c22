// Everything that decides a Measurement Set except the samples: what the header of a group says, and what was asked for.
#pragma once

#include "nocturne/group.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace nocturne {

enum class MsWindows { merged, split };     ///< one spectral window, or one per subband
enum class MsCorrelations { as_is, all4 };  ///< those of the data, or four (missing ones are zeros of weight 0)

/// Columns of samples beyond DATA and FLAG, which are always there.
struct MsColumns {
    bool weight_spectrum = true, corrected_data = false, model_data = false;
};

/// POINTING::NAME of the rows that say where a group's dishes looked.
constexpr char const* pointing_name = "nocturne";

/// One row of FIELD: PHASE_DIR, REFERENCE_DIR and DELAY_DIR at once.
struct MsField {
    std::string name;
    Direction direction;  ///< ICRS
};

/// What of the Measurement Set that the group was read from (GroupHeader::set) is written as it stood there. Tables of antennas,
/// the observation and what else refers to neither windows nor fields always are.
struct MsKept {
    /// Windows and correlations are the same: so are rows and their order, all columns but samples, and SPECTRAL_WINDOW,
    /// POLARIZATION, DATA_DESCRIPTION and what refers to them.
    bool rows = false;
    bool weights = false;  ///< and nothing was calibrated: WEIGHT, SIGMA
    bool fields = false;   ///< nothing was moved: FIELD, SOURCE, FIELD_ID
};

struct MsRequest {
    GroupHeader header;
    MsWindows windows = MsWindows::merged;
    MsCorrelations correlations = MsCorrelations::as_is;
    MsColumns columns;
    MsKept kept;
    std::vector<MsField> fields;
    std::vector<Direction> pointings;           ///< [moment] where the dishes looked, ICRS; empty: at the fields
    std::vector<std::int32_t> field_of_moment;  ///< [moment] index into fields
    std::vector<std::int32_t> scan_of_moment;   ///< [moment] SCAN_NUMBER
    std::string telescope_name;                 ///< OBSERVATION::TELESCOPE_NAME
    std::vector<std::string> history;           ///< HISTORY::MESSAGE, one a row
    std::vector<std::string>
        warnings;          ///< what this set will not have, or cannot be used for: a line each, of HISTORY too
    std::string version;   ///< of this program
    double now_mjd_s = 0;  ///< HISTORY::TIME
};

}  // namespace nocturne
