// A random group as the state of an imaging stage. Enters: a RandomGroup. Leaves: header, coordinates and centre of a GroupState.
#pragma once

#include "nocturne/stage.hpp"
#include "tests/support/random_group.hpp"

namespace nocturne::test {

inline GroupState state_of(RandomGroup const& group)
{
    GroupState state;
    state.device = make_device("kokkos");
    auto& header = state.header;
    header.correlations = {Correlation::XX, Correlation::YY};
    header.freq_hz = group.freq_hz;
    header.channel_width_hz.assign(group.freq_hz.size(), 1e6);
    header.subbands = {{0, "a", 0, "", 0, group.nc}};
    header.time_mjd_s = group.time_s;
    header.integration_s.assign(group.time_s.size(), 12.9);
    header.baselines = group.baselines;
    state.uvw_m = group.uvw_m;
    state.centre = {degrees(40), degrees(35)};
    return state;
}

}  // namespace nocturne::test
