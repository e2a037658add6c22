// Views: pointer, extents and strides; they own nothing and are copied into kernels. A stride of 0 broadcasts a
// constant.
#pragma once

#include "nocturne/check.hpp"

#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace nocturne {

using Index = std::int64_t;

/// An N-dimensional view; the last axis is the fastest unless strides say otherwise (strides count elements).
template<class T, int N>
struct View {
    T* data = nullptr;
    Index extent[N] = {};
    Index stride[N] = {};

    template<class... I>
    NOCT_INLINE T& operator()(I... index) const
    {
        static_assert(sizeof...(I) == N);
        Index const at[N] = {static_cast<Index>(index)...};
        Index offset = 0;
        for (int axis = 0; axis < N; ++axis) {
            NOCT_EXPECT(at[axis] >= 0 && at[axis] < extent[axis]);
            offset += at[axis] * stride[axis];
        }
        return data[offset];
    }

    NOCT_HD constexpr Index size() const
    {
        Index product = 1;
        for (Index e : extent) product *= e;
        return product;
    }

    /// True where elements lie one after another in row-major order.
    NOCT_HD constexpr bool contiguous() const
    {
        Index expected = 1;
        for (int axis = N - 1; axis >= 0; --axis) {
            if (extent[axis] != 1 && stride[axis] != expected) return false;
            expected *= extent[axis];
        }
        return true;
    }

    /// The same data seen over `count` entries of `axis` from `first`.
    NOCT_HD constexpr View slice(int axis, Index first, Index count) const
    {
        NOCT_EXPECT(first >= 0 && first + count <= extent[axis]);
        View part = *this;
        part.data += first * stride[axis];
        part.extent[axis] = count;
        return part;
    }

    /// A view that may write converts to one that only reads.
    template<class U>
    requires(std::is_same_v<U, T const> && !std::is_const_v<T>) NOCT_HD constexpr operator View<U, N>() const
    {
        View<U, N> other;
        other.data = data;
        for (int axis = 0; axis < N; ++axis) {
            other.extent[axis] = extent[axis];
            other.stride[axis] = stride[axis];
        }
        return other;
    }
};

/// A contiguous row-major view.
template<class T, class... I>
NOCT_HD constexpr View<T, sizeof...(I)> make_view(T* data, I... extents)
{
    constexpr int n = sizeof...(I);
    View<T, n> view;
    view.data = data;
    Index const wanted[n] = {static_cast<Index>(extents)...};
    Index stride = 1;
    for (int axis = n - 1; axis >= 0; --axis) {
        view.extent[axis] = wanted[axis];
        view.stride[axis] = stride;
        stride *= wanted[axis];
    }
    return view;
}

/// A view of one value seen at every index.
template<class T, class... I>
NOCT_HD constexpr View<T, sizeof...(I)> make_constant_view(T* value, I... extents)
{
    auto view = make_view(value, extents...);
    for (Index& s : view.stride) s = 0;
    return view;
}

}  // namespace nocturne
