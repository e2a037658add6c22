#include "stages/image/snapshot_imager.hpp"

#include "stages/image/make.hpp"

#include <algorithm>
#include <cmath>

namespace nocturne {

SnapshotImager::SnapshotImager(GroupState const& state, ImageSettings const& settings, SnapshotNodes const& nodes)
    : state_(state),
      wish_(settings.snapshots.value()),
      epsilon_(settings.gridder_epsilon()),
      nodes_(nodes.nodes),
      integrations_(state.header.time_mjd_s.size())
{
    auto const& times = state.header.time_mjd_s;
    double longest_m = 0;
    for (std::size_t k = 0; k < nodes_.geometry.lines.size(); ++k) {
        auto const after = std::lower_bound(times.begin(), times.end(), nodes.line_time_s[k] - 1e-3);
        NOCT_CHECK(after != times.end() && std::abs(*after - nodes.line_time_s[k]) < 2e-3,
                   "a node between integrations");
        auto& own = integrations_[static_cast<std::size_t>(after - times.begin())];
        own.lines.push_back(k);
        auto const& line = nodes_.geometry.lines[k];
        longest_m = std::max(longest_m, std::hypot(line.uvw_m[0], line.uvw_m[1]));
        for (int p = 0; p < line.n; ++p)
            own.sum_weight += static_cast<double>(nodes_.psf[static_cast<std::size_t>(line.first_value + p)].re);
    }
    for (std::size_t t = 0; t < integrations_.size(); ++t)
        if (integrations_[t].sum_weight > 0) filled_.push_back(t);
    if (longest_m > 0)
        beam_pixels_ =
            std::max(3.0, 1.2 * speed_of_light_m_s / (nodes_.geometry.freq_hz.front() * longest_m * wish_.cell_rad));
}

ArrayPlane SnapshotImager::plane(std::size_t t) const
{
    PlaneFit fit;
    for (auto const k : integrations_[t].lines) fit.add(nodes_, nodes_.geometry.lines[k]);
    return fit.plane();
}

std::vector<float> SnapshotImager::image(std::size_t t, std::vector<Vis> const& values) const
{
    NodeGeometry geometry{{}, nodes_.geometry.freq_hz, 0};
    std::vector<Vis> own;
    for (auto const k : integrations_[t].lines) {
        auto line = nodes_.geometry.lines[k];
        auto const first = values.begin() + line.first_value;
        own.insert(own.end(), first, first + line.n);
        line.first_value = geometry.n_points;
        geometry.n_points += line.n;
        geometry.lines.push_back(line);
    }
    WGridder gridder(state_.device, wish_.geometry(state_.centre), epsilon_, geometry);
    Buffer<float> image(state_.device, wish_.n_pixels * wish_.n_pixels);
    gridder.dirty(to_device(state_.device, own), image);
    auto pixels = image.to_host();
    double const factor = 1 / integrations_[t].sum_weight;
    for (float& pixel : pixels) pixel = static_cast<float>(factor * static_cast<double>(pixel));
    return pixels;
}

/// `use` is told of each node of an integration, and of the phase that a source at a place has there.
template<class Use>
void SnapshotImager::along(std::size_t t, Place at, Use const& use) const
{
    auto const& geometry = nodes_.geometry;
    double const middle = static_cast<double>(wish_.n_pixels / 2), l = (middle - at.x) * wish_.cell_rad,
                 m = (at.y - middle) * wish_.cell_rad, q = std::sqrt(1 - l * l - m * m) - 1;
    for (auto const k : integrations_[t].lines) {
        auto const& line = geometry.lines[k];
        double const delay_s = (line.uvw_m[0] * l + line.uvw_m[1] * m + line.uvw_m[2] * q) / speed_of_light_m_s;
        for (int p = 0; p < line.n; ++p)
            use(static_cast<std::size_t>(line.first_value + p),
                2 * pi * delay_s * geometry.freq_hz[static_cast<std::size_t>(line.first_freq + p)]);
    }
}

/// Nodes of the PSF times its fringe are as good as its own nodes: over distances that the plan allows for, twice the field, a PSF
/// around it is that of the samples.
std::vector<float> SnapshotImager::source(std::size_t t, Top const& at) const
{
    auto values = nodes_.psf;
    along(t, {at.x, at.y}, [&](std::size_t k, double phase) {
        auto const c = static_cast<float>(std::cos(phase)), s = static_cast<float>(std::sin(phase));
        values[k] = {values[k].re * c - values[k].im * s, values[k].re * s + values[k].im * c};
    });
    return image(t, values);
}

double SnapshotImager::value(std::size_t t, std::vector<Vis> const& values, Candidate const& at) const
{
    double sum = 0;
    along(t, {at.x_pix, at.y_pix}, [&](std::size_t k, double phase) {
        sum +=
            static_cast<double>(values[k].re) * std::cos(phase) + static_cast<double>(values[k].im) * std::sin(phase);
    });
    return sum / integrations_[t].sum_weight;
}

}  // namespace nocturne
