// Solution files: what is written is what is read; what is no solution file, or a cut one, is refused.
#include "io/solutions.hpp"

#include "io/hdf5.hpp"
#include "tests/unit/io/scratch.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>
#include <tuple>

namespace nocturne {
namespace {

CalTable solved_table(CalKind kind)
{
    CalTable table;
    table.kind = kind;
    table.antennas = {{"104", 103, {1, 2, 3}, 4.65}, {"a long name", 7, {-4, 5.5, 6}, 25}};
    table.telescope = {table.antennas[1], {"other", 3, {0, 0, 1}, 25}, table.antennas[0]};
    table.correlations = {Correlation::XX, Correlation::YY};
    table.intervals = {{5.1e9, 5.1e9 + 60, 5.1e9 + 30}};
    table.freq_hz = {1.3e9, 1.4e9, 1.5e9};
    if (kind == CalKind::delay) table.freq_hz = {1.4e9};
    table.channel_width_hz.assign(table.freq_hz.size(), 2.5e5);
    table.reference_hz = 1.41e9;
    for (std::size_t k = 0; k < table.size(); ++k) {
        auto const x = static_cast<float>(k);
        if (kind == CalKind::delay) {
            table.delay_s.push_back(1e-9 * x);
            table.delay_error_s.push_back(1e-11 * x);
        } else {
            table.gain.emplace_back(1 + x, -x / 3);
            table.amplitude_error.push_back(0.01F * x);
            table.phase_error_rad.push_back(0.02F * x);
        }
        table.flag.push_back(k % 3 == 0);
    }
    for (std::size_t k = 0; k < 2 * table.freq_hz.size(); ++k)
        table.solves.push_back({static_cast<int>(k), k % 2 == 0, 0.5F});
    table.reference_antenna = 1;
    table.gauge = Gauge::reference;
    table.phase_only = kind == CalKind::gain;
    table.group_id = "2026-03-01T05:00:00";
    table.model = "3C286 15 Jy at 202.78,30.5";
    table.method = "StEFCal";
    table.site = {"OVRO_MMA", 0.65, -2.06, 1188, "header"};
    table.centre = {Radians(1.5), Radians(0.9)};
    table.pointing_dec_rad = 0.91;
    table.band_there = 0.75;
    if (kind == CalKind::bandpass) table.unexplained_ratio.assign(2, 1.25), table.unexplained_share.assign(2, 0.125);
    return table;
}

auto told(CalTable const& t) { return std::tie(t.band_there, t.unexplained_ratio, t.unexplained_share); }

TEST(Solutions, AreReadAsTheyWereWritten)
{
    test::Scratch const scratch;
    auto const path = scratch / "set.h5";
    std::vector<CalTable> const wrote{solved_table(CalKind::delay), solved_table(CalKind::bandpass),
                                      solved_table(CalKind::gain)};
    write_solutions(path, wrote, "1.2.3");
    auto const got = read_solutions(path);
    ASSERT_EQ(got.size(), wrote.size());
    for (std::size_t i = 0; i < got.size(); ++i) {
        auto const &a = wrote[i], &b = got[i];
        EXPECT_EQ(a.kind, b.kind);
        EXPECT_EQ(a.phase_only, b.phase_only);
        ASSERT_EQ(a.antennas.size(), b.antennas.size());
        for (std::size_t k = 0; k < 2; ++k) {
            EXPECT_EQ(a.antennas[k].name, b.antennas[k].name);
            EXPECT_EQ(a.antennas[k].number, b.antennas[k].number);
            EXPECT_EQ(a.antennas[k].position_m, b.antennas[k].position_m);
            EXPECT_EQ(a.antennas[k].diameter_m, b.antennas[k].diameter_m);
        }
        ASSERT_EQ(b.telescope.size(), 3U);
        EXPECT_EQ(b.telescope[1].name, "other");
        EXPECT_EQ(b.telescope[2].position_m, a.antennas[0].position_m);
        EXPECT_EQ(a.correlations, b.correlations);
        EXPECT_EQ(a.intervals[0].start_mjd_s, b.intervals[0].start_mjd_s);
        EXPECT_EQ(a.intervals[0].end_mjd_s, b.intervals[0].end_mjd_s);
        EXPECT_EQ(a.intervals[0].time_mjd_s, b.intervals[0].time_mjd_s);
        EXPECT_EQ(a.freq_hz, b.freq_hz);
        EXPECT_EQ(a.channel_width_hz, b.channel_width_hz);
        EXPECT_EQ(a.reference_hz, b.reference_hz);
        EXPECT_EQ(a.gain, b.gain);
        EXPECT_EQ(a.delay_s, b.delay_s);
        EXPECT_EQ(a.delay_error_s, b.delay_error_s);
        EXPECT_EQ(a.amplitude_error, b.amplitude_error);
        EXPECT_EQ(a.phase_error_rad, b.phase_error_rad);
        EXPECT_EQ(a.flag, b.flag);
        for (std::size_t k = 0; k < a.solves.size(); ++k) {
            EXPECT_EQ(a.solves[k].iterations, b.solves[k].iterations);
            EXPECT_EQ(a.solves[k].converged, b.solves[k].converged);
            EXPECT_EQ(a.solves[k].reduced_chi2, b.solves[k].reduced_chi2);
        }
        EXPECT_EQ(a.reference_antenna, b.reference_antenna);
        EXPECT_EQ(a.gauge, b.gauge);
        EXPECT_EQ(a.group_id + a.model + a.method, b.group_id + b.model + b.method);
        EXPECT_EQ(a.site.telescope_name, b.site.telescope_name);
        EXPECT_EQ(a.site.longitude_rad, b.site.longitude_rad);
        EXPECT_EQ(a.centre.ra, b.centre.ra);
        EXPECT_EQ(a.pointing_dec_rad, b.pointing_dec_rad);
        EXPECT_EQ(told(a), told(b));
    }
}

Code refusal(std::string const& path)
{
    try {
        read_solutions(path);
    } catch (Error const& error) {
        EXPECT_NE(std::string(error.what()).find(path), std::string::npos);
        return error.code();
    }
    return Code::defect;
}

TEST(Solutions, AreTheSameBytesWheneverTheyAreWritten)
{
    test::Scratch const scratch;
    write_solutions(scratch / "a.h5", {solved_table(CalKind::gain)}, "1");
    std::this_thread::sleep_for(std::chrono::milliseconds(1100));  // time stamps count seconds
    write_solutions(scratch / "b.h5", {solved_table(CalKind::gain)}, "1");
    auto const bytes = [](std::string const& path) {
        std::ifstream file(path, std::ios::binary);
        return std::string(std::istreambuf_iterator<char>(file), {});
    };
    EXPECT_EQ(bytes(scratch / "a.h5"), bytes(scratch / "b.h5"));
}

TEST(Solutions, RefuseOtherFiles)
{
    test::Scratch const scratch;
    EXPECT_EQ(refusal(scratch / "none.h5"), Code::input_missing);
    auto const path = scratch / "cut.h5";
    write_solutions(path, {solved_table(CalKind::bandpass)}, "1");
    std::filesystem::resize_file(path, std::filesystem::file_size(path) / 2);
    EXPECT_EQ(refusal(path), Code::bad_input);
    auto const other = scratch / "other.h5";
    hdf5::start();
    hdf5::Handle(H5Fcreate(other.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT), H5Fclose).close();
    EXPECT_EQ(refusal(other), Code::bad_input);
}

TEST(Solutions, AppearWholeOrNotAtAll)
{
    test::Scratch const scratch;
    auto table = solved_table(CalKind::gain);
    table.gain.pop_back();
    EXPECT_THROW(write_solutions(scratch / "bad.h5", {table}, "1"), Error);
    EXPECT_FALSE(std::filesystem::exists(scratch / "bad.h5"));
}

}  // namespace
}  // namespace nocturne
