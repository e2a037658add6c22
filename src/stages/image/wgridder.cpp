// The gridder: memory, and the order of its kernels.
#include "stages/image/wgridder.hpp"

#include "kernels/degrid.hpp"
#include "kernels/grid.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace nocturne {
namespace {

double now_s() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

/// Adds the time since the last lap to a sum; what runs on the device is waited for.
class Laps {
public:
    explicit Laps(Device const& device) : device_(device), last_(now_s()) {}
    void add_to(double& sum)
    {
        finish(device_);
        double const now = now_s();
        sum += now - last_;
        last_ = now;
    }

private:
    Device device_;
    double last_;
};

std::vector<float> all_taps(GridderPlan const& plan)
{
    auto taps = kernel_polynomials(plan.kernel, plan.degree);
    auto const taps_w = kernel_polynomials(plan.kernel_w, plan.degree);
    taps.insert(taps.end(), taps_w.begin(), taps_w.end());
    return taps;
}

}  // namespace

WGridder::WGridder(Device const& device, ImageGeometry const& image, double epsilon, NodeGeometry const& plain,
                   Slant const& slant)
    : device_(device), n_points_(plain.n_points), n_lines_(static_cast<Index>(plain.lines.size()))
{
    auto const points = slanted_points(plain, slant);
    plan_ = make_gridder_plan(image, epsilon, points, slant);
    lines_ = to_device(device, points.lines);
    freq_hz_ = to_device(device, points.freq_hz);
    taps_ = to_device(device, all_taps(plan_));
    axis_ = to_device(device, make_correction(plan_));
    theta_ = to_device(device, make_screen(plan_));
    column_ = to_device(device, plan_.column);
    tile_ = to_device(device, plan_.tile);
    pool_ = Buffer<std::int64_t>(device, plan_.n_tiles * tile_values);
    Index const kept = plan_.n_kept;
    work_ = Buffer<float>(
        device, std::visit([&](auto const& d) { return fft_work(d, plan_.lattice.n, plan_.n_kept); }, device));
    coarse_ = Buffer<float>(device, kept * kept);
    if (plan_.half) rows_ = Buffer<float>(device, image.n_pixels * kept);
    lattice_ = plan_.lattice;
    lattice_.taps = taps_.view(2, plan_.degree + 1, 8);
    lattice_.column = column_.view(column_.size());
    lattice_.tile = tile_.view(tile_.size());
    pool_.clear();  // touches every page once, before anything is timed
    work_.clear();
    coarse_.clear();
    rows_.clear();
}

KeptImage WGridder::kept() const { return {plan_.n_kept, theta_.view(theta_.size() / plan_.n_kept, plan_.n_kept)}; }

CorrectArgs WGridder::correction() const
{
    CorrectArgs args;
    args.image = coarse_.view(plan_.n_kept, plan_.n_kept);
    args.axis = axis_.view(plan_.n_kept);
    args.theta = kept().theta;
    args.theta_max = plan_.theta_max;
    auto const inverse = inverse_transform_polynomial(plan_.kernel_w, plan_.theta_max, CorrectArgs::terms);
    std::copy(inverse.begin(), inverse.end(), args.inverse_w);
    return args;
}

void WGridder::dirty(Buffer<Vis> const& y, Buffer<float>& image)
{
    NOCT_CHECK(y.size() == n_points_, "dirty: one value per point is needed");
    NOCT_CHECK(image.size() == plan_.image.n_pixels * plan_.image.n_pixels, "dirty: an image of another size");
    times_ = {};
    Laps laps(device_);
    auto const values = y.view(y.size());
    double const largest = std::visit([&](auto const& d) { return largest_part(d, values); }, device_);
    if (!std::isfinite(largest))
        throw Error(Code::bad_input, "values to be gridded are not finite", "a NaN or an infinity among the points",
                    "flag such samples before imaging");
    float const scale = grid_scale(std::sqrt(2.0) * largest, n_points_, plan_.extent.longest_line);
    pool_.clear();
    run(device_, GridArgs{lattice_, lines_.view(n_lines_), freq_hz_.view(freq_hz_.size()), values, scale,
                          pool_.view(pool_.size())});
    laps.add_to(times_.grid_s);
    coarse_.clear();
    auto const coarse = coarse_.view(plan_.n_kept, plan_.n_kept);
    for (Index plane = 0; plane < lattice_.n_planes; ++plane)
        run(device_, PlaneToImageArgs{lattice_, plane, pool_.view(pool_.size()), 1 / scale, kept(), coarse,
                                      work_.view(work_.size())});
    laps.add_to(times_.fft_s);
    run(device_, correction());
    laps.add_to(times_.correct_s);
    Index const n = plan_.image.n_pixels;
    run(device_, UpsampleArgs{coarse, image.view(n, n), rows_.view(plan_.half ? n : 0, plan_.n_kept), plan_.filter});
    laps.add_to(times_.upsample_s);
}

void WGridder::image_to_planes(Buffer<float> const& image)
{
    Laps laps(device_);
    Index const n = plan_.image.n_pixels;
    auto const coarse = coarse_.view(plan_.n_kept, plan_.n_kept);
    run(device_, DownsampleArgs{image.view(n, n), coarse, rows_.view(plan_.half ? n : 0, plan_.n_kept), plan_.filter});
    laps.add_to(times_.upsample_s);
    run(device_, correction());
    laps.add_to(times_.correct_s);
    auto const pool = make_view(reinterpret_cast<float*>(pool_.data()), plan_.n_tiles * tile_values);
    for (Index plane = 0; plane < lattice_.n_planes; ++plane)
        run(device_, ImageToPlaneArgs{lattice_, plane, pool, kept(), coarse, work_.view(work_.size())});
    laps.add_to(times_.fft_s);
}

void WGridder::predict(Buffer<float> const& image, Buffer<Vis>& y)
{
    NOCT_CHECK(y.size() == n_points_, "predict: one value per point is needed");
    NOCT_CHECK(image.size() == plan_.image.n_pixels * plan_.image.n_pixels, "predict: an image of another size");
    times_ = {};
    image_to_planes(image);
    Laps laps(device_);
    auto const pool = make_view(reinterpret_cast<float const*>(pool_.data()), plan_.n_tiles * tile_values);
    run(device_, DegridArgs{lattice_, lines_.view(n_lines_), freq_hz_.view(freq_hz_.size()), pool, y.view(y.size())});
    laps.add_to(times_.grid_s);
}

std::size_t WGridder::device_bytes() const
{
    return lines_.bytes() + freq_hz_.bytes() + taps_.bytes() + axis_.bytes() + work_.bytes() + coarse_.bytes() +
           rows_.bytes() + column_.bytes() + tile_.bytes() + theta_.bytes() + pool_.bytes();
}

}  // namespace nocturne
