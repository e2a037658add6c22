// What the passes of one image leave for each other on a rank. Enters: a plan, blocks. Leaves: the operator of major cycles, and
// the gridder that is made once.
#pragma once

#include "stages/image/node_operator.hpp"
#include "stages/image/wgridder.hpp"

namespace nocturne {

/// Nodes of which each belongs to one integration.
struct SnapshotNodes {
    NodeOperator op;
    NodeSet nodes;                    ///< y and psf: each rank its own baselines' values
    std::vector<double> line_time_s;  ///< of their lines
    std::vector<Vis> y_with_model;    ///< y as it was before CLEAN's model was taken out; empty where none was
    double model_jy = 0;              ///< that model's flux
    std::vector<Vis> const& with_model() const { return y_with_model.empty() ? nodes.y : y_with_model; }
};

struct ImageWork {
    NodeOperator nodes;               ///< filled by image.project
    std::optional<WGridder> gridder;  ///< made by image.make where the products on the sky's own grid are made
    Slant slant;                      ///< filled by image.project where CLEAN comes after it
    std::optional<WGridder> slanted;  ///< of the grid that CLEAN works on, with dirty image and PSF; on the leader
    std::vector<float> dirty, psf;
    SnapshotNodes snapshots;          ///< filled by image.project where snapshots are asked for
    std::vector<double> line_time_s;  ///< of the nodes' lines; filled by image.project where CLEAN comes after it
};

/// With CLEAN, the rank that images on the sky's own grid, while the leader does on the slanted one.
inline int plain_rank(Share const& share) { return share.size > 1 ? 1 : 0; }

}  // namespace nocturne
