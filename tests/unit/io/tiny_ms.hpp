// Small Measurement Sets of any odd shape, for tests. Only what the reader reads: plain tables in folders.
#pragma once

#include <array>
#include <complex>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace nocturne::test {

struct TinyMs {
    struct Row {
        double time_s = 0;
        int ant1 = 0, ant2 = 0, field = 0, description = 0, scan = 1;
        double interval_s = 10, exposure_s = 10;
        std::array<double, 3> uvw_m{};
        bool flag_row = false;
    };
    struct Field {
        std::string name;
        double ra = 0, dec = 0;
        std::vector<double> more{};  ///< higher terms of the polynomial, in pairs
    };
    struct Description {
        int window = 0, polarization = 0;
    };
    struct Pointing {
        int antenna = 0;
        double time_s = 0, interval_s = 10, ra = 1, dec = 0.5;
        std::string name = "nocturne";
    };

    std::string telescope = "TEST";
    std::vector<std::array<double, 3>> antennas_itrf_m;
    std::vector<Field> fields{{"one", 1.0, 0.5, {}}};
    std::string frame = "ICRS";           ///< of PHASE_DIR; "" = no MEASINFO
    std::vector<std::string> row_frames;  ///< where given, one per field by VarRefCol
    std::string time_scale = "UTC";
    std::vector<std::vector<double>> windows{{1.0e9, 1.1e9}};
    int frequency_frame = 5;  ///< MEAS_FREQ_REF, TOPO; −1: no such column
    std::vector<std::vector<int>> polarizations{{9, 12}};
    std::vector<Description> descriptions{{}};
    std::vector<Row> rows;
    std::vector<Pointing> pointings;  ///< none: no table POINTING
    std::string column = "DATA";
    bool weight_spectrum = true, float_data = false, double_data = false;
    std::vector<double> late_s;  ///< by row, TIME_CENTROID less TIME; empty: no such column
    /// Of every antenna, where given: FEED.
    std::vector<std::string> receptors;
    std::vector<double> receptor_angle_rad;

    /// Values by row, channel, correlation; weight without WEIGHT_SPECTRUM by row and correlation (channel 0).
    std::function<std::complex<float>(int, int, int)> vis = [](int r, int c, int p) {
        return std::complex<float>(static_cast<float>(100 * r + 10 * c + p + 1), 0.5F * static_cast<float>(r + 1));
    };
    std::function<bool(int, int, int)> flag = [](int, int, int) { return false; };
    std::function<float(int, int, int)> weight = [](int, int, int) { return 2.0F; };

    /// Makes the directory `path`.
    void write(std::string const& path) const;
};

/// Puts a scalar column of integers into a table that is there.
void put_integers(std::string const& path, char const* column, std::vector<int> const& values);

/// Three antennas some hundred metres apart, near Owens Valley; their UVW (r1 − r2, turned to a direction at a time) for rows.
std::vector<std::array<double, 3>> three_antennas();
std::array<double, 3> casa_uvw(TinyMs const& set, int ant1, int ant2, double time_s, double ra, double dec);

}  // namespace nocturne::test
