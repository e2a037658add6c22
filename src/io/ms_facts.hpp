// What a Measurement Set says of itself, as far as it can be read, for `ms check`. Enters: a path. Leaves: facts; what cannot
// be read is named among them instead of thrown.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace nocturne {

struct MsFacts {
    struct Subtable {
        std::string name;
        std::int64_t rows = 0;
        std::string trouble;  ///< "" = it was opened
    };
    struct AntennaFact {
        std::string name, mount;
        std::array<double, 3> itrf_m{};
        double diameter_m = 0;
        bool has_feed = true;  ///< a row of FEED is its
    };
    struct FieldFact {
        std::string name, frame;
        std::array<double, 2> phase_rad{}, reference_rad{};  ///< longitude, latitude of the first terms
        std::int64_t degree = 0, terms = 1;                  ///< NUM_POLY, and directions that PHASE_DIR holds
    };
    struct WindowFact {
        std::int64_t n_channels = 0;
        double first_hz = 0, last_hz = 0;
        bool ascending = true;
        bool widths_fit = true;  ///< every CHAN_WIDTH is finite, not 0, and of the sign in which channels go
    };
    /// A column of samples, looked at in all rows, or in so many, evenly over the table, as hold 256 MiB.
    struct SampleFact {
        std::string name;
        bool there = false, defined = true, fits = true;  ///< fits: cells have DATA's shape (WEIGHT: its correlations)
        bool all_zero = true, finite = true;
        bool any_negative = false, any_positive = false;  ///< of weights, and of FLAG: any unset
        std::int64_t looked = 0;                          ///< rows
    };

    std::int64_t rows = 0;
    double version = 0;     ///< keyword MS_VERSION; 0 = none
    std::string info_type;  ///< of table.info
    std::vector<std::string> columns;
    bool flag_category_keyword = false;
    bool all_rows_flagged = false;  ///< by FLAG_ROW
    std::vector<Subtable> subtables;
    std::string telescope_name;
    std::vector<AntennaFact> antennas;
    std::vector<FieldFact> fields;
    std::vector<WindowFact> windows;
    std::vector<SampleFact> samples;   ///< DATA, MODEL_DATA, CORRECTED_DATA, WEIGHT_SPECTRUM, WEIGHT, FLAG
    std::vector<std::string> trouble;  ///< what could not be read
};

/// Throws Error(input_missing) or Error(bad_input) only where the main table itself cannot be opened.
MsFacts read_ms_facts(std::string const& path);

}  // namespace nocturne
