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
    /// Two samples' correlation is of(place(a) − place(b)).
    std::ptrdiff_t place(PixelSample const& s) const
    {
        return static_cast<std::ptrdiff_t>(s.y) * (2 * reach_x_ + 1) + static_cast<std::ptrdiff_t>(s.x);
    }
    double of(std::ptrdiff_t difference) const { return middle()[difference]; }

private:
    double const* middle() const { return values_.data() + reach_y_ * (2 * reach_x_ + 1) + reach_x_; }

    std::ptrdiff_t reach_x_ = 0, reach_y_ = 0;
    std::vector<double> values_;
};

}  // namespace

std::array<double, 4> errors_of(std::array<Functional const*, 4> const& f, std::vector<PixelSample> const& samples,
                                Ellipse const& beam, double rms)
{
    NoiseCorrelation const correlation(beam, samples);
    using Four = std::array<double, 4>;
    std::vector<Four> values(samples.size());
    std::vector<std::ptrdiff_t> places;
    for (std::size_t i = 0; i < samples.size(); ++i) {
        for (std::size_t k = 0; k < 4; ++k) values[i][k] = f[k]->empty() ? 0 : (*f[k])[i];
        places.push_back(correlation.place(samples[i]));
    }
    Four variance{};
    for (std::size_t i = 0; i < samples.size(); ++i) {
        Four even{}, odd{};  // two sums: one would wait for itself
        for (std::size_t j = 0; j < i; j += 2) {
            bool const two = j + 1 < i;
            double const first = correlation.of(places[i] - places[j]),
                         second = two ? correlation.of(places[i] - places[j + 1]) : 0;
            for (std::size_t k = 0; k < 4; ++k) {
                even[k] += first * values[j][k];
                odd[k] += second * values[two ? j + 1 : j][k];
            }
        }
        for (std::size_t k = 0; k < 4; ++k) variance[k] += values[i][k] * (values[i][k] + 2 * (even[k] + odd[k]));
    }
    Four errors;
    for (std::size_t k = 0; k < 4; ++k) errors[k] = rms * std::sqrt(std::max(variance[k], 0.0));
    return errors;
}

double error_of(Functional const& f, std::vector<PixelSample> const& samples, Ellipse const& beam, double rms)
{
    Functional const none;
    return errors_of({&f, &none, &none, &none}, samples, beam, rms)[0];
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
