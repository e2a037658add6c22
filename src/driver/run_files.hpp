// The files of one group through passes, by the ranks of one team. Enters: paths, passes. Leaves: the group's state.
#pragma once

#include "driver/calibration.hpp"
#include "driver/probe.hpp"
#include "driver/reader_source.hpp"
#include "driver/run_group.hpp"

namespace nocturne {

struct FilesRun {
    SourceOptions source;
    Passes passes;
    VisibilitySink keep;                   ///< GroupState::keep
    std::vector<FileStamp> stamps = {};    ///< of check_inputs, where it was called: the files must still be those
    BlockSink write_block = {};            ///< GroupState::write_block
    SolutionBringer bring_solutions = {};  ///< where the job's stage apply wants what no task makes
    /// Where what the reader notes of the files goes before the first pass, and what passes note at the end.
    std::vector<std::string>* notes = nullptr;
    std::function<void(std::string const&)> pulse = {};  ///< GroupRun::pulse
    /// Of the leader, once the files are open: whether there is room for what is made of them. What it throws all ranks throw.
    std::function<void(GroupHeader const&)> check_room = {};
    std::string beam_file = {};  ///< of stage image: GroupState::beam_map is read from it
};

/// Opens the files on every rank and runs the passes; "open" and every pass stand in the ledger. An error of one rank is
/// thrown on all. A stop signal drops the group: Error(transient).
GroupState run_files(FilesRun files, Ranks const& team, Device const& device, Ledger& ledger);

/// Notes in the log once, and kept (null: not). A group that is read again, as where drift is followed, says the same again.
void tell(std::string const& group_id, std::vector<std::string> const& notes, std::vector<std::string>* kept,
          Ranks const& team);

}  // namespace nocturne
