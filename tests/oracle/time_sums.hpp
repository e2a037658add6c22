// Oracle of `time_sums`: the sums of its contract in double precision, one sample at a time.
#pragma once

#include <cmath>
#include <complex>
#include <vector>

namespace nocturne::oracle {

struct TimeSample {
    std::complex<double> vis, model;
    double weight = 0;  ///< 0: not used
    int interval = 0;
};

/// A point source: flux s exp(2πi f delay), s the parabola through the smearing.
inline std::complex<double> fringe(double flux_jy, double smear, double delay_s, double freq_hz)
{
    return flux_jy * smear * std::exp(std::complex<double>(0, 2 * std::acos(-1.0) * delay_s * freq_hz));
}

/// Lange, Little & Taylor 1989: E-step of Student's t with ν degrees of freedom for a residual of two parts of variance scale / weight each.
inline double student_weight(double weight, std::complex<double> residual, double scale, double nu)
{
    return weight * (nu + 2) / (nu + weight * std::norm(residual) / scale);
}

struct TimeSums {
    std::vector<std::complex<double>> product;  ///< [interval] Σ w V conj(M)
    std::vector<double> power_model;            ///< [interval] Σ w |M|²
    double power_data = 0, count = 0;
};

/// One baseline, correlation and channel.
inline TimeSums time_sums(std::vector<TimeSample> const& samples, int intervals)
{
    TimeSums sums;
    sums.product.resize(static_cast<std::size_t>(intervals));
    sums.power_model.resize(static_cast<std::size_t>(intervals));
    for (auto const& s : samples) {
        if (!(s.weight > 0)) continue;
        sums.product[static_cast<std::size_t>(s.interval)] += s.weight * s.vis * std::conj(s.model);
        sums.power_model[static_cast<std::size_t>(s.interval)] += s.weight * std::norm(s.model);
        sums.power_data += s.weight * std::norm(s.vis);
        sums.count += 1;
    }
    return sums;
}

}  // namespace nocturne::oracle
