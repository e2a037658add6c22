// Enters: files. Leaves: state; or the error of the lowest rank that had one.
#include "driver/run_files.hpp"

#include "driver/attempt.hpp"
#include "driver/beam_file.hpp"
#include "driver/node_turns.hpp"
#include "driver/stop_signal.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

namespace nocturne {

/// In the log once, and kept. (A group that is read again, as where drift is followed, says the same again.)
void tell(std::string const& group_id, std::vector<std::string> const& notes, std::vector<std::string>* kept,
          Ranks const& team)
{
    for (auto note = notes.begin(); note != notes.end(); ++note) {
        if (std::find(notes.begin(), note, *note) != note) continue;
        if (team.leader()) spdlog::warn("{}: {}", group_id, *note);
        if (kept) kept->push_back(*note);
    }
}

GroupState run_files(FilesRun files, Ranks const& team, Device const& device, Ledger& ledger)
{
    std::unique_ptr<BlockSource> source;
    team.agree(attempt([&] {
        LedgerScope const opening(ledger, "open");
        source = within("stage open", [&] {
            return throttled(open_group(files.source, device), files.source.max_readers,
                             [] { return StopSignal::requested(); });
        });
        check_unchanged(files.stamps);
        if (files.check_room && team.leader()) files.check_room(source->header());
    }));
    tell(source->header().group_id, source->notes(), files.notes, team);
    GroupState state;
    state.header = source->header();
    state.device = device;
    team.agree(attempt([&] {
        if (!files.beam_file.empty()) {
            state.beam_map = read_beam(files.beam_file);
            if (auto note = note_of_edge(*state.beam_map); !note.empty()) state.notes.push_back(std::move(note));
        }
    }));
    state.keep = std::move(files.keep);
    state.write_block = std::move(files.write_block);
    if (files.bring_solutions) {
        LedgerScope const reading(ledger, "solutions");
        within("stage apply", [&] { files.bring_solutions(state, team); });
    }
    GroupRun run{std::move(files.passes), team, ledger, 64, {}};
    run.stop_requested = [] { return StopSignal::requested(); };
    run.pulse = std::move(files.pulse);
    run_group(std::move(run), *source, state);
    tell(state.header.group_id, state.notes, files.notes, team);
    return state;
}

}  // namespace nocturne
