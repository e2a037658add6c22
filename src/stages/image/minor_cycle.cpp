#include "stages/image/minor_cycle.hpp"

#include "nocturne/median.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace nocturne {
namespace {

constexpr Index size = PendingTile::size;

/// Single-precision rounding of values and products, per step.
constexpr double rounding = 1 + 1e-6;

/// Few enough for some hundred milliseconds on a host.
constexpr Index components_a_pulse = 32;

/// A minor cycle whose peaks grow by so much is ended: the PSF does not describe the image any more.
constexpr double growth = 1.5;

Index floor_div(Index a, Index b) { return a >= 0 ? a / b : -((b - 1 - a) / b); }

/// The largest |value| of n; eight at once.
float largest_of(float const* values, Index n)
{
    float lanes[8] = {};
    Index i = 0;
    for (; i + 8 <= n; i += 8)
        for (int k = 0; k < 8; ++k) {
            float const value = std::abs(values[i + k]);
            lanes[k] = lanes[k] < value ? value : lanes[k];
        }
    for (; i < n; ++i) lanes[0] = std::max(lanes[0], std::abs(values[i]));
    return *std::max_element(lanes, lanes + 8);
}

template<class T>
void send(Device const& device, T* to, T const* from, std::size_t n)
{
    std::visit([&](auto const& d) { copy_in(d, to, from, n * sizeof(T)); }, device);
}

}  // namespace

PsfReach::PsfReach(View<float const, 2> psf)
{
    Index const h = psf.extent[0], w = psf.extent[1];
    Index const low_y = floor_div(-h / 2, size), low_x = floor_div(-w / 2, size);
    Index const rows = floor_div(h / 2 - 1, size) - low_y + 1, columns = floor_div(w / 2 - 1, size) - low_x + 1;
    std::vector<float> block(static_cast<std::size_t>(rows * columns), 0.0F);
    for (Index y = 0; y < h; ++y) {
        Index const row = floor_div(y - h / 2, size) - low_y;
        for (Index column = 0; column < columns; ++column) {
            Index const first = std::max<Index>(0, (column + low_x) * size + w / 2),
                        end = std::min(w, (column + low_x + 1) * size + w / 2);
            float& most = block[static_cast<std::size_t>(row * columns + column)];
            most = std::max(most, largest_of(&psf(y, first), end - first));
        }
    }
    // Offsets from a tile to one d further lie in (64 (d − 1), 64 (d + 1)): blocks d − 1 and d.
    first_[0] = low_y, first_[1] = low_x;
    count_[0] = rows + 1, count_[1] = columns + 1;
    largest_.assign(static_cast<std::size_t>(count_[0] * count_[1]), 0.0F);
    for (Index y = 0; y < rows; ++y)
        for (Index x = 0; x < columns; ++x)
            for (Index dy = 0; dy < 2; ++dy)
                for (Index dx = 0; dx < 2; ++dx) {
                    float& most = largest_[static_cast<std::size_t>((y + dy) * count_[1] + x + dx)];
                    most = std::max(most, block[static_cast<std::size_t>(y * columns + x)]);
                }
}

MinorCycle::MinorCycle(Device const& device, Index n, View<float const, 2> psf, PsfReach reach, Index components)
    : device_(device),
      n_tiles_((n + size - 1) / size),
      psf_(psf),
      reach_(std::move(reach)),
      list_(device, components),
      pending_(device, tiles()),
      peaks_(device, tiles())
{}

std::vector<std::uint8_t> masked_tiles(View<std::uint8_t const, 2> mask)
{
    Index const n = (mask.extent[1] + size - 1) / size;
    std::vector<std::uint8_t> tiles(static_cast<std::size_t>((mask.extent[0] + size - 1) / size * n), 0);
    for (Index y = 0; y < mask.extent[0]; ++y)
        for (Index x = 0; x < mask.extent[1]; ++x)
            if (mask(y, x) != 0) tiles[static_cast<std::size_t>(y / size * n + x / size)] = 1;
    return tiles;
}

/// Subtracts what waits in some tiles and looks at them again.
void MinorCycle::settle(std::vector<std::size_t> const& which, View<float, 2> residual,
                        View<std::uint8_t const, 2> mask)
{
    auto const n = static_cast<Index>(which.size()), all = static_cast<Index>(components_.size());
    std::vector<PendingTile> pending;
    for (auto i : which)
        pending.push_back({static_cast<std::int32_t>(static_cast<Index>(i) % n_tiles_ * size),
                           static_cast<std::int32_t>(static_cast<Index>(i) / n_tiles_ * size), tiles_[i].applied,
                           static_cast<std::int32_t>(all)});
    send(device_, pending_.data(), pending.data(), pending.size());
    nocturne::run(device_, SubtractArgs{residual, mask, psf_, list_.view(all), pending_.view(n), peaks_.view(n)});
    std::vector<TilePeak> peaks(which.size());
    std::visit([&](auto const& d) { copy_out(d, peaks.data(), peaks_.data(), peaks.size() * sizeof(TilePeak)); },
               device_);
    for (std::size_t k = 0; k < which.size(); ++k)
        tiles_[which[k]] = {peaks[k], static_cast<std::int32_t>(all),
                            false,    rounding * std::abs(static_cast<double>(peaks[k].value)),
                            true,     tiles_[which[k]].flux_jy};
    tiles_done_ += n;
}

/// Settles tiles until no other can hold a larger peak.
TilePeak MinorCycle::find_peak(View<float, 2> residual, View<std::uint8_t const, 2> mask)
{
    while (true) {
        TilePeak best;
        for (auto const& tile : tiles_)
            if (!tile.stale && beats(tile.peak, best)) best = tile.peak;
        double const level = best.x < 0 ? 0 : std::abs(static_cast<double>(best.value));
        std::vector<std::size_t> which;
        std::size_t most = tiles_.size();
        for (std::size_t i = 0; i < tiles_.size(); ++i) {
            if (!tiles_[i].stale || tiles_[i].bound < level) continue;
            which.push_back(i);
            if (most == tiles_.size() || tiles_[i].bound > tiles_[most].bound) most = i;
        }
        if (which.empty()) return best;
        // A GPU takes many tiles at once; on a host the likeliest first may settle the others.
        if (is_host(device_) && std::isfinite(tiles_[most].bound)) which = {most};
        settle(which, residual, mask);
    }
}

/// A component waits in every tile that its PSF reaches.
void MinorCycle::spread(CleanComponent const& component)
{
    Index const cy = component.y / size, cx = component.x / size;
    double const flux = std::abs(static_cast<double>(component.flux_jy));
    for (Index y = 0; y < n_tiles_; ++y)
        for (Index x = 0; x < n_tiles_; ++x) {
            float const reach = reach_(y - cy, x - cx);
            if (!(reach > 0)) continue;
            auto& tile = tiles_[static_cast<std::size_t>(y * n_tiles_ + x)];
            if (!tile.open) continue;
            tile.stale = true;
            tile.bound = rounding * (tile.bound + flux * static_cast<double>(reach));
        }
}

/// What a tile's components have in sum; tiles are different sources, whose far sidelobes add up as squares.
void MinorCycle::count(CleanComponent const& component)
{
    auto& tile = tiles_[static_cast<std::size_t>(component.y / size * n_tiles_ + component.x / size)];
    auto const flux = static_cast<double>(component.flux_jy);
    flux_squares_ += flux * (2 * tile.flux_jy + flux);
    tile.flux_jy += flux;
}

/// 1.4826 × median |value| of the open ones among some tiles, spread over the image.
double MinorCycle::sample_noise(View<float, 2> residual, View<std::uint8_t const, 2> mask)
{
    Index const step = n_tiles_ >= 16 ? 4 : n_tiles_ >= 8 ? 2 : 1, n = residual.extent[0];
    std::vector<std::size_t> which;
    for (Index y = step / 2; y < n_tiles_; y += step)
        for (Index x = step / 2; x < n_tiles_; x += step)
            if (tiles_[static_cast<std::size_t>(y * n_tiles_ + x)].open)
                which.push_back(static_cast<std::size_t>(y * n_tiles_ + x));
    if (which.empty()) return 0;
    settle(which, residual, mask);
    std::vector<float> values;
    for (auto i : which) {
        Index const y0 = static_cast<Index>(i) / n_tiles_ * size, x0 = static_cast<Index>(i) % n_tiles_ * size;
        auto const width = static_cast<std::size_t>(std::min(size, n - x0));
        for (Index y = y0; y < std::min(y0 + size, n); ++y) {
            values.resize(values.size() + width);
            std::visit(
                [&](auto const& d) {
                    copy_out(d, values.data() + values.size() - width, &residual(y, x0), width * sizeof(float));
                },
                device_);
        }
    }
    for (float& value : values) value = std::abs(value);
    return 1.4826 * static_cast<double>(median_of(values));
}

/// Nothing is known of any tile, and there are no components.
void MinorCycle::begin(std::vector<std::uint8_t> const* tiles)
{
    Tile unknown;
    unknown.bound = std::numeric_limits<double>::infinity();
    tiles_.assign(static_cast<std::size_t>(this->tiles()), unknown);
    for (std::size_t i = 0; tiles && i < tiles_.size(); ++i)
        if ((*tiles)[i] == 0) tiles_[i].open = tiles_[i].stale = false;
    components_.clear();
    flux_squares_ = 0;
}

TilePeak MinorCycle::peak(View<float, 2> residual, View<std::uint8_t const, 2> mask,
                          std::vector<std::uint8_t> const& tiles)
{
    begin(&tiles);
    std::vector<std::size_t> open;
    for (std::size_t i = 0; i < tiles_.size(); ++i)
        if (tiles_[i].open) open.push_back(i);
    if (!open.empty()) settle(open, residual, mask);
    return find_peak(residual, mask);
}

void MinorCycle::finish(View<float, 2> residual, View<std::uint8_t const, 2> mask)
{
    std::vector<std::size_t> behind;
    for (std::size_t i = 0; i < tiles_.size(); ++i)
        if (tiles_[i].applied < std::ssize(components_)) behind.push_back(i);
    if (!behind.empty()) settle(behind, residual, mask);
}

std::vector<CleanComponent> MinorCycle::run(View<float, 2> residual, View<std::uint8_t const, 2> mask,
                                            MinorRules const& rules)
{
    NOCT_CHECK(rules.iterations <= list_.size(), "more iterations than components were allowed for");
    begin(rules.tiles);
    double first = 0, stop = rules.stop_jy;
    for (Index k = 0; k < rules.iterations; ++k) {
        auto const peak = find_peak(residual, mask);
        double const height = std::abs(static_cast<double>(peak.value));
        if (k == 0) first = height;
        if (rules.pulse && k % components_a_pulse == 0) rules.pulse(k, height);
        if (peak.x < 0 || height > growth * first) break;
        while (height <= stop && rules.go_on) {
            double const lower = rules.go_on(sample_noise(residual, mask));
            if (!(lower < 0.99 * stop)) break;
            stop = lower;
        }
        if (height <= stop || height <= rules.outer_sidelobe * std::sqrt(std::max(0.0, flux_squares_))) break;
        components_.push_back({peak.x, peak.y, static_cast<float>(rules.gain * static_cast<double>(peak.value))});
        send(device_, list_.data() + k, &components_.back(), 1);
        spread(components_.back());
        count(components_.back());
    }
    return components_;
}

}  // namespace nocturne
