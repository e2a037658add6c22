// Enters: numbers and strings. Leaves: text for tables and pages.
#include "qa/text.hpp"

#include "nocturne/units.hpp"

#include <algorithm>
#include <cmath>
#include <cstdarg>
#include <cstdio>
#include <numeric>

namespace nocturne {

std::string print(char const* format, ...)
{
    std::va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int const length = std::vsnprintf(nullptr, 0, format, arguments);
    va_end(arguments);
    std::string text(static_cast<std::size_t>(std::max(length, 0)) + 1, '\0');
    std::vsnprintf(text.data(), text.size(), format, again);
    va_end(again);
    text.pop_back();
    return text;
}

std::string format_count(std::int64_t value)
{
    auto const digits = std::to_string(value);
    std::string text;
    for (std::size_t i = 0; i < digits.size(); ++i) {
        std::size_t const left = digits.size() - i;
        if (i > 0 && left % 3 == 0 && digits[i - 1] != '-') text += "\u202f";
        text += digits[i];
    }
    return text;
}

FluxUnit flux_unit(double typical_jy)
{
    double const size = std::abs(typical_jy);
    if (!(size < 1)) return {1, "Jy"};
    if (size >= 1e-3) return {1e-3, "mJy"};
    if (size >= 1e-6 || size == 0) return {1e-6, "µJy"};
    return {1e-9, "nJy"};
}

std::string format_number(double value, int decimals)
{
    auto const text = print("%.*f", decimals, std::abs(value));
    bool const zero = text.find_first_not_of("0.") == std::string::npos;
    return (value < 0 && !zero ? "\u2212" : "") + text;
}

std::string format_jy(double value_jy)
{
    auto const unit = flux_unit(value_jy);
    double const value = value_jy / unit.jy;
    int const decimals = std::abs(value) >= 100 ? 0 : (std::abs(value) >= 10 ? 1 : 2);
    return format_number(value, decimals) + "\u202f" + unit.name;
}

std::string format_utc(double mjd_s)
{
    auto const seconds = static_cast<std::int64_t>(std::llround(mjd_s));
    std::int64_t const day = seconds >= 0 ? seconds / 86400 : -((-seconds + 86399) / 86400);
    std::int64_t const of_day = seconds - day * 86400;
    // Civil date from a day number counted from 0000-03-01 (Gregorian eras of 146,097 days); MJD 0 is 1858-11-17.
    std::int64_t const z = day + 678881;
    std::int64_t const era = (z >= 0 ? z : z - 146096) / 146097, in_era = z - era * 146097;
    std::int64_t const year = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
    std::int64_t const in_year = in_era - (365 * year + year / 4 - year / 100), month = (5 * in_year + 2) / 153;
    auto const number = [](std::int64_t v) { return static_cast<int>(v); };
    return print("%04d-%02d-%02d %02d:%02d:%02d", number(year + era * 400 + (month >= 10)),
                 number(month < 10 ? month + 3 : month - 9), number(in_year - (153 * month + 2) / 5 + 1),
                 number(of_day / 3600), number(of_day % 3600 / 60), number(of_day % 60));
}

std::string encode_base64(std::string const& bytes)
{
    constexpr char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        unsigned group = 0;
        for (std::size_t k = 0; k < 3; ++k)
            group = group << 8 | (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0U);
        for (std::size_t k = 0; k < 4; ++k) text += i + k <= bytes.size() ? digits[group >> (18 - 6 * k) & 63U] : '=';
    }
    return text;
}

std::vector<std::int64_t> shares_of_10000(std::vector<std::int64_t> const& parts)
{
    std::vector<std::int64_t> shares(parts.size(), 0);
    auto const sum = std::accumulate(parts.begin(), parts.end(), std::int64_t{0});
    if (sum <= 0) return shares;
    std::vector<std::pair<double, std::size_t>> remainder;
    std::int64_t given = 0;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        double const exact = 1e4 * static_cast<double>(parts[i]) / static_cast<double>(sum);
        shares[i] = static_cast<std::int64_t>(exact);
        given += shares[i];
        remainder.push_back({static_cast<double>(shares[i]) - exact, i});
    }
    std::sort(remainder.begin(), remainder.end());
    for (std::size_t k = 0; given < 10000; ++k, ++given) ++shares[remainder[k % parts.size()].second];
    return shares;
}

}  // namespace nocturne
