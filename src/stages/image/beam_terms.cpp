#include "stages/image/beam_terms.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace nocturne {
namespace {

/// What is left of a function after those before it, as a share: less, and the group cannot tell it from them. Of two frequencies, f² is
/// the constant: halves of both would fit there, and nowhere between.
constexpr double least_share_left = 1e-6;

struct Range {
    double middle, half;
    explicit Range(std::vector<double> const& values)
    {
        auto const [low, high] = std::minmax_element(values.begin(), values.end());
        middle = 0.5 * (*low + *high);
        half = *high > *low ? 0.5 * (*high - *low) : 1;
    }
};

using NormalMatrix = std::array<BeamTerms::Terms, BeamTerms::count>;

/// Lower triangle L with L Lᵀ = a; infinite on the diagonal of what is left out, whose coefficients so become 0.
NormalMatrix cholesky(NormalMatrix const& a)
{
    NormalMatrix lower{};
    for (std::size_t j = 0; j < a.size(); ++j)
        for (std::size_t i = j; i < a.size(); ++i) {
            double sum = a[i][j];
            for (std::size_t k = 0; k < j; ++k) sum -= lower[i][k] * lower[j][k];
            bool const told = sum > least_share_left * a[j][j];
            lower[i][j] = i != j ? sum / lower[j][j] : told ? std::sqrt(sum) : std::numeric_limits<double>::infinity();
        }
    return lower;
}

}  // namespace

BeamTerms::BeamTerms(BeamTermsArgs const& args) : beam_(args.beam)
{
    auto const& w = args.weights;
    NOCT_CHECK(static_cast<Index>(args.pointings.size()) == w.n_moments && args.time_s.size() == args.pointings.size(),
               "one pointing and one time per moment are needed");
    Range const time(args.time_s), band(w.freq_hz);
    time_s_ = time.middle, half_time_s_ = time.half, freq_hz_ = band.middle, half_band_hz_ = band.half;
    reference_hz_ = args.reference_hz;
    for (auto const& pointing : args.pointings) toward_.push_back(direction_cosines(pointing, args.centre));
    double total = 0;
    for (auto units : w.units) total += static_cast<double>(units);
    NOCT_CHECK(total > 0, "beam terms without weights");
    NormalMatrix normal{};
    for (std::size_t i = 0; i < w.units.size(); ++i) {
        if (w.units[i] == 0) continue;
        std::size_t const moment = i / static_cast<std::size_t>(w.n_groups);
        double const freq = w.freq_hz[i % static_cast<std::size_t>(w.n_groups)];
        cells_.push_back({moment, freq, static_cast<double>(w.units[i]) / total, functions(args.time_s[moment], freq)});
        auto const& cell = cells_.back();
        for (std::size_t j = 0; j < count; ++j)
            for (std::size_t k = 0; k < count; ++k) normal[j][k] += cell.weight * cell.functions[j] * cell.functions[k];
    }
    triangle_ = cholesky(normal);
}

BeamTerms::Terms BeamTerms::functions(double time_s, double freq_hz) const
{
    double const t = (time_s - time_s_) / half_time_s_, f = (freq_hz - freq_hz_) / half_band_hz_;
    return {1, t, t * t, f, t * f, f * f};
}

BeamTerms::Terms BeamTerms::with_slope(Terms const& c, double flux_jy, double slope_jy) const
{
    Terms all;
    for (std::size_t j = 0; j < count; ++j) all[j] = flux_jy * c[j];
    if (slope_jy == 0) return all;
    // t = rise ν + start; φ = 1, τ, τ², ν, τ ν, ν².
    double const rise = slope_jy * half_band_hz_ / reference_hz_, start = slope_jy * (freq_hz_ / reference_hz_ - 1);
    for (std::size_t j = 0; j < count; ++j) all[j] += start * c[j];
    all[3] += rise * c[0];
    all[4] += rise * c[1];
    all[5] += rise * c[3];
    return all;
}

BeamTerms::Terms BeamTerms::at(double l, double m) const
{
    Vec3 const source{l, m, std::sqrt(std::max(0.0, 1 - l * l - m * m))};
    std::vector<double> per_hz;
    for (auto const& toward : toward_) per_hz.push_back(beam_.radians_per_hz() * sine_between(source, toward));
    Terms c{};
    for (auto const& cell : cells_) {
        double const power = cell.weight * (beam_.round() ? beam_.of(per_hz[cell.moment] * cell.freq_hz)
                                                          : beam_.power(source, toward_[cell.moment], cell.freq_hz));
        for (std::size_t j = 0; j < count; ++j) c[j] += power * cell.functions[j];
    }
    double const mean = c[0];
    if (!(mean >= least_power)) return Terms{1};
    for (std::size_t j = 0; j < count; ++j) {
        c[j] /= mean;
        for (std::size_t k = 0; k < j; ++k) c[j] -= triangle_[j][k] * c[k];
        c[j] /= triangle_[j][j];
    }
    for (std::size_t j = count; j-- > 0;) {
        for (std::size_t k = j + 1; k < count; ++k) c[j] -= triangle_[k][j] * c[k];
        c[j] /= triangle_[j][j];
    }
    return c;
}

}  // namespace nocturne
