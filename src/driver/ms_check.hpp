// Checks of a Measurement Set: what other programs need of one, and what they once broke. Enters: its path. Leaves: a verdict
// for each check, with the value that was found and its limit.
#pragma once

#include "io/ms_facts.hpp"
#include "nocturne/group.hpp"
#include "sky/telescope.hpp"

#include <optional>
#include <string>
#include <vector>

namespace nocturne {

enum class MsVerdict { good, warn, fail };
char const* name(MsVerdict verdict);

struct MsCheck {
    std::string name;
    MsVerdict verdict = MsVerdict::good;
    std::optional<double> value, limit;  ///< absent where the check is no number, or did not apply
    std::string unit;
    std::string sentence;
};

struct MsCheckReport {
    std::string path;
    std::vector<MsCheck> checks;
    /// The worst; with strictness, a warning is a failure.
    MsVerdict verdict(bool strict) const;
};

/// Reads the set in a child process. Throws Error(input_missing) or Error(bad_input) where its main table cannot be opened.
MsCheckReport check_measurement_set(std::string const& path);

// Parts, for check_measurement_set and the tests.

/// What stands in the tables: version, columns, subtables, frequencies, directions, telescope, mounts, dishes, samples.
std::vector<MsCheck> check_tables(MsFacts const& facts, Telescope const& telescope);
/// What the rows say against antennas and phase centres: coherence, lengths of UVW, UVW against geometry.
std::vector<MsCheck> check_geometry(GroupHeader const& header, Telescope const& telescope);
/// Antennas against the stations of the telescope's file.
MsCheck check_stations(MsFacts const& facts, Telescope const& telescope);

}  // namespace nocturne
