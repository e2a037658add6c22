// For tests of the gridder: layouts of points, and the exact sum over them in double precision.
#pragma once

#include "nocturne/image.hpp"
#include "nocturne/node_set.hpp"
#include "nocturne/units.hpp"

#include <cmath>
#include <complex>
#include <random>
#include <vector>

namespace nocturne::test {

/// Lines of `n_channels` on each of `n_lines` random directions: |u|, |v| up to `uv`, |w| up to `w` wavelengths at 1.4 GHz.
inline NodeGeometry random_layout(unsigned seed, Index n_lines, int n_channels, double uv, double w)
{
    std::mt19937 random(seed);
    std::uniform_real_distribution<double> unit(-1, 1);
    double const lambda = speed_of_light_m_s / 1.4e9;
    NodeGeometry points;
    for (int c = 0; c < n_channels; ++c) points.freq_hz.push_back(1.31e9 + 0.09e9 * c / std::max(1, n_channels - 1));
    for (Index i = 0; i < n_lines; ++i) {
        PointLine line{{uv * unit(random) * lambda, uv * unit(random) * lambda, w * unit(random) * lambda},
                       points.n_points,
                       0,
                       n_channels};
        points.lines.push_back(line);
        points.n_points += n_channels;
    }
    return points;
}

/// Baselines of a DSA-110-like T (an east–west line of 60 antennas over 400 m, outliers to 1.2 km) at declination `dec_rad`,
/// at `n_times` hour angles within ±2.5 minutes.
inline NodeGeometry array_layout(unsigned seed, int n_antennas, int n_times, int n_channels, double dec_rad)
{
    std::mt19937 random(seed);
    std::uniform_real_distribution<double> unit(-1, 1);
    double const latitude = 37.23 * degree_rad;
    std::vector<std::array<double, 3>> xyz;  // equatorial: X to the meridian, Y east, Z north
    for (int a = 0; a < n_antennas; ++a) {
        bool const outlier = a % 5 == 0;
        double const east = unit(random) * (outlier ? 1200 : 200),
                     north = outlier ? unit(random) * 1200 : unit(random) * 20;
        xyz.push_back({-north * std::sin(latitude), east, north * std::cos(latitude)});
    }
    NodeGeometry points;
    for (int c = 0; c < n_channels; ++c) points.freq_hz.push_back(1.3114e9 + 0.1875e9 * (c + 0.5) / n_channels);
    for (int a = 0; a < n_antennas; ++a)
        for (int b = a + 1; b < n_antennas; ++b)
            for (int t = 0; t < n_times; ++t) {
                double const h = (t - 0.5 * (n_times - 1)) * 13 * 2 * pi / day_s;
                double const x = xyz[b][0] - xyz[a][0], y = xyz[b][1] - xyz[a][1], z = xyz[b][2] - xyz[a][2];
                double const r = x * std::cos(h) - y * std::sin(h);
                points.lines.push_back(
                    {{x * std::sin(h) + y * std::cos(h), -r * std::sin(dec_rad) + z * std::cos(dec_rad),
                      r * std::cos(dec_rad) + z * std::sin(dec_rad)},
                     points.n_points,
                     0,
                     n_channels});
                points.n_points += n_channels;
            }
    return points;
}

struct Pixel {
    Index y, x;
};

/// l, m and n − 1 of a pixel.
inline std::array<double, 3> direction_of(ImageGeometry const& image, Pixel pixel)
{
    double const l = -static_cast<double>(pixel.x - image.n_pixels / 2) * image.cell_rad;
    double const m = static_cast<double>(pixel.y - image.n_pixels / 2) * image.cell_rad;
    double const r = l * l + m * m;
    return {l, m, -r / (1 + std::sqrt(1 - r))};
}

/// body(point, exp(−2πi f/c (u l + v m + w (n − 1)))) for all points. Along a line the phase turns by f: the exponential is
/// taken anew for every point.
template<class Body>
void for_each_factor(NodeGeometry const& points, std::array<double, 3> const& at, Body body)
{
    for (auto const& line : points.lines) {
        double const delay =
            (line.uvw_m[0] * at[0] + line.uvw_m[1] * at[1] + line.uvw_m[2] * at[2]) / speed_of_light_m_s;
        for (int p = 0; p < line.n; ++p) {
            double turns = delay * points.freq_hz[line.first_freq + p];
            turns -= std::floor(turns);
            body(line.first_value + p, std::polar(1.0, -2 * pi * turns));
        }
    }
}

/// Σ_p Re(y_p exp(−2πi f/c (u l + v m + w (n − 1)))) at one pixel.
inline double exact_pixel(NodeGeometry const& points, std::vector<Vis> const& y, ImageGeometry const& image,
                          Pixel pixel)
{
    double sum = 0;
    for_each_factor(points, direction_of(image, pixel), [&](Index p, std::complex<double> factor) {
        sum += y[p].re * factor.real() - y[p].im * factor.imag();
    });
    return sum;
}

/// Values of point sources at `pixels` (fluxes 1, 0.7, 0.49 …) plus Gaussian noise of `noise`.
inline std::vector<Vis> source_values(NodeGeometry const& points, ImageGeometry const& image,
                                      std::vector<Pixel> const& pixels, double noise)
{
    std::mt19937 random(11);
    std::normal_distribution<double> normal(0, noise);
    std::vector<std::complex<double>> sum(points.n_points);
    double flux = 1;
    for (auto const& pixel : pixels) {
        for_each_factor(points, direction_of(image, pixel),
                        [&](Index p, std::complex<double> factor) { sum[p] += flux * std::conj(factor); });
        flux *= 0.7;
    }
    std::vector<Vis> y(points.n_points);
    for (Index p = 0; p < points.n_points; ++p)
        y[p] = {static_cast<float>(sum[p].real() + normal(random)), static_cast<float>(sum[p].imag() + normal(random))};
    return y;
}

/// Relative L2 difference between an image and the exact sums at some pixels.
inline double relative_error(NodeGeometry const& points, std::vector<Vis> const& y, ImageGeometry const& image,
                             std::vector<float> const& got, std::vector<Pixel> const& pixels)
{
    double difference = 0, norm = 0;
    for (auto const& pixel : pixels) {
        double const exact = exact_pixel(points, y, image, pixel);
        double const d = static_cast<double>(got[pixel.y * image.n_pixels + pixel.x]) - exact;
        difference += d * d;
        norm += exact * exact;
    }
    return std::sqrt(difference / norm);
}

/// `count` pixels over the whole image; and those on its edges and in its corners.
inline std::vector<Pixel> random_pixels(Index n, int count, unsigned seed)
{
    std::mt19937 random(seed);
    std::vector<Pixel> pixels;
    for (int i = 0; i < count; ++i)
        pixels.push_back({static_cast<Index>(random() % n), static_cast<Index>(random() % n)});
    return pixels;
}
inline std::vector<Pixel> edge_pixels(Index n, int count)
{
    std::vector<Pixel> pixels{{0, 0}, {0, n - 1}, {n - 1, 0}, {n - 1, n - 1},
                              {1, 1}, {n - 2, 1}, {1, n - 2}, {n - 2, n - 2}};
    for (int i = 0; i < count; ++i) {
        Index const along = (i * 7919) % n;
        Pixel const sides[4] = {{0, along}, {n - 1, along}, {along, 0}, {along, n - 1}};
        pixels.push_back(sides[i % 4]);
    }
    return pixels;
}

}  // namespace nocturne::test
