// Compression is exact: for any visibilities, flags, weights and field, the sum over nodes equals the sum over visibilities
// at random, edge and corner directions, whatever was asked for.
#include "kernels/project.hpp"
#include "stages/image/plan.hpp"

#include "tests/support/random_group.hpp"

#include <gtest/gtest.h>

#include <complex>
#include <ostream>

namespace nocturne {
namespace {

using Complex = std::complex<double>;

/// exp(−2πi f/c (u l + v m + w (n − 1))).
Complex phase(double const* uvw_m, double freq_hz, double l, double m)
{
    double const path = uvw_m[0] * l + uvw_m[1] * m + uvw_m[2] * (std::sqrt(1 - l * l - m * m) - 1);
    return std::polar(1.0, -2 * pi * freq_hz / speed_of_light_m_s * path);
}

struct Projected {
    NodePlan plan;
    std::vector<Vis> y, psf;
    std::vector<double> rect_weight;
};

Projected project(test::RandomGroup& group, PlanArgs const& args)
{
    Projected result{make_node_plan(args), {}, {}, {}};
    auto const& plan = result.plan;
    result.y.resize(static_cast<std::size_t>(plan.geometry.n_points));
    result.psf = result.y;
    result.rect_weight.resize(plan.rects.size());
    float const one = 1;
    auto const block = group.block();
    run(make_device("kokkos"), ProjectArgs{{block.vis, block.flag, block.weight, 0, 1},
                                           make_constant_view(&one, group.nt, group.nb, group.nc),
                                           make_view(plan.rects.data(), plan.rects.size()),
                                           0,
                                           0,
                                           make_view(plan.matrices.data(), plan.matrices.size()),
                                           make_view(result.y.data(), result.y.size()),
                                           make_view(result.psf.data(), result.psf.size()),
                                           make_view(result.rect_weight.data(), result.rect_weight.size())});
    return result;
}

/// {Σ w V e, Σ w e} over the visibilities themselves.
std::array<Complex, 2> sum_of_visibilities(test::RandomGroup const& group, double l, double m)
{
    Complex sum = 0, psf = 0;
    for (Index t = 0; t < group.nt; ++t)
        for (Index b = 1; b < group.nb; ++b)
            for (Index c = 0; c < group.nc; ++c) {
                auto const at = static_cast<std::size_t>(((t * group.nb + b) * group.nc + c) * 2);
                if (group.flag[at] || group.flag[at + 1]) continue;
                double const w = 2.0 / (1.0 / group.weight[at] + 1.0 / group.weight[at + 1]);
                Complex const v(0.5 * (group.vis[at].re + group.vis[at + 1].re),
                                0.5 * (group.vis[at].im + group.vis[at + 1].im));
                auto const e = phase(&group.uvw_m[static_cast<std::size_t>((t * group.nb + b) * 3)],
                                     group.freq_hz[static_cast<std::size_t>(c)], l, m);
                sum += w * v * e;
                psf += w * e;
            }
    return {sum, psf};
}

std::array<Complex, 2> sum_of_nodes(Projected const& nodes, double l, double m)
{
    Complex sum = 0, psf = 0;
    for (auto const& line : nodes.plan.geometry.lines)
        for (int p = 0; p < line.n; ++p) {
            auto const value = static_cast<std::size_t>(line.first_value + p);
            auto const e =
                phase(line.uvw_m, nodes.plan.geometry.freq_hz[static_cast<std::size_t>(line.first_freq + p)], l, m);
            sum += Complex(nodes.y[value].re, nodes.y[value].im) * e;
            psf += Complex(nodes.psf[value].re, nodes.psf[value].im) * e;
        }
    return {sum, psf};
}

std::vector<std::array<double, 2>> directions(double half, bool at_edge)
{
    std::mt19937 random(3);
    std::uniform_real_distribution<double> place(-half, half);
    std::vector<std::array<double, 2>> found;
    for (int i = 0; i < 24; ++i) {
        double const l = place(random), m = place(random);
        if (!at_edge)
            found.push_back({l, m});
        else if (i < 8)
            found.push_back({i & 1 ? half : -half, i & 2 ? half : -half});
        else
            found.push_back(i & 1 ? std::array{half, m} : std::array{l, -half});
    }
    return found;
}

struct Error2 {
    double image, psf;
};

/// Relative L2 over directions. At the edge relative to random pixels: there the image is as large on average.
Error2 error_of(test::RandomGroup const& group, Projected const& nodes, double half, bool at_edge)
{
    double off = 0, all = 0, off_psf = 0, all_psf = 0;
    for (auto const& [l, m] : directions(half, at_edge)) {
        auto const exact = sum_of_visibilities(group, l, m), found = sum_of_nodes(nodes, l, m);
        off += std::norm(exact[0] - found[0]);
        all += std::norm(exact[0]);
        off_psf += std::norm(exact[1] - found[1]);
        all_psf += std::norm(exact[1]);
    }
    return {std::sqrt(off / all), std::sqrt(off_psf / all_psf)};
}

struct Case {
    double field_deg, epsilon;
    Compression compression;
    bool gaps;
    double longest_m = 2600;
    Index n_integrations = 24;
};

void PrintTo(Case const& given, std::ostream* out)
{
    *out << given.field_deg << " degrees, epsilon " << given.epsilon << ", " << given.longest_m << " m, "
         << given.n_integrations << " integrations"
         << (given.compression == Compression::off ? ", raw"
             : given.gaps                          ? ", gaps"
                                                   : "");
}

class Nodes : public ::testing::TestWithParam<Case> {};

TEST_P(Nodes, equal_the_visibilities_at_random_edge_and_corner_directions)
{
    auto const& given = GetParam();
    test::RandomGroupArgs random;
    random.gaps = given.gaps;
    random.longest_m = given.longest_m;
    random.n_integrations = given.n_integrations;
    test::RandomGroup group(random);
    double const half = 0.5 * given.field_deg * pi / 180;
    auto const nodes = project(group, {group.freq_hz, group.time_s, group.baselines, group.positions(), half,
                                       given.epsilon, given.compression});
    for (bool at_edge : {false, true}) {
        auto const error = error_of(group, nodes, half, at_edge);
        EXPECT_LE(error.image, given.epsilon) << (at_edge ? "edge" : "random");
        EXPECT_LE(error.psf, given.epsilon) << (at_edge ? "edge" : "random");
    }
    double total = 0, exact = 0;
    for (double w : nodes.rect_weight) total += w;
    exact = sum_of_visibilities(group, 0, 0)[1].real();
    EXPECT_NEAR(total, exact, 1e-7 * exact);
}

std::vector<Case> cases()
{
    std::vector<Case> all;
    for (double field : {1.7, 3.4, 6.8})
        for (double epsilon : {1e-2, 1e-3, 1e-4, 1e-5, 1e-6})
            all.push_back({field, epsilon, Compression::automatic, field > 3 && epsilon < 1e-3});
    all.push_back({3.4, 1e-4, Compression::off, false});
    all.push_back({3.4, 1e-4, Compression::on, true});
    all.push_back({6.8, 1e-4, Compression::automatic, false, 30000});
    all.push_back({6.8, 1e-5, Compression::on, false, 15000});
    all.push_back({3.4, 1e-5, Compression::automatic, false, 2600, 70});
    all.push_back({3.4, 1e-5, Compression::automatic, false, 2600, 1});
    return all;
}

INSTANTIATE_TEST_SUITE_P(random, Nodes, ::testing::ValuesIn(cases()));

}  // namespace
}  // namespace nocturne
