// Does the model explain the data? Enters: sums of baselines in sixteen channels and the gains solved from them. Leaves: the power that is left
// beside that of noise, which the same baselines' differences of channels tell without model and gains.
#pragma once

#include "stages/solve/gains.hpp"

namespace nocturne {

class Unexplained {
public:
    static constexpr Index channels = 16;

    /// A baseline's planes of SolveRows, and conj(g1) g2 by parts, 0 where there is none.
    void add(float const (&plane)[5][channels], float const (&gain)[2][channels]);
    LeftOver tell() const;

private:
    static constexpr Index apart = 3;  ///< channels: Hanning-smoothed neighbours share noise
    static constexpr Index triples = channels - 2 * apart;
    double left_ = 0, noise_ = 0, model_ = 0, count_ = 0;
};

}  // namespace nocturne
