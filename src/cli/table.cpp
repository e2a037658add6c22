// Enters: cells, durations, times as text. Leaves: aligned lines, seconds, days.
#include "cli/table.hpp"

#include "nocturne/error.hpp"
#include "nocturne/units.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <map>

namespace nocturne::cli {
namespace {

constexpr double mjd_of_unix_epoch = 40587;  // 1970-01-01T00:00:00

void print_row(std::vector<std::string> const& cells, std::vector<std::size_t> const& widths)
{
    std::string line;
    for (std::size_t i = 0; i < cells.size(); ++i) {
        line += cells[i];
        if (i + 1 < cells.size()) line += std::string(widths[i] - cells[i].size() + 2, ' ');
    }
    line.erase(line.find_last_not_of(' ') + 1);
    std::cout << line << "\n";
}

}  // namespace

void print_table(std::vector<std::string> const& heading, std::vector<std::vector<std::string>> const& rows)
{
    std::vector<std::size_t> widths;
    for (std::size_t i = 0; i < heading.size(); ++i) {
        std::size_t width = heading[i].size();
        for (auto const& row : rows) width = std::max(width, row.at(i).size());
        widths.push_back(width);
    }
    print_row(heading, widths);
    for (auto const& row : rows) print_row(row, widths);
    std::cout << std::flush;
}

double parse_duration_s(std::string const& text, std::string const& option, double plain_s)
{
    static std::map<std::string, double> const units{{"s", 1},    {"sec", 1},  {"m", 60},
                                                     {"min", 60}, {"h", 3600}, {"d", day_s}};
    char* end = nullptr;
    double const value = std::strtod(text.c_str(), &end);
    auto const unit = units.find(end);
    bool const plain = *end == 0;
    if (end == text.c_str() || (unit == units.end() && !plain) || !std::isfinite(value) || value < 0)
        throw Error(Code::usage, option + " " + text, "it is no duration", "write 90s, 10min, 1.5h or 2d");
    return value * (plain ? plain_s : unit->second);
}

double parse_mjd(std::string const& text, std::string const& option)
{
    namespace chrono = std::chrono;
    int year = 0, month = 0, day = 0, hour = 0, minute = 0, used = 0;
    double second = 0;
    bool const date = std::sscanf(text.c_str(), "%4d-%2d-%2d%n", &year, &month, &day, &used) == 3;
    bool good = date && used == static_cast<int>(text.size());
    if (date && !good) {
        int used_time = 0;
        good = std::sscanf(text.c_str() + used, "T%2d:%2d:%lf%n", &hour, &minute, &second, &used_time) == 3;
        auto const rest = text.substr(static_cast<std::size_t>(used + used_time));
        good = good && (rest.empty() || rest == "Z");
    }
    auto const ymd = chrono::year_month_day(chrono::year(year), chrono::month(static_cast<unsigned>(month)),
                                            chrono::day(static_cast<unsigned>(day)));
    if (good && ymd.ok() && hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && second >= 0 && second < 61)
        return static_cast<double>(chrono::sys_days(ymd).time_since_epoch().count()) + mjd_of_unix_epoch +
               (hour * 3600 + minute * 60 + second) / day_s;
    char* end = nullptr;
    double const mjd = std::strtod(text.c_str(), &end);
    if (!date && end != text.c_str() && *end == '\0' && std::isfinite(mjd)) return mjd;
    throw Error(Code::usage, option + " " + text, "it is neither a UTC date nor an MJD", "write 2026-03-01T05:00:00");
}

std::string format_mjd(double mjd)
{
    if (!std::isfinite(mjd)) return "";
    namespace chrono = std::chrono;
    auto const seconds = static_cast<std::int64_t>(std::llround((mjd - mjd_of_unix_epoch) * day_s));
    auto const days = chrono::floor<chrono::days>(chrono::sys_seconds(chrono::seconds(seconds)));
    chrono::year_month_day const date(days);
    auto const rest = seconds - 86400 * days.time_since_epoch().count();
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), static_cast<int>(rest / 3600),
                  static_cast<int>(rest / 60 % 60), static_cast<int>(rest % 60));
    return text.data();
}

std::string format_number(double value, int digits)
{
    if (!std::isfinite(value)) return "";
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%.*g", digits, value);
    return text.data();
}

}  // namespace nocturne::cli
