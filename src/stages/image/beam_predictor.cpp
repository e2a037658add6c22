#include "stages/image/beam_predictor.hpp"

#include <algorithm>
#include <cmath>

namespace nocturne {
namespace {

/// Of the functions after the first.
constexpr double rough_epsilon = 1e-3;
/// Functions that carry less than this share of the flux are left out.
constexpr double least_term_share = 1e-4;

}  // namespace

BeamPredictor::BeamPredictor(Device const& device, BeamTerms terms, NodeGeometry const& points,
                             std::vector<double> line_time_s)
    : device_(device), terms_(std::move(terms)), points_(points), line_time_s_(std::move(line_time_s))
{
    NOCT_CHECK(line_time_s_.size() == points.lines.size(), "one time per line is needed");
}

BeamTerms::Terms const& BeamPredictor::terms_of(CleanComponent const& component)
{
    Index const n = grid_.n_pixels;
    auto const [found, fresh] = at_.try_emplace(component.y * n + component.x);
    if (fresh) {
        auto const place = plain_of(slant_, {-static_cast<double>(component.x - n / 2) * grid_.cell_rad,
                                             static_cast<double>(component.y - n / 2) * grid_.cell_rad});
        found->second = terms_.at(place.l, place.m);
    }
    return found->second;
}

/// What is to be predicted with each function.
BeamTerms::Terms BeamPredictor::amounts_of(ScaledComponent const& component)
{
    return terms_.with_slope(terms_of(component.point), static_cast<double>(component.point.flux_jy),
                             static_cast<double>(component.slope_jy));
}

void BeamPredictor::begin(ImageGeometry const& grid, Slant const& slant, double epsilon,
                          std::vector<ScaledComponent> components)
{
    grid_ = grid, slant_ = slant, epsilon_ = epsilon, components_ = std::move(components);
    double flux = 0;
    std::array<double, BeamTerms::count> share{};
    for (auto const& component : components_) {
        auto const amounts = amounts_of(component);
        flux += std::abs(static_cast<double>(component.point.flux_jy));
        for (std::size_t j = 0; j < BeamTerms::count; ++j) share[j] += std::abs(amounts[j]);
    }
    for (std::size_t j = 0; j < BeamTerms::count; ++j) matters_[j] = !(share[j] < least_term_share * flux);
}

int BeamPredictor::rank_of(std::size_t j, int ranks)
{
    std::vector<int> load(static_cast<std::size_t>(ranks), 0);
    load[0] = 2;
    for (std::size_t k = 1; k <= j; ++k) {
        auto const least = std::min_element(load.begin(), load.end());
        if (k == j) return static_cast<int>(least - load.begin());
        ++*least;
    }
    return 0;
}

std::vector<Vis> BeamPredictor::predict(std::size_t j, WGridder* precise)
{
    Index const n = grid_.n_pixels;
    if (j > 0 && !rough_) rough_.emplace(device_, grid_, std::max(rough_epsilon, epsilon_), points_, slant_);
    std::vector<float> pixels(static_cast<std::size_t>(n * n), 0.0F);
    for (auto component : components_) {
        component.point.flux_jy = static_cast<float>(amounts_of(component)[j]);
        add_component(component, n, pixels);
    }
    auto const image = to_device(device_, pixels);
    Buffer<Vis> values(device_, points_.n_points);
    NOCT_CHECK(j > 0 || precise, "the first function needs the gridder of the grid");
    (j == 0 ? *precise : *rough_).predict(image, values);
    return values.to_host();
}

void BeamPredictor::add(std::size_t j, std::vector<Vis> const& part, std::vector<Vis>& y) const
{
    for (std::size_t k = 0; k < points_.lines.size(); ++k) {
        auto const& line = points_.lines[k];
        for (int p = 0; p < line.n; ++p) {
            auto const f =
                terms_.functions(line_time_s_[k], points_.freq_hz[static_cast<std::size_t>(line.first_freq + p)])[j];
            auto const factor = static_cast<float>(f);
            auto const i = static_cast<std::size_t>(line.first_value + p);
            y[i] = {y[i].re + factor * part[i].re, y[i].im + factor * part[i].im};
        }
    }
}

}  // namespace nocturne
