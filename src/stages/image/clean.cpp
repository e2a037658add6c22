// Pass `image.clean`: CLEAN of a group, its products and its primary beam. The leader makes minor cycles and images; every rank
// takes the model out of its own baselines' nodes. Enters: dirty image and PSF on the ranks that made them, nodes, weights. Leaves:
// residual, model, restored image and what is corrected for the primary beam, on the leader.
#include "stages/image/beam_fit.hpp"
#include "stages/image/cleaner.hpp"
#include "stages/image/image_work.hpp"
#include "stages/image/primary_beam.hpp"
#include "stages/image/restore.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace nocturne {
namespace {

Image* find_image(std::vector<Image>& images, Product product)
{
    auto const found =
        std::find_if(images.begin(), images.end(), [&](Image const& image) { return image.product == product; });
    return found == images.end() ? nullptr : &*found;
}

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
    static bool leads(GroupState const& state) { return state.share.rank == 0; }
    void begin(GroupState& state);
    void take_model_out(GroupState& state);
    void finish_images(GroupState& state);
    void add_corrected(GroupState& state, Image const& science);
    Image derived(GroupState& state, Product product) const;

    ImageSettings settings_;
    std::shared_ptr<ImageWork> work_;
    std::optional<Cleaner> cleaner_;  ///< on the leader
    Beam beam_;
};

/// The PSF may have been made on another rank: the leader gets it, and its beam.
void CleanPass::begin(GroupState& state)
{
    auto const n = static_cast<std::size_t>(settings_.n_pixels);
    std::vector<float> psf(n * n, 0.0F);
    auto const* const mine = find_image(state.images, Product::psf);
    if (mine) psf = mine->pixels;
    state.exchange->merge(psf);
    state.exchange->together([&] {
        if (!leads(state)) return;
        beam_ = fit_beam(make_view(static_cast<float const*>(psf.data()), settings_.n_pixels, settings_.n_pixels),
                         settings_.cell_rad);
        auto const* const dirty = find_image(state.images, Product::dirty);
        NOCT_CHECK(dirty && work_->gridder, "CLEAN without a dirty image on the leader");
        cleaner_.emplace(state.device, settings_, dirty->pixels, psf);
    });
}

/// Residual = dirty image of y0 − K W Kᵀ y_model.
void CleanPass::take_model_out(GroupState& state)
{
    auto const& nodes = *state.nodes;
    std::vector<Vis> model(nodes.y.size()), residual;
    state.exchange->together([&] {
        if (!leads(state)) return;
        Buffer<Vis> y(state.device, static_cast<Index>(model.size()));
        work_->gridder->predict(cleaner_->model(), y);
        y.download(model.data());
    });
    state.exchange->merge(model);
    state.exchange->together([&] { work_->nodes.residual(state.device, nodes.y, model, residual); });
    state.exchange->merge(residual);
    state.exchange->together([&] {
        if (!leads(state)) return;
        auto& image = cleaner_->residual();
        work_->gridder->dirty(to_device(state.device, residual), image);
        auto const factor = 1 / nodes.sum_weight();
        auto pixels = image.to_host();
        for (float& pixel : pixels) pixel = static_cast<float>(factor * static_cast<double>(pixel));
        image.upload(pixels.data());
    });
}

void CleanPass::run(GroupState& state)
{
    begin(state);
    while (true) {
        std::vector<std::int64_t> again{0, 0};  // the leader's word: another cycle; a residual to be made at the end
        state.exchange->together([&] {
            if (!leads(state)) return;
            again[0] =
                cleaner_->step([&](std::string const& where) { state.exchange->pulse("image.clean, " + where); });
            again[1] = cleaner_->model_changed();
        });
        state.exchange->sum(again);
        if (again[0] + again[1] > 0) take_model_out(state);
        if (again[0] == 0) break;
    }
    state.exchange->together([&] {
        if (leads(state)) cleaner_->look();
    });
    auto& weights = work_->nodes.beam();
    state.exchange->sum(weights.units);
    state.exchange->together([&] {
        if (leads(state)) finish_images(state);
    });
    cleaner_.reset();
    work_->gridder.reset();
}

/// A product of the same sky and time as the dirty image.
Image CleanPass::derived(GroupState& state, Product product) const
{
    auto const& dirty = *find_image(state.images, Product::dirty);
    Image image;
    image.product = product;
    image.geometry = dirty.geometry;
    image.freq_hz = dirty.freq_hz;
    image.bandwidth_hz = dirty.bandwidth_hz;
    image.mid_time_mjd_s = dirty.mid_time_mjd_s;
    image.duration_s = dirty.duration_s;
    image.sum_weight = dirty.sum_weight;
    image.stokes = dirty.stokes;
    image.weighting = dirty.weighting;
    image.robust = dirty.robust;
    image.epsilon = dirty.epsilon;
    image.beam = beam_;
    image.noise_jy = cleaner_->state().noise_jy;
    image.iterations = cleaner_->state().iterations;
    image.major_cycles = cleaner_->state().major_cycles;
    return image;
}

void CleanPass::finish_images(GroupState& state)
{
    auto residual = derived(state, Product::residual), model = derived(state, Product::model),
         science = derived(state, Product::image);
    residual.pixels = cleaner_->residual().to_host();
    model.pixels = cleaner_->model_pixels();
    science.pixels = restore(residual.pixels, model.pixels, beam_, science.geometry);
    state.images.push_back(std::move(residual));
    state.images.push_back(std::move(model));
    add_corrected(state, science);
    state.images.push_back(std::move(science));
}

/// pb, pbcor, noise and weight, where the antennas have one beam.
void CleanPass::add_corrected(GroupState& state, Image const& science)
{
    double const dish_m = common_dish_m(state.header), limit = settings_.clean.pb_limit;
    if (!(dish_m > 0) || state.pointings.empty()) return;
    auto pb = derived(state, Product::pb);
    pb.dish_m = dish_m;
    pb.pixels = primary_beam({pb.geometry, state.pointings, work_->nodes.beam(), dish_m});
    auto pbcor = derived(state, Product::pbcor), noise = derived(state, Product::noise),
         weight = derived(state, Product::weight);
    auto const rms = static_cast<float>(cleaner_->state().noise_jy);
    for (auto* image : {&pbcor, &noise, &weight}) {
        image->dish_m = dish_m;
        image->pb_limit = limit;
        image->pixels.assign(pb.pixels.size(), std::numeric_limits<float>::quiet_NaN());
    }
    for (std::size_t i = 0; i < pb.pixels.size(); ++i) {
        float const power = pb.pixels[i];
        if (!(static_cast<double>(power) >= limit)) continue;
        pbcor.pixels[i] = science.pixels[i] / power;
        noise.pixels[i] = rms / power;
        weight.pixels[i] = rms > 0 ? power * power / (rms * rms) : 0;
    }
    for (auto* image : {&pb, &pbcor, &noise, &weight}) state.images.push_back(std::move(*image));
}

}  // namespace

std::unique_ptr<Pass> make_clean_pass(ImageSettings const& settings, std::shared_ptr<ImageWork> work)
{
    return std::make_unique<CleanPass>(settings, std::move(work));
}

}  // namespace nocturne
