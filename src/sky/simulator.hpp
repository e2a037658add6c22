// The simulator: a telescope, a time and a sky make a group. Enters: telescope data and options. Leaves: the group's header as
// its files would say it, rows of visibilities, and the truth.
#pragma once

#include "sky/instrument.hpp"
#include "sky/predictor.hpp"
#include "sky/telescope.hpp"

namespace nocturne {

/// 0 stands for the telescope's own number.
struct ObservationOptions {
    int antennas = 0, integrations = 0, subbands = 0, channels = 0;
    Radians dec;       ///< apparent declination of the meridian
    MjdSeconds start;  ///< UTC, opening of the group: start of its first integration
};

/// The antennas are spread evenly over the telescope's stations; baselines in the order 0-0, 0-1, 1-1, 0-2, … of them, with
/// autocorrelations; times rounded as a JD in double precision rounds
/// them, so that files give them back. Throws Error(usage) where the telescope has no such stations or band.
GroupHeader simulated_header(Telescope const& telescope, ObservationOptions const& options);

struct RandomSky {
    Index sources = 0;
    Direction centre;
    Radians radius;
    double brightest_jy = 1;  ///< fluxes are spread evenly in log over the factor of 10 below it
    double spix_std = 0;
    std::uint64_t seed = 1;
};

/// Evenly spread over the disc, at least 3 % of the radius apart.
std::vector<Source> random_sources(RandomSky const& sky);

/// True visibilities through an instrument.
class Simulator {
public:
    Simulator(GroupHeader const& header, Predictor const& sky, Instrument const& instrument)
        : header_(&header), sky_(&sky), instrument_(&instrument)
    {}

    /// out[integration][baseline][n][correlation] of channels [first, first + n), ascending; views that are not
    /// contiguous in their last two axes are a defect.
    void fill(Index first, Index n, View<Vis, 4> out) const;

private:
    GroupHeader const* header_;
    Predictor const* sky_;
    Instrument const* instrument_;
};

}  // namespace nocturne
