// The subtables of a Measurement Set; for ms_create.cpp alone.
#pragma once

#include "io/ms_new_set.hpp"
#include "io/ms_rows.hpp"

#include <array>

namespace nocturne {

/// Fills all compulsory subtables and SOURCE but those that were taken over; FLAG_CMD stays empty. HISTORY goes on.
void fill_subtables(ms::NewSet& set, MsRequest const& request, MsRows const& rows);

/// The origin of antenna positions, ITRF metres; header.site is geodetic (WGS84).
std::array<double, 3> site_itrf_m(Site const& site);

}  // namespace nocturne
