// For launch files, compiled once per instruction set: uv cells and natural weights of a row of channels, as UvCells and
// StokesView define them.
#if defined(NOCTURNE_UV_ROW_INL) == defined(HWY_TARGET_TOGGLE)
#    ifdef NOCTURNE_UV_ROW_INL
#        undef NOCTURNE_UV_ROW_INL
#    else
#        define NOCTURNE_UV_ROW_INL
#    endif

#    include "kernels/shared/uv_cell.hpp"

#    include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace nocturne::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// cell[c] of channels [0, n), −1 outside the grid; u, v in metres. Fewer than 2^31 cells.
HWY_INLINE void cells_of_row(UvCells const& cells, double u, double v, double const* freq_hz, Index n,
                             std::int32_t* cell)
{
    hn::ScalableTag<double> const d;
    hn::Rebind<std::int32_t, decltype(d)> const out;
    auto const lanes = static_cast<Index>(hn::Lanes(d));
    double const sign = v < 0 ? -1 : 1;  // frequencies are positive
    auto const width = hn::Set(d, static_cast<double>(cells.n_cells)), middle = hn::Mul(width, hn::Set(d, 0.5));
    auto const height = hn::Set(d, static_cast<double>(cells.n_rows())), zero = hn::Zero(d), outside = hn::Set(d, -1.0);
    auto const uu = hn::Set(d, sign * u), vv = hn::Set(d, sign * v), scale = hn::Set(d, cells.scale());
    Index c = 0;
    for (; c + lanes <= n; c += lanes) {
        auto const f = hn::Mul(hn::LoadU(d, freq_hz + c), scale);
        auto const column = hn::Floor(hn::Add(hn::Mul(uu, f), middle)), row = hn::Floor(hn::Mul(vv, f));
        auto const inside = hn::And(hn::And(hn::Ge(column, zero), hn::Lt(column, width)), hn::Lt(row, height));
        auto const index = hn::IfThenElse(inside, hn::MulAdd(row, width, column), outside);
        hn::StoreU(hn::DemoteTo(out, index), out, cell + c);
    }
    for (; c < n; ++c) {
        double const f = freq_hz[c] * cells.scale();
        cell[c] = static_cast<std::int32_t>(cells.at(u * f, v * f));
    }
}

/// factor[c] = table[cell[c]], 0 outside the grid.
HWY_INLINE void look_up(float const* table, std::int32_t const* cell, Index n, float* factor)
{
    hn::ScalableTag<float> const d;
    hn::RebindToSigned<decltype(d)> const di;
    auto const lanes = static_cast<Index>(hn::Lanes(d));
    Index c = 0;
    for (; c + lanes <= n; c += lanes) {
        auto const index = hn::LoadU(di, cell + c);
        auto const found = hn::GatherIndex(d, table, hn::Max(index, hn::Zero(di)));
        hn::StoreU(hn::IfThenElseZero(hn::RebindMask(d, hn::Gt(index, hn::Set(di, -1))), found), d, factor + c);
    }
    for (; c < n; ++c) factor[c] = cell[c] < 0 ? 0 : table[cell[c]];
}

}  // namespace nocturne::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
