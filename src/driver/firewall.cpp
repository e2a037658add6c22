#include "driver/firewall.hpp"

#include "io/ms_subtables.hpp"
#include "nocturne/correlation.hpp"
#include "nocturne/pointing.hpp"
#include "nocturne/present_channels.hpp"
#include "nocturne/text.hpp"
#include "qa/solution_quality.hpp"

#include <algorithm>
#include <cmath>
#include <cstdarg>
#include <cstdio>

namespace nocturne {
namespace {

[[gnu::format(printf, 1, 2)]] std::string text(char const* format, ...)
{
    char line[300];
    va_list values;
    va_start(values, format);
    std::vsnprintf(line, sizeof line, format, values);
    va_end(values);
    return line;
}

/// Looks at one table; a rule refuses once, by the first table that breaks it.
class Examiner {
public:
    Examiner(FirewallCase const& one, CalTable const& table, FirewallVerdict& verdict)
        : one_(one), header_(one.header), table_(table), verdict_(verdict)
    {}

    void examine()
    {
        declination();
        antennas();
        frequencies();
        correlations();
        preprocessing();
    }

private:
    void refuse(char const* rule, std::string const& why)
    {
        auto const said = [&](std::string const& refusal) { return refusal.rfind(rule, 0) == 0; };
        if (std::none_of(verdict_.refusals.begin(), verdict_.refusals.end(), said))
            verdict_.refusals.push_back(std::string(rule) + ": " + name(table_.kind) + " " + why);
    }
    void unverified(std::string const& rule)
    {
        auto& all = verdict_.unverified;
        if (std::find(all.begin(), all.end(), rule) == all.end()) all.push_back(rule);
    }

    void declination()
    {
        auto const looked = pointing_dec_rad(header_);
        if (!looked || std::isnan(table_.pointing_dec_rad)) return unverified("declination");
        double const set = table_.pointing_dec_rad / degree_rad, group = *looked / degree_rad;
        if (std::abs(set - group) > strip_deg)
            refuse("declination",
                   text("is of %+.2f deg, the group of %+.2f, and a strip is %g deg", set, group, strip_deg));
    }

    static double length_m(std::array<double, 3> const& mine, std::array<double, 3> const& theirs)
    {
        return std::hypot(mine[0] - theirs[0], mine[1] - theirs[1], mine[2] - theirs[2]);
    }
    static std::array<double, 3> absolute_m(Antenna const& antenna, Site const& site)
    {
        auto place = site_itrf_m(site);
        for (std::size_t i = 0; i < 3; ++i) place[i] += antenna.position_m[i];
        return place;
    }

    /// On the Earth, or against the sites, whichever is less: the site of a Measurement Set that names none is the mean of its antennas. Those of
    /// a CASA table are absolute.
    double shift_m(Antenna const& mine, Antenna const& theirs) const
    {
        auto const group = absolute_m(theirs, header_.site);
        if (one_.solutions.of_casa) return length_m(mine.position_m, group);
        return std::min(length_m(mine.position_m, theirs.position_m), length_m(absolute_m(mine, table_.site), group));
    }

    void antennas()
    {
        std::size_t unknown = 0;
        for (auto const& mine : table_.antennas) {
            auto const found = std::find_if(header_.antennas.begin(), header_.antennas.end(), [&](Antenna const& a) {
                return mine.number < 0 ? a.name == mine.name : a.number == mine.number;
            });
            if (found == header_.antennas.end()) {
                ++unknown;
                if (!one_.solutions.of_casa)
                    return refuse("antennas", "has antenna " + mine.name + ", which the group has not");
                continue;
            }
            if (found->name != mine.name)
                return refuse("antennas", text("calls number %d %s, the group calls it %s", mine.number,
                                               mine.name.c_str(), found->name.c_str()));
            if (double const shift = shift_m(mine, *found); !(shift <= most_antenna_shift_m))
                return refuse("antennas",
                              text("has antenna %s %.2f m from where the group has it", mine.name.c_str(), shift));
        }
        if (unknown == table_.antennas.size()) refuse("antennas", "has no antenna of the group");
    }

    /// Channels that files of the group hold; of one window, or (CASA) of many.
    void frequencies()
    {
        if (one_.solutions.of_casa || one_.between_channels) return;  // all windows together: see below
        auto const channels = present_channels(header_);
        if (channels.empty()) return;
        double const width = header_.channel_width_hz[channels.front()];
        double const low = header_.freq_hz[channels.front()] - width / 2,
                     high = header_.freq_hz[channels.back()] + header_.channel_width_hz[channels.back()] / 2;
        double const first = table_.freq_hz.front() - table_.channel_width_hz.front() / 2,
                     last = table_.freq_hz.back() + table_.channel_width_hz.back() / 2;
        bool const inside = first - low < width / 2 && high - last < width / 2;
        if (inside && (table_.kind != CalKind::bandpass || on(channels))) return;
        refuse("frequencies",
               text("is of %.4f to %.4f MHz in %zu channels, the group of %.4f to %.4f in %zu", first / 1e6, last / 1e6,
                    table_.freq_hz.size(), low / 1e6, high / 1e6, channels.size()));
    }

    /// Each of these channels is one of the table's: the group and the table may both lack subbands, the table none that the group has.
    bool on(std::vector<std::size_t> const& channels) const
    {
        std::size_t k = 0;
        for (std::size_t const c : channels) {
            double const close = 0.01 * header_.channel_width_hz[c];
            while (k < table_.freq_hz.size() && table_.freq_hz[k] < header_.freq_hz[c] - close) ++k;
            if (k == table_.freq_hz.size() || std::abs(table_.freq_hz[k] - header_.freq_hz[c]) > close ||
                std::abs(table_.channel_width_hz[k] - header_.channel_width_hz[c]) > close)
                return false;
        }
        return true;
    }

    void correlations()
    {
        for (auto wanted : header_.correlations) {
            bool const cross = antennas_exchanged(wanted) != wanted;
            auto const& mine = table_.correlations;
            bool const either_basis = !one_.solutions.names_hands && static_cast<int>(wanted) < 0;
            if (cross || either_basis || std::find(mine.begin(), mine.end(), wanted) != mine.end()) continue;
            return refuse("correlations", std::string("has no ") + name(wanted));
        }
    }

    void preprocessing()
    {
        auto const group = preprocessing_of(header_);
        if (table_.preprocessing.empty()) return unverified("preprocessing");
        auto const compared = [&](std::string const& text) {  // widths of channels are a matter of frequencies() then
            return one_.between_channels ? text.substr(0, text.rfind(',')) : text;
        };
        if (!same_preprocessing(compared(table_.preprocessing), compared(group)))
            refuse("preprocessing", "is of data " + table_.preprocessing + ", the group is " + group);
    }

    FirewallCase const& one_;
    GroupHeader const& header_;
    CalTable const& table_;
    FirewallVerdict& verdict_;
};

/// Windows of CASA tables (or a bandpass to be interpolated): some channel of the group must lie in one.
void check_coverage(FirewallCase const& one, FirewallVerdict& verdict)
{
    bool const any = std::any_of(one.solutions.tables.begin(), one.solutions.tables.end(), [&](CalTable const& table) {
        return std::any_of(one.header.freq_hz.begin(), one.header.freq_hz.end(), [&](double f) {
            return f >= table.freq_hz.front() - table.channel_width_hz.front() / 2 &&
                   f <= table.freq_hz.back() + table.channel_width_hz.back() / 2;
        });
    });
    if (!any) verdict.refusals.emplace_back("frequencies: no channel of the group lies in any of its windows");
}

void check_validity(FirewallCase const& one, FirewallVerdict& verdict)
{
    double const mid = one.header.mid_time_mjd_s() / day_s;
    if (mid >= one.validity.start_mjd && mid <= one.validity.end_mjd) return;
    verdict.refusals.push_back(text("validity: holds from MJD %.4f to %.4f, and the group is of %.4f",
                                    one.validity.start_mjd, one.validity.end_mjd, mid));
}

}  // namespace

bool same_preprocessing(std::string const& one, std::string const& two)
{
    auto const unphased = [](std::string const& text) { return text.rfind("unphased", 0) == 0; };
    auto const lengths = [](std::string const& text) { return text.substr(std::min(text.find(','), text.size())); };
    return unphased(one) == unphased(two) && lengths(one) == lengths(two);
}

Validity default_validity(LoadedSolutions const& solutions)
{
    double first = INFINITY, last = -INFINITY;
    for (auto const& table : solutions.tables)
        for (auto const& interval : table.intervals) {
            first = std::min(first, interval.time_mjd_s);
            last = std::max(last, interval.time_mjd_s);
        }
    return {first / day_s - validity_days, last / day_s + validity_days};
}

FirewallVerdict examine(FirewallCase const& one)
{
    FirewallVerdict verdict;
    for (auto const& table : one.solutions.tables) Examiner(one, table, verdict).examine();
    if (one.solutions.of_casa || one.between_channels) check_coverage(one, verdict);
    auto const quality = judge_solutions(one.solutions.tables);
    if (quality.verdict == QualityVerdict::fail) verdict.refusals.push_back("quality: " + join(quality.reasons, "; "));
    if (quality.verdict == QualityVerdict::warn) verdict.doubts = quality.reasons;
    check_validity(one, verdict);
    return verdict;
}

Error refusal(std::string const& path, GroupHeader const& header, std::vector<std::string> const& refusals)
{
    return Error(Code::bad_input, "solutions " + path + " do not fit group " + header.group_id, join(refusals, "; "),
                 "choose solutions that fit, or say --force, which every product will record");
}

}  // namespace nocturne
