#include "stages/apply/solution_axes.hpp"

#include <algorithm>
#include <cmath>

namespace nocturne {
namespace {

struct BandMatch {
    double low, high;
};

BandMatch band_of(CalTable const& table)
{
    return {table.freq_hz.front() - table.channel_width_hz.front() / 2,
            table.freq_hz.back() + table.channel_width_hz.back() / 2};
}

/// The parallel hand of an antenna's feed in a correlation.
Correlation hand_of(Correlation correlation, AntennaSide side)
{
    bool const first = side == AntennaSide::one;
    switch (correlation) {
        case Correlation::XY:
            return first ? Correlation::XX : Correlation::YY;
        case Correlation::YX:
            return first ? Correlation::YY : Correlation::XX;
        case Correlation::RL:
            return first ? Correlation::RR : Correlation::LL;
        case Correlation::LR:
            return first ? Correlation::LL : Correlation::RR;
        default:
            return correlation;
    }
}

}  // namespace

bool same_window(CalTable const& one, CalTable const& two)
{
    auto const a = band_of(one), b = band_of(two);
    double const common = std::min(a.high, b.high) - std::max(a.low, b.low);
    return common > 0.5 * std::min(a.high - a.low, b.high - b.low);
}

std::vector<Index> match_antennas(CalTable const& table, GroupHeader const& header)
{
    std::vector<Index> at;
    for (auto const& wanted : header.antennas) {
        auto const found = std::find_if(table.antennas.begin(), table.antennas.end(), [&](Antenna const& a) {
            return (a.number == wanted.number || a.number < 0) && a.name == wanted.name;
        });
        at.push_back(found == table.antennas.end() ? -1 : found - table.antennas.begin());
    }
    return at;
}

std::vector<Index> match_hands(CalTable const& table, GainTarget const& target)
{
    std::vector<Index> at;
    for (auto correlation : target.header.correlations) {
        auto const wanted = hand_of(correlation, target.side);
        auto const found = std::find(table.correlations.begin(), table.correlations.end(), wanted);
        at.push_back(found == table.correlations.end() ? -1 : found - table.correlations.begin());
    }
    return at;
}

std::vector<std::vector<CalTable const*>> tables_by_window(std::vector<CalTable const*> const& tables, CalKind kind)
{
    std::vector<std::vector<CalTable const*>> windows;
    for (auto const* table : tables) {
        if (table->kind != kind) continue;
        auto const known = std::find_if(windows.begin(), windows.end(),
                                        [&](auto const& window) { return same_window(*window.front(), *table); });
        if (known == windows.end())
            windows.push_back({table});
        else
            known->push_back(table);
    }
    std::stable_sort(windows.begin(), windows.end(), [](auto const& a, auto const& b) {
        return a.front()->freq_hz.front() < b.front()->freq_hz.front();
    });
    return windows;
}

bool covers(CalTable const& table, double freq_hz)
{
    auto const band = band_of(table);
    return freq_hz >= band.low && freq_hz <= band.high;
}

std::complex<double> Spectrum::nearest(double f) const
{
    auto const above = std::lower_bound(freq_hz.begin(), freq_hz.end(), f) - freq_hz.begin();
    std::complex<double> best = 0;
    double least = 1;
    for (auto k : {above - 1, above}) {
        if (k < 0 || k >= std::ssize(freq_hz)) continue;
        auto const i = static_cast<std::size_t>(k);
        double const away = std::abs(freq_hz[i] - f) / width_hz[i];
        if (away <= 0.5 + 1e-6 && away < least) {
            least = away;
            best = gain[i];
        }
    }
    return best;
}

std::complex<double> Spectrum::linear(double f) const
{
    auto const above = std::lower_bound(freq_hz.begin(), freq_hz.end(), f) - freq_hz.begin();
    if (above == 0 || above == std::ssize(freq_hz)) return nearest(f);
    auto const j = static_cast<std::size_t>(above), i = j - 1;
    if (gain[i] == 0.0 || gain[j] == 0.0) return nearest(f);
    double const w = (f - freq_hz[i]) / (freq_hz[j] - freq_hz[i]);
    return std::polar((1 - w) * std::abs(gain[i]) + w * std::abs(gain[j]),
                      std::arg(gain[i]) + w * std::arg(gain[j] * std::conj(gain[i])));
}

std::complex<double> gain_of(CalTable const& table, std::size_t k)
{
    if (table.flag[k]) return 0;
    if (table.kind == CalKind::delay) return 1;
    return table.gain[k];
}

}  // namespace nocturne
