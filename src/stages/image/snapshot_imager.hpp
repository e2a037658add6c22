// Images of single integrations. Enters: nodes of which each belongs to one integration, complete on this rank. Leaves: images, values at
// places, a source as an integration sees it.
#pragma once

#include "nocturne/candidate.hpp"
#include "stages/image/image_work.hpp"
#include "stages/image/settings.hpp"
#include "stages/image/snapshot_peak.hpp"

namespace nocturne {

class SnapshotImager {
public:
    /// `state` and `nodes` must outlive it.
    SnapshotImager(GroupState const& state, ImageSettings const& settings, SnapshotNodes const& nodes);

    std::vector<std::size_t> const& filled() const { return filled_; }  ///< integrations with weight
    double sum_weight(std::size_t t) const { return integrations_[t].sum_weight; }
    ArrayPlane plane(std::size_t t) const;               ///< of its baselines
    double beam_pixels() const { return beam_pixels_; }  ///< what is nearer to a peak belongs to it

    /// Of one integration's part of `values`, normalised.
    std::vector<float> image(std::size_t t, std::vector<Vis> const& values) const;
    /// Of a source of 1 Jy.
    std::vector<float> source(std::size_t t, Top const& at) const;
    /// What stands in `image` at a place.
    double value(std::size_t t, std::vector<Vis> const& values, Candidate const& at) const;

private:
    /// One integration: its nodes alone.
    struct Integration {
        std::vector<std::size_t> lines;
        double sum_weight = 0;
    };
    struct Place {
        double x, y;
    };
    template<class Use>
    void along(std::size_t t, Place at, Use const& use) const;

    GroupState const& state_;
    SnapshotSettings wish_;
    double epsilon_;
    NodeSet const& nodes_;
    std::vector<Integration> integrations_;
    std::vector<std::size_t> filled_;
    double beam_pixels_ = 3;
};

}  // namespace nocturne
