// Enters: images with pixels, a PNG encoder. Leaves: pictures, sources, histogram and PSF cuts in a GroupReport.
#include "qa/describe.hpp"

#include "nocturne/either_sign.hpp"
#include "qa/gaussian_fit.hpp"

#include <algorithm>
#include <cmath>

namespace nocturne {
namespace {

constexpr Index histogram_bins = 120, cut_half_beams = 8;
constexpr Index most_sources = 60;  // of a report: each is fitted, with errors

Image without_pixels(Image const& image)
{
    Image about;
    about.product = image.product;
    about.geometry = image.geometry;
    about.freq_hz = image.freq_hz;
    about.bandwidth_hz = image.bandwidth_hz;
    about.mid_time_mjd_s = image.mid_time_mjd_s;
    about.duration_s = image.duration_s;
    about.beam = image.beam;
    about.noise_jy = image.noise_jy;
    about.sum_weight = image.sum_weight;
    about.stokes = image.stokes;
    about.weighting = image.weighting;
    about.robust = image.robust;
    about.epsilon = image.epsilon;
    return about;
}

/// From −6 noise (or the minimum) to 12 noise (or the maximum); what lies beyond falls into the last bins.
Histogram histogram_of(Image const& image, double noise_jy)
{
    float low = 0, high = 0;
    for (float v : image.pixels) {
        if (!std::isfinite(v)) continue;
        low = std::min(low, v);
        high = std::max(high, v);
    }
    Histogram h;
    h.low = std::max(static_cast<double>(low), -6 * noise_jy);
    h.high = std::min(static_cast<double>(high), 12 * noise_jy);
    if (!(h.high > h.low)) return {};
    h.counts.assign(static_cast<std::size_t>(histogram_bins), 0);
    double const per_jy = static_cast<double>(histogram_bins) / (h.high - h.low);
    for (float v : image.pixels) {
        if (!std::isfinite(v)) continue;
        auto const bin = static_cast<Index>(
            std::clamp((static_cast<double>(v) - h.low) * per_jy, 0.0, static_cast<double>(histogram_bins - 1)));
        ++h.counts[static_cast<std::size_t>(bin)];
    }
    return h;
}

/// The largest value outside the main lobe: rings from the first minimum of the mean over each ring on.
double largest_sidelobe(Image const& psf)
{
    Index const n = psf.geometry.n_pixels, half = n / 2;
    Index const rings = half;
    std::vector<double> sum(static_cast<std::size_t>(rings), 0), count(static_cast<std::size_t>(rings), 0),
        most(static_cast<std::size_t>(rings), 0);
    for (Index y = 0; y < n; ++y)
        for (Index x = 0; x < n; ++x) {
            auto const dx = static_cast<double>(x - half), dy = static_cast<double>(y - half);
            auto const ring = static_cast<std::size_t>(std::sqrt(dx * dx + dy * dy));
            if (ring >= sum.size()) continue;
            double const v = static_cast<double>(psf.pixels[static_cast<std::size_t>(y * n + x)]);
            sum[ring] += v;
            count[ring] += 1;
            most[ring] = std::max(most[ring], v);
        }
    std::size_t first = 1;
    while (first + 1 < sum.size() && sum[first + 1] / count[first + 1] < sum[first] / count[first]) ++first;
    return first < most.size() ? *std::max_element(most.begin() + static_cast<std::ptrdiff_t>(first), most.end()) : 0;
}

/// Half a side of what is shown of a PSF: eight beams, 24 pixels at least.
Index psf_reach(Image const& psf)
{
    Index const half = psf.geometry.n_pixels / 2 - 1;
    Index const beams = std::llround(static_cast<double>(cut_half_beams) * psf.beam.major_rad / psf.geometry.cell_rad);
    return std::max<Index>(1, std::min(half, std::max<Index>(24, beams)));
}

void describe_psf(GroupReport& report, Image const& psf, PngEncoder const& encode)
{
    PictureArgs args;
    Index const reach = psf_reach(psf), n = psf.geometry.n_pixels, middle = n / 2;
    args.span = 2 * reach;
    args.max_pixels = 2 * reach;
    args.high_quantile = 1;
    add_picture(report, psf, encode, args);
    report.psf_cut_x.clear();
    report.psf_cut_y.clear();
    for (Index i = -reach; i <= reach; ++i) {
        report.psf_cut_x.push_back(psf.pixels[static_cast<std::size_t>(middle * n + middle + i)]);
        report.psf_cut_y.push_back(psf.pixels[static_cast<std::size_t>((middle + i) * n + middle)]);
    }
    report.psf_sidelobe = largest_sidelobe(psf);
}

/// Of Stokes Q, U, V the one with the largest |value|; 0 where none is above it.
double largest_value(Image const& image)
{
    bool const either_sign = has_either_sign(image.stokes);
    float peak = 0;
    for (float const v : image.pixels)
        if (std::isfinite(v) && (either_sign ? std::abs(v) > std::abs(peak) : v > peak)) peak = v;
    return static_cast<double>(peak);
}

/// What a sidelobe of the brightest source may be taken for: in Stokes Q, U, V the deepest, too.
double sidelobe_of_either_sign(Image const& psf, std::string const& stokes, double highest)
{
    if (!has_either_sign(stokes)) return highest;
    double deepest = 0;
    for (float const v : psf.pixels) deepest = std::min(deepest, static_cast<double>(v));
    return std::max(highest, -deepest);
}

}  // namespace

void add_picture(GroupReport& report, Image const& image, PngEncoder const& encode, PictureArgs const& args)
{
    ReportPicture picture{"", draw_picture(image, args), image.product};
    picture.png = encode(picture.picture.width, picture.picture.height, picture.picture.rgb);

    report.pictures.push_back(std::move(picture));
}

void describe_image(GroupReport& report, Image const& image, Image const* psf, PngEncoder const& encode)
{
    report.about = without_pixels(image);
    report.pictures.clear();
    PictureArgs shown;
    shown.either_sign = has_either_sign(image.stokes);
    add_picture(report, image, encode, shown);
    if (!(report.about.noise_jy > 0)) {
        auto values = image.pixels;
        values.erase(std::remove_if(values.begin(), values.end(), [](float v) { return !std::isfinite(v); }),
                     values.end());
        report.about.noise_jy = robust_noise(values).rms_jy;
    }
    report.peak_jy = largest_value(image);
    report.histogram = histogram_of(image, report.about.noise_jy);
    if (psf) describe_psf(report, *psf, encode);
    FinderArgs args;
    args.threshold_sigma = report.source_threshold_sigma;
    report.source_floor_jy =
        psf && image.product == Product::dirty
            ? sidelobe_of_either_sign(*psf, image.stokes, report.psf_sidelobe) * std::abs(report.peak_jy)
            : 0;
    args.floor_jy = report.source_floor_jy;
    args.max_sources = most_sources;
    report.sources = find_sources(image, args);
}

}  // namespace nocturne
