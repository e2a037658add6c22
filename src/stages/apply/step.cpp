#include "stages/apply/step.hpp"

#include "nocturne/units.hpp"

#include <cmath>

namespace nocturne {

Step::Step(Solution const& before, Solution const& after, Index n_hands, Index n_channels)
    : n_channels_(static_cast<std::size_t>(n_channels))
{
    auto const common = common_turns(before, after, n_hands);
    lines_.reserve(before.gain.size());
    for (std::size_t first = 0; first < before.gain.size(); first += n_channels_) {
        auto const* const of_hand = &common[first % common.size()];
        auto const turns = own_turns(&before.gain[first], &after.gain[first], of_hand);
        for (std::size_t c = 0; c < n_channels_; ++c)
            lines_.push_back(line(before.gain[first + c], after.gain[first + c], turns[c], of_hand[c]));
    }
}

std::vector<Step::Common> Step::common_turns(Solution const& before, Solution const& after, Index n_hands) const
{
    std::vector<Common> all(static_cast<std::size_t>(n_hands) * n_channels_);
    for (std::size_t k = 0; k < before.gain.size(); ++k) {
        Complex const a = before.gain[k], b = after.gain[k], z = b * std::conj(a);
        auto& common = all[k % all.size()];
        common.before += a != 0.0;
        common.after += b != 0.0;
        if (!(std::abs(z) > 0)) continue;
        common.turn += z / std::abs(z);
        common.both += 1;
    }
    for (auto& common : all) common.turn = std::abs(common.turn) > 0 ? common.turn / std::abs(common.turn) : Complex(1);
    for (std::size_t k = n_channels_; k < all.size(); ++k) {
        double const wrapped = std::arg(all[k].turn * std::conj(all[k % n_channels_].turn));
        double const last = k % n_channels_ > 0 ? all[k - 1].against_first : wrapped;
        all[k].against_first = wrapped + 2 * pi * std::round((last - wrapped) / (2 * pi));
    }
    return all;
}

std::vector<double> Step::own_turns(Complex const* before, Complex const* after, Common const* common) const
{
    std::vector<double> turns(n_channels_, 0);
    double last = 0, sum = 0, count = 0;
    for (std::size_t c = 0; c < n_channels_; ++c) {
        Complex const z = after[c] * std::conj(before[c] * common[c].turn);
        if (!(std::abs(z) > 0)) continue;
        double const wrapped = std::arg(z);
        last = count > 0 ? wrapped + 2 * pi * std::round((last - wrapped) / (2 * pi)) : wrapped;
        turns[c] = last;
        sum += last;
        count += 1;
    }
    double const whole = count > 0 ? 2 * pi * std::round(sum / count / (2 * pi)) : 0;
    for (double& turn : turns) turn -= whole;
    return turns;
}

Step::Line Step::line(Complex before, Complex after, double own_turn, Common const& common)
{
    double const a = std::abs(before), b = std::abs(after);
    std::uint8_t const always = first_half | second_half;
    if (a > 0 && b > 0) return {a, b - a, std::arg(before), own_turn + common.against_first, always};
    if (!(a > 0) && !(b > 0)) return {};
    bool const early = a > 0;
    if (common.both > 0)
        return {early ? a : b, 0, early ? std::arg(before) : std::arg(after * std::conj(common.turn)),
                common.against_first, always};
    bool const alone = common.before == 0 || common.after == 0;
    return {early ? a : b, 0, std::arg(early ? before : after), 0, alone ? always : early ? first_half : second_half};
}

}  // namespace nocturne
