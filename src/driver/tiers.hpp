// Tiers: how much care an image is made with, in one word. Enters: the parameter `tier` of stage image. Leaves: values of the stage's
// other parameters, weaker than what is said of each at the same place.
#pragma once

#include "driver/job_file.hpp"

#include <map>
#include <string>

namespace nocturne {

/// Values by parameter; none for "none". Throws Error(defect) for a name that stage image does not list.
std::map<std::string, std::string> const& tier_values(std::string const& tier);

/// Of the job's task image; "none" where it has no such task.
std::string tier_of(Job const& job);

/// Threshold of candidates in single integrations; 0 where none are searched.
double detect_sigma_of(Job const& job);

/// A picture to look at: nothing of it enters the tables of science products.
inline bool is_quicklook(std::string const& tier) { return tier == "quicklook"; }

}  // namespace nocturne
