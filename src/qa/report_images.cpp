// Enters: pictures, sources, PSF cuts, histogram. Leaves: the sections of the report that show the sky.
#include "qa/figures.hpp"
#include "qa/report_sections.hpp"
#include "qa/text.hpp"
#include "qa/wcs.hpp"

#include <algorithm>
#include <cmath>

namespace nocturne {
namespace {

constexpr std::size_t most_rows = 100;

std::string caption_of(ReportPicture const& p)
{
    auto const& picture = p.picture;
    std::string text = std::string("The ") + name(p.product) + " image, north up, east to the left";
    if (picture.step > 1)
        text += print(", means of %lld × %lld pixels", static_cast<long long>(picture.step),
                      static_cast<long long>(picture.step));
    return text + ", shown from " + format_jy(picture.low_jy) + " to " + format_jy(picture.high_jy) + ".";
}

std::string figure(std::string const& drawing, std::string const& caption)
{
    return "<figure>\n" + drawing + "<figcaption>" + escape_html(caption) + "</figcaption>\n</figure>\n";
}

std::string with_error(double value, double error, double unit)
{
    double const scaled = error / unit;
    int const decimals = scaled > 0 ? std::clamp(static_cast<int>(std::ceil(1 - std::log10(scaled))), 0, 4) : 3;
    return format_number(value / unit, decimals) + (error > 0 ? " ± " + format_number(scaled, decimals) : "");
}

std::string source_row(std::size_t number, FoundSource const& s, FluxUnit const& unit)
{
    double const error = s.position_err_rad / arcsec_rad;
    return print("<tr><td>%zu</td><td>%s</td><td>%s</td><td>%s</td><td>%s</td><td>%s</td><td>%.1f</td></tr>\n", number,
                 format_ra(s.position.ra.value()).c_str(), format_dec(s.position.dec.value()).c_str(),
                 format_number(error, error < 0.1 ? 3 : 2).c_str(),
                 with_error(s.peak_jy, s.peak_err_jy, unit.jy).c_str(),
                 with_error(s.flux_jy, s.flux_err_jy, unit.jy).c_str(), s.snr);
}

}  // namespace

std::string image_section(GroupReport const& r)
{
    if (r.pictures.empty()) return "";
    std::string html = "<section>\n<h2>Image</h2>\n";
    html += figure(draw_sky(r.pictures.front(), r.about.beam, r.sources),
                   caption_of(r.pictures.front()) +
                       (r.sources.empty() ? "" : " Circles: sources found, numbered as in the table."));
    std::string more;
    for (std::size_t i = 1; i < r.pictures.size(); ++i)
        if (r.pictures[i].product != Product::psf)
            more += figure(draw_thumbnail(r.pictures[i]), caption_of(r.pictures[i]));
    if (!r.histogram.counts.empty())
        more += figure(draw_histogram(r.histogram, r.about.noise_jy),
                       "Pixel values of the whole image; the line is a Gaussian of the robust noise, " +
                           format_jy(r.about.noise_jy) + "/beam.");
    if (!more.empty()) html += "<div class=\"figures\" style=\"margin-top:26px\">\n" + more + "</div>\n";
    return html + "</section>\n";
}

std::string source_section(GroupReport const& r)
{
    if (r.pictures.empty()) return "";
    std::string html = print("<section>\n<h2>Sources found</h2>\n");
    std::string const rule =
        print("above %g times the local noise", r.source_threshold_sigma) +
        (r.source_floor_jy > 0 ? " and above " + format_jy(r.source_floor_jy) +
                                     ", what sidelobes of the brightest can reach before deconvolution"
                               : "");
    if (r.sources.empty()) return html + "<p class=\"note\">None " + escape_html(rule) + ".</p>\n</section>\n";
    auto const unit = flux_unit(r.sources.front().peak_jy);
    html += print(
        "<div class=\"scroll\"><table>\n<thead><tr><th>#</th><th>Right ascension</th><th>Declination</th>"
        "<th>Error (″)</th><th>Peak (%s/beam)</th><th>Flux density (%s)</th><th>S/N</th></tr></thead>\n<tbody>\n",
        unit.name, unit.name);
    std::size_t const rows = std::min(most_rows, r.sources.size());
    for (std::size_t i = 0; i < rows; ++i) html += source_row(i + 1, r.sources[i], unit);
    html += "</tbody></table></div>\n<p class=\"note\">Peaks " + escape_html(rule) + ".";
    if (rows < r.sources.size())
        html += " The " + format_count(static_cast<std::int64_t>(rows)) + " brightest of " +
                format_count(static_cast<std::int64_t>(r.sources.size())) + " are listed.";
    return html +
           " Positions ICRS, errors one standard deviation; flux densities are not corrected for the primary beam "
           "unless "
           "the image is.</p>\n</section>\n";
}

std::string psf_section(GroupReport const& r)
{
    std::string figures;
    for (auto const& p : r.pictures)
        if (p.product == Product::psf)
            figures += figure(draw_thumbnail(p), print("Central part of the PSF, from %.2f to %.2f.", p.picture.low_jy,
                                                       p.picture.high_jy));
    if (!r.psf_cut_x.empty() && r.psf_cut_x.size() == r.psf_cut_y.size())
        figures += figure(draw_cuts(r.psf_cut_x, r.psf_cut_y, r.about.geometry.cell_rad),
                          print("Cuts through the peak. Largest sidelobe %.1f %% of it.", 100 * r.psf_sidelobe));
    if (!r.uv_klambda.empty())
        figures += figure(draw_uv(r.uv_klambda), "A part of the uv points used, with their mirror images.");
    if (figures.empty()) return "";
    return "<section>\n<h2>Point spread function</h2>\n<div class=\"figures\">\n" + figures + "</div>\n</section>\n";
}

}  // namespace nocturne
