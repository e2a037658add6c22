// Verb `fit`: the source nearest a position of an image: place, peak and flux density with errors.
#include "cli/sky_position.hpp"
#include "cli/verb.hpp"
#include "io/fits_reader.hpp"
#include "nocturne/beam_note.hpp"
#include "nocturne/either_sign.hpp"
#include "nocturne/lobe.hpp"
#include "qa/gaussian_fit.hpp"
#include "qa/text.hpp"
#include "qa/wcs.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <iostream>
#include <map>
#include <memory>

#include <spdlog/spdlog.h>

namespace nocturne::cli {
namespace fit_verb {

struct Options {
    std::string image, at, method = "auto";
    Index box = 0, plane = 0;  ///< plane: from 1; 0: the only one
};

/// Pixels of a plane (from 0) and directions: the SIN projection of qa/wcs.hpp with the plane's own reference pixel.
class PlaneSky {
public:
    explicit PlaneSky(FitsPlane const& plane)
        : geometry_{0,
                    std::abs(plane.cdelt_y_deg) * degree_rad,
                    {degrees(plane.crval_ra_deg), degrees(plane.crval_dec_deg)}},
          x0_(plane.crpix_x - 1),
          y0_(plane.crpix_y - 1),
          x_scale_(-plane.cdelt_x_deg / std::abs(plane.cdelt_y_deg)),
          y_scale_(plane.cdelt_y_deg / std::abs(plane.cdelt_y_deg))
    {}
    std::optional<PixelPosition> pixel(Direction direction) const
    {
        auto const p = sky_to_pixel(geometry_, direction);
        if (!p) return std::nullopt;
        return PixelPosition{x0_ + p->x / x_scale_, y0_ + p->y / y_scale_};
    }
    std::optional<Direction> sky(PixelPosition p) const
    {
        return pixel_to_sky(geometry_, {(p.x - x0_) * x_scale_, (p.y - y0_) * y_scale_});
    }
    double cell_rad() const { return geometry_.cell_rad; }
    /// Flux densities of dirty images by the beam that a source there is seen with.
    void as_seen_there(ArrayPlane const& array, SourceFit& fit) const
    {
        take_local_beam(array, -(fit.x - x0_) * x_scale_ * cell_rad(), (fit.y - y0_) * y_scale_ * cell_rad(), fit);
    }

private:
    ImageGeometry geometry_;
    double x0_, y0_, x_scale_, y_scale_;
};

View<float const, 2> view_of(FitsPlane const& plane) { return make_view(plane.pixels.data(), plane.n_y, plane.n_x); }

/// STEM of STEM-dirty.fits and its like; "" where the name does not end so.
std::string stem_before(std::string const& path, std::string const& product)
{
    auto const ending = "-" + product + ".fits";
    bool const matches =
        path.size() > ending.size() && path.compare(path.size() - ending.size(), ending.size(), ending) == 0;
    return matches ? path.substr(0, path.size() - ending.size()) : "";
}

std::string product_of(FitsPlane const& plane, std::string const& path)
{
    if (!plane.product.empty()) return plane.product;
    for (auto const* product : {"dirty", "residual", "psf", "image", "pbcor", "model"})
        if (!stem_before(path, product).empty()) return product;
    return "";
}

FitMethod method_of(Options const& options, std::string const& product)
{
    if (options.method == "gaussian") return FitMethod::gaussian;
    if (options.method == "beam") return FitMethod::beam;
    if (options.method == "peak") return FitMethod::peak;
    return product == "dirty" || product == "residual" || product == "psf" ? FitMethod::peak : FitMethod::gaussian;
}

char const* word(FitMethod method)
{
    return method == FitMethod::gaussian ? "gaussian" : (method == FitMethod::beam ? "beam" : "peak");
}

/// The beam of the header, else that of the PSF beside the image, else none; in pixels.
Ellipse beam_in_pixels(FitsPlane const& plane, std::string const& path, std::string const& product, double cell_rad)
{
    if (plane.beam.major_rad > 0)
        return {plane.beam.major_rad / cell_rad, plane.beam.minor_rad / cell_rad, plane.beam.pa_rad};
    auto const stem = stem_before(path, product);
    if (stem.empty() || !std::filesystem::exists(stem + "-psf.fits")) return {};
    auto const psf = read_fits(stem + "-psf.fits");
    return widths_of_peak(view_of(psf), psf.n_y / 2, psf.n_x / 2);
}

/// Pixels of a corrected image, times the primary beam beside it: there a source has the shape of the restoring beam, and noise is even.
/// Divided by the beam's slope, its peak stands off by σ² ∇ln(1/A).
class BeamSlope {
public:
    BeamSlope(FitsPlane& plane, std::string const& path, std::string const& product)
    {
        auto const stem = product == "pbcor" ? stem_before(path, product) : "";
        if (stem.empty() || !std::filesystem::exists(stem + "-pb.fits")) return;
        auto beam = read_fits(stem + "-pb.fits");
        if (beam.n_x != plane.n_x || beam.n_y != plane.n_y || beam.crval_ra_deg != plane.crval_ra_deg ||
            beam.crval_dec_deg != plane.crval_dec_deg || beam.cdelt_y_deg != plane.cdelt_y_deg)
            return;
        beam_ = std::move(beam);
        for (std::size_t i = 0; i < plane.pixels.size(); ++i) plane.pixels[i] *= beam_.pixels[i];
    }
    /// As the corrected image has it.
    void put_back(SourceFit& fit, LocalNoise& noise) const
    {
        if (beam_.pixels.empty()) return;
        double const beam = at(fit.x, fit.y);
        for (double* value :
             {&fit.peak_jy, &fit.peak_err_jy, &fit.flux_jy, &fit.flux_err_jy, &noise.rms_jy, &noise.rms_err_jy})
            *value /= beam;
    }

private:
    double at(double x, double y) const
    {
        auto const left = std::clamp<Index>(static_cast<Index>(x), 0, beam_.n_x - 2),
                   below = std::clamp<Index>(static_cast<Index>(y), 0, beam_.n_y - 2);
        auto const pixel = [&](Index i, Index j) {
            return static_cast<double>(beam_.pixels[static_cast<std::size_t>((below + j) * beam_.n_x + left + i)]);
        };
        double const u = x - static_cast<double>(left), v = y - static_cast<double>(below);
        return (1 - v) * ((1 - u) * pixel(0, 0) + u * pixel(1, 0)) + v * ((1 - u) * pixel(0, 1) + u * pixel(1, 1));
    }
    FitsPlane beam_;
};

/// Pixels in Jy.
void scale_to_jy(FitsPlane& plane)
{
    auto const& unit = plane.unit;
    auto const prefix = unit.substr(0, std::min(unit.find("Jy"), unit.find("JY")));
    auto const rest = unit.substr(std::min(unit.size(), prefix.size() + 2));
    bool const of_beam = rest == "/beam" || rest == "/BEAM" || rest == " beam-1" || rest == ".beam-1" ||
                         rest == " beam^-1" || rest == "/bm";
    std::map<std::string, float> const factors{{"", 1}, {"m", 1e-3F}, {"u", 1e-6F}};
    auto const factor = factors.find(prefix);
    if (!unit.empty() && (!of_beam || factor == factors.end()))
        throw Error(Code::bad_input, "the image is not in Jy/beam", "BUNIT is '" + unit + "'",
                    "give an image in Jy/beam, mJy/beam or uJy/beam");
    if (unit.empty() || factor->second == 1) return;
    for (float& pixel : plane.pixels) pixel *= factor->second;
}

struct Measured {
    double freq_hz = 0;
    SourceFit fit;
    LocalNoise noise;
    Direction sky, sky_err;  ///< sky_err: of the coordinates themselves (right ascension not times cos δ)
    FitMethod method = FitMethod::gaussian;
    std::vector<std::string> notes;
};

/// What keeps the results from being as good as their errors say.
std::vector<std::string> notes_of(SourceFit const& fit, Ellipse const& beam)
{
    std::vector<std::string> notes;
    if (beam.minor > 0 && beam.minor < least_beam_px) notes.push_back(note_of_narrow_beam(beam.minor));
    if (fit.misfit > 1.5)
        notes.push_back(
            print("the residual of the fit is %.3g times the noise: the source is no Gaussian, not alone, "
                  "or its pixels are too few; the errors are as many times larger",
                  fit.misfit));
    return notes;
}

/// First order: the change of the direction over one pixel each way, times the errors.
Direction errors_on_sky(PlaneSky const& sky, SourceFit const& fit, Direction at)
{
    auto const east = sky.sky({fit.x + 1, fit.y}), north = sky.sky({fit.x, fit.y + 1});
    if (!east || !north) return {};
    auto const turn = [&](Direction d) { return std::remainder(d.ra.value() - at.ra.value(), 2 * pi); };
    auto const rise = [&](Direction d) { return d.dec.value() - at.dec.value(); };
    return {Radians(std::hypot(turn(*east) * fit.x_err, turn(*north) * fit.y_err)),
            Radians(std::hypot(rise(*east) * fit.x_err, rise(*north) * fit.y_err))};
}

Measured measure(Options const& options)
{
    auto const where = parse_position(options.at, "--at");
    auto plane = read_fits(options.image, std::max<Index>(1, options.plane));
    if (options.plane == 0 && plane.n_planes > 1)
        throw Error(Code::usage, "file " + options.image + " has " + std::to_string(plane.n_planes) + " planes",
                    "nobody says which one is to be measured", "say --plane N, from 1");
    return within("file " + options.image, [&] {
        PlaneSky const sky(plane);
        auto const pixel = sky.pixel(where);
        if (!pixel)
            throw Error(Code::bad_input, "no source could be measured",
                        "the position is 90° or more from the image's centre", "give a position inside the image");
        auto const product = product_of(plane, options.image);
        auto const beam = beam_in_pixels(plane, options.image, product, sky.cell_rad());
        scale_to_jy(plane);
        BeamSlope const slope(plane, options.image, product);
        Measured m;
        m.freq_hz = plane.freq_hz;
        m.method = method_of(options, product);
        double const width = beam.major > 0 ? beam.major : 5;
        Index const box = options.box > 0 ? options.box : std::llround(3 * width);
        LocalNoiseArgs around{pixel->x, pixel->y, std::max<Index>(64, box + std::llround(15 * width))};
        around.hole = 2 * width + 0.5 * static_cast<double>(box);
        around.beam_area_pixels = beam.major > 0 ? pi / (4 * std::log(2.0)) * beam.major * beam.minor : width * width;
        m.noise = measure_local_noise(view_of(plane), around);
        m.fit = fit_source({view_of(plane), pixel->x, pixel->y, options.box, beam, m.noise.rms_jy, m.method,
                            has_either_sign(plane.stokes)});
        sky.as_seen_there(plane.array, m.fit);
        m.notes = notes_of(m.fit, beam);
        slope.put_back(m.fit, m.noise);
        auto const direction = sky.sky({m.fit.x, m.fit.y});
        if (!direction)
            throw Error(Code::bad_input, "no source could be measured", "it lies beyond the horizon", "choose another");
        m.sky = *direction;
        m.sky_err = errors_on_sky(sky, m.fit, m.sky);
        return m;
    });
}

nlohmann::ordered_json json_of(Measured const& m)
{
    nlohmann::ordered_json document;
    auto const put = [&](char const* name, double value, double error) {
        document[name] = value;
        document[std::string(name) + "_err"] = error;
    };
    put("ra_deg", m.sky.ra.value() / degree_rad, m.sky_err.ra.value() / degree_rad);
    put("dec_deg", m.sky.dec.value() / degree_rad, m.sky_err.dec.value() / degree_rad);
    put("x_pix", m.fit.x + 1, m.fit.x_err);
    put("y_pix", m.fit.y + 1, m.fit.y_err);
    put("peak_jy_beam", m.fit.peak_jy, m.fit.peak_err_jy);
    put("flux_jy", m.fit.flux_jy, m.fit.flux_err_jy);
    put("rms_jy_beam", m.noise.rms_jy, m.noise.rms_err_jy);
    document["method"] = word(m.method);
    document["freq_hz"] = m.freq_hz;
    document["notes"] = m.notes;
    return document;
}

void print_text(Measured const& m)
{
    double const arcsec = 1 / arcsec_rad;
    std::cout << "position  " << format_ra(m.sky.ra.value(), 3) << " " << format_dec(m.sky.dec.value(), 2)
              << print("  ± %.3f\" %.3f\"", m.sky_err.ra.value() * std::cos(m.sky.dec.value()) * arcsec,
                       m.sky_err.dec.value() * arcsec);
    std::cout << print("\npixel     %.3f %.3f  ± %.3f %.3f  (FITS, from 1)\n", m.fit.x + 1, m.fit.y + 1, m.fit.x_err,
                       m.fit.y_err)
              << print("peak      %.6g ± %.2g Jy/beam\n", m.fit.peak_jy, m.fit.peak_err_jy)
              << print("flux      %.6g ± %.2g Jy\n", m.fit.flux_jy, m.fit.flux_err_jy)
              << print("rms       %.3g ± %.1g Jy/beam around it\n", m.noise.rms_jy, m.noise.rms_err_jy) << "method    "
              << word(m.method) << std::endl;
}

std::function<int()> declare(App& app, Globals const& globals)
{
    auto options = std::make_shared<Options>();
    app.add_option("image", options->image, "FITS image of the sky (SIN projection)")->required();
    app.add_option("--at", options->at, "Where to look: RA,DEC in degrees, or hh:mm:ss,dd:mm:ss (ICRS)")->required();
    app.add_option("--box", options->box, "Side of the box searched and fitted, in pixels; 0 = three beams")
        ->in_range(0, 4096);
    app.add_option("--plane", options->plane, "Plane of a cube, from 1")->in_range(1, 1 << 20);
    app.add_option(
           "--method", options->method,
           "peak: maximum of the band-limited interpolation (dirty images; free of the shape of the PSF); gaussian: "
           "elliptical Gaussian and constant; beam: the same with the beam's shape; auto: peak for dirty, residual "
           "and psf, else gaussian")
        ->one_of({"auto", "peak", "gaussian", "beam"});
    app.footer(
        "Of STEM-pbcor.fits the fit is made with the beam of STEM-pb.fits taken in, and its results are divided by "
        "it:\n"
        "the beam's slope moves no position.\n"
        "x_pix and y_pix count from 1, as FITS does. Errors are one standard deviation; ra_deg_err is of the\n"
        "coordinate itself, not multiplied by cos(dec).");
    return [options, &globals] {
        auto const measured = measure(*options);
        for (auto const& note : measured.notes) spdlog::warn("{}", note);
        if (globals.json)
            print_json(json_of(measured));
        else
            print_text(measured);
        return 0;
    };
}

VerbRegistrar const here{{"fit", "Position, peak and flux density of a source in an image", &declare}};

}  // namespace fit_verb
}  // namespace nocturne::cli
