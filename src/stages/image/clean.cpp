// Pass `image.clean`: the order of its cycles.
#include "nocturne/lobe.hpp"
#include "stages/image/beam_fit.hpp"
#include "stages/image/catalogue_mask.hpp"
#include "stages/image/clean_pass.hpp"
#include "stages/image/make.hpp"

#include <cmath>

namespace nocturne {
namespace {

/// Beyond this size a PSF of four times the image takes too much memory.
constexpr Index largest_with_far_psf = 8192;
/// Σ w t² / Σ w of a band of a hundredth of the frequency is 1e-5.
constexpr double least_slope_weight = 1e-9;

}  // namespace

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
std::vector<double> CleanPass::widths(GroupState const& state, Index n) const
{
    auto const& wish = settings_.clean.scales;
    if (!wish.on) return {};
    auto const beam = widths_of_peak(make_view(work_->psf.data(), n, n), n / 2, n / 2);
    if (beam.major > 0) return choose_scales(wish, settings_.cell_rad, std::sqrt(beam.major * beam.minor), n);
    auto const rough = beam_of_weights(*state.nodes, settings_.cell_rad);
    return choose_scales(wish, settings_.cell_rad, std::sqrt(rough.major_rad * rough.minor_rad) / settings_.cell_rad,
                         n);
}

/// True where minor cycles go with a part of the PSF that reaches from the image's middle to its edge.
bool CleanPass::patch_is_enough(GroupState const& state, Index n) const
{
    if (settings_.clean.deconvolver != Deconvolver::clark || settings_.clean.scales.on) return false;
    std::vector<std::int64_t> word{0};
    state.exchange->together([&] {
        if (leads(state)) word[0] = clark_patch(make_view(std::as_const(work_->psf).data(), n, n), n) < n;
    });
    state.exchange->sum(word);
    return word[0] != 0;
}

void CleanPass::begin(GroupState& state)
{
    auto const n = slanted_grid(settings_.geometry(state.centre), work_->slant).n_pixels;
    bool const far = n <= largest_with_far_psf && !patch_is_enough(state, n);
    auto psf = far ? far_psf(state, Weighed::evenly) : std::vector<float>{};
    residual_ = state.nodes->y;
    std::vector<double> widths_px;
    state.exchange->together([&] {
        auto mask = make_mask(state);
        if (!leads(state)) return;
        NOCT_CHECK(work_->slanted, "CLEAN without a dirty image on the leader");
        widths_px = widths(state, n);
        cleaner_.emplace(state.device, settings_.clean, work_->dirty, std::move(far ? psf : work_->psf),
                         CleanReach{std::move(mask), widths_px});
        if (settings_.clean.scales.on) state.notes.push_back(note_of_scales(cleaner_->widths_px()));
        work_->dirty.clear();
        work_->dirty.shrink_to_fit();
        work_->psf.clear();
        work_->psf.shrink_to_fit();
    });
    if (has_slopes()) begin_slopes(state, widths_px.empty() ? std::vector<double>{0} : widths_px);
}

/// What nodes and images of the second Taylor term need. Its residual is made with the first model's.
void CleanPass::begin_slopes(GroupState& state, std::vector<double> const& widths_px)
{
    auto const& nodes = *state.nodes;
    double const reference_hz = describe_image(Product::residual, state, settings_).freq_hz;
    bend_.resize(nodes.y.size());
    double sum = 0;
    for (auto const& line : nodes.geometry.lines)
        for (int p = 0; p < line.n; ++p) {
            auto const at = static_cast<std::size_t>(line.first_value + p);
            double const t = nodes.geometry.freq_hz[static_cast<std::size_t>(line.first_freq + p)] / reference_hz - 1;
            bend_[at] = static_cast<float>(t);
            sum += static_cast<double>(nodes.psf[at].re) * t * t;
        }
    slope_weight_ = sum / nodes.sum_weight();
    if (!(slope_weight_ > least_slope_weight))
        throw Error(Code::bad_input, "no spectral indices can be found in group " + state.header.group_id,
                    "its channels lie at one frequency", "say nterms 1");
    Index const n = slanted_grid(settings_.geometry(state.centre), work_->slant).n_pixels;
    auto psf = n <= largest_with_far_psf ? far_psf(state, Weighed::by_slope) : near_psf(state, Weighed::by_slope);
    residual_ = nodes.y;
    state.exchange->together([&] {
        if (leads(state)) slopes_.emplace(state.device, settings_.clean, n, std::move(psf), widths_px);
    });
}

/// None where components are to be as bright at all times and frequencies.
std::optional<BeamTerms> CleanPass::beam_terms(GroupState const& state) const
{
    auto const pattern = find_pattern(state, settings_.clean);
    if (settings_.clean.beam == ModelBeam::none || !pattern || state.header.ragged()) return std::nullopt;
    return BeamTerms({state.header.time_mjd_s, state.pointings, work_->nodes.beam(), state.centre, *pattern,
                      describe_image(Product::residual, state, settings_).freq_hz});
}

/// Weights of the whole group, and what it takes to see the model through the beam.
void CleanPass::prepare_beam(GroupState& state)
{
    auto& weights = work_->nodes.beam();
    state.exchange->sum(weights.units);
    state.exchange->together([&] {
        if (auto const terms = beam_terms(state))
            beam_.emplace(state.device, *terms, state.nodes->geometry, work_->line_time_s);
    });
}

/// The leader's word.
struct CleanPass::Wish {
    bool again = false;    ///< another cycle
    bool changed = false;  ///< the model is another one than that of the residual
};

/// Minor cycles of both Taylor terms, each on its own residual; what one does to the other's is seen in the next major cycle. `made`: so
/// many models were taken out of the nodes.
CleanPass::Wish CleanPass::step(GroupState& state, int made)
{
    std::vector<std::int64_t> word{0, 0};
    state.exchange->together([&] {
        if (!leads(state)) return;
        auto const pulse = [&](std::string const& where) { state.exchange->pulse("image.clean, " + where); };
        bool const more = !flux_done_ && cleaner_->step(pulse);
        bool const taken_back = !flux_done_ && cleaner_->model_changed();
        flux_done_ = flux_done_ || !more;
        // Before the beam is in the model, slopes would be those of the beam.
        bool const ready = slopes_ && made >= (beam_ ? 2 : 1);
        bool const slopes = ready && slopes_->step(cleaner_->components(),
                                                   cleaner_->state().noise_jy / std::sqrt(slope_weight_), pulse);
        word = {more || slopes || (slopes_ && !ready && made > 0), more || slopes || taken_back};
    });
    state.exchange->sum(word);
    return {word[0] != 0, word[1] != 0};
}

/// Minor and major cycles to the end. After the first, which leaves much of the flux in, the beam would say little.
void CleanPass::cycle(GroupState& state)
{
    flux_done_ = false;
    int made = 0;
    for (bool again = true; again;) {
        auto const wish = step(state, made);
        again = wish.again;
        if (wish.changed || again) take_model_out(state, made++ == 0 ? WithBeam::no : WithBeam::yes);
    }
    if (made == 1) take_model_out(state, WithBeam::yes);
}

void CleanPass::run(GroupState& state)
{
    prepare_beam(state);
    begin(state);
    cycle(state);
    if (settings_.clean.unseen) {
        if (leads(state)) work_->slanted.reset();
        take_model_out_of_snapshots(state);
        return end();
    }
    share_components(state);
    state.has_spectra = has_slopes();
    if (leads(state)) work_->slanted.reset();
    if (settings_.snapshots && settings_.snapshots->subtract != Subtract::none) take_model_out_of_snapshots(state);
    Image residual, slopes;
    state.exchange->together([&] {
        if (!is_plain(state)) return;
        residual = plain_residual(state, Weighed::evenly);
        if (has_slopes()) slopes = plain_residual(state, Weighed::by_slope);
    });
    share_outcome(state, residual);
    if (leads(state)) note_outcome(state);
    state.exchange->together([&] { finish_images(state, std::move(residual), slopes); });
    end();
}

void CleanPass::end()
{
    cleaner_.reset();
    slopes_.reset();
    beam_.reset();
    work_->gridder.reset();
    residual_ = {};
}

std::unique_ptr<Pass> make_clean_pass(ImageSettings const& settings, std::shared_ptr<ImageWork> work)
{
    return std::make_unique<CleanPass>(settings, std::move(work));
}

}  // namespace nocturne
