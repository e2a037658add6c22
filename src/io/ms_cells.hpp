// Cells of a Measurement Set from samples of a block: one row at a time. For ms_writer.cpp and the read-back.
#pragma once

#include "io/ms_rows.hpp"
#include "nocturne/correlation.hpp"
#include "nocturne/vis.hpp"

#include <cstdint>
#include <vector>

namespace nocturne {

/// One row of one window as it stands in the block: [n_channels][n_in] with both axes contiguous; `weight` with strides, which may
/// be 0.
struct RowIn {
    Vis const* vis = nullptr;
    std::uint8_t const* flag = nullptr;
    float const* weight = nullptr;
    Index weight_channel_stride = 0, weight_correlation_stride = 0;
    Index n_channels = 0, n_in = 0;
};

/// Makes cells of n_out correlations; output correlation p is input source[p], or nothing where that is −1.
class CellMaker {
public:
    explicit CellMaker(MsCorrelationPlan const& plan);
    Index n_out() const { return static_cast<Index>(source_.size()); }

    /// conj(vis), zeros where no file has the sample; [channel][n_out].
    void data(RowIn const& in, Vis* out) const;
    /// Bits, least significant first; the last byte padded with zeros. ⌈n_channels · n_out / 8⌉ bytes. Where all four were asked for, a
    /// correlation that is not there (nowhere in the data, or not in this row) is flagged where another of its channel is or none
    /// is there: DP3 takes a sample for flagged where one of its correlations is. Otherwise what is not there is flagged.
    void flags(RowIn const& in, std::uint8_t* out) const;
    /// Weights, 0 where no file has the sample; [channel][n_out].
    void weights(RowIn const& in, float* out) const;
    /// Median of what `weights` made of this row, over the channels that a file has; 0 where it has none; [n_out].
    void medians(RowIn const& in, float const* weights, float* out);
    /// 1 + 0i on parallel hands and Stokes I.
    void unit_model(Index n_channels, Vis* out) const;

private:
    bool anything_missing(RowIn const& in) const;

    std::vector<int> source_, corr_type_;
    bool straight_ = false;  ///< output is input
    bool filled_ = false;
    std::vector<float> column_;
};

/// A copy of a row as a Measurement Set had it whose channels do not ascend, whose antennas stand the other way round, or which has fewer
/// correlations than the group (of whose rows some are turned).
class RowTurner {
public:
    /// `given`: the group's correlations; `wanted`: those of a row as it stood in the set.
    RowTurner(std::vector<Correlation> const& given, std::vector<Correlation> const& wanted);
    /// Rows that are not turned and whose channels ascend can do without.
    bool same_hands() const { return same_hands_; }
    /// Channel c of the copy is `channel[c]` of the row, or c where that is empty; `turned`: visibilities of (ant2, ant1), which are
    /// the conjugates, XY and YX exchanged. Valid until the next call. Error(defect) where the group lacks a correlation.
    RowIn turn(RowIn const& in, std::vector<std::int32_t> const& channel, bool turned);

private:
    bool same_hands_ = false;
    std::vector<Index> straight_, turned_;  ///< [correlation of the row] place of it, or of its partner, in the group
    std::vector<Vis> vis_;
    std::vector<std::uint8_t> flag_;
    std::vector<float> weight_;
};

/// Packs n bytes (0 = false) into bits as casacore packs a Bool tile.
void pack_bits(std::uint8_t const* bytes, Index n, std::uint8_t mask, std::uint8_t* bits);

}  // namespace nocturne
