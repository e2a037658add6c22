// Sections of the report. Enters: a GroupReport. Leaves: HTML; "" where there is nothing to say.
#pragma once

#include "qa/report.hpp"

#include <string>

namespace nocturne {

std::string image_section(GroupReport const& report);
std::string source_section(GroupReport const& report);
std::string candidate_section(GroupReport const& report);
std::string psf_section(GroupReport const& report);
std::string gate_section(GroupReport const& report);
std::string sample_section(GroupReport const& report);
std::string calibration_section(GroupReport const& report);
std::string stage_section(GroupReport const& report);
std::string provenance_section(GroupReport const& report);

}  // namespace nocturne
