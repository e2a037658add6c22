// For kernels/kokkos/degrid.cpp: reads lines through a window of 16 × 16 cells held in first-level cache.
#if defined(NOCTURNE_DEGRID_LINES_INL) == defined(HWY_TARGET_TOGGLE)
#    ifdef NOCTURNE_DEGRID_LINES_INL
#        undef NOCTURNE_DEGRID_LINES_INL
#    else
#        define NOCTURNE_DEGRID_LINES_INL
#    endif

#    include "kernels/degrid.hpp"
#    include "kernels/kokkos/window-inl.hpp"

#    include <algorithm>
#    include <cstring>

HWY_BEFORE_NAMESPACE();
namespace nocturne::HWY_NAMESPACE {

class LineReader {
public:
    explicit LineReader(DegridArgs const& args) : args_(args), plan_(args.lattice) {}

    void read(PointLine const& line)
    {
        FoldedLine const folded(line);
        for (int first = 0; first < line.n; first += batch_points) {
            int const count = std::min(batch_points, line.n - first);
            prepare_batch(plan_, folded, args_.freq_hz.data + line.first_freq + first, count, batch_);
            for (int p = 0; p < count; ++p) {
                enter(p);
                switch (args_.lattice.support) {
                    case 4:
                        gather<4>(p);
                        break;
                    case 5:
                        gather<5>(p);
                        break;
                    case 6:
                        gather<6>(p);
                        break;
                    case 7:
                        gather<7>(p);
                        break;
                    case 8:
                        gather<8>(p);
                        break;
                    default:
                        gather<3>(p);
                        break;
                }
            }
            Vis* y = args_.y.data + line.first_value + first;
            for (int p = 0; p < count; ++p)
                y[p] = {re_[p] * batch_.cosine[p] - im_[p] * batch_.sine[p],
                        folded.sign * (re_[p] * batch_.sine[p] + im_[p] * batch_.cosine[p])};
        }
    }

private:
    /// Makes the window hold the planes of point p.
    void enter(int p)
    {
        std::int32_t const u = batch_.start[0][p], v = batch_.start[1][p], w = batch_.start[2][p];
        int const depth = args_.lattice.support_w;
        if (!window_.holds(v, u, w, depth)) {
            window_ = {v / tile_cells, u / tile_cells, std::max(0, w - (window_planes - depth) / 2)};
            window_.columns(args_.lattice, column_);
            loaded_ = 0;
        }
        for (std::int32_t k = w; k < w + depth; ++k) {
            std::uint32_t const bit = 1U << (k - window_.plane);
            if (loaded_ & bit) continue;
            load(k);
            loaded_ |= bit;
        }
    }

    void load(std::int32_t k)
    {
        for (int i = 0; i < 4; ++i) {
            Index const number = column_[i] < 0 ? -1 : args_.lattice.tile.data[column_[i] * args_.lattice.n_planes + k];
            if (number < 0) continue;
            float const* from = args_.pool.data + number * tile_values;
            float* to =
                cells_ + (k - window_.plane) * window_plane + i / 2 * tile_cells * window_row + i % 2 * tile_cells;
            for (int row = 0; row < tile_cells; ++row, from += tile_row_values, to += window_row) {
                hn::Store(hn::LoadU(Lanes(), from), Lanes(), to);
                hn::Store(hn::LoadU(Lanes(), from + tile_cells), Lanes(), to + window_side);
            }
        }
    }

    template<int S>
    void gather(int p)
    {
        Lanes const d;
        float const* plane = cells_ + (batch_.start[2][p] - window_.plane) * window_plane +
                             batch_.start[1][p] % tile_cells * window_row + batch_.start[0][p] % tile_cells;
        auto re = hn::Zero(d), im = hn::Zero(d);
        Eight v[S];
        for (int j = 0; j < S; ++j) v[j] = hn::Set(d, batch_.weight[p][1][j]);
        for (int k = 0; k < args_.lattice.support_w; ++k, plane += window_plane) {
            auto a = hn::Zero(d), b = hn::Zero(d);
            for (int j = 0; j < S; ++j) {
                a = hn::MulAdd(v[j], hn::LoadU(d, plane + j * window_row), a);
                b = hn::MulAdd(v[j], hn::LoadU(d, plane + j * window_row + window_side), b);
            }
            auto const w = hn::Set(d, batch_.weight[p][2][k]);
            re = hn::MulAdd(w, a, re);
            im = hn::MulAdd(w, b, im);
        }
        auto const u = hn::Load(d, batch_.weight[p][0]);
        re_[p] = hn::GetLane(hn::SumOfLanes(d, hn::Mul(u, re)));
        im_[p] = hn::GetLane(hn::SumOfLanes(d, hn::Mul(u, im)));
    }

    DegridArgs args_;
    LinePlan plan_;
    Batch batch_;
    Window window_;
    std::int32_t column_[4] = {};
    std::uint32_t loaded_ = 0;  // planes of the window
    float re_[batch_points], im_[batch_points];
    alignas(64) float cells_[window_planes * window_plane] = {};
};

inline void read_lines(DegridArgs const& args)
{
    LineReader reader(args);
    for (Index i = 0; i < args.lines.extent[0]; ++i) reader.read(args.lines.data[i]);
}

}  // namespace nocturne::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
