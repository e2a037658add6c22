// `votes` on every device against its oracle.
#include "kernels/votes.hpp"

#include "tests/oracle/votes.hpp"
#include "tests/support/devices.hpp"

#include <random>

namespace nocturne {
namespace {

class Votes : public test::OnEveryDevice {};

TEST_P(Votes, equals_the_oracle_and_adds_up)
{
    for (Index const nt : {5, 32, 40}) {
        Index const nb = 9, nc = 33, nw = (nt + 31) / 32;
        std::mt19937 random(2);
        std::vector<std::uint32_t> mask(static_cast<std::size_t>(nb * nw * nc));
        for (auto& word : mask) word = random() % 3 == 0 ? 0 : static_cast<std::uint32_t>(random());
        auto const d_mask = to_device(device(), mask);
        Buffer<std::int32_t> count(device(), nt * nc);
        count.clear();
        auto const all = d_mask.view(nb, nw, nc);
        run(device(), VotesArgs{all.slice(0, 0, 4), count.view(nt, nc)});
        run(device(), VotesArgs{all.slice(0, 4, 5), count.view(nt, nc)});
        finish(device());
        auto const got = count.to_host();
        for (Index t = 0; t < nt; ++t)
            for (Index c = 0; c < nc; ++c) {
                std::vector<bool> holds;
                for (Index b = 0; b < nb; ++b) holds.push_back(mask[(b * nw + t / 32) * nc + c] >> (t % 32) & 1U);
                ASSERT_EQ(got[t * nc + c], oracle::votes(holds)) << t << " " << c;
            }
    }
}

TEST_P(Votes, refuses_shapes_that_differ)
{
    Buffer<std::uint32_t> mask(device(), 12);
    Buffer<std::int32_t> count(device(), 160);
    VotesArgs const args{mask.view(3, 1, 4), count.view(40, 4)};
    EXPECT_THROW(run(device(), args), Error);
}

INSTANTIATE_TEST_SUITE_P(devices, Votes, test::every_backend(), test::backend_name);

}  // namespace
}  // namespace nocturne
