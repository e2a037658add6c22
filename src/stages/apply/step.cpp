#include "stages/apply/step.hpp"

#include "nocturne/units.hpp"

#include <algorithm>
#include <cmath>

namespace nocturne {
namespace {

/// The nearest channel of each that is known, the lower of two; itself where none is.
std::vector<std::size_t> nearest_known(std::vector<bool> const& known)
{
    std::size_t const n = known.size();
    std::vector<std::size_t> nearest(n);
    for (std::size_t c = 0; c < n; ++c) nearest[c] = c;
    if (std::find(known.begin(), known.end(), true) == known.end()) return nearest;
    for (std::size_t c = 0; c < n; ++c)
        for (std::size_t away = 0; !known[nearest[c]]; ++away) {
            if (away <= c && known[c - away])
                nearest[c] = c - away;
            else if (c + away < n && known[c + away])
                nearest[c] = c + away;
        }
    return nearest;
}

}  // namespace

Step::Step(Solution const& before, Solution const& after, Index n_hands, Index n_channels)
    : n_channels_(static_cast<std::size_t>(n_channels))
{
    auto const common = common_turns(before, after, n_hands);
    std::vector<Own> own(before.gain.size());
    for (std::size_t first = 0; first < own.size(); first += n_channels_)
        own_steps(&before.gain[first], &after.gain[first], &common[first % common.size()], &own[first]);
    fill_gaps(common, own);
    lines_.reserve(own.size());
    for (std::size_t k = 0; k < own.size(); ++k)
        lines_.push_back(line(before.gain[k], after.gain[k], own[k], common[k % common.size()]));
}

std::vector<Step::Common> Step::common_turns(Solution const& before, Solution const& after, Index n_hands)
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
    for (std::size_t first = 0; first < all.size(); first += n_channels_) {
        double lengths = 0, pairs = 0;
        for (std::size_t c = 0; c < n_channels_; ++c) {
            auto& common = all[first + c];
            double const length = std::abs(common.turn);
            lengths += length;
            pairs += static_cast<double>(common.both);
            common.turn = length > 0 ? common.turn / length : Complex(1);
        }
        if (pairs > 0) agreement_ = std::min(agreement_, lengths / pairs);
    }
    std::vector<bool> known(n_channels_);
    for (std::size_t first = 0; first < all.size(); first += n_channels_) {
        for (std::size_t c = 0; c < n_channels_; ++c) known[c] = all[first + c].both > 0;
        auto const nearest = nearest_known(known);
        for (std::size_t c = 0; c < n_channels_; ++c) {
            all[first + c] = all[first + nearest[c]];
            all[first + c].channel = nearest[c];
        }
    }
    for (std::size_t k = n_channels_; k < all.size(); ++k) {
        double const wrapped = std::arg(all[k].turn * std::conj(all[k % n_channels_].turn));
        double const last = k % n_channels_ > 0 ? all[k - 1].against_first : wrapped;
        all[k].against_first = wrapped + 2 * pi * std::round((last - wrapped) / (2 * pi));
    }
    return all;
}

void Step::own_steps(Complex const* before, Complex const* after, Common const* common, Own* own) const
{
    double last = 0, sum = 0, count = 0;
    for (std::size_t c = 0; c < n_channels_; ++c) {
        Complex const z = after[c] * std::conj(before[c] * common[c].turn);
        if (!(std::abs(z) > 0)) continue;
        double const wrapped = std::arg(z);
        last = count > 0 ? wrapped + 2 * pi * std::round((last - wrapped) / (2 * pi)) : wrapped;
        own[c] = {last, std::abs(after[c]) / std::abs(before[c]), true};
        sum += last;
        count += 1;
    }
    double const whole = count > 0 ? 2 * pi * std::round(sum / count / (2 * pi)) : 0;
    for (std::size_t c = 0; c < n_channels_; ++c)
        if (own[c].known) own[c].turn -= whole;
}

/// The mean turn of two channels is one of different antennas where some are missing: what those that are in both channels turn between them is
/// taken off.
void Step::fill_gaps(std::vector<Common> const& common, std::vector<Own>& own) const
{
    auto const between = [&](std::size_t hand, std::size_t from, std::size_t to) {
        double sum = 0, count = 0;
        for (std::size_t first = hand; first < own.size(); first += common.size())
            if (own[first + from].known && own[first + to].known)
                sum += own[first + from].turn - own[first + to].turn, count += 1;
        return count > 0 ? sum / count : 0;
    };
    std::vector<bool> known(n_channels_);
    auto filled = own;
    for (std::size_t first = 0; first < own.size(); first += n_channels_) {
        auto const hand = first % common.size();
        for (std::size_t c = 0; c < n_channels_; ++c) known[c] = own[first + c].known;
        auto const nearest = nearest_known(known);
        for (std::size_t c = 0; c < n_channels_; ++c) {
            if (nearest[c] == c) continue;
            filled[first + c] = own[first + nearest[c]];
            filled[first + c].turn -= between(hand, nearest[c], common[hand + c].channel);
        }
    }
    own = std::move(filled);
}

Step::Line Step::line(Complex before, Complex after, Own own, Common const& common)
{
    double const a = std::abs(before), b = std::abs(after);
    std::uint8_t const always = first_half | second_half;
    double const turn = own.turn + common.against_first;
    if (a > 0 && b > 0) return {a, b - a, std::arg(before), turn, always};
    if (!(a > 0) && !(b > 0)) return {};
    bool const early = a > 0;
    if (common.both == 0) {
        bool const alone = common.before == 0 || common.after == 0;
        return {early ? a : b, 0, std::arg(early ? before : after), 0,
                alone   ? always
                : early ? first_half
                        : second_half};
    }
    if (early) return {a, a * (own.ratio - 1), std::arg(before), turn, always};
    return {b / own.ratio, b - b / own.ratio, std::arg(after * std::conj(common.turn)) - own.turn, turn, always};
}

}  // namespace nocturne
