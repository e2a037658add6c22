#include "io/header_fields.hpp"

#include "io/chunk_decoding.hpp"
#include "io/damaged.hpp"
#include "nocturne/utf8.hpp"

#include <algorithm>
#include <cmath>

namespace nocturne::hdf5 {
namespace {

hsize_t count(Shape const& shape)
{
    hsize_t n = 1;
    for (hsize_t extent : shape) {
        if (extent != 0 && n > (hsize_t(1) << 60) / extent) return hsize_t(1) << 60;
        n *= extent;
    }
    return n;
}

/// One element where a scalar is wanted and the file holds an array of one.
bool same(Shape const& got, Shape const& wanted) { return got == wanted || (wanted.empty() && count(got) == 1); }

H5T_class_t type_class(hid_t dataset)
{
    Handle const type(checked(H5Dget_type(dataset), "cannot read a type"), H5Tclose);
    return H5Tget_class(type.id());
}

/// The class of a dataset of numbers; a wider one than any processor has makes HDF5 ask for gigabytes to convert it.
H5T_class_t number_class(hid_t dataset, std::string const& name)
{
    constexpr std::size_t widest = 16;
    Handle const type(checked(H5Dget_type(dataset), "cannot read the type of " + name), H5Tclose);
    auto const bytes = H5Tget_size(type.id());
    if (bytes > widest) throw bad_file(name + " has the wrong type", std::to_string(bytes) + " bytes a number");
    return H5Tget_class(type.id());
}

/// Up to the first zero byte; spaces at the end belong to the text, unless the type is padded with them.
std::string trimmed(std::string text, bool space_padded = false)
{
    text.resize(std::min(text.size(), text.find('\0')));
    while (space_padded && !text.empty() && text.back() == ' ') text.pop_back();
    return text;
}

/// All elements of a dataset, as `memory_type`, to `out`.
void read_all(hid_t dataset, hid_t memory_type, void* out, std::string const& name)
{
    ChunkDecoding const decoding(dataset, name);
    decoding.check_rows(0, H5S_UNLIMITED);
    check_status(H5Dread(dataset, memory_type, H5S_ALL, H5S_ALL, H5P_DEFAULT, out), "cannot read " + name);
}

std::vector<std::string> fixed_texts(hid_t dataset, hid_t type, std::size_t n, std::string const& name)
{
    std::size_t const width = H5Tget_size(type);
    Handle const memory(checked(H5Tcopy(H5T_C_S1), "cannot make a type", Code::system), H5Tclose);
    H5Tset_size(memory.id(), width);
    H5Tset_strpad(memory.id(), H5T_STR_NULLPAD);
    H5Tset_cset(memory.id(), H5Tget_cset(type));
    std::string bytes(n * width, '\0');
    read_all(dataset, memory.id(), bytes.data(), name);
    bool const space_padded = H5Tget_strpad(type) == H5T_STR_SPACEPAD;
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < n; ++i) texts.push_back(trimmed(bytes.substr(i * width, width), space_padded));
    return texts;
}

std::vector<std::string> variable_texts(hid_t dataset, hid_t type, std::size_t n, std::string const& name)
{
    Handle const space(checked(H5Dget_space(dataset), "cannot read " + name), H5Sclose);
    std::vector<char*> pointers(n, nullptr);
    Handle const memory(checked(H5Tcopy(type), "cannot make a type", Code::system), H5Tclose);
    read_all(dataset, memory.id(), pointers.data(), name);
    std::vector<std::string> texts;
    for (char const* p : pointers) texts.push_back(trimmed(p ? p : ""));
    H5Dvlen_reclaim(memory.id(), space.id(), H5P_DEFAULT, pointers.data());
    return texts;
}

}  // namespace

Shape shape_of(hid_t dataset, std::string const& name)
{
    Handle const space(checked(H5Dget_space(dataset), "cannot read the shape of " + name), H5Sclose);
    int const rank = H5Sget_simple_extent_ndims(space.id());
    if (rank < 0 || rank > 8 || H5Sget_simple_extent_type(space.id()) == H5S_NULL)
        throw bad_file(name + " has no usable shape", "null dataspace or more than 8 axes");
    Shape shape(static_cast<std::size_t>(rank));
    if (rank > 0) H5Sget_simple_extent_dims(space.id(), shape.data(), nullptr);
    return shape;
}

std::string text_of(Shape const& shape)
{
    std::string text = "(";
    for (std::size_t i = 0; i < shape.size(); ++i) text += (i ? ", " : "") + std::to_string(shape[i]);
    return text + ")";
}

Fields::Fields(hid_t group, std::string where, std::uint64_t file_bytes)
    : group_(group),
      where_(std::move(where)),
      cap_bytes_(std::min(1024 * mebibyte, std::max(mebibyte, 256 * std::min(file_bytes, mebibyte * mebibyte))))
{}

bool Fields::has_value(std::string const& name) const
{
    if (!has(name)) return false;
    auto const dataset = open_dataset(group_, name);
    Handle const space(checked(H5Dget_space(dataset.id()), "cannot read the shape of " + full_name(name)), H5Sclose);
    return H5Sget_simple_extent_type(space.id()) != H5S_NULL;
}

bool Fields::is_text(std::string const& name) const
{
    return has_value(name) && type_class(open_dataset(group_, name).id()) == H5T_STRING;
}

bool Fields::is_double(std::string const& name) const
{
    if (!has_value(name)) return false;
    auto const dataset = open_dataset(group_, name);
    Handle const type(checked(H5Dget_type(dataset.id()), "cannot read the type of " + full_name(name)), H5Tclose);
    return H5Tget_class(type.id()) == H5T_FLOAT && H5Tget_size(type.id()) == sizeof(double);
}

Shape Fields::shape(std::string const& name) const
{
    if (!has(name)) throw bad_file(full_name(name) + " is missing", "the UVH5 format requires it");
    return shape_of(open_dataset(group_, name).id(), full_name(name));
}

Handle Fields::open(std::string const& name, Shape const& wanted, std::size_t element_bytes) const
{
    if (!has(name)) throw bad_file(full_name(name) + " is missing", "the UVH5 format requires it");
    auto dataset = open_dataset(group_, name);
    auto const shape = shape_of(dataset.id(), full_name(name));
    if (!same(shape, wanted))
        throw bad_file(full_name(name) + " has the wrong shape",
                       text_of(shape) + " where " + text_of(wanted) + " is expected");
    if (count(shape) > cap_bytes_ / element_bytes)
        throw bad_file(full_name(name) + " declares too many bytes",
                       std::to_string(count(shape)) + " elements in a file that cannot hold them");
    return dataset;
}

std::vector<double> Fields::any_numbers(std::string const& name, Shape const& wanted) const
{
    auto const dataset = open(name, wanted, sizeof(double));
    auto const kind = number_class(dataset.id(), full_name(name));
    if (kind != H5T_FLOAT && kind != H5T_INTEGER)
        throw bad_file(full_name(name) + " has the wrong type", "not a number");
    std::vector<double> values(count(wanted));
    read_all(dataset.id(), H5T_NATIVE_DOUBLE, values.data(), full_name(name));
    return values;
}

std::vector<double> Fields::numbers(std::string const& name, Shape const& wanted) const
{
    auto values = any_numbers(name, wanted);
    for (std::size_t i = 0; i < values.size(); ++i)
        if (!std::isfinite(values[i]))
            throw bad_file(full_name(name) + " holds a value that is not finite", "element " + std::to_string(i));
    return values;
}

std::vector<std::int64_t> Fields::integers(std::string const& name, Shape const& wanted) const
{
    auto const dataset = open(name, wanted, sizeof(std::int64_t));
    if (number_class(dataset.id(), full_name(name)) != H5T_INTEGER)
        throw bad_file(full_name(name) + " has the wrong type", "not an integer");
    std::vector<std::int64_t> values(count(wanted));
    read_all(dataset.id(), H5T_NATIVE_INT64, values.data(), full_name(name));
    return values;
}

std::vector<std::string> Fields::texts(std::string const& name, Shape const& wanted) const
{
    auto const dataset = open(name, wanted, sizeof(char*));
    Handle const type(checked(H5Dget_type(dataset.id()), "cannot read the type of " + full_name(name)), H5Tclose);
    if (H5Tget_class(type.id()) != H5T_STRING) throw bad_file(full_name(name) + " has the wrong type", "not a string");
    auto const n = count(wanted);
    bool const variable = H5Tis_variable_str(type.id()) > 0;
    if (!variable && H5Tget_size(type.id()) > cap_bytes_ / std::max<hsize_t>(n, 1))
        throw bad_file(full_name(name) + " declares too many bytes", "a string longer than the file");
    auto all = variable ? variable_texts(dataset.id(), type.id(), n, full_name(name))
                        : fixed_texts(dataset.id(), type.id(), n, full_name(name));
    for (auto& text : all) text = as_utf8(std::move(text));
    return all;
}

double Fields::number(std::string const& name) const { return numbers(name, {}).front(); }
std::int64_t Fields::integer(std::string const& name) const { return integers(name, {}).front(); }
std::string Fields::text(std::string const& name) const { return texts(name, {}).front(); }

}  // namespace nocturne::hdf5
