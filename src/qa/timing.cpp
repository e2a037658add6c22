// Enters: seconds and bytes per stage. Leaves: the table of where the time went, and its JSON.
#include "qa/timing.hpp"

#include "nocturne/error.hpp"
#include "qa/text.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <memory>

namespace nocturne {
namespace {

double rate(LedgerRow const& row) { return row.seconds > 0 ? static_cast<double>(row.bytes) / row.seconds : 0; }

std::string percent(double part, double whole) { return whole > 0 ? print("%.1f %%", 100 * part / whole) : "-"; }

std::string pad_left(std::string const& text, std::size_t width)
{
    return std::string(width > text.size() ? width - text.size() : 0, ' ') + text;
}

std::string pad_right(std::string const& text, std::size_t width)
{
    return text + std::string(width > text.size() ? width - text.size() : 0, ' ');
}

/// Cells of one line; the first is aligned to the left, the others to the right.
std::string line(std::vector<std::string> const& cells, std::vector<std::size_t> const& widths)
{
    std::string text = pad_right(cells[0], widths[0]);
    for (std::size_t i = 1; i < cells.size(); ++i) text += "  " + pad_left(cells[i], widths[i]);
    while (!text.empty() && text.back() == ' ') text.pop_back();
    return text + "\n";
}

std::vector<std::string> cells_of(LedgerRow const& row, double wall_s, double bandwidth)
{
    double const mean_s = row.seconds / std::max(row.ranks, 1);
    std::vector<std::string> cells{row.name, print("%lld", static_cast<long long>(row.calls)), print("%.3f", mean_s),
                                   percent(mean_s, wall_s)};
    bool const counted = row.bytes > 0;
    cells.push_back(counted ? format_bytes(static_cast<double>(row.bytes)) : "");
    cells.push_back(counted ? print("%.2f", rate(row) / 1e9) : "");
    if (bandwidth > 0) cells.push_back(counted ? percent(rate(row), bandwidth) : "");
    return cells;
}

}  // namespace

LedgerRow& Ledger::row(std::string const& name)
{
    auto const found = std::find_if(rows_.begin(), rows_.end(), [&](LedgerRow const& r) { return r.name == name; });
    if (found != rows_.end()) return *found;
    rows_.push_back({});
    rows_.back().name = name;
    return rows_.back();
}

void Ledger::add(std::string const& name, double seconds, std::uint64_t bytes)
{
    LedgerRow& r = row(name);
    r.calls += 1;
    r.seconds += seconds;
    r.slowest_s += seconds;
    r.bytes += bytes;
}

LedgerRow& Ledger::sum(LedgerRow const& theirs)
{
    LedgerRow& ours = row(theirs.name);
    if (ours.calls == 0) ours.ranks = 0;
    ours.calls += theirs.calls;
    ours.seconds += theirs.seconds;
    ours.bytes += theirs.bytes;
    return ours;
}

void Ledger::merge(Ledger const& other)
{
    for (auto const& theirs : other.rows_) {
        LedgerRow& ours = sum(theirs);
        ours.ranks += theirs.ranks;
        ours.slowest_s = std::max(ours.slowest_s, theirs.slowest_s);
    }
}

void Ledger::append(Ledger const& later)
{
    for (auto const& theirs : later.rows_) {
        LedgerRow& ours = sum(theirs);
        ours.ranks = std::max(ours.ranks, theirs.ranks);
        ours.slowest_s += theirs.slowest_s;
    }
}

double Ledger::total_seconds() const
{
    double sum = 0;
    for (auto const& r : rows_) sum += r.seconds;
    return sum;
}

nlohmann::ordered_json Ledger::json() const
{
    auto document = nlohmann::ordered_json::array();
    for (auto const& r : rows_)
        document.push_back({{"name", r.name},
                            {"wall_s", r.seconds},
                            {"bytes", r.bytes},
                            {"gb_per_s", rate(r) / 1e9},
                            {"calls", r.calls},
                            {"slowest_s", r.slowest_s},
                            {"ranks", r.ranks}});
    return document;
}

Ledger Ledger::from_json(nlohmann::ordered_json const& document)
{
    Ledger ledger;
    try {
        for (auto const& entry : document) {
            LedgerRow r;
            entry.at("name").get_to(r.name);
            entry.at("wall_s").get_to(r.seconds);
            entry.at("bytes").get_to(r.bytes);
            entry.at("calls").get_to(r.calls);
            entry.at("slowest_s").get_to(r.slowest_s);
            entry.at("ranks").get_to(r.ranks);
            ledger.rows_.push_back(r);
        }
    } catch (nlohmann::json::exception const& error) {
        throw Error(Code::defect, "a ledger of timings cannot be read", error.what(), "report this as a defect");
    }
    return ledger;
}

std::string Ledger::table(double wall_s, double bandwidth_bytes_per_s) const
{
    std::vector<std::vector<std::string>> lines{{"stage", "calls", "seconds", "share", "bytes", "GB/s"}};
    if (bandwidth_bytes_per_s > 0) lines[0].push_back("of bandwidth");
    double covered = 0;
    std::uint64_t bytes = 0;
    for (auto const& r : rows_) {
        lines.push_back(cells_of(r, wall_s, bandwidth_bytes_per_s));
        covered += r.seconds / std::max(r.ranks, 1);
        bytes += r.bytes;
    }
    double const rest = std::max(0.0, wall_s - covered);
    lines.push_back({"elsewhere", "", print("%.3f", rest), percent(rest, wall_s)});
    lines.push_back({"wall clock", "", print("%.3f", wall_s), percent(wall_s, wall_s),
                     bytes > 0 ? format_bytes(static_cast<double>(bytes)) : ""});
    std::vector<std::size_t> widths(lines[0].size(), 0);
    for (auto const& cells : lines)
        for (std::size_t i = 0; i < cells.size(); ++i) widths[i] = std::max(widths[i], cells[i].size());
    std::size_t whole = 0;
    for (auto w : widths) whole += w + 2;
    std::string const rule = std::string(whole - 2, '-') + "\n";
    std::string text = line(lines.front(), widths) + rule;
    for (std::size_t i = 1; i + 1 < lines.size(); ++i) text += line(lines[i], widths);
    return text + rule + line(lines.back(), widths);
}

double measure_bandwidth()
{
    static double const measured = [] {
        std::size_t const n = std::size_t{64} << 20;
        std::size_t const slice = n / 8;  // copied within a turn of the scheduler: what else runs here does not count
        auto array = std::make_unique_for_overwrite<char[]>(n);
        std::memset(array.get(), 1, n);
        double best = 1e9;
        for (std::size_t i = 0; i < 12; ++i) {
            auto const from = i * slice % n, to = (from + n / 2) % n;
            array[from] = static_cast<char>(i);
            Stopwatch watch;
            std::memcpy(array.get() + to, array.get() + from, slice);
            best = std::min(best, watch.seconds());
            if (array[to] != static_cast<char>(i)) best = 1e9;  // so that no compiler leaves the copy away
        }
        return 2.0 * static_cast<double>(slice) / std::max(best, 1e-9);
    }();
    return measured;
}

std::string format_bytes(double bytes)
{
    constexpr std::array<char const*, 6> units{"B", "kB", "MB", "GB", "TB", "PB"};
    std::size_t unit = 0;
    while (bytes >= 999.5 && unit + 1 < units.size()) {
        bytes /= 1000;
        ++unit;
    }
    int const decimals = unit == 0 || bytes >= 99.95 ? 0 : (bytes >= 9.995 ? 1 : 2);
    return print("%.*f %s", decimals, bytes, units[unit]);
}

std::string format_seconds(double seconds)
{
    if (seconds < 9.9995) return print("%.3f s", seconds);
    if (seconds < 99.95) return print("%.1f s", seconds);
    auto const whole = static_cast<long long>(std::llround(seconds));
    if (whole < 3600) return print("%lld min %02lld s", whole / 60, whole % 60);
    return print("%lld h %02lld min", whole / 3600, whole % 3600 / 60);
}

}  // namespace nocturne
