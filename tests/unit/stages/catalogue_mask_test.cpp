// Circles of a catalogue: true separations on slanted and plain grids, priorities, CLEAN that stays within them.
#include "stages/image/catalogue_mask.hpp"

#include "sky/catalogue.hpp"
#include "sky/frames.hpp"
#include "stages/image/cleaner.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <filesystem>

namespace nocturne {
namespace {

ImageGeometry const image{1200, 12 * arcsec_rad, {degrees(0.01), degrees(54.6)}};

Source source_at(double l, double m, double jy) { return {"", direction_at(l, m, image.centre), jy, 0}; }

TEST(CatalogueMask, marks_what_is_within_the_radius_on_the_sphere)
{
    for (Slant const slant : {Slant{}, Slant{0.1, -0.4}}) {
        std::vector<Source> const sources{source_at(0.001, 0.002, 1), source_at(-0.033, 0.031, 1)};
        auto const grid = slanted_grid(image, slant);
        double const radius = 60 * arcsec_rad;
        auto const mask = circles(sources, {grid, slant, radius});
        Index wrong = 0, marked = 0;
        for (Index y = 0; y < grid.n_pixels; ++y)
            for (Index x = 0; x < grid.n_pixels; ++x) {
                auto const at = plain_of(slant, {-static_cast<double>(x - grid.n_pixels / 2) * grid.cell_rad,
                                                 static_cast<double>(y - grid.n_pixels / 2) * grid.cell_rad});
                auto const here = direction_at(at.l, at.m, image.centre);
                bool within = false;
                for (auto const& source : sources)
                    within |= separation(here, source.direction).value() <= radius * (1 - 1e-9);
                bool const set = mask[static_cast<std::size_t>(y * grid.n_pixels + x)] != 0;
                wrong += set != within;
                marked += set;
            }
        EXPECT_EQ(wrong, 0);
        EXPECT_NEAR(static_cast<double>(marked), 2 * pi * 25, 25);  // circles of five pixels
    }
}

TEST(CatalogueMask, believes_the_first_catalogue_that_has_a_source)
{
    auto const folder = std::filesystem::temp_directory_path() / "nocturne-catalogue-mask";
    std::filesystem::create_directories(folder);
    auto const first = (folder / "first.sqlite").string(), second = (folder / "second.sqlite").string();
    double const off = 10 * arcsec_rad;
    write_catalogue(first, {source_at(0.01, 0, 1e-3), source_at(0, 0.01, 5e-3)}, "");
    write_catalogue(second, {source_at(0.01 + off, 0, 4e-3), source_at(-0.01, 0, 4e-3), source_at(0.2, 0, 1)}, "");
    auto const fluxes = [&](std::vector<std::string> const& catalogues) {
        std::vector<double> all;
        for (auto const& source : mask_sources({catalogues, 2e-3, 60 * arcsec_rad}, image))
            all.push_back(source.flux_jy);
        return all;
    };
    EXPECT_EQ(fluxes({first, second}), (std::vector<double>{5e-3, 4e-3}));
    EXPECT_EQ(fluxes({second, first}), (std::vector<double>{4e-3, 4e-3, 5e-3}));
    EXPECT_THROW(fluxes({(folder / "none").string()}), Error);
    std::filesystem::remove_all(folder);
}

TEST(CatalogueMask, keeps_clean_within)
{
    Index const n = 128;
    std::vector<float> dirty(static_cast<std::size_t>(n * n), 0.0F), psf(dirty.size(), 0.0F);
    psf[static_cast<std::size_t>(n / 2 * n + n / 2)] = 1;
    dirty[static_cast<std::size_t>(40 * n + 50)] = 1;
    dirty[static_cast<std::size_t>(90 * n + 20)] = 2;
    std::vector<std::uint8_t> allowed(dirty.size(), 0);
    allowed[static_cast<std::size_t>(40 * n + 50)] = 1;
    CleanSettings settings;
    settings.iterations = 1000;
    settings.threshold_jy = 0.1;
    Cleaner cleaner(make_device("kokkos"), settings, dirty, psf, {allowed, {}});
    while (cleaner.step()) {
        auto const model = cleaner.model().to_host();
        auto residual = dirty;
        for (std::size_t i = 0; i < residual.size(); ++i) residual[i] -= model[i];
        cleaner.residual().upload(residual.data());
    }
    ASSERT_EQ(cleaner.components().size(), 1U);
    EXPECT_NEAR(cleaner.components().front().point.flux_jy, 1, 0.11);
    EXPECT_EQ(cleaner.state().end, CleanEnd::threshold);
}

}  // namespace
}  // namespace nocturne
