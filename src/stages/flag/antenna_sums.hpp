// What antennas receive, cell by cell. Enters: sums over each antenna's baselines. Leaves: what all share, and what each has beyond it.
#pragma once

#include "nocturne/view.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace nocturne {

/// Of the whole group; a cell is an (integration, channel).
struct ReceivedSums {
    Index n_antennas = 0, n_cells = 0;
    std::vector<std::int64_t> full;                 ///< [antenna] samples that a cell could have
    std::vector<std::int64_t> power, strays, lost;  ///< [antenna][cell], as PowerArgs says

    double samples(Index a, Index cell) const { return static_cast<double>(full[a] - lost[a * n_cells + cell]); }
    /// `sum` is power or strays. [antenna], negative where it has no sample, of each cell in [first, first + n).
    std::vector<float> means(std::vector<std::int64_t> const& sum, Index first, Index n) const;
};

/// Of antenna a the mean is E_a = x + y_a + Σ_b y_b / (N − 1): x common to all, y_b at antenna b alone.
struct CellParts {
    double samples = 0;  ///< of all antennas, each baseline twice
    double common = 0;   ///< x
    double middle = 0, limit = 0, alone = 0, others = 1;

    /// y over E − middle, which has y / (N − 1) in it.
    double share() const { return others > 1 ? others / (others - 1) : 1; }
    double outlier(double mean, bool known) const
    {
        return known || mean - middle > limit ? share() * (mean - middle) : 0;
    }
    /// An antenna's mean without what others have by themselves, beyond the common one.
    double excess(double mean, bool known) const { return mean - (alone - outlier(mean, known)) / others - common; }
};

/// mean [antenna] of one cell, as ReceivedSums::means says; known [antenna]: dead, or of interference by itself in this cell. x is the
/// median of E over the others, less the share of the known and of those that stand out.
CellParts split(std::span<float const> mean, double samples, std::uint8_t const* known);

}  // namespace nocturne
