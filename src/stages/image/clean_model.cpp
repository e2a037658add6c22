// Major cycles of CLEAN: from the leader's model to residuals on the slanted grid, and to PSFs. Enters: a model, nodes, weights.
// Leaves: residual nodes on every rank, images on the leader.
#include "stages/image/clean_pass.hpp"
#include "stages/image/point_source.hpp"

#include <algorithm>
#include <bit>

namespace nocturne {

/// Node values of a model that the leader has, on every rank.
std::vector<Vis> CleanPass::predicted(GroupState const& state, Buffer<float> const& model) const
{
    std::vector<Vis> values(state.nodes->y.size());
    state.exchange->together([&] {
        if (!leads(state)) return;
        Buffer<Vis> y(state.device, std::ssize(values));
        work_->slanted->predict(model, y);
        y.download(values.data());
    });
    state.exchange->merge(values);
    return values;
}

/// The same of the leader's components in the drifting beam: each rank predicts its share of the beam's functions, and all add them
/// in one order, so that the bits do not depend on how many there are.
std::vector<Vis> CleanPass::predicted_through_beam(GroupState const& state)
{
    auto const model = shared_model(state);
    std::vector<Vis> values(state.nodes->y.size()), part;
    std::vector<std::vector<Vis>> parts(BeamTerms::count);
    auto const grid = slanted_grid(settings_.geometry(state.centre), work_->slant);
    state.exchange->together([&] {
        beam_->begin(grid, work_->slant, settings_.gridder_epsilon(), model);
        for (std::size_t j = 0; j < BeamTerms::count; ++j)
            if (beam_->matters(j) && BeamPredictor::rank_of(j, state.share.size) == state.share.rank)
                parts[j] = beam_->predict(j, leads(state) ? &*work_->slanted : nullptr);
    });
    for (std::size_t j = 0; j < BeamTerms::count; ++j) {
        if (!beam_->matters(j)) continue;
        parts[j].resize(values.size());
        state.exchange->merge(parts[j]);
        beam_->add(j, parts[j], values);
        parts[j] = {};
    }
    return values;
}

/// The group's image, on the slanted grid, of y0 − K W Kᵀ y.
void CleanPass::image_of(GroupState& state, std::vector<Vis> values, std::vector<Vis> const& y0, Buffer<float>* image,
                         Weighed weighed)
{
    state.exchange->together([&] { work_->nodes.residual(state.device, y0, values, residual_); });
    state.exchange->merge(residual_);
    state.exchange->together([&] {
        if (leads(state)) image_of_residual(state, *image, weighed);
    });
}

/// On the leader.
void CleanPass::image_of_residual(GroupState const& state, Buffer<float>& image, Weighed weighed) const
{
    auto values = weighed == Weighed::by_slope ? weighed_by_slope(residual_) : residual_;
    double const unit = weighed == Weighed::by_slope ? slope_weight_ : 1;
    auto const factor = static_cast<float>(1 / (unit * state.nodes->sum_weight()));
    for (auto& value : values) value = {factor * value.re, factor * value.im};
    work_->slanted->dirty(to_device(state.device, values), image);
}

std::vector<Vis> CleanPass::weighed_by_slope(std::vector<Vis> values) const
{
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = {bend_[i] * values[i].re, bend_[i] * values[i].im};
    return values;
}

/// The middle of the PSF, [n × n], on the leader.
std::vector<float> CleanPass::near_psf(GroupState const& state, Weighed weighed) const
{
    if (weighed == Weighed::evenly) return work_->psf;
    std::vector<float> psf;
    state.exchange->together([&] {
        if (!leads(state)) return;
        Index const n = work_->slanted->plan().image.n_pixels;
        Buffer<float> image(state.device, n * n);
        auto const values = weighed_by_slope(weighed_by_slope(state.nodes->psf));
        work_->slanted->dirty(to_device(state.device, values), image);
        psf = image.to_host();
        auto const factor = static_cast<float>(1 / (slope_weight_ * state.nodes->sum_weight()));
        for (float& pixel : psf) pixel *= factor;
    });
    return psf;
}

/// The PSF as far as two pixels of the grid can be apart, [2n × 2n]. Its middle is the group's PSF; what lies further is seen in the
/// images of sources in two corners, since on this grid one PSF is that of all. A PSF has its values once more on the other side.
std::vector<float> CleanPass::far_psf(GroupState& state, Weighed weighed)
{
    auto const grid = slanted_grid(settings_.geometry(state.centre), work_->slant);
    Index const n = leads(state) ? grid.n_pixels : 0, all = 2 * n;
    std::vector<float> psf(static_cast<std::size_t>(all * all), 0.0F);
    std::vector<Vis> const nothing(state.nodes->y.size());
    Buffer<float> image(state.device, n * n);
    std::vector<float> pixels(static_cast<std::size_t>(n * n));
    double const edge = 0.5 * static_cast<double>(grid.n_pixels) * grid.cell_rad;
    for (Index corner : {Index(0), n - 1}) {
        PlaneCosines const at{corner == 0 ? edge : grid.cell_rad - edge, -edge};
        auto source = point_source(state.nodes->geometry, work_->slant, at, -1);
        if (weighed == Weighed::by_slope) source = weighed_by_slope(std::move(source));
        image_of(state, std::move(source), nothing, &image, weighed);
        if (!leads(state)) continue;
        image.download(pixels.data());
        for (Index y = 0; y < n; ++y)
            for (Index x = 0; x < n; ++x) {
                Index const dx = x - corner;
                float const value = pixels[static_cast<std::size_t>(y * n + x)];
                psf[static_cast<std::size_t>((n + y) * all + n + dx)] = value;
                psf[static_cast<std::size_t>((n - y) * all + n - dx)] = value;
            }
    }
    auto const near = near_psf(state, weighed);
    for (Index y = 1; y < n; ++y)
        std::copy_n(near.begin() + y * n + 1, n - 1, psf.begin() + (n / 2 + y) * all + n / 2 + 1);
    return psf;
}

/// Residual = dirty image of y0 − K W Kᵀ y_model.
void CleanPass::take_model_out(GroupState& state, WithBeam beam)
{
    bool const with_beam = beam_ && beam == WithBeam::yes;
    auto values = with_beam ? predicted_through_beam(state) : predicted_without_beam(state);
    image_of(state, std::move(values), state.nodes->y, leads(state) ? &cleaner_->residual() : nullptr);
    state.exchange->together([&] {
        if (slopes_) image_of_residual(state, slopes_->residual(), Weighed::by_slope);
    });
}

/// Node values of the leader's model, its slopes too, on every rank.
std::vector<Vis> CleanPass::predicted_without_beam(GroupState const& state) const
{
    Buffer<float> const none;
    auto values = predicted(state, leads(state) ? cleaner_->model() : none);
    if (!has_slopes()) return values;
    Buffer<float> bent;
    if (leads(state)) bent = to_device(state.device, slopes_->image());
    auto const more = weighed_by_slope(predicted(state, bent));
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = {values[i].re + more[i].re, values[i].im + more[i].im};
    return values;
}

/// On the leader.
std::vector<ScaledComponent> CleanPass::model() const
{
    auto list = cleaner_->components();
    if (slopes_) slopes_->add_to(list);
    return list;
}

/// The leader's model on every rank.
std::vector<ScaledComponent> CleanPass::shared_model(GroupState const& state) const
{
    std::vector<ScaledComponent> list;
    if (leads(state)) list = model();
    std::vector<std::int64_t> count{std::ssize(list)};
    state.exchange->sum(count);
    std::vector<std::int64_t> bits(static_cast<std::size_t>(5 * count[0]), 0);
    for (std::size_t k = 0; k < list.size(); ++k) {
        auto const& [point, width, slope] = list[k];
        bits[5 * k] = point.x;
        bits[5 * k + 1] = point.y;
        bits[5 * k + 2] = std::bit_cast<std::int32_t>(point.flux_jy);
        bits[5 * k + 3] = std::bit_cast<std::int32_t>(width);
        bits[5 * k + 4] = std::bit_cast<std::int32_t>(slope);
    }
    state.exchange->sum(bits);
    auto const number = [&](std::size_t at) { return std::bit_cast<float>(static_cast<std::int32_t>(bits[at])); };
    list.clear();
    for (std::size_t k = 0; k < bits.size(); k += 5)
        list.push_back({{static_cast<std::int32_t>(bits[k]), static_cast<std::int32_t>(bits[k + 1]), number(k + 2)},
                        number(k + 3),
                        number(k + 4)});
    return list;
}

}  // namespace nocturne
