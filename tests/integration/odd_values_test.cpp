// Samples that are no numbers, or hardly any, and weights and flags that leave nothing: what a run makes of them is finite, or it says that it makes nothing.
#include "tests/fuzz/hdf5_tools.hpp"
#include "tests/support/program.hpp"

#include <cmath>
#include <limits>

namespace nocturne {
namespace {

using test::Handle;

/// Which rows of a file, and which of its group's files, are hit.
struct HitRows {
    char const* name;
    bool every_file;
    std::function<bool(std::size_t row, double ant1, double ant2, double time, double first_time)> row;
};

auto const places = std::array<HitRows, 4>{
    HitRows{"one row", false, [](std::size_t row, double, double, double, double) { return row == 17; }},
    HitRows{"an antenna", true, [](std::size_t, double a, double b, double, double) { return a == 3 || b == 3; }},
    HitRows{"an integration", true,
            [](std::size_t, double, double, double time, double first) { return std::abs(time - first) < 1e-6; }},
    HitRows{"a subband", false, [](std::size_t, double, double, double, double) { return true; }}};

Handle complex_type()
{
    Handle type(H5Tcreate(H5T_COMPOUND, 2 * sizeof(float)), H5Tclose);
    H5Tinsert(type.id(), "r", 0, H5T_NATIVE_FLOAT);
    H5Tinsert(type.id(), "i", sizeof(float), H5T_NATIVE_FLOAT);
    return type;
}

class OddValues : public test::ProgramTest {
protected:
    void SetUp() override
    {
        ProgramTest::SetUp();
        simulate("g", "--noise");
        shell("rm -r g/truth");
    }

    /// Sets `value` in the rows of the place, in all channels and correlations. `n`: numbers a sample has; `type`: of these in memory, −1: as in
    /// the file.
    template<class T>
    void put(HitRows const& place, std::string const& dataset, hid_t type, std::size_t n, T value) const
    {
        bool first_file = true;
        for (auto const& entry : std::filesystem::directory_iterator(scratch_ / "d")) {
            if (entry.path().extension() != ".hdf5") continue;
            if (!std::exchange(first_file, false) && !place.every_file) return;
            test::change_file(entry.path().string(), [&](hid_t file) {
                auto const a = test::doubles_of(file, "Header/ant_1_array"),
                           b = test::doubles_of(file, "Header/ant_2_array"),
                           time = test::doubles_of(file, "Header/time_array");
                Handle const set(H5Dopen2(file, dataset.c_str(), H5P_DEFAULT), H5Dclose),
                    space(H5Dget_space(set.id()), H5Sclose);
                Handle const stored(H5Dget_type(set.id()), H5Tclose);
                auto const memory = type < 0 ? stored.id() : type;
                std::vector<T> values(n * static_cast<std::size_t>(H5Sget_simple_extent_npoints(space.id())));
                H5Dread(set.id(), memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data());
                auto const of_row = values.size() / a.size();
                for (std::size_t row = 0; row < a.size(); ++row)
                    if (place.row(row, a[row], b[row], time[row], time[0]))
                        std::fill_n(values.begin() + static_cast<std::ptrdiff_t>(row * of_row), of_row, value);
                ASSERT_GE(H5Dwrite(set.id(), memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()), 0);
            });
        }
    }

    void fresh() const { shell("rm -rf d o i.sqlite*; cp -r g d"); }

    /// A run makes finite images, or ends with 65 and leaves none. Returns its code.
    int expect_finite_or_refused(std::string const& what) const
    {
        auto const end = nocturne("run d -o o --db i.sqlite --quiet --niter 20" + std::string(test::small_image));
        EXPECT_TRUE(end.code == 0 || end.code == 65) << what << ": " << end.code << end.err;
        int images = 0;
        for (auto const& entry : std::filesystem::recursive_directory_iterator(scratch_)) {
            if (entry.path().extension() != ".fits") continue;
            ++images;
            auto const name = entry.path().stem().string();
            if (name.ends_with("-pbcor") || name.ends_with("-weight")) continue;  // nothing is said beyond the beam
            std::size_t odd = 0;
            for (float const pixel : read_fits(entry.path().string()).pixels) odd += !std::isfinite(pixel);
            EXPECT_EQ(odd, 0U) << what << ": " << name;
        }
        EXPECT_EQ(images > 0, end.code == 0) << what << ": " << images << " images";
        return end.code;
    }
};

TEST_F(OddValues, OfSamplesEndInFiniteImages)
{
    constexpr auto inf = std::numeric_limits<float>::infinity();
    auto const type = complex_type();
    for (float const value : {std::nanf(""), inf, -inf, 1e-42F, 1e38F, -1e38F})
        for (auto const& place : places) {
            fresh();
            put(place, "Data/visdata", type.id(), 2, value);
            EXPECT_EQ(expect_finite_or_refused(std::to_string(value) + " in " + place.name), 0);
        }
}

TEST_F(OddValues, OfWeightsAndFlagsLeaveFiniteImagesOrNone)
{
    for (float const weight : {0.0F, -1.0F, std::nanf(""), std::numeric_limits<float>::infinity()})
        for (auto const& place : places) {
            fresh();
            put(place, "Data/nsamples", H5T_NATIVE_FLOAT, 1, weight);
            expect_finite_or_refused("nsamples " + std::to_string(weight) + " in " + place.name);
        }
    for (auto const& place : places) {
        fresh();
        put(place, "Data/flags", -1, 1, std::uint8_t(1));
        EXPECT_EQ(expect_finite_or_refused(std::string("flags in ") + place.name), 0);
    }
    fresh();
    put(HitRows{"everything", true, places[3].row}, "Data/nsamples", H5T_NATIVE_FLOAT, 1, 0.0F);
    EXPECT_EQ(expect_finite_or_refused("nothing has a weight"), 65);
}

}  // namespace
}  // namespace nocturne
