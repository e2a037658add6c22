// What this machine can do, measured once per program on one core: the yardstick of every benchmark.
#pragma once

#include "nocturne/device.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>

namespace nocturne::bench {

inline double seconds()
{
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// Bytes per second of reading memory once, best of 5 over 512 MiB.
inline double read_bandwidth()
{
    static double const rate = [] {
        Buffer<std::int64_t> memory(make_device("kokkos"), Index(64) << 20);
        memory.clear();
        double best = 0;
        for (int repeat = 0; repeat < 5; ++repeat) {
            double const start = seconds();
            std::int64_t sum[8] = {};
            std::int64_t const* at = memory.data();
            for (Index i = 0; i < memory.size(); i += 8)
                for (int k = 0; k < 8; ++k) sum[k] += at[i + k];
            std::int64_t volatile keep = sum[0] + sum[1] + sum[2] + sum[3] + sum[4] + sum[5] + sum[6] + sum[7];
            (void)keep;
            best = std::max(best, static_cast<double>(memory.bytes()) / (seconds() - start));
        }
        return best;
    }();
    return rate;
}

/// Single-precision fused multiply-adds, as flops per second, best of 5: 16 independent chains of 8 lanes.
inline double peak_flops()
{
    static double const rate = [] {
        typedef float Lanes __attribute__((vector_size(32)));
        double best = 0;
        for (int repeat = 0; repeat < 5; ++repeat) {
            Lanes chain[12], factor, term;
            for (int l = 0; l < 8; ++l) factor[l] = 0.999F, term[l] = 1e-3F;
            for (auto& c : chain) c = term;
            int const rounds = 4'000'000;
            double const start = seconds();
            for (int i = 0; i < rounds; ++i)
                for (auto& c : chain) c = c * factor + term;
            double const elapsed = seconds() - start;
            Lanes total = chain[0];
            for (auto const& c : chain) total += c;
            float volatile keep = total[0];
            (void)keep;
            best = std::max(best, 2.0 * 8 * 12 * rounds / elapsed);
        }
        return best;
    }();
    return rate;
}

}  // namespace nocturne::bench
