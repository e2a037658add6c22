// CLEAN on the rank that leads a group. Enters: dirty image and PSF, then after each minor cycle a new residual. Leaves: a model
// and how far it went. The order of it: Schwab 1984, AJ 89, 1076; mask and thresholds by the noise as in WSClean (Offringa &
// Smirnov 2017, MNRAS 471, 301).
#pragma once

#include "stages/image/multiscale.hpp"
#include "stages/image/settings.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>

namespace nocturne {

/// Why no further cycle is made.
enum class CleanEnd { threshold, iterations, divergence };

/// What the last residual holds.
struct CleanState {
    Index iterations = 0, major_cycles = 0;
    double noise_jy = 0;  ///< robust
    double peak_jy = 0;   ///< largest |value|
    CleanEnd end = CleanEnd::threshold;
};

/// Where components may lie, and how wide they may be.
struct CleanReach {
    std::vector<std::uint8_t> allowed = {};  ///< [n × n] 0: nothing there; empty: anywhere
    std::vector<double> widths_px = {};      ///< of multiscale CLEAN, 0 first; empty: points alone, one PSF for all
};

/// Side of the PSF's middle that Clark's minor cycles use in an image of n pixels a side: a quarter of it, 256 at least, and so much
/// more that no sidelobe outside is above 0.2. The whole PSF where that takes more than three quarters of the image.
Index clark_patch(View<float const, 2> psf, Index n);

class Cleaner {
public:
    /// `dirty` [n × n], as which `residual` (on the device) starts; `psf` [2n × 2n], its peak at (n, n), or [n × n], its peak at
    /// (n/2, n/2): what lies further is left to major cycles.
    Cleaner(Device const& device, CleanSettings const& settings, std::vector<float> const& dirty,
            std::vector<float> psf, CleanReach reach = {});

    /// Looks at the residual and makes one minor cycle, which leaves it half done; false where CLEAN is at its end. Then the model
    /// is final and the residual is that of it (after a divergence: that of an earlier model, for which `model_changed`). `pulse` is
    /// told often where it stands, and may throw.
    bool step(std::function<void(std::string const&)> const& pulse = {});

    Buffer<float> const& model() const { return model_; }
    Buffer<float>& residual() { return residual_; }
    /// Noise and peak of the residual as it is.
    void look();
    /// The model was taken back by the last step: its residual must be made once more.
    bool model_changed() const { return taken_back_; }
    CleanState const& state() const { return state_; }
    /// The model: points in row order, then wider ones.
    std::vector<ScaledComponent> components() const;
    /// Widths that are in use: those that the data know something of.
    std::vector<double> widths_px() const { return scales_ ? scales_->widths_px() : std::vector<double>{0}; }

private:
    bool diverges();
    double level() const;
    double level_of(double noise_jy) const;
    void add(std::vector<ScaledComponent> const& components, double sign);
    void render();
    std::vector<ScaledComponent> find(MinorRules const& rules);
    void mask_components();
    void unmask();
    double reopen_mask(double peak_jy);
    bool take_over();
    void set_mask(std::vector<std::uint8_t> marks);
    bool limited() const { return !mask_pixels_.empty(); }
    double peak_to_clean();
    View<std::uint8_t const, 2> mask() const;

    Device device_;
    CleanSettings settings_;
    Index n_;
    std::vector<float> psf_pixels_;  ///< where the device is a host, minor cycles use them as they are
    Buffer<float> residual_, psf_, model_;
    Buffer<std::uint8_t> mask_;
    std::vector<std::uint8_t> allowed_;  ///< where components may be at all; empty: anywhere
    std::vector<float> model_pixels_;
    std::vector<std::uint8_t> mask_pixels_, mask_tiles_;
    std::map<std::pair<float, Index>, float> wide_;  ///< flux by width and pixel
    std::optional<MinorCycle> minor_;                ///< of points, or
    std::optional<Multiscale> scales_;
    double noise_of_mask_jy_ = 0;  ///< measured when the mask was closed
    double psf_noise_ = 0;         ///< robust rms of the PSF
    double fine_noise_jy_ = 0;     ///< of several scales: by the finest structure
    double outer_sidelobe_ = 0;    ///< largest |PSF| outside of its patch (Clark)
    bool masked_ = false, taken_back_ = false;
    int failures_ = 0;                               ///< cycles that were taken back
    double least_peak_jy_ = 0, least_noise_jy_ = 0;  ///< of all residuals so far
    std::vector<ScaledComponent> last_;
    CleanState state_;
};

}  // namespace nocturne
