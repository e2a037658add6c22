#include "stages/solve/tables.hpp"

#include <cmath>

namespace nocturne {
namespace {

CalSolve describe(StefcalResult const& result, double noise)
{
    return {result.iterations, result.converged != 0 && result.antennas > 0, static_cast<float>(noise)};
}

}  // namespace

CalTable TableMaker::begin(CalKind kind) const
{
    auto const& header = state.header;
    CalTable table;
    table.kind = kind;
    for (auto antenna : sums.antennas) table.antennas.push_back(header.antennas[static_cast<std::size_t>(antenna)]);
    table.telescope = header.antennas;
    table.correlations = sums.hands();
    table.intervals = {{sums.times.front().start_mjd_s, sums.times.back().end_mjd_s, header.mid_time_mjd_s()}};
    double const low = header.freq_hz.front() - header.channel_width_hz.front() / 2,
                 high = header.freq_hz.back() + header.channel_width_hz.back() / 2;
    table.freq_hz = {0.5 * (low + high)};
    table.channel_width_hz = {high - low};
    table.reference_antenna = static_cast<int>(reference);
    table.gauge = settings.gauge;
    table.group_id = header.group_id;
    table.model = sums.model->text();
    table.method = settings.method;
    table.preprocessing = preprocessing_of(header);
    table.site = header.site;
    double brought = 0;
    for (auto const& subband : header.subbands) brought += static_cast<double>(subband.n_channels);
    table.band_there = brought / static_cast<double>(header.freq_hz.size());
    table.centre = sums.model->centre();
    if (header.centres.front().kind == PhaseReference::meridian)
        table.pointing_dec_rad = header.centres.front().direction.dec.value();
    else if (!header.pointings.empty())
        table.pointing_dec_rad = header.pointings[header.pointings.size() / 2].dec.value();
    else
        table.pointing_dec_rad = table.centre.dec.value();
    return table;
}

/// Columns are the table's intervals times its channels, one of which is one.
void TableMaker::fill(Gains const& gains, CalTable& table) const
{
    std::size_t const n = table.size(), nc = table.freq_hz.size();
    table.gain.assign(n, 1.0F);
    table.amplitude_error.assign(n, 0.0F);
    table.phase_error_rad.assign(n, 0.0F);
    table.flag.assign(n, 1);
    bool const amplitudes = !table.phase_only;
    for (Index p = 0; p < gains.n_hands; ++p)
        for (Index a = 0; a < gains.n_antennas; ++a)
            for (Index k = 0; k < gains.n_columns; ++k) {
                auto const from = gains.at(p, a, k);
                if (gains.flag[from]) continue;
                auto const column = static_cast<std::size_t>(k);
                auto const to =
                    table.at(column / nc, static_cast<std::size_t>(a), static_cast<std::size_t>(p), column % nc);
                double const var = gains.amplitude_var[from],
                             unbiased = settings.unbias && amplitudes ? 1 - var / 2 : 1;
                auto const value = gains.value[from] * unbiased;
                table.gain[to] = {static_cast<float>(value.real()), static_cast<float>(value.imag())};
                table.amplitude_error[to] = amplitudes ? static_cast<float>(std::sqrt(var) * std::abs(value)) : 0.0F;
                table.phase_error_rad[to] = static_cast<float>(std::sqrt(gains.phase_var[from]));
                table.flag[to] = 0;
            }
    table.solves.resize(table.intervals.size() * table.correlations.size() * nc);
    for (Index p = 0; p < gains.n_hands; ++p)
        for (Index k = 0; k < gains.n_columns; ++k) {
            auto const from = static_cast<std::size_t>(p * gains.n_columns + k), column = static_cast<std::size_t>(k);
            table.solves[(column / nc * table.correlations.size() + static_cast<std::size_t>(p)) * nc + column % nc] =
                describe(gains.result[from], gains.noise[from]);
        }
}

CalTable TableMaker::delays(Gains const& band, std::vector<SmoothPhases> const& smooth) const
{
    auto table = begin(CalKind::delay);
    table.reference_hz = smooth.front().middle_hz;
    for (std::size_t a = 0; a < table.antennas.size(); ++a)
        for (auto const& hand : smooth) {
            table.delay_s.push_back(hand.delay_s[a]);
            table.delay_error_s.push_back(std::sqrt(hand.delay_var[a]));
            table.flag.push_back(hand.found[a] ? 0 : 1);
        }
    for (Index p = 0; p < band.n_hands; ++p) {
        CalSolve all;
        double noise = 0, used = 0;
        for (Index c = 0; c < band.n_columns; ++c) {
            auto const k = static_cast<std::size_t>(p * band.n_columns + c);
            all.iterations = std::max(all.iterations, static_cast<int>(band.result[k].iterations));
            noise += band.noise[k];
            used += band.result[k].antennas > 0;
        }
        all.converged = used > 0;
        all.reduced_chi2 = used > 0 ? static_cast<float>(noise / used) : 0;
        table.solves.push_back(all);
    }
    return table;
}

CalTable TableMaker::bandpass(Gains const& band) const
{
    auto table = begin(CalKind::bandpass);
    table.freq_hz = state.header.freq_hz;
    table.channel_width_hz = state.header.channel_width_hz;
    fill(band, table);
    return table;
}

CalTable TableMaker::gains(Gains const& gains, std::vector<CalInterval> const& intervals) const
{
    auto table = begin(CalKind::gain);
    table.phase_only = settings.gain_mode == SolveMode::phase;
    table.intervals = intervals;
    fill(gains, table);
    return table;
}

}  // namespace nocturne
