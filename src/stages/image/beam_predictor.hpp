// From CLEAN's components to node values, with the beam's drift. Enters: components on the slanted grid. Leaves: what the nodes of a
// group would hold of them.
#pragma once

#include "stages/image/beam_terms.hpp"
#include "stages/image/scales.hpp"
#include "stages/image/wgridder.hpp"

#include <array>
#include <optional>
#include <unordered_map>

namespace nocturne {

/// y_p = Σ_j φ_j(t_p, f_p) Σ_k flux_k c_jk exp(+2πi f_p/c b·x_k), slopes of fluxes in the c: one prediction for each function φ_j of BeamTerms. Those after the
/// first carry a tenth or so of the flux and are predicted to 1e-3. What nodes lose of φ_j between them is less than that: the beam
/// turns by far less than a fringe. A component that is no point has the beam of its middle.
class BeamPredictor {
public:
    /// `line_time_s`: of each line of `points`.
    BeamPredictor(Device const& device, BeamTerms terms, NodeGeometry const& points, std::vector<double> line_time_s);

    /// The components of the predictions to come, pixels of a grid of (l', m').
    void begin(ImageGeometry const& grid, Slant const& slant, double epsilon, std::vector<ScaledComponent> components);

    /// Which of `ranks` predicts the j-th function: the first is worth two of the others.
    static int rank_of(std::size_t j, int ranks);
    /// False where the j-th function carries next to nothing of the flux.
    bool matters(std::size_t j) const { return matters_[j]; }
    /// Σ_k flux_k c_jk exp(…) on all points. `precise`: the gridder of the grid, which the first function is predicted with.
    std::vector<Vis> predict(std::size_t j, WGridder* precise);
    /// y += φ_j part.
    void add(std::size_t j, std::vector<Vis> const& part, std::vector<Vis>& y) const;

private:
    BeamTerms::Terms const& terms_of(CleanComponent const& component);
    BeamTerms::Terms amounts_of(ScaledComponent const& component);

    Device device_;
    ImageGeometry grid_;
    Slant slant_;
    double epsilon_ = 0;
    std::vector<ScaledComponent> components_;
    std::array<bool, BeamTerms::count> matters_{};
    BeamTerms terms_;
    NodeGeometry const& points_;
    std::vector<double> line_time_s_;
    std::optional<WGridder> rough_;                          ///< for functions after the first
    std::unordered_map<std::int64_t, BeamTerms::Terms> at_;  ///< by pixel
};

}  // namespace nocturne
