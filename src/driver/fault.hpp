// Faults on request, for trying out what retries do: NOCTURNE_FAULT=STAGE:N lets the first N tries of a stage fail in this process, STAGE:N:space as where the disk is full.
#pragma once

#include <string>

namespace nocturne {

/// Throws Error(io) where pass `name` (flag, image.project) belongs to that stage and fewer than N tries failed so. Error(bad_config)
/// where the variable is neither STAGE:N nor STAGE:N:space.
void fail_on_request(std::string const& name);

}  // namespace nocturne
