// Sums of integers whose order does not matter: one atomic addition, on host and device.
#pragma once

#include "nocturne/check.hpp"

#include <atomic>
#include <cstdint>

namespace nocturne {

/// *sum += value, visible to all threads of the launch when it ends; on CUDA one reduction without a return value.
NOCT_INLINE void add_atomically(std::int64_t* sum, std::int64_t value)
{
#if defined(__CUDA_ARCH__)
    atomicAdd(reinterpret_cast<unsigned long long*>(sum), static_cast<unsigned long long>(value));
#else
    std::atomic_ref<std::int64_t>(*sum).fetch_add(value, std::memory_order_relaxed);
#endif
}

NOCT_INLINE void add_atomically(std::int32_t* sum, std::int32_t value)
{
#if defined(__CUDA_ARCH__)
    atomicAdd(sum, value);
#else
    std::atomic_ref<std::int32_t>(*sum).fetch_add(value, std::memory_order_relaxed);
#endif
}

/// The nearest integer, halves to even; |value| < 2^62.
NOCT_INLINE std::int64_t round_to_int64(float value)
{
#if defined(__CUDA_ARCH__)
    return __float2ll_rn(value);
#else
    return static_cast<std::int64_t>(__builtin_rintf(value));
#endif
}

}  // namespace nocturne
