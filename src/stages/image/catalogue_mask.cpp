#include "stages/image/catalogue_mask.hpp"

#include "sky/catalogue.hpp"
#include "sky/frames.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace nocturne {
namespace {

double corner_rad(ImageGeometry const& image)
{
    double const half = 0.5 * static_cast<double>(image.n_pixels) * image.cell_rad;
    return std::asin(std::min(1.0, std::sqrt(2.0) * half));
}

/// A chord is as good as an angle for comparison, and cheap.
double chord2(Vec3 const& a, Vec3 const& b)
{
    double sum = 0;
    for (std::size_t k = 0; k < 3; ++k) sum += (a[k] - b[k]) * (a[k] - b[k]);
    return sum;
}

double chord2_of(double angle_rad)
{
    double const half = std::sin(0.5 * angle_rad);
    return 4 * half * half;
}

/// Marks the pixels around the place of one source.
void mark(CircleArgs const& args, Vec3 const& at, std::vector<std::uint8_t>& mask)
{
    auto const& grid = args.grid;
    Index const n = grid.n_pixels;
    double const q = at[2] - 1, most = chord2_of(args.radius_rad);
    double const x = static_cast<double>(n / 2) - (at[0] + args.slant.alpha * q) / grid.cell_rad;
    double const y = static_cast<double>(n / 2) + (at[1] + args.slant.beta * q) / grid.cell_rad;
    // The slanted plane stretches lengths, away from the horizon by less than a factor of two.
    double const reach = 2 * args.radius_rad / grid.cell_rad + 1;
    auto const low = [&](double middle) {
        return static_cast<Index>(std::clamp(middle - reach, 0.0, static_cast<double>(n)));
    };
    auto const high = [&](double middle) {
        return static_cast<Index>(std::clamp(middle + reach + 1, 0.0, static_cast<double>(n)));
    };
    for (Index row = low(y); row < high(y); ++row)
        for (Index column = low(x); column < high(x); ++column) {
            double const ls = -static_cast<double>(column - n / 2) * grid.cell_rad,
                         ms = static_cast<double>(row - n / 2) * grid.cell_rad;
            auto const plain = plain_of(args.slant, {ls, ms});
            Vec3 const here{plain.l, plain.m, 1 + args.slant.n_minus_1(ls, ms)};
            if (chord2(here, at) <= most) mask[static_cast<std::size_t>(row * n + column)] = 1;
        }
}

}  // namespace

std::vector<Source> mask_sources(CatalogueMask const& wish, ImageGeometry const& image)
{
    Radians const radius(corner_rad(image) + wish.radius_rad);
    std::vector<Source> known, kept;
    std::vector<Vec3> places;  // of `known`
    for (auto const& path : wish.catalogues) {
        auto const before = known.size();
        for (auto const& source : sources_around(path, image.centre, radius)) {
            auto const place = unit(source.direction);
            bool const again =
                std::any_of(places.begin(), places.begin() + static_cast<std::ptrdiff_t>(before),
                            [&](Vec3 const& other) { return chord2(place, other) < chord2_of(same_source_rad); });
            if (again) continue;
            known.push_back(source);
            places.push_back(place);
            if (source.flux_jy >= wish.least_jy) kept.push_back(source);
        }
    }
    return kept;
}

std::vector<std::uint8_t> circles(std::vector<Source> const& sources, CircleArgs const& args)
{
    std::vector<std::uint8_t> mask(static_cast<std::size_t>(args.grid.n_pixels * args.grid.n_pixels), 0);
    for (auto const& source : sources) {
        auto const at = direction_cosines(source.direction, args.grid.centre);
        if (at[2] > 0) mark(args, at, mask);
    }
    return mask;
}

std::string note_of(CatalogueMask const& wish, std::size_t n_sources)
{
    char limit[60];
    std::snprintf(limit, sizeof limit, "%g mJy", 1e3 * wish.least_jy);
    if (n_sources == 0)
        return std::string("CLEAN's catalogues have no source of ") + limit +
               " or more in the field: nothing is cleaned";
    return "CLEAN goes in circles around " + std::to_string(n_sources) + " catalogued sources of " + limit +
           " or more, and nowhere else";
}

}  // namespace nocturne
