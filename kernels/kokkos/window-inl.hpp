// For kernels/kokkos/grid.cpp and degrid.cpp: the points of a line with their weights, and the window of the lattice that is
// held in cache while they walk through it. Enters: a line. Leaves: batches of ready points; a window's place.
#if defined(NOCTURNE_WINDOW_INL) == defined(HWY_TARGET_TOGGLE)
#    ifdef NOCTURNE_WINDOW_INL
#        undef NOCTURNE_WINDOW_INL
#    else
#        define NOCTURNE_WINDOW_INL
#    endif

#    include "kernels/kokkos/lanes-inl.hpp"
#    include "kernels/shared/lattice.hpp"

HWY_BEFORE_NAMESPACE();
namespace nocturne::HWY_NAMESPACE {

constexpr int batch_points = 32;
constexpr int window_planes = 2 * max_support;  ///< planes held at once
constexpr int window_side = 16;                 ///< cells: a footprint that starts in a tile ends in the next one
constexpr int window_row = 2 * window_side;     ///< re 16, im 16
constexpr int window_plane = window_side * window_row;

using Doubles = hn::FixedTag<double, 4>;
using Quad = hn::Vec<Doubles>;

/// Points of a line, ready to be spread or read.
struct Batch {
    alignas(64) float weight[batch_points][3][8];  ///< u, v, w
    alignas(64) float t[3][batch_points];
    alignas(64) std::int32_t start[3][batch_points];
    alignas(64) float cosine[batch_points], sine[batch_points];  ///< of the shift of n − 1
};

/// What does not change along a line, and the polynomials of all taps in registers' reach.
struct LinePlan {
    Lattice const& lattice;
    double n, inverse_n, half_uv, half_w;
    alignas(64) float taps_uv[max_degree + 1][8], taps_w[max_degree + 1][8];

    explicit LinePlan(Lattice const& l)
        : lattice(l),
          n(static_cast<double>(l.n)),
          inverse_n(1.0 / static_cast<double>(l.n)),
          half_uv(0.5 * l.support),
          half_w(0.5 * l.support_w)
    {
        for (int power = 0; power <= l.degree; ++power)
            for (int tap = 0; tap < 8; ++tap) {
                taps_uv[power][tap] = l.taps(0, power, tap);
                taps_w[power][tap] = l.taps(1, power, tap);
            }
    }
};

/// Starts and fractions of four footprints along one axis from their left ends: as footprint_start.
HWY_INLINE void split_left(Quad left, Quad wrap, float* t, std::int32_t* start)
{
    Doubles const d;
    auto const first = hn::Ceil(left);
    auto const fraction = hn::MulSub(hn::Sub(first, left), hn::Set(d, 2.0), hn::Set(d, 1.0));
    auto const wrapped = hn::Add(first, hn::IfThenElseZero(hn::Lt(first, hn::Zero(d)), wrap));
    hn::StoreU(hn::DemoteTo(hn::FixedTag<float, 4>(), fraction), hn::FixedTag<float, 4>(), t);
    hn::StoreU(hn::DemoteTo(hn::FixedTag<std::int32_t, 4>(), wrapped), hn::FixedTag<std::int32_t, 4>(), start);
}

/// Coordinates of `count` points from `first` on: double until the fraction is taken, as `locate` does it.
inline void locate_batch(LinePlan const& plan, FoldedLine const& line, double const* freq_hz, int count, Batch& batch)
{
    Doubles const d;
    Lattice const& lattice = plan.lattice;
    auto const n = hn::Set(d, plan.n), inverse = hn::Set(d, plan.inverse_n), half = hn::Set(d, plan.half_uv);
    double const scale[2] = {lattice.cells_u * line.u, lattice.cells_v * line.v};
    auto const scale_w = hn::Set(d, lattice.cells_w * line.w), half_w = hn::Set(d, -plan.half_w);
    auto const first_plane = hn::Set(d, lattice.first_plane);
    auto const shift = hn::Set(d, lattice.shift_turns * line.w);
    alignas(32) double tail[4];
    for (int p = 0; p < count; p += 4) {
        double const* at = freq_hz + p;
        if (count - p < 4) {
            for (int i = 0; i < 4; ++i) tail[i] = at[i < count - p ? i : 0];
            at = tail;
        }
        auto const f = hn::LoadU(d, at);
        for (int axis = 0; axis < 2; ++axis) {
            auto const x = hn::Mul(hn::Set(d, scale[axis]), f);
            auto const centre = hn::NegMulAdd(n, hn::Floor(hn::Mul(x, inverse)), x);
            split_left(hn::Sub(centre, half), n, batch.t[axis] + p, batch.start[axis] + p);
        }
        auto const left = hn::MulAdd(scale_w, f, half_w);
        auto const start = hn::Ceil(left);
        auto const fraction = hn::MulSub(hn::Sub(start, left), hn::Set(d, 2.0), hn::Set(d, 1.0));
        hn::StoreU(hn::DemoteTo(hn::FixedTag<float, 4>(), fraction), hn::FixedTag<float, 4>(), batch.t[2] + p);
        hn::StoreU(hn::DemoteTo(hn::FixedTag<std::int32_t, 4>(), hn::Sub(start, first_plane)),
                   hn::FixedTag<std::int32_t, 4>(), batch.start[2] + p);
        auto const turns = hn::Mul(shift, f);
        hn::StoreU(hn::DemoteTo(hn::FixedTag<float, 4>(), hn::Sub(turns, hn::Round(turns))), hn::FixedTag<float, 4>(),
                   batch.cosine + p);
    }
    for (int p = 0; p < count; p += 8) {
        Eight cosine, sine;
        cos_sin_turns(hn::Load(Lanes(), batch.cosine + p), cosine, sine);
        hn::Store(cosine, Lanes(), batch.cosine + p);
        hn::Store(sine, Lanes(), batch.sine + p);
    }
}

/// Weights of all taps of all points, by Horner.
template<int Degree>
void weigh_batch(LinePlan const& plan, int count, Batch& batch)
{
    Lanes const d;
    for (int p = 0; p < count; ++p) {
        auto const u = hn::Set(d, batch.t[0][p]), v = hn::Set(d, batch.t[1][p]), w = hn::Set(d, batch.t[2][p]);
        auto a = hn::Load(d, plan.taps_uv[Degree]), b = a, c = hn::Load(d, plan.taps_w[Degree]);
        for (int power = Degree - 1; power >= 0; --power) {
            auto const coefficient = hn::Load(d, plan.taps_uv[power]);
            a = hn::MulAdd(a, u, coefficient);
            b = hn::MulAdd(b, v, coefficient);
            c = hn::MulAdd(c, w, hn::Load(d, plan.taps_w[power]));
        }
        hn::Store(a, d, batch.weight[p][0]);
        hn::Store(b, d, batch.weight[p][1]);
        hn::Store(c, d, batch.weight[p][2]);
    }
}

inline void prepare_batch(LinePlan const& plan, FoldedLine const& line, double const* freq_hz, int count, Batch& batch)
{
    locate_batch(plan, line, freq_hz, count, batch);
    switch (plan.lattice.degree) {
        case 4:
            weigh_batch<4>(plan, count, batch);
            break;
        case 5:
            weigh_batch<5>(plan, count, batch);
            break;
        case 6:
            weigh_batch<6>(plan, count, batch);
            break;
        case 7:
            weigh_batch<7>(plan, count, batch);
            break;
        case 8:
            weigh_batch<8>(plan, count, batch);
            break;
        case 9:
            weigh_batch<9>(plan, count, batch);
            break;
        case 10:
            weigh_batch<10>(plan, count, batch);
            break;
        case 11:
            weigh_batch<11>(plan, count, batch);
            break;
        default:
            weigh_batch<12>(plan, count, batch);
            break;
    }
}

/// The four tiles that footprints starting in one tile can touch, from plane `plane` on.
struct Window {
    std::int32_t row = -1, column = -1;  ///< tile
    std::int32_t plane = 0;              ///< first plane held

    bool holds(std::int32_t v, std::int32_t u, std::int32_t w, int support_w) const
    {
        return v / tile_cells == row && u / tile_cells == column && w >= plane &&
               w + support_w <= plane + window_planes;
    }

    /// Numbers of the columns of tiles: (row, column), (row, column + 1), (row + 1, column), (row + 1, column + 1).
    void columns(Lattice const& lattice, std::int32_t* numbers) const
    {
        Index const tiles = lattice.n / tile_cells;
        Index const rows[2] = {row, row + 1 == tiles ? 0 : row + 1},
                    across[2] = {column, column + 1 == tiles ? 0 : column + 1};
        for (int i = 0; i < 4; ++i) numbers[i] = lattice.column.data[rows[i / 2] * tiles + across[i % 2]];
    }
};

/// The end of the points from p on that share one footprint.
inline int run_end(Batch const& batch, int p, int count)
{
    int end = p + 1;
    while (end < count && batch.start[0][end] == batch.start[0][p] && batch.start[1][end] == batch.start[1][p] &&
           batch.start[2][end] == batch.start[2][p])
        ++end;
    return end;
}

}  // namespace nocturne::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
