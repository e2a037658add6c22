#include "stages/solve/solver.hpp"

#include "stages/solve/reference.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace nocturne {

using Complex = std::complex<double>;

constexpr Index solved_at_once = 16;   // channels, by the kernel
constexpr Index piece_channels = 128;  // that are brought together at once

/// The ranks' shares of a piece: each has at least what the kernel solves at once.
std::vector<ColumnRange> shares_of_piece(ColumnRange piece, Index ranks)
{
    Index const parts = (piece.count + solved_at_once - 1) / solved_at_once;
    auto const begin = [&](Index rank) { return std::min(piece.count, parts * rank / ranks * solved_at_once); };
    std::vector<ColumnRange> shares;
    for (Index r = 0; r < ranks; ++r) shares.push_back({piece.first + begin(r), begin(r + 1) - begin(r)});
    return shares;
}

/// Phases of each interval against the middle one, their mean over the intervals taken off; 1 where they are not wanted.
GainParts Solver::interval_phases(SolveRows const& links) const
{
    auto const& sums = sums_;
    Index const na = std::ssize(sums.antennas), ni = sums.n_intervals;
    GainParts parts{na, ni, std::vector<float>(static_cast<std::size_t>(sums.n_hands * na * ni), 1.0F), {}};
    parts.im.assign(parts.re.size(), 0.0F);
    if (settings_.phase_interval_s <= 0 || ni == 1) return parts;
    auto const solved = solve_rows(links, task(SolveMode::phase));
    parts = solved.parts();
    for (Index row = 0; row < sums.n_hands * na; ++row) {
        auto const first = static_cast<std::size_t>(row * ni);
        Complex mean;
        for (std::size_t i = first; i < first + static_cast<std::size_t>(ni); ++i)
            mean += Complex(parts.re[i], parts.im[i]);
        if (!(std::abs(mean) > 0)) continue;
        for (std::size_t i = first; i < first + static_cast<std::size_t>(ni); ++i) {
            Complex const turned = Complex(parts.re[i], parts.im[i]) * std::conj(mean) / std::abs(mean);
            parts.re[i] = static_cast<float>(turned.real());
            parts.im[i] = static_cast<float>(turned.imag());
        }
    }
    return parts;
}

/// All channels, a few at a time, so that their rows stay in a small memory that is touched once; each rank solves its share of them.
Gains Solver::solve_pieces(GainParts const& phases) const
{
    SharedGains shared(sums_.n_hands, std::ssize(sums_.antennas), sums_.n_channels);
    SolveRows rows;
    std::vector<float> pieces;
    double const noise_factor = student_noise(settings_.robust);
    Index const most = std::max(piece_channels, state_.share.size * solved_at_once);
    for (ColumnRange piece; piece.first < sums_.n_channels; piece.first += most) {
        piece.count = std::min(most, sums_.n_channels - piece.first);
        auto const shares = shares_of_piece(piece, state_.share.size);
        auto const mine = shares[static_cast<std::size_t>(state_.share.rank)];
        deal_band_rows(sums_, phases, shares, state_.share.rank, *state_.exchange, rows, pieces);
        state_.exchange->together([&] {
            if (mine.count == 0) return;
            weigh_rows(rows, sums_.pairs, divisor_);
            auto gains = solve_rows(rows, task(SolveMode::amplitude_and_phase));
            set_noise(gains, SolveMode::amplitude_and_phase);
            for (auto& noise : gains.noise) noise *= noise_factor;
            set_residuals(gains, rows, sums_.pairs, {mine.first, sums_.n_channels});
            weaken(gains, lost_);
            set_errors(gains, rows, sums_.pairs, settings_.least_snr);
            shared.take(gains, mine.first);
        });
    }
    return shared.join(*state_.exchange);
}

/// With the errors of each antenna's own noise.
Gains Solver::solve_all(GainParts const& phases)
{
    auto band = solve_pieces(phases);
    noise_ = measure_noise(band);
    scale_errors_of_band(band, noise_, settings_.least_snr);
    return band;
}

/// Why, and what to do.
Error unsolved(std::string const& problem, Gains const& band, SolveSettings const& settings)
{
    bool const tried = std::any_of(band.result.begin(), band.result.end(), [](StefcalResult const& result) {
        return result.iterations > 0 && result.converged == 0;
    });
    if (tried)
        return Error(Code::bad_input, problem,
                     "no solve converged in " + std::to_string(settings.max_iterations) + " iterations",
                     "allow more (max-iterations, 100 by default); where that does not help, look at the model");
    return Error(Code::bad_input, problem,
                 "no channel has " + std::to_string(settings.least_antennas) + " antennas with " +
                     std::to_string(settings.least_baselines) + " baselines each",
                 "look at the flags and at the model");
}

Gains Solver::band()
{
    auto const links = link_rows(sums_, *state_.exchange);
    reference_ = choose_reference(links, sums_, settings_);
    auto const phases = interval_phases(links);
    lost_.assign(static_cast<std::size_t>(sums_.n_hands) * sums_.antennas.size(), 0);
    divisor_.assign(lost_.size(), 1);
    auto band = solve_all(phases);
    divisor_ = noise_.divisors(lost_hands(band));
    if (std::any_of(divisor_.begin(), divisor_.end(), [](double by) { return by != 1; })) band = solve_all(phases);
    lost_ = lost_hands(band);
    if (weaken(band, lost_)) band = solve_all(phases);  // for the errors of the others
    auto const any = [&](auto wanted) {
        return std::any_of(band.flag.begin(), band.flag.end(), [&](auto flag) { return flag == wanted; });
    };
    auto const problem = "no antenna of group " + state_.header.group_id + " could be solved for";
    if (!any(gain_good) && !any(gain_weak)) throw unsolved(problem, band, settings_);
    drop_weak(band, settings_.least_antennas);
    if (!any(gain_good)) {
        char least[64];
        std::snprintf(least, sizeof least, "no solution has an SNR above %g", settings_.least_snr);
        throw Error(Code::qa_fail, problem, least, "look at the flags, at the model, or use a brighter calibrator");
    }
    reference_ = settle_reference(band, reference_);
    return band;
}

Gains Solver::gains(Gains const& band, GainParts const& model, std::vector<std::int32_t> const& column, SolveMode mode)
{
    auto rows = gain_rows(sums_, model, column, *state_.exchange);
    weigh_rows(rows, sums_.pairs, divisor_);
    auto gains = solve_rows(rows, task(mode));
    for (Index p = 0; p < gains.n_hands; ++p) {  // the noise is that of the band, weighted by its data
        double chi2 = 0, count = 0;
        for (Index c = 0; c < band.n_columns; ++c) {
            auto const k = static_cast<std::size_t>(p * band.n_columns + c);
            chi2 += band.noise[k] * band.result[k].count;
            count += band.result[k].count;
        }
        gains.noise.insert(gains.noise.end(), static_cast<std::size_t>(gains.n_columns), count > 0 ? chi2 / count : 0);
    }
    auto const set = [&] {
        set_errors(gains, rows, sums_.pairs, settings_.least_snr);
        scale_errors(gains, noise_, settings_.least_snr);
    };
    set();
    if (weaken(gains, lost_hands(gains))) set();
    drop_weak(gains, settings_.least_antennas);
    return gains;
}

}  // namespace nocturne
