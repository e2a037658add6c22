// Enters: what stood out in single integrations. Leaves: the section of the report on it.
#include "qa/report_sections.hpp"
#include "qa/text.hpp"

#include <algorithm>

namespace nocturne {
namespace {

constexpr std::size_t most_candidates = 100;

std::string row_of(Candidate const& one)
{
    return print("<tr><td>%lld</td><td>%s</td><td>%.5f</td><td>%+.5f</td><td>%.3f</td><td>%.1f</td></tr>\n",
                 static_cast<long long>(one.integration), format_utc(one.time_mjd_s).c_str(),
                 one.at.ra.value() / degree_rad, one.at.dec.value() / degree_rad, 1e3 * one.flux_jy, one.snr());
}

}  // namespace

std::string candidate_section(GroupReport const& r)
{
    if (r.snapshots_searched == 0) return "";
    std::string html = "<section>\n<h2>Single integrations</h2>\n";
    auto const searched = format_count(r.snapshots_searched) + print(" integrations were imaged one by one; ");
    auto const rule = print("more than %g times the noise, brighter or fainter", r.detect_sigma);
    if (r.candidates.empty())
        return html + "<p class=\"note\">" + searched + "nothing stands out in one (" + rule + ").</p>\n</section>\n";
    html +=
        "<div class=\"scroll\"><table>\n<thead><tr><th>Integration</th><th>Middle (UTC)</th><th>RA (°)</th>"
        "<th>Dec (°)</th><th>Flux density (mJy)</th><th>S/N</th></tr></thead>\n<tbody>\n";
    std::size_t const rows = std::min(most_candidates, r.candidates.size());
    for (std::size_t i = 0; i < rows; ++i) html += row_of(r.candidates[i]);
    html += "</tbody></table></div>\n<p class=\"note\">" + searched + "these stand out (" + rule + ").";
    if (rows < r.candidates.size())
        html += " The first " + format_count(static_cast<std::int64_t>(rows)) + " of " +
                format_count(static_cast<std::int64_t>(r.candidates.size())) + " are listed.";
    return html +
           " Positions ICRS; flux densities as the primary beam lets them through, below zero where "
           "an integration is fainter there.</p>\n</section>\n";
}

}  // namespace nocturne
