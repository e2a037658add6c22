#include "qa/band_quality.hpp"

#include "nocturne/median.hpp"

#include <algorithm>
#include <cmath>

namespace nocturne {
namespace {

constexpr std::size_t most_neighbours = 10, least_neighbours = 3, n_parts = 16;  // neighbours on each side

/// What an antenna's channels are off their neighbours, and the relative errors of that; NaN where nobody knows.
struct Deviations {
    std::vector<float> off, error;
};

Deviations deviations_of(CalTable const& table, std::size_t a, std::size_t p)
{
    std::size_t const nc = table.freq_hz.size();
    std::vector<float> amplitude(nc, NAN), near;
    for (std::size_t c = 0; c < nc; ++c)
        if (auto const k = table.at(0, a, p, c); !table.flag[k] && is_sound(table, 0, a, p, c))
            amplitude[c] = std::abs(table.gain[k]);
    Deviations all{std::vector<float>(nc, NAN), std::vector<float>(nc, NAN)};
    for (std::size_t c = 0; c < nc; ++c) {
        std::size_t const reach = std::min({most_neighbours, c, nc - 1 - c});
        if (std::isnan(amplitude[c]) || reach < least_neighbours) continue;
        near.clear();
        for (std::size_t i = c - reach; i <= c + reach; ++i)
            if (i != c && !std::isnan(amplitude[i])) near.push_back(amplitude[i]);
        if (near.size() < 2 * least_neighbours) continue;
        float const usual = median_of(near);
        all.off[c] = amplitude[c] / usual - 1;
        all.error[c] = table.amplitude_error.empty() ? 0 : table.amplitude_error[table.at(0, a, p, c)] / usual;
    }
    return all;
}

bool has_any(CalTable const& table, std::size_t a, std::size_t p, std::size_t begin, std::size_t end)
{
    for (std::size_t c = begin; c < end; ++c)
        if (!table.flag[table.at(0, a, p, c)] && is_sound(table, 0, a, p, c)) return true;
    return false;
}

/// Of hand p in channels [begin, end); 0 where nothing is solved.
double flagged_of_part(CalTable const& table, std::size_t p, std::size_t begin, std::size_t end)
{
    double solved = 0, all = 0;
    bool any = false;
    for (std::size_t a = 0; a < table.antennas.size(); ++a) {
        if (!has_any(table, a, p, 0, table.freq_hz.size())) continue;
        for (std::size_t c = begin; c < end; ++c) {
            bool const good = !table.flag[table.at(0, a, p, c)] && is_sound(table, 0, a, p, c);
            solved += good, all += 1;
            any = any || good;
        }
    }
    return any ? 1 - solved / all : 0;
}

std::string megahertz(double hz)
{
    char text[32];
    std::snprintf(text, sizeof text, "%.1f", hz / 1e6);
    return text;
}

std::string and_more(std::size_t n) { return n > 1 ? " and " + std::to_string(n - 1) + " more)" : ")"; }

std::size_t begin_of(CalTable const& table, std::size_t part) { return part * table.freq_hz.size() / n_parts; }

}  // namespace

bool is_sound(CalTable const& table, std::size_t interval, std::size_t antenna, std::size_t correlation,
              std::size_t channel)
{
    auto const k = table.at(interval, antenna, correlation, channel);
    auto const solve = (interval * table.correlations.size() + correlation) * table.freq_hz.size() + channel;
    bool const measured = solve < table.solves.size() && table.solves[solve].reduced_chi2 > 0;
    auto const states = [&](auto const& errors) {
        return k >= errors.size() || (std::isfinite(errors[k]) && (measured ? errors[k] > 0 : errors[k] >= 0));
    };
    if (table.kind == CalKind::delay) return std::isfinite(table.delay_s[k]) && states(table.delay_error_s);
    auto const square = std::norm(table.gain[k]);
    return std::isfinite(square) && square > 0 && states(table.phase_error_rad);
}

std::vector<std::size_t> stray_channels(CalTable const& table, double share)
{
    std::size_t const nc = table.freq_hz.size();
    std::vector<char> strays(nc, 0);
    for (std::size_t p = 0; p < table.correlations.size(); ++p) {
        std::vector<Deviations> antennas;
        for (std::size_t a = 0; a < table.antennas.size(); ++a) antennas.push_back(deviations_of(table, a, p));
        std::vector<float> off, error;
        for (std::size_t c = 0; c < nc; ++c) {
            off.clear(), error.clear();
            for (auto const& one : antennas)
                if (!std::isnan(one.off[c])) off.push_back(one.off[c]), error.push_back(one.error[c]);
            if (off.empty()) continue;
            double const noise = 1.25 * static_cast<double>(median_of(error)) / std::sqrt(std::ssize(off));
            if (std::abs(static_cast<double>(median_of(off))) > std::max(share, 5 * noise)) strays[c] = 1;
        }
    }
    std::vector<std::size_t> found;
    for (std::size_t c = 0; c < nc; ++c)
        if (strays[c]) found.push_back(c);
    return found;
}

std::vector<std::size_t> poor_parts(CalTable const& table, double share)
{
    std::vector<std::size_t> found;
    for (std::size_t part = 0; part < n_parts; ++part)
        for (std::size_t p = 0; p < table.correlations.size(); ++p)
            if (flagged_of_part(table, p, begin_of(table, part), begin_of(table, part + 1)) > share) {
                found.push_back(part);
                break;
            }
    return found;
}

std::string where_channels(CalTable const& table, std::vector<std::size_t> const& channels)
{
    if (channels.empty()) return "";
    return " (" + megahertz(table.freq_hz[channels.front()]) + " MHz" + and_more(channels.size());
}

std::string where_parts(CalTable const& table, std::vector<std::size_t> const& parts)
{
    if (parts.empty()) return "";
    auto const begin = begin_of(table, parts.front()), end = begin_of(table, parts.front() + 1);
    return " (" + megahertz(table.freq_hz[begin]) + "-" + megahertz(table.freq_hz[end - 1]) + " MHz" +
           and_more(parts.size());
}

}  // namespace nocturne
