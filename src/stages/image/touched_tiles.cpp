// Which tiles are touched.
#include "stages/image/touched_tiles.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <utility>

namespace nocturne {
namespace {

/// The tile that a footprint starts in, and its first plane.
struct PlanePlace {
    std::int32_t row, column, plane;
    bool operator==(PlanePlace const&) const = default;
};

class Marker {
public:
    explicit Marker(Lattice const& lattice)
        : lattice_(lattice), tiles_(lattice.n / tile_cells), words_((lattice.n_planes + 63) / 64)
    {
        column_.assign(static_cast<std::size_t>(tiles_ * tiles_), -1);
    }

    PlanePlace place(FoldedLine const& line, double freq_hz) const
    {
        Spot const spot = locate(lattice_, line, freq_hz);
        return {spot.v / tile_cells, spot.u / tile_cells, spot.w};
    }

    /// A footprint that starts anywhere in a tile reaches into the next ones.
    void mark(PlanePlace const& place)
    {
        if (place == last_) return;
        last_ = place;
        for (int dv = 0; dv < 2; ++dv)
            for (int du = 0; du < 2; ++du) {
                auto& number = column_[(place.row + dv) % tiles_ * tiles_ + (place.column + du) % tiles_];
                if (number < 0) {
                    number = n_columns_++;
                    planes_.resize(planes_.size() + words_);
                }
                for (Index k = place.plane; k < place.plane + lattice_.support_w; ++k)
                    planes_[number * words_ + k / 64] |= std::uint64_t(1) << (k % 64);
            }
    }

    TouchedTiles finish() const
    {
        TouchedTiles touched;
        touched.column.assign(column_.size(), -1);
        std::int32_t next_column = 0, next_tile = 0;
        for (std::size_t i = 0; i < column_.size(); ++i) {
            if (column_[i] < 0) continue;
            touched.column[i] = next_column++;
            for (Index k = 0; k < lattice_.n_planes; ++k) {
                bool const held = planes_[column_[i] * words_ + k / 64] >> (k % 64) & 1U;
                touched.tile.push_back(held ? next_tile++ : -1);
            }
        }
        touched.n_tiles = next_tile;
        return touched;
    }

private:
    Lattice const& lattice_;
    Index tiles_, words_;
    std::vector<std::int32_t> column_;
    std::vector<std::uint64_t> planes_;
    std::int32_t n_columns_ = 0;
    PlanePlace last_{-1, -1, -1};
};

/// Positions along a line are monotonic in frequency, so between two equal places all places are equal.
void mark_between(Marker& marker, std::function<PlanePlace(Index)> const& at, std::pair<Index, Index> range,
                  std::pair<PlanePlace, PlanePlace> ends)
{
    auto const [low, high] = range;
    if (ends.first == ends.second || high - low < 2) return;
    Index const middle = (low + high) / 2;
    PlanePlace const place = at(middle);
    mark_between(marker, at, {low, middle}, {ends.first, place});
    marker.mark(place);
    mark_between(marker, at, {middle, high}, {place, ends.second});
}

/// True where places along a line are monotonic: frequencies rise or fall all the way, and the line does not go around the
/// periodic plane.
class Monotonic {
public:
    Monotonic(Lattice const& lattice, std::vector<double> const& freq_hz) : lattice_(lattice), freq_hz_(freq_hz) {}
    bool operator()(PointLine const& line)
    {
        double const span = std::abs(freq_hz_[line.first_freq + line.n - 1] - freq_hz_[line.first_freq]);
        double const longest = std::max(std::abs(line.uvw_m[0]), std::abs(line.uvw_m[1])) * std::abs(lattice_.cells_u);
        if (span * longest > 0.5 * static_cast<double>(lattice_.n)) return false;
        auto const [found, is_new] = known_.try_emplace({line.first_freq, line.n}, false);
        if (is_new) {
            auto const first = freq_hz_.begin() + line.first_freq, last = first + line.n;
            found->second = std::is_sorted(first, last) || std::is_sorted(first, last, std::greater<>());
        }
        return found->second;
    }

private:
    Lattice const& lattice_;
    std::vector<double> const& freq_hz_;
    std::map<std::pair<std::int32_t, std::int32_t>, bool> known_;
};

}  // namespace

TouchedTiles find_touched_tiles(Lattice const& lattice, NodeGeometry const& points)
{
    Marker marker(lattice);
    Monotonic monotonic(lattice, points.freq_hz);
    for (auto const& line : points.lines) {
        if (line.n == 0) continue;
        FoldedLine const folded(line);
        auto const at = [&](Index p) { return marker.place(folded, points.freq_hz[line.first_freq + p]); };
        if (!monotonic(line)) {
            for (Index p = 0; p < line.n; ++p) marker.mark(at(p));
            continue;
        }
        PlanePlace const first = at(0), last = at(line.n - 1);
        marker.mark(first);
        mark_between(marker, at, {0, line.n - 1}, {first, last});
        marker.mark(last);
    }
    return marker.finish();
}

}  // namespace nocturne
