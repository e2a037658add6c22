// The gridder: points to an image and back, by improved w-stacking (Arras et al. 2021, A&A 646, A58; Ye et al. 2022, A&C 38).
// Enters: positions of points (compressed or raw visibilities), then values. Leaves: the dirty image, or predicted values.
#pragma once

#include "kernels/correct.hpp"
#include "kernels/fft.hpp"
#include "stages/image/gridder_plan.hpp"

namespace nocturne {

/// Seconds of the last call, by part.
struct GridderTimes {
    double grid_s = 0, fft_s = 0, correct_s = 0, upsample_s = 0;
    double total_s() const { return grid_s + fft_s + correct_s + upsample_s; }
};

/// Made once for a geometry; holds the lattice and all work space on the device.
class WGridder {
public:
    /// `epsilon`: relative rms error allowed, at the image's corner too. With a slant the pixels of `image` are a grid of (l', m'),
    /// while `points` are as they are. Throws as make_gridder_plan does.
    WGridder(Device const& device, ImageGeometry const& image, double epsilon, NodeGeometry const& points,
             Slant const& slant = {});

    /// image[y][x] = Σ_p Re(y_p exp(−2πi f_p/c (u l + v m + w (n − 1)))), [n_pixels²]: not divided by Σ w, nor by n. The same
    /// bits for any order of the lines. Throws Error(bad_input) where a value is not finite.
    void dirty(Buffer<Vis> const& y, Buffer<float>& image);

    /// The transpose: y_p = Σ_pixels image exp(+2πi f_p/c (u l + v m + w (n − 1))).
    void predict(Buffer<float> const& image, Buffer<Vis>& y);

    GridderPlan const& plan() const { return plan_; }
    GridderTimes const& times() const { return times_; }
    std::size_t device_bytes() const;

private:
    void image_to_planes(Buffer<float> const& image);
    KeptImage kept() const;
    CorrectArgs correction() const;

    Device device_;
    GridderPlan plan_;
    GridderTimes times_;
    Index n_points_ = 0, n_lines_ = 0;
    Lattice lattice_;  // views into the buffers below
    Buffer<PointLine> lines_;
    Buffer<double> freq_hz_;
    Buffer<float> taps_, axis_, work_, coarse_, rows_;
    Buffer<std::int32_t> column_, tile_, theta_;
    Buffer<std::int64_t> pool_;  // grid: sums; degrid: the same memory as float
};

}  // namespace nocturne
