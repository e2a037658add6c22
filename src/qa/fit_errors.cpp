// Enters: pixels and derivatives of a fit. Leaves: variances in noise that is correlated over the beam.
#include "qa/fit_errors.hpp"

#include <cmath>

namespace nocturne {

double error_of(Functional const& f, std::vector<PixelSample> const& samples, Ellipse const& beam, double rms)
{
    if (f.empty()) return 0;
    auto const correlation = gaussian_of(beam);
    Gaussian::Parameters unused;
    double variance = 0;
    for (std::size_t i = 0; i < samples.size(); ++i) {
        variance += f[i] * f[i];
        for (std::size_t j = 0; j < i; ++j)
            variance +=
                2 * f[i] * f[j] * correlation.value(samples[i].x - samples[j].x, samples[i].y - samples[j].y, unused);
    }
    return rms * std::sqrt(std::max(variance, 0.0));
}

std::vector<Functional> functionals_of(Gaussian const& fitted, std::vector<PixelSample> const& samples,
                                       GaussianFitOptions const& options)
{
    auto const vary = detail::varying(options);
    detail::NormalEquations const normal(samples, fitted, vary);
    std::vector<Functional> result(Gaussian::n_parameters);
    Gaussian::Parameters derivative;
    for (auto p : vary) result[p].reserve(samples.size());
    for (auto const& s : samples) {
        fitted.value(s.x, s.y, derivative);
        auto matrix = normal.matrix;
        Gaussian::Parameters column{};
        for (std::size_t i = 0; i < vary.size(); ++i) column[i] = derivative[vary[i]];
        if (!detail::solve_cholesky(matrix, column, vary.size()))
            return std::vector<Functional>(Gaussian::n_parameters);
        for (std::size_t i = 0; i < vary.size(); ++i) result[vary[i]].push_back(column[i]);
    }
    return result;
}

Functional log_area(Gaussian const& g, std::vector<Functional> const& parameters)
{
    auto const &xx = parameters[3], &xy = parameters[4], &yy = parameters[5];
    double const scale = -0.5 / (g.qxx * g.qyy - g.qxy * g.qxy);
    Functional result(xx.size());
    for (std::size_t i = 0; i < xx.size(); ++i) result[i] = scale * (g.qyy * xx[i] + g.qxx * yy[i] - 2 * g.qxy * xy[i]);
    return result;
}

}  // namespace nocturne
