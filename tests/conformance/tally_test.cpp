// `tally` on every device against its oracle: mixed rows, uniform rows, strided blocks; each row sums to its samples.
#include "kernels/tally.hpp"

#include "tests/oracle/tally.hpp"
#include "tests/support/devices.hpp"

#include <random>

namespace nocturne {
namespace {

class Tally : public test::OnEveryDevice {};

TEST_P(Tally, equals_the_oracle)
{
    Index const nt = 4, nb = 6, nc = 33, np = 2;
    std::mt19937 random(3);
    std::vector<std::uint8_t> flag(nt * nb * nc * np);
    for (Index row = 0; row < nt * nb; ++row)
        for (Index i = 0; i < nc * np; ++i)
            flag[row * nc * np + i] = static_cast<std::uint8_t>(row % 3 == 0 ? 0 : row % 3 == 1 ? 48 : random() % 256);
    auto const d_flag = to_device(device(), flag);
    Buffer<std::int32_t> d_count(device(), nt * (nb - 2) * TallyArgs::kinds);
    auto const part = d_flag.view(nt, nb, nc, np).slice(1, 1, nb - 2);
    run(device(), TallyArgs{part, d_count.view(nt, nb - 2, TallyArgs::kinds)});
    finish(device());
    auto const count = d_count.to_host();
    for (Index t = 0; t < nt; ++t)
        for (Index b = 1; b < nb - 1; ++b) {
            std::int32_t expected[TallyArgs::kinds] = {};
            for (Index i = 0; i < nc * np; ++i) ++expected[oracle::account(flag[(t * nb + b) * nc * np + i])];
            for (int kind = 0; kind < TallyArgs::kinds; ++kind)
                ASSERT_EQ(count[(t * (nb - 2) + b - 1) * TallyArgs::kinds + kind], expected[kind])
                    << t << " " << b << " " << kind;
        }
}

TEST_P(Tally, refuses_a_wrong_number_of_counts)
{
    Buffer<std::uint8_t> flag(device(), 24);
    Buffer<std::int32_t> count(device(), 24);
    TallyArgs const args{flag.view(1, 3, 4, 2), count.view(1, 3, 8)};
    EXPECT_THROW(run(device(), args), Error);
}

INSTANTIATE_TEST_SUITE_P(devices, Tally, test::every_backend(), test::backend_name);

}  // namespace
}  // namespace nocturne
