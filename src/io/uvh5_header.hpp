// Headers of UVH5 files. Enters: paths. Leaves: what one file says of itself (FileHeader), and what its group is
// (GroupHeader), checked: sizes, finite numbers, consistency over the subbands.
#pragma once

#include "nocturne/correlation.hpp"
#include "nocturne/group.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace nocturne {

/// The rows (Nblts) as the file gives them.
struct Rows {
    std::vector<double> time_mjd_s, integration_s;
    std::vector<std::int64_t> ant1, ant2;  ///< antenna numbers
    std::vector<std::int32_t> centre;      ///< index into FileHeader::centres; empty: all 0
    std::vector<double> w_m;  ///< w that the row was stopped with, NaN = its centre says it; empty: all NaN
    bool operator==(Rows const&) const = default;
};

/// Where a row of the file goes: row r holds baseline `target[r] % n_baselines` at integration `target[r] / n_baselines`
/// of the group. `swapped[r]` is 1 where the file has ant1 > ant2, so that V must be conjugated and XY, YX exchanged.
/// moments, moment_of, present, exposure_s, offset_s: as in GroupHeader.
struct RowMap {
    std::vector<double> time_mjd_s;     ///< [integration], ascending
    std::vector<double> integration_s;  ///< [integration]
    std::vector<Baseline> baselines;    ///< in the order of the first integration
    std::vector<std::int64_t> target;   ///< [row]
    std::vector<std::uint8_t> swapped;  ///< [row]
    TurnedRows turned = TurnedRows::none;
    std::vector<Moment> moments;
    std::vector<std::int32_t> moment_of;
    std::vector<std::uint8_t> present;
    std::vector<double> exposure_s, offset_s;
    std::vector<double> stopped_w_m;    ///< [integration][baseline] of Rows::w_m
    std::int64_t n_repeated = 0;        ///< rows that have time, baseline and centre of another one
    std::int64_t n_without_length = 0;  ///< rows whose integration time is 0 in the file
    Rows rows;                          ///< what this was made from

    bool ragged() const { return !moment_of.empty(); }
};

/// One file, in the file's own order. Memo: pyuvdata's uvh5_memo, versions 0.1 to 1.2; legacy 4-D and 3-D.
struct FileHeader {
    std::string path;
    std::uint64_t bytes = 0;
    Site site;
    std::string instrument, object_name, vis_units, history;
    std::vector<PhaseCentre> centres = {PhaseCentre{}};  ///< in use; at least one
    /// [channel]; ascending or descending as in the file, ascending where the file has another order (`sample_order`).
    std::vector<double> freq_hz;
    std::vector<double> channel_width_hz;  ///< [channel], positive
    /// Channels, counted from the lowest, at which another spectral window begins; windows that interleave are one.
    std::vector<std::int64_t> window_first;
    /// As the datasets have them; in the order of `like` where a group's files have the same ones (`sample_order`).
    std::vector<Correlation> correlations;
    std::int64_t stored_channels = 0, stored_correlations = 0;  ///< axes of the datasets (Nfreqs, Npols)
    /// [channel][correlation] of the two lines above: place in a stored row, channel · stored_correlations + correlation; empty
    /// where freq_hz and correlations are the axes of the datasets.
    std::vector<std::int32_t> sample_order;
    std::vector<Antenna> antennas;  ///< by rising number
    std::int64_t n_rows = 0;        ///< Nblts
    std::shared_ptr<RowMap const> rows;
    bool old_phasing = false;        ///< as in GroupHeader
    std::vector<std::string> notes;  ///< oddities worth a line in a log

    bool descending() const { return freq_hz.size() > 1 && freq_hz.back() < freq_hz.front(); }
};

/// Reads and validates the header of one file; no visibility is touched. `like`, where given, is a file of the same group:
/// rows equal to its rows share its map, and the same baselines or correlations in another order are numbered as it has them. Throws Error(input_missing) or Error(bad_input), naming file and dataset.
FileHeader read_file_header(std::string const& path, FileHeader const* like = nullptr);

/// Joins the subbands of one group, checked for equal times (to 10 ms), antennas, baselines, correlations, phase reference
/// and channel spacing. The group has the correlations of its rows as (ant1, ant2): `hands_of_rows`. Files named `_sbNN` sit at their place among `expected_subbands`; the channels of missing ones are
/// extrapolated. A single file is a group of its own channels. Throws Error(bad_input) naming the file that differs.
GroupHeader join_headers(std::vector<FileHeader> const& files, int expected_subbands = 16);

/// `read_file_header` of each, then `join_headers`.
GroupHeader group_header(std::vector<std::string> const& paths, int expected_subbands = 16);

}  // namespace nocturne
