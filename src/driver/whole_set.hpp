// Measurement Sets as products that their users change: flags, models, calibrated data, tables of their own. Enters: a set. Leaves: whether all
// that was written of it is still there.
#pragma once

#include <string>

namespace nocturne {

/// {"files": {"table.dat": bytes, …}} of every file below it but the locks, as data_products.quality_metrics keeps it.
std::string files_of_set(std::string const& path);

/// False where a file that was recorded is gone, or one of samples (table.f…) is shorter than it was; more files and longer ones are
/// its users'. Of a set without a record: where its table.dat stands.
bool is_whole_set(std::string const& path, std::string const& recorded);

}  // namespace nocturne
