// Enters: an image and a place between its pixels. Leaves: the value and derivatives of its band-limited interpolation.
#include "qa/gaussian_fit.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace nocturne {
namespace {

constexpr int most = 8;
constexpr double least_beta = 8, most_beta = 16;  // 80 dB: ripple of 1e-4; 150 dB

/// Wide beams hold no short waves: their window may fall softly, and leaves less of what is beyond its end.
double beta_for(Interpolation how)
{
    double const softest = 2 * pi * most * (how.width > 0 ? 0.5 - 2 / how.width : 0);
    return std::clamp(softest, least_beta, most_beta) * how.half / most;
}

/// sin(πt)/(πt) under a Kaiser window that ends at |t| = half; less the window's step there, so that the slope has none either.
double kernel(double t, int half, double beta)
{
    double const r = t / half;
    if (!(std::abs(r) < 1)) return 0;
    double const sinc = t == 0 ? 1 : std::sin(pi * t) / (pi * t);
    return sinc * (std::cyl_bessel_i(0.0, beta * std::sqrt(1 - r * r)) - 1) / (std::cyl_bessel_i(0.0, beta) - 1);
}

/// Weights of the 2 half pixels around `at`, and their first and second derivatives. Those of a constant sum to 1, 0, 0.
struct Weights {
    Index first;
    std::array<std::array<double, 2 * most>, 3> w{};

    Weights(double at, Interpolation how) : first(static_cast<Index>(std::floor(at)) - how.half + 1)
    {
        constexpr double h = 1e-3;
        double const beta = beta_for(how);
        double s = 0, ds = 0, dds = 0;
        auto const n = 2 * static_cast<std::size_t>(how.half);
        for (std::size_t i = 0; i < n; ++i) {
            double const t = at - static_cast<double>(first + static_cast<Index>(i));
            double const before = kernel(t - h, how.half, beta), here = kernel(t, how.half, beta),
                         after = kernel(t + h, how.half, beta);
            s += w[0][i] = here;
            ds += w[1][i] = (after - before) / (2 * h);
            dds += w[2][i] = (after - 2 * here + before) / (h * h);
        }
        for (std::size_t i = 0; i < n; ++i) {  // the derivatives of here / s
            double const value = w[0][i] / s, slope = (w[1][i] - value * ds) / s;
            w[2][i] = (w[2][i] - value * dds - 2 * slope * ds) / s;
            w[1][i] = slope;
            w[0][i] = value;
        }
    }
};

}  // namespace

Interpolated interpolate_image(View<float const, 2> image, double x, double y, Interpolation how)
{
    Weights const in_x(x, how), in_y(y, how);
    int const half = how.half;
    Interpolated result;
    for (int j = 0; j < 2 * half; ++j) {
        double row = 0, row_d = 0, row_dd = 0;
        for (int i = 0; i < 2 * half; ++i) {
            auto const k = static_cast<std::size_t>(i);
            double const pixel = static_cast<double>(image(in_y.first + j, in_x.first + i));
            row += in_x.w[0][k] * pixel;
            row_d += in_x.w[1][k] * pixel;
            row_dd += in_x.w[2][k] * pixel;
        }
        auto const k = static_cast<std::size_t>(j);
        result.value += in_y.w[0][k] * row;
        result.dx += in_y.w[0][k] * row_d;
        result.dy += in_y.w[1][k] * row;
        result.dxx += in_y.w[0][k] * row_dd;
        result.dxy += in_y.w[1][k] * row_d;
        result.dyy += in_y.w[2][k] * row;
    }
    return result;
}

std::vector<float> resample_around(View<float const, 2> image, double x, double y, ResampleReach reach)
{
    Weights const in_x(x, reach.how), in_y(y, reach.how);
    Index const side = 2 * reach.pixels + 1;
    auto const taps = 2 * static_cast<std::size_t>(reach.how.half);
    std::vector<double> rows;  // interpolated along x: [2 half + 2 reach][side]
    for (Index j = -reach.pixels; j < reach.pixels + 2 * reach.how.half; ++j)
        for (Index i = -reach.pixels; i <= reach.pixels; ++i) {
            double sum = 0;
            for (std::size_t k = 0; k < taps; ++k)
                sum +=
                    in_x.w[0][k] * static_cast<double>(image(in_y.first + j, in_x.first + i + static_cast<Index>(k)));
            rows.push_back(sum);
        }
    std::vector<float> pixels;
    for (Index j = 0; j < side; ++j)
        for (Index i = 0; i < side; ++i) {
            double sum = 0;
            for (std::size_t k = 0; k < taps; ++k)
                sum += in_y.w[0][k] * rows[static_cast<std::size_t>((j + static_cast<Index>(k)) * side + i)];
            pixels.push_back(static_cast<float>(sum));
        }
    return pixels;
}

}  // namespace nocturne
