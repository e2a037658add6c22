#include "stages/apply/step.hpp"

#include "nocturne/units.hpp"
#include "stages/apply/hand_turn.hpp"

#include <algorithm>
#include <cmath>

namespace nocturne {
namespace {

using Complex = std::complex<double>;

/// Unit phasor from one gain to the other; 0 where one is missing.
Complex turn_of(Complex before, Complex after)
{
    Complex const z = after * std::conj(before);
    return std::abs(z) > 0 ? z / std::abs(z) : 0;
}

}  // namespace

void StepDoubts::join(StepDoubts const& other)
{
    agreement = std::min(agreement, other.agreement);
    strays += other.strays;
    unclear.insert(other.unclear.begin(), other.unclear.end());
}

Step::Step(Solution const& before, Solution const& after, Index n_hands, BandLine const& band)
    : n_hands_(static_cast<std::size_t>(n_hands)), n_channels_(band.n_channels()), common_(n_hands_ * n_channels_)
{
    for (std::size_t hand = 0; hand < n_hands_; ++hand) add_hand(before, after, hand, band);
    against_first_hand(band);
    lines_.reserve(before.gain.size());
    for (std::size_t first = 0; first < before.gain.size(); first += n_channels_) {
        std::size_t const row = first / n_channels_, hand = row % n_hands_, antenna = row / n_hands_;
        Common const* const common = &common_[hand * n_channels_];
        auto const own =
            own_steps(&before.gain[first], &after.gain[first], common, own_lines_[hand][antenna], band, antenna);
        for (std::size_t c = 0; c < n_channels_; ++c)
            lines_.push_back(line(before.gain[first + c], after.gain[first + c], own[c], common[c]));
    }
}

void Step::add_hand(Solution const& before, Solution const& after, std::size_t hand, BandLine const& band)
{
    Common* const common = &common_[hand * n_channels_];
    std::vector<std::vector<Complex>> turns;
    for (std::size_t first = hand * n_channels_; first < before.gain.size(); first += n_hands_ * n_channels_) {
        auto& of_antenna = turns.emplace_back();
        for (std::size_t c = 0; c < n_channels_; ++c) {
            Complex const a = before.gain[first + c], b = after.gain[first + c];
            common[c].before += a != 0.0;
            common[c].after += b != 0.0;
            of_antenna.push_back(turn_of(a, b));
        }
    }
    auto made = hand_turn(band, turns);
    for (std::size_t c = 0; c < n_channels_; ++c) {
        common[c].turn = made.frame[c];
        common[c].known = made.known;
        common[c].shared = made.shared[c];
    }
    if (made.known) doubts_.agreement = std::min(doubts_.agreement, made.agreement);
    own_lines_.push_back(std::move(made.lines));
}

void Step::against_first_hand(BandLine const& band)
{
    for (std::size_t hand = 1; hand < n_hands_; ++hand) {
        std::vector<Complex> turned;
        for (std::size_t c = 0; c < n_channels_; ++c)
            turned.push_back(common_[hand * n_channels_ + c].turn * std::conj(common_[c].turn));
        auto const line = band.fit(turned);
        for (std::size_t c = 0; c < n_channels_; ++c) {
            double const on_line = band.at(line, c);
            common_[hand * n_channels_ + c].against_first = on_line + std::arg(turned[c] * std::polar(1.0, -on_line));
        }
    }
}

std::vector<Step::Own> Step::own_steps(Complex const* before, Complex const* after, Common const* common,
                                       PhaseLine const& line, BandLine const& band, std::size_t antenna)
{
    constexpr double quarter = pi / 2, sigmas = 5, sigma_of_median = 1.4826;
    std::vector<Own> own(n_channels_);
    std::vector<bool> known(n_channels_);
    std::vector<double> rest(n_channels_), sizes;
    for (std::size_t c = 0; c < n_channels_; ++c) {
        auto const turn = turn_of(before[c], after[c] * std::conj(common[c].turn));
        known[c] = turn != 0.0;
        if (!known[c]) continue;
        rest[c] = std::arg(turn * std::polar(1.0, -band.at(line, c)));
        own[c] = {band.at(line, c) + rest[c], std::abs(after[c]) / std::abs(before[c])};
        sizes.push_back(std::abs(rest[c]));
    }
    double const usual = middle_value(sizes), limit = std::max(quarter, sigmas * sigma_of_median * usual);
    if (usual > quarter / 2) doubts_.unclear.insert(antenna);
    for (std::size_t c = 0; c < n_channels_ && !sizes.empty(); ++c) {
        if (known[c]) {
            own[c].stray = !common[c].shared || std::abs(rest[c]) > limit;
            doubts_.strays += own[c].stray;
            continue;
        }
        if (before[c] == 0.0 && after[c] == 0.0) continue;
        std::vector<double> rests, ratios;
        for (auto const near : nearest_known(known, c)) {
            rests.push_back(rest[near]);
            ratios.push_back(own[near].ratio);
        }
        own[c] = {band.at(line, c) + middle_value(rests), ratios.empty() ? 1 : middle_value(ratios)};
    }
    return own;
}

Step::Line Step::line(Complex before, Complex after, Own own, Common const& common)
{
    double const a = std::abs(before), b = std::abs(after);
    std::uint8_t const always = first_half | second_half;
    double const turn = own.turn + common.against_first;
    if (!(a > 0) && !(b > 0)) return {};
    if (a > 0 && b > 0) return {a, b - a, std::arg(before), turn, own.stray ? ends : always};
    bool const early = a > 0;
    if (!common.known) {
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
