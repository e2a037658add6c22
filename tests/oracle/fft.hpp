// Oracle of `fft`: the Fourier sum of a plane, term by term, times the w-screen; and its transpose. Double precision.
#pragma once

#include <cmath>
#include <complex>
#include <cstddef>
#include <vector>

namespace nocturne::oracle {

inline std::complex<double> turn(double turns)
{
    return std::polar(1.0, 2 * std::acos(-1.0) * (turns - std::round(turns)));
}

/// Re(exp(−2πi screen) Σ cells[row][column] exp(−2πi (column X + row Y) / n)).
inline double screened_pixel(std::vector<std::complex<double>> const& cells, int n, int x, int y, double screen_turns)
{
    std::complex<double> sum;
    for (int row = 0; row < n; ++row)
        for (int column = 0; column < n; ++column)
            sum += cells[static_cast<std::size_t>(row) * n + column] *
                   turn(-static_cast<double>(column * x + row * y) / n);
    return (sum * turn(-screen_turns)).real();
}

/// Σ image exp(+2πi screen) exp(+2πi (column X + row Y) / n) at one cell; pixels [kept][kept], X = x − kept/2.
inline std::complex<double> cell_of_image(std::vector<double> const& image, std::vector<double> const& screen_turns,
                                          int kept, int n, int row, int column)
{
    std::complex<double> sum;
    for (int y = 0; y < kept; ++y)
        for (int x = 0; x < kept; ++x) {
            std::size_t const at = static_cast<std::size_t>(y) * kept + x;
            int const phase = column * (x - kept / 2) + row * (y - kept / 2);
            sum += image[at] * turn(screen_turns[at]) * turn(static_cast<double>(phase) / n);
        }
    return sum;
}

}  // namespace nocturne::oracle
