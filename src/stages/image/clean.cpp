// Pass `image.clean`: CLEAN of a group, its products and its primary beam. The leader makes minor cycles and images on the slanted
// grid (slant.hpp); every rank takes the model out of its own baselines' nodes; the last residual is made on the sky's own grid.
// Enters: dirty image and PSF on the slanted grid, nodes, weights. Leaves: components on every rank; residual, model, restored image
// and what is corrected for the primary beam, where they were made.
#include "nocturne/lobe.hpp"
#include "stages/image/beam_predictor.hpp"
#include "stages/image/catalogue_mask.hpp"
#include "stages/image/cleaner.hpp"
#include "stages/image/image_work.hpp"
#include "stages/image/make.hpp"
#include "stages/image/primary_beam.hpp"
#include "stages/image/restore.hpp"

#include <algorithm>
#include <bit>
#include <functional>
#include <limits>

namespace nocturne {
namespace {

Image const* find_image(std::vector<Image> const& images, Product product)
{
    auto const found =
        std::find_if(images.begin(), images.end(), [&](Image const& image) { return image.product == product; });
    return found == images.end() ? nullptr : &*found;
}

/// Beyond this size a PSF of four times the image takes too much memory.
constexpr Index largest_with_far_psf = 8192;

/// What the leader knows of the model and the plain rank of the residual, for all ranks.
struct Outcome {
    double noise_jy = 0;
    Index iterations = 0, major_cycles = 0;
};

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
    static bool is_plain(GroupState const& state) { return state.share.rank == plain_rank(state.share); }
    std::vector<std::uint8_t> make_mask(GroupState& state) const;
    std::vector<double> widths(Index n) const;
    void begin(GroupState& state);
    void cycle(GroupState& state);
    enum class WithBeam { no, yes };
    void take_model_out(GroupState& state, WithBeam beam);
    void image_of(GroupState& state, std::vector<Vis> values, std::vector<Vis> const& y0, Buffer<float>* image);
    std::vector<Vis> predicted(GroupState const& state, Buffer<float> const& model) const;
    std::vector<Vis> predicted_through_beam(GroupState const& state);
    std::vector<ScaledComponent> shared_model(GroupState const& state) const;
    void prepare_beam(GroupState& state);
    std::vector<float> far_psf(GroupState& state);
    void share_components(GroupState& state) const;
    Image plain_residual(GroupState const& state) const;
    void share_outcome(GroupState const& state, double noise_jy);
    void finish_images(GroupState& state, Image residual);
    void add_corrected(GroupState& state, std::vector<float> const* science) const;
    Image derived(GroupState const& state, Product product) const;

    ImageSettings settings_;
    std::shared_ptr<ImageWork> work_;
    std::optional<Cleaner> cleaner_;     ///< on the leader
    std::optional<BeamPredictor> beam_;  ///< on every rank, where the antennas have one beam
    std::vector<Vis> residual_;          ///< nodes of the residual, on every rank
    Outcome outcome_;
};

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
void CleanPass::image_of(GroupState& state, std::vector<Vis> values, std::vector<Vis> const& y0, Buffer<float>* image)
{
    state.exchange->together([&] { work_->nodes.residual(state.device, y0, values, residual_); });
    state.exchange->merge(residual_);
    state.exchange->together([&] {
        if (!leads(state)) return;
        auto const factor = static_cast<float>(1 / state.nodes->sum_weight());
        for (std::size_t i = 0; i < values.size(); ++i)
            values[i] = {factor * residual_[i].re, factor * residual_[i].im};
        work_->slanted->dirty(to_device(state.device, values), *image);
    });
}

/// The PSF as far as two pixels of the grid can be apart, [2n × 2n]. Its middle is the group's PSF; what lies further is seen in the
/// images of sources in two corners, since on this grid one PSF is that of all. A PSF has its values once more on the other side.
std::vector<float> CleanPass::far_psf(GroupState& state)
{
    Index const n = leads(state) ? work_->slanted->plan().image.n_pixels : 0, all = 2 * n;
    std::vector<float> psf(static_cast<std::size_t>(all * all), 0.0F);
    std::vector<Vis> const nothing(state.nodes->y.size());
    Buffer<float> model(state.device, n * n), image(state.device, n * n);
    for (Index corner : {Index(0), n - 1}) {
        std::vector<float> pixels(static_cast<std::size_t>(n * n), 0.0F);
        if (leads(state)) {
            pixels[static_cast<std::size_t>(corner)] = -1;
            model.upload(pixels.data());
        }
        image_of(state, predicted(state, model), nothing, &image);
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
    for (Index y = 1; y < n; ++y)
        std::copy_n(work_->psf.begin() + y * n + 1, n - 1, psf.begin() + (n / 2 + y) * all + n / 2 + 1);
    return psf;
}

/// On the leader the circles of the catalogue, empty where none was asked for; on every rank the note of it.
std::vector<std::uint8_t> CleanPass::make_mask(GroupState& state) const
{
    auto const& wish = settings_.clean.mask;
    if (wish.catalogues.empty()) return {};
    auto const image = settings_.geometry(state.centre);
    auto const sources = mask_sources(wish, image);
    state.notes.push_back(note_of(wish, sources.size()));
    if (!leads(state)) return {};
    return circles(sources, {slanted_grid(image, work_->slant), work_->slant, wish.radius_rad});
}

/// Of multiscale CLEAN on a grid of n pixels; none where it is not asked for. On the leader.
std::vector<double> CleanPass::widths(Index n) const
{
    auto const& wish = settings_.clean.scales;
    if (!wish.on) return {};
    auto const beam = widths_of_peak(make_view(work_->psf.data(), n, n), n / 2, n / 2);
    return choose_scales(wish, settings_.cell_rad, std::sqrt(beam.major * beam.minor), n);
}

void CleanPass::begin(GroupState& state)
{
    auto const n = slanted_grid(settings_.geometry(state.centre), work_->slant).n_pixels;
    bool const patch = settings_.clean.deconvolver == Deconvolver::clark && !settings_.clean.scales.on;
    bool const far = !patch && n <= largest_with_far_psf;
    auto psf = far ? far_psf(state) : std::vector<float>{};
    residual_ = state.nodes->y;
    state.exchange->together([&] {
        auto mask = make_mask(state);
        if (!leads(state)) return;
        NOCT_CHECK(work_->slanted, "CLEAN without a dirty image on the leader");
        cleaner_.emplace(state.device, settings_.clean, work_->dirty, far ? psf : work_->psf,
                         CleanReach{std::move(mask), widths(n)});
        if (settings_.clean.scales.on) state.notes.push_back(note_of_scales(cleaner_->widths_px()));
        work_->dirty.clear();
        work_->dirty.shrink_to_fit();
        work_->psf.clear();
        work_->psf.shrink_to_fit();
    });
}

/// Residual = dirty image of y0 − K W Kᵀ y_model.
void CleanPass::take_model_out(GroupState& state, WithBeam beam)
{
    bool const with_beam = beam_ && beam == WithBeam::yes;
    Buffer<float> const none;
    auto values = with_beam ? predicted_through_beam(state) : predicted(state, leads(state) ? cleaner_->model() : none);
    image_of(state, std::move(values), state.nodes->y, leads(state) ? &cleaner_->residual() : nullptr);
}

/// Weights of the whole group, and what it takes to see the model through the beam.
void CleanPass::prepare_beam(GroupState& state)
{
    auto& weights = work_->nodes.beam();
    state.exchange->sum(weights.units);
    state.exchange->together([&] {
        double const dish_m = common_dish_m(state.header);
        if (settings_.clean.beam == ModelBeam::none || !(dish_m > 0) || state.pointings.empty() ||
            state.header.ragged())
            return;
        BeamTerms const terms({state.header.time_mjd_s, state.pointings, weights, state.centre, dish_m});
        beam_.emplace(state.device, terms, state.nodes->geometry, work_->line_time_s);
    });
}

/// Minor and major cycles to the end. After the first, which leaves much of the flux in, the beam would say little.
void CleanPass::cycle(GroupState& state)
{
    for (int cycles = 0;; ++cycles) {
        std::vector<std::int64_t> again{0, 0};  // the leader's word: another cycle; a residual to be made at the end
        state.exchange->together([&] {
            if (!leads(state)) return;
            again[0] =
                cleaner_->step([&](std::string const& where) { state.exchange->pulse("image.clean, " + where); });
            again[1] = cleaner_->model_changed();
        });
        state.exchange->sum(again);
        if (again[0] + again[1] > 0) take_model_out(state, cycles == 0 ? WithBeam::no : WithBeam::yes);
        if (again[0] > 0) continue;
        if (cycles == 1) take_model_out(state, WithBeam::yes);
        return;
    }
}

/// The leader's model on every rank.
std::vector<ScaledComponent> CleanPass::shared_model(GroupState const& state) const
{
    std::vector<ScaledComponent> list;
    if (leads(state)) list = cleaner_->components();
    std::vector<std::int64_t> count{std::ssize(list)};
    state.exchange->sum(count);
    std::vector<std::int64_t> bits(static_cast<std::size_t>(4 * count[0]), 0);
    for (std::size_t k = 0; k < list.size(); ++k) {
        auto const& [point, width] = list[k];
        bits[4 * k] = point.x;
        bits[4 * k + 1] = point.y;
        bits[4 * k + 2] = std::bit_cast<std::int32_t>(point.flux_jy);
        bits[4 * k + 3] = std::bit_cast<std::int32_t>(width);
    }
    state.exchange->sum(bits);
    auto const number = [&](std::size_t at) { return std::bit_cast<float>(static_cast<std::int32_t>(bits[at])); };
    list.clear();
    for (std::size_t k = 0; k < bits.size(); k += 4)
        list.push_back({{static_cast<std::int32_t>(bits[k]), static_cast<std::int32_t>(bits[k + 1]), number(k + 2)},
                        number(k + 3)});
    return list;
}

/// Components at their places on the sky, on every rank.
void CleanPass::share_components(GroupState& state) const
{
    auto const grid = slanted_grid(settings_.geometry(state.centre), work_->slant);
    state.components.clear();
    for (auto const& component : shared_model(state))
        state.components.push_back(on_the_sky(component, grid, work_->slant));
}

void CleanPass::run(GroupState& state)
{
    prepare_beam(state);
    begin(state);
    cycle(state);
    share_components(state);
    if (leads(state)) work_->slanted.reset();
    Image residual;
    state.exchange->together([&] {
        if (is_plain(state)) residual = plain_residual(state);
    });
    share_outcome(state, residual.noise_jy);
    state.exchange->together([&] { finish_images(state, std::move(residual)); });
    cleaner_.reset();
    beam_.reset();
    work_->gridder.reset();
    residual_ = {};
}

/// The residual on the sky's own grid, by one more transform.
Image CleanPass::plain_residual(GroupState const& state) const
{
    if (!work_->gridder)
        work_->gridder.emplace(state.device, settings_.geometry(state.centre), settings_.gridder_epsilon(),
                               state.nodes->geometry);
    return image_of_nodes(*work_->gridder, Product::residual, residual_, state, settings_);
}

void CleanPass::share_outcome(GroupState const& state, double noise_jy)
{
    auto const clean = leads(state) ? cleaner_->state() : CleanState{};
    std::vector<std::int64_t> numbers{is_plain(state) ? std::bit_cast<std::int64_t>(noise_jy) : 0, clean.iterations,
                                      clean.major_cycles};
    state.exchange->sum(numbers);
    outcome_ = {std::bit_cast<double>(numbers[0]), numbers[1], numbers[2]};
}

/// A product of the same sky and time as the dirty image.
Image CleanPass::derived(GroupState const& state, Product product) const
{
    auto image = describe_image(product, state, settings_);
    image.noise_jy = outcome_.noise_jy;
    image.iterations = outcome_.iterations;
    image.major_cycles = outcome_.major_cycles;
    return image;
}

/// Residual and restored image where the residual was made, what needs neither on the leader. Beams are shared later.
void CleanPass::finish_images(GroupState& state, Image residual)
{
    if (leads(state)) {
        auto model = derived(state, Product::model);
        model.pixels = model_image(state.components, model.geometry);
        state.images.push_back(std::move(model));
    }
    if (is_plain(state)) {
        auto const* const psf = find_image(state.images, Product::psf);
        NOCT_CHECK(psf, "a residual where no PSF is");
        auto science = derived(state, Product::image);
        residual.iterations = outcome_.iterations;
        residual.major_cycles = outcome_.major_cycles;
        science.pixels = restore(residual.pixels, state.components, psf->beam, science.geometry);
        add_corrected(state, &science.pixels);
        state.images.push_back(std::move(residual));
        state.images.push_back(std::move(science));
    } else if (leads(state)) {
        add_corrected(state, nullptr);
    }
    share_beam(state.images);
}

/// Where the antennas have one beam: pb, noise and weight on the leader, pbcor where the restored image is.
void CleanPass::add_corrected(GroupState& state, std::vector<float> const* science) const
{
    double const dish_m = common_dish_m(state.header), limit = settings_.clean.pb_limit;
    if (!(dish_m > 0) || state.pointings.empty()) return;
    auto pb = derived(state, Product::pb);
    pb.dish_m = dish_m;
    pb.pixels = primary_beam({pb.geometry, state.pointings, work_->nodes.beam(), dish_m});
    auto const rms = static_cast<float>(outcome_.noise_jy);
    auto const add = [&](Product product, auto const& value) {
        auto image = derived(state, product);
        image.dish_m = dish_m;
        image.pb_limit = limit;
        image.pixels.assign(pb.pixels.size(), std::numeric_limits<float>::quiet_NaN());
        for (std::size_t i = 0; i < pb.pixels.size(); ++i)
            if (static_cast<double>(pb.pixels[i]) >= limit) image.pixels[i] = value(i, pb.pixels[i]);
        state.images.push_back(std::move(image));
    };
    if (science) add(Product::pbcor, [&](std::size_t i, float power) { return (*science)[i] / power; });
    if (!leads(state)) return;
    add(Product::noise, [&](std::size_t, float power) { return rms / power; });
    add(Product::weight, [&](std::size_t, float power) { return rms > 0 ? power * power / (rms * rms) : 0; });
    state.images.push_back(std::move(pb));
}

}  // namespace

std::unique_ptr<Pass> make_clean_pass(ImageSettings const& settings, std::shared_ptr<ImageWork> work)
{
    return std::make_unique<CleanPass>(settings, std::move(work));
}

}  // namespace nocturne
