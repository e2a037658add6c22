// Sizes and kernels of a gridding, by cost. The touched tiles are found in touched_tiles.cpp.
#include "stages/image/gridder_plan.hpp"

#include "kernels/fft.hpp"
#include "nocturne/units.hpp"
#include "stages/image/half_band.hpp"
#include "stages/image/touched_tiles.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace nocturne {
namespace {

/// Parts of epsilon: the kernels' share and, of what is left, the half-band filter's.
constexpr double kernel_share = 0.4, filter_share = 0.1;
/// The band that may be upsampled, of the coarse image's Nyquist frequency, and the least image for which it pays.
constexpr double upsampled_band = 0.8;
constexpr Index least_upsampled = 256;

/// body(l', m') for the corners of a square.
template<class Body>
void at_corners(double edge, Body const& body)
{
    for (double l : {-edge, edge})
        for (double m : {-edge, edge}) body(l, m);
}

/// Largest |∂q/∂l'| or |∂q/∂m'| of q = n − 1, which is in a corner: (α q − l') / ((1 + α² + β²) q + 1 − α l' − β m').
double steepest(Slant const& slant, double edge)
{
    double most = 0;
    at_corners(edge, [&](double l, double m) {
        double const q = slant.n_minus_1(l, m), below = std::sqrt(slant.height(l, m));
        most = std::max({most, std::abs(slant.alpha * q - l) / below, std::abs(slant.beta * q - m) / below});
    });
    return most;
}

PointExtent find_extent(NodeGeometry const& points)
{
    PointExtent extent;
    extent.shortest_w = std::numeric_limits<double>::infinity();
    for (auto const& line : points.lines) {
        if (line.n == 0) continue;
        auto const first = points.freq_hz.begin() + line.first_freq;
        double const low = std::min(first[0], first[line.n - 1]) / speed_of_light_m_s;
        double const high = std::max(first[0], first[line.n - 1]) / speed_of_light_m_s;
        double const uv = std::max(std::abs(line.uvw_m[0]), std::abs(line.uvw_m[1])), w = std::abs(line.uvw_m[2]);
        extent.longest_axis = std::max(extent.longest_axis, uv * high);
        extent.longest_w = std::max(extent.longest_w, w * high);
        extent.shortest_w = std::min(extent.shortest_w, w * low);
        extent.longest_line = std::max<Index>(extent.longest_line, line.n);
    }
    if (!std::isfinite(extent.shortest_w)) extent.shortest_w = 0;  // no point at all
    return extent;
}

/// Whether every second pixel is enough: the band of u and v, widened by the slope of the w term at the corner.
void choose_resolution(GridderPlan& plan)
{
    Index const n = plan.image.n_pixels;
    double const edge = 0.5 * static_cast<double>(n) * plan.image.cell_rad;
    double lowest = 1;
    at_corners(edge, [&](double l, double m) { lowest = std::min(lowest, plan.slant.height(l, m)); });
    plan.n_kept = (n + 15) / 16 * 16;
    plan.cell_rad = plan.image.cell_rad;
    if (n < least_upsampled || lowest < 0.5) return;
    double const widened = plan.extent.longest_w * steepest(plan.slant, edge);
    double const band = 4 * plan.image.cell_rad * (plan.extent.longest_axis + widened);
    if (band > upsampled_band) return;
    auto const filter = design_half_band(std::max(band, 0.05), filter_share * plan.epsilon);
    if (!filter) return;
    plan.half = true;
    plan.filter = *filter;
    plan.cell_rad = 2 * plan.image.cell_rad;
    plan.n_kept = 2 * ((n + 3) / 4 + filter->half_taps + 1);
    plan.n_kept = (plan.n_kept + 15) / 16 * 16;
}

/// Seconds on one core of a 3 GHz host, for choosing only (fitted to the parts of a full group's dirty images, eight pairs of
/// kernels): points, plane by plane with their rows of eight taps and the tiles that a finer lattice makes them cross; then
/// transforms by passes, screens.
double cost(GridderPlan const& plan, Index n_points)
{
    auto const& lattice = plan.lattice;
    double const kept = static_cast<double>(plan.n_kept), n = static_cast<double>(lattice.n);
    double const point = 2.5e-8 + lattice.support_w * (6.8e-10 * lattice.support + 3.2e-9 * n / kept);
    double const plane = 1.35 * n * (0.7 * n + kept) * (4e-10 + 1.45e-10 * fft_passes(lattice.n)) + 4e-10 * kept * kept;
    return point * static_cast<double>(n_points) + static_cast<double>(lattice.n_planes) * plane;
}

/// Planes for the kernel in w: oversampling over the range of n − 1 of the kept image.
void set_planes(GridderPlan& plan, KernelShape const& shape)
{
    double const edge = 0.5 * static_cast<double>(plan.n_kept) * plan.cell_rad;
    double deepest = 0;  // n − 1 falls ever faster away from the centre
    at_corners(edge, [&](double l, double m) { deepest = std::min(deepest, plan.slant.n_minus_1(l, m)); });
    plan.n_middle = 0.5 * deepest;
    plan.plane_step = 0.5 / (shape.oversampling * std::abs(plan.n_middle));
    plan.theta_max = 0.5 / shape.oversampling;
    plan.kernel_w = shape;
    auto& lattice = plan.lattice;
    lattice.support_w = shape.support;
    lattice.cells_w = 1 / (plan.plane_step * speed_of_light_m_s);
    auto const start = [&](double wavelengths) {
        return std::ceil(wavelengths / plan.plane_step - 0.5 * shape.support);
    };
    // The margins outweigh the rounding of the points' own coordinates.
    lattice.first_plane = start(plan.extent.shortest_w * (1 - 1e-12));
    double const last = start(plan.extent.longest_w * (1 + 1e-12));
    lattice.n_planes = static_cast<Index>(last - lattice.first_plane) + shape.support;
}

/// The cheapest kernel in w for a kernel in u and v and a number of cells, into `best` where it is cheaper than `least`.
void try_kernels_w(GridderPlan trial, Index n_points, double& least, GridderPlan& best)
{
    double const allowed = kernel_share * trial.epsilon, error = trial.kernel.error;
    for (auto const& w : kernel_shapes()) {
        if (std::sqrt(2 * error * error + w.error * w.error) > allowed) continue;
        set_planes(trial, w);
        double const now = cost(trial, n_points);
        if (now >= least) continue;
        least = now;
        best = trial;
    }
}

/// The cheapest pair of kernels and number of cells; keeps the plan it is given where none is good enough.
bool choose_kernels(GridderPlan& plan, Index n_points)
{
    double least = std::numeric_limits<double>::infinity();
    GridderPlan best;
    for (auto const& uv : kernel_shapes()) {
        if (uv.error * std::sqrt(2.0) > kernel_share * plan.epsilon) continue;
        auto trial = plan;
        trial.kernel = uv;
        trial.lattice.support = uv.support;
        double const fewest = std::max(32.0, uv.oversampling * static_cast<double>(plan.n_kept));
        auto const first = static_cast<Index>(std::ceil(fewest)), last = static_cast<Index>(1.12 * fewest) + 16;
        for (Index n = next_fft_length(first); n <= last; n = next_fft_length(n + 1)) {
            trial.lattice.n = n;
            try_kernels_w(trial, n_points, least, best);
        }
    }
    if (best.lattice.n == 0) return false;
    plan = best;
    return true;
}

void set_scales(GridderPlan& plan)
{
    auto& lattice = plan.lattice;
    double const cells = static_cast<double>(lattice.n) * plan.cell_rad / speed_of_light_m_s;
    lattice.cells_u = -cells;
    lattice.cells_v = cells;
    lattice.shift_turns = plan.n_middle / speed_of_light_m_s;
    plan.degree = std::max(polynomial_degree(plan.kernel), polynomial_degree(plan.kernel_w));
    lattice.degree = plan.degree;
}

}  // namespace

GridderPlan make_gridder_plan(ImageGeometry const& image, double epsilon, NodeGeometry const& points,
                              Slant const& slant)
{
    double const edge = 0.5 * static_cast<double>(image.n_pixels) * image.cell_rad;
    bool above = true;
    at_corners(edge, [&](double l, double m) { above &= slant.height(l, m) >= 0; });
    if (image.n_pixels < 2 || image.n_pixels % 2 != 0 || !(image.cell_rad > 0) || !above)
        throw Error(Code::bad_config, "an image of " + std::to_string(image.n_pixels) + " pixels cannot be made",
                    "the size must be even and the corners above the horizon", "change --imsize or --cell");
    GridderPlan plan;
    plan.image = image;
    plan.slant = slant;
    plan.epsilon = epsilon;
    plan.extent = find_extent(points);
    choose_resolution(plan);
    if (!choose_kernels(plan, points.n_points))
        throw Error(Code::bad_config, "epsilon " + std::to_string(epsilon) + " cannot be reached",
                    "single precision ends near 3e-7", "ask for 1e-6 or more");
    set_scales(plan);
    auto touched = find_touched_tiles(plan.lattice, points);
    plan.column = std::move(touched.column);
    plan.tile = std::move(touched.tile);
    plan.n_tiles = touched.n_tiles;
    return plan;
}

std::vector<std::int32_t> make_screen(GridderPlan const& plan)
{
    Index const n = plan.n_kept, rows = plan.slant.none() ? n / 2 + 1 : n, middle = plan.slant.none() ? 0 : n / 2;
    std::vector<std::int32_t> theta(static_cast<std::size_t>(rows * n));
    for (Index y = 0; y < rows; ++y)
        for (Index x = 0; x < n; ++x) {
            double const l = -static_cast<double>(x - n / 2) * plan.cell_rad;
            double const m = static_cast<double>(y - middle) * plan.cell_rad;
            double const turns = (plan.slant.n_minus_1(l, m) - plan.n_middle) * plan.plane_step;
            theta[y * n + x] = static_cast<std::int32_t>(std::llrint(turns * 0x1p32));
        }
    return theta;
}

std::vector<float> make_correction(GridderPlan const& plan)
{
    std::vector<float> factor(static_cast<std::size_t>(plan.n_kept));
    for (Index x = 0; x < plan.n_kept; ++x)
        factor[x] = static_cast<float>(1 / kernel_transform(plan.kernel, static_cast<double>(x - plan.n_kept / 2) /
                                                                             static_cast<double>(plan.lattice.n)));
    return factor;
}

}  // namespace nocturne
