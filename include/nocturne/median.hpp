// The median as robust statistics of this project take it.
#pragma once

#include <algorithm>
#include <iterator>
#include <vector>

namespace nocturne {

/// The upper one of an even number; 0 where there is none. `values` change their order.
template<class T>
T median_of(std::vector<T>& values)
{
    if (values.empty()) return T(0);
    auto const middle = values.begin() + std::ssize(values) / 2;
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

/// The same of values that are not kept.
template<class T>
T median_of(std::vector<T>&& values)
{
    return median_of(values);
}

}  // namespace nocturne
