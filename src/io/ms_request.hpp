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

/// One row of FIELD: PHASE_DIR, REFERENCE_DIR and DELAY_DIR at once.
struct MsField {
    std::string name;
    Direction direction;  ///< ICRS
};

struct MsRequest {
    GroupHeader header;
    MsWindows windows = MsWindows::merged;
    MsCorrelations correlations = MsCorrelations::as_is;
    MsColumns columns;
    std::vector<MsField> fields;
    std::vector<std::int32_t> field_of_moment;  ///< [moment] index into fields
    std::vector<std::int32_t> scan_of_moment;   ///< [moment] SCAN_NUMBER
    std::string telescope_name;                 ///< OBSERVATION::TELESCOPE_NAME
    std::vector<std::string> history;           ///< HISTORY::MESSAGE, one a row
    std::string version;                        ///< of this program
    double now_mjd_s = 0;                       ///< HISTORY::TIME
};

}  // namespace nocturne
