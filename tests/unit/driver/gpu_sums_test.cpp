// Which way sums go from rank to rank, and the way through staging memory, with the host as the device.
#include "driver/gpu_sums.hpp"

#include "driver/ranks.hpp"
#include "nocturne/stage.hpp"

#include <gtest/gtest.h>

#include <numeric>

namespace nocturne {
namespace {

TEST(GpuSums, memory_of_a_gpu_goes_to_mpi_only_where_mpi_takes_it)
{
    EXPECT_EQ(sum_road(true, false), SumRoad::in_place);
    EXPECT_EQ(sum_road(true, true), SumRoad::in_place);
    EXPECT_EQ(sum_road(false, true), SumRoad::in_place);
    EXPECT_EQ(sum_road(false, false), SumRoad::staged);
    EXPECT_FALSE(describe_gpu_memory_in_mpi().empty());
}

TEST(GpuSums, staging_reduces_every_value_once)
{
    for (std::size_t const n : {0, 1, 7, 14, 23}) {
        std::vector<std::int64_t> host(n);
        std::iota(host.begin(), host.end(), std::int64_t(1) << 40);
        auto values = to_device(Device(KokkosDevice{}), host);
        std::size_t calls = 0;
        reduce_staged(values, 7, [&](std::int64_t* part, std::size_t length) {
            EXPECT_LE(length, 7u);
            EXPECT_TRUE(part < values.data() || part >= values.data() + n);  // not the buffer itself
            for (std::size_t i = 0; i < length; ++i) part[i] = 3 * part[i];
            ++calls;
        });
        for (auto& value : host) value *= 3;
        EXPECT_EQ(values.to_host(), host);
        EXPECT_EQ(calls, (n + 6) / 7);
    }
}

/// Three ranks that have the same.
struct Thrice {
    void sum(std::vector<std::int64_t>& values) const
    {
        for (auto& value : values) value *= 3;
    }
    void sum(Buffer<std::int64_t>& values) const
    {
        reduce_staged(values, 2, [](std::int64_t* part, std::size_t n) {
            for (std::size_t i = 0; i < n; ++i) part[i] *= 3;
        });
    }
};

TEST(GpuSums, ranks_of_a_job_compute_on_one_kind_of_device)
{
    EXPECT_FALSE(unlike_others(true, false, "node7"));
    EXPECT_FALSE(unlike_others(false, true, "node7"));
    auto const refused = unlike_others(true, true, "node7");
    ASSERT_TRUE(refused);
    EXPECT_EQ(refused->code(), Code::system);
    EXPECT_NE(std::string(refused->what()).find("node7"), std::string::npos);
}

TEST(GpuSums, a_density_ends_on_the_host_wherever_it_was_summed)
{
    std::vector<std::int64_t> const one{5, 0, -1}, all{15, 0, -3};
    Density here, there;
    here.sum = one;
    there.on_device = to_device(Device(KokkosDevice{}), one);
    combine(here, Thrice{});
    combine(there, Thrice{});
    EXPECT_EQ(here.sum, all);
    EXPECT_EQ(there.sum, all);
    EXPECT_EQ(there.on_device.size(), 0);
}

}  // namespace
}  // namespace nocturne
