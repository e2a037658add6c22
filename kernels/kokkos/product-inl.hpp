// For launch files, compiled once per instruction set: products of small real matrices in single precision. Enters: rows of
// coefficients or samples. Leaves: their product, each element summed in the order of k, whatever the vector length.
#if defined(NOCTURNE_PRODUCT_INL) == defined(HWY_TARGET_TOGGLE)
#    ifdef NOCTURNE_PRODUCT_INL
#        undef NOCTURNE_PRODUCT_INL
#    else
#        define NOCTURNE_PRODUCT_INL
#    endif

#    include "nocturne/view.hpp"

#    include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace nocturne::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// Rows of floats: element (i, j) at data[i · stride + j].
struct Rows {
    float const* data = nullptr;
    Index stride = 0;
};

#    if HWY_TARGET <= HWY_AVX3
constexpr int product_rows = 8;  // 8 × 3 sums fill the 32 registers
#    else
constexpr int product_rows = 4;
#    endif

/// M rows × V vectors of columns, held in registers over all k.
template<int M, int V>
HWY_INLINE void product_tile(Rows a, Rows b, Index n_k, float* c, Index c_stride)
{
    hn::ScalableTag<float> const d;
    auto const lanes = static_cast<Index>(hn::Lanes(d));
    hn::Vec<decltype(d)> sum[M][V];
    for (int m = 0; m < M; ++m)
        for (int v = 0; v < V; ++v) sum[m][v] = hn::Zero(d);
    for (Index k = 0; k < n_k; ++k) {
        hn::Vec<decltype(d)> column[V];
        for (int v = 0; v < V; ++v) column[v] = hn::LoadU(d, b.data + k * b.stride + v * lanes);
        for (int m = 0; m < M; ++m) {
            auto const factor = hn::Set(d, a.data[m * a.stride + k]);
            for (int v = 0; v < V; ++v) sum[m][v] = hn::MulAdd(factor, column[v], sum[m][v]);
        }
    }
    for (int m = 0; m < M; ++m)
        for (int v = 0; v < V; ++v) hn::StoreU(sum[m][v], d, c + m * c_stride + v * lanes);
}

template<int M>
HWY_INLINE void product_row_band(Rows a, Rows b, Index n_k, float* c, Index c_stride, Index vectors)
{
    if (vectors == 3)
        product_tile<M, 3>(a, b, n_k, c, c_stride);
    else if (vectors == 2)
        product_tile<M, 2>(a, b, n_k, c, c_stride);
    else
        product_tile<M, 1>(a, b, n_k, c, c_stride);
}

/// c[m][n] = Σ_k a[m][k] b[k][n] for m < n_m and n < n_n rounded up to 16: rows of b and c are readable and writable so far.
HWY_INLINE void product(Rows a, Rows b, Index n_m, Index n_k, Index n_n, float* c, Index c_stride)
{
    hn::ScalableTag<float> const d;
    auto const lanes = static_cast<Index>(hn::Lanes(d));
    Index const all = (n_n + 15) / 16 * 16 / lanes;
    for (Index n = 0; n < all;) {
        Index const vectors = all - n == 4 ? 2 : all - n < 3 ? all - n : 3;
        Rows const columns{b.data + n * lanes, b.stride};
        Index m = 0;
        for (; m + product_rows <= n_m; m += product_rows)
            product_row_band<product_rows>({a.data + m * a.stride, a.stride}, columns, n_k,
                                           c + m * c_stride + n * lanes, c_stride, vectors);
        for (; m + 4 <= n_m; m += 4)  // two rows alone would wait for their own sums
            product_row_band<4>({a.data + m * a.stride, a.stride}, columns, n_k, c + m * c_stride + n * lanes, c_stride,
                                vectors);
        for (; m + 2 <= n_m; m += 2)
            product_row_band<2>({a.data + m * a.stride, a.stride}, columns, n_k, c + m * c_stride + n * lanes, c_stride,
                                vectors);
        if (m < n_m)
            product_row_band<1>({a.data + m * a.stride, a.stride}, columns, n_k, c + m * c_stride + n * lanes, c_stride,
                                vectors);
        n += vectors;
    }
}

}  // namespace nocturne::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
