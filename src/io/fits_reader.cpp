#include "io/fits_reader.hpp"

#include "io/fits.hpp"

#include <cmath>
#include <cstdlib>
#include <filesystem>

namespace nocturne {
namespace {

struct OpenFits {
    fitsfile* file = nullptr;
    ~OpenFits()
    {
        int ignored = 0;
        if (file) fits_close_file(file, &ignored);
    }
};

double number(fitsfile* file, char const* key, double fallback)
{
    int status = 0;
    double value = fallback;
    if (fits_read_key_dbl(file, key, &value, nullptr, &status) != 0) {
        fits_clear_errmsg();
        return fallback;
    }
    return value;
}

std::string text(fitsfile* file, char const* key)
{
    int status = 0;
    char value[FLEN_VALUE] = {};
    if (fits_read_key_str(file, key, value, nullptr, &status) != 0) {
        fits_clear_errmsg();
        return "";
    }
    return value;
}

Error bad_image(std::string problem, std::string reason)
{
    return Error(Code::bad_input, std::move(problem), std::move(reason),
                 "name a FITS image of the sky, for example one of nocturne's");
}

void check_sums(fitsfile* file)
{
    int status = 0, data = 0, all = 0;
    fits_verify_chksum(file, &data, &all, &status);
    fits::check(status, Code::bad_input, "cannot verify the checksum");
    if (data < 0 || all < 0)
        throw bad_image("the file is damaged", data < 0 ? "DATASUM does not match" : "CHECKSUM does not match");
}

void read_coordinates(fitsfile* file, FitsPlane& plane)
{
    auto const x = text(file, "CTYPE1"), y = text(file, "CTYPE2");
    if (x != "RA---SIN" || y != "DEC--SIN")
        throw bad_image("the projection is not SIN", "CTYPE1 '" + x + "', CTYPE2 '" + y + "'");
    if (std::abs(number(file, "CROTA2", 0)) > 0) throw bad_image("the image is rotated", "CROTA2 is not 0");
    plane.crpix_x = number(file, "CRPIX1", 0);
    plane.crpix_y = number(file, "CRPIX2", 0);
    plane.crval_ra_deg = number(file, "CRVAL1", 0);
    plane.crval_dec_deg = number(file, "CRVAL2", 0);
    plane.cdelt_x_deg = number(file, "CDELT1", 0);
    plane.cdelt_y_deg = number(file, "CDELT2", 0);
    if (plane.cdelt_x_deg == 0 || plane.cdelt_y_deg == 0)
        throw bad_image("the pixels have no size", "CDELT1 or CDELT2 is absent or 0");
    for (auto const* axis : {"3", "4"}) {
        auto const type = text(file, (std::string("CTYPE") + axis).c_str());
        double const value = number(file, (std::string("CRVAL") + axis).c_str(), 0);
        if (type == "FREQ") plane.freq_hz = value;
        if (type == "STOKES") plane.stokes = fits::stokes_name(static_cast<int>(std::lround(value)));
    }
}

void read_pixels(fitsfile* file, std::uint64_t file_bytes, FitsPlane& plane)
{
    int status = 0, bitpix = 0, n_axes = 0, any_null = 0;
    long axes[8] = {};
    fits_get_img_param(file, 8, &bitpix, &n_axes, axes, &status);
    fits::check(status, Code::bad_input, "cannot read the shape of the image");
    constexpr long most = 1 << 17;
    if (n_axes < 2 || axes[0] < 1 || axes[1] < 1 || axes[0] > most || axes[1] > most)
        throw bad_image("not an image", std::to_string(n_axes) + " axes");
    if (static_cast<std::uint64_t>(axes[0]) * static_cast<std::uint64_t>(axes[1]) * std::abs(bitpix) / 8 > file_bytes)
        throw bad_image("the file is truncated", "its header declares more pixels than the file holds");
    plane.n_x = axes[0];
    plane.n_y = axes[1];
    plane.pixels.resize(static_cast<std::size_t>(plane.n_x * plane.n_y));
    fits_read_img_flt(file, 1, 1, plane.n_x * plane.n_y, 0, plane.pixels.data(), &any_null, &status);
    fits::check(status, Code::bad_input, "cannot read the pixels");
}

}  // namespace

FitsPlane read_fits(std::string const& path)
{
    return within("file " + path, [&] {
        if (!std::filesystem::exists(path))
            throw Error(Code::input_missing, "no such image", "the file does not exist", "check the path");
        int status = 0;
        OpenFits open;
        fits_open_diskfile(&open.file, path.c_str(), READONLY, &status);
        fits::check(status, Code::bad_input, "not a readable FITS file");
        FitsPlane plane;
        read_pixels(open.file, std::filesystem::file_size(path), plane);
        check_sums(open.file);
        read_coordinates(open.file, plane);
        plane.beam = {number(open.file, "BMAJ", 0) * degree_rad, number(open.file, "BMIN", 0) * degree_rad,
                      number(open.file, "BPA", 0) * degree_rad};
        plane.mjd_days = number(open.file, "MJD-OBS", 0);
        plane.unit = text(open.file, "BUNIT");
        plane.product = text(open.file, "PRODUCT");
        plane.telescope_name = text(open.file, "TELESCOP");
        plane.datasum = text(open.file, "DATASUM");
        return plane;
    });
}

}  // namespace nocturne
