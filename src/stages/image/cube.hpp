// A cube of images. Enters: the images of one part of the band after another. Leaves: GroupState::planes and cubes.
#pragma once

#include "nocturne/stage.hpp"

namespace nocturne {

class CubeMaker {
public:
    explicit CubeMaker(std::size_t n_channels) : n_channels_(n_channels) {}
    /// The next channel, by rising frequency; of one without weight nothing but its place.
    void add(GroupState& part, GroupState& group);
    /// Where the channels are evenly spaced, one cube of the restored images (of the dirty ones, where there is no CLEAN), blank where
    /// a channel has no visibility; else a note.
    void finish(GroupState& group);

private:
    struct Channel {
        double freq_hz = 0, bandwidth_hz = 0;  ///< the middle of its channels
        Beam beam;
        bool filled = false;
    };
    static Beam shared_beam(GroupState const& part);
    bool even() const;
    double spread_of_beams() const;
    void tell(GroupState& group) const;

    std::size_t n_channels_;  ///< in the end
    std::vector<Channel> channels_;
    std::vector<std::pair<std::string, std::string>> notes_;  ///< and the channels that have it: "3, 4"
    std::optional<Image> cube_;                               ///< on the rank that has its images
};

}  // namespace nocturne
