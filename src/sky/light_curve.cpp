#include "sky/light_curve.hpp"

#include "nocturne/error.hpp"
#include "nocturne/nearest.hpp"
#include "nocturne/units.hpp"
#include "sky/csv_fields.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <numeric>
#include <optional>

namespace nocturne {
namespace {

constexpr char const* columns_of_curves = "write name,mjd,factor or name,seconds,factor";

double number_of(std::string const& word, std::string const& column)
{
    char* end = nullptr;
    double const value = std::strtod(word.c_str(), &end);
    if (word.empty() || *end != '\0' || !std::isfinite(value))
        throw Error(Code::bad_config, column + " is not a number", "'" + word + "'", "write a decimal number");
    return value;
}

/// Where the columns stand.
struct CurveColumns {
    std::size_t name = 0, time = 0, factor = 0;
    bool in_seconds = false;

    explicit CurveColumns(std::vector<std::string> const& header)
    {
        auto const place = [&](std::string const& wanted) -> std::optional<std::size_t> {
            auto const found = std::find(header.begin(), header.end(), wanted);
            if (found == header.end()) return {};
            return static_cast<std::size_t>(found - header.begin());
        };
        auto const needed = [&](std::string const& wanted) {
            if (auto const at = place(wanted)) return *at;
            throw Error(Code::bad_config, "no column " + wanted, "the first line names the columns",
                        columns_of_curves + did_you_mean(wanted, header));
        };
        name = needed("name"), factor = needed("factor");
        auto const mjd = place("mjd"), seconds = place("seconds");
        if (mjd && seconds)
            throw Error(Code::bad_config, "columns mjd and seconds", "each says when it is", columns_of_curves);
        in_seconds = !mjd && seconds.has_value();
        time = in_seconds ? *seconds : needed("mjd");
    }

    void add(std::vector<std::string> const& fields, double start_mjd_s,
             std::map<std::string, LightCurve>& curves) const
    {
        if (fields.size() <= std::max({name, time, factor}))
            throw Error(Code::bad_config, "a line is too short", std::to_string(fields.size()) + " fields",
                        "complete it");
        double const when = number_of(fields[time], in_seconds ? "seconds" : "mjd");
        auto& curve = curves[fields[name]];
        curve.mjd_s.push_back(in_seconds ? start_mjd_s + when : when * day_s);
        curve.factor.push_back(number_of(fields[factor], "factor"));
    }
};

LightCurve sorted(LightCurve const& curve)
{
    std::vector<std::size_t> order(curve.mjd_s.size());
    std::iota(order.begin(), order.end(), std::size_t(0));
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return curve.mjd_s[a] < curve.mjd_s[b]; });
    LightCurve ascending;
    for (auto const i : order) ascending.mjd_s.push_back(curve.mjd_s[i]), ascending.factor.push_back(curve.factor[i]);
    return ascending;
}

}  // namespace

double LightCurve::mean(double begin_mjd_s, double end_mjd_s) const
{
    double const first = mjd_s.front(), last = mjd_s.back();
    double sum = std::max(0.0, std::min(end_mjd_s, first) - begin_mjd_s) * factor.front() +
                 std::max(0.0, end_mjd_s - std::max(begin_mjd_s, last)) * factor.back();
    for (std::size_t i = 1; i < mjd_s.size(); ++i) {
        double const from = std::max(begin_mjd_s, mjd_s[i - 1]), to = std::min(end_mjd_s, mjd_s[i]);
        if (from >= to) continue;
        double const slope = (factor[i] - factor[i - 1]) / (mjd_s[i] - mjd_s[i - 1]);
        sum += (to - from) * (factor[i - 1] + slope * ((from + to) / 2 - mjd_s[i - 1]));
    }
    return sum / (end_mjd_s - begin_mjd_s);
}

std::map<std::string, LightCurve> read_light_curves(std::string const& path, double start_mjd_s)
{
    std::ifstream file(path);
    if (!file)
        throw Error(Code::input_missing, "cannot read the light curves " + path, "no such readable file",
                    "check the path");
    std::optional<CurveColumns> columns;
    std::map<std::string, LightCurve> curves;
    int number = 0;
    for (std::string line; std::getline(file, line);) {
        if (++number == 1 && line.starts_with("\xEF\xBB\xBF")) line.erase(0, 3);  // of spreadsheets
        auto const content = trimmed(line);
        if (content.empty() || content[0] == '#') continue;
        within("light curves " + path + " line " + std::to_string(number), [&] {
            if (columns)
                columns->add(csv_fields(content), start_mjd_s, curves);
            else
                columns.emplace(csv_fields(content));
        });
    }
    if (curves.empty()) throw Error(Code::bad_config, "no light curve is in " + path, "no line", columns_of_curves);
    for (auto& [name, curve] : curves) curve = sorted(curve);
    return curves;
}

std::string light_curves_csv(std::map<std::string, LightCurve> const& curves)
{
    std::string text = "name,mjd,factor\n";
    for (auto const& [name, curve] : curves)
        for (std::size_t i = 0; i < curve.mjd_s.size(); ++i) {
            char line[80];
            std::snprintf(line, sizeof line, ",%.11f,%.9g\n", curve.mjd_s[i] / day_s, curve.factor[i]);
            text += csv_field(name) + line;
        }
    return text;
}

}  // namespace nocturne
