// The type of the samples of a dataset. Enters: an HDF5 type. Leaves: how its elements are handed out, and whether the stored
// bytes are those already. For src/io alone.
#pragma once

#include "io/hdf5.hpp"
#include "nocturne/chunk_batch.hpp"

#include <string>

namespace nocturne {

struct SampleType {
    Element element = Element::complex_f32;
    bool native = false;    ///< the stored bytes are elements
    hdf5::Handle memory;    ///< for H5Dread
    std::size_t bytes = 0;  ///< of a stored element
};

/// visdata: a compound of r and i, both floats or both integers of one size, in either order and byte order. Floats of 16 bits
/// become 32; integers of 8 bits 16, unsigned ones the next larger signed ones; wider than 32 bits: double. flags: one
/// byte (bool, an enum; or an integer, of which any bit counts). nsamples: any number. Throws Error(bad_input) naming `dataset`.
SampleType sample_type_of(hid_t type, DatasetKind kind, std::string const& dataset);

}  // namespace nocturne
