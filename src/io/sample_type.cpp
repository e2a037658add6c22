#include "io/sample_type.hpp"

namespace nocturne {
namespace {

using hdf5::Handle;

Error wrong_type(std::string const& dataset, std::string reason)
{
    return Error(Code::bad_input, dataset + " has the wrong type", std::move(reason),
                 "repair the file or take it out of the group");
}

hid_t native_part(Element element)
{
    switch (element) {
        case Element::complex_f64:
        case Element::f64:
            return H5T_NATIVE_DOUBLE;
        case Element::complex_i16:
            return H5T_NATIVE_INT16;
        case Element::complex_i32:
            return H5T_NATIVE_INT32;
        default:
            return H5T_NATIVE_FLOAT;
    }
}

bool is_little_endian(hid_t type) { return H5Tget_size(type) == 1 || H5Tget_order(type) == H5T_ORDER_LE; }

/// Of one part of a visibility.
Element complex_element(hid_t part, std::string const& dataset)
{
    auto const bytes = H5Tget_size(part);
    if (H5Tget_class(part) == H5T_FLOAT && bytes <= 8) return bytes <= 4 ? Element::complex_f32 : Element::complex_f64;
    if (H5Tget_class(part) != H5T_INTEGER || bytes > 8)
        throw wrong_type(dataset, "its parts are neither floats nor integers of at most 64 bits");
    bool const is_signed = H5Tget_sign(part) == H5T_SGN_2;
    if (bytes == 1 || (bytes == 2 && is_signed)) return Element::complex_i16;
    if (bytes == 2 || (bytes == 4 && is_signed)) return Element::complex_i32;
    return Element::complex_f64;
}

SampleType visibility_type(hid_t type, std::string const& dataset)
{
    int const r = H5Tget_class(type) == H5T_COMPOUND ? H5Tget_member_index(type, "r") : -1;
    int const i = r >= 0 ? H5Tget_member_index(type, "i") : -1;
    if (r < 0 || i < 0 || H5Tget_nmembers(type) != 2) {
        hdf5::take_error_text();
        throw wrong_type(dataset, "a compound of a real and an imaginary part (r, i) is expected");
    }
    Handle const re(H5Tget_member_type(type, static_cast<unsigned>(r)), H5Tclose),
        im(H5Tget_member_type(type, static_cast<unsigned>(i)), H5Tclose);
    if (H5Tequal(re.id(), im.id()) <= 0) throw wrong_type(dataset, "its two parts have different types");
    SampleType sample;
    sample.element = complex_element(re.id(), dataset);
    auto const half = static_cast<std::size_t>(element_bytes(sample.element)) / 2;
    Handle part(H5Tcopy(native_part(sample.element)), H5Tclose);
    sample.memory =
        Handle(hdf5::checked(H5Tcreate(H5T_COMPOUND, 2 * half), "cannot make a type", Code::system), H5Tclose);
    H5Tinsert(sample.memory.id(), "r", 0, part.id());
    H5Tinsert(sample.memory.id(), "i", half, part.id());
    sample.native = H5Tequal(re.id(), part.id()) > 0 && H5Tget_size(type) == 2 * half &&
                    H5Tget_member_offset(type, static_cast<unsigned>(r)) == 0 &&
                    H5Tget_member_offset(type, static_cast<unsigned>(i)) == half;
    return sample;
}

SampleType flag_type(hid_t type, std::string const& dataset)
{
    auto const kind = H5Tget_class(type);
    auto const bytes = H5Tget_size(type);
    bool const number = kind == H5T_ENUM || kind == H5T_INTEGER;
    if (!(number && bytes <= 8) && !(kind == H5T_BITFIELD && bytes == 1))
        throw wrong_type(dataset, "flags are bool or integers of at most 64 bits");
    SampleType sample;
    sample.element = Element::u8;
    sample.native = bytes == 1;
    if (sample.native) {
        sample.memory = Handle(H5Tcopy(type), H5Tclose);
        return sample;
    }
    // HDF5 takes what is too large for one byte to the largest or smallest number of it: what is not 0 stays so.
    Handle const base(kind == H5T_ENUM ? H5Tget_super(type) : H5Tcopy(type), H5Tclose);
    bool const is_signed = H5Tget_sign(base.id()) == H5T_SGN_2;
    sample.memory = Handle(H5Tcopy(is_signed ? H5T_NATIVE_INT8 : H5T_NATIVE_UINT8), H5Tclose);
    return sample;
}

SampleType count_type(hid_t type, std::string const& dataset)
{
    auto const kind = H5Tget_class(type);
    if (kind != H5T_FLOAT && kind != H5T_INTEGER) throw wrong_type(dataset, "a number is expected");
    SampleType sample;
    sample.element = kind == H5T_FLOAT && H5Tget_size(type) == 8 ? Element::f64 : Element::f32;
    sample.memory = Handle(H5Tcopy(native_part(sample.element)), H5Tclose);
    sample.native = kind == H5T_FLOAT && is_little_endian(type) &&
                    H5Tget_size(type) == static_cast<std::size_t>(element_bytes(sample.element));
    return sample;
}

}  // namespace

SampleType sample_type_of(hid_t type, DatasetKind kind, std::string const& dataset)
{
    auto sample = kind == DatasetKind::vis    ? visibility_type(type, dataset)
                  : kind == DatasetKind::flag ? flag_type(type, dataset)
                                              : count_type(type, dataset);
    sample.bytes = H5Tget_size(type);
    return sample;
}

}  // namespace nocturne
