// Tables of a moving source. Enters: values at times. Leaves: the value at a time between them. For src/io alone.
#pragma once

#include <vector>

namespace nocturne {

/// Interpolates as pyuvdata's interpolate_ephem does: one entry is a constant, two and three are joined by lines, four and
/// more by a cubic spline whose third derivative is continuous at the second and the last but one entry ("not a knot", de
/// Boor 2001, A Practical Guide to Splines, chapter IV). `x` must ascend.
class Interpolator {
public:
    Interpolator(std::vector<double> x, std::vector<double> y);
    /// `at` must lie within [x.front(), x.back()], except where there is one entry.
    double operator()(double at) const;
    bool covers(double at) const { return x_.size() == 1 || (at >= x_.front() && at <= x_.back()); }

private:
    void solve_slopes();
    std::vector<double> x_, y_, slope_;
};

}  // namespace nocturne
