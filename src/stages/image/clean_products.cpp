// Products of CLEAN. Enters: the last residual's nodes, components on every rank, the beam. Leaves: images where they were made.
#include "nocturne/either_sign.hpp"
#include "nocturne/short_number.hpp"
#include "stages/image/clean_pass.hpp"
#include "stages/image/make.hpp"
#include "stages/image/primary_beam.hpp"
#include "stages/image/restore.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdio>
#include <limits>

namespace nocturne {
namespace {

/// No spectral index where the image is below so many times its noise, or where it would be as uncertain as this.
constexpr double least_sigma = 5, largest_error = 1;

Image const* find_image(std::vector<Image> const& images, Product product)
{
    auto const found =
        std::find_if(images.begin(), images.end(), [&](Image const& image) { return image.product == product; });
    return found == images.end() ? nullptr : &*found;
}

}  // namespace

/// Components at their places on the sky, on every rank.
void CleanPass::share_components(GroupState& state) const
{
    auto const grid = slanted_grid(settings_.geometry(state.centre), work_->slant);
    state.components.clear();
    for (auto const& component : shared_model(state))
        state.components.push_back(on_the_sky(component, grid, work_->slant));
}

/// The residual on the sky's own grid, by one more transform.
Image CleanPass::plain_residual(GroupState const& state, Weighed weighed) const
{
    if (!work_->gridder)
        work_->gridder.emplace(state.device, settings_.geometry(state.centre), settings_.gridder_epsilon(),
                               state.nodes->geometry);
    if (weighed == Weighed::evenly)
        return image_of_nodes(*work_->gridder, Product::residual, residual_, state, settings_);
    auto image = image_of_nodes(*work_->gridder, Product::residual, weighed_by_slope(residual_), state, settings_);
    for (float& pixel : image.pixels) pixel = static_cast<float>(static_cast<double>(pixel) / slope_weight_);
    image.noise_jy /= slope_weight_;
    return image;
}

void CleanPass::share_outcome(GroupState const& state, Image const& residual)
{
    auto const clean = leads(state) ? cleaner_->state() : CleanState{};
    std::vector<std::int64_t> numbers(3);
    if (is_plain(state)) {
        auto const* const psf = find_image(state.images, Product::psf);
        NOCT_CHECK(psf, "a residual where no PSF is");
        float peak = 0;
        for (float const pixel : residual.pixels) peak = std::max(peak, std::abs(pixel));
        numbers = {std::bit_cast<std::int64_t>(residual.noise_jy),
                   std::bit_cast<std::int64_t>(static_cast<double>(peak)),
                   std::bit_cast<std::int64_t>(psf->beam.minor_rad)};
    }
    numbers.insert(numbers.end(), {clean.iterations, clean.major_cycles, static_cast<std::int64_t>(clean.end)});
    state.exchange->sum(numbers);
    outcome_ = {
        std::bit_cast<double>(numbers[0]), std::bit_cast<double>(numbers[1]), std::bit_cast<double>(numbers[2]), {}};
    outcome_.clean.iterations = numbers[3];
    outcome_.clean.major_cycles = numbers[4];
    outcome_.clean.end = static_cast<CleanEnd>(numbers[5]);
}

/// What the user would not see in the images by themselves.
void CleanPass::note_outcome(GroupState& state) const
{
    constexpr double stands_out = 5;        // of a residual's noise
    constexpr double pixels_per_beam = 10;  // coarser ones bend indices by more than 0.01 (docs/imaging.md)
    if (outcome_.clean.end == CleanEnd::divergence && outcome_.peak_jy > stands_out * outcome_.noise_jy)
        state.notes.push_back("CLEAN ended after " + std::to_string(outcome_.clean.iterations) +
                              " iterations, as more made the residual worse; its largest value is " +
                              short_number(outcome_.peak_jy / outcome_.noise_jy) +
                              " times its noise: a mask, a smaller mgain or more baselines may help");
    if (has_slopes() && outcome_.minor_rad < pixels_per_beam * settings_.cell_rad) {
        char text[240];
        std::snprintf(text, sizeof text,
                      "pixels of %.3g arcsec are coarse for spectral indices, which are off by more than their errors "
                      "say, the more the narrower the band: take %.2g arcsec or less",
                      settings_.cell_rad / arcsec_rad, outcome_.minor_rad / arcsec_rad / pixels_per_beam);
        state.notes.emplace_back(text);
    }
}

void CleanPass::mark(Image& image) const
{
    constexpr char const* ends[] = {"threshold", "iterations", "divergence"};
    image.iterations = outcome_.clean.iterations;
    image.major_cycles = outcome_.clean.major_cycles;
    image.clean_end = ends[static_cast<int>(outcome_.clean.end)];
}

/// A product of the same sky and time as the dirty image.
Image CleanPass::derived(GroupState const& state, Product product) const
{
    auto image = describe_image(product, state, settings_);
    image.noise_jy = outcome_.noise_jy;
    mark(image);
    return image;
}

/// Residual and restored image where the residual was made, what needs neither on the leader. Beams are shared later.
void CleanPass::finish_images(GroupState& state, Image residual, Image const& slopes)
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
        mark(residual);
        science.pixels = restore(residual.pixels, state.components, psf->beam, science.geometry);
        science.beam = psf->beam;
        add_corrected(state, &science.pixels);
        if (has_slopes()) add_spectra(state, science, slopes);
        state.images.push_back(std::move(residual));
        state.images.push_back(std::move(science));
    } else if (leads(state)) {
        add_corrected(state, nullptr);
    }
    share_beam(state.images);
}

/// Spectral index I₁ / I₀ and its standard deviation, of both restored images, where there is something to be said.
void CleanPass::add_spectra(GroupState& state, Image const& science, Image const& slopes) const
{
    auto slope_of = state.components;
    for (auto& component : slope_of) component.apparent_jy = component.slope_jy;
    auto const bent = restore(slopes.pixels, slope_of, science.beam, science.geometry);
    bool const either_sign = has_either_sign(science.stokes);
    for (auto product : {Product::alpha, Product::alpha_error}) {
        auto image = derived(state, product);
        image.beam = science.beam;
        if (auto const pattern = find_pattern(state, settings_.clean); beam_ && pattern) {
            image.dish_m = pattern->dish_m();
            image.beam_model = pattern->name();
        }
        image.pixels.assign(bent.size(), std::numeric_limits<float>::quiet_NaN());
        for (std::size_t i = 0; i < bent.size(); ++i) {
            double const flux = static_cast<double>(science.pixels[i]);
            double const alpha = static_cast<double>(bent[i]) / flux;
            double const size = either_sign ? std::abs(flux) : flux;
            double const error = std::hypot(slopes.noise_jy, alpha * outcome_.noise_jy) / size;
            if (size < least_sigma * outcome_.noise_jy || !(error <= largest_error)) continue;
            image.pixels[i] = static_cast<float>(product == Product::alpha ? alpha : error);
        }
        state.spectra.push_back(std::move(image));
    }
}

/// Where the antennas have one beam: pb, noise and weight on the leader, pbcor where the restored image is. A field where the beam shows nothing has
/// pb alone.
void CleanPass::add_corrected(GroupState& state, std::vector<float> const* science) const
{
    double const limit = settings_.clean.pb_limit;
    auto const pattern = find_pattern(state, settings_.clean);
    if (!pattern) return;
    auto pb = derived(state, Product::pb);
    pb.dish_m = pattern->dish_m();
    pb.beam_model = pattern->name();
    pb.pixels = primary_beam({pb.geometry, state.pointings, work_->nodes.beam(), *pattern});
    bool const anywhere = std::any_of(pb.pixels.begin(), pb.pixels.end(),
                                      [&](float power) { return static_cast<double>(power) >= limit; });
    if (!anywhere) {
        if (leads(state))
            state.notes.push_back(
                "the beam is below pblimit = " + short_number(limit) +
                " everywhere in the image: nothing is corrected for it, nor are there noise and weight maps");
        if (leads(state)) state.images.push_back(std::move(pb));
        return;
    }
    auto const rms = static_cast<float>(outcome_.noise_jy);
    auto const add = [&](Product product, auto const& value) {
        auto image = derived(state, product);
        image.dish_m = pb.dish_m;
        image.beam_model = pb.beam_model;
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

}  // namespace nocturne
