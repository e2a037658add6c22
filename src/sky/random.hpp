// Random numbers that depend on their place alone: (seed, stream, integration, baseline, …), never on the order in which
// rows are made. Enters: keys. Leaves: uniform and normal deviates, the same on every machine.
#pragma once

#include "nocturne/view.hpp"

#include <cstdint>
#include <initializer_list>

namespace nocturne {

/// SplitMix64 (Steele, Lea & Flood 2014): one step of the state, and the scrambled output.
inline std::uint64_t split_mix(std::uint64_t& state)
{
    std::uint64_t z = (state += 0x9e3779b97f4a7c15ULL);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
}

/// A sequence for each list of keys.
class Random {
public:
    explicit Random(std::initializer_list<std::uint64_t> keys)
    {
        for (auto key : keys) state_ = split_mix(state_) ^ (key * 0xff51afd7ed558ccdULL);
        split_mix(state_);
    }
    std::uint64_t bits() { return split_mix(state_); }
    double uniform() { return static_cast<double>(bits() >> 11) * 0x1p-53; }  ///< [0, 1)
    double uniform(double low, double high) { return low + (high - low) * uniform(); }
    Index below(Index n) { return static_cast<Index>(bits() % static_cast<std::uint64_t>(n)); }
    double normal();  ///< Box-Muller, double precision

private:
    std::uint64_t state_ = 0x853c49e6748fea9bULL;
};

/// Fills out[n] with standard normal deviates (single precision, out to 6.6 σ) from the sequence of `random`: Box-Muller on
/// eight lanes of xoshiro128++ (Blackman & Vigna 2021).
void fill_normal(Random& random, float* out, Index n);

}  // namespace nocturne
