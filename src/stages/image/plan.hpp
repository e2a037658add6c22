// The plan of compression: which nodes each baseline's visibilities become. Enters: frequencies, times and uvw of all
// baselines of a group and the field to be imaged; no visibility. Leaves: positions of all points, rectangles and matrices
// for the kernels `project` and `expand`. Every rank makes the same plan; segment borders depend on the header alone.
//
// Along a channel axis and along a baseline's track the factor exp(iφ), φ = 2π f/c b(t)·(l, m, n−1), is interpolated on
// Chebyshev nodes, so Σ w V exp(iφ) = Σ y exp(iφ_node) with y = K_t (w V) K_fᵀ: exact to the tolerance for every pixel of
// the planned field, whatever the visibilities hold. It is not averaging.
#pragma once

#include "nocturne/group.hpp"
#include "nocturne/node_rect.hpp"
#include "nocturne/node_set.hpp"
#include "stages/image/settings.hpp"

namespace nocturne {

/// ragged: integrations of different baselines were at different times, so nothing is compressed along time.
enum class TimeAxis { common, ragged };

struct PlanArgs {
    std::vector<double> const& freq_hz;      ///< ascending
    std::vector<double> const& time_s;       ///< middle of each integration, any origin, ascending
    std::vector<Baseline> const& baselines;  ///< autocorrelations get no points
    View<double const, 3> uvw_m;             ///< [integration][baseline][3] toward the image's centre
    double half_width = 0;                   ///< largest |l| and |m| (direction cosines) that must be right
    double epsilon = 1e-4;                   ///< relative L2 error allowed to the compression
    Compression compression = Compression::automatic;
    TimeAxis time_axis = TimeAxis::common;
    /// Instead of compression: nodes are means of so many neighbouring samples that a source in the corner of the field loses no
    /// more than this share of its flux. 0: no averaging.
    double averaging_loss = 0;
};

struct NodePlan {
    NodeGeometry geometry;
    std::vector<NodeRect> rects;      ///< by baseline, then time, then frequency
    std::vector<Index> first_rect;    ///< [baselines + 1]
    std::vector<Index> first_value;   ///< [baselines + 1]: a range of baselines owns a contiguous range of y
    std::vector<float> matrices;      ///< see NodeRect
    std::vector<double> line_time_s;  ///< [geometry.lines], as PlanArgs::time_s
    Index n_visibilities = 0;         ///< Stokes-I visibilities of the cross-correlations
    Index n_raw_baselines = 0;        ///< imaged channel by channel because compression does not pay

    double ratio() const { return static_cast<double>(n_visibilities) / static_cast<double>(geometry.n_points); }
};

/// Throws Error(defect) where shapes differ and Error(bad_config) where the field reaches beyond the hemisphere.
NodePlan make_node_plan(PlanArgs const& args);

}  // namespace nocturne
