// Rows of a Measurement Set that stand as (ant2, ant1), times and feeds of their own, wide visibilities.
#include "io/ms_cells.hpp"
#include "tests/unit/io/read_ms.hpp"

#include <cmath>

namespace nocturne {
namespace {

using enum Correlation;
using test::error_of;
using test::plain;
using test::Read;
using test::says;
using test::TinyMs;
using Hands = std::vector<Correlation>;

TinyMs with_turned(std::vector<int> const& correlations, std::size_t step)
{
    auto set = plain();
    set.polarizations = {correlations};
    for (std::size_t r = 0; r < set.rows.size(); r += step) {
        std::swap(set.rows[r].ant1, set.rows[r].ant2);
        for (double& x : set.rows[r].uvw_m) x = -x;
    }
    return set;
}

TEST(MsTurned, WhereAllRowsAreTurnedXyIsYx)
{
    auto const set = with_turned({10}, 1);
    for (bool const spectrum : {true, false}) {
        auto here = set;
        here.weight_spectrum = spectrum;
        Read const read(here);
        EXPECT_EQ(read.header.correlations, (Hands{YX}));
        EXPECT_EQ(read.header.set->correlations, (Hands{XY}));
        for (int r = 0; r < 6; ++r)
            for (int c = 0; c < 2; ++c) {
                auto const at = read.at(r / 3, r % 3, c, 0);
                EXPECT_EQ(read.vis[at].re, set.vis(r, c, 0).real());
                EXPECT_EQ(read.vis[at].im, set.vis(r, c, 0).imag());
                EXPECT_EQ(read.flag[at], 0);
            }
    }
}

TEST(MsTurned, WhereSomeAreBothAreThereAndTheAbsentOneIsFlagged)
{
    auto const set = with_turned({9, 10}, 2);
    for (bool const spectrum : {true, false}) {
        auto here = set;
        here.weight_spectrum = spectrum;
        Read const read(here);
        ASSERT_EQ(read.header.correlations, (Hands{XX, XY, YX}));
        for (int r = 0; r < 6; ++r) {
            int const own = r % 2 == 0 ? 2 : 1, absent = 3 - own;
            auto const at = [&](int p) { return read.at(r / 3, r % 3, 1, p); };
            EXPECT_EQ(read.vis[at(0)].re, set.vis(r, 1, 0).real());
            EXPECT_EQ(read.vis[at(own)].re, set.vis(r, 1, 1).real());
            EXPECT_EQ(read.vis[at(own)].im, (r % 2 == 0 ? 1 : -1) * set.vis(r, 1, 1).imag());
            EXPECT_EQ(read.flag[at(own)], 0);
            EXPECT_EQ(read.flag[at(absent)], flag_missing);
        }
    }
}

/// What goes back into the set is what stood there.
TEST(MsTurned, ARowThatIsKeptHasItsOwnHandAgain)
{
    std::vector<Vis> const vis{{1, 2}, {3, 4}, {5, 6}};
    std::vector<std::uint8_t> const flag{1, 2, 4};
    std::vector<float> const weight{7, 8, 9};
    RowIn const row{vis.data(), flag.data(), weight.data(), 3, 1, 1, 3};
    RowTurner turner({XX, XY, YX}, {XX, XY});
    EXPECT_FALSE(turner.same_hands());
    auto const straight = turner.turn(row, {}, false);
    EXPECT_EQ(straight.n_in, 2);
    EXPECT_EQ(straight.vis[1].re, 3);
    EXPECT_EQ(straight.flag[1], 2);
    auto const turned = turner.turn(row, {}, true);
    EXPECT_EQ(turned.vis[1].re, 5);
    EXPECT_EQ(turned.vis[1].im, -6);
    EXPECT_EQ(turned.weight[1], 9);
    RowTurner all({YX}, {XY});
    RowIn const one{vis.data(), flag.data(), weight.data(), 1, 1, 1, 1};
    EXPECT_EQ(all.turn(one, {}, true).vis[0].im, -2);
}

TEST(MsTurned, TimesOfTheDataAreTheCentroids)
{
    auto set = plain();
    set.late_s = {0, 2, -2, 0, 4, 0};
    auto const offsets = Read(set).header.offset_s;
    ASSERT_EQ(offsets.size(), 6U);
    for (std::size_t i = 0; i < 6; ++i) EXPECT_NEAR(offsets[i], set.late_s[i], 1e-5);
    EXPECT_TRUE(Read(plain()).header.offset_s.empty());
    set.late_s = {0, 0, 1e-6, 0, 0, 0};
    EXPECT_TRUE(Read(set).header.offset_s.empty());
    set.late_s.assign(6, -test::start_s);  // a column that nobody filled
    EXPECT_TRUE(Read(set).header.offset_s.empty());
}

TEST(MsTurned, WideVisibilitiesAreRead)
{
    auto set = plain();
    set.double_data = true;
    Read const read(set);
    EXPECT_EQ(read.vis[read.at(1, 2, 1, 1)].re, set.vis(5, 1, 1).real());
    EXPECT_EQ(read.vis[read.at(1, 2, 1, 1)].im, -set.vis(5, 1, 1).imag());
}

TEST(MsTurned, PowerOfSingleDishesIsSaid)
{
    auto set = plain();
    set.column = "FLOAT_DATA";
    set.float_data = true;
    auto const error = error_of(set);
    EXPECT_EQ(error.code(), Code::bad_input);
    EXPECT_TRUE(says(error, "FLOAT_DATA alone")) << error.what();
    set.column = "LAG_DATA";
    set.float_data = false;
    EXPECT_TRUE(says(error_of(set), "no visibilities")) << error_of(set).what();
}

TEST(MsTurned, FeedsAreThoseOfTheTable)
{
    auto set = plain();
    set.receptors = {"X", "Y"};
    set.receptor_angle_rad = {0.3, 1.9};
    auto const header = Read(set).header;
    EXPECT_EQ(header.antennas[2].receptors, "XY");
    EXPECT_EQ(header.antennas[2].receptor_angle_rad, set.receptor_angle_rad);
    EXPECT_EQ(header.antennas[2].mount, "ALT-AZ");
    EXPECT_TRUE(Read(plain()).header.antennas[2].receptors.empty());
}

}  // namespace
}  // namespace nocturne
