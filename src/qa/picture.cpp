// Enters: an Image. Leaves: RGB rows from the top.
#include "qa/picture.hpp"

#include "nocturne/error.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace nocturne {
namespace {

/// The map inferno (matplotlib, by S. van der Walt and N. Smith, CC0) at 33 equal steps.
constexpr Rgb inferno[] = {
    {0, 0, 4},      {4, 3, 18},     {11, 7, 36},     {21, 11, 55},    {33, 12, 74},   {47, 10, 91},   {61, 9, 101},
    {74, 12, 107},  {87, 16, 110},  {100, 21, 110},  {113, 25, 110},  {125, 30, 109}, {138, 34, 106}, {151, 39, 102},
    {163, 44, 97},  {176, 49, 91},  {188, 55, 84},   {199, 62, 76},   {210, 70, 68},  {219, 80, 59},  {228, 90, 49},
    {235, 102, 40}, {241, 115, 29}, {246, 128, 19},  {249, 142, 9},   {251, 157, 7},  {252, 172, 17}, {251, 188, 33},
    {249, 203, 53}, {245, 219, 76}, {242, 234, 105}, {243, 246, 138}, {252, 255, 164}};
constexpr std::size_t n_inferno = sizeof inferno / sizeof inferno[0];
constexpr Rgb no_data = {128, 128, 128};

/// Means of step × step pixels, rows from the top; NaN where no pixel of the block is finite.
std::vector<float> averaged(Image const& image, Picture const& picture)
{
    std::vector<float> means;
    means.reserve(static_cast<std::size_t>(picture.width * picture.height));
    Index const n = image.geometry.n_pixels, step = picture.step;
    std::vector<double> sum(static_cast<std::size_t>(picture.width));
    std::vector<Index> count(static_cast<std::size_t>(picture.width));
    for (Index row = picture.height - 1; row >= 0; --row) {
        std::fill(sum.begin(), sum.end(), 0);
        std::fill(count.begin(), count.end(), 0);
        for (Index y = row * step; y < std::min((row + 1) * step, picture.span); ++y) {
            float const* line = image.pixels.data() + (picture.first_y + y) * n + picture.first_x;
            Index x = 0;
            for (std::size_t column = 0; column < sum.size(); ++column)
                for (Index const end = std::min(x + step, picture.span); x < end; ++x) {
                    bool const finite = std::isfinite(line[x]);
                    sum[column] += finite ? static_cast<double>(line[x]) : 0;
                    count[column] += finite;
                }
        }
        for (std::size_t c = 0; c < sum.size(); ++c)
            means.push_back(count[c] > 0 ? static_cast<float>(sum[c] / static_cast<double>(count[c]))
                                         : std::numeric_limits<float>::quiet_NaN());
    }
    return means;
}

/// Robust limits: median − k × noise, and a high quantile.
void set_limits(Picture& picture, std::vector<float> const& means, PictureArgs const& args)
{
    std::vector<float> finite;
    std::copy_if(means.begin(), means.end(), std::back_inserter(finite), [](float v) { return std::isfinite(v); });
    if (finite.empty())
        throw Error(Code::bad_input, "the image cannot be drawn", "none of its pixels is finite",
                    "look at the flags and weights of its visibilities");
    auto const quantile = [&](double q) {
        auto const at = finite.begin() + static_cast<std::ptrdiff_t>(q * static_cast<double>(finite.size() - 1));
        std::nth_element(finite.begin(), at, finite.end());
        return static_cast<double>(*at);
    };
    double const median = quantile(0.5), quartiles = quantile(0.75) - quantile(0.25);
    double const noise = quartiles / 1.3489795003921634;  // of a Gaussian: 2 Φ⁻¹(3/4) standard deviations
    picture.low_jy = median + args.low_sigma * noise;
    picture.high_jy = std::max(quantile(args.high_quantile), median + 10 * noise);
    picture.soft_jy = 3 * noise;
    if (args.either_sign) {  // as far below the median as above it
        double const reach = std::max(picture.high_jy - median, median - quantile(1 - args.high_quantile));
        picture.low_jy = median - reach;
        picture.high_jy = median + reach;
    }
    if (!(picture.high_jy > picture.low_jy)) {
        double const margin = std::max(std::abs(median), 1e-12);
        picture.low_jy = median - margin;
        picture.high_jy = median + margin;
    }
    if (!(picture.soft_jy > 0)) picture.soft_jy = 0.1 * (picture.high_jy - picture.low_jy);
}

}  // namespace

Rgb colour(double t)
{
    double const at = std::clamp(t, 0.0, 1.0) * static_cast<double>(n_inferno - 1);
    auto const i = std::min(static_cast<std::size_t>(at), n_inferno - 2);
    double const part = at - static_cast<double>(i);
    Rgb mixed{};
    for (std::size_t c = 0; c < 3; ++c)
        mixed[c] = static_cast<std::uint8_t>(std::lround(inferno[i][c] + part * (inferno[i + 1][c] - inferno[i][c])));
    return mixed;
}

double stretched(Picture const& p, double value_jy)
{
    double t = (value_jy - p.low_jy) / (p.high_jy - p.low_jy);
    if (p.stretch == Stretch::asinh) {
        double const base = std::asinh(p.low_jy / p.soft_jy);
        t = (std::asinh(value_jy / p.soft_jy) - base) / (std::asinh(p.high_jy / p.soft_jy) - base);
    }
    return std::clamp(t, 0.0, 1.0);
}

Picture draw_picture(Image const& image, PictureArgs const& args)
{
    Index const n = image.geometry.n_pixels;
    if (n <= 0 || static_cast<Index>(image.pixels.size()) != n * n)
        throw Error(Code::bad_input, "the image cannot be drawn",
                    std::to_string(image.pixels.size()) + " pixels for a side of " + std::to_string(n),
                    "give all its pixels");
    Picture picture;
    picture.geometry = image.geometry;
    picture.stretch = args.stretch;
    picture.span = args.span > 0 ? std::min(args.span, n) : n;
    picture.first_x = picture.first_y = n / 2 - picture.span / 2;
    picture.step = std::max<Index>(1, (picture.span + args.max_pixels - 1) / args.max_pixels);
    picture.width = picture.height = (picture.span + picture.step - 1) / picture.step;
    auto const means = averaged(image, picture);
    set_limits(picture, means, args);
    picture.rgb.reserve(means.size() * 3);
    for (float value : means) {
        Rgb const c = std::isfinite(value) ? colour(stretched(picture, static_cast<double>(value))) : no_data;
        picture.rgb.insert(picture.rgb.end(), c.begin(), c.end());
    }
    return picture;
}

Picture with_colour_bar(Picture const& picture)
{
    Index const gap = std::max<Index>(2, picture.width / 100), bar = std::max<Index>(4, picture.width / 30);
    Picture wider = picture;
    wider.width = picture.width + gap + bar;
    wider.rgb.assign(static_cast<std::size_t>(wider.width * wider.height) * 3, 255);
    for (Index y = 0; y < picture.height; ++y) {
        auto const from = picture.rgb.begin() + y * picture.width * 3;
        auto to = wider.rgb.begin() + y * wider.width * 3;
        std::copy(from, from + picture.width * 3, to);
        Rgb const c = colour(1 - static_cast<double>(y) / static_cast<double>(std::max<Index>(1, picture.height - 1)));
        for (Index x = picture.width + gap; x < wider.width; ++x) std::copy(c.begin(), c.end(), to + x * 3);
    }
    return wider;
}

}  // namespace nocturne
