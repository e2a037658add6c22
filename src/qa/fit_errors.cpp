// Enters: pixels and derivatives of a fit. Leaves: variances in noise that is correlated over the beam.
#include "qa/fit_errors.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace nocturne {

namespace {

/// The correlation of noise by the distance of two pixels: there are far fewer distances than pairs.
class NoiseCorrelation {
public:
    NoiseCorrelation(Ellipse const& beam, std::vector<PixelSample> const& samples)
    {
        auto const low_high = [&](double PixelSample::*axis) {
            auto const [low, high] =
                std::minmax_element(samples.begin(), samples.end(),
                                    [axis](PixelSample const& a, PixelSample const& b) { return a.*axis < b.*axis; });
            return static_cast<std::ptrdiff_t>(std::ceil((*high).*axis - (*low).*axis));
        };
        reach_x_ = low_high(&PixelSample::x), reach_y_ = low_high(&PixelSample::y);
        auto const gaussian = gaussian_of(beam);
        Gaussian::Parameters unused;
        for (auto dy = -reach_y_; dy <= reach_y_; ++dy)
            for (auto dx = -reach_x_; dx <= reach_x_; ++dx)
                values_.push_back(gaussian.value(static_cast<double>(dx), static_cast<double>(dy), unused));
    }
    double operator()(PixelSample const& a, PixelSample const& b) const
    {
        auto const dx = static_cast<std::ptrdiff_t>(a.x - b.x), dy = static_cast<std::ptrdiff_t>(a.y - b.y);
        return values_[static_cast<std::size_t>((dy + reach_y_) * (2 * reach_x_ + 1) + dx + reach_x_)];
    }

private:
    std::ptrdiff_t reach_x_ = 0, reach_y_ = 0;
    std::vector<double> values_;
};

}  // namespace

double error_of(Functional const& f, std::vector<PixelSample> const& samples, Ellipse const& beam, double rms)
{
    if (f.empty()) return 0;
    NoiseCorrelation const correlation(beam, samples);
    double variance = 0;
    for (std::size_t i = 0; i < samples.size(); ++i) {
        double sum = 0;
        for (std::size_t j = 0; j < i; ++j) sum += f[j] * correlation(samples[i], samples[j]);
        variance += f[i] * (f[i] + 2 * sum);
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
