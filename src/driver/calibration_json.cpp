#include "driver/calibration_json.hpp"

namespace nocturne {

namespace {

nlohmann::ordered_json to_json(SelfCalStep const& step)
{
    return {{"round", step.number},    {"mode", step.mode},          {"sources", step.n_sources},
            {"peak_jy", step.peak_jy}, {"noise_jy", step.noise_jy},  {"dynamic_range", step.dynamic_range},
            {"kept", step.kept},       {"why_ended", step.why_ended}};
}

}  // namespace

nlohmann::ordered_json to_json(CalibrationUse const& use)
{
    auto rounds = nlohmann::ordered_json::array();
    for (auto const& step : use.rounds) rounds.push_back(to_json(step));
    auto files = nlohmann::ordered_json::array();
    for (auto const& file : use.files) files.push_back({{"path", file.path}, {"xxh128", file.xxh128}});
    return {{"provenance", name(use.provenance)},
            {"method", use.method},
            {"weight_before", use.weight_before},
            {"sets", use.sets},
            {"files", files},
            {"forced", !use.waived.empty()},
            {"waived", use.waived},
            {"unverified", use.unverified},
            {"self_calibration", rounds}};
}

}  // namespace nocturne
