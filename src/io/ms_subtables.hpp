// The subtables of a Measurement Set; for ms_create.cpp alone.
#pragma once

#include "io/ms_new_set.hpp"
#include "io/ms_rows.hpp"

namespace nocturne {

/// Fills all compulsory subtables and SOURCE; POINTING and FLAG_CMD stay empty.
void fill_subtables(ms::NewSet& set, MsRequest const& request, MsRows const& rows);

}  // namespace nocturne
