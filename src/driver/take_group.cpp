#include "driver/take_group.hpp"

#include "db/done_before.hpp"
#include "db/submitted_runs.hpp"
#include "driver/attempt.hpp"
#include "driver/record_keeper.hpp"
#include "driver/verify.hpp"
#include "nocturne/units.hpp"
#include "qa/timing.hpp"

#include <algorithm>

#include <spdlog/spdlog.h>

namespace nocturne {
namespace {

/// The word of processing_stage for where a group stands, as its passes say.
std::string queue_stage_of(std::string const& where)
{
    for (auto const& [start, word] :
         {std::pair{"flag", "flagging_rfi"}, {"solve", "solving_cal"}, {"apply", "applying_cal"}, {"image", "imaging"}})
        if (where.rfind(start, 0) == 0) return word;
    return "converting";
}

/// Another team may have hashed the files since the list of work was made.
void refresh_hashes(GroupWork& work, db::Session& session)
{
    for (auto& file : work.files) {
        auto const known = file.xxh128.empty() ? db::find_file(session, file.path) : std::nullopt;
        if (known && known->bytes == file.bytes) file.xxh128 = known->xxh128;
    }
}

/// Without checksums nobody can tell that a result was made of these files: where there is one, they are read. What cannot be read fails later, and
/// says why.
void find_hashes(GroupWork& work, db::Session& session)
{
    auto const unknown = [](db::InputFile const& file) { return file.xxh128.empty(); };
    if (std::none_of(work.files.begin(), work.files.end(), unknown)) return;
    auto const facts = db::facts_of(session, {work.group_id});
    if (!facts.count(work.group_id) || !facts.at(work.group_id).has_results) return;
    auto const failure = attempt([&] {
        for (auto& file : work.files)
            if (unknown(file)) verify_file(file);
    });
    if (!failure) db::record_hashes(session, work.files);
}

/// "123" of "123_7", an element of an array; "" of any other job.
std::string array_of(std::string const& hpc_job_id)
{
    auto const at = hpc_job_id.find('_');
    return at == std::string::npos ? "" : hpc_job_id.substr(0, at);
}

/// The holder is an element of the same array: it finishes the group or is started again, and nobody of this run waits for it.
bool in_good_hands(TeamContext const& context, db::Session& session, db::Holder const& holder)
{
    auto const array = array_of(context.where.slurm_job_id);
    auto const& run = context.request;
    bool const waited_for = run.only_job.empty() && std::any_of(run.jobs.begin(), run.jobs.end(), [&](Job const& job) {
                                return std::find(job.needs.begin(), job.needs.end(), run.job.id) != job.needs.end();
                            });
    return !array.empty() && !waited_for && array_of(db::hpc_job_of(session, holder.run_id)) == array;
}

}  // namespace

namespace {

/// What one look at a group comes to.
struct Look {
    std::optional<db::Claim> claim;
    std::optional<db::Holder> holder;  ///< who was quicker and works on it
    bool done = false;
};

Look look_at(GroupWork& work, TeamContext const& context, db::Session& session)
{
    Look look;
    auto const seen = db::free_fence(session, work.group_id);
    auto const before = db::find_group(session, work.group_id);
    refresh_hashes(work, session);
    if (seen) find_hashes(work, session);
    look.done = seen && is_done(context.request, session, work, backend_of(context.device));
    if (look.done && before) db::settle_done(session, work.group_id, before->last_update_s);
    if (look.done) return look;
    if (seen)
        look.claim = db::claim_group(session, work.group_id,
                                     {context.run_id, db::lease_owner(), 3600, db::ClaimFrom::any_finished, seen});
    if (!look.claim) look.holder = db::holder_of(session, work.group_id);
    return look;
}

}  // namespace

std::optional<db::Claim> take_group(GroupWork& work, TeamContext const& context, db::Session& session,
                                    GroupOutcome& outcome)
{
    constexpr int looks = 4;  // another run may take it, or end with it, while we look
    outcome.end = GroupEnd::done;
    if (auto const mine = db::held_claim(session, work.group_id, context.run_id, db::lease_owner()))
        return mine;  // the database went away before it answered
    outcome.end = GroupEnd::skipped;
    if (work.failures == 0 && db::has_worked_on(session, context.run_id, work.group_id))
        return std::nullopt;  // another team of this run
    std::optional<db::Holder> holder;
    for (int i = 0; i < looks && !holder; ++i) {
        auto const look = look_at(work, context, session);
        if (look.done) return std::nullopt;
        if (look.claim) {
            outcome.end = GroupEnd::done;
            return look.claim;
        }
        holder = look.holder;
    }
    if (holder && (holder->run_id == context.run_id || in_good_hands(context, session, *holder))) return std::nullopt;
    outcome.end = GroupEnd::held;
    outcome.failure = {work.group_id, "",
                       (holder ? "run " + holder->run_id + " (" + holder->process + ") works on it"
                               : std::string("other runs worked on it meanwhile")) +
                           ": run the same command again when it has ended",
                       exit_code(Code::transient)};
    return std::nullopt;
}

TeamContext with_heartbeat(TeamContext context, std::optional<db::Claim> const& claim)
{
    constexpr double pause_s = 60;
    auto const since = std::make_shared<Stopwatch>();
    context.pulse = [show = context.pulse, keeper = context.keeper, claim, since](std::string const& where) {
        if (show) show(where);
        if (!claim || since->seconds() < pause_s) return;
        since->restart();
        keeper->renew(*claim, queue_stage_of(where));
        keeper->emit({keeper->events().make(subject_of(*claim), "progress", {}, {{"where", where}})});
    };
    return context;
}

void warn_of_missing(GroupWork const& work)
{
    std::string missing;
    for (int subband = 0; subband < work.expected_subbands; ++subband)
        if (std::none_of(work.files.begin(), work.files.end(),
                         [&](db::InputFile const& file) { return file.subband_idx == subband; }))
            missing += (subband < 10 ? " sb0" : " sb") + std::to_string(subband);
    if (!missing.empty()) spdlog::warn("group {} lacks{}", work.group_id, missing);
}

}  // namespace nocturne
