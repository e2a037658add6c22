// Stage `solve`: delays, bandpass and gains of a calibrator group. Enters: vis, flags and weights as in the files (before convert). Leaves:
// GroupState::solutions, the same on every rank. Sums over time are taken once (sums.cpp); the rest works on them.
#include "stages/solve/jones.hpp"
#include "stages/solve/reference.hpp"
#include "stages/solve/solver.hpp"
#include "stages/solve/tables.hpp"

#include <algorithm>
#include <cmath>

namespace nocturne {
namespace solve_stage {

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
    void take_delays(Gains& band, std::vector<SmoothPhases> const& smooth) const;
    GainParts model_of_gains(Gains const& band, std::vector<SmoothPhases> const& smooth) const;
    CalTable solve_gains(Gains const& band, GainParts const& model, Solver& solver, GroupState const& state) const;

    SolveSettings settings_;
    std::shared_ptr<SolveSums> sums_;
};

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

/// Geometric mean over antennas and columns 1.
void normalise(Gains& gains, Index hand)
{
    double sum = 0, n = 0;
    auto const first = gains.at(hand, 0, 0), last = gains.at(hand + 1, 0, 0);
    for (auto k = first; k < last; ++k)
        if (!gains.flag[k]) sum += std::log(std::abs(gains.value[k])), n += 1;
    for (auto k = first; k < last; ++k)
        if (!gains.flag[k]) gains.value[k] *= std::exp(-sum / n);
}

CalTable SolvePass::solve_gains(Gains const& band, GainParts const& model, Solver& solver,
                                GroupState const& state) const
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
    auto gains = solver.gains(band, model, column, settings_.gain_mode);
    for (Index p = 0; p < gains.n_hands; ++p) {
        auto pattern = mean_pattern(gains, p, solver.reference());
        if (settings_.bandpass) pattern.assign(pattern.size(), 0);
        turn_to_gauge(gains, p, settings_.gauge, solver.reference(), pattern);
        if (settings_.normalise) normalise(gains, p);
    }
    return TableMaker{sums, settings_, state, solver.reference()}.gains(gains, times);
}

/// All tables of a set come from the same sums: one of them says how well the model explains these.
void note_left(std::vector<LeftOver> const& hands, CalTable& table)
{
    for (auto const& hand : hands) {
        bool const known = hand.ratio > 0;
        double const nobody = std::numeric_limits<double>::quiet_NaN();
        table.unexplained_ratio.push_back(known ? hand.ratio : nobody);
        table.unexplained_share.push_back(known ? hand.share : nobody);
    }
}

void SolvePass::run(GroupState& state)
{
    auto const& sums = *sums_;
    Solver solver(settings_, sums, state);
    auto band = solver.band();
    Index const reference = solver.reference();
    if (auto const note = note_of_reference(sums, settings_, reference); !note.empty()) state.notes.push_back(note);
    std::vector<SmoothPhases> smooth;
    for (Index p = 0; p < band.n_hands; ++p) {
        smooth.push_back(fit_delays(band, p, reference, state.header.freq_hz));
        drop_hands(band, p, smooth.back().random);
        std::vector<double> pattern;
        for (std::size_t a = 0; a < sums.antennas.size(); ++a)
            for (double f : state.header.freq_hz)
                pattern.push_back(smooth.back().phase_rad[a] + delay_phase(smooth.back(), a, f));
        turn_to_gauge(band, p, settings_.gauge, reference, pattern);
    }
    TableMaker const maker{sums, settings_, state, reference};
    auto const left = left_of_hands(band);
    std::vector<CalTable> tables;
    if (settings_.delays) tables.push_back(maker.delays(band, smooth));
    if (settings_.gains) tables.push_back(solve_gains(band, model_of_gains(band, smooth), solver, state));
    if (settings_.delays) take_delays(band, smooth);
    if (settings_.bandpass) tables.insert(tables.begin() + (settings_.delays ? 1 : 0), maker.bandpass(band));
    note_left(left, tables[settings_.delays && tables.size() > 1 ? 1 : 0]);
    state.solutions = std::move(tables);
}

Passes make(Params const& params)
{
    auto const settings = solve_settings(params);
    if (settings.jones) return make_jones_passes(settings);
    auto const sums = std::make_shared<SolveSums>();
    int const rounds = settings.robust > 0 ? settings.robust_rounds : 0;
    Passes passes;
    for (auto& pass : make_sums_passes(settings, sums, 1 + rounds)) {
        if (!passes.empty())
            passes.push_back(make_robust_pass(settings, sums, static_cast<int>(passes.size() + 1) / 2));
        passes.push_back(std::move(pass));
    }
    passes.push_back(std::make_unique<SolvePass>(settings, sums));
    return passes;
}

StageRegistrar const here{
    {"solve", "Solves for delays, bandpass and gains, or Jones matrices, of a calibrator group, with their errors",
     solve_params(), &make}};

}  // namespace solve_stage
}  // namespace nocturne
