// For launch files, compiled once per instruction set: sums and differences of mirrored elements, as FoldedMatrix takes and leaves them.
#if defined(NOCTURNE_FOLD_INL) == defined(HWY_TARGET_TOGGLE)
#    ifdef NOCTURNE_FOLD_INL
#        undef NOCTURNE_FOLD_INL
#    else
#        define NOCTURNE_FOLD_INL
#    endif

#    include "nocturne/folded_matrix.hpp"

#    include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace nocturne::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// Rows i and n − 1 − i become their sum and their difference; `width` floats, rounded up to 16. Twice is twice the rows.
HWY_INLINE void fold_rows(float* rows, Index stride, Index n, Index width)
{
    hn::ScalableTag<float> const d;
    auto const lanes = static_cast<Index>(hn::Lanes(d));
    for (Index i = 0; i < n / 2; ++i) {
        float *const a = rows + i * stride, *const b = rows + (n - 1 - i) * stride;
        for (Index c = 0; c < NodeRect::round_up(width); c += lanes) {
            auto const one = hn::LoadU(d, a + c), two = hn::LoadU(d, b + c);
            hn::StoreU(hn::Add(one, two), d, a + c);
            hn::StoreU(hn::Sub(one, two), d, b + c);
        }
    }
}

/// Elements i and n − 1 − i of a row become their sum and their difference.
HWY_INLINE void fold_columns(float* row, Index n)
{
    hn::ScalableTag<float> const d;
    auto const lanes = static_cast<Index>(hn::Lanes(d));
    Index i = 0;
    for (; i + lanes <= n / 2; i += lanes) {
        float* const mirrored = row + n - lanes - i;
        auto const one = hn::LoadU(d, row + i), two = hn::Reverse(d, hn::LoadU(d, mirrored));
        hn::StoreU(hn::Add(one, two), d, row + i);
        hn::StoreU(hn::Reverse(d, hn::Sub(one, two)), d, mirrored);
    }
    for (; i < n / 2; ++i) {
        float const one = row[i], two = row[n - 1 - i];
        row[i] = one + two;
        row[n - 1 - i] = one - two;
    }
}

/// The halves of a row of n nodes, the odd one from `odd` on, become the row.
HWY_INLINE void unfold_columns(float* row, Index odd, Index n)
{
    for (Index j = 0; j < n / 2; ++j) row[(n + 1) / 2 + j] = row[odd + j];
    fold_columns(row, n);
}

}  // namespace nocturne::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
