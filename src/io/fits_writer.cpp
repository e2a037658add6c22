#include "io/fits_writer.hpp"

#include "io/fits.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>

namespace nocturne {
namespace {

/// A FITS file that grows in memory, so that every byte on a medium is written by ProductFile.
class MemoryFits {
public:
    explicit MemoryFits(std::size_t expected_bytes) : size_(expected_bytes), memory_(std::malloc(expected_bytes))
    {
        if (!memory_) throw Error(Code::system, "out of host memory", "a FITS image is made in memory", "free memory");
        int status = 0;
        fits_create_memfile(&file_, &memory_, &size_, 2880 * 64, std::realloc, &status);
        fits::check(status, Code::system, "cannot make a FITS file in memory");
    }
    ~MemoryFits()
    {
        int ignored = 0;
        if (file_) fits_close_file(file_, &ignored);
        std::free(memory_);
    }
    MemoryFits(MemoryFits const&) = delete;
    MemoryFits& operator=(MemoryFits const&) = delete;

    fitsfile* file() const { return file_; }

    std::vector<char> finish()
    {
        int status = 0;
        LONGLONG header = 0, data = 0, end = 0;
        fits_flush_file(file_, &status);
        fits_get_hduaddrll(file_, &header, &data, &end, &status);
        fits_close_file(file_, &status);
        file_ = nullptr;
        fits::check(status, Code::io, "cannot finish a FITS image");
        auto const* bytes = static_cast<char const*>(memory_);
        return {bytes, bytes + end};
    }

private:
    std::size_t size_;
    void* memory_;
    fitsfile* file_ = nullptr;
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
    put_axis(keys, {"3", "FREQ", "Hz", 1, image.freq_hz, image.bandwidth_hz > 0 ? image.bandwidth_hz : 1.0});
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

std::string unit_of(Product product)
{
    switch (product) {
        case Product::model:
            return "Jy/pixel";
        case Product::psf:
        case Product::pb:
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
    keys.put("BTYPE", std::string("Intensity"), nullptr);
    if (image.beam.major_rad > 0) {
        keys.put("BMAJ", image.beam.major_rad / degree_rad, "[deg] full width at half maximum");
        keys.put("BMIN", image.beam.minor_rad / degree_rad, "[deg] full width at half maximum");
        keys.put("BPA", image.beam.pa_rad / degree_rad, "[deg] north through east");
    }
    keys.put("PRODUCT", std::string(name(image.product)), "kind of image");
    keys.put("STOKESNM", image.stokes, "I, or the one hand imaged");
    keys.put("WEIGHTNG", image.weighting, "imaging weights");
    keys.put("ROBUST", image.robust, "robustness (briggs)");
    keys.put("EPSILON", image.epsilon, "relative accuracy asked for");
    keys.put("NOISE", image.noise_jy, "[Jy/beam] robust rms");
    keys.put("SUMWGT", image.sum_weight, "sum of imaging weights");
    keys.put("FREQMEAN", image.freq_hz, "[Hz] weighted mean");
    keys.put("BANDWID", image.bandwidth_hz, "[Hz]");
    keys.put("ORIGIN", std::string("nocturne"), nullptr);
}

/// What CLEAN did, and whether the beam of the dishes is divided out.
void put_clean(Keys& keys, Image const& image)
{
    bool const corrected = image.product == Product::pbcor || image.product == Product::noise;
    if (image.product != Product::psf) keys.put("PBCOR", corrected, "divided by the primary beam");
    if (image.dish_m > 0) {
        keys.put("PBMODEL", std::string("AIRY"), "primary beam: Airy pattern of the dish");
        keys.put("PBDISH", image.dish_m, "[m] diameter of the dish");
    }
    if (image.pb_limit > 0) keys.put("PBLIMIT", image.pb_limit, "blank where the primary beam is below");
    if (image.major_cycles == 0 && image.iterations == 0) return;
    keys.put("NITER", image.iterations, "iterations of CLEAN");
    keys.put("NMAJOR", image.major_cycles, "its major cycles");
}

/// Blank pixels (NaN, FITS standard 4.0, 5.3) are allowed where the primary beam ends.
void check_pixels(Image const& image)
{
    if (image.pb_limit > 0) return;
    auto const n = image.geometry.n_pixels;
    NOCT_CHECK(n > 0 && static_cast<Index>(image.pixels.size()) == n * n,
               "an image whose pixels do not fill its geometry");
    for (std::size_t i = 0; i < image.pixels.size(); ++i)
        if (!std::isfinite(image.pixels[i]))
            throw Error(Code::bad_input,
                        std::string("the ") + name(image.product) + " image holds a value that is not finite",
                        "pixel x " + std::to_string(i % static_cast<std::size_t>(n)) + ", y " +
                            std::to_string(i / static_cast<std::size_t>(n)),
                        "look for NaN, infinite or overflowing visibilities in the inputs; nothing was written");
}

}  // namespace

FitsBytes encode_fits(Image const& image, FitsHeader const& header)
{
    check_pixels(image);
    long axes[4] = {static_cast<long>(image.geometry.n_pixels), static_cast<long>(image.geometry.n_pixels), 1, 1};
    auto const n = static_cast<LONGLONG>(image.pixels.size());
    MemoryFits memory(image.pixels.size() * sizeof(float) + 2880 * 64);
    Keys keys(memory.file());
    fits_create_img(memory.file(), FLOAT_IMG, 4, axes, &keys.status);
    put_image(keys, image);
    put_clean(keys, image);
    put_coordinates(keys, image);
    put_observation(keys, image, header);
    for (auto const& key : header.keys)
        std::visit([&](auto const& value) { keys.put(key.name.c_str(), value, key.comment.c_str()); }, key.value);
    for (auto const& line : header.history) keys.history(line);
    fits_write_date(memory.file(), &keys.status);
    fits_write_img_flt(memory.file(), 1, 1, n, const_cast<float*>(image.pixels.data()), &keys.status);
    fits_write_chksum(memory.file(), &keys.status);
    fits_modify_comment(memory.file(), "DATASUM", "checksum of the data", &keys.status);  // cfitsio puts the time there
    fits_update_chksum(memory.file(), &keys.status);
    char datasum[FLEN_VALUE] = {};
    fits_read_key_str(memory.file(), "DATASUM", datasum, nullptr, &keys.status);
    fits::check(keys.status, Code::io, std::string("cannot encode the ") + name(image.product) + " image");
    return {memory.finish(), datasum};
}

std::string write_fits(ProductFile& file, Image const& image, FitsHeader const& header)
{
    return within("file " + file.path(), [&] {
        auto const encoded = encode_fits(image, header);
        file.write(encoded.bytes.data(), encoded.bytes.size());
        return encoded.datasum;
    });
}

}  // namespace nocturne
