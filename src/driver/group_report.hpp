// The report of a group: fills qa's plain structs from the group's state. Enters: state, its images, provenance. Leaves: a
// GroupReport.
#pragma once

#include "driver/products.hpp"
#include "qa/report.hpp"

#include <optional>

namespace nocturne {

/// All of the page but its list of outputs. `shown` is the image it is about, which the state holds, as it does the PSF where one
/// was made.
GroupReport describe_group(GroupState const& state, ProductContext const& context, std::optional<Product> shown);

}  // namespace nocturne
