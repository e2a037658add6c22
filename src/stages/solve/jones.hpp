// Full 2 × 2 Jones matrices of a group with four correlations. Enters: blocks (pass `solve.sums`). Leaves: GroupState::solutions, one table of kind J.
#pragma once

#include "kernels/jones.hpp"
#include "stages/solve/sums.hpp"

namespace nocturne {

/// What no data fix: matrices J U of all antennas predict the same for …
enum class JonesFreedom {
    unitary,  ///< … every unitary U: the model is unpolarised
    phases,   ///< … a phase of each feed: the model has no cross hands
    phase,    ///< … one phase
};

/// Sums of all baselines used, and what is solved of them. A column is interval × n_blocks + block.
struct JonesRows {
    Index n_rows = 0, n_columns = 0, n_antennas = 0;
    std::vector<float> values;      ///< [row][column][JonesSumsArgs::planes]
    std::vector<std::int32_t> row;  ///< [antenna][antenna], JonesArgs::row

    float const* at(Index r, Index column) const
    {
        return values.data() + (r * n_columns + column) * JonesSumsArgs::planes;
    }
};

/// Axes [column][antenna] and [column][antenna][4].
struct JonesMatrices {
    std::vector<Vis> value;
    std::vector<float> information;  ///< JonesArgs::information
    std::vector<std::uint8_t> flag;
    std::vector<StefcalResult> result;  ///< [column]
    std::vector<double> noise;          ///< [column]: variance of one part of a visibility of weight 1, Jy²
    std::vector<double> variance;       ///< [column][antenna][4]: of one part of an element
};

JonesFreedom freedom_of(JonesRows const& rows);

/// JonesMatrices::noise from χ², and variance from the normal matrix: for fewer than 32 antennas its exact inverse, against the matrices T in J T that nothing
/// fixes; else that of its diagonal blocks.
void set_jones_errors(JonesMatrices& matrices, JonesRows const& rows);

/// Multiplies the matrices of each column by one U of what is free: the reference's becomes Hermitian (unitary), or gets real diagonal elements (phases), or
/// a real first element (phase). Columns without it take the first antenna that has a solution.
void fix_jones_gauge(JonesMatrices& matrices, Index n_antennas, Index reference, JonesFreedom freedom);

std::vector<std::unique_ptr<Pass>> make_jones_passes(SolveSettings const& settings);

}  // namespace nocturne
