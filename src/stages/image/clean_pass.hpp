// The pass `image.clean`, whose parts stand in clean.cpp (the order of cycles), clean_model.cpp (major cycles) and clean_products.cpp.
// Enters: dirty image and PSF on the slanted grid, nodes, weights. Leaves: components on every rank; images where they were made.
#pragma once

#include "stages/image/beam_predictor.hpp"
#include "stages/image/cleaner.hpp"
#include "stages/image/image_work.hpp"
#include "stages/image/slopes.hpp"

namespace nocturne {

/// CLEAN of a group, its products and its primary beam. The leader makes minor cycles and images on the slanted grid (slant.hpp); every
/// rank takes the model out of its own baselines' nodes; the last residual is made on the sky's own grid.
class CleanPass : public Pass {
public:
    CleanPass(ImageSettings const& settings, std::shared_ptr<ImageWork> work)
        : settings_(settings), work_(std::move(work))
    {}
    std::string name() const override { return "image.clean"; }
    Scope scope() const override { return Scope::group; }
    std::vector<Field> reads() const override { return {Field::header, Field::nodes, Field::images}; }
    std::vector<Field> writes() const override { return {Field::images}; }
    void run(GroupState& state) override;

private:
    void end();
    static bool leads(GroupState const& state) { return state.share.rank == 0; }
    static bool is_plain(GroupState const& state) { return state.share.rank == plain_rank(state.share); }
    bool has_slopes() const { return settings_.clean.terms > 1; }
    std::vector<std::uint8_t> make_mask(GroupState& state) const;
    std::vector<double> widths(GroupState const& state, Index n) const;
    bool patch_is_enough(GroupState const& state, Index n) const;
    void begin(GroupState& state);
    void begin_slopes(GroupState& state, std::vector<double> const& widths_px);
    void cycle(GroupState& state);
    struct Wish;
    Wish step(GroupState& state, int made);
    std::optional<BeamTerms> beam_terms(GroupState const& state) const;
    void prepare_beam(GroupState& state);
    struct Seen;
    std::vector<Vis> values_through_beam(GroupState const& state, Seen const& seen, BeamTerms const& terms) const;
    std::vector<Vis> steady_values(GroupState const& state, Seen const& seen) const;
    void take_model_out_of_snapshots(GroupState& state);

    /// What node values are multiplied with on their way into an image: 1, or t = (f − f₀) / f₀ of each.
    enum class Weighed { evenly, by_slope };
    enum class WithBeam { no, yes };
    void take_model_out(GroupState& state, WithBeam beam);
    void image_of(GroupState& state, std::vector<Vis> values, std::vector<Vis> const& y0, Buffer<float>* image,
                  Weighed weighed = Weighed::evenly);
    void image_of_residual(GroupState const& state, Buffer<float>& image, Weighed weighed) const;
    std::vector<Vis> weighed_by_slope(std::vector<Vis> values) const;
    std::vector<Vis> predicted(GroupState const& state, Buffer<float> const& model) const;
    std::vector<Vis> predicted_without_beam(GroupState const& state) const;
    std::vector<Vis> predicted_through_beam(GroupState const& state);
    std::vector<ScaledComponent> model() const;
    std::vector<ScaledComponent> shared_model(GroupState const& state) const;
    std::vector<float> far_psf(GroupState& state, Weighed weighed);
    std::vector<float> near_psf(GroupState const& state, Weighed weighed) const;

    /// What the leader knows of the model and the plain rank of the residual, for all ranks.
    struct Outcome {
        double noise_jy = 0, peak_jy = 0;  ///< of the residual on the sky's grid
        double minor_rad = 0;              ///< of the restoring beam
        CleanState clean;
    };
    void share_components(GroupState& state) const;
    Image plain_residual(GroupState const& state, Weighed weighed) const;
    void share_outcome(GroupState const& state, Image const& residual);
    void note_outcome(GroupState& state) const;
    void mark(Image& image) const;
    void finish_images(GroupState& state, Image residual, Image const& slopes);
    void add_spectra(GroupState& state, Image const& science, Image const& slopes) const;
    void add_corrected(GroupState& state, std::vector<float> const* science) const;
    Image derived(GroupState const& state, Product product) const;

    ImageSettings settings_;
    std::shared_ptr<ImageWork> work_;
    std::optional<Cleaner> cleaner_;     ///< on the leader
    std::optional<Slopes> slopes_;       ///< of two Taylor terms, on the leader
    std::optional<BeamPredictor> beam_;  ///< on every rank, where the antennas have one beam
    std::vector<Vis> residual_;          ///< nodes of the residual, on every rank
    std::vector<float> bend_;            ///< t of each node, on every rank; empty: one Taylor term
    double slope_weight_ = 0;            ///< Σ w t² / Σ w
    bool flux_done_ = false;             ///< the first Taylor term is at its end; on the leader
    Outcome outcome_;
};

}  // namespace nocturne
