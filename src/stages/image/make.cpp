// Pass `image.make`: dirty image and PSF of a group. Two ranks make them side by side. Enters: nodes complete on every rank.
// Leaves: images on the ranks that made them.
#include "stages/image/make.hpp"

#include "kernels/statistics.hpp"
#include "nocturne/beam_note.hpp"
#include "nocturne/present_channels.hpp"
#include "stages/image/beam_fit.hpp"
#include "stages/image/hands.hpp"
#include "stages/image/image_work.hpp"
#include "stages/image/weigh.hpp"

#include <algorithm>
#include <cmath>

namespace nocturne {
namespace {

/// Σ w f / Σ w over what was used. Nodes carry it exactly: interpolation on two or more of them reproduces a straight line.
double mean_freq_hz(NodeSet const& nodes)
{
    auto const& freq_hz = nodes.geometry.freq_hz;
    double const origin = freq_hz.empty() ? 0 : freq_hz.front();
    double offset = 0, total = 0;
    for (auto const& line : nodes.geometry.lines)
        for (int p = 0; p < line.n; ++p) {
            auto const weight = static_cast<double>(nodes.psf[static_cast<std::size_t>(line.first_value + p)].re);
            offset += weight * (freq_hz[static_cast<std::size_t>(line.first_freq + p)] - origin);
            total += weight;
        }
    return origin + offset / total;
}

/// Bandwidth of the channels that are there.
void describe_band(GroupHeader const& header, Image& image)
{
    double width = 0;
    for (std::size_t const c : present_channels(header))
        width += c < header.channel_width_hz.size() ? header.channel_width_hz[c] : 0;
    image.bandwidth_hz = width;
}

void describe_time(GroupHeader const& header, Image& image)
{
    if (header.time_mjd_s.empty()) return;
    image.mid_time_mjd_s = header.mid_time_mjd_s();
    double const ends =
        header.integration_s.empty() ? 0 : 0.5 * (header.integration_s.front() + header.integration_s.back());
    image.duration_s = header.time_mjd_s.back() - header.time_mjd_s.front() + ends;
}

Error no_weight(GroupState const& state, ImageSettings const& settings)
{
    auto const problem = "no image can be made of group " + state.header.group_id;
    auto const beyond = beyond_grid(state.uvw_m, state.header.freq_hz, uv_cells(settings));
    if (state.counts.used > 0 && settings.weighting != Weighting::natural && beyond.samples > 0)
        return Error(Code::bad_input, problem, note_of(beyond), "choose smaller pixels with cell, or natural weights");
    if (settings.select.has_uv_range() || !settings.select.channels.empty())
        return Error(Code::bad_input, problem,
                     "no unflagged visibility of two antennas lies in the channels and lengths of baselines chosen",
                     "widen channels, uvrange, minuv-l or maxuv-l, or look at the flags of its files");
    return Error(Code::bad_input, problem, "everything is flagged: no visibility of two antennas has weight",
                 "look at the flags of its files and at their weights");
}

class MakePass : public Pass {
public:
    MakePass(ImageSettings const& settings, std::shared_ptr<ImageWork> work)
        : settings_(settings), work_(std::move(work))
    {}
    std::string name() const override { return "image.make"; }
    Scope scope() const override { return Scope::group; }
    std::vector<Field> reads() const override { return {Field::header, Field::nodes, Field::counts}; }
    std::vector<Field> writes() const override { return {Field::images}; }

    void run(GroupState& state) override
    {
        if (!state.nodes || !(state.nodes->sum_weight() > 0)) throw no_weight(state, settings_);
        bool const cleans = settings_.clean.iterations > 0;
        int const second = plain_rank(state.share), first = cleans ? second : 0;
        std::vector<std::int64_t> beam{0, 0};  // thousandths: minor axis in pixels, 0: not fitted; swelling
        state.exchange->together([&] {
            if (state.share.rank != first && state.share.rank != second) return;
            auto& gridder = work_->gridder.emplace(state.device, settings_.geometry(state.centre),
                                                   settings_.gridder_epsilon(), state.nodes->geometry);
            for (auto [product, rank] : {std::pair{Product::dirty, first}, {Product::psf, second}})
                if (state.share.rank == rank) state.images.push_back(make_image(gridder, product, state, settings_));
            if (state.share.rank == second) beam = measure_beam(state.images.back());
            share_beam(state.images);
        });
        state.exchange->sum(beam);
        double const minor_px = 1e-3 * static_cast<double>(beam[0]);
        if (minor_px > 0 && minor_px < least_beam_px) state.notes.push_back(note_of_narrow_beam(minor_px));
        if (beam[0] == 0)
            state.notes.push_back(note_of_beam(beam_of_weights(*state.nodes, settings_.cell_rad)));
        else if (auto note = note_of_swelling(1e-3 * static_cast<double>(beam[1])); cleans && !note.empty())
            state.notes.push_back(std::move(note));
        // One rank has no room for both gridders: CLEAN makes this one again.
        if (!cleans || state.share.size == 1) work_->gridder.reset();
        if (cleans && state.share.rank == 0) make_slanted(state);
    }

private:
    std::vector<std::int64_t> measure_beam(Image const& psf) const
    {
        Index const n = settings_.n_pixels;
        auto const pixels = make_view(psf.pixels.data(), n, n);
        auto const beam = fit_beam(pixels, settings_.cell_rad);
        auto const swelling = swelling_of_beam(pixels, beam, settings_.cell_rad);
        return {std::llround(std::ceil(1000 * beam.minor_rad / settings_.cell_rad)), std::llround(1000 * swelling)};
    }

    /// Dirty image and PSF on the grid of CLEAN.
    void make_slanted(GroupState const& state)
    {
        auto const& nodes = *state.nodes;
        auto const grid = slanted_grid(settings_.geometry(state.centre), work_->slant);
        auto& gridder =
            work_->slanted.emplace(state.device, grid, settings_.gridder_epsilon(), nodes.geometry, work_->slant);
        Buffer<float> pixels(state.device, grid.n_pixels * grid.n_pixels);
        auto const factor = static_cast<float>(1 / nodes.sum_weight());
        for (auto [values, image] : {std::pair{&nodes.y, &work_->dirty}, {&nodes.psf, &work_->psf}}) {
            gridder.dirty(to_device(state.device, *values), pixels);
            *image = pixels.to_host();
            for (float& pixel : *image) pixel *= factor;
        }
    }

    ImageSettings settings_;
    std::shared_ptr<ImageWork> work_;
};

}  // namespace

Image describe_image(Product product, GroupState const& state, ImageSettings const& settings)
{
    auto const& nodes = state.nodes.value();
    Image image;
    image.product = product;
    image.geometry = settings.geometry(state.centre);
    image.sum_weight = nodes.sum_weight();
    image.stokes = find_hands(state.header.correlations, settings.select.stokes).stokes;
    image.weighting = name(settings.weighting);
    image.robust = settings.weighting == Weighting::briggs ? settings.robust : 0;
    image.epsilon = settings.epsilon;
    image.freq_hz = mean_freq_hz(nodes);
    describe_band(state.header, image);
    describe_time(state.header, image);
    image.taper_rad = settings.taper_rad;
    image.uv_min_lambda = settings.select.uv_min_lambda;
    image.uv_max_lambda = settings.select.uv_max_lambda;
    image.averaging_loss = settings.averaging_loss;
    return image;
}

void PlaneFit::add(NodeSet const& nodes, PointLine const& line)
{
    double weight = 0;
    for (int p = 0; p < line.n; ++p)
        weight += static_cast<double>(nodes.psf[static_cast<std::size_t>(line.first_value + p)].re);
    double const u = line.uvw_m[0], v = line.uvw_m[1], w = line.uvw_m[2];
    uu_ += weight * u * u, uv_ += weight * u * v, vv_ += weight * v * v;
    uw_ += weight * u * w, vw_ += weight * v * w;
}

ArrayPlane PlaneFit::plane() const
{
    double const determinant = uu_ * vv_ - uv_ * uv_;
    if (!(determinant > 1e-6 * uu_ * vv_)) return {};  // on a line
    return {(vv_ * uw_ - uv_ * vw_) / determinant, (uu_ * vw_ - uv_ * uw_) / determinant};
}

namespace {

ArrayPlane plane_of(NodeSet const& nodes)
{
    PlaneFit fit;
    for (auto const& line : nodes.geometry.lines) fit.add(nodes, line);
    return fit.plane();
}

}  // namespace

Image make_image(WGridder& gridder, Product product, GroupState const& state, ImageSettings const& settings)
{
    NOCT_CHECK(product == Product::dirty || product == Product::psf, "make_image makes dirty images and PSFs");
    auto const& nodes = state.nodes.value();
    return image_of_nodes(gridder, product, product == Product::dirty ? nodes.y : nodes.psf, state, settings);
}

Image image_of_nodes(WGridder& gridder, Product product, std::vector<Vis> const& values, GroupState const& state,
                     ImageSettings const& settings)
{
    if (!(state.nodes.value().sum_weight() > 0)) throw no_weight(state, settings);
    Index const n = settings.n_pixels;
    auto image = describe_image(product, state, settings);
    Buffer<float> pixels(state.device, n * n);
    gridder.dirty(to_device(state.device, values), pixels);
    auto const factor = 1 / state.nodes->sum_weight();
    image.pixels = pixels.to_host();
    for (float& pixel : image.pixels) pixel = static_cast<float>(factor * static_cast<double>(pixel));
    pixels.upload(image.pixels.data());
    auto const statistics = measure_statistics(state.device, pixels.view(n, n));
    NOCT_CHECK(statistics.n_nonfinite == 0, "an image holds values that are not finite");
    image.noise_jy = statistics.robust_noise;
    if (product == Product::dirty || product == Product::residual) image.plane = plane_of(*state.nodes);
    if (product == Product::psf) {
        image.beam = fit_beam(make_view(image.pixels.data(), n, n), settings.cell_rad);
        if (!(image.beam.major_rad > 0)) image.beam = beam_of_weights(*state.nodes, settings.cell_rad);
    }
    return image;
}

void share_beam(std::vector<Image>& images)
{
    auto const psf =
        std::find_if(images.begin(), images.end(), [](Image const& i) { return i.product == Product::psf; });
    if (psf == images.end()) return;
    for (auto& image : images)
        if (!(image.beam.major_rad > 0)) image.beam = psf->beam;
}

std::unique_ptr<Pass> make_image_pass(ImageSettings const& settings, std::shared_ptr<ImageWork> work)
{
    return std::make_unique<MakePass>(settings, work ? std::move(work) : std::make_shared<ImageWork>());
}

}  // namespace nocturne
