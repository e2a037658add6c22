// Subband files in DSA-110's own layout. Enters: one subband's axes and arrays. Leaves: `{stamp}_sbNN.hdf5` as dsamfs writes
// it: legacy 4-D datasets (Nblts, 1, Nfreqs, Npols), h5py's chunk shapes, no filter, float32 uvw, phase_type drift with the
// declination in extra_keywords. Source: dsa110/dsa110-meridian-fs, dsamfs/io.py, for names and types.
#pragma once

#include "nocturne/group.hpp"
#include "nocturne/view.hpp"

#include <array>
#include <string>
#include <vector>

namespace nocturne {

struct Uvh5Row {
    Index cell = 0;        ///< integration · number of baselines + baseline
    bool swapped = false;  ///< stored as (ant2, ant1): V conjugated, uvw negated
    double time_mjd_s = 0, integration_s = 0;
};

/// One subband. Channels are in the order of the file (DSA-110: descending); views may have any strides, so a whole band that
/// ascends is given with a negative channel stride.
struct Uvh5Subband {
    Site site;
    std::string instrument = "DSA", object_name = "search", history;
    std::vector<Antenna> antennas;                  ///< all of the telescope, by number
    std::vector<Baseline> baselines;                ///< indices into antennas
    std::vector<std::array<double, 3>> uvw_m;       ///< [baseline], stored as float32 and repeated for every time
    bool double_uvw = false;                        ///< stored as float64
    std::vector<double> time_mjd_s, integration_s;  ///< [integration], UTC, middle
    std::vector<Uvh5Row> rows;    ///< in the order of the file; empty: each integration with all its baselines
    std::vector<double> freq_hz;  ///< [channel]
    double channel_width_hz = 0;
    std::vector<Correlation> correlations;
    double phase_center_dec_rad = 0;   ///< apparent, on the meridian
    View<Vis const, 4> vis;            ///< [integration][baseline][channel][correlation]
    View<std::uint8_t const, 4> flag;  ///< not 0 = flagged; null data = none is
    View<float const, 4> nsamples;     ///< null data = constant
    float constant_nsamples = 1;
};

/// Writes through ProductFile: the file appears whole or not at all. Throws Error(defect) where shapes do not fit,
/// Error(cannot_create) or Error(io) naming the file.
void write_uvh5(std::string const& path, Uvh5Subband const& subband);

/// The chunk shape that h5py guesses for a dataset that starts without rows: a chunk of 8 kB to 1 MiB, axes halved in turn.
std::array<Index, 4> guessed_chunk(Index channels, Index correlations, Index element_bytes);

}  // namespace nocturne
