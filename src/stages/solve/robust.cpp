// Robust weights: rounds of iteratively reweighted least squares for Student's t (Lange, Little & Taylor 1989, JASA 84, 881). Enters: sums of the round
// before. Leaves: in SolveSums the gains and noise that the weights of the next pass over the blocks are made of.
#include "stages/solve/solver.hpp"

#include <cmath>

namespace nocturne {
namespace {

/// E[f(s)] for s = a x, x of χ² with two degrees of freedom: the squared residual of normal noise against the scale.
template<class F>
double mean_of(double a, F const& f)
{
    double sum = 0;
    int const n = 4000;
    double const step = 40.0 / n;
    for (int i = 0; i < n; ++i) {
        double const x = (i + 0.5) * step;
        sum += 0.5 * std::exp(-x / 2) * f(a * x) * step;
    }
    return sum;
}

class RobustPass : public Pass {
public:
    RobustPass(SolveSettings settings, std::shared_ptr<SolveSums> sums, int round)
        : settings_(std::move(settings)), sums_(std::move(sums)), round_(round)
    {
        settings_.least_snr = 0;  // what outliers made weak may come back
    }
    std::string name() const override { return "solve.round" + std::to_string(round_); }
    Scope scope() const override { return Scope::group; }
    std::vector<Field> reads() const override { return {Field::header, Field::sums}; }
    std::vector<Field> writes() const override { return {Field::sums}; }
    void run(GroupState& state) override;

private:
    SolveSettings settings_;
    std::shared_ptr<SolveSums> sums_;
    int round_;
};

void RobustPass::run(GroupState& state)
{
    auto& sums = *sums_;
    Solver solver(settings_, sums, state);
    auto const band = solver.band();
    std::vector<std::int32_t> column;
    for (Index i = 0; i < sums.n_intervals; ++i) column.push_back(static_cast<std::int32_t>(i));
    auto const gains = solver.gains(band, band.parts(), column, SolveMode::amplitude_and_phase);
    Index const na = std::ssize(sums.antennas), nc = sums.n_channels;
    sums.gain.clear();
    for (Index i = 0; i < sums.n_intervals; ++i)
        for (Index a = 0; a < na; ++a)
            for (Index p = 0; p < sums.n_hands; ++p)
                for (Index c = 0; c < nc; ++c) {
                    auto const k = band.at(p, a, c), g = gains.at(p, a, i);
                    auto const product = band.flag[k] || gains.flag[g] ? 0.0 : band.value[k] * gains.value[g];
                    sums.gain.push_back({static_cast<float>(product.real()), static_cast<float>(product.imag())});
                }
    sums.scale.clear();
    double const factor = student_noise(settings_.robust);
    for (double noise : band.noise) sums.scale.push_back(static_cast<float>(noise / factor));
}

}  // namespace

double student_noise(double nu)
{
    if (nu <= 0) return 1;
    auto const weight = [nu](double s) { return (nu + 2) / (nu + s); };
    double low = 0.1, high = 10;  // the noise against the scale at which the scale stays: E[s w] = 2
    for (int step = 0; step < 60; ++step) {
        double const a = std::sqrt(low * high);
        (mean_of(a, [&](double s) { return s * weight(s); }) < 2 ? low : high) = a;
    }
    double const influence = mean_of(low, [&](double s) { return s * weight(s) * weight(s); }) / 2,
                 slope = mean_of(low, [&](double s) { return (nu + 2) * nu / ((nu + s) * (nu + s)); });
    return influence * mean_of(low, weight) / (slope * slope);
}

std::unique_ptr<Pass> make_robust_pass(SolveSettings const& settings, std::shared_ptr<SolveSums> sums, int round)
{
    return std::make_unique<RobustPass>(settings, std::move(sums), round);
}

}  // namespace nocturne
