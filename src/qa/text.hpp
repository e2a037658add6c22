// Text for tables and pages. Enters: numbers and strings. Leaves: formatted, escaped or encoded text.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace nocturne {

/// As snprintf, of any length.
__attribute__((format(printf, 1, 2))) std::string print(char const* format, ...);

/// "1 234 567" with narrow no-break spaces.
std::string format_count(std::int64_t value);

/// A unit in which `typical_jy` has one to three digits before the point: nJy, µJy, mJy, Jy.
struct FluxUnit {
    double jy = 1;  ///< one of it in Jy
    char const* name = "Jy";
};
FluxUnit flux_unit(double typical_jy);

/// Three significant digits with the unit that fits: "1.23 mJy".
std::string format_jy(double value_jy);

/// `decimals` places, and U+2212 as the minus sign.
std::string format_number(double value, int decimals);

/// "2026-11-21 07:12:34" (UTC, proleptic Gregorian) of seconds of MJD; rounded to the second.
std::string format_utc(double mjd_s);

/// RFC 4648, with padding, without line breaks.
std::string encode_base64(std::string const& bytes);

/// Shares of the parts in hundredths of a percent that add up to 10,000 exactly (largest remainders); zeros where the sum
/// of the parts is not positive.
std::vector<std::int64_t> shares_of_10000(std::vector<std::int64_t> const& parts);

}  // namespace nocturne
