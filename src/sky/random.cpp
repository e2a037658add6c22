// Loops over the streams vectorise: no table, no rejection, polynomials for the logarithm and the sine.
#include "sky/random.hpp"

#include "nocturne/units.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace nocturne {
namespace {

constexpr int streams = 8;

struct Generator {
    std::uint32_t s[4][streams];

    explicit Generator(Random& random)
    {
        for (auto& row : s)
            for (auto& word : row) word = static_cast<std::uint32_t>(random.bits() >> 32);
    }
    void next(std::uint32_t* out)
    {
        for (int l = 0; l < streams; ++l) {
            out[l] = std::rotl(s[0][l] + s[3][l], 7) + s[0][l];
            std::uint32_t const t = s[1][l] << 9;
            s[2][l] ^= s[0][l];
            s[3][l] ^= s[1][l];
            s[1][l] ^= s[2][l];
            s[0][l] ^= s[3][l];
            s[2][l] ^= t;
            s[3][l] = std::rotl(s[3][l], 11);
        }
    }
};

/// ln x for normal x > 0, relative error 1e-7.
inline float logarithm(float x)
{
    std::int32_t const bits = std::bit_cast<std::int32_t>(x);
    std::int32_t const exponent = (bits - 0x3f3504f3) >> 23;  // mantissa in [√½, √2)
    float const m = std::bit_cast<float>(bits - exponent * (1 << 23));
    float const z = (m - 1) / (m + 1), z2 = z * z;
    float const series = z * (2 + z2 * (2.F / 3 + z2 * (2.F / 5 + z2 * (2.F / 7 + z2 * (2.F / 9)))));
    return series + static_cast<float>(exponent) * 0.693147181F;
}

/// sin(2π t), |t| ≤ 1/4.
inline float sine_of_turn(float t)
{
    float const x = t * static_cast<float>(2 * pi), x2 = x * x;
    return x *
           (1 + x2 * (-1.F / 6 + x2 * (1.F / 120 + x2 * (-1.F / 5040 + x2 * (1.F / 362880 - x2 * (1.F / 39916800))))));
}

}  // namespace

double Random::normal()
{
    double const radius = std::sqrt(-2 * std::log(1 - uniform()));
    return radius * std::cos(2 * pi * uniform());
}

void fill_normal(Random& random, float* out, Index n)
{
    Generator generator(random);
    for (Index i = 0; i < n; i += 2 * streams) {
        std::uint32_t a[streams], b[streams];
        float pair[2 * streams];
        generator.next(a);
        generator.next(b);
        for (int l = 0; l < streams; ++l) {
            float const u = (static_cast<float>(static_cast<std::int32_t>(a[l] >> 1)) + 0.5F) * 0x1p-31F;  // (0, 1]
            float const t = static_cast<float>(static_cast<std::int32_t>(b[l])) * 0x1p-32F;  // [−1/2, 1/2]
            float const radius = std::sqrt(-2 * logarithm(u < 1 ? u : 0.99999994F));
            float const fold = t < 0 ? -t : t;
            float const quarter = fold - 0.25F;
            pair[l] = radius * sine_of_turn(0.25F - fold);  // cosine of the turn
            pair[streams + l] = radius * std::copysign(sine_of_turn(0.25F - (quarter < 0 ? -quarter : quarter)), t);
        }
        std::copy_n(pair, std::min<Index>(2 * streams, n - i), out + i);
    }
}

}  // namespace nocturne
