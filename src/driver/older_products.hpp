// What earlier runs with other settings left beside a group's products. Enters: a stem. Leaves: names for a warning.
#pragma once

#include <set>
#include <string>

namespace nocturne {

/// Products of images, channels, integrations and candidates under `stem` whose file names are not in `ours`, in words: "image,
/// cube, ch0002, ch0003"; of more than four channels or integrations the first, the last, and how many they are. "" is none.
std::string older_products(std::string const& stem, std::set<std::string> const& ours);

}  // namespace nocturne
