// FITS images: written, read back, refused.
#include "io/fits_reader.hpp"
#include "io/fits_writer.hpp"

#include "nocturne/error.hpp"
#include "tests/unit/io/scratch.hpp"

#include <fitsio.h>
#include <gtest/gtest.h>

#include <cstring>
#include <fstream>
#include <limits>

namespace nocturne {
namespace {

Image some_image()
{
    Image image;
    image.geometry = {8, 3 * arcsec_rad, {degrees(-10.25), degrees(54.5)}};
    for (int i = 0; i < 64; ++i) image.pixels.push_back(static_cast<float>(i) * 0.25F - 3);
    image.freq_hz = 1.405e9;
    image.bandwidth_hz = 187.5e6;
    image.mid_time_mjd_s = 61100.25 * day_s;
    image.duration_s = 309;
    image.beam = {12 * arcsec_rad, 9 * arcsec_rad, 0.3};
    image.weighting = "briggs";
    image.robust = 0.5;
    return image;
}

FitsHeader some_header()
{
    return {"OVRO_MMA",
            "strip",
            {{"NOCT_RUN", std::int64_t(17), "run"}, {"NOCT_HOST", std::string("n\n01"), "host"}},
            {"made by a test"}};
}

std::string written(test::Scratch const& dir, Image const& image)
{
    ProductFile file(dir / "i.fits");
    write_fits(file, image, some_header());
    file.commit();
    return dir / "i.fits";
}

TEST(Fits, comes_back_as_it_was)
{
    test::Scratch const dir;
    auto const image = some_image();
    auto const plane = read_fits(written(dir, image));
    EXPECT_EQ(plane.pixels, image.pixels);
    EXPECT_EQ(plane.n_x, 8);
    EXPECT_EQ(plane.crpix_x, 5);
    EXPECT_DOUBLE_EQ(plane.crval_ra_deg, 349.75);
    EXPECT_DOUBLE_EQ(plane.crval_dec_deg, 54.5);
    EXPECT_DOUBLE_EQ(plane.cdelt_x_deg, -3 / 3600.0);
    EXPECT_DOUBLE_EQ(plane.cdelt_y_deg, 3 / 3600.0);
    EXPECT_DOUBLE_EQ(plane.freq_hz, 1.405e9);
    EXPECT_NEAR(plane.beam.major_rad, image.beam.major_rad, 1e-15);
    EXPECT_NEAR(plane.beam.pa_rad, 0.3, 1e-12);
    EXPECT_NEAR(plane.mjd_days, 61100.25 - 154.5 / 86400, 1e-9);
    EXPECT_EQ(plane.product, "dirty");
    EXPECT_EQ(plane.unit, "Jy/beam");
    EXPECT_EQ(plane.telescope_name, "OVRO_MMA");
}

TEST(Fits, datasum_depends_on_pixels_alone)
{
    test::Scratch const dir;
    auto image = some_image();
    auto header = some_header();
    auto const write = [&](char const* name) {
        ProductFile file(dir / name);
        auto const written = write_fits(file, image, header);
        file.commit();
        return written;
    };
    auto const first = write("a.fits");
    EXPECT_EQ(first.largest, 12.75F);
    EXPECT_EQ(std::filesystem::file_size(dir / "a.fits") % 2880, 0U);
    header.keys.push_back({"NOCT_RANK", std::int64_t(3), ""});
    EXPECT_EQ(write("b.fits").datasum, first.datasum);
    image.pixels[5] += 1;
    EXPECT_NE(write("c.fits").datasum, first.datasum);
    image.pixels[5] = -20;
    EXPECT_EQ(write("d.fits").largest, 12.75F);
    image.stokes = "U";
    EXPECT_EQ(write("e.fits").largest, 20);
}

TEST(Fits, cfitsio_agrees_with_both_checksums)
{
    test::Scratch const dir;
    auto image = some_image();
    for (int round = 0; round < 20; ++round) {
        image.pixels[static_cast<std::size_t>(round)] *= -1e20F;
        auto const path = written(dir, image);
        fitsfile* file = nullptr;
        int status = 0, data = 0, hdu = 0;
        fits_open_file(&file, path.c_str(), READONLY, &status);
        fits_verify_chksum(file, &data, &hdu, &status);
        fits_close_file(file, &status);
        EXPECT_EQ(status, 0);
        EXPECT_EQ(data, 1);
        EXPECT_EQ(hdu, 1);
    }
}

TEST(Fits, refuses_values_that_are_not_finite)
{
    for (float const bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
        auto image = some_image();
        image.pixels[13] = bad;
        test::Scratch const dir;
        try {
            written(dir, image);
            FAIL();
        } catch (Error const& error) {
            EXPECT_EQ(error.code(), Code::bad_input);
            EXPECT_NE(std::string(error.what()).find("x 5, y 1"), std::string::npos) << error.what();
        }
        EXPECT_EQ(dir.n_entries(), 0);
    }
}

/// Three channels with a beam each, but for the second, which is blank.
Image some_cube()
{
    auto image = some_image();
    auto const one = image.pixels;
    for (int k = 0; k < 2; ++k) image.pixels.insert(image.pixels.end(), one.begin(), one.end());
    image.planes = {{1.3e9, 1e6, 0.1, {12 * arcsec_rad, 9 * arcsec_rad, 0.3}, {0.1, -0.2}},
                    {1.4e9, 1e6, 0, {}, {}},
                    {1.5e9, 1e6, 0.1, {8 * arcsec_rad, 7 * arcsec_rad, -0.4}, {0.3, -0.4}}};
    return image;
}

void expect_beams(std::string const& path, std::vector<CubePlane> const& planes)
{
    for (Index k = 0; k < 3; ++k) {
        auto const& wanted = planes[static_cast<std::size_t>(k)];
        auto const plane = read_fits(path, k + 1);
        EXPECT_NEAR(plane.freq_hz, wanted.freq_hz, 1);
        EXPECT_NEAR(plane.beam.major_rad, wanted.beam.major_rad, 1e-6 * arcsec_rad) << k;
        EXPECT_NEAR(plane.beam.minor_rad, wanted.beam.minor_rad, 1e-6 * arcsec_rad) << k;
        EXPECT_NEAR(plane.beam.pa_rad, wanted.beam.pa_rad, 1e-6) << k;
        EXPECT_DOUBLE_EQ(plane.array.alpha, wanted.array.alpha) << k;
        EXPECT_DOUBLE_EQ(plane.array.beta, wanted.array.beta) << k;
    }
}

TEST(Fits, each_plane_of_a_cube_has_its_beam)
{
    test::Scratch const dir;
    auto const path = written(dir, some_cube());
    EXPECT_EQ(std::filesystem::file_size(path) % 2880, 0U);
    auto planes = some_cube().planes;
    planes[1].beam = planes[0].beam;  // CASA opens no cube in which a channel has none
    expect_beams(path, planes);
    fitsfile* file = nullptr;
    int status = 0, n_units = 0, type = 0, many = 0;
    fits_open_file(&file, path.c_str(), READWRITE, &status);
    fits_get_num_hdus(file, &n_units, &status);
    ASSERT_EQ(n_units, 2);
    for (int unit = 2; unit >= 1; --unit) {
        int data = 0, hdu = 0;
        fits_movabs_hdu(file, unit, &type, &status);
        fits_verify_chksum(file, &data, &hdu, &status);
        EXPECT_EQ(data, 1);
        EXPECT_EQ(hdu, 1);
    }
    EXPECT_EQ(type, IMAGE_HDU);
    fits_read_key(file, TLOGICAL, "CASAMBM", &many, nullptr, &status);
    EXPECT_EQ(many, 1);
    double plain = 0;
    EXPECT_EQ(fits_read_key_dbl(file, "BMAJ", &plain, nullptr, &status), KEY_NO_EXIST) << "that of one for all";
    status = 0;
    for (auto const* key : {"BMAJ1", "BMIN1", "BPA1", "BMAJ3", "BMIN3", "BPA3"}) fits_delete_key(file, key, &status);
    fits_write_chksum(file, &status);
    fits_close_file(file, &status);
    ASSERT_EQ(status, 0);
    expect_beams(path, planes);  // of the table alone, as CASA writes it
}

TEST(Fits, a_damaged_file_is_named)
{
    test::Scratch const dir;
    auto const path = written(dir, some_image());
    auto const size = std::filesystem::file_size(path);
    {
        std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(static_cast<std::streamoff>(size) - 2880 + 10);
        file.put('\x7f');
    }
    EXPECT_THROW(read_fits(path), Error);
    std::filesystem::resize_file(path, size - 2880);
    EXPECT_THROW(read_fits(path), Error);
    EXPECT_THROW(read_fits(dir / "absent.fits"), Error);
}

}  // namespace
}  // namespace nocturne
