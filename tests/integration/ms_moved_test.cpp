// A Measurement Set moved to another phase centre starts from the w that its visibilities were stopped with.
#include "tests/integration/table_differences.hpp"
#include "tests/support/program.hpp"

#include "io/ms_read_tables.hpp"
#include "nocturne/units.hpp"

#include <cmath>
#include <complex>
#include <sstream>

namespace nocturne {
namespace {

constexpr double speed_of_light = 299792458.0;

class MsMoved : public test::ProgramTest {
protected:
    struct Columns {
        std::vector<double> uvw, freq;
        std::vector<std::complex<float>> data;
        std::size_t n = 0;
    };
    /// UVW [row][3] and the first correlation of the first channel of DATA.
    Columns read(std::string const& name) const
    {
        auto const table = ms::Table::open((scratch_ / name).string());
        Columns c;
        c.n = static_cast<std::size_t>(table.rows());
        auto const uvw = table.cells("UVW", ms::Cell::f64), data = table.cells("DATA", ms::Cell::complex_f32);
        auto const shape = data.shape(0);
        c.uvw.resize(3 * c.n);
        std::vector<std::complex<float>> cell(static_cast<std::size_t>(shape[0] * shape[1]));
        for (std::uint32_t r = 0; r < c.n; ++r) {
            uvw.read(&r, 1, {3}, c.uvw.data() + 3 * r);
            data.read(&r, 1, shape, cell.data());
            c.data.push_back(cell.front());
        }
        c.freq = table.subtable("SPECTRAL_WINDOW").double_cell("CHAN_FREQ", 0, 100000);
        return c;
    }

    /// Largest difference, in metres of path, of how far the phases of DATA went from a to b and what the change of UVW's w says.
    static double worst_path_m(Columns const& a, Columns const& b)
    {
        double worst = 0;
        double const per_metre = 2 * pi * a.freq.front() / speed_of_light;
        for (std::size_t r = 0; r < a.n; ++r) {
            std::complex<double> const x(a.data[r]), y(b.data[r]);
            double const metres = b.uvw[3 * r + 2] - a.uvw[3 * r + 2];
            auto const left = y * std::conj(x) * std::polar(1.0, per_metre * metres);
            if (std::abs(left) > 0) worst = std::max(worst, std::abs(std::arg(left)) / per_metre);
        }
        return worst;
    }
    /// Largest change of phase in radians.
    static double worst_turn_rad(Columns const& a, Columns const& b)
    {
        double worst = 0;
        for (std::size_t r = 0; r < a.n; ++r) {
            std::complex<double> const x(a.data[r]), y(b.data[r]);
            if (std::abs(x) > 0) worst = std::max(worst, std::abs(std::arg(y * std::conj(x))));
        }
        return worst;
    }
    test::Outcome move(std::string const& from, std::string const& to, std::string const& centre) const
    {
        auto const moved = nocturne("convert " + from + " --ms " + to + " --phase-center " + centre);
        EXPECT_EQ(moved.code, 0) << moved.err;
        return moved;
    }
    /// So near to the centre of a set that no phase changes, and yet another.
    std::string next_to_centre(std::string const& name) const
    {
        auto const set = ms::Table::open((scratch_ / name).string());
        auto const field = set.subtable("FIELD").double_cell("PHASE_DIR", 0, 2);
        std::ostringstream centre;
        centre.precision(15);
        centre << field[0] / degree_rad + 2e-8 << "," << field[1] / degree_rad;
        return centre.str();
    }
    void unpack(std::string const& name) const
    {
        ASSERT_EQ(shell("tar -xzf " NOCTURNE_SOURCE_DIR "/tests/golden/ms/" + name + ".tgz").code, 0);
    }
};

constexpr char const* taken_from_positions = "by antenna positions";

/// An antenna that was surveyed anew after the observation: the visibilities were stopped with UVW, the position is the better one.
TEST_F(MsMoved, StartsFromItsOwnWWhereAnAntennaIsElsewhere)
{
    simulate("g");
    ASSERT_EQ(nocturne("convert g --ms a.ms --quiet").code, 0);
    auto const antenna = ms::Table::open((scratch_ / "a.ms").string()).integers("ANTENNA1")[20];
    test::move_antenna((scratch_ / "a.ms").string(), static_cast<unsigned>(antenna), {0.4, 0.1, -0.2});
    auto const moved = move("a.ms", "b.ms", "203.5,30.9");
    EXPECT_EQ(moved.err.find(taken_from_positions), std::string::npos) << moved.err;
    EXPECT_LT(worst_path_m(read("a.ms"), read("b.ms")), 1e-4);
    // The step from the old position to the new one is in the phases, even where the centre hardly moves.
    move("a.ms", "c.ms", next_to_centre("a.ms"));
    EXPECT_GT(worst_turn_rad(read("a.ms"), read("c.ms")), 0.5);
}

/// LOFAR's UVW leave annual aberration out: 8″ that all baselines share, and the source of the phase centre stays where it is.
TEST_F(MsMoved, AShiftThatAllBaselinesShareIsNoStep)
{
    unpack("lofar");
    move("lofar.ms", "b.ms", next_to_centre("lofar.ms"));
    auto const a = read("lofar.ms"), b = read("b.ms");
    double step = 0;
    for (std::size_t r = 0; r < a.n; ++r) step = std::max(step, std::abs(b.uvw[3 * r + 2] - a.uvw[3 * r + 2]));
    EXPECT_GT(step, 0.1) << "metres of w";
    EXPECT_LT(worst_turn_rad(a, b), 0.01) << "a J2000 direction taken for an ICRS one: 23 mas";
}

/// The UVW of CASA's tutorial set are those of a calibrator ten degrees away: nothing was stopped with their w.
TEST_F(MsMoved, UvwOfAnotherDirectionAreNotUsed)
{
    unpack("casa");
    auto const moved = move("casa.ms", "b.ms", next_to_centre("casa.ms"));
    EXPECT_NE(moved.err.find(taken_from_positions), std::string::npos) << moved.err;
    EXPECT_LT(worst_turn_rad(read("casa.ms"), read("b.ms")), 0.1) << "23 mas at 36 GHz";
}

}  // namespace
}  // namespace nocturne
