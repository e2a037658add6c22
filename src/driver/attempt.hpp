// Enters: work that may throw. Leaves: what it threw as an Error, so that ranks can agree on it before any of them goes on.
#pragma once

#include "nocturne/error.hpp"

#include <exception>
#include <filesystem>
#include <new>
#include <optional>
#include <system_error>

namespace nocturne {

/// What std::filesystem refuses, as an Error with the code that fits: a path that is not there, one that may not be used, a disk.
inline Error from_file_system(std::filesystem::filesystem_error const& error)
{
    auto const& why = error.code();
    auto const path = error.path1().string();
    if (why == std::errc::no_such_file_or_directory || why == std::errc::not_a_directory)
        return Error(Code::input_missing, "cannot use " + path, why.message(), "check the path");
    if (why == std::errc::permission_denied || why == std::errc::operation_not_permitted ||
        why == std::errc::read_only_file_system)
        return Error(Code::cannot_create, "cannot use " + path, why.message(), "check its permissions");
    return Error(Code::io, "cannot use " + path, why.message(), "check the file system");
}

template<class Work>
std::optional<Error> attempt(Work const& work)
{
    try {
        work();
        return std::nullopt;
    } catch (Error const& error) {
        return error;
    } catch (std::bad_alloc const&) {
        return Error(Code::system, "out of memory", "the host has no more",
                     "use more ranks per group or a smaller image");
    } catch (std::filesystem::filesystem_error const& error) {
        return from_file_system(error);
    } catch (std::exception const& error) {
        return Error(Code::defect, "unexpected failure", error.what(),
                     "report this as a defect, with the command line");
    }
}

}  // namespace nocturne
