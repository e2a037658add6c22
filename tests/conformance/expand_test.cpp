// `expand` on every device, and its tile on real threads, against the oracle; and as the transpose of `project`.
#include "kernels/expand.hpp"
#include "kernels/project.hpp"

#include "tests/oracle/expand.hpp"
#include "tests/support/devices.hpp"
#include "tests/support/node_rects.hpp"
#include "tests/support/thread_team.hpp"

#include <random>

namespace nocturne {
namespace {

struct Case {
    test::NodeRects plan{10, 90};
    Index nb = plan.n_baselines();
    std::vector<Vis> y;

    Case()
    {
        std::mt19937 random(9);
        std::normal_distribution<float> sample;
        for (Index i = 0; i < plan.n_values; ++i) y.push_back({sample(random), sample(random)});
    }

    template<class Launcher>
    std::vector<Vis> run_on(Device const& device, Launcher const& launcher) const
    {
        Index const nr = static_cast<Index>(plan.rects.size());
        auto const d_y = to_device(device, y);
        auto const matrices = to_device(device, plan.matrices);
        auto const rects = to_device(device, plan.rects);
        Buffer<Vis> vis(device, plan.nt * nb * plan.nc);
        vis.clear();
        launcher(ExpandArgs{d_y.view(plan.n_values), rects.view(nr), 0, 0, matrices.view(matrices.size()),
                            vis.view(plan.nt, nb, plan.nc)});
        finish(device);
        return vis.to_host();
    }

    void expect_equal(std::vector<Vis> const& got) const
    {
        for (auto const& r : plan.rects) {
            std::vector<std::complex<double>> values;
            for (Index i = 0; i < r.n_values(); ++i) {
                auto const& v = y[static_cast<std::size_t>(r.first_value + i)];
                values.emplace_back(v.re, v.im);
            }
            auto const exact =
                oracle::expand(values, plan.times(r), plan.channels(r), plan.time_nodes(r), plan.freq_nodes(r));
            for (Index i = 0; i < static_cast<Index>(exact.size()); ++i) {
                Index const t = r.first_time + i / r.n_channels, c = r.first_channel + i % r.n_channels;
                auto const& v = got[static_cast<std::size_t>((t * nb + r.baseline) * plan.nc + c)];
                EXPECT_LT(std::abs(std::complex<double>(v.re, v.im) - exact[static_cast<std::size_t>(i)]), 5e-5)
                    << "baseline " << r.baseline << " sample " << i;
            }
        }
    }
};

class Expand : public test::OnEveryDevice {};

TEST_P(Expand, equals_the_oracle)
{
    Case const given;
    given.expect_equal(given.run_on(device(), [&](ExpandArgs const& args) { run(device(), args); }));
}

/// ⟨K x, y⟩ for x of unit weights, in double.
std::complex<double> dot(std::vector<Vis> const& a, std::vector<Vis> const& b)
{
    std::complex<double> sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i)
        sum += std::complex<double>(a[i].re, a[i].im) * std::conj(std::complex<double>(b[i].re, b[i].im));
    return sum;
}

TEST_P(Expand, is_the_transpose_of_project)
{
    Case const given;
    auto const& plan = given.plan;
    Index const nt = plan.nt, nb = given.nb, nc = plan.nc, nr = static_cast<Index>(plan.rects.size());
    std::mt19937 random(4);
    std::normal_distribution<float> sample;
    std::vector<Vis> x(static_cast<std::size_t>(nt * nb * nc));
    for (auto& v : x) v = {sample(random), sample(random)};
    auto const vis = to_device(device(), x);
    auto const one = to_device(device(), std::vector<float>{1});
    Buffer<std::uint8_t> flag(device(), nt * nb * nc);
    flag.clear();
    auto const matrices = to_device(device(), plan.matrices);
    auto const rects = to_device(device(), plan.rects);
    Buffer<Vis> projected(device(), plan.n_values);
    Buffer<double> sums(device(), nr);
    float const* w = one.data();
    run(device(),
        ProjectArgs{{vis.view(nt, nb, nc, 1), flag.view(nt, nb, nc, 1), make_constant_view(w, nt, nb, nc, 1), 0, -1},
                    make_constant_view(w, nt, nb, nc),
                    rects.view(nr),
                    0,
                    0,
                    matrices.view(matrices.size()),
                    projected.view(plan.n_values),
                    {},
                    sums.view(nr)});
    finish(device());
    auto const expanded = given.run_on(device(), [&](ExpandArgs const& args) { run(device(), args); });
    auto const left = dot(projected.to_host(), given.y), right = dot(x, expanded);
    double const size = std::sqrt(dot(projected.to_host(), projected.to_host()).real() * dot(given.y, given.y).real());
    EXPECT_LT(std::abs(left - right), 1e-6 * size);
    EXPECT_GT(std::abs(left), 1e-4 * size);
}

TEST_P(Expand, refuses_channels_that_are_apart)
{
    Case const given;
    EXPECT_THROW(given.run_on(device(),
                              [&](ExpandArgs args) {
                                  args.vis.stride[2] = 2;
                                  run(device(), args);
                              }),
                 Error);
}

INSTANTIATE_TEST_SUITE_P(devices, Expand, test::every_backend(), test::backend_name);

TEST(ExpandThreads, tile_equals_the_oracle)
{
    Case const given;
    given.expect_equal(given.run_on(make_device("kokkos"), [&](ExpandArgs const& args) {
        test::for_each_tile_threaded(args.rects.extent[0], 5, ExpandTile::scratch_bytes, ExpandTile{args});
    }));
}

}  // namespace
}  // namespace nocturne
