#include "stages/image/beam_predictor.hpp"

#include <algorithm>
#include <cmath>

namespace nocturne {
namespace {

/// Of the functions after the first.
constexpr double rough_epsilon = 1e-3;
/// Functions that carry less than this share of the flux are left out.
constexpr double least_share = 1e-4;

}  // namespace

BeamPredictor::BeamPredictor(Device const& device, BeamTerms terms, NodeGeometry const& points,
                             std::vector<double> line_time_s)
    : device_(device), terms_(std::move(terms)), points_(points), line_time_s_(std::move(line_time_s))
{
    NOCT_CHECK(line_time_s_.size() == points.lines.size(), "one time per line is needed");
}

BeamTerms::Terms const& BeamPredictor::terms_of(CleanComponent const& component, GridderPlan const& plan)
{
    Index const n = plan.image.n_pixels;
    auto const [found, fresh] = at_.try_emplace(component.y * n + component.x);
    if (fresh) {
        auto const place = plain_of(plan.slant, {-static_cast<double>(component.x - n / 2) * plan.image.cell_rad,
                                                 static_cast<double>(component.y - n / 2) * plan.image.cell_rad});
        found->second = terms_.at(place.l, place.m);
    }
    return found->second;
}

/// y += φ_j part.
void BeamPredictor::add(std::size_t function, std::vector<Vis> const& part, std::vector<Vis>& y) const
{
    for (std::size_t k = 0; k < points_.lines.size(); ++k) {
        auto const& line = points_.lines[k];
        for (int p = 0; p < line.n; ++p) {
            auto const f = terms_.functions(line_time_s_[k],
                                            points_.freq_hz[static_cast<std::size_t>(line.first_freq + p)])[function];
            auto const factor = static_cast<float>(f);
            auto const i = static_cast<std::size_t>(line.first_value + p);
            y[i] = {y[i].re + factor * part[i].re, y[i].im + factor * part[i].im};
        }
    }
}

void BeamPredictor::predict(WGridder& gridder, std::vector<CleanComponent> const& components, std::vector<Vis>& y)
{
    auto const& plan = gridder.plan();
    if (!rough_) rough_.emplace(device_, plan.image, std::max(rough_epsilon, plan.epsilon), points_, plan.slant);
    Index const n = plan.image.n_pixels;
    std::vector<float> pixels(static_cast<std::size_t>(n * n), 0.0F);
    Buffer<float> image(device_, n * n);
    Buffer<Vis> values(device_, points_.n_points);
    std::vector<Vis> part(static_cast<std::size_t>(points_.n_points));
    double flux = 0;
    for (auto const& c : components) flux += std::abs(static_cast<double>(c.flux_jy));
    y.assign(part.size(), Vis{});
    for (std::size_t j = 0; j < BeamTerms::count; ++j) {
        double share = 0;
        for (auto const& c : components) {
            double const value = static_cast<double>(c.flux_jy) * terms_of(c, plan)[j];
            pixels[static_cast<std::size_t>(c.y * n + c.x)] = static_cast<float>(value);
            share += std::abs(value);
        }
        if (share < least_share * flux) continue;
        image.upload(pixels.data());
        (j == 0 ? gridder : *rough_).predict(image, values);
        values.download(part.data());
        add(j, part, y);
    }
}

}  // namespace nocturne
