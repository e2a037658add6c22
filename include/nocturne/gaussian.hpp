// Least squares of one elliptical Gaussian: beams of PSFs, sources in images. Enters: pixels as (x, y, value) and a start.
// Leaves: the best Gaussian. Levenberg-Marquardt with analytic derivatives in double precision.
#pragma once

#include "nocturne/units.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <vector>

namespace nocturne {

/// peak · exp(−½ (qxx dx² + 2 qxy dx dy + qyy dy²)) + constant, dx = x − x0, dy = y − y0 in pixels.
struct Gaussian {
    double peak = 0, x = 0, y = 0;
    double qxx = 1, qxy = 0, qyy = 1;
    double constant = 0;

    static constexpr std::size_t n_parameters = 7;
    using Parameters = std::array<double, n_parameters>;
    Parameters parameters() const { return {peak, x, y, qxx, qxy, qyy, constant}; }
    static Gaussian from(Parameters const& p) { return {p[0], p[1], p[2], p[3], p[4], p[5], p[6]}; }

    bool elliptical() const { return qxx > 0 && qyy > 0 && qxx * qyy > qxy * qxy; }

    /// The value at (at_x, at_y); `derivative` gains that by each parameter.
    double value(double at_x, double at_y, Parameters& derivative) const
    {
        double const dx = at_x - x, dy = at_y - y;
        double const shape = std::exp(-0.5 * (qxx * dx * dx + 2 * qxy * dx * dy + qyy * dy * dy));
        double const v = peak * shape;
        derivative = {shape,
                      v * (qxx * dx + qxy * dy),
                      v * (qxy * dx + qyy * dy),
                      -0.5 * v * dx * dx,
                      -v * dx * dy,
                      -0.5 * v * dy * dy,
                      1};
        return v + constant;
    }
};

/// Full widths at half maximum in pixels, position angle of the major axis from +y through −x (north through east where
/// x grows to the west), in [0, π).
struct Ellipse {
    double major = 0, minor = 0, pa_rad = 0;
};

constexpr double fwhm_per_sigma = 2.3548200450309493;  // sqrt(8 ln 2)

/// Widths and angle of a Gaussian with elliptical().
inline Ellipse ellipse_of(Gaussian const& g)
{
    double const mean = 0.5 * (g.qxx + g.qyy), half = 0.5 * (g.qyy - g.qxx);
    double const root = std::hypot(half, g.qxy);
    // The major axis belongs to the smaller eigenvalue mean − root of q.
    double const angle = 0.5 * std::atan2(-2 * g.qxy, g.qyy - g.qxx);  // from +x to +y
    double pa = std::atan2(-std::cos(angle), std::sin(angle));
    while (pa < 0) pa += pi;
    while (pa >= pi) pa -= pi;
    return {fwhm_per_sigma / std::sqrt(mean - root), fwhm_per_sigma / std::sqrt(mean + root), pa};
}

/// A Gaussian of peak 1 at (0, 0) with these widths; the inverse of ellipse_of.
inline Gaussian gaussian_of(Ellipse const& e)
{
    double const s = std::sin(e.pa_rad), c = std::cos(e.pa_rad);
    double const along = std::pow(fwhm_per_sigma / e.major, 2), across = std::pow(fwhm_per_sigma / e.minor, 2);
    // Major axis (−s, c), minor axis (c, s) in (x, y).
    Gaussian g;
    g.peak = 1;
    g.qxx = along * s * s + across * c * c;
    g.qyy = along * c * c + across * s * s;
    g.qxy = (across - along) * s * c;
    return g;
}

struct PixelSample {
    double x, y, value;
};

/// Which parameters a fit may change; the others stay as in the start.
struct GaussianFitOptions {
    bool position = true, peak = true, shape = true, constant = false;
    int max_iterations = 60;
};

struct GaussianFitResult {
    Gaussian gaussian;
    double sum_squares = 0;  ///< of the residuals
    bool converged = false;  ///< the last step changed the model by less than 1e-10 of the samples' norm
};

namespace detail {

/// Solves A x = b for a symmetric positive A of n ≤ 7 rows by Cholesky, in place; false where A is not positive.
inline bool solve_cholesky(std::array<Gaussian::Parameters, Gaussian::n_parameters>& a, Gaussian::Parameters& b,
                           std::size_t n)
{
    for (std::size_t j = 0; j < n; ++j) {
        for (std::size_t i = j; i < n; ++i) {
            double sum = a[i][j];
            for (std::size_t k = 0; k < j; ++k) sum -= a[i][k] * a[j][k];
            if (i == j && !(sum > 0)) return false;
            a[i][j] = i == j ? std::sqrt(sum) : sum / a[j][j];
        }
    }
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t k = 0; k < i; ++k) b[i] -= a[i][k] * b[k];
        b[i] /= a[i][i];
    }
    for (std::size_t i = n; i-- > 0;) {
        for (std::size_t k = i + 1; k < n; ++k) b[i] -= a[k][i] * b[k];
        b[i] /= a[i][i];
    }
    return true;
}

/// Normal equations JᵀJ, Jᵀr over the parameters that vary, and Σ r².
struct NormalEquations {
    std::array<Gaussian::Parameters, Gaussian::n_parameters> matrix{};
    Gaussian::Parameters right{};
    double sum_squares = 0;

    NormalEquations(std::vector<PixelSample> const& samples, Gaussian const& g, std::vector<std::size_t> const& vary)
    {
        Gaussian::Parameters d;
        for (auto const& s : samples) {
            double const residual = s.value - g.value(s.x, s.y, d);
            sum_squares += residual * residual;
            for (std::size_t i = 0; i < vary.size(); ++i) {
                right[i] += d[vary[i]] * residual;
                for (std::size_t j = 0; j <= i; ++j) matrix[i][j] += d[vary[i]] * d[vary[j]];
            }
        }
    }
};

/// One damped step from `at`: true where the system could be solved; `size` is the largest change of the model that one
/// parameter makes, squared and summed over the samples.
inline bool damped_step(NormalEquations const& at, double damping, std::vector<std::size_t> const& vary,
                        Gaussian::Parameters& step, double& size)
{
    auto matrix = at.matrix;
    step = at.right;
    for (std::size_t i = 0; i < vary.size(); ++i) matrix[i][i] += damping * at.matrix[i][i] + 1e-300;
    if (!solve_cholesky(matrix, step, vary.size())) return false;
    size = 0;
    for (std::size_t i = 0; i < vary.size(); ++i) size = std::max(size, step[i] * step[i] * at.matrix[i][i]);
    return true;
}

inline std::vector<std::size_t> varying(GaussianFitOptions const& options)
{
    std::vector<std::size_t> vary;
    if (options.peak) vary.push_back(0);
    if (options.position) vary.insert(vary.end(), {1, 2});
    if (options.shape) vary.insert(vary.end(), {3, 4, 5});
    if (options.constant) vary.push_back(6);
    return vary;
}

}  // namespace detail

/// Minimises Σ (value − g)² from `start` (Levenberg 1944, Marquardt 1963). Needs as many samples as parameters vary;
/// fewer, or samples that are not finite, give converged = false and the start.
inline GaussianFitResult fit_gaussian(std::vector<PixelSample> const& samples, Gaussian const& start,
                                      GaussianFitOptions const& options = {})
{
    auto const vary = detail::varying(options);
    GaussianFitResult result{start, 0, false};
    detail::NormalEquations now(samples, start, vary);
    result.sum_squares = now.sum_squares;
    if (samples.size() < vary.size() || !start.elliptical() || !std::isfinite(now.sum_squares)) return result;
    double norm = 0, damping = 1e-3;
    for (auto const& s : samples) norm += s.value * s.value;
    for (int iteration = 0; iteration < options.max_iterations && !result.converged; ++iteration) {
        Gaussian::Parameters step;
        double size = 0;
        auto parameters = result.gaussian.parameters();
        bool const solved = detail::damped_step(now, damping, vary, step, size);
        for (std::size_t i = 0; i < vary.size() && solved; ++i) parameters[vary[i]] += step[i];
        auto const trial = Gaussian::from(parameters);
        bool const small = solved && size <= 1e-20 * norm;
        if (solved && trial.elliptical()) {
            detail::NormalEquations const next(samples, trial, vary);
            if (next.sum_squares <= now.sum_squares) {
                result.gaussian = trial;
                result.sum_squares = next.sum_squares;
                now = next;
                damping = std::max(damping * 0.1, 1e-12);
                result.converged = small;
                continue;
            }
        }
        damping *= 10;
        result.converged = small && damping < 1e3;
    }
    return result;
}

}  // namespace nocturne
