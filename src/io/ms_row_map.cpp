// Rows of a Measurement Set to the cells of a group: rectangular where every baseline shares the times, else ragged.
#include "io/ms_read_parts.hpp"
#include "io/spacing.hpp"

#include <algorithm>
#include <cmath>
#include <tuple>
#include <unordered_map>

namespace nocturne::ms {
namespace {

constexpr double one_time_s = 1e-4;  // MJD seconds in double resolve 1 µs; JD, where some columns come from, 40 µs
constexpr double stored_time_s = 20e-6;  // less than a JD resolves
constexpr std::int32_t nowhere = -1;
constexpr Index most_padding = 64;  // cells a row; averaging by baseline length needs less

Error bad_row(std::size_t row, std::string problem, std::string reason)
{
    return Error(Code::bad_input, std::move(problem), "row " + std::to_string(row) + ": " + std::move(reason),
                 "repair the Measurement Set");
}

/// The work of `map_rows`, step by step.
class Mapper {
public:
    Mapper(RowColumns const& rows, Axes const& axes) : rows_(rows), axes_(axes) {}

    RowTargets map()
    {
        choose();
        find_times();
        find_moments();
        find_baselines();
        if (!place_rectangular() && !place_ragged()) {
            find_repetitions();
            place_ragged();
        }
        fill_axes();
        fill_offsets();
        return std::move(out_);
    }

private:
    bool wanted(std::size_t r) const { return window_[r] >= 0; }

    /// Which rows are read, and of which window; indices are checked.
    void choose()
    {
        auto const n = rows_.time_s.size();
        window_.assign(n, nowhere);
        bool any = false;
        for (std::size_t r = 0; r < n; ++r) {
            auto const field = rows_.field[r];
            if (field < 0 || static_cast<std::size_t>(field) >= axes_.fields.size())
                throw bad_row(r, "FIELD_ID points nowhere", std::to_string(field));
            int const window = axes_.descriptions[static_cast<std::size_t>(rows_.description[r])].window;
            if (window < 0 || (axes_.only_field >= 0 && field != axes_.only_field)) continue;
            check(r);
            window_[r] = window;
            any = true;
        }
        if (!any)
            throw Error(Code::bad_input, "the Measurement Set has no rows to read",
                        std::to_string(n) + " rows, none of the chosen field and spectral windows",
                        "choose others with --field and --windows");
    }

    void check(std::size_t r) const
    {
        auto const field = static_cast<std::size_t>(rows_.field[r]);
        if (!axes_.field_trouble[field].empty())
            throw Error(Code::bad_input, "field " + axes_.fields[field].name + " cannot be read",
                        axes_.field_trouble[field], "rephase it to one ICRS direction, or choose another with --field");
        for (auto const antenna : {rows_.ant1[r], rows_.ant2[r]})
            if (antenna < 0 || static_cast<std::size_t>(antenna) >= axes_.antennas.size())
                throw bad_row(r, "ANTENNA1 or ANTENNA2 points nowhere", std::to_string(antenna));
        if (!std::isfinite(rows_.time_s[r])) throw bad_row(r, "TIME is not finite", "it is NaN or infinite");
    }

    /// Distinct times, ascending; time_of_[row].
    void find_times()
    {
        std::vector<double> changes;
        double last = std::nan("");
        for (std::size_t r = 0; r < window_.size(); ++r)
            if (wanted(r) && rows_.time_s[r] != last) changes.push_back(last = rows_.time_s[r]);
        std::sort(changes.begin(), changes.end());
        for (double t : changes)
            if (times_.empty() || t - times_.back() > one_time_s) times_.push_back(t);
        time_of_.assign(window_.size(), nowhere);
        for (std::size_t r = 0; r < window_.size(); ++r)
            if (wanted(r))
                time_of_[r] = static_cast<std::int32_t>(
                    std::upper_bound(times_.begin(), times_.end(), rows_.time_s[r]) - times_.begin() - 1);
    }

    /// Distinct (time, field, scan), by time; moment_[row].
    void find_moments()
    {
        struct Key {
            std::int32_t time, field, scan;
            auto operator<=>(Key const&) const = default;
        };
        std::vector<Key> keys;
        auto const key = [&](std::size_t r) { return Key{time_of_[r], rows_.field[r], rows_.scan[r]}; };
        for (std::size_t r = 0; r < window_.size(); ++r)
            if (wanted(r) && (keys.empty() || keys.back() != key(r))) keys.push_back(key(r));
        std::sort(keys.begin(), keys.end());
        keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
        moment_.assign(window_.size(), nowhere);
        for (std::size_t r = 0; r < window_.size(); ++r)
            if (wanted(r))
                moment_[r] =
                    static_cast<std::int32_t>(std::lower_bound(keys.begin(), keys.end(), key(r)) - keys.begin());
        auto& used = out_.used_fields;
        for (auto const& k : keys) used.push_back(k.field);
        std::sort(used.begin(), used.end());
        used.erase(std::unique(used.begin(), used.end()), used.end());
        for (auto const& k : keys)
            out_.moments.push_back(
                {times_[static_cast<std::size_t>(k.time)],
                 static_cast<std::int32_t>(std::lower_bound(used.begin(), used.end(), k.field) - used.begin()),
                 k.scan});
    }

    /// Baselines in the order of the first time, then of the rows; swapped to ant1 ≤ ant2.
    void find_baselines()
    {
        std::unordered_map<std::int64_t, std::int32_t> number;
        auto const key = [](Baseline b) { return (static_cast<std::int64_t>(b.ant1) << 32) | b.ant2; };
        baseline_.assign(window_.size(), nowhere);
        out_.swapped.assign(window_.size(), 0);
        for (int const first_time : {1, 0})
            for (std::size_t r = 0; r < window_.size(); ++r) {
                if (!wanted(r) || (time_of_[r] == 0) != (first_time == 1)) continue;
                Baseline const b{std::min(rows_.ant1[r], rows_.ant2[r]), std::max(rows_.ant1[r], rows_.ant2[r])};
                auto const [at, fresh] = number.try_emplace(key(b), static_cast<std::int32_t>(out_.baselines.size()));
                if (fresh) out_.baselines.push_back(b);
                baseline_[r] = at->second;
                out_.swapped[r] = rows_.ant1[r] > rows_.ant2[r];
            }
        bool any = false, all = true;
        for (std::size_t r = 0; r < window_.size(); ++r) {
            if (!wanted(r)) continue;
            any = any || out_.swapped[r];
            all = all && out_.swapped[r];
        }
        out_.turned = !any ? TurnedRows::none : all ? TurnedRows::all : TurnedRows::some;
    }

    /// repetition_[row]: how many rows before it have its baseline, moment and window; empty where none has any.
    void find_repetitions()
    {
        std::vector<std::uint32_t> order;
        for (std::size_t r = 0; r < window_.size(); ++r)
            if (wanted(r)) order.push_back(static_cast<std::uint32_t>(r));
        auto const key = [&](std::uint32_t r) { return std::tuple(window_[r], moment_[r], baseline_[r]); };
        auto const less = [&](std::uint32_t a, std::uint32_t b) { return key(a) < key(b); };
        std::stable_sort(order.begin(), order.end(), less);
        for (std::size_t i = 1; i < order.size(); ++i) {
            if (key(order[i]) != key(order[i - 1])) continue;
            if (repetition_.empty()) repetition_.assign(window_.size(), 0);
            repetition_[order[i]] = repetition_[order[i - 1]] + 1;
            ++out_.n_repeated;
        }
    }

    /// Of the samples of its baseline: by moment, and of several of one moment by their order.
    std::pair<std::int32_t, std::int32_t> sample(std::size_t r) const
    {
        return {moment_[r], repetition_.empty() ? 0 : repetition_[r]};
    }

    /// Cells [time][baseline]; false where a time has several moments, or more than half of the cells would be empty.
    bool place_rectangular()
    {
        if (out_.moments.size() != times_.size()) return false;
        auto const nb = static_cast<Index>(out_.baselines.size()), nw = static_cast<Index>(axes_.windows.size());
        n_integrations_ = static_cast<Index>(times_.size());
        Index n_rows = 0;
        for (std::size_t r = 0; r < window_.size(); ++r) n_rows += wanted(r);
        if (nb * n_integrations_ > 2 * std::max<Index>(1, n_rows / nw) && n_integrations_ > 1) return false;
        check_padding();
        return place([&](std::size_t r) { return static_cast<Index>(time_of_[r]); });
    }

    /// Cells [i-th sample of the baseline][baseline]; false where a row has another one's cell.
    bool place_ragged()
    {
        // Samples of each baseline in the order of their moments; windows of one moment share a sample.
        std::vector<std::vector<std::pair<std::int32_t, std::int32_t>>> samples(out_.baselines.size());
        for (std::size_t r = 0; r < window_.size(); ++r)
            if (wanted(r)) samples[static_cast<std::size_t>(baseline_[r])].push_back(sample(r));
        std::size_t most = 0;
        for (auto& list : samples) {
            std::sort(list.begin(), list.end());
            list.erase(std::unique(list.begin(), list.end()), list.end());
            most = std::max(most, list.size());
        }
        n_integrations_ = static_cast<Index>(most);
        check_padding();
        out_.moment_of.assign(most * samples.size(), nowhere);
        for (std::size_t b = 0; b < samples.size(); ++b)
            for (std::size_t i = 0; i < samples[b].size(); ++i)
                out_.moment_of[i * samples.size() + b] = samples[b][i].first;
        return place([&](std::size_t r) {
            auto const& list = samples[static_cast<std::size_t>(baseline_[r])];
            return static_cast<Index>(std::lower_bound(list.begin(), list.end(), sample(r)) - list.begin());
        });
    }

    void check_padding() const
    {
        auto const nb = static_cast<Index>(out_.baselines.size()), nw = static_cast<Index>(axes_.windows.size()),
                   n_rows = static_cast<Index>(window_.size());
        if (n_integrations_ * nb * nw > most_padding * n_rows)
            throw Error(Code::bad_input, "the rows are too sparse",
                        std::to_string(n_rows) + " rows for " + std::to_string(n_integrations_) + " integrations of " +
                            std::to_string(nb) + " baselines in " + std::to_string(nw) + " spectral windows",
                        "split the Measurement Set by baseline length or by time, or choose some of its --windows");
    }

    /// target, present, complete; false where a cell gets a window twice.
    template<class IntegrationOf>
    bool place(IntegrationOf const& integration_of)
    {
        auto const nb = static_cast<Index>(out_.baselines.size()), nw = static_cast<Index>(axes_.windows.size());
        std::vector<bool> seen(static_cast<std::size_t>(n_integrations_ * nb * nw));
        out_.target.assign(window_.size(), nowhere);
        out_.present.assign(static_cast<std::size_t>(n_integrations_ * nb), 0);
        std::size_t n = 0;
        for (std::size_t r = 0; r < window_.size(); ++r) {
            if (!wanted(r)) continue;
            Index const at = integration_of(r) * nb + baseline_[r];
            auto const here = static_cast<std::size_t>(at * nw + window_[r]);
            if (seen[here]) return false;
            seen[here] = true;
            ++n;
            out_.target[r] = at;
            out_.present[static_cast<std::size_t>(at)] = 1;
        }
        out_.complete = n == seen.size();
        return true;
    }

    /// INTERVAL, else EXPOSURE, else the distance to the nearest time where both are 0.
    double interval_of(std::size_t r)
    {
        double interval = rows_.interval_s[r] > 0 ? rows_.interval_s[r] : rows_.exposure_s[r];
        if (rows_.interval_s[r] == 0 && rows_.exposure_s[r] == 0) {
            interval = distance_to_nearest(times_, rows_.time_s[r], 0);
            ++out_.n_without_length;
        }
        if (!(interval > 0) || !std::isfinite(interval))
            throw bad_row(r, "INTERVAL is not positive", "nor is EXPOSURE");
        return interval;
    }

    void fill_axes()
    {
        auto const nb = out_.baselines.size(), ni = static_cast<std::size_t>(n_integrations_);
        out_.integration_s.assign(ni, 0);
        out_.exposure_s.assign(ni * nb, 0);
        std::vector<double> sum(ni, 0), count(ni, 0);
        bool differs = false;
        for (std::size_t r = 0; r < window_.size(); ++r) {
            if (!wanted(r)) continue;
            auto const cell = static_cast<std::size_t>(out_.target[r]), i = cell / nb;
            double const interval = interval_of(r);
            if (!std::isfinite(rows_.exposure_s[r]))
                throw bad_row(r, "EXPOSURE is not finite", "it is NaN or infinite");
            if (out_.integration_s[i] == 0) out_.integration_s[i] = interval;
            bool const stated = rows_.interval_s[r] != 0 || rows_.exposure_s[r] != 0;
            out_.exposure_s[cell] = stated ? rows_.exposure_s[r] : interval;
            differs = differs || out_.exposure_s[cell] != out_.integration_s[i];
            sum[i] += rows_.time_s[r] - times_.front();
            count[i] += 1;
        }
        if (!differs) out_.exposure_s.clear();
        out_.time_mjd_s = times_;
        if (!out_.moment_of.empty()) {
            out_.time_mjd_s.resize(ni);
            for (std::size_t i = 0; i < ni; ++i) out_.time_mjd_s[i] = times_.front() + sum[i] / std::max(1.0, count[i]);
        }
        if (!std::count(out_.present.begin(), out_.present.end(), 0)) out_.present.clear();
    }

    /// TIME_CENTROID against the moment's time. What lies outside of the row's interval (0, of programs that do not fill it) is none.
    void fill_offsets()
    {
        if (rows_.centroid_s.empty()) return;
        out_.offset_s.assign(static_cast<std::size_t>(n_integrations_) * out_.baselines.size(), 0);
        bool any = false;
        for (std::size_t r = 0; r < window_.size(); ++r) {
            if (!wanted(r)) continue;
            double const own = rows_.centroid_s[r] - times_[static_cast<std::size_t>(time_of_[r])];
            double const reach_s = std::max(rows_.interval_s[r], rows_.exposure_s[r]) / 2;
            if (!(std::abs(own) > stored_time_s && std::abs(own) <= reach_s)) continue;
            out_.offset_s[static_cast<std::size_t>(out_.target[r])] = own;
            any = true;
        }
        if (!any) out_.offset_s.clear();
    }

    RowColumns const& rows_;
    Axes const& axes_;
    RowTargets out_;
    std::vector<double> times_;
    std::vector<std::int32_t> window_, time_of_, moment_, baseline_, repetition_;  ///< [row]
    Index n_integrations_ = 0;
};

}  // namespace

RowTargets map_rows(RowColumns const& rows, Axes const& axes) { return Mapper(rows, axes).map(); }

}  // namespace nocturne::ms
