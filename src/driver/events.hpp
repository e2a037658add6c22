// What happens in a run, as events (one JSON object each) that other programs follow: the job is the run, its subjobs are groups and their stages.
// Enters: kinds and measurements. Leaves: events whose ids are made of what they are about, so that one that is sent again is the same.
#pragma once

#include "db/events.hpp"
#include "db/groups.hpp"
#include "qa/timing.hpp"

#include <map>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace nocturne {

/// The entity of an event: of the run itself group and stage are "".
struct EventSubject {
    std::string group_id, stage;
    std::int64_t fence = 0;  ///< of the claim: another try at the group is told from this one
};

inline EventSubject subject_of(db::Claim const& claim) { return {claim.group_id, "", claim.fence}; }

/// Seconds and megabytes; NaN = not known.
struct EventMetrics {
    double duration_s = NAN, cpu_user_s = NAN, cpu_system_s = NAN, mem_max_mb = NAN;
};

class EventMaker {
public:
    explicit EventMaker(std::string run_id);

    /// `kind` is one of db::EventRow's; the status follows from it. The n-th event of one kind and subject has the same key whenever it is made.
    db::EventRow make(EventSubject const& subject, std::string const& kind, EventMetrics const& metrics,
                      nlohmann::ordered_json const& metadata);
    /// Each stage of a group as finished, by its ledger; then the group itself.
    std::vector<db::EventRow> group_finished(EventSubject const& subject, Ledger const& ledger,
                                             EventMetrics const& metrics, nlohmann::ordered_json const& metadata);

private:
    std::string run_id_, site_id_;
    std::map<std::string, int> made_;
};

/// The event as JSON: idempotency_key, site_id, app, entity, event. Home directories and passwords are left out of every text.
nlohmann::ordered_json to_json(db::EventRow const& event);
/// The inverse. Throws Error(bad_input) on anything else.
db::EventRow event_from_json(nlohmann::ordered_json const& document);

/// The envelope of CloudEvents 1.0 around it, structured mode.
nlohmann::ordered_json to_cloudevent(nlohmann::ordered_json const& event);

/// The late end of a result that was refused: an error of the same subject.
db::EventRow refusal_of(db::EventRow finished, std::string const& why);

/// A UUID (version 8, RFC 9562) made of a text: the same for the same text.
std::string uuid_of(std::string const& text);

}  // namespace nocturne
