#include "stages/image/slopes.hpp"

#include "kernels/statistics.hpp"

#include <algorithm>
#include <cmath>

namespace nocturne {
namespace {

/// Slopes are looked for down to so many times their noise, then where there are some as deep as fluxes; what is left below counts in
/// the spectral index by the residual.
constexpr double least_slope_sigma = 3;
/// A residual whose largest value is so many times the least there was.
constexpr double worse = 1.5;
constexpr int most_cycles = 20;

}  // namespace

Slopes::Slopes(Device const& device, CleanSettings const& settings, Index n, std::vector<float> psf,
               std::vector<double> const& widths_px)
    : n_(n),
      settings_(settings),
      minor_({device, n, psf, n, widths_px, settings.scales.bias, settings.iterations}),
      residual_(device, n * n)
{
    residual_.clear();
}

void Slopes::add(std::vector<ScaledComponent> const& found, float sign)
{
    for (auto const& c : found) slopes_[{c.width_px, c.point.y * n_ + c.point.x}] += sign * c.point.flux_jy;
}

/// The largest peak where there are components with a flux, or, deep, with a slope.
double Slopes::look(std::vector<ScaledComponent> const& fluxes)
{
    std::vector<ScaledComponent> found;
    if (deep_) add_to(found);
    minor_.mask(deep_ ? found : fluxes);
    return minor_.look(residual_);
}

bool Slopes::step(std::vector<ScaledComponent> const& fluxes, double thermal_jy,
                  std::function<void(std::string const&)> const& pulse)
{
    if (ended_ || fluxes.empty()) return false;
    double const noise = std::min(thermal_jy, minor_.fine_noise(residual_));
    double peak = look(fluxes);
    if (!deep_ && peak <= least_slope_sigma * noise) {
        deep_ = true;
        peak = look(fluxes);
    }
    if (cycles_ > 0 && peak > worse * least_peak_jy_) {
        add(last_, -1);
        ended_ = true;
        return true;
    }
    least_peak_jy_ = cycles_ > 0 ? std::min(least_peak_jy_, peak) : peak;
    double const level = (deep_ ? settings_.auto_threshold : least_slope_sigma) * noise;
    if (peak <= level || cycles_ >= most_cycles) return false;
    MinorRules rules{settings_.gain, std::max(level, (1 - settings_.mgain) * peak), settings_.iterations};
    if (pulse) rules.pulse = [&](Index, double) { pulse("slopes, cycle " + std::to_string(cycles_ + 1)); };
    last_ = minor_.run(residual_, rules);
    ++cycles_;
    add(last_, 1);
    return !last_.empty();
}

void Slopes::add_to(std::vector<ScaledComponent>& components) const
{
    auto left = slopes_;
    for (auto& c : components) {
        auto const found = left.find({c.width_px, c.point.y * n_ + c.point.x});
        if (found == left.end()) continue;
        c.slope_jy = found->second;
        left.erase(found);
    }
    for (auto const& [at, slope] : left)
        components.push_back({{static_cast<std::int32_t>(at.second % n_), static_cast<std::int32_t>(at.second / n_), 0},
                              at.first,
                              slope});
}

std::vector<float> Slopes::image() const
{
    std::vector<float> pixels(static_cast<std::size_t>(n_ * n_), 0.0F);
    for (auto const& [at, slope] : slopes_)
        add_component(
            {{static_cast<std::int32_t>(at.second % n_), static_cast<std::int32_t>(at.second / n_), slope}, at.first},
            n_, pixels);
    return pixels;
}

}  // namespace nocturne
