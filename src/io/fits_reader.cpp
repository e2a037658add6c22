#include "io/fits_reader.hpp"

#include "io/fits.hpp"
#include "io/fits_beams.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <vector>

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
    if (data < 0) throw bad_image("the file is damaged", "DATASUM does not match");
    // Pixels that are whole under a header that somebody added to without a new CHECKSUM.
    if (all < 0 && data != 1) throw bad_image("the file is damaged", "CHECKSUM does not match");
}

/// Where plane `number` (from 1) lies along each axis, from 0.
std::vector<Index> place_of_plane(std::vector<Index> const& axes, Index number)
{
    Index all = 1;
    for (std::size_t i = 2; i < axes.size(); ++i) all *= axes[i];
    if (number < 1 || number > all)
        throw bad_image("there is no plane " + std::to_string(number), "it has " + std::to_string(all));
    std::vector<Index> place(axes.size(), 0);
    Index left = number - 1;
    for (std::size_t i = 2; i < axes.size(); left /= axes[i++]) place[i] = left % axes[i];
    return place;
}

/// Matrices other than the unit one, other poles and systems, and coordinates in other units than degrees are refused.
void check_axes(fitsfile* file)
{
    for (auto const* key : {"CROTA2", "PC1_2", "PC2_1", "CD1_2", "CD2_1"})
        if (std::abs(number(file, key, 0)) > 0) throw bad_image("the image is rotated", std::string(key) + " is not 0");
    for (auto const* key : {"PC1_1", "PC2_2"})
        if (std::abs(number(file, key, 1) - 1) > 1e-9)
            throw bad_image("the image is scaled by a matrix", std::string(key) + " is not 1");
    for (auto const* key : {"CUNIT1", "CUNIT2"})
        if (auto const unit = text(file, key); !unit.empty() && unit.rfind("deg", 0) != 0 && unit != "DEG")
            throw bad_image("coordinates are not in degrees", std::string(key) + " is '" + unit + "'");
    if (number(file, "LONPOLE", 180) != 180) throw bad_image("the image is rotated", "LONPOLE is not 180");
    for (auto const* key : {"PV2_1", "PV2_2"})
        if (number(file, key, 0) != 0)
            throw bad_image("the projection is slanted (NCP)", std::string(key) + " is not 0");
    auto const system = text(file, "RADESYS");
    bool const old = number(file, "EQUINOX", number(file, "EPOCH", 2000)) != 2000;
    if ((!system.empty() && system != "ICRS" && system != "FK5") || (system != "ICRS" && old))
        throw bad_image("the coordinates are neither ICRS nor FK5 of J2000", "RADESYS '" + system + "', or EQUINOX");
}

double hz_of(std::string const& unit)
{
    static std::map<std::string, double> const known{{"", 1}, {"Hz", 1}, {"kHz", 1e3}, {"MHz", 1e6}, {"GHz", 1e9}};
    auto const found = known.find(unit);
    if (found == known.end()) throw bad_image("the frequency is in another unit", "it is '" + unit + "'");
    return found->second;
}

/// Where a plane lies along the axes of frequency and Stokes, from 0.
struct PlanePlace {
    Index channel = 0, stokes = 0;
};

bool says_true(fitsfile* file, char const* key)
{
    int status = 0, value = 0;
    if (fits_read_key_log(file, key, &value, nullptr, &status) != 0) fits_clear_errmsg();
    return status == 0 && value != 0;
}

/// What a file says of all planes, or of the one alone: BMAJn, WPLUn, …, or a row of CASA's table.
void read_beam(fitsfile* file, PlanePlace at, FitsPlane& plane)
{
    auto const n = std::to_string(at.channel + 1);
    auto const of = [&](std::string const& key) { return number(file, key.c_str(), 0); };
    plane.array = {number(file, ("WPLU" + n).c_str(), of("WPLANEU")),
                   number(file, ("WPLV" + n).c_str(), of("WPLANEV"))};
    auto const which = of("BMAJ" + n) > 0 ? n : std::string();
    if (which.empty() && says_true(file, "CASAMBM"))
        plane.beam = fits::beam_of_table(file, at.channel, at.stokes);
    else
        plane.beam = {of("BMAJ" + which) * degree_rad, of("BMIN" + which) * degree_rad, of("BPA" + which) * degree_rad};
}

PlanePlace read_coordinates(fitsfile* file, FitsPlane& plane, std::vector<Index> const& shape,
                            std::vector<Index> const& place)
{
    auto const x = text(file, "CTYPE1"), y = text(file, "CTYPE2");
    if (x != "RA---SIN" || y != "DEC--SIN")
        throw bad_image("the projection is not SIN", "CTYPE1 '" + x + "', CTYPE2 '" + y + "'");
    check_axes(file);
    plane.crpix_x = number(file, "CRPIX1", 0);
    plane.crpix_y = number(file, "CRPIX2", 0);
    plane.crval_ra_deg = number(file, "CRVAL1", 0);
    plane.crval_dec_deg = number(file, "CRVAL2", 0);
    plane.cdelt_x_deg = number(file, "CDELT1", number(file, "CD1_1", 0));
    plane.cdelt_y_deg = number(file, "CDELT2", number(file, "CD2_2", 0));
    if (plane.cdelt_x_deg == 0 || plane.cdelt_y_deg == 0)
        throw bad_image("the pixels have no size", "CDELT1 or CDELT2 is absent or 0");
    PlanePlace found;
    for (std::size_t i = 2; i < 4; ++i) {
        auto const axis = std::to_string(i + 1);
        auto const of = [&](char const* key, double fallback) { return number(file, (key + axis).c_str(), fallback); };
        auto const type = text(file, ("CTYPE" + axis).c_str());
        double const at = i < place.size() ? static_cast<double>(place[i]) + 1 - of("CRPIX", 1) : 0;
        double const value = of("CRVAL", 0) + at * of("CDELT", 0);
        if (type == "FREQ") {
            plane.freq_hz = value * hz_of(text(file, ("CUNIT" + axis).c_str()));
            plane.n_freqs = i < shape.size() ? shape[i] : 1;
            found.channel = i < place.size() ? place[i] : 0;
        }
        if (type == "STOKES") {
            plane.stokes = fits::stokes_name(static_cast<int>(std::lround(value)));
            found.stokes = i < place.size() ? place[i] : 0;
        }
    }
    return found;
}

std::vector<Index> read_shape(fitsfile* file, std::uint64_t file_bytes)
{
    int status = 0, bitpix = 0, n_axes = 0;
    long axes[8] = {};
    fits_get_img_param(file, 8, &bitpix, &n_axes, axes, &status);
    fits::check(status, Code::bad_input, "cannot read the shape of the image");
    constexpr long most = 1 << 17;
    if (n_axes < 2 || axes[0] < 1 || axes[1] < 1 || axes[0] > most || axes[1] > most)
        throw bad_image("not an image", std::to_string(n_axes) + " axes");
    if (static_cast<std::uint64_t>(axes[0]) * static_cast<std::uint64_t>(axes[1]) * std::abs(bitpix) / 8 > file_bytes)
        throw bad_image("the file is truncated", "its header declares more pixels than the file holds");
    return {axes, axes + std::min(n_axes, 8)};
}

void read_pixels(fitsfile* file, std::vector<Index> const& shape, Index number, FitsPlane& plane)
{
    plane.n_x = shape[0];
    plane.n_y = shape[1];
    for (std::size_t i = 2; i < shape.size(); ++i) plane.n_planes *= shape[i];
    plane.pixels.resize(static_cast<std::size_t>(plane.n_x * plane.n_y));
    int status = 0, any_null = 0;
    fits_read_img_flt(file, 1, 1 + (number - 1) * plane.n_x * plane.n_y, plane.n_x * plane.n_y, 0, plane.pixels.data(),
                      &any_null, &status);
    fits::check(status, Code::bad_input, "cannot read the pixels");
}

}  // namespace

FitsPlane read_fits(std::string const& path, Index number_of_plane)
{
    return within("file " + path, [&] {
        if (!std::filesystem::exists(path))
            throw Error(Code::input_missing, "no such image", "the file does not exist", "check the path");
        int status = 0;
        OpenFits open;
        fits_open_diskfile(&open.file, path.c_str(), READONLY, &status);
        fits::check(status, Code::bad_input, "not a readable FITS file");
        FitsPlane plane;
        auto const shape = read_shape(open.file, std::filesystem::file_size(path));
        auto const place = place_of_plane(shape, number_of_plane);
        read_pixels(open.file, shape, number_of_plane, plane);
        check_sums(open.file);
        auto const at = read_coordinates(open.file, plane, shape, place);
        read_beam(open.file, at, plane);
        plane.mjd_days = number(open.file, "MJD-OBS", 0);
        plane.unit = text(open.file, "BUNIT");
        plane.product = text(open.file, "PRODUCT");
        plane.telescope_name = text(open.file, "TELESCOP");
        plane.datasum = text(open.file, "DATASUM");
        return plane;
    });
}

}  // namespace nocturne
