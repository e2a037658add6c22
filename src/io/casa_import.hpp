// CASA's calibration tables as CalTables. Enters: the directory of a caltable. Leaves: one table for each of its spectral windows.
#pragma once

#include "nocturne/cal_table.hpp"

#include <string>
#include <vector>

namespace nocturne {

/// True for a directory that holds a casacore table which says it is a calibration table; no table is opened.
bool is_casa_caltable(std::string const& path);

struct CasaTables {
    std::vector<CalTable> tables;
    bool names_hands = false;  ///< the table says whether its receptors are X, Y or R, L; else they are called XX, YY
};

/// K, B and G tables (call it in a child process). Antennas have no numbers (−1) but names, and positions that are absolute (ITRF): the site has
/// no name. Flagged solutions are 1, PARAMERR is taken for the error of the amplitude (K: of the delay), 1/SNR for that of the phase. What a caltable
/// does not say stays empty: model, preprocessing; the declination is NaN. Throws Error(input_missing), Error(bad_input): a table of another
/// kind by its name, a K table without CASA_Version (its reference frequency is another one), one receptor alone.
CasaTables read_casa_directory(std::string const& path);

}  // namespace nocturne
