// Enters: pixels of one integration, or four fluxes of one place. Leaves: what stands out.
#include "stages/image/snapshot_peak.hpp"

#include <algorithm>
#include <map>

namespace nocturne {
namespace {

/// What a change of one image by 1 makes of D of the second and the third; its flux and its significance.
struct EndFit {
    double flux_jy, chi2;
};

/// So many changes of one sign in an integration are hardly those of single sources.
constexpr std::ptrdiff_t least_of_one_sign = 3;

using Row = std::array<double, 4>;

/// D of image k, from the images on both its sides.
Row row_of(std::array<double, 4> const& time_s, std::size_t k)
{
    double const share = (time_s[k] - time_s[k - 1]) / (time_s[k + 1] - time_s[k - 1]);
    Row row{};
    row[k - 1] = share - 1;
    row[k] = 1;
    row[k + 1] = -share;
    return row;
}

double dot(Row const& a, Row const& b) { return a[0] * b[0] + a[1] * b[1] + a[2] * b[2] + a[3] * b[3]; }

/// By how much the candidates of one integration are off their steady fluxes; "" where these are not all known.
std::string share_text(std::vector<Candidate> const& all, std::vector<double> const& steady_jy, std::size_t first,
                       std::size_t n)
{
    std::vector<double> percent;
    for (std::size_t i = first; i < first + n; ++i)
        if (steady_jy[i] > 3 * all[i].noise_jy) percent.push_back(100 * std::abs(all[i].flux_jy) / steady_jy[i]);
    if (percent.size() < n) return "";
    std::sort(percent.begin(), percent.end());
    return ", by " + std::to_string(std::lround(percent[n / 2])) + " %";
}

}  // namespace

Top top_of(std::vector<float> const& pixels, Index n)
{
    auto const farther = [](float a, float b) { return std::abs(a) < std::abs(b); };
    auto const at = static_cast<Index>(std::max_element(pixels.begin(), pixels.end(), farther) - pixels.begin());
    Index const x = at % n, y = at / n;
    double const sign = pixels[static_cast<std::size_t>(at)] < 0 ? -1 : 1;
    auto const value = [&](Index row, Index column) {
        return sign * static_cast<double>(pixels[static_cast<std::size_t>(row * n + column)]);
    };
    Top top{static_cast<double>(x), static_cast<double>(y), value(y, x), 0};
    auto const refine = [&](double below, double above, double& place) {
        double const middle = value(y, x), bend = below - 2 * middle + above;
        if (!(bend < 0)) return;
        double const shift = 0.5 * (below - above) / bend;
        place += shift;
        top.flux_jy -= 0.25 * (below - above) * shift;
    };
    if (x > 0 && x + 1 < n) refine(value(y, x - 1), value(y, x + 1), top.x);
    if (y > 0 && y + 1 < n) refine(value(y - 1, x), value(y + 1, x), top.y);
    top.flux_jy *= sign;
    return top;
}

int changed_at_end(EndSeries const& series, bool brightens)
{
    auto const a = row_of(series.time_s, 1), b = row_of(series.time_s, 2);
    double const aa = dot(a, a), ab = dot(a, b), bb = dot(b, b), det = aa * bb - ab * ab;
    auto const product = [&](double p1, double p2, double q1, double q2) {
        return (bb * p1 * q1 - ab * (p1 * q2 + p2 * q1) + aa * p2 * q2) / det;
    };
    double const za = dot(a, series.flux_jy), zb = dot(b, series.flux_jy);
    auto const fit = [&](std::size_t k) {
        double const along = product(a[k], b[k], za, zb), norm = product(a[k], b[k], a[k], b[k]);
        return EndFit{along / norm, along * along / norm};
    };
    auto last = fit(0), second = fit(1);
    double const margin = brightens ? 9 * series.noise_jy * series.noise_jy : 0;
    if (last.flux_jy > 0) last.chi2 += margin;
    if (second.flux_jy > 0) second.chi2 += margin;
    return last.chi2 >= second.chi2 ? 0 : 1;
}

std::vector<std::string> amplitude_notes(std::vector<Candidate> const& candidates, std::vector<double> const& steady_jy)
{
    std::map<std::int64_t, std::ptrdiff_t> count;
    for (auto const& one : candidates) ++count[one.integration];
    auto const count_of = [&](std::int64_t t) { return count.contains(t) ? count.at(t) : 0; };
    std::vector<std::string> notes;
    auto first = candidates.begin();
    for (auto const& [t, n] : count) {
        auto const end = first + n;
        auto const fainter = std::count_if(first, end, [](Candidate const& one) { return one.flux_jy < 0; });
        bool const alone = 2 * std::max(count_of(t - 1), count_of(t + 1)) <= n;
        if (n >= least_of_one_sign && alone && (fainter == 0 || fainter == n))
            notes.push_back("integration " + std::to_string(t) + " as a whole is " +
                            (fainter == n ? "fainter" : "brighter") + " than its neighbours: " + std::to_string(n) +
                            " places at once" +
                            share_text(candidates, steady_jy, static_cast<std::size_t>(first - candidates.begin()),
                                       static_cast<std::size_t>(n)) +
                            "; look at its gains");
        first = end;
    }
    return notes;
}

}  // namespace nocturne
