// Radices and twiddles of the host's transforms; which lengths they take.
#include "kernels/kokkos/fft_plan.hpp"

#include "kernels/fft.hpp"
#include "nocturne/units.hpp"

#include <map>
#include <mutex>

namespace nocturne {
namespace {

/// Eights first, then 4 or 2 for what is left of the twos, then fives and threes.
std::vector<int> radices(Index n)
{
    std::vector<int> found;
    int twos = 0;
    for (; n % 2 == 0; n /= 2) ++twos;
    while (twos >= 3 && twos != 4) {
        found.push_back(8);
        twos -= 3;
    }
    for (; twos >= 2; twos -= 2) found.push_back(4);
    if (twos == 1) found.push_back(2);
    for (int radix : {5, 3})
        for (; n % radix == 0; n /= radix) found.push_back(radix);
    NOCT_CHECK(n == 1, "fft: this length has a factor other than 2, 3 and 5");
    return found;
}

FftPlan make_plan(Index n)
{
    FftPlan plan;
    plan.n = n;
    Index length = n;
    for (int radix : radices(n)) {
        plan.steps.push_back({radix, static_cast<Index>(plan.twiddles.size())});
        for (Index q = 0; q < length / radix; ++q)
            for (int j = 1; j < radix; ++j) {
                double const angle = -2 * pi * static_cast<double>(q * j % length) / static_cast<double>(length);
                plan.twiddles.push_back(static_cast<float>(std::cos(angle)));
                plan.twiddles.push_back(static_cast<float>(std::sin(angle)));
            }
        length /= radix;
    }
    return plan;
}

}  // namespace

FftPlan const& fft_plan(Index n)
{
    static std::mutex guard;
    static std::map<Index, FftPlan> plans;
    std::lock_guard const lock(guard);
    auto found = plans.find(n);
    if (found == plans.end()) found = plans.emplace(n, make_plan(n)).first;
    return found->second;
}

bool is_fft_length(Index n)
{
    if (n <= 0 || n % tile_cells != 0) return false;
    for (int factor : {2, 3, 5})
        while (n % factor == 0) n /= factor;
    return n == 1;
}

Index next_fft_length(Index n)
{
    n = (n + tile_cells - 1) / tile_cells * tile_cells;
    while (!is_fft_length(n)) n += tile_cells;
    return n;
}

int fft_passes(Index n) { return static_cast<int>(radices(n).size()); }

}  // namespace nocturne
