#include "io/uvh5_files.hpp"

#include "io/header_fields.hpp"
#include "nocturne/text.hpp"
#include "nocturne/units.hpp"

#include <algorithm>
#include <cctype>
#include <chrono>
#include <cstdio>
#include <filesystem>

#include <sys/stat.h>
#include <unistd.h>

namespace nocturne {
namespace {

std::string base_name(std::string const& path) { return std::filesystem::path(path).filename().string(); }

/// True where `text` has the form of `pattern`: '0' stands for a digit, all else for itself.
bool has_form(std::string const& text, std::string const& pattern)
{
    return text.size() == pattern.size() &&
           std::equal(text.begin(), text.end(), pattern.begin(), [](char c, char form) {
               return form == '0' ? std::isdigit(static_cast<unsigned char>(c)) != 0 : c == form;
           });
}

/// MJD seconds of "YYYY-MM-DDTHH:MM:SS" with or without a fraction; nullopt where that is no date.
std::optional<double> stamp_time(std::string const& stamp)
{
    namespace chrono = std::chrono;
    auto const point = std::min(stamp.find('.'), stamp.size());
    auto const fraction = stamp.substr(point);
    if (!has_form(stamp.substr(0, point), "0000-00-00T00:00:00")) return {};
    if (!fraction.empty() &&
        (fraction.size() < 2 || !has_form(fraction.substr(1), std::string(fraction.size() - 1, '0'))))
        return {};
    auto const number = [&](std::size_t at, std::size_t n) { return std::stoi(stamp.substr(at, n)); };
    auto const date =
        chrono::year_month_day(chrono::year(number(0, 4)), chrono::month(static_cast<unsigned>(number(5, 2))),
                               chrono::day(static_cast<unsigned>(number(8, 2))));
    int const hour = number(11, 2), minute = number(14, 2), second = number(17, 2);
    if (!date.ok() || hour > 23 || minute > 59 || second > 60) return {};
    auto const days = chrono::sys_days(date).time_since_epoch().count();
    constexpr double mjd_of_unix_epoch = 40587;
    double const part = fraction.empty() ? 0.0 : std::stod("0" + fraction);
    return (static_cast<double>(days) + mjd_of_unix_epoch) * day_s + hour * 3600 + minute * 60 + second + part;
}

/// What an open file lacks; nothing where it is good.
void look_inside(hdf5::Handle const& file, Probe& probe)
{
    bool const has_header = hdf5::has(file.id(), "Header"), has_data = hdf5::has(file.id(), "Data");
    if (!has_header || !has_data) {
        probe.result = ProbeResult::no_header;
        probe.reason = std::string("the file has no group ") + (has_header ? "Data" : "Header");
        return;
    }
    auto const header = hdf5::open_group(file.id(), "Header");
    if (!hdf5::has(header.id(), "time_array")) {
        probe.result = ProbeResult::no_times;
        probe.reason = "Header/time_array is missing";
        return;
    }
    auto const times = hdf5::open_dataset(header.id(), "time_array");
    hsize_t n = 1;
    for (hsize_t extent : hdf5::shape_of(times.id(), "Header/time_array")) n *= extent;
    if (n == 0) {
        probe.result = ProbeResult::no_times;
        probe.reason = "Header/time_array is empty";
    }
}

ProbeResult classify(Error const& error)
{
    if (error.code() == Code::input_missing) return ProbeResult::unreadable;
    if (error.problem().find("truncated") != std::string::npos) return ProbeResult::truncated;
    if (error.problem().find("not a readable HDF5") != std::string::npos) return ProbeResult::not_hdf5;
    return ProbeResult::damaged;
}

}  // namespace

std::optional<SubbandName> parse_subband_name(std::string const& path)
{
    auto const base = base_name(path);
    std::string const ending = "_sb00.hdf5";
    if (base.size() <= ending.size()) return {};
    auto const cut = base.size() - ending.size();
    if (!has_form(base.substr(cut), ending)) return {};
    auto const stamp = base.substr(0, cut);
    auto const time = stamp_time(stamp);
    if (!time) return {};
    return SubbandName{stamp, std::stoi(base.substr(cut + 3, 2)), *time};
}

bool is_incomplete_name(std::string const& path)
{
    auto const base = base_name(path);
    std::string const ending = "_incomplete.hdf5";
    return base.size() > ending.size() && base.compare(base.size() - ending.size(), ending.size(), ending) == 0;
}

bool named_like_hdf5(std::string const& path)
{
    auto const extension = lower(std::filesystem::path(path).extension().string());
    return extension == ".hdf5" || extension == ".h5" || extension == ".uvh5";
}

std::string subband_file_name(std::string const& stamp, int subband)
{
    char index[8];
    std::snprintf(index, sizeof index, "%02d", subband);
    return stamp + "_sb" + index + ".hdf5";
}

const char* name(ProbeResult result)
{
    switch (result) {
        case ProbeResult::good:
            return "good";
        case ProbeResult::missing:
            return "missing";
        case ProbeResult::unreadable:
            return "unreadable";
        case ProbeResult::empty:
            return "empty";
        case ProbeResult::incomplete:
            return "incomplete";
        case ProbeResult::truncated:
            return "truncated";
        case ProbeResult::not_hdf5:
            return "not_hdf5";
        case ProbeResult::no_header:
            return "no_header";
        case ProbeResult::no_times:
            return "no_times";
        case ProbeResult::damaged:
            return "damaged";
    }
    return "damaged";
}

ProbeResult probe_result(std::string const& word)
{
    for (auto const result :
         {ProbeResult::good, ProbeResult::missing, ProbeResult::unreadable, ProbeResult::empty, ProbeResult::incomplete,
          ProbeResult::truncated, ProbeResult::not_hdf5, ProbeResult::no_header, ProbeResult::no_times})
        if (word == name(result)) return result;
    return ProbeResult::damaged;
}

Probe stat_uvh5(std::string const& path)
{
    Probe probe;
    struct stat status {};
    if (stat(path.c_str(), &status) != 0) return {ProbeResult::missing, "the file does not exist", 0, 0};
    probe.bytes = static_cast<std::uint64_t>(status.st_size);
    probe.modified_s = static_cast<double>(status.st_mtim.tv_sec) + 1e-9 * static_cast<double>(status.st_mtim.tv_nsec);
    auto const refuse = [&](ProbeResult result, std::string reason) {
        probe.result = result;
        probe.reason = std::move(reason);
        return probe;
    };
    if (is_incomplete_name(path)) return refuse(ProbeResult::incomplete, "the correlator is still writing the file");
    if (!S_ISREG(status.st_mode)) return refuse(ProbeResult::not_hdf5, "it is a directory, a pipe or a device");
    if (probe.bytes == 0) return refuse(ProbeResult::empty, "the file is empty");
    if (access(path.c_str(), R_OK) != 0) return refuse(ProbeResult::unreadable, "no permission to read the file");
    if (probe.bytes < 1024) probe.reason = "smaller than 1 KiB";
    return probe;
}

Probe probe_uvh5(std::string const& path, hdf5::Handle* opened)
{
    auto probe = stat_uvh5(path);
    if (probe.result != ProbeResult::good) return probe;
    try {
        auto file = hdf5::open_for_reading(path);
        look_inside(file, probe);
        if (opened && probe.result == ProbeResult::good) *opened = std::move(file);
    } catch (Error const& error) {
        probe.result = classify(error);
        probe.reason = error.problem() + " (" + error.reason() + ")";
    }
    return probe;
}

}  // namespace nocturne
