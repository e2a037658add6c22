// A sum Σ w V conj(M) less conj(g1) g2 Σ w |M|², over the root of Σ w |M|², is noise of one variance, whatever the baseline, where the model holds.
// The second difference of three such, three channels apart, is noise of six times that variance, and what turns slowly along the band drops out.
#include "stages/solve/unexplained.hpp"

#include "nocturne/median.hpp"

#include <cmath>

namespace nocturne {
namespace {

constexpr double least_left = 1e-7;    // of the power: below, sums of floats are what is left
constexpr double least_of_some = 200;  // triples of sixteen channels
constexpr double least_of_all = 2000;  // triples of a hand: the ratio is known to 5 %

}  // namespace

void Unexplained::add(float const (&plane)[5][channels], float const (&gain)[2][channels])
{
    float re[channels], im[channels], model[channels];
    for (Index k = 0; k < channels; ++k) {
        float const power = plane[2][k], gr = gain[0][k], gi = gain[1][k];
        model[k] = (gr * gr + gi * gi) * power;
        float const by = model[k] > 0 ? 1 / std::sqrt(power) : 0.F;
        re[k] = by * (plane[0][k] - gr * power);
        im[k] = by * (plane[1][k] - gi * power);
    }
    float left = 0, noise = 0, power = 0, count = 0;
    for (Index k = 0; k < triples; ++k) {
        Index const m = k + apart, n = m + apart;
        float const used = model[k] > 0 && model[m] > 0 && model[n] > 0 ? 1.F : 0.F;
        float const dr = re[k] - 2 * re[m] + re[n], di = im[k] - 2 * im[m] + im[n];
        noise += used * (dr * dr + di * di);
        left += used * (re[m] * re[m] + im[m] * im[m]);
        power += used * model[m];
        count += used;
    }
    left_ += static_cast<double>(left), noise_ += static_cast<double>(noise) / 6;
    model_ += static_cast<double>(power), count_ += static_cast<double>(count);
}

LeftOver Unexplained::tell() const
{
    if (count_ < least_of_some || !(noise_ > 0) || !(left_ > least_left * model_)) return {};
    return {left_ / noise_, std::max(0.0, left_ - noise_) / model_, count_};
}

std::vector<LeftOver> left_of_hands(Gains const& gains)
{
    std::vector<LeftOver> hands;
    for (Index p = 0; p < gains.n_hands; ++p) {
        std::vector<double> ratios, shares;
        double count = 0;
        for (Index c = 0; c < gains.n_columns; ++c) {
            auto const& some = gains.left[static_cast<std::size_t>(p * gains.n_columns + c)];
            if (some.ratio == 0) continue;
            ratios.push_back(some.ratio), shares.push_back(some.share);
            count += some.count;
        }
        bool const known = count >= least_of_all;
        hands.push_back(known ? LeftOver{median_of(ratios), median_of(shares), count} : LeftOver{});
    }
    return hands;
}

}  // namespace nocturne
