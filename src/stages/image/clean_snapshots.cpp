// CLEAN's model out of the images of single integrations. Enters: the leader's model, nodes of which each belongs to one integration.
// Leaves: this rank's values of these nodes without the model, as the drifting beam shows it at their times.
#include "stages/image/clean_pass.hpp"
#include "stages/image/make.hpp"

#include <cmath>

namespace nocturne {
namespace {

double flux_of(std::vector<ScaledComponent> const& model)
{
    double sum = 0;
    for (auto const& component : model) sum += std::abs(static_cast<double>(component.point.flux_jy));
    return sum;
}

}  // namespace

/// Components on a grid, and points that they are to be seen at.
struct CleanPass::Seen {
    ImageGeometry grid;
    std::vector<ScaledComponent> model;
    NodeGeometry const& points;
    std::vector<double> const& line_time_s;
};

/// In the drifting beam: each rank predicts its share of the beam's functions, all add them in one order.
std::vector<Vis> CleanPass::values_through_beam(GroupState const& state, Seen const& seen, BeamTerms const& terms) const
{
    std::vector<Vis> values(static_cast<std::size_t>(seen.points.n_points));
    std::vector<std::vector<Vis>> parts(BeamTerms::count);
    BeamPredictor predictor(state.device, terms, seen.points, seen.line_time_s);
    state.exchange->together([&] {
        predictor.begin(seen.grid, work_->slant, settings_.gridder_epsilon(), seen.model);
        std::optional<WGridder> precise;
        if (leads(state))
            precise.emplace(state.device, seen.grid, settings_.gridder_epsilon(), seen.points, work_->slant);
        for (std::size_t j = 0; j < BeamTerms::count; ++j) {
            if (!predictor.matters(j) || BeamPredictor::rank_of(j, state.share.size) != state.share.rank) continue;
            state.exchange->pulse("image.clean, the model at each integration");
            parts[j] = predictor.predict(j, precise ? &*precise : nullptr);
        }
    });
    for (std::size_t j = 0; j < BeamTerms::count; ++j) {
        if (!predictor.matters(j)) continue;
        parts[j].resize(values.size());
        state.exchange->merge(parts[j]);
        predictor.add(j, parts[j], values);
        parts[j] = {};
    }
    return values;
}

/// As bright at all times; slopes along the band, where there are some.
std::vector<Vis> CleanPass::steady_values(GroupState const& state, Seen const& seen) const
{
    std::vector<Vis> values(static_cast<std::size_t>(seen.points.n_points)), bent(values.size());
    state.exchange->together([&] {
        if (!leads(state)) return;
        Index const n = seen.grid.n_pixels;
        WGridder gridder(state.device, seen.grid, settings_.gridder_epsilon(), seen.points, work_->slant);
        Buffer<Vis> y(state.device, std::ssize(values));
        for (auto* out : {&values, &bent}) {
            if (out == &bent && !has_slopes()) continue;
            std::vector<float> pixels(static_cast<std::size_t>(n * n), 0.0F);
            for (auto component : seen.model) {
                if (out == &bent) component.point.flux_jy = component.slope_jy;
                add_component(component, n, pixels);
            }
            gridder.predict(to_device(state.device, pixels), y);
            y.download(out->data());
        }
        double const reference_hz = describe_image(Product::residual, state, settings_).freq_hz;
        for (auto const& line : seen.points.lines)
            for (int p = 0; p < line.n; ++p) {
                auto const at = static_cast<std::size_t>(line.first_value + p);
                auto const t = static_cast<float>(
                    seen.points.freq_hz[static_cast<std::size_t>(line.first_freq + p)] / reference_hz - 1);
                values[at] = {values[at].re + t * bent[at].re, values[at].im + t * bent[at].im};
            }
    });
    state.exchange->merge(values);
    return values;
}

/// As a major cycle does it, on other nodes: y − K W Kᵀ y_model, with the weights that the image's own nodes keep.
void CleanPass::take_model_out_of_snapshots(GroupState& state)
{
    auto& snapshots = work_->snapshots;
    Seen const seen{slanted_grid(settings_.geometry(state.centre), work_->slant), shared_model(state),
                    snapshots.nodes.geometry, snapshots.line_time_s};
    if (seen.model.empty()) return;
    auto const terms = beam_terms(state);
    auto const values = terms ? values_through_beam(state, seen, *terms) : steady_values(state, seen);
    state.exchange->together([&] {
        snapshots.y_with_model = snapshots.nodes.y;
        snapshots.op.residual(state.device, snapshots.y_with_model, values, snapshots.nodes.y, &work_->nodes);
    });
    snapshots.model_jy = flux_of(seen.model);
    state.notes.push_back((settings_.clean.unseen ? "what is bright and steady, " + std::to_string(seen.model.size()) +
                                                        " components of CLEAN,"
                                                  : std::string("CLEAN's model")) +
                          " was taken out of each integration before it was searched");
}

}  // namespace nocturne
