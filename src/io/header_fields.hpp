// Typed, checked reading of the items of one HDF5 group. Enters: an open group and the size of its file. Leaves: finite
// numbers and strings of the wanted shape, or an Error that names the item.
#pragma once

#include "io/hdf5.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace nocturne::hdf5 {

using Shape = std::vector<hsize_t>;
constexpr std::uint64_t mebibyte = 1U << 20;

/// Extents of a dataset; {} for a scalar. Error(bad_input) where the dataspace is null or has more than 8 axes.
Shape shape_of(hid_t dataset, std::string const& name);
std::string text_of(Shape const& shape);  ///< "(24, 3)"

/// The items of a group, by name. Every getter throws Error(bad_input) naming the item: absent, of another type, of
/// another shape, not finite, or larger than the cap on declared bytes (a small file can declare gigabytes).
class Fields {
public:
    Fields(hid_t group, std::string where, std::uint64_t file_bytes);

    bool has(std::string const& name) const { return hdf5::has(group_, name); }
    /// As `has`, and not None as pyuvdata writes it (a null dataspace).
    bool has_value(std::string const& name) const;
    bool is_text(std::string const& name) const;    ///< there, with a value, and a string
    bool is_double(std::string const& name) const;  ///< there, and floats of 64 bits
    hid_t group() const { return group_; }
    Shape shape(std::string const& name) const;

    double number(std::string const& name) const;
    std::int64_t integer(std::string const& name) const;
    std::string text(std::string const& name) const;  ///< scalar or one element, fixed or variable length
    std::vector<double> numbers(std::string const& name, Shape const& wanted) const;
    /// As they are, those that are not finite too.
    std::vector<double> any_numbers(std::string const& name, Shape const& wanted) const;
    std::vector<std::int64_t> integers(std::string const& name, Shape const& wanted) const;
    std::vector<std::string> texts(std::string const& name, Shape const& wanted) const;

    /// "Header/time_array": how errors name an item.
    std::string full_name(std::string const& name) const { return where_ + "/" + name; }

private:
    Handle open(std::string const& name, Shape const& wanted, std::size_t element_bytes) const;

    hid_t group_;
    std::string where_;
    std::uint64_t cap_bytes_;
};

}  // namespace nocturne::hdf5
