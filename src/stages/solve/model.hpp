// What the solve believes the sky to be. Enters: a header, a list of sources or the catalogue. Leaves: fluxes and fringes as the kernel
// `time_sums` takes them, in the state of phase of the files; or the word that a column of the Measurement Set holds the model.
#pragma once

#include "kernels/time_sums.hpp"
#include "nocturne/group.hpp"
#include "stages/solve/settings.hpp"

#include <optional>

namespace nocturne {

class SolveModel {
public:
    /// Throws Error(bad_input) where the files have more than one phase centre, no source is there, or all of them have no flux.
    SolveModel(GroupHeader const& header, SolveSettings const& settings);

    /// Blocks bring the model along (VisBlock::model): there are no sources.
    bool of_column() const { return !column_.empty(); }
    Index n_sources() const { return static_cast<Index>(sources_.size()); }
    Direction centre() const { return centre_; }
    /// [integration][source][channel], Jy of one parallel hand.
    std::vector<float> fluxes() const;
    /// [integration][baseline][source] of baselines [first, first + count).
    std::vector<SourceFringe> fringes(Index first, Index count) const;
    /// "NAME flux Jy at ra,dec" joined by "; ", the brightest as it is seen at first; or "column MODEL_DATA".
    std::string text() const;

private:
    std::string column_;
    std::vector<Source> sources_;
    Direction centre_;
    std::optional<Predictor> predictor_;
    Index n_integrations_ = 0, n_channels_ = 0;
};

}  // namespace nocturne
