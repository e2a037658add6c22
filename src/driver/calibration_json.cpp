#include "driver/calibration_json.hpp"

namespace nocturne {

nlohmann::ordered_json to_json(CalibrationUse const& use)
{
    auto files = nlohmann::ordered_json::array();
    for (auto const& file : use.files) files.push_back({{"path", file.path}, {"xxh128", file.xxh128}});
    return {{"provenance", name(use.provenance)},
            {"method", use.method},
            {"weight_before", use.weight_before},
            {"sets", use.sets},
            {"files", files},
            {"forced", !use.waived.empty()},
            {"waived", use.waived},
            {"unverified", use.unverified}};
}

}  // namespace nocturne
