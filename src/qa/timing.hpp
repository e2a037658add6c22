// Where the time went: a ledger of seconds and bytes per stage, merged over ranks, printed at the end of a run. The model is
// GROMACS' wallcycle table. Enters: what the driver measured. Leaves: a table for people, JSON for provenance.
#pragma once

#include "nocturne/view.hpp"

#include <nlohmann/json_fwd.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace nocturne {

/// Seconds since construction or the last restart, on the steady clock.
class Stopwatch {
public:
    Stopwatch() : start_(Clock::now()) {}
    double seconds() const { return std::chrono::duration<double>(Clock::now() - start_).count(); }
    /// The seconds so far; starts again from zero.
    double restart()
    {
        double const elapsed = seconds();
        start_ = Clock::now();
        return elapsed;
    }

private:
    using Clock = std::chrono::steady_clock;
    Clock::time_point start_;
};

/// One line of the table. `seconds` is summed over calls and ranks; `slowest_s` is the largest sum of one rank.
struct LedgerRow {
    std::string name;
    Index calls = 0;
    double seconds = 0;
    double slowest_s = 0;
    std::uint64_t bytes = 0;  ///< read plus written, as the algorithm needs them at least
    int ranks = 1;            ///< ranks that added to this row
};

/// Rows in the order in which their names were first added. Not for use by several threads at once.
class Ledger {
public:
    /// Adds one call of `name`: `seconds` of wall clock and the `bytes` it had to move (0 = not counted).
    void add(std::string const& name, double seconds, std::uint64_t bytes = 0);

    /// Takes in the ledger of another rank: seconds and bytes are summed, slowest_s becomes the maximum.
    void merge(Ledger const& other);

    /// Takes in the ledger of later work by the same ranks: seconds, bytes and slowest_s are summed, ranks the maximum.
    void append(Ledger const& later);

    std::vector<LedgerRow> const& rows() const { return rows_; }
    double total_seconds() const;  ///< over rows and ranks
    bool empty() const { return rows_.empty(); }

    /// [{name, wall_s, bytes, gb_per_s, calls, slowest_s, ranks}], the form that `prov` prints; GB = 1e9 bytes.
    nlohmann::ordered_json json() const;
    /// The inverse of json(), for ledgers that came from another rank. Throws Error(defect) on anything else.
    static Ledger from_json(nlohmann::ordered_json const& document);

    /// The table: stage, calls, seconds, share of `wall_s`, bytes, GB/s and the share of the time that its bytes alone
    /// would take at `bandwidth_bytes_per_s` of one rank (0 = unknown: column left out). Ends with a line for what no row
    /// covers and one for the sum. Seconds and GB/s are means over the ranks of a row. Lines end in '\n'.
    std::string table(double wall_s, double bandwidth_bytes_per_s = 0) const;

private:
    LedgerRow& row(std::string const& name);
    LedgerRow& sum(LedgerRow const& theirs);
    std::vector<LedgerRow> rows_;
};

/// Adds the seconds between construction and destruction to a ledger.
class LedgerScope {
public:
    LedgerScope(Ledger& ledger, std::string name, std::uint64_t bytes = 0)
        : ledger_(ledger), name_(std::move(name)), bytes_(bytes)
    {}
    LedgerScope(LedgerScope const&) = delete;
    LedgerScope& operator=(LedgerScope const&) = delete;
    ~LedgerScope() { ledger_.add(name_, watch_.seconds(), bytes_); }
    void add_bytes(std::uint64_t bytes) { bytes_ += bytes; }

private:
    Ledger& ledger_;
    std::string name_;
    std::uint64_t bytes_;
    Stopwatch watch_;
};

/// Bytes per second that one core moves here when it copies an array larger than the caches (read plus written). Takes
/// about 20 ms; measured once per process.
double measure_bandwidth();

/// "512 B", "19.3 MB", "1.37 GB": powers of 1000, three significant digits.
std::string format_bytes(double bytes);
/// "0.532 s", "12.3 s", "4 min 05 s", "2 h 03 min".
std::string format_seconds(double seconds);

}  // namespace nocturne
