// Enters: work that may throw. Leaves: what it threw as an Error, so that ranks can agree on it before any of them goes on.
#pragma once

#include "nocturne/error.hpp"

#include <exception>
#include <new>
#include <optional>

namespace nocturne {

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
    } catch (std::exception const& error) {
        return Error(Code::defect, "unexpected failure", error.what(),
                     "report this as a defect, with the command line");
    }
}

}  // namespace nocturne
