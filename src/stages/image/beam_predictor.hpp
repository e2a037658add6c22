// From CLEAN's components to node values, with the beam's drift. Enters: components on the slanted grid. Leaves: what the nodes of a
// group would hold of them.
#pragma once

#include "kernels/subtract.hpp"
#include "stages/image/beam_terms.hpp"
#include "stages/image/wgridder.hpp"

#include <optional>
#include <unordered_map>

namespace nocturne {

/// y_p = Σ_j φ_j(t_p, f_p) Σ_k flux_k c_jk exp(+2πi f_p/c b·x_k): one prediction for each function φ_j of BeamTerms. Those after the
/// first carry a tenth or so of the flux and are predicted to 1e-3. What nodes lose of φ_j between them is less than that: the beam
/// turns by far less than a fringe.
class BeamPredictor {
public:
    /// `line_time_s`: of each line of `points`; `grid`: of the components, as `gridder` has it.
    BeamPredictor(Device const& device, BeamTerms terms, NodeGeometry const& points, std::vector<double> line_time_s);

    void predict(WGridder& gridder, std::vector<CleanComponent> const& components, std::vector<Vis>& y);

private:
    BeamTerms::Terms const& terms_of(CleanComponent const& component, GridderPlan const& plan);
    void add(std::size_t function, std::vector<Vis> const& part, std::vector<Vis>& y) const;

    Device device_;
    BeamTerms terms_;
    NodeGeometry const& points_;
    std::vector<double> line_time_s_;
    std::optional<WGridder> rough_;                          ///< for functions after the first
    std::unordered_map<std::int64_t, BeamTerms::Terms> at_;  ///< by pixel
};

}  // namespace nocturne
