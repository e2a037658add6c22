// A CASA calibration table on disk, as plain values. casacore's headers do not compile as C++20 (std::allocator<T>::pointer):
// casa_table.cpp alone includes them, as C++17, and this header is plain enough for both. On a full disk casacore may end the process: call it
// in a child.
#pragma once

#include <array>
#include <complex>
#include <cstdint>
#include <string>
#include <vector>

namespace nocturne::casa {

struct TableAntenna {
    std::string name;
    std::array<double, 3> position_itrf_m{};
    double diameter_m = 0;
};

struct Window {
    std::vector<double> freq_hz, width_hz;
    double reference_hz = 0;
};

/// One row; values are [channel][receptor], two receptors.
struct Row {
    double time_mjd_s = 0, interval_s = 0;
    std::int32_t window = 0, antenna = 0, reference = -1, scan = 0;
    std::vector<std::complex<float>> gain;  ///< CPARAM, or
    std::vector<float> value;               ///< FPARAM
    std::vector<float> error, snr;
    std::vector<std::uint8_t> flag;
};

struct Table {
    std::string type;              ///< "B Jones", "G Jones", "K Jones"
    std::string ms_name, version;  ///< keyword CASA_Version; empty where there is none
    std::string telescope, field;
    double ra_rad = 0, dec_rad = 0, start_mjd_s = 0, end_mjd_s = 0;
    std::vector<TableAntenna> antennas;
    std::vector<Window> windows;
    std::vector<Row> rows;
};

/// Makes the directory `path`. Throws Error(io).
void write_table(std::string const& path, Table const& table);

}  // namespace nocturne::casa
