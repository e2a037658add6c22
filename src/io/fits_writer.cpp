#include "io/fits_writer.hpp"

#include "io/fits.hpp"
#include "io/fits_beams.hpp"
#include "io/fits_memory.hpp"
#include "nocturne/either_sign.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <limits>
#include <string_view>

namespace nocturne {
namespace {

constexpr std::size_t block_bytes = fits::block_bytes, card_bytes = 80;

/// A FITS file in memory that gets keywords alone: its pixels are written past cfitsio, as they go into the product.
class MemoryHeader {
public:
    explicit MemoryHeader(std::array<long, 4> axes)
    {
        int status = 0;
        fits_create_img(file(), FLOAT_IMG, 4, axes.data(), &status);
        fits::check(status, Code::system, "cannot make a FITS file in memory");
    }

    fitsfile* file() const { return memory_.file(); }

    /// All cards and END, filled with blanks to whole blocks.
    std::string text() const
    {
        int n = 0, status = 0;
        fits_get_hdrspace(file(), &n, nullptr, &status);
        std::string all;
        for (int i = 1; i <= n; ++i) {
            char card[FLEN_CARD] = {};
            fits_read_record(file(), i, card, &status);
            all += card;
            all.resize(static_cast<std::size_t>(i) * card_bytes, ' ');
        }
        fits::check(status, Code::io, "cannot read a FITS header back");
        all += "END";
        all.resize((all.size() + block_bytes - 1) / block_bytes * block_bytes, ' ');
        return all;
    }

private:
    fits::MemoryFile memory_;
};

/// "2026-03-01T05:02:34.619" from MJD seconds, UTC.
std::string iso_time(double mjd_s)
{
    namespace chrono = std::chrono;
    auto const ms = static_cast<std::int64_t>(std::llround(mjd_s * 1e3));
    constexpr std::int64_t day_ms = 86'400'000, mjd_of_unix_epoch = 40587;
    auto const day = ms / day_ms;
    auto const date = chrono::year_month_day(chrono::sys_days(chrono::days(day - mjd_of_unix_epoch)));
    auto const rest = ms % day_ms;
    char text[40];
    std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d.%03d", static_cast<int>(date.year()) % 10000,
                  static_cast<unsigned>(date.month()) % 100, static_cast<unsigned>(date.day()) % 100,
                  static_cast<int>(rest / 3'600'000) % 24, static_cast<int>(rest / 60'000 % 60),
                  static_cast<int>(rest / 1000 % 60), static_cast<int>(rest % 1000));
    return text;
}

/// FITS cards hold printable ASCII; anything else becomes a question mark.
std::string printable(std::string text)
{
    for (char& c : text)
        if (c < 32 || c > 126) c = '?';
    return text;
}

/// Writes keywords; the first failure sticks in `status`.
class Keys {
public:
    explicit Keys(fitsfile* file) : file_(file) {}
    void put(char const* key, double value, char const* comment)
    {
        fits_update_key_dbl(file_, key, value, -15, comment, &status);
    }
    void put(char const* key, std::int64_t value, char const* comment)
    {
        fits_update_key_lng(file_, key, value, comment, &status);
    }
    void put(char const* key, bool value, char const* comment)
    {
        fits_update_key_log(file_, key, value, comment, &status);
    }
    void put(char const* key, std::string const& raw, char const* comment)
    {
        auto const value = printable(raw);
        if (value.size() > 60) {
            fits_write_key_longwarn(file_, &status);
            fits_update_key_longstr(file_, key, value.c_str(), comment, &status);
        } else {
            fits_update_key_str(file_, key, value.c_str(), comment, &status);
        }
    }
    void history(std::string const& text) { fits_write_history(file_, printable(text).c_str(), &status); }

    int status = 0;

private:
    fitsfile* file_;
};

/// One axis of the world coordinates.
struct Axis {
    std::string number, type, unit;
    double reference_pixel, value, step;
};

void put_axis(Keys& keys, Axis const& axis)
{
    keys.put(("CTYPE" + axis.number).c_str(), axis.type, nullptr);
    keys.put(("CRPIX" + axis.number).c_str(), axis.reference_pixel, nullptr);
    keys.put(("CRVAL" + axis.number).c_str(), axis.value, nullptr);
    keys.put(("CDELT" + axis.number).c_str(), axis.step, nullptr);
    keys.put(("CUNIT" + axis.number).c_str(), axis.unit, nullptr);
}

void put_coordinates(Keys& keys, Image const& image)
{
    auto const& g = image.geometry;
    double const centre = static_cast<double>(g.n_pixels / 2 + 1), cell = g.cell_rad / degree_rad;
    double const turn = 360;
    double const ra = std::fmod(std::fmod(g.centre.ra.value() / degree_rad, turn) + turn, turn);
    double const dec = g.centre.dec.value() / degree_rad;
    int const stokes = fits::stokes_code(image.stokes);
    NOCT_CHECK(stokes != 0, "an image with an unknown Stokes name");
    put_axis(keys, {"1", "RA---SIN", "deg", centre, ra, -cell});
    put_axis(keys, {"2", "DEC--SIN", "deg", centre, dec, cell});
    auto const& planes = image.planes;
    double const step = planes.size() > 1        ? planes[1].freq_hz - planes[0].freq_hz
                        : image.bandwidth_hz > 0 ? image.bandwidth_hz
                                                 : 1.0;
    put_axis(keys, {"3", "FREQ", "Hz", 1, planes.empty() ? image.freq_hz : planes[0].freq_hz, step});
    put_axis(keys, {"4", "STOKES", "", 1, static_cast<double>(stokes), 1});
    keys.put("LONPOLE", 180.0, "native longitude of the celestial pole");
    keys.put("LATPOLE", dec, "native latitude of the celestial pole");
    keys.put("RADESYS", std::string("ICRS"), nullptr);
    keys.put("EQUINOX", 2000.0, "axes of the ICRS");
    keys.put("SPECSYS", std::string("TOPOCENT"), "frequencies as observed");
}

void put_observation(Keys& keys, Image const& image, FitsHeader const& header)
{
    double const start = image.mid_time_mjd_s - 0.5 * image.duration_s;
    keys.put("TELESCOP", header.telescope_name, nullptr);
    if (!header.object_name.empty()) keys.put("OBJECT", header.object_name, nullptr);
    keys.put("TIMESYS", std::string("UTC"), nullptr);
    keys.put("DATE-OBS", iso_time(start), "start");
    keys.put("MJD-OBS", start / day_s, "[d] start");
    keys.put("DATE-AVG", iso_time(image.mid_time_mjd_s), "middle");
    keys.put("MJD-AVG", image.mid_time_mjd_s / day_s, "[d] middle");
    keys.put("EXPTIME", image.duration_s, "[s] first to last integration");
}

/// Blank where nothing can be said.
bool is_spectral(Image const& image)
{
    return image.product == Product::alpha || image.product == Product::alpha_error;
}

std::string unit_of(Product product)
{
    switch (product) {
        case Product::model:
            return "Jy/pixel";
        case Product::psf:
        case Product::pb:
        case Product::alpha:
        case Product::alpha_error:
            return "";
        case Product::weight:
            return "beam2/Jy2";
        default:
            return "Jy/beam";
    }
}

void put_image(Keys& keys, Image const& image)
{
    keys.put("BUNIT", unit_of(image.product), "unit of the pixels");
    keys.put("BTYPE", std::string(is_spectral(image) ? "Spectral Index" : "Intensity"), nullptr);
    if (fits::has_beams(image.planes)) {  // a plain BMAJ would be taken for that of all
        keys.put("CASAMBM", true, "beams of channels: extension BEAMS");
    } else if (image.beam.major_rad > 0) {
        char const* const width = "[deg] full width at half maximum";
        keys.put("BMAJ", image.beam.major_rad / degree_rad, width);
        keys.put("BMIN", image.beam.minor_rad / degree_rad, width);
        keys.put("BPA", image.beam.pa_rad / degree_rad, "[deg] north through east");
    }
    keys.put("PRODUCT", std::string(name(image.product)), "kind of image");
    keys.put("STOKESNM", image.stokes, "Stokes, or the one hand imaged");
    keys.put("WEIGHTNG", image.weighting, "imaging weights");
    keys.put("ROBUST", image.robust, "robustness (briggs)");
    keys.put("EPSILON", image.epsilon, "relative accuracy asked for");
    if (image.planes.empty()) {  // a cube's channels have their own
        keys.put("NOISE", image.noise_jy, "[Jy/beam] robust rms");
        keys.put("SUMWGT", image.sum_weight, "sum of imaging weights");
        keys.put("FREQMEAN", image.freq_hz, "[Hz] weighted mean");
        keys.put("BANDWID", image.bandwidth_hz, "[Hz]");
    }
    keys.put("ORIGIN", std::string("nocturne"), nullptr);
}

/// What was done to the weights and samples on the way, where something was.
void put_choices(Keys& keys, Image const& image)
{
    if (image.taper_rad > 0) keys.put("UVTAPER", image.taper_rad / arcsec_rad, "[arcsec] Gaussian taper, in the image");
    if (image.uv_min_lambda > 0) keys.put("UVMIN", image.uv_min_lambda, "[lambda] shorter baselines left out");
    if (image.uv_max_lambda > 0) keys.put("UVMAX", image.uv_max_lambda, "[lambda] longer baselines left out");
    if (image.plane.alpha != 0 || image.plane.beta != 0) {
        keys.put("WPLANEU", image.plane.alpha, "w = WPLANEU u + WPLANEV v of the array: how the");
        keys.put("WPLANEV", image.plane.beta, "PSF changes over the image");
    }
    if (image.averaging_loss > 0)
        keys.put("AVGLOSS", image.averaging_loss, "averaged by baseline: most lost in a corner");
}

/// Of each channel of a cube, numbered from 1.
void put_planes(Keys& keys, Image const& image)
{
    for (std::size_t k = 0; k < image.planes.size(); ++k) {
        auto const& plane = image.planes[k];
        auto const number = std::to_string(k + 1);
        if (!(plane.beam.major_rad > 0)) continue;
        keys.put(("BMAJ" + number).c_str(), plane.beam.major_rad / degree_rad, "[deg] of this channel");
        keys.put(("BMIN" + number).c_str(), plane.beam.minor_rad / degree_rad, "[deg] of this channel");
        keys.put(("BPA" + number).c_str(), plane.beam.pa_rad / degree_rad, "[deg] of this channel");
        keys.put(("RMS" + number).c_str(), plane.noise_jy, "[Jy/beam] robust rms of this channel");
        if (plane.array.alpha == 0 && plane.array.beta == 0) continue;
        keys.put(("WPLU" + number).c_str(), plane.array.alpha, "w = WPLUn u + WPLVn v of this channel: how its");
        keys.put(("WPLV" + number).c_str(), plane.array.beta, "PSF changes over the image");
    }
}

/// What CLEAN did, and whether the beam of the dishes is divided out.
void put_clean(Keys& keys, Image const& image)
{
    bool const corrected = image.product == Product::pbcor || image.product == Product::noise ||
                           (!image.beam_model.empty() && is_spectral(image));
    if (image.product != Product::psf) keys.put("PBCOR", corrected, "divided by the primary beam");
    if (!image.beam_model.empty()) keys.put("PBMODEL", image.beam_model, "primary beam: of the dish, or of a file");
    if (image.dish_m > 0) keys.put("PBDISH", image.dish_m, "[m] diameter of the dish");
    if (image.pb_limit > 0) keys.put("PBLIMIT", image.pb_limit, "blank where the primary beam is below");
    if (!image.planes.empty() || image.clean_end.empty()) return;
    keys.put("NITER", image.iterations, "iterations of CLEAN");
    keys.put("NMAJOR", image.major_cycles, "its major cycles");
    keys.put("CLEANEND", image.clean_end, "it ended by threshold, iterations, divergence");
}

/// Four bytes as FITS has them: the most significant first.
std::uint32_t big_endian(float pixel) { return __builtin_bswap32(std::bit_cast<std::uint32_t>(pixel)); }

/// Sums of 32-bit words with the carry brought round (FITS standard 4.0, 4.4.2.7 and appendix J).
std::uint32_t fold(std::uint64_t sum)
{
    while (sum >> 32) sum = (sum & 0xffffffff) + (sum >> 32);
    return static_cast<std::uint32_t>(sum);
}

std::uint64_t sum_of_words(std::string const& bytes)
{
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i + 4 <= bytes.size(); i += 4) {
        std::uint32_t word = 0;
        std::memcpy(&word, bytes.data() + i, 4);
        sum += __builtin_bswap32(word);
    }
    return sum;
}

[[noreturn]] void refuse_pixel(Image const& image)
{
    auto const n = static_cast<std::size_t>(image.geometry.n_pixels);
    std::size_t i = 0;
    while (std::isfinite(image.pixels[i])) ++i;
    throw Error(Code::bad_input, std::string("the ") + name(image.product) + " image holds a value that is not finite",
                "pixel x " + std::to_string(i % n) + ", y " + std::to_string(i / n),
                "look for NaN, infinite or overflowing visibilities in the inputs; nothing was written");
}

struct PixelSums {
    std::uint32_t data = 0;
    float largest = -std::numeric_limits<float>::infinity();
};

/// One look at all pixels. Blank ones (NaN, FITS standard 4.0, 5.3) are allowed where the primary beam ends.
PixelSums look_at_pixels(Image const& image)
{
    auto const n = image.geometry.n_pixels;
    auto const planes = std::max<Index>(1, std::ssize(image.planes));
    NOCT_CHECK(n > 0 && static_cast<Index>(image.pixels.size()) == n * n * planes,
               "an image whose pixels do not fill its geometry");
    std::uint64_t sum = 0;
    std::uint32_t not_finite = 0;
    PixelSums sums;
    bool const either_sign = has_either_sign(image.stokes);
    for (float const pixel : image.pixels) {
        auto const bits = std::bit_cast<std::uint32_t>(pixel);
        sum += bits;  // the word that stands in the file, most significant byte first, has this value
        not_finite |= static_cast<std::uint32_t>((bits & 0x7f800000U) == 0x7f800000U);
        float const size = either_sign ? std::abs(pixel) : pixel;
        sums.largest = size > sums.largest ? size : sums.largest;
    }
    if (not_finite != 0 && !(image.pb_limit > 0) && !is_spectral(image) && image.planes.empty()) refuse_pixel(image);
    sums.data = fold(sum);
    return sums;
}

/// Everything but the value of CHECKSUM.
std::string header_text(Image const& image, FitsHeader const& header, std::uint32_t data_sum)
{
    auto const n = static_cast<long>(image.geometry.n_pixels);
    MemoryHeader const memory({n, n, std::max<long>(1, std::ssize(image.planes)), 1});
    Keys keys(memory.file());
    put_image(keys, image);
    put_clean(keys, image);
    put_choices(keys, image);
    put_planes(keys, image);
    put_coordinates(keys, image);
    put_observation(keys, image, header);
    for (auto const& key : header.keys)
        std::visit([&](auto const& value) { keys.put(key.name.c_str(), value, key.comment.c_str()); }, key.value);
    for (auto const& line : header.history) keys.history(line);
    fits_write_date(memory.file(), &keys.status);
    keys.put("CHECKSUM", std::string(16, '0'), "HDU checksum");
    keys.put("DATASUM", std::to_string(data_sum), "checksum of the data");
    fits::check(keys.status, Code::io, std::string("cannot encode the ") + name(image.product) + " image");
    return memory.text();
}

/// Sets CHECKSUM so that the words of the whole HDU add up to −0.
void put_checksum(std::string& text, std::uint32_t data_sum)
{
    constexpr std::size_t value_at = 11;  // of the card, after CHECKSUM= '
    char encoded[17] = {};
    fits_encode_chksum(fold(sum_of_words(text) + data_sum), 1, encoded);
    std::size_t at = 0;
    while (std::string_view(text).substr(at, 9) != "CHECKSUM=") at += card_bytes;
    text.replace(at + value_at, 16, encoded, 16);
}

void write_pixels(ProductFile& file, std::vector<float> const& pixels)
{
    constexpr std::size_t at_once = 64 * 1024;  // words: stays in a processor's cache
    std::vector<std::uint32_t> words(at_once);
    for (std::size_t done = 0; done < pixels.size(); done += at_once) {
        std::size_t const n = std::min(at_once, pixels.size() - done);
        std::transform(pixels.begin() + static_cast<std::ptrdiff_t>(done),
                       pixels.begin() + static_cast<std::ptrdiff_t>(done + n), words.begin(), big_endian);
        file.write(words.data(), n * sizeof(std::uint32_t));
    }
    std::size_t const tail = pixels.size() * sizeof(float) % block_bytes;
    if (tail != 0) file.write(std::string(block_bytes - tail, '\0'));
}

}  // namespace

WrittenFits write_fits(ProductFile& file, Image const& image, FitsHeader const& header)
{
    return within("file " + file.path(), [&] {
        auto const sums = look_at_pixels(image);
        auto text = header_text(image, header, sums.data);
        put_checksum(text, sums.data);
        file.write(text);
        write_pixels(file, image.pixels);
        if (fits::has_beams(image.planes)) file.write(fits::beams_hdu(image.planes));
        return WrittenFits{std::to_string(sums.data), sums.largest};
    });
}

}  // namespace nocturne
