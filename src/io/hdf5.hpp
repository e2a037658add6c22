// HDF5 handles that close themselves and return codes that become Errors. Enters: an identifier or a return code of the C
// library. Leaves: an owner, or an Error that carries HDF5's own words. For src/io alone.
#pragma once

#include "nocturne/error.hpp"

#include <hdf5.h>

#include <string>
#include <utility>

namespace nocturne::hdf5 {

/// Starts the library once: no exit handler (it crashes after a failed close), no plug-ins from the environment, no error
/// stack on stderr. Call before any other call of the library, on each thread that uses it.
void start();

/// The innermost and outermost message of this thread's error stack, which is emptied.
std::string take_error_text();

/// Owns one identifier of any class.
class Handle {
public:
    using Closer = herr_t (*)(hid_t);
    Handle() = default;
    Handle(hid_t id, Closer closer) : id_(id), closer_(closer) {}
    Handle(Handle&& other) noexcept { swap(other); }
    Handle& operator=(Handle&& other) noexcept
    {
        swap(other);
        return *this;
    }
    Handle(Handle const&) = delete;
    Handle& operator=(Handle const&) = delete;
    ~Handle()
    {
        if (id_ >= 0 && closer_) closer_(id_);
    }

    hid_t id() const { return id_; }
    explicit operator bool() const { return id_ >= 0; }
    /// Closes now; false where the library could not (a file that could not be flushed).
    bool close()
    {
        bool const good = id_ < 0 || closer_(id_) >= 0;
        id_ = -1;
        return good;
    }
    void swap(Handle& other) noexcept
    {
        std::swap(id_, other.id_);
        std::swap(closer_, other.closer_);
    }

private:
    hid_t id_ = -1;
    Closer closer_ = nullptr;
};

/// `id` if the call succeeded, else Error(code): problem `what`, reason HDF5's own words.
hid_t checked(hid_t id, std::string const& what, Code code = Code::bad_input);
void check_status(herr_t status, std::string const& what, Code code = Code::bad_input);

/// Closes a dataset or file that was written: what the library still held goes to the medium now. Error(io) where it could not.
void finish(Handle& handle, std::string const& what);

/// How our files' datasets are created: without the time of day, so that the same data are the same bytes.
Handle dataset_properties(std::string const& what);

/// Opens an existing file for reading, without locks. Error(input_missing) where it does not exist or may not be read,
/// Error(bad_input) where it is empty, truncated or not HDF5.
Handle open_for_reading(std::string const& path);

/// Opens a dataset below `parent`; every link on the way must be a hard link inside this file. Error(bad_input).
Handle open_dataset(hid_t parent, std::string const& name);
Handle open_group(hid_t parent, std::string const& name);

/// True where `name` (no slash) is a hard link of `parent`. Error(bad_input) where it is a soft, external or user-defined
/// link: those are refused, because they lead elsewhere.
bool has(hid_t parent, std::string const& name);

}  // namespace nocturne::hdf5
