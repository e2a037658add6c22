// Stage `solve`: delays, bandpass and gains of a calibrator group. Enters: vis, flags and weights as in the files (before convert). Leaves:
// GroupState::solutions, the same on every rank. Sums over time are taken once (sums.cpp); the rest works on them.
#include "stages/solve/phases.hpp"
#include "stages/solve/reference.hpp"
#include "stages/solve/tables.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace nocturne {
namespace {

using Complex = std::complex<double>;

class SolvePass : public Pass {
public:
    SolvePass(SolveSettings settings, std::shared_ptr<SolveSums> sums) : settings_(std::move(settings)), sums_(sums) {}
    std::string name() const override { return "solve"; }
    Scope scope() const override { return Scope::group; }
    std::vector<Field> reads() const override { return {Field::header, Field::sums}; }
    std::vector<Field> writes() const override { return {Field::solutions}; }
    void run(GroupState& state) override;

private:
    GainTask task(GroupState const& state, SolveMode mode) const
    {
        return {state.device, *sums_, settings_, mode, reference_};
    }
    GainParts interval_phases(Rows const& links, GroupState const& state) const;
    Gains solve_band(GainParts const& phases, GroupState const& state);
    void take_delays(Gains& band, std::vector<SmoothPhases> const& smooth) const;
    GainParts model_of_gains(Gains const& band, std::vector<SmoothPhases> const& smooth) const;
    CalTable solve_gains(Gains const& band, GainParts const& model, GroupState const& state) const;

    SolveSettings settings_;
    std::shared_ptr<SolveSums> sums_;
    Index reference_ = 0;
};

/// Phases of each interval against the middle one, their mean over the intervals taken off; 1 where they are not wanted.
GainParts SolvePass::interval_phases(Rows const& links, GroupState const& state) const
{
    auto const& sums = *sums_;
    Index const na = std::ssize(sums.antennas), ni = sums.n_intervals;
    GainParts parts{na, ni, std::vector<float>(static_cast<std::size_t>(sums.n_hands * na * ni), 1.0F), {}};
    parts.im.assign(parts.re.size(), 0.0F);
    if (settings_.phase_interval_s <= 0 || ni == 1) return parts;
    auto const solved = solve_rows(links, task(state, SolveMode::phase));
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

Gains SolvePass::solve_band(GainParts const& phases, GroupState const& state)
{
    auto const rows = band_rows(*sums_, phases, *state.exchange);
    auto band = solve_rows(rows, task(state, SolveMode::amplitude_and_phase));
    set_noise(band, SolveMode::amplitude_and_phase);
    set_variances(band, rows, sums_->pairs);
    auto const any = [&] { return std::find(band.flag.begin(), band.flag.end(), 0) != band.flag.end(); };
    auto const problem = "no antenna of group " + state.header.group_id + " could be solved for";
    if (!any())
        throw Error(Code::bad_input, problem,
                    "no channel has " + std::to_string(settings_.least_antennas) + " antennas with " +
                        std::to_string(settings_.least_baselines) + " baselines each",
                    "look at the flags and at the model");
    flag_weak(band, settings_.least_snr);
    if (!any()) {
        char least[64];
        std::snprintf(least, sizeof least, "no solution has an SNR above %g", settings_.least_snr);
        throw Error(Code::qa_fail, problem, least, "look at the flags, at the model, or use a brighter calibrator");
    }
    reference_ = settle_reference(band, reference_);
    return band;
}

double delay_phase(SmoothPhases const& smooth, std::size_t antenna, double freq_hz)
{
    return 2 * pi * smooth.delay_s[antenna] * (freq_hz - smooth.middle_hz);
}

/// What K holds leaves B.
void SolvePass::take_delays(Gains& band, std::vector<SmoothPhases> const& smooth) const
{
    for (Index p = 0; p < band.n_hands; ++p)
        for (Index a = 0; a < band.n_antennas; ++a)
            for (Index c = 0; c < band.n_columns; ++c) {
                auto const k = band.at(p, a, c);
                if (!band.flag[k])
                    band.value[k] *=
                        std::polar(1.0, -delay_phase(smooth[static_cast<std::size_t>(p)], static_cast<std::size_t>(a),
                                                     sums_->header->freq_hz[static_cast<std::size_t>(c)]));
            }
}

/// What G is solved on top of: the bandpass, or the delays, or nothing; 0 where an antenna has no solution in a channel.
GainParts SolvePass::model_of_gains(Gains const& band, std::vector<SmoothPhases> const& smooth) const
{
    if (settings_.bandpass) return band.parts();
    auto flat = band;
    for (Index p = 0; p < band.n_hands; ++p)
        for (Index a = 0; a < band.n_antennas; ++a)
            for (Index c = 0; c < band.n_columns; ++c)
                flat.value[band.at(p, a, c)] =
                    settings_.delays
                        ? std::polar(1.0, delay_phase(smooth[static_cast<std::size_t>(p)], static_cast<std::size_t>(a),
                                                      sums_->header->freq_hz[static_cast<std::size_t>(c)]))
                        : Complex(1);
    return flat.parts();
}

/// Phases against the reference, the mean over columns of each antenna.
std::vector<double> mean_pattern(Gains const& gains, Index hand, Index reference)
{
    std::vector<double> pattern;
    for (Index a = 0; a < gains.n_antennas; ++a) {
        Complex sum;
        for (Index i = 0; i < gains.n_columns; ++i) {
            auto const k = gains.at(hand, a, i), r = gains.at(hand, reference, i);
            if (!gains.flag[k] && !gains.flag[r]) sum += gains.value[k] * std::conj(gains.value[r]);
        }
        pattern.insert(pattern.end(), static_cast<std::size_t>(gains.n_columns), std::arg(sum));
    }
    return pattern;
}

CalTable SolvePass::solve_gains(Gains const& band, GainParts const& model, GroupState const& state) const
{
    auto const& sums = *sums_;
    auto const wanted = cut_intervals(state.header, settings_.gain_interval_s).back() + 1;
    Index const n = std::min<Index>(wanted, sums.n_intervals);
    std::vector<std::int32_t> column;
    std::vector<CalInterval> times(static_cast<std::size_t>(n));
    std::vector<double> members(times.size());
    for (Index i = 0; i < sums.n_intervals; ++i) {
        auto const to = static_cast<std::size_t>(i * n / sums.n_intervals);
        auto const& part = sums.times[static_cast<std::size_t>(i)];
        column.push_back(static_cast<std::int32_t>(to));
        if (members[to]++ == 0) times[to].start_mjd_s = part.start_mjd_s;
        times[to].end_mjd_s = part.end_mjd_s;
        times[to].time_mjd_s += (part.time_mjd_s - times[to].time_mjd_s) / members[to];
    }
    auto const rows = gain_rows(sums, model, column, *state.exchange);
    auto gains = solve_rows(rows, task(state, settings_.gain_mode));
    for (Index p = 0; p < gains.n_hands; ++p) {  // the noise is that of the band, weighted by its data
        double chi2 = 0, count = 0;
        for (Index c = 0; c < band.n_columns; ++c) {
            auto const k = static_cast<std::size_t>(p * band.n_columns + c);
            chi2 += band.noise[k] * band.result[k].count;
            count += band.result[k].count;
        }
        gains.noise.insert(gains.noise.end(), static_cast<std::size_t>(n), count > 0 ? chi2 / count : 0);
    }
    set_variances(gains, rows, sums.pairs);
    flag_weak(gains, settings_.least_snr);
    for (Index p = 0; p < gains.n_hands; ++p) {
        auto pattern = mean_pattern(gains, p, reference_);
        if (settings_.bandpass) pattern.assign(pattern.size(), 0);
        turn_to_gauge(gains, p, settings_.gauge, reference_, pattern);
    }
    return TableMaker{sums, settings_, state, reference_}.gains(gains, times);
}

void SolvePass::run(GroupState& state)
{
    auto const& sums = *sums_;
    auto const links = link_rows(sums, *state.exchange);
    reference_ = choose_reference(links, sums, settings_);
    auto band = solve_band(interval_phases(links, state), state);
    std::vector<SmoothPhases> smooth;
    for (Index p = 0; p < band.n_hands; ++p) {
        smooth.push_back(fit_delays(band, p, reference_, state.header.freq_hz));
        std::vector<double> pattern;
        for (std::size_t a = 0; a < sums.antennas.size(); ++a)
            for (double f : state.header.freq_hz)
                pattern.push_back(smooth.back().phase_rad[a] + delay_phase(smooth.back(), a, f));
        turn_to_gauge(band, p, settings_.gauge, reference_, pattern);
    }
    TableMaker const maker{sums, settings_, state, reference_};
    std::vector<CalTable> tables;
    if (settings_.delays) tables.push_back(maker.delays(band, smooth));
    if (settings_.gains) tables.push_back(solve_gains(band, model_of_gains(band, smooth), state));
    if (settings_.delays) take_delays(band, smooth);
    if (settings_.bandpass) tables.insert(tables.begin() + (settings_.delays ? 1 : 0), maker.bandpass(band));
    state.solutions = std::move(tables);
}

Passes make(Params const& params)
{
    auto const settings = solve_settings(params);
    auto const sums = std::make_shared<SolveSums>();
    Passes passes;
    passes.push_back(make_sums_pass(settings, sums));
    passes.push_back(std::make_unique<SolvePass>(settings, sums));
    return passes;
}

StageRegistrar const here{
    {"solve", "Solves for delays, bandpass and gains of a calibrator group, with their errors", solve_params(), &make}};

}  // namespace
}  // namespace nocturne
