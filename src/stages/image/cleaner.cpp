#include "stages/image/cleaner.hpp"

#include "kernels/statistics.hpp"
#include "stages/image/square.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace nocturne {
namespace {

/// What is left of the noise without the sidelobes of the peak, at least.
constexpr double least_noise_share = 0.2;
/// Within a mask a cycle goes down to this share of the peak at most: near the noise, components of neighbouring pixels fit it with
/// alternating signs.
constexpr double gentle_share = 0.5;
/// Cycles that may be taken back; after each one the next go less deep.
constexpr int most_failures = 3;
/// A residual whose largest value, or whose noise, is so many times the least there was: components only make it worse.
constexpr double worse_peak = 1.5, worse_noise = 1.01;
/// What is cleaned within a mask takes its sidelobes along. Where that leaves so little of the noise by which the mask was closed, more
/// sources stand out of the rest.
constexpr double quieter = 0.9;
/// Peaks that stand so little above the mask's level are not worth another cycle without a mask.
constexpr double nearly = 1.02;

/// Outside of Clark's patch no |PSF| is above it: what is not subtracted there looks like sources before the next major cycle.
constexpr float most_outside = 0.2F;

std::string stand_of(Index cycle, Index iterations, double peak_jy)
{
    char text[120];
    std::snprintf(text, sizeof text, "major cycle %lld, %lld iterations, peak %.3g mJy/beam",
                  static_cast<long long>(cycle), static_cast<long long>(iterations), 1e3 * peak_jy);
    return text;
}

}  // namespace

Index clark_patch(View<float const, 2> psf, Index n)
{
    Index const all = psf.extent[0], least = std::min(n, std::max<Index>(256, (n / 4 + 1) / 2 * 2));
    auto const outside = largest_by_distance(psf);
    Index side = std::min(least, all);
    while (side < all && outside[static_cast<std::size_t>(side / 2)] > most_outside) side += 2;
    return side > least && 4 * side > 3 * n ? all : side;
}

Cleaner::Cleaner(Device const& device, CleanSettings const& settings, std::vector<float> const& dirty,
                 std::vector<float> psf, CleanReach reach)
    : device_(device),
      settings_(settings),
      n_(side_of(dirty)),
      psf_pixels_(std::move(psf)),
      residual_(to_device(device, dirty)),
      model_(device, n_ * n_),
      mask_(to_device(device, std::vector<std::uint8_t>{1})),
      allowed_(std::move(reach.allowed)),
      model_pixels_(dirty.size(), 0.0F)
{
    model_.clear();
    Index const all = side_of(psf_pixels_);
    auto const middle_of = [&](View<float const, 2> whole, Index side) {
        return whole.slice(0, (all - side) / 2, side).slice(1, (all - side) / 2, side);
    };
    View<float const, 2> const on_host = make_view(std::as_const(psf_pixels_).data(), all, all);
    if (!is_host(device_)) psf_ = to_device(device_, psf_pixels_);
    auto const psf_here = is_host(device_) ? on_host : View<float const, 2>(psf_.view(all, all));
    psf_noise_ = measure_statistics(device_, middle_of(psf_here, std::min(n_, all))).robust_noise;
    Index const patch = settings_.deconvolver == Deconvolver::clark ? clark_patch(on_host, n_) : all;
    if (!reach.widths_px.empty()) {
        psf_ = {};
        scales_.emplace(MultiscaleArgs{device_, n_, psf_pixels_, patch, reach.widths_px, settings_.scales.bias,
                                       settings_.iterations, allowed_.empty() ? nullptr : &allowed_});
        psf_pixels_ = {};
        return;
    }
    if (patch < all) outer_sidelobe_ = largest_outside(on_host, patch);
    minor_.emplace(device, n_, middle_of(psf_here, patch), PsfReach(middle_of(on_host, patch)),
                   std::max<Index>(1, settings_.iterations));
    if (!is_host(device_)) psf_pixels_ = {};
    if (!allowed_.empty()) set_mask(allowed_);
}

void Cleaner::look()
{
    auto const statistics = measure_statistics(device_, residual_.view(n_, n_));
    NOCT_CHECK(statistics.n_nonfinite == 0, "a residual holds values that are not finite");
    state_.noise_jy = statistics.robust_noise;
    state_.peak_jy =
        std::max(std::abs(static_cast<double>(statistics.min)), std::abs(static_cast<double>(statistics.max)));
}

View<std::uint8_t const, 2> Cleaner::mask() const
{
    return limited() ? mask_.view(n_, n_) : make_constant_view(static_cast<std::uint8_t const*>(mask_.data()), n_, n_);
}

/// Down to where peaks are cleaned in this phase. The sidelobes of the largest peak alone make psf_noise · peak of the noise that is
/// measured; without them it is still no less than that of the sky.
double Cleaner::level() const
{
    if (scales_) return level_of(fine_noise_jy_);
    double const sidelobes = failures_ > 0 ? 0 : psf_noise_ * state_.peak_jy;
    double const noise = std::sqrt(std::max(state_.noise_jy * state_.noise_jy - sidelobes * sidelobes,
                                            least_noise_share * least_noise_share * state_.noise_jy * state_.noise_jy));
    return level_of(noise);
}

double Cleaner::level_of(double noise_jy) const
{
    double const sigmas = !masked_ && settings_.auto_mask > 0 ? settings_.auto_mask : settings_.auto_threshold;
    return std::max(settings_.threshold_jy, sigmas * noise_jy);
}

void Cleaner::add(std::vector<ScaledComponent> const& components, double sign)
{
    for (auto const& component : components) {
        auto const& c = component.point;
        float const width = component.width_px;
        auto const at = static_cast<std::size_t>(c.y * n_ + c.x);
        float& flux = width > 0 ? wide_[{width, static_cast<Index>(at)}] : model_pixels_[at];
        flux += static_cast<float>(sign) * c.flux_jy;
        if (width > 0 || !wide_.empty()) continue;
        std::visit([&](auto const& d) { copy_in(d, model_.data() + at, &model_pixels_[at], sizeof(float)); }, device_);
    }
    if (!wide_.empty()) render();
}

/// The model as pixels, on the device.
void Cleaner::render()
{
    auto pixels = model_pixels_;
    for (auto const& component : components())
        if (component.width_px > 0) add_component(component, n_, pixels);
    model_.upload(pixels.data());
}

std::vector<ScaledComponent> Cleaner::components() const
{
    std::vector<ScaledComponent> list;
    auto const put = [&](Index at, float flux, float width) {
        if (flux != 0)
            list.push_back({{static_cast<std::int32_t>(at % n_), static_cast<std::int32_t>(at / n_), flux}, width});
    };
    for (std::size_t i = 0; i < model_pixels_.size(); ++i) put(static_cast<Index>(i), model_pixels_[i], 0);
    for (auto const& [at, flux] : wide_) put(at.second, flux, at.first);
    return list;
}

/// From now on only where components are.
void Cleaner::mask_components()
{
    masked_ = true;
    noise_of_mask_jy_ = state_.noise_jy;
    if (scales_) {
        scales_->mask(components());
        return;
    }
    std::vector<std::uint8_t> marks(model_pixels_.size());
    for (std::size_t i = 0; i < marks.size(); ++i) marks[i] = model_pixels_[i] != 0;
    set_mask(std::move(marks));
}

/// From now on again wherever components were allowed from the start.
void Cleaner::unmask()
{
    masked_ = false;
    mask_pixels_ = mask_tiles_ = {};
    if (!allowed_.empty()) return set_mask(allowed_);
    mask_ = to_device(device_, std::vector<std::uint8_t>{1});
}

/// Of the residual as `look` measured it: the mask is opened again where what it held hid other sources.
double Cleaner::reopen_mask(double peak_jy)
{
    bool const hid = masked_ && !scales_ && state_.noise_jy < quieter * noise_of_mask_jy_;
    if (!hid || peak_jy > level()) return peak_jy;
    unmask();
    return peak_to_clean();
}

void Cleaner::set_mask(std::vector<std::uint8_t> marks)
{
    NOCT_CHECK(std::ssize(marks) == n_ * n_, "a mask of another size than the image");
    mask_ = to_device(device_, marks);
    mask_pixels_ = std::move(marks);
    mask_tiles_ = masked_tiles(make_view(static_cast<std::uint8_t const*>(mask_pixels_.data()), n_, n_));
}

/// The largest |value| of the residual where components may lie; of several scales, the largest significance.
double Cleaner::peak_to_clean()
{
    if (scales_) {
        fine_noise_jy_ = std::min(scales_->fine_noise(residual_), state_.noise_jy);
        return scales_->look(residual_);
    }
    if (!limited()) return state_.peak_jy;
    return std::abs(static_cast<double>(minor_->peak(residual_.view(n_, n_), mask(), mask_tiles_).value));
}

bool Cleaner::diverges()
{
    bool const first = state_.major_cycles == 0;
    if (!first && (state_.peak_jy > worse_peak * least_peak_jy_ || state_.noise_jy > worse_noise * least_noise_jy_))
        return true;  // what is taken back is no measure of what comes
    least_peak_jy_ = first ? state_.peak_jy : std::min(least_peak_jy_, state_.peak_jy);
    least_noise_jy_ = first ? state_.noise_jy : std::min(least_noise_jy_, state_.noise_jy);
    return false;
}

std::vector<ScaledComponent> Cleaner::find(MinorRules const& rules)
{
    if (scales_) return scales_->run(residual_, rules);
    std::vector<ScaledComponent> found;
    for (auto const& point : minor_->run(residual_.view(n_, n_), mask(), rules)) found.push_back({point, 0});
    return found;
}

bool Cleaner::step(std::function<void(std::string const&)> const& pulse)
{
    taken_back_ = false;
    look();
    if (diverges()) {
        add(last_, -1);
        state_.iterations -= std::ssize(last_);
        last_.clear();
        taken_back_ = true;
        state_.end = CleanEnd::divergence;
        return ++failures_ < most_failures && !masked_;  // within a mask only the noise is left to be fitted
    }
    double peak = reopen_mask(peak_to_clean());
    Index const left = settings_.iterations - state_.iterations;
    MinorRules rules{settings_.gain, 0, left, limited() ? &mask_tiles_ : nullptr};
    rules.outer_sidelobe = outer_sidelobe_;
    if (pulse)
        rules.pulse = [&](Index components, double peak_jy) {
            pulse(stand_of(state_.major_cycles + 1, state_.iterations + components, peak_jy));
        };
    if (!masked_ && settings_.auto_mask > 0 && peak <= nearly * level()) {
        mask_components();
        peak = peak_to_clean();
    }
    state_.end = left <= 0 ? CleanEnd::iterations : CleanEnd::threshold;
    if (left <= 0 || peak <= level()) return false;
    // The noise is that of the residual with the sidelobes of what is left in it: below, a PSF that ends at half the image and is
    // the same everywhere would be trusted too far.
    double const gentle = failures_ > 1 ? 0.8 : failures_ == 1 || masked_ ? gentle_share : 0;
    double const share = std::max(1 - settings_.mgain, gentle);
    rules.stop_jy = std::max({level(), share * peak, outer_sidelobe_ * peak});
    rules.tiles = limited() ? &mask_tiles_ : nullptr;
    // Most of the noise that is measured before a cycle is the sidelobes of what it takes away.
    double const deepest = std::max(share * peak, outer_sidelobe_ * peak);
    if (!masked_) rules.go_on = [&](double noise_jy) { return std::max(level_of(noise_jy), deepest); };
    last_ = find(rules);
    taken_back_ = last_.empty() && scales_;  // the residual was changed, and the model was not
    return !last_.empty() && take_over();
}

/// The components of a minor cycle into the model.
bool Cleaner::take_over()
{
    add(last_, 1);
    state_.iterations += std::ssize(last_);
    ++state_.major_cycles;
    return true;
}

}  // namespace nocturne
