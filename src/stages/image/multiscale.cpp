#include "stages/image/multiscale.hpp"

#include "kernels/statistics.hpp"
#include "stages/image/square.hpp"

#include <algorithm>
#include <cmath>

namespace nocturne {
namespace {

/// A subminor loop goes down to this share of the peak that it started from: further, another scale may be the better one.
constexpr double subminor_share = 0.7;
/// A scale of which the data know less than this share of what a Gaussian beam would know is left out.
constexpr double least_known = 0.05;
/// A cycle whose largest significance grows by so much is ended, and its last loop taken back.
constexpr double scale_growth = 1.5;
/// Middles of components are so many widths from the image's edge at least: what would be cut off is below 1e-5 of it.
constexpr double margin_widths = 2;
/// Less variance than this left in the finest structure says too little of the noise.
constexpr double least_fine = 0.01;
constexpr double sqrt_half = 0.70710678118654752;
/// Components of one subminor loop.
constexpr Index most_in_loop = 20000;

}  // namespace

/// One scale: its grid, its PSFs, its image.
struct Multiscale::Scale {
    double width_px = 0, known = 1, bias = 1;  ///< known: p_s
    Index step = 1, n = 0;                     ///< its grid: pixel i is pixel step · i of the image
    Buffer<float> taps, half_taps, spread_taps;
    Buffer<float> search_psf, update_psf;  ///< PSF ⊛ k_s ⊛ k_s / p_s; PSF ⊛ a kernel of half the variance
    Index search_side = 0, search_whole = 0, update_side = 0;
    Buffer<float> image;   ///< F_s; of the point the residual itself
    Index border = 0;      ///< of what its components leave: so many pixels of its grid lie around the image
    Buffer<float> update;  ///< [n + 2 border]²
    Buffer<std::uint8_t> mask;
    std::vector<std::uint8_t> tiles, inside;  ///< inside: the mask of the whole image
    std::optional<MinorCycle> minor;
    double significance = 0;
    double outer_sidelobe = 0;  ///< largest |search_psf| outside of what is searched with

    bool is_point() const { return width_px <= 0; }
    bool is_cut() const { return search_side < search_whole; }
    double per_flux() const { return std::sqrt(known); }  ///< |F_s| × this = significance
    double preference() const { return significance * bias; }
};

namespace {

/// PSF ⊛ Gaussian at every step-th pixel around its middle, [side × side], side = 2 ⌊all / 2 step⌋.
struct SmoothedPsf {
    Index side;
    std::vector<float> pixels;

    SmoothedPsf(Device const& device, Buffer<float> const& psf, Index all, double width_px, Index step)
        : side(2 * (all / 2 / step))
    {
        auto const taps = to_device(device, gaussian_taps(width_px));
        Buffer<float> out(device, side * side), work(device, side * all);
        run(device, SmoothArgs{psf.view(all, all),
                               out.view(side, side),
                               work.view(side, all),
                               {taps.view(taps.size()), step, all / 2 - step * (side / 2)}});
        pixels = out.to_host();
    }
    float middle() const { return pixels[static_cast<std::size_t>(side / 2 * side + side / 2)]; }
};

}  // namespace

Multiscale::Multiscale(MultiscaleArgs const& args)
    : device_(args.device), n_(args.n), capacity_(std::clamp<Index>(args.components, 1, most_in_loop))
{
    Index const all = side_of(args.psf);
    auto point = std::make_shared<Scale>();
    point->n = n_;
    point->search_whole = all;
    point->search_side = std::min(args.patch, all);
    point->search_psf = to_device(device_, args.psf);
    scales_.push_back(point);
    for (double width : args.widths_px)
        if (width > 0) add_scale(args, width);
    if (work_.size() < n_ * n_) work_ = Buffer<float>(device_, n_ * n_);
    if (scales_.size() > 1) prepare_fine(scales_[1]->width_px);
    double const first = scales_.size() > 1 ? scales_[1]->width_px : 1;
    for (auto& scale : scales_) {
        if (!scale->is_point()) scale->bias = std::pow(args.bias, 1 + std::log2(scale->width_px / first));
        prepare(*scale, args);
    }
}

/// What its minor cycle needs, and where its components may lie.
void Multiscale::prepare(Scale& scale, MultiscaleArgs const& args)
{
    Index const whole = scale.search_whole, side = scale.search_side, cut = (whole - side) / 2;
    auto const middle = [&](View<float const, 2> all) { return all.slice(0, cut, side).slice(1, cut, side); };
    auto const pixels = scale.search_psf.to_host();
    auto const on_host = make_view(pixels.data(), whole, whole);
    scale.outer_sidelobe = largest_outside(on_host, side);
    scale.minor.emplace(device_, scale.n, middle(scale.search_psf.view(whole, whole)), PsfReach(middle(on_host)),
                        capacity_);
    std::vector<std::uint8_t> marks(static_cast<std::size_t>(scale.n * scale.n), 0);
    auto const margin = static_cast<Index>(std::ceil(margin_widths * scale.width_px));
    for (Index y = 0; y < scale.n; ++y)
        for (Index x = 0; x < scale.n; ++x) {
            Index const v = y * scale.step, u = x * scale.step;
            bool const inside = v >= margin && u >= margin && v < n_ - margin && u < n_ - margin;
            marks[static_cast<std::size_t>(y * scale.n + x)] =
                inside && (!args.allowed || (*args.allowed)[static_cast<std::size_t>(v * n_ + u)] != 0);
        }
    scale.inside = marks;
    set_mask(scale, std::move(marks));
}

void Multiscale::add_scale(MultiscaleArgs const& args, double width_px)
{
    Index const all = side_of(args.psf);
    auto const& psf = scales_.front()->search_psf;
    auto scale = std::make_shared<Scale>();
    scale->width_px = width_px;
    scale->step = scale_step(width_px);
    scale->n = (n_ + scale->step - 1) / scale->step;
    SmoothedPsf search(device_, psf, all, width_px / sqrt_half, scale->step);
    double const known = static_cast<double>(search.middle());
    // Of a Gaussian beam of the narrowest scale's width p_s = 1 / (1 + 2 s² / b²).
    double const narrowest = args.widths_px.size() > 1 ? args.widths_px[1] : width_px, ratio = width_px / narrowest;
    if (!(known > least_known / (1 + 2 * ratio * ratio))) return;
    for (float& pixel : search.pixels) pixel = static_cast<float>(static_cast<double>(pixel) / known);
    SmoothedPsf const update(device_, psf, all, width_px * sqrt_half, scale->step);
    scale->known = known;
    scale->search_whole = search.side;
    scale->search_side = search.side;
    scale->update_side = update.side;
    scale->search_psf = to_device(device_, search.pixels);
    scale->update_psf = to_device(device_, update.pixels);
    // Both axes have the factor √(1 / p_s), which makes fluxes of what is searched.
    scale->taps = to_device(device_, gaussian_taps(width_px, 1 / std::sqrt(known)));
    scale->spread_taps = to_device(device_, gaussian_taps(width_px * sqrt_half, static_cast<double>(scale->step)));
    scale->image = Buffer<float>(device_, scale->n * scale->n);
    scale->border = (scale->spread_taps.size() - 2 + scale->step) / scale->step;
    Index const around = scale->n + 2 * scale->border;
    scale->update = Buffer<float>(device_, around * around);
    if (work_.size() < around * n_) work_ = Buffer<float>(device_, around * n_);
    scales_.push_back(std::move(scale));
}

void Multiscale::set_mask(Scale& scale, std::vector<std::uint8_t> marks)
{
    scale.mask = to_device(device_, marks);
    scale.tiles = masked_tiles(make_view(static_cast<std::uint8_t const*>(marks.data()), scale.n, scale.n));
}

void Multiscale::mask(std::vector<ScaledComponent> const& components)
{
    for (auto& scale : scales_) {
        auto const& before = scale->inside;
        std::vector<std::uint8_t> marks(before.size(), 0);
        for (auto const& c : components) {
            if (c.width_px < static_cast<float>(scale->width_px)) continue;
            double const radius = 0.75 * static_cast<double>(c.width_px) / static_cast<double>(scale->step);
            Index const cy = c.point.y / scale->step, cx = c.point.x / scale->step;
            auto const reach = static_cast<Index>(radius);
            for (Index y = std::max<Index>(0, cy - reach); y <= std::min(scale->n - 1, cy + reach); ++y)
                for (Index x = std::max<Index>(0, cx - reach); x <= std::min(scale->n - 1, cx + reach); ++x) {
                    auto const dy = static_cast<double>(y - cy), dx = static_cast<double>(x - cx);
                    auto const at = static_cast<std::size_t>(y * scale->n + x);
                    if (dy * dy + dx * dx <= radius * radius) marks[at] = before[at];
                }
        }
        set_mask(*scale, std::move(marks));
    }
}

std::vector<double> Multiscale::widths_px() const
{
    std::vector<double> widths;
    for (auto const& scale : scales_) widths.push_back(scale->width_px);
    return widths;
}

/// F_s of the residual, on the scale's grid.
void Multiscale::smooth(Scale& scale, Buffer<float> const& residual)
{
    Index const m = scale.n;
    nocturne::run(device_, SmoothArgs{residual.view(n_, n_),
                                      scale.image.view(m, m),
                                      work_.view(m, n_),
                                      {scale.taps.view(scale.taps.size()), scale.step, 0}});
}

void Multiscale::look(Scale& scale, Buffer<float> const& residual)
{
    if (!scale.is_point()) smooth(scale, residual);
    auto const& image = scale.is_point() ? residual : scale.image;
    auto const peak = scale.minor->peak(image.view(scale.n, scale.n), scale.mask.view(scale.n, scale.n), scale.tiles);
    scale.significance = peak.x < 0 ? 0 : std::abs(static_cast<double>(peak.value)) * scale.per_flux();
}

double Multiscale::look(Buffer<float> const& residual)
{
    for (auto& scale : scales_) look(*scale, residual);
    return largest();
}

/// Along each axis what a Gaussian of the beam's width does not hold: δ − g.
void Multiscale::prepare_fine(double width_px)
{
    auto taps = gaussian_taps(width_px);
    for (float& tap : taps) tap = -tap;
    taps[0] += 1;
    auto const reach = std::ssize(taps) - 1;
    std::vector<float> twice(static_cast<std::size_t>(2 * reach + 1), 0.0F);
    auto const tap = [&](Index i) { return std::abs(i) <= reach ? taps[static_cast<std::size_t>(std::abs(i))] : 0; };
    for (Index i = 0; i <= 2 * reach; ++i)
        for (Index j = -reach; j <= reach; ++j) twice[static_cast<std::size_t>(i)] += tap(j) * tap(i - j);
    auto const& point = *scales_.front();
    Index const all = point.search_whole;
    auto const on_device = to_device(device_, twice);
    Buffer<float> middle(device_, 1), work(device_, all);
    nocturne::run(device_, SmoothArgs{point.search_psf.view(all, all),
                                      middle.view(1, 1),
                                      work.view(1, all),
                                      {on_device.view(on_device.size()), 1, all / 2}});
    fine_gain_ = static_cast<double>(middle.to_host().front());
    fine_taps_ = to_device(device_, taps);
    fine_ = Buffer<float>(device_, n_ * n_);
}

double Multiscale::fine_noise(Buffer<float> const& residual)
{
    if (!(fine_gain_ > least_fine)) return measure_statistics(device_, residual.view(n_, n_)).robust_noise;
    nocturne::run(
        device_,
        SmoothArgs{
            residual.view(n_, n_), fine_.view(n_, n_), work_.view(n_, n_), {fine_taps_.view(fine_taps_.size()), 1, 0}});
    return measure_statistics(device_, fine_.view(n_, n_)).robust_noise / std::sqrt(fine_gain_);
}

double Multiscale::largest() const
{
    double most = 0;
    for (auto const& scale : scales_) most = std::max(most, scale->significance);
    return most;
}

/// The scale to go on with; null where none holds more than `stop_jy`.
Multiscale::Scale* Multiscale::choose(double stop_jy)
{
    Scale* best = nullptr;
    for (auto const& scale : scales_)
        if (scale->significance > stop_jy && (!best || scale->preference() > best->preference())) best = scale.get();
    return best;
}

/// image −= psf ⊛ components, everywhere.
void Multiscale::subtract(View<float, 2> image, View<float const, 2> psf, std::vector<CleanComponent> const& components)
{
    constexpr auto size = static_cast<std::int32_t>(PendingTile::size);
    auto const end = static_cast<std::int32_t>(components.size());
    Index const m = image.extent[0];
    std::vector<PendingTile> tiles;
    for (std::int32_t y = 0; y < m; y += size)
        for (std::int32_t x = 0; x < m; x += size) tiles.push_back({x, y, 0, end});
    auto const list = to_device(device_, components);
    auto const todo = to_device(device_, tiles);
    auto const nowhere = to_device(device_, std::vector<std::uint8_t>{0});
    Buffer<TilePeak> peaks(device_, std::ssize(tiles));
    nocturne::run(device_,
                  SubtractArgs{image, make_constant_view(static_cast<std::uint8_t const*>(nowhere.data()), m, m), psf,
                               list.view(list.size()), todo.view(todo.size()), peaks.view(peaks.size())});
    finish(device_);
}

/// R −= PSF ⊛ k_s ⊛ components.
void Multiscale::take_out(Scale& scale, std::vector<CleanComponent> components, Buffer<float>& residual)
{
    if (scale.is_point()) {
        auto const psf = scale.search_psf.view(scale.search_whole, scale.search_whole);
        subtract(residual.view(n_, n_), psf, components);
        return;
    }
    auto const border = static_cast<std::int32_t>(scale.border);
    Index const m = scale.n + 2 * border;
    for (auto& c : components) c.x += border, c.y += border;
    scale.update.clear();
    subtract(scale.update.view(m, m), scale.update_psf.view(scale.update_side, scale.update_side), components);
    nocturne::run(device_, SpreadArgs{scale.update.view(m, m),
                                      residual.view(n_, n_),
                                      work_.view(m, n_),
                                      {scale.spread_taps.view(scale.spread_taps.size()), scale.step,
                                       -scale.step * scale.border}});
    finish(device_);
}

/// One subminor loop: its components, of which the residual is without.
std::vector<CleanComponent> Multiscale::loop(Scale& scale, MinorRules const& rules, Buffer<float>& residual)
{
    auto const mask = scale.mask.view(scale.n, scale.n);
    bool const in_place = scale.is_point() && !scale.is_cut();
    if (!scale.is_point()) smooth(scale, residual);
    if (scale.is_point() && !in_place) scale.image = to_device(device_, residual.to_host());
    auto const pixels = (in_place ? residual : scale.image).view(scale.n, scale.n);
    auto found = scale.minor->run(pixels, mask, rules);
    if (in_place)
        scale.minor->finish(pixels, mask);
    else if (!found.empty())
        take_out(scale, found, residual);
    return found;
}

std::vector<ScaledComponent> Multiscale::run(Buffer<float>& residual, MinorRules const& rules)
{
    std::vector<ScaledComponent> all;
    double stop = rules.stop_jy, least = largest();
    while (std::ssize(all) < rules.iterations) {
        auto* const scale = choose(stop);
        if (!scale && rules.go_on) {
            double const lower = rules.go_on(fine_noise(residual));
            if (lower < 0.99 * stop) {
                stop = lower;
                continue;
            }
        }
        if (!scale) break;
        double const share = std::max(subminor_share, scale->outer_sidelobe);
        double const down_to = std::max(stop, share * scale->significance);
        MinorRules const of_loop{rules.gain,
                                 down_to / scale->per_flux(),
                                 std::min<Index>(capacity_, rules.iterations - std::ssize(all)),
                                 &scale->tiles,
                                 [&](Index k, double) {
                                     if (rules.pulse) rules.pulse(std::ssize(all) + k, scale->significance);
                                 },
                                 {},
                                 scale->outer_sidelobe};
        auto const last = loop(*scale, of_loop, residual);
        if (last.empty()) break;
        for (auto const& each : scales_) look(*each, residual);
        if (largest() > scale_growth * least) break;  // without what was found last
        least = std::min(least, largest());
        auto const step = static_cast<std::int32_t>(scale->step);
        for (auto const& c : last)
            all.push_back({{c.x * step, c.y * step, c.flux_jy}, static_cast<float>(scale->width_px)});
    }
    return all;
}

}  // namespace nocturne
