// `sumthreshold` on every device, by real threads, and for more integrations than a word holds, against its oracle.
#include "kernels/sumthreshold.hpp"

#include "tests/oracle/sumthreshold.hpp"
#include "tests/support/devices.hpp"
#include "tests/support/thread_team.hpp"

#include <random>

namespace nocturne {
namespace {

/// Noise around a bright steady signal, with a narrow line, a broad burst, a ramp, spikes, a missing piece and bad samples.
struct Sky {
    Index nt, nb = 2, nc, np;
    bool clean_;
    float fringes;  ///< amplitude of a smooth beat in time and frequency
    std::vector<Vis> vis;
    std::vector<std::uint8_t> flag;
    std::vector<float> course;

    Sky(Index integrations, Index channels, Index correlations, bool clean, float beat = 0)
        : nt(integrations), nc(channels), np(correlations), clean_(clean), fringes(beat)
    {
        std::mt19937 random(static_cast<unsigned>(nt + nc + np));
        std::normal_distribution<float> normal;
        for (Index i = 0; i < nt * nc; ++i) course.push_back(1 + 0.01F * static_cast<float>(i / nc));
        for (Index t = 0; t < nt; ++t)
            for (Index b = 0; b < nb; ++b)
                for (Index c = 0; c < nc; ++c)
                    for (Index p = 0; p < np; ++p) {
                        float jy = 5 + fringes * std::sin(0.2F * static_cast<float>(c) + 0.3F * static_cast<float>(t));
                        if (!clean && c == 20) jy += 4;
                        if (!clean && t == nt / 2 && c > 40 && c < 60) jy += 5;
                        if (!clean && c == 70) jy += 12 * static_cast<float>(t) / static_cast<float>(nt);
                        if (!clean && b == 0 && random() % 200 == 0) jy += 50;
                        vis.push_back({jy + normal(random), normal(random)});
                        bool const missing = c >= 30 && c < 34;
                        flag.push_back(missing ? flag_missing : random() % 40 == 0 ? flag_file : 0);
                    }
    }

    oracle::Grid course_grid() const
    {
        oracle::Grid grid(nt, std::vector<double>(nc));
        for (Index i = 0; i < nt * nc; ++i) grid[i / nc][i % nc] = static_cast<double>(course[i]);
        return grid;
    }

    oracle::Marks expected(Index b, SumThresholdRule const& rule) const
    {
        std::vector<oracle::Grid> amplitude;
        std::vector<oracle::Marks> bad;
        for (Index p = 0; p < np; ++p) {
            amplitude.emplace_back(nt, std::vector<double>(nc));
            bad.emplace_back(nt, std::vector<bool>(nc));
            for (Index t = 0; t < nt; ++t)
                for (Index c = 0; c < nc; ++c) {
                    auto const i = static_cast<std::size_t>(((t * nb + b) * nc + c) * np + p);
                    bool const every = rule.strategy != Strategy::aoflagger;
                    bad.back()[t][c] = (flag[i] & (every ? 0xff : flag_missing | flag_nonfinite)) != 0;
                    amplitude.back()[t][c] = bad.back()[t][c] ? 0 : std::hypot(vis[i].re, vis[i].im);
                }
        }
        if (rule.strategy == Strategy::aoflagger) return oracle::aoflagger(amplitude, bad, {});
        oracle::ThresholdRule same;
        same.base = rule.base;
        same.transient_factor = rule.transient_factor;
        same.rank = rule.rank;
        same.row_rms = rule.row_rms;
        same.channel_rms = rule.channel_rms;
        same.gaps_by_samples = rule.gaps == Gaps::by_samples;
        same.sky = rule.structure == Structure::sky;
        return oracle::sumthreshold(amplitude, bad, course_grid(), same);
    }

    /// Sums in single precision decide a cell that lies on a threshold either way: one in a thousand may differ.
    void expect(std::vector<std::uint32_t> const& mask, SumThresholdRule const& rule) const
    {
        Index const words = (nt + 31) / 32;
        for (Index b = 0; b < nb; ++b) {
            auto const want = expected(b, rule);
            Index differ = 0, set = 0;
            for (Index t = 0; t < nt; ++t)
                for (Index c = 0; c < nc; ++c) {
                    bool const got = mask[(b * words + t / 32) * nc + c] >> (t % 32) & 1U;
                    differ += got != want[t][c];
                    set += want[t][c];
                }
            EXPECT_TRUE(set > 0 || clean_ || nt == 1 || fringes > 10 || (fringes > 0 && b > 0))
                << "the oracle finds nothing";
            EXPECT_LE(differ, nt * nc / 1000)
                << nt << " x " << nc << ", baseline " << b << ", " << set << " cells in the oracle";
        }
    }
};

class SumThreshold : public test::OnEveryDevice {
protected:
    std::vector<std::uint32_t> mask_of(Sky const& sky, SumThresholdRule const& rule)
    {
        auto const vis = to_device(device(), sky.vis);
        auto const flag = to_device(device(), sky.flag);
        auto const course = to_device(device(), sky.course);
        Index const words = (sky.nt + 31) / 32, work = sumthreshold_work(sky.nt, sky.nc);
        Buffer<std::uint32_t> mask(device(), sky.nb * words * sky.nc);
        Buffer<float> memory(device(), sky.nb * work);
        run(device(), SumThresholdArgs{vis.view(sky.nt, sky.nb, sky.nc, sky.np),
                                       flag.view(sky.nt, sky.nb, sky.nc, sky.np), mask.view(sky.nb, words, sky.nc),
                                       memory.view(sky.nb, work), course.view(sky.nt, sky.nc), rule});
        finish(device());
        return mask.to_host();
    }
};

TEST_P(SumThreshold, equals_the_oracle)
{
    for (auto const& rule : {SumThresholdRule{}, SumThresholdRule::like_aoflagger(), [] {
                                 SumThresholdRule rule;
                                 rule.gaps = Gaps::as_full;
                                 rule.structure = Structure::none;
                                 rule.row_rms = 7;
                                 return rule;
                             }()})
        for (Index const nt : {1, 7, 24, 32, 40}) {
            Sky const sky(nt, 101, 2, false);
            sky.expect(mask_of(sky, rule), rule);
        }
    Sky const one(24, 64, 1, false), four(12, 96, 4, true);
    one.expect(mask_of(one, {}), {});
    four.expect(mask_of(four, {}), {});
    for (float const beat : {4.F, 30.F})
        for (Index const nt : {4, 24, 40}) {
            Sky const fringes(nt, 101, 1, nt == 4, beat);
            fringes.expect(mask_of(fringes, {}), {});
        }
}

/// One steady source and no noise: what rounding leaves is no scatter to measure interference by, but interference is found.
TEST_P(SumThreshold, takes_no_rounding_for_noise)
{
    Sky sky(24, 101, 2, true);
    std::fill(sky.course.begin(), sky.course.end(), 1.F);
    std::mt19937 random(3);
    for (auto& v : sky.vis) {
        float const angle = 1e-3F * static_cast<float>(random() % 6000);
        v = {5 * std::cos(angle), 5 * std::sin(angle)};
    }
    for (auto word : mask_of(sky, {})) ASSERT_EQ(word, 0U);
    for (Index t = 0; t < sky.nt; ++t) {
        auto& v = sky.vis[static_cast<std::size_t>((t * sky.nb * sky.nc + 60) * sky.np)];
        v = {1.1F * v.re, 1.1F * v.im};
    }
    auto const mask = mask_of(sky, {});
    sky.expect(mask, {});
    EXPECT_EQ(mask[60], (1U << 24) - 1);
}

TEST_P(SumThreshold, flags_nothing_where_nothing_is_good)
{
    Sky sky(24, 64, 2, false);
    for (auto& f : sky.flag) f = flag_missing;
    for (auto word : mask_of(sky, {})) ASSERT_EQ(word, 0U);
}

TEST_P(SumThreshold, refuses_a_workspace_that_is_too_small)
{
    Buffer<Vis> vis(device(), 24);
    Buffer<std::uint8_t> flag(device(), 24);
    Buffer<std::uint32_t> mask(device(), 12);
    Buffer<float> work(device(), 30);
    SumThresholdArgs const args{vis.view(1, 3, 4, 2), flag.view(1, 3, 4, 2), mask.view(3, 1, 4),
                                work.view(3, 10),     work.view(1, 4),       {}};
    EXPECT_THROW(run(device(), args), Error);
}

TEST(SumThresholdTeam, threads_agree_with_the_oracle)
{
    for (Index const nt : {9, 40}) {
        Sky const sky(nt, 53, 2, false);
        Index const words = (nt + 31) / 32, work = sumthreshold_work(sky.nt, sky.nc);
        std::vector<std::uint32_t> mask(static_cast<std::size_t>(sky.nb * words * sky.nc));
        std::vector<float> memory(static_cast<std::size_t>(sky.nb * work));
        SumThresholdArgs const args{make_view(sky.vis.data(), nt, sky.nb, sky.nc, sky.np),
                                    make_view(sky.flag.data(), nt, sky.nb, sky.nc, sky.np),
                                    make_view(mask.data(), sky.nb, words, sky.nc),
                                    make_view(memory.data(), sky.nb, work),
                                    make_view(static_cast<float const*>(sky.course.data()), nt, sky.nc),
                                    {}};
        for (auto const& rule : {SumThresholdRule{}, SumThresholdRule::like_aoflagger()}) {
            SumThresholdArgs ruled = args;
            ruled.rule = rule;
            if (rule.strategy == Strategy::aoflagger)
                test::for_each_tile_threaded(sky.nb, 4, sumthreshold_scratch_bytes(4), AoflaggerTile{ruled});
            else
                test::for_each_tile_threaded(sky.nb, 4, sumthreshold_scratch_bytes(4), SumThresholdTile{ruled});
            sky.expect(mask, rule);
        }
    }
}

INSTANTIATE_TEST_SUITE_P(devices, SumThreshold, test::every_backend(), test::backend_name);

}  // namespace
}  // namespace nocturne
