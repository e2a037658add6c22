// Which tiles of the lattice a set of points touches. Enters: sizes and scales, positions. Leaves: the two maps of Lattice.
#pragma once

#include "kernels/shared/lattice.hpp"

#include <vector>

namespace nocturne {

struct TouchedTiles {
    std::vector<std::int32_t> column;  ///< [(n/8)²]: number of the column of tiles or −1
    std::vector<std::int32_t> tile;    ///< [columns × n_planes]: number of the tile or −1
    Index n_tiles = 0;
};

/// Walks every line; between two changes of tile or plane it leaps, so the cost goes with the tiles crossed, not with the
/// points. Tiles are numbered by column, then plane.
TouchedTiles find_touched_tiles(Lattice const& lattice, NodeGeometry const& points);

}  // namespace nocturne
