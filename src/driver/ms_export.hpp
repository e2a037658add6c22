// A group as a Measurement Set: the sink of pass "export". Enters: blocks from all ranks of a team. Leaves: the set as a product
// that appears whole.
//
// The first rank has a child make all tables (casacore ends the process that fills a disk with it), each rank writes the rows of its
// own baselines into their files, the child reads a part of them back through casacore, and everything is synced before the
// product may be renamed.
#pragma once

#include "driver/job_file.hpp"
#include "driver/ranks.hpp"
#include "io/ms_request.hpp"
#include "io/product_directory.hpp"
#include "nocturne/stage.hpp"
#include "qa/timing.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace nocturne {

enum class MsFields { one, per_time };

/// What a user says of a Measurement Set: the parameters of stage "export".
struct MsExportOptions {
    MsFields fields = MsFields::one;
    MsWindows windows = MsWindows::merged;
    MsCorrelations correlations = MsCorrelations::as_is;
    MsColumns columns;
    std::string telescope_name;  ///< empty: the header's
};

/// Throws Error(bad_config) on a column that there is none of.
MsExportOptions ms_export_options(Params const& params);

/// What the set of this group says but for its samples. Throws Error(bad_config) where one field is asked for and every moment
/// has a centre of its own.
MsRequest ms_request_of(GroupState const& state, MsExportOptions const& options);

struct MsExported {
    std::string path;
    std::uint64_t bytes = 0;
    std::int64_t rows = 0;
    double write_s = 0;  ///< open to close, the slowest rank: tables and samples into the page cache
    double sync_s = 0, readback_s = 0;
    std::uint64_t bytes_compared = 0;  ///< of the read-back
};

/// What a Measurement Set must not be written over, nor among.
struct MsInputs {
    std::vector<std::string> paths;
    std::string scanned = {};  ///< the directory whose every set is an input the next time; "" = files were named
};

/// Where a job's Measurement Set goes and what it says of it; nothing where it makes none. "on" means `beside`; where that is empty,
/// Error(bad_config); where an input stands there, or where it would lie among them, Error(usage).
struct MsWish {
    std::string path;
    MsExportOptions options;
};
std::optional<MsWish> ms_wish(Job const& job, std::string const& beside, MsInputs const& inputs);

class MsExport {
public:
    /// Every rank of the team makes one with the same arguments. Strays of dead processes beside the set are removed. The command line
    /// and the notes, as they are when the first block comes, become lines of HISTORY.
    MsExport(MsWish const& wish, Ranks const& team, std::string command_line, std::vector<std::string> const* notes);
    ~MsExport();
    MsExport(MsExport const&) = delete;
    MsExport& operator=(MsExport const&) = delete;

    /// GroupState::write_block. Called once without baselines, before any block of any rank: the tables are made then.
    BlockSink sink();

    /// After the last block, on all ranks: closes, syncs ("sync" in the ledger), reads back ("read back"). The figures stand on the leader. Throws on all ranks
    /// what one met; Error(io) on a full disk.
    MsExported finish(Ledger& ledger);
    MsExported const& exported() const;  ///< what finish returned
    /// The leader's, to be committed alone or in a set.
    std::unique_ptr<ProductDirectory> take_product();

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace nocturne
