// `zeros` on every device against its oracle, with every kind of value that a file can hold.
#include "kernels/zeros.hpp"

#include "tests/oracle/zeros.hpp"
#include "tests/support/devices.hpp"

#include <limits>
#include <random>

namespace nocturne {
namespace {

class Zeros : public test::OnEveryDevice {};

TEST_P(Zeros, equals_the_oracle)
{
    Index const nt = 3, nb = 5, nc = 17, np = 2, n = nt * nb * nc * np;
    float const inf = std::numeric_limits<float>::infinity(), nan = std::numeric_limits<float>::quiet_NaN();
    float const values[] = {0, -0.F, 1, -2.5F, inf, -inf, nan, 1e18F, 1.1e18F, -3e38F, 1e-45F};
    std::mt19937 random(7);
    std::vector<Vis> vis(n);
    std::vector<std::uint8_t> flag(n), is_auto{1, 0, 0, 1, 0};
    for (auto& v : vis) v = {values[random() % 11], values[random() % 11]};
    for (auto& f : flag) f = static_cast<std::uint8_t>(random() % 8 == 0 ? 1 << (random() % 8) : 0);
    auto d_vis = to_device(device(), vis);
    auto d_flag = to_device(device(), flag);
    auto d_auto = to_device(device(), is_auto);
    run(device(), ZerosArgs{d_vis.view(nt, nb, nc, np), d_flag.view(nt, nb, nc, np), d_auto.view(nb)});
    finish(device());
    auto const got_flag = d_flag.to_host();
    auto const got_vis = d_vis.to_host();
    for (Index i = 0; i < n; ++i) {
        bool const autocorrelation = is_auto[i / (nc * np) % nb];
        auto const expected = oracle::zeros({vis[i].re, vis[i].im}, flag[i], autocorrelation);
        ASSERT_EQ(got_flag[i], expected) << "sample " << i << ": " << vis[i].re << " " << vis[i].im;
        ASSERT_TRUE(std::isfinite(got_vis[i].re) && std::isfinite(got_vis[i].im)) << "sample " << i;
    }
}

TEST_P(Zeros, refuses_shapes_that_differ)
{
    Buffer<Vis> vis(device(), 24);
    Buffer<std::uint8_t> flag(device(), 24), is_auto(device(), 3);
    ZerosArgs const args{vis.view(1, 3, 4, 2), flag.view(1, 3, 2, 4), is_auto.view(3)};
    EXPECT_THROW(run(device(), args), Error);
}

INSTANTIATE_TEST_SUITE_P(devices, Zeros, test::every_backend(), test::backend_name);

}  // namespace
}  // namespace nocturne
