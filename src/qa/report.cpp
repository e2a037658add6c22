// Enters: a GroupReport. Leaves: one HTML page.
#include "qa/report.hpp"

#include "qa/report_sections.hpp"
#include "qa/report_style.hpp"
#include "qa/text.hpp"
#include "qa/wcs.hpp"

#include <algorithm>
#include <cmath>

namespace nocturne {
namespace {

std::string fact(std::string const& name, std::string const& value, std::string const& more = "")
{
    return "<div><dt>" + name + "</dt><dd>" + escape_html(value) +
           (more.empty() ? "" : "<small>" + escape_html(more) + "</small>") + "</dd></div>\n";
}

bool is_imaged(GroupReport const& r) { return r.about.geometry.n_pixels > 0; }

std::string verdict_sentence(GroupReport const& r)
{
    if (!r.verdict_reason.empty()) return r.verdict_reason;
    std::string text;
    for (auto const& gate : r.gates)
        if (gate.verdict != Verdict::pass)
            text += (text.empty() ? "" : "; ") + gate.name + " " + gate.value + " (wanted " + gate.wanted + ")";
    if (!text.empty()) return text;
    return is_imaged(r) ? "Imaged; nothing found that asks for attention."
                        : "Solved; nothing found that asks for attention.";
}

std::string present_of_expected(GroupReport const& r)
{
    auto const present = std::count_if(r.inputs.begin(), r.inputs.end(), [](auto const& i) { return i.present(); });
    std::string missing;
    for (auto const& input : r.inputs)
        if (!input.present()) missing += (missing.empty() ? "missing: " : ", ") + print("sb%02d", input.subband);
    return fact("Subbands", print("%d of %zu", static_cast<int>(present), r.inputs.size()),
                missing.empty() ? "all present" : missing);
}

std::string image_facts(GroupReport const& r)
{
    auto const& a = r.about;
    std::string html = fact(
        "Centre (ICRS)", format_ra(a.geometry.centre.ra.value()) + " " + format_dec(a.geometry.centre.dec.value()),
        print("%.5f°, %+.5f°", a.geometry.centre.ra.value() / degree_rad, a.geometry.centre.dec.value() / degree_rad));
    html += fact("Noise", format_jy(a.noise_jy) + "/beam",
                 a.noise_jy > 0 ? print("peak %.0f × noise", std::abs(r.peak_jy) / a.noise_jy) : "");
    html += fact("Peak", format_jy(r.peak_jy) + "/beam");
    html += fact("Sources found", format_count(static_cast<std::int64_t>(r.sources.size())),
                 print("above %g σ", r.source_threshold_sigma));
    if (a.beam.major_rad > 0)
        html += fact("Beam", print("%.2f″ × %.2f″", a.beam.major_rad / arcsec_rad, a.beam.minor_rad / arcsec_rad),
                     print("position angle %.1f°", a.beam.pa_rad / degree_rad));
    html += fact(
        "Pixels",
        print("%lld × %lld", static_cast<long long>(a.geometry.n_pixels), static_cast<long long>(a.geometry.n_pixels)),
        print("%.3g″ each, %.2f° across", a.geometry.cell_rad / arcsec_rad,
              static_cast<double>(a.geometry.n_pixels) * a.geometry.cell_rad / degree_rad));
    auto const weighting = a.weighting == "briggs" ? print("briggs, robust %g", a.robust) : a.weighting;
    return html + fact("Weighting", weighting.empty() ? "not stated" : weighting,
                       "Stokes " + a.stokes + print(", ε %.1g", a.epsilon));
}

std::string facts(GroupReport const& r)
{
    auto const& a = r.about;
    std::string html = "<dl class=\"facts\">\n";
    if (is_imaged(r)) html += image_facts(r);
    if (!r.inputs.empty()) html += present_of_expected(r);
    html += fact("Frequency", print("%.3f MHz", a.freq_hz / 1e6), print("bandwidth %.2f MHz", a.bandwidth_hz / 1e6));
    html +=
        fact("Middle of observation (UTC)", format_utc(a.mid_time_mjd_s), "duration " + format_seconds(a.duration_s));
    if (r.wall_s > 0) html += fact("Time taken", format_seconds(r.wall_s));
    return html + "</dl>\n";
}

char const* word(Verdict verdict)
{
    switch (verdict) {
        case Verdict::pass:
            return "pass";
        case Verdict::warn:
            return "warn";
        case Verdict::fail:
            return "fail";
    }
    return "fail";
}

std::string page_header(GroupReport const& r)
{
    std::string const kind = word(r.verdict);
    std::string badge = kind;
    std::transform(badge.begin(), badge.end(), badge.begin(), [](char c) { return static_cast<char>(c - 'a' + 'A'); });
    return "<header>\n<p class=\"over\">" +
           escape_html(r.telescope.empty() ? "Nocturne" : r.telescope + " · Nocturne") + "</p>\n<h1>Group " +
           escape_html(r.group_id) + "</h1>\n<p class=\"verdict\"><span class=\"badge " + kind + "\">" + badge +
           "</span><span>" + escape_html(verdict_sentence(r)) + "</span></p>\n" + facts(r) + "</header>\n";
}

}  // namespace

std::string render_report(GroupReport const& report)
{
    std::string html =
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
        "<meta name=\"color-scheme\" content=\"light dark\">\n<title>Group " +
        escape_html(report.group_id) + "</title>\n<style>" + report_style + "</style>\n</head>\n<body>\n<main>\n";
    html += page_header(report);
    html += image_section(report);
    html += source_section(report);
    html += candidate_section(report);
    html += psf_section(report);
    html += gate_section(report);
    html += sample_section(report);
    html += calibration_section(report);
    html += stage_section(report);
    html += provenance_section(report);
    return html + "</main>\n</body>\n</html>\n";
}

std::string escape_html(std::string const& text)
{
    constexpr char unknown[] = "\xef\xbf\xbd";
    std::string safe;
    for (std::size_t i = 0; i < text.size();) {
        auto const byte = static_cast<unsigned char>(text[i]);
        std::size_t const length =
            byte < 0x80 ? 1
                        : (byte >= 0xc2 && byte < 0xe0
                               ? 2
                               : (byte >= 0xe0 && byte < 0xf0 ? 3 : (byte >= 0xf0 && byte < 0xf5 ? 4 : 0)));
        bool whole = length > 0 && i + length <= text.size();
        for (std::size_t k = 1; whole && k < length; ++k)
            whole = (static_cast<unsigned char>(text[i + k]) & 0xc0U) == 0x80;
        if (!whole || (byte < 0x20 && byte != '\n' && byte != '\t') || byte == 0x7f) {
            safe += unknown;
            ++i;
            continue;
        }
        switch (text[i]) {
            case '&':
                safe += "&amp;";
                break;
            case '<':
                safe += "&lt;";
                break;
            case '>':
                safe += "&gt;";
                break;
            case '"':
                safe += "&quot;";
                break;
            case '\'':
                safe += "&#39;";
                break;
            default:
                safe.append(text, i, length);
        }
        i += length;
    }
    return safe;
}

}  // namespace nocturne
