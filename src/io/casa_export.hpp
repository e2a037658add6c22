// A CalTable as CASA knows it. Enters: a table. Leaves: the directory of a caltable.
#pragma once

#include "nocturne/cal_table.hpp"

#include <string>

namespace nocturne {

/// Makes the directory `path` (see casa::write_table; call it in a child process). Antennas are numbered as in CalTable::telescope, those
/// without a solution are 1 + 0i (K: 0 ns) with FLAG; a hand that is not there likewise. PARAMERR is the standard error of the amplitude (K: of the
/// delay, ns), SNR its ratio. K stands on a spectral window of one channel at reference_hz, where its phase is 0.
void write_casa_directory(std::string const& path, CalTable const& table);

}  // namespace nocturne
