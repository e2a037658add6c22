// `mark` on every device against its oracle, with more integrations than a word has bits.
#include "kernels/mark.hpp"

#include "tests/oracle/mark.hpp"
#include "tests/support/devices.hpp"

#include <random>

namespace nocturne {
namespace {

class Mark : public test::OnEveryDevice {};

TEST_P(Mark, equals_the_oracle)
{
    for (Index const nt : {3, 32, 45}) {
        Index const nb = 4, nc = 70, np = 2, nm = 5, nw = mask_words(nt);
        std::mt19937 random(5);
        std::vector<std::uint8_t> flag(static_cast<std::size_t>(nt * nb * nc * np)),
            rows(static_cast<std::size_t>(nt * nb));
        std::vector<std::uint32_t> masks(static_cast<std::size_t>(nm * nw * nc));
        std::vector<std::int32_t> const which{0, 1, -1, 2, 2, -1, 3, 4};
        for (auto& f : flag) f = static_cast<std::uint8_t>(random() % 4);
        for (auto& r : rows) r = random() % 6 == 0 ? flag_static : 0;
        for (auto& m : masks) m = random() % 3 == 0 ? random() & random() : 0;
        auto const d_flag = to_device(device(), flag);
        auto const d_masks = to_device(device(), masks);
        auto const d_which = to_device(device(), which);
        auto const d_rows = to_device(device(), rows);
        run(device(),
            MarkArgs{d_flag.view(nt, nb, nc, np), d_masks.view(nm, nw, nc), d_which.view(nb, 2), d_rows.view(nt, nb)});
        finish(device());
        auto const got = d_flag.to_host();
        for (std::size_t i = 0; i < got.size(); ++i) {
            auto const k = static_cast<Index>(i);
            Index const c = k / np % nc, b = k / (np * nc) % nb, t = k / (np * nc * nb);
            std::vector<bool> holds;
            for (int m = 0; m < 2; ++m)
                if (which[2 * b + m] >= 0)
                    holds.push_back(masks[(which[2 * b + m] * nw + t / 32) * nc + c] >> (t % 32) & 1U);
            ASSERT_EQ(got[i], oracle::mark(flag[i], holds, 64, rows[t * nb + b])) << i;
        }
    }
}

TEST_P(Mark, refuses_shapes_that_differ)
{
    Buffer<std::uint8_t> flag(device(), 24), rows(device(), 3);
    Buffer<std::uint32_t> masks(device(), 8);
    Buffer<std::int32_t> which(device(), 3);
    MarkArgs const args{flag.view(1, 3, 4, 2), masks.view(2, 2, 2), which.view(3, 1), rows.view(1, 3)};
    EXPECT_THROW(run(device(), args), Error);
}

INSTANTIATE_TEST_SUITE_P(devices, Mark, test::every_backend(), test::backend_name);

}  // namespace
}  // namespace nocturne
