// Files made to hurt whoever reads them. Leaves: a list of constructs, each with how it is made from a good file, and the words that
// its refusal must hold.
#pragma once

#include <hdf5.h>

#include <functional>
#include <string>
#include <vector>

namespace nocturne::test {

struct Hostile {
    std::string name;
    std::function<void(hid_t file)> change;  ///< of a good small subband, open for writing
    std::vector<std::string> words;          ///< of the refusal: the item, and why
};

std::vector<Hostile> hostile_links();
std::vector<Hostile> hostile_objects();
std::vector<Hostile> hostile_places();
std::vector<Hostile> hostile_sizes();
std::vector<Hostile> hostile_filters();
std::vector<Hostile> hostile_sample_types();
std::vector<Hostile> hostile_header_types();
std::vector<Hostile> hostile_shapes();
std::vector<Hostile> hostile_values();
std::vector<Hostile> hostile_repetitions();
std::vector<Hostile> hostile_absences();

}  // namespace nocturne::test
