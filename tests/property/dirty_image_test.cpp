// The stage `image` from visibilities to pixels: the dirty image equals the exact sum over the visibilities to the error asked
// for, for every weighting, compressed and raw, at random, edge and corner pixels; the same bits for any split.
#include "nocturne/stage.hpp"
#include "stages/image/settings.hpp"

#include "tests/oracle/density.hpp"
#include "tests/support/random_group.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <complex>
#include <cstring>
#include <ostream>

namespace nocturne {
namespace {

using Complex = std::complex<double>;
constexpr Index n_pixels = 512;
constexpr double cell_rad = 24 * arcsec_rad;

ImageSettings settings_of(Weighting weighting, double epsilon, Compression compression)
{
    ImageSettings settings;
    settings.n_pixels = n_pixels;
    settings.cell_rad = cell_rad;
    settings.weighting = weighting;
    settings.robust = 0.3;
    settings.epsilon = epsilon;
    settings.compression = compression;
    return settings;
}

/// What `convert` would leave.
GroupState state_of(test::RandomGroup const& group, Device const& device = make_device("kokkos"))
{
    GroupState state;
    state.device = device;
    state.header.group_id = "random";
    state.header.freq_hz = group.freq_hz;
    state.header.time_mjd_s = group.time_s;
    state.header.correlations = {Correlation::XX, Correlation::YY};
    state.header.baselines = group.baselines;
    state.header.antennas.resize(static_cast<std::size_t>(group.nb));
    state.uvw_m = group.uvw_m;
    return state;
}

/// The group in a device's memory.
struct DeviceGroup {
    Buffer<Vis> vis;
    Buffer<std::uint8_t> flag;
    Buffer<float> weight;
    Buffer<double> uvw_m;
    VisBlock block;

    DeviceGroup(test::RandomGroup const& group, Device const& device)
        : vis(to_device(device, group.vis)),
          flag(to_device(device, group.flag)),
          weight(to_device(device, group.weight)),
          uvw_m(to_device(device, group.uvw_m)),
          block{0, vis.view(group.nt, group.nb, group.nc, 2), flag.view(group.nt, group.nb, group.nc, 2),
                weight.view(group.nt, group.nb, group.nc, 2), uvw_m.view(group.nt, group.nb, 3)}
    {}
};

/// The road of one rank, blocks of `step` baselines.
void make_images(test::RandomGroup const& group, ImageSettings const& settings, Index step, GroupState& state)
{
    Passes passes;
    if (settings.weighting != Weighting::natural) {
        passes.push_back(make_weigh_pass(settings));
        passes.push_back(make_weights_pass(settings));
    }
    passes.push_back(make_project_pass(settings));
    passes.push_back(make_image_pass(settings));
    DeviceGroup const here(group, state.device);
    for (auto& pass : passes) pass->prepare(state);
    for (auto& pass : passes) {
        if (pass->scope() == Scope::group)
            pass->run(state);
        else
            for (Index b = 0; b < group.nb; b += step) {
                auto part = here.block.baselines(b, std::min(step, group.nb - b));
                pass->run(part, state);
            }
    }
}

/// Visibilities that are used, with the weights that the definitions give them.
struct Sample {
    double const* uvw_m;
    double freq_hz, weight;
    Complex v;
};

std::vector<Sample> samples_of(test::RandomGroup const& group)
{
    std::vector<Sample> samples;
    for (Index t = 0; t < group.nt; ++t)
        for (Index b = 1; b < group.nb; ++b)
            for (Index c = 0; c < group.nc; ++c) {
                auto const at = static_cast<std::size_t>(((t * group.nb + b) * group.nc + c) * 2);
                double const w = oracle::harmonic(group.weight[at], group.weight[at + 1]);
                if (group.flag[at] || group.flag[at + 1] || !(w > 0)) continue;
                samples.push_back({&group.uvw_m[static_cast<std::size_t>((t * group.nb + b) * 3)],
                                   group.freq_hz[static_cast<std::size_t>(c)],
                                   w,
                                   {0.5 * (group.vis[at].re + group.vis[at + 1].re),
                                    0.5 * (group.vis[at].im + group.vis[at + 1].im)}});
            }
    return samples;
}

/// Briggs' definition: w / W_k, or w / (1 + W_k f²) with f² = (5 · 10^−R)² Σ w / Σ W_k².
void weigh(std::vector<Sample>& samples, ImageSettings const& settings)
{
    if (settings.weighting == Weighting::natural) return;
    double const cell = 1 / (static_cast<double>(n_pixels) * cell_rad);
    auto const cell_of = [&](Sample const& s) {
        double const per_m = s.freq_hz / speed_of_light_m_s;
        return oracle::uv_cell(s.uvw_m[0] * per_m, s.uvw_m[1] * per_m, n_pixels, cell);
    };
    oracle::CellSums sums;
    for (auto const& s : samples)
        if (cell_of(s).first >= 0) sums[cell_of(s)] += s.weight;
    double total = 0, squares = 0;
    for (auto const& [where, sum] : sums) total += sum, squares += sum * sum;
    double const f2 = std::pow(5 * std::pow(10, -settings.robust), 2) * total / squares;
    for (auto& s : samples) {
        auto const where = cell_of(s);
        if (where.first < 0)
            s.weight = 0;
        else
            s.weight /= settings.weighting == Weighting::uniform ? sums[where] : 1 + sums[where] * f2;
    }
}

/// {Σ w Re(V e) / Σ w, Σ w Re(e) / Σ w}.
std::array<double, 2> exact_pixel(std::vector<Sample> const& samples, Index y, Index x)
{
    double const l = -static_cast<double>(x - n_pixels / 2) * cell_rad,
                 m = static_cast<double>(y - n_pixels / 2) * cell_rad;
    double const n = std::sqrt(1 - l * l - m * m) - 1;
    double sum = 0, psf = 0, total = 0;
    for (auto const& s : samples) {
        double const path = s.uvw_m[0] * l + s.uvw_m[1] * m + s.uvw_m[2] * n;
        auto const e = std::polar(1.0, -2 * pi * s.freq_hz / speed_of_light_m_s * path);
        sum += s.weight * (s.v * e).real();
        psf += s.weight * e.real();
        total += s.weight;
    }
    return {sum / total, psf / total};
}

std::vector<std::array<Index, 2>> pixels(bool at_edge)
{
    std::mt19937 random(8);
    std::vector<std::array<Index, 2>> found;
    Index const last = n_pixels - 1;
    for (int i = 0; i < 24; ++i) {
        auto const y = static_cast<Index>(random() % n_pixels), x = static_cast<Index>(random() % n_pixels);
        if (!at_edge)
            found.push_back({y, x});
        else if (i < 8)
            found.push_back({i & 1 ? last : 0, i & 2 ? last : 0});
        else
            found.push_back(i & 1 ? std::array<Index, 2>{y, i & 2 ? last : 0}
                                  : std::array<Index, 2>{i & 2 ? last : 0, x});
    }
    return found;
}

struct Case {
    Weighting weighting;
    double epsilon;
    Compression compression;
    std::string backend;
};

void PrintTo(Case const& given, std::ostream* out)
{
    char const* const weightings[] = {"natural", "uniform", "briggs"};
    *out << weightings[static_cast<int>(given.weighting)] << ", epsilon " << given.epsilon
         << (given.compression == Compression::off ? ", raw, " : ", ") << given.backend;
}

class DirtyImage : public ::testing::TestWithParam<Case> {};

TEST_P(DirtyImage, equals_the_exact_sum)
{
    auto const& given = GetParam();
    auto const devices = find_devices();
    auto const found = std::find_if(devices.begin(), devices.end(),
                                    [&](DeviceInfo const& d) { return d.usable && d.backend == given.backend; });
    if (found == devices.end()) GTEST_SKIP() << given.backend << " is not built in or cannot run here";
    test::RandomGroup group({.longest_m = 700});
    auto const settings = settings_of(given.weighting, given.epsilon, given.compression);
    auto state = state_of(group, found->device);
    make_images(group, settings, 7, state);
    ASSERT_EQ(state.images.size(), 2U);
    auto samples = samples_of(group);
    weigh(samples, settings);
    for (bool at_edge : {false, true}) {
        double off = 0, all = 0, off_psf = 0, all_psf = 0;
        for (auto const& [y, x] : pixels(at_edge)) {
            auto const exact = exact_pixel(samples, y, x);
            auto const at = static_cast<std::size_t>(y * n_pixels + x);
            off += std::pow(state.images[0].pixels[at] - exact[0], 2), all += exact[0] * exact[0];
            off_psf += std::pow(state.images[1].pixels[at] - exact[1], 2), all_psf += exact[1] * exact[1];
        }
        EXPECT_LE(std::sqrt(off / all), given.epsilon) << (at_edge ? "edge" : "random");
        EXPECT_LE(std::sqrt(off_psf / all_psf), given.epsilon) << (at_edge ? "edge" : "random");
    }
    double total = 0, freq_hz = 0;
    for (auto const& s : samples) total += s.weight, freq_hz += s.weight * s.freq_hz;
    EXPECT_NEAR(state.nodes->sum_weight(), total, 3e-7 * total);
    for (auto const& image : state.images) EXPECT_NEAR(image.freq_hz, freq_hz / total, 1e-7 * image.freq_hz);
}

std::vector<Case> cases()
{
    std::vector<Case> all;
    for (auto const* backend : {"kokkos", "cuda"})
        for (auto weighting : {Weighting::natural, Weighting::uniform, Weighting::briggs}) {
            for (double epsilon : {1e-2, 1e-3, 1e-4, 1e-5, 1e-6})
                all.push_back({weighting, epsilon, Compression::automatic, backend});
            for (double epsilon : {1e-4, 1e-6}) all.push_back({weighting, epsilon, Compression::off, backend});
        }
    return all;
}

INSTANTIATE_TEST_SUITE_P(random, DirtyImage, ::testing::ValuesIn(cases()));

TEST(DirtyImageBits, are_the_same_for_any_split_into_blocks)
{
    test::RandomGroup group({.n_channels = 48, .longest_m = 700});
    for (auto weighting : {Weighting::natural, Weighting::briggs}) {
        auto const settings = settings_of(weighting, 1e-4, Compression::automatic);
        auto whole = state_of(group), split = state_of(group);
        make_images(group, settings, group.nb, whole);
        make_images(group, settings, 5, split);
        EXPECT_EQ(whole.nodes->sum_weight_units, split.nodes->sum_weight_units);
        EXPECT_EQ(0, std::memcmp(whole.nodes->y.data(), split.nodes->y.data(), whole.nodes->y.size() * sizeof(Vis)));
        EXPECT_EQ(whole.images[0].pixels, split.images[0].pixels);
        EXPECT_EQ(whole.images[1].pixels, split.images[1].pixels);
    }
}

TEST(KeptVisibilities, are_those_of_the_definition)
{
    test::RandomGroup group({.n_channels = 48, .longest_m = 700});
    auto const settings = settings_of(Weighting::uniform, 1e-3, Compression::automatic);
    auto state = state_of(group);
    double total = 0;
    std::size_t used = 0;
    state.keep = [&](ImagedVisibilities&& kept) {
        EXPECT_EQ(kept.vis.size(), kept.weight.size());
        EXPECT_EQ(kept.uvw_m.size(), static_cast<std::size_t>(kept.n_integrations * kept.n_baselines * 3));
        for (std::size_t i = 0; i < kept.vis.size(); ++i) {
            total += static_cast<double>(kept.weight[i]);
            used += kept.weight[i] > 0;
            ASSERT_TRUE(std::isfinite(kept.vis[i].re) && std::isfinite(kept.vis[i].im));
        }
    };
    make_images(group, settings, 6, state);
    auto samples = samples_of(group);
    EXPECT_EQ(used, samples.size());
    EXPECT_NEAR(total, state.nodes->sum_weight(), 1e-5 * total);
}

}  // namespace
}  // namespace nocturne
