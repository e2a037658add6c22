// `apply_jones` on every device against its oracle: correlations in another order, slots, antennas without a solution, flags and weights of 0 that take
// the other three with them, weights in place and one for all.
#include "kernels/apply_jones.hpp"

#include "tests/oracle/apply_jones.hpp"
#include "tests/support/devices.hpp"

#include <random>

namespace nocturne {
namespace {

using Complex = std::complex<double>;
Index const nt = 4, nb = 3, nc = 9, na = 4, slots = 2;

struct Block {
    std::vector<Vis> vis, inverse;
    std::vector<oracle::Matrix> jones;
    std::vector<std::uint8_t> flag;
    std::vector<float> weight;
    std::vector<GainPair> pairs{{0, 1}, {2, 0}, {3, 1}};
    std::vector<std::int32_t> slot{0, 1, 1, 0};
    std::int32_t element[4] = {0, 2, 3, 1};

    Block()
    {
        std::mt19937 random(6);
        std::normal_distribution<double> normal;
        for (Index i = 0; i < slots * na * nc; ++i) {
            oracle::Matrix j;
            for (auto& e : j) e = Complex(0.3 * normal(random), 0.3 * normal(random));
            j[0] += 1.5, j[3] += 1.2;
            jones.push_back(j);
            auto const h = oracle::inverse(j);
            bool const none = i % 11 == 5;
            for (auto e : h)
                inverse.push_back(none ? Vis{} : Vis{static_cast<float>(e.real()), static_cast<float>(e.imag())});
        }
        for (Index i = 0; i < nt * nb * nc * 4; ++i) {
            vis.push_back({static_cast<float>(normal(random)), static_cast<float>(normal(random))});
            flag.push_back(random() % 29 == 0 ? 64 : 0);
            weight.push_back(static_cast<float>(random() % 17));
        }
    }
};

class ApplyJones : public test::OnEveryDevice {
protected:
    enum class Weights { one, in_place };

    void compare(Weights weights)
    {
        Block const in;
        auto const vis = to_device(device(), in.vis), inverse = to_device(device(), in.inverse);
        auto const flag = to_device(device(), in.flag);
        auto const weight = to_device(device(), in.weight);
        auto const pairs = to_device(device(), in.pairs);
        auto const slot = to_device(device(), in.slot);
        Buffer<float> const other(device(), weight.size());
        Buffer<Vis> const raw(device(), vis.size());
        ApplyJonesArgs args;
        args.vis = vis.view(nt, nb, nc, Index(4));
        args.flag = flag.view(nt, nb, nc, Index(4));
        args.weight = weight.view(nt, nb, nc, Index(4));
        args.new_weight =
            weights == Weights::one ? other.view(nt, nb, nc, Index(4)) : weight.view(nt, nb, nc, Index(4));
        if (weights == Weights::one)
            args.weight = make_constant_view<float const>(weight.data() + 1, nt, nb, nc, Index(4));
        std::copy_n(in.element, 4, args.element);
        args.pairs = pairs.view(nb);
        args.slot = slot.view(nt);
        args.inverse = inverse.view(slots, na, nc, Index(4));
        args.raw = raw.view(nt, nb, nc, Index(4));
        run(device(), args);
        finish(device());
        Got const got{vis.to_host(), raw.to_host(), flag.to_host(),
                      weights == Weights::one ? other.to_host() : weight.to_host()};
        for (Index i = 0; i < nt * nb * nc; ++i) expect_same(in, weights, i, got);
    }

    struct Got {
        std::vector<Vis> vis, kept;
        std::vector<std::uint8_t> flag;
        std::vector<float> weight;
    };
    static void expect_same(Block const& in, Weights weights, Index i, Got const& got)
    {
        auto const first = static_cast<std::size_t>(4 * i), b = static_cast<std::size_t>(i / nc % nb);
        auto const s = in.slot[static_cast<std::size_t>(i / nc / nb)];
        Index const c = i % nc, one = (s * na + in.pairs[b].one) * nc + c, two = (s * na + in.pairs[b].two) * nc + c;
        bool const solved = one % 11 != 5 && two % 11 != 5;
        oracle::Matrix v;
        double w[4];
        bool used = solved;
        for (std::size_t e = 0; e < 4; ++e) {
            auto const k = first + static_cast<std::size_t>(in.element[e]);
            v[e] = Complex(in.vis[k].re, -in.vis[k].im);
            w[e] = in.weight[weights == Weights::one ? 1 : k];
            used = used && in.flag[k] == 0 && w[e] > 0;
            EXPECT_EQ(got.kept[k].re, in.vis[k].re);
        }
        auto const expected =
            oracle::apply_jones(v, w, in.jones[static_cast<std::size_t>(one)], in.jones[static_cast<std::size_t>(two)]);
        for (std::size_t e = 0; e < 4; ++e) {
            auto const k = first + static_cast<std::size_t>(in.element[e]);
            auto const sky = solved ? expected.sky[e] : v[e];
            double const weight = used ? expected.weight[e] : 0;
            ASSERT_NEAR(got.vis[k].re, sky.real(), 1e-5 * (1 + std::abs(sky))) << "sample " << k;
            ASSERT_NEAR(got.vis[k].im, -sky.imag(), 1e-5 * (1 + std::abs(sky))) << "sample " << k;
            ASSERT_NEAR(got.weight[k], weight, 1e-5 * (1 + weight)) << "sample " << k;
            ASSERT_EQ(got.flag[k] == 0, used) << "sample " << k;
            ASSERT_EQ((got.flag[k] & flag_static) != 0, !solved) << "sample " << k;
            ASSERT_EQ(got.flag[k] & in.flag[k], in.flag[k]);
        }
    }
};

TEST_P(ApplyJones, equals_the_oracle_in_place) { compare(Weights::in_place); }
TEST_P(ApplyJones, takes_one_weight_for_all) { compare(Weights::one); }

TEST_P(ApplyJones, refuses_shapes_that_differ)
{
    Buffer<Vis> vis(device(), 64);
    Buffer<std::uint8_t> flag(device(), 64);
    Buffer<float> real(device(), 64);
    ApplyJonesArgs args;
    args.vis = vis.view(1, 2, 3, 4);
    args.flag = flag.view(1, 2, 3, 4);
    args.weight = args.new_weight = real.view(1, 2, 3, 4);
    EXPECT_THROW(run(device(), args), Error);
}

INSTANTIATE_TEST_SUITE_P(devices, ApplyJones, test::every_backend(), test::backend_name);

}  // namespace
}  // namespace nocturne
