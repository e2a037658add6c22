// The report: everything escaped, self-contained, shares that add up, enough figures, sections left out where empty.
#include "qa/report.hpp"

#include "nocturne/error.hpp"
#include "nocturne/gaussian.hpp"
#include "qa/describe.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <regex>
#include <sstream>

namespace nocturne {
namespace {

std::string fake_png(Index width, Index height, std::vector<std::uint8_t> const& rgb)
{
    EXPECT_EQ(static_cast<Index>(rgb.size()), width * height * 3);
    return "\x89PNG of " + std::to_string(width);
}

Image plane(Product product, double noise)
{
    Image image;
    image.product = product;
    image.geometry = {256, 3 * arcsec_rad, {degrees(83.6), degrees(54.6)}};
    image.beam = {15 * arcsec_rad, 12 * arcsec_rad, 0.5};
    image.freq_hz = 1.405e9;
    image.weighting = "briggs";
    auto g = gaussian_of({5, 4, 0.5});
    g.peak = 1;
    g.x = g.y = 128;
    Gaussian::Parameters d;
    std::mt19937 random(2);
    std::normal_distribution<double> normal;
    for (Index y = 0; y < 256; ++y)
        for (Index x = 0; x < 256; ++x)
            image.pixels.push_back(static_cast<float>(g.value(static_cast<double>(x), static_cast<double>(y), d) +
                                                      0.03 * std::cos(0.2 * static_cast<double>(x)) +
                                                      noise * normal(random)));
    return image;
}

GroupReport full_report(std::string const& poison)
{
    GroupReport r;
    r.group_id = "2026-11-21T05:00:00" + poison;
    r.telescope = "OVRO_MMA" + poison;
    r.gates = {{"dynamic range" + poison, "310" + poison, "≥ 5" + poison, Verdict::warn}};
    r.verdict = Verdict::warn;
    auto const psf = plane(Product::psf, 0);
    describe_image(r, plane(Product::dirty, 0.01), &psf, fake_png);
    r.about.weighting += poison;
    r.samples = {1000000, {10, 0, 3, 777, 20000, 0, 5, 1}};
    for (int i = 0; i < 16; ++i) {
        ReportInput in{i, i == 3 ? "" : "/data/x_sb" + std::to_string(i) + ".hdf5" + poison, 145'000'000,
                       "0123456789abcdef" + poison};
        in.low_hz = 1.4986e9 - 1.17e7 * (i + 1);
        in.high_hz = in.low_hz + 1.15e7;
        r.inputs.push_back(in);
    }
    r.outputs = {{"out/x-dirty.fits" + poison, "ffff" + poison, 67'000'000}};
    r.stages.add("read" + poison, 0.8, 1'370'000'000);
    r.stages.add("image", 1.2, 5'000'000'000);
    r.wall_s = 2.5;
    r.bandwidth_bytes_per_s = 9e9;
    for (int i = 0; i < 50; ++i)
        r.uv_klambda.push_back({0.2F * static_cast<float>(i), 7.F - 0.1F * static_cast<float>(i)});
    r.provenance = {"run-1" + poison,
                    "completed" + poison,
                    "v0" + poison,
                    "nocturne run" + poison,
                    "node" + poison,
                    "cuda" + poison,
                    "GPU-1" + poison,
                    "2026" + poison,
                    "cell: 3" + poison,
                    "IERS" + poison,
                    2,
                    "17" + poison,
                    1,
                    {{"key" + poison, "value" + poison}}};
    return r;
}

std::size_t count(std::string const& text, std::string const& what)
{
    std::size_t n = 0;
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++n;
    return n;
}

TEST(Report, ShowsFlagsAndSolutions)
{
    GroupReport report;
    report.group_id = "g";
    EXPECT_EQ(render_report(report).find("Flags and solutions"), std::string::npos);
    report.occupancy = {0, 1, 0.5F, 0};
    report.occupancy_columns = 2;
    report.solutions = {{"Gains <of> all", "time", {{{0, 1}, {1, 1.5F}}, {{0.5F, -2}}, {}}}, {"none", "x", {{}}}};
    auto const page = render_report(report);
    EXPECT_NE(page.find("Flags and solutions"), std::string::npos);
    EXPECT_NE(page.find("Gains &lt;of&gt; all"), std::string::npos);
    EXPECT_EQ(page.find("Gains <of>"), std::string::npos);
    EXPECT_NE(page.find("opacity=\"1.00\""), std::string::npos);
    EXPECT_EQ(page.find("nan "), std::string::npos);
}

TEST(Report, escapes_every_string_given_to_it)
{
    std::string const attack = "<script>alert(1)</script>\"'><img src=x onerror=y>&\x01\xff";
    auto const html = render_report(full_report(attack));
    EXPECT_EQ(html.find("<script"), std::string::npos);
    EXPECT_EQ(html.find("<img"), std::string::npos);
    EXPECT_EQ(html.find('\x01'), std::string::npos);
    EXPECT_EQ(html.find('\xff'), std::string::npos);
    // every poisoned string was shown, escaped
    EXPECT_GE(count(html, "&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&gt;"), 40U);
}

TEST(Report, fetches_nothing)
{
    auto const html = render_report(full_report(""));
    for (auto const* word : {"http:", "https:", "//cdn", "@import", "<script", "<link", "<iframe"})
        EXPECT_EQ(html.find(word), std::string::npos) << word;
    std::regex const reference("(?:src|href)=\"([^\"]{0,20})");
    for (std::sregex_iterator it(html.begin(), html.end(), reference), end; it != end; ++it)
        EXPECT_EQ((*it)[1].str().rfind("data:image/png", 0), 0U) << (*it)[0];
    EXPECT_NE(html.find("prefers-color-scheme:dark"), std::string::npos);
}

TEST(Report, has_figures_on_lines_of_their_own)
{
    auto const lines_with_figures = [](GroupReport const& r) {
        std::istringstream lines(render_report(r));
        int n = 0;
        for (std::string line; std::getline(lines, line);)
            n += line.find("<svg") != std::string::npos || line.find("data:image") != std::string::npos;
        return n;
    };
    auto r = full_report("");
    EXPECT_GE(lines_with_figures(r), 10);
    r.uv_klambda.clear();
    r.psf_cut_x.clear();
    r.pictures.resize(1);
    EXPECT_GE(lines_with_figures(r), 6);
}

TEST(Report, elements_are_balanced)
{
    auto const html = render_report(full_report(""));
    for (auto const* element : {"svg", "g", "table", "tbody", "thead", "tr", "td", "th", "section", "figure", "div",
                                "details", "text", "main", "dl"}) {
        auto const name = std::string(element);
        EXPECT_EQ(count(html, "<" + name + " ") + count(html, "<" + name + ">"), count(html, "</" + name + ">"))
            << name;
    }
    EXPECT_FALSE(std::regex_search(html, std::regex("[^A-Za-z0-9+/]-?(nan|inf)[^a-zA-Z0-9+/]")));
}

TEST(Report, accounts_for_every_sample)
{
    auto const html = render_report(full_report(""));
    auto const from = html.find("<h2>Samples"), to = html.find("</section>", from);
    auto const section = html.substr(from, to - from);
    std::regex const share("<td>([0-9]+)\\.([0-9]{2}) %</td>");
    int sum = 0;
    for (std::sregex_iterator it(section.begin(), section.end(), share), end; it != end; ++it)
        sum += 100 * std::stoi((*it)[1]) + std::stoi((*it)[2]);
    EXPECT_EQ(sum, 20000);  // the parts, and the line of the sum
}

TEST(Report, says_what_is_missing)
{
    auto const html = render_report(full_report(""));
    EXPECT_NE(html.find("15 of 16"), std::string::npos);
    EXPECT_NE(html.find("missing: sb03"), std::string::npos);
    EXPECT_NE(html.find("dynamic range 310 (wanted ≥ 5)"), std::string::npos);
    EXPECT_NE(html.find("05:34:24.00 +54:36:00.0"), std::string::npos);
}

TEST(Report, of_nothing_is_still_a_page)
{
    GroupReport r;
    r.group_id = "empty";
    r.verdict = Verdict::fail;
    r.verdict_reason = "no usable visibility";
    auto const html = render_report(r);
    EXPECT_NE(html.find("no usable visibility"), std::string::npos);
    EXPECT_NE(html.find("</html>"), std::string::npos);
    EXPECT_EQ(html.find("<h2>Image"), std::string::npos);
}

TEST(Describe, lists_no_sidelobe_of_the_brightest_in_a_dirty_image)
{
    GroupReport r;
    auto const psf = plane(Product::psf, 0);
    describe_image(r, plane(Product::dirty, 1e-4), &psf, fake_png);
    EXPECT_NEAR(r.psf_sidelobe, 0.03, 0.01);
    ASSERT_EQ(r.sources.size(), 1U);
    EXPECT_NEAR(r.peak_jy, 1.02, 0.03);
    EXPECT_TRUE(r.about.pixels.empty());
    EXPECT_EQ(r.pictures.size(), 2U);
    EXPECT_EQ(r.psf_cut_x.size(), r.psf_cut_y.size());
    EXPECT_EQ(r.psf_cut_x[r.psf_cut_x.size() / 2], psf.pixels[128 * 256 + 128]);
}

}  // namespace
}  // namespace nocturne
