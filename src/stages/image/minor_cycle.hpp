// Minor cycles of CLEAN: peaks are found and the PSF is subtracted, pixel after pixel as Högbom wrote it, but only where it can
// matter. Enters: a residual, a PSF, a mask, where to stop. Leaves: components.
//
// The image is cut into tiles. A tile that a component's PSF reaches is not touched at once: its components wait, and a bound on
// its largest |value| grows by |flux| times the largest |PSF| over the tile. Only when that bound reaches the largest peak known
// are the tile's components subtracted, in their order. The components are those of the whole-image algorithm, bit by bit; the
// tiles that never mattered are made by the next major cycle anyway. Sources: Högbom 1974, A&AS 15, 417; Clark 1980, A&A 89, 377.
#pragma once

#include "kernels/subtract.hpp"

#include <functional>
#include <vector>

namespace nocturne {

/// The largest |PSF| that any pixel of one tile can meet from any component in another, by the distance of the tiles.
class PsfReach {
public:
    PsfReach() = default;
    /// `psf` on the host, extents even, its peak at its middle.
    explicit PsfReach(View<float const, 2> psf);

    /// 0 where the PSF does not reach.
    float operator()(Index tiles_y, Index tiles_x) const
    {
        Index const y = tiles_y - first_[0], x = tiles_x - first_[1];
        return y < 0 || x < 0 || y >= count_[0] || x >= count_[1]
                   ? 0
                   : largest_[static_cast<std::size_t>(y * count_[1] + x)];
    }

private:
    Index first_[2] = {}, count_[2] = {};
    std::vector<float> largest_;
};

struct MinorRules {
    double gain = 0.1;                                 ///< share of a peak that one component takes
    double stop_jy = 0;                                ///< peaks up to here are left alone
    Index iterations = 0;                              ///< at most so many components
    std::vector<std::uint8_t> const* tiles = nullptr;  ///< [tile] 0: no pixel of it is in the mask; null: not known
    std::function<void(Index components, double peak_jy)> pulse = {};  ///< called now and then; may throw
    /// Where it stops when it has come so far: given the noise (MAD of some tiles, all components subtracted), at a lower level, or
    /// at one that is no lower. Empty: at stop_jy.
    std::function<double(double)> go_on = {};
    /// Largest |PSF| beyond where it is subtracted. What components leave there adds up: no peak below it is a source's for sure.
    double outer_sidelobe = 0;
};

/// For MinorRules::tiles, of a mask on the host.
std::vector<std::uint8_t> masked_tiles(View<std::uint8_t const, 2> mask);

class MinorCycle {
public:
    /// For images of n × n pixels; `psf` (on the device, rows contiguous, extents even) is used as far as it goes, `reach` is made
    /// from the same pixels. At most `components` in one run.
    MinorCycle(Device const& device, Index n, View<float const, 2> psf, PsfReach reach, Index components);

    /// The components of one minor cycle. `residual` (on the device) is left half done: it must be made anew. `mask` as in
    /// SubtractArgs. The same result whatever the order in which tiles are done.
    std::vector<CleanComponent> run(View<float, 2> residual, View<std::uint8_t const, 2> mask, MinorRules const& rules);

    /// The largest pixel of the mask, nothing subtracted. `tiles` as in MinorRules.
    TilePeak peak(View<float, 2> residual, View<std::uint8_t const, 2> mask, std::vector<std::uint8_t> const& tiles);
    /// Takes the components of the last run out of the tiles that were left alone: then the residual is without them as far as the
    /// PSF reaches.
    void finish(View<float, 2> residual, View<std::uint8_t const, 2> mask);

    Index tiles_done() const { return tiles_done_; }  ///< in all runs: what the work was
    Index tiles() const { return n_tiles_ * n_tiles_; }

private:
    struct Tile {
        TilePeak peak;
        std::int32_t applied = 0;  ///< components subtracted so far
        bool stale = true;         ///< some that reach it are not
        double bound = 0;          ///< no |value| of it is larger
        bool open = true;          ///< its mask is not empty
        double flux_jy = 0;        ///< of its components
    };
    void begin(std::vector<std::uint8_t> const* tiles);
    TilePeak find_peak(View<float, 2> residual, View<std::uint8_t const, 2> mask);
    void settle(std::vector<std::size_t> const& which, View<float, 2> residual, View<std::uint8_t const, 2> mask);
    void spread(CleanComponent const& component);
    void count(CleanComponent const& component);
    double sample_noise(View<float, 2> residual, View<std::uint8_t const, 2> mask);

    Device device_;
    Index n_tiles_;
    View<float const, 2> psf_;
    PsfReach reach_;
    Buffer<CleanComponent> list_;
    Buffer<PendingTile> pending_;
    Buffer<TilePeak> peaks_;
    std::vector<Tile> tiles_;
    std::vector<CleanComponent> components_;
    double flux_squares_ = 0;  ///< Σ flux² of tiles
    Index tiles_done_ = 0;
};

}  // namespace nocturne
