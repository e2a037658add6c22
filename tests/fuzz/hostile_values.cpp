// Numbers that are none, sizes that overflow, times that go back.
#include "tests/fuzz/hdf5_tools.hpp"
#include "tests/fuzz/hostile.hpp"

#include <cmath>
#include <limits>

namespace nocturne::test {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN(), infinite = std::numeric_limits<double>::infinity();

Hostile size_of(std::string const& item, std::int64_t value)
{
    return {item + " = " + std::to_string(value),
            [=](hid_t f) { put_number(f, "Header/" + item, H5T_NATIVE_INT64, value); },
            {"Header/"}};
}

/// Sets one element of an array of doubles.
Hostile element(std::string const& item, std::size_t at, double value, std::vector<std::string> words)
{
    words.push_back(item);
    return {item + " with " + std::to_string(value),
            [=](hid_t f) {
                auto values = doubles_of(f, "Header/" + item);
                values.at(at) = value;
                overwrite(f, "Header/" + item, H5T_NATIVE_DOUBLE, values.data());
            },
            words};
}

Hostile antenna(std::string const& item, std::int64_t number)
{
    return {item + " names antenna " + std::to_string(number),
            [=](hid_t f) {
                std::vector<std::int64_t> values(300, 0);
                values[7] = number;
                overwrite(f, "Header/" + item, H5T_NATIVE_INT64, values.data());
            },
            {"ant"}};
}

}  // namespace

std::vector<Hostile> hostile_values()
{
    constexpr auto most = std::numeric_limits<std::int64_t>::max(), least = std::numeric_limits<std::int64_t>::min();
    return {
        size_of("Nblts", -1),
        size_of("Nblts", 0),
        size_of("Nblts", most),
        size_of("Nblts", std::int64_t(1) << 32),
        size_of("Nfreqs", least),
        size_of("Nfreqs", most),
        size_of("Npols", 0),
        size_of("Npols", 1 << 20),
        size_of("Nants_telescope", -5),
        size_of("Nants_telescope", most),
        element("time_array", 3, nan, {"not finite"}),
        element("time_array", 3, infinite, {"not finite"}),
        element("time_array", 3, -1e300, {"Julian"}),
        element("freq_array", 2, nan, {"not finite"}),
        element("freq_array", 2, -1e9, {"positive"}),
        element("freq_array", 2, 0, {"positive"}),
        element("antenna_positions", 4, nan, {"not finite"}),
        element("integration_time", 0, infinite, {"not finite"}),
        antenna("ant_1_array", -1),
        antenna("ant_2_array", 1000000),
    };
}

std::vector<Hostile> hostile_repetitions()
{
    return {
        {"latitude of 1e9 degrees",
         [](hid_t f) { put_number(f, "Header/latitude", H5T_NATIVE_DOUBLE, 1e9); },
         {"latitude"}},
        {"an antenna number twice",
         [](hid_t f) {
             std::int64_t const numbers[5] = {0, 2, 2, 6, 8};
             overwrite(f, "Header/antenna_numbers", H5T_NATIVE_INT64, numbers);
         },
         {"antenna_numbers"}},
        {"a polarization twice",
         [](hid_t f) {
             std::int64_t const codes[2] = {-5, -5};
             overwrite(f, "Header/polarization_array", H5T_NATIVE_INT64, codes);
         },
         {"polarization_array"}},
        {"an unknown polarization",
         [](hid_t f) {
             std::int64_t const codes[2] = {-5, 99};
             overwrite(f, "Header/polarization_array", H5T_NATIVE_INT64, codes);
         },
         {"polarization_array"}},
    };
}

std::vector<Hostile> hostile_absences()
{
    std::vector<Hostile> list;
    for (std::string const item : {"Header/latitude",
                                   "Header/longitude",
                                   "Header/altitude",
                                   "Header/telescope_name",
                                   "Header/instrument",
                                   "Header/history",
                                   "Header/phase_type",
                                   "Header/Nants_data",
                                   "Header/Nants_telescope",
                                   "Header/ant_1_array",
                                   "Header/ant_2_array",
                                   "Header/antenna_names",
                                   "Header/antenna_numbers",
                                   "Header/Nbls",
                                   "Header/Nblts",
                                   "Header/Nfreqs",
                                   "Header/Npols",
                                   "Header/Ntimes",
                                   "Header/Nspws",
                                   "Header/uvw_array",
                                   "Header/time_array",
                                   "Header/integration_time",
                                   "Header/freq_array",
                                   "Header/channel_width",
                                   "Header/spw_array",
                                   "Header/polarization_array",
                                   "Header/antenna_positions",
                                   "Data/visdata",
                                   "Data/flags",
                                   "Data/nsamples",
                                   "Header",
                                   "Data"})
        list.push_back({"no " + item,
                        [item](hid_t f) { H5Ldelete(f, item.c_str(), H5P_DEFAULT); },
                        {item.substr(item.find('/') + 1)}});
    return list;
}

}  // namespace nocturne::test
