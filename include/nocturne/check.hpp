// Contracts. NOCT_CHECK always holds on the host and throws; NOCT_EXPECT (entry) and NOCT_ENSURE (exit) are compiled in
// debug builds only, on host and device.
#pragma once

#include "nocturne/error.hpp"

#include <cassert>

#if defined(__CUDACC__)
#    define NOCT_HD __host__ __device__
#    define NOCT_INLINE __host__ __device__ __forceinline__
#else
#    define NOCT_HD
#    define NOCT_INLINE inline __attribute__((always_inline))
#endif

namespace nocturne::detail {
[[noreturn]] inline void check_failed(const char* condition, const char* file, int line, std::string const& message)
{
    throw Error(Code::defect, message,
                std::string(condition) + " does not hold at " + file + ":" + std::to_string(line),
                "report this as a defect, with the command line");
}
}  // namespace nocturne::detail

/// Always checked: a violated contract is a defect of ours (exit 1), said with file and line.
#define NOCT_CHECK(condition, message)                                                                 \
    do {                                                                                               \
        if (!(condition)) ::nocturne::detail::check_failed(#condition, __FILE__, __LINE__, (message)); \
    } while (false)

#if defined(NOCTURNE_DEBUG)
#    define NOCT_EXPECT(condition) assert(condition)
#    define NOCT_ENSURE(condition) assert(condition)
#else
#    define NOCT_EXPECT(condition) ((void)0)
#    define NOCT_ENSURE(condition) ((void)0)
#endif
