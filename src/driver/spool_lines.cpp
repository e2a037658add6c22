#include "driver/spool_lines.hpp"

#include "driver/events.hpp"
#include "driver/row_json.hpp"

#include <limits>

namespace nocturne {

using Json = nlohmann::json;

namespace db {

static void to_json(Json& j, EventRow const& event) { j = Json::parse(nocturne::to_json(event).dump()); }
static void from_json(Json const& j, EventRow& event)
{
    event = event_from_json(nlohmann::ordered_json::parse(j.dump()));
}

static void to_json(Json& j, CandidateRow const& row)
{
    auto const& one = row.candidate;
    j = {one.integration, one.time_mjd_s, one.at.ra.value(), one.at.dec.value(), one.x_pix,
         one.y_pix,       one.flux_jy,    one.noise_jy,      row.snapshot_path};
}
static void from_json(Json const& j, CandidateRow& row)
{
    row.candidate = {j[0], j[1], {Radians(j[2].get<double>()), Radians(j[3].get<double>())}, j[4], j[5], j[6], j[7]};
    row.snapshot_path = j[8];
}

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Claim, group_id, run_id, fence)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Failure, code, stage, message, key, most)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Checkpoint, task, stage, key, product, made_by)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(InputFile, subband_idx, path, xxh128, bytes)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(ResultKey, inputs, config_hash, code_version)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Place, host, device, device_uuid, rank, ranks)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(MsIndexRow, path, start_mjd, end_mjd, field_name, pointing_ra_deg, pointing_dec_deg,
                                   cal_applied)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(ProductRow, path, type, product, bytes, xxh128, datasum, quality_json)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(StageTiming, stage, wall_s, bytes)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Performance, load_s, phase_s, write_s, total_s, writer_type)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(CalibrationRow, provenance, json, paths, forced)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(CalTableRow, set_name, path, table_type, cal_field, refant, valid_start_mjd,
                                   valid_end_mjd, status, notes, source_ms_path, solver_command, solver_version,
                                   solver_params, quality_json, file_path, xxh128, bytes, group_id, mid_mjd, dec_deg,
                                   telescope, antennas_json, frequencies_json, correlations_json, preprocessing, qa,
                                   forced, created_s, order_index)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(GroupResult, claim, key, config_json, place, ms, science, images, candidates,
                                   products, notes_json, stages, checkpoints, performance, calibration, flagging,
                                   solutions, events, finished_s)

static void to_json(Json& j, RunEnd const& end)
{
    j = {{"status", name(end.status)},
         {"exit_code", end.exit_code},
         {"cpu_hours", end.cpu_hours},
         {"peak_memory_gb", end.peak_memory_gb},
         {"error", end.error},
         {"finished_s", end.finished_s},
         {"status_code", static_cast<int>(end.status)}};
}
static void from_json(Json const& j, RunEnd& end)
{
    end = {static_cast<RunStatus>(j.at("status_code").get<int>()),
           j.at("exit_code"),
           j.at("cpu_hours"),
           j.at("peak_memory_gb"),
           j.at("error"),
           j.at("finished_s")};
}

}  // namespace db

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(FailedGroup, claim, failure, events)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(ReleasedGroup, claim, why, events)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(EndedRun, run_id, end)

namespace {

constexpr char const* kinds[] = {"event", "result", "failed", "released", "run_end"};

/// Numbers that are not known.
void bring_back_nan(Json& document)
{
    if (document.is_null()) document = std::numeric_limits<double>::quiet_NaN();
    if (document.is_structured())
        for (auto& part : document) bring_back_nan(part);
}

template<class Entry>
SpoolEntry rows_of(Json document)
{
    auto events = document.contains("events") ? document["events"] : Json::array();
    document.erase("events");
    bring_back_nan(document);
    document["events"] = std::move(events);
    return document.get<Entry>();
}

}  // namespace

std::string to_line(SpoolEntry const& entry)
{
    if (auto const* event = std::get_if<db::EventRow>(&entry)) return "{\"event\":" + event->payload + "}";
    Json document;
    std::visit([&](auto const& one) { document[kinds[entry.index()]] = one; }, entry);
    return document.dump(-1, ' ', false, Json::error_handler_t::replace);
}

SpoolEntry entry_of_line(std::string const& line)
{
    try {
        auto const document = Json::parse(line);
        if (!document.is_object() || document.size() != 1)
            throw Error(Code::bad_input, "not a line of a spool", "it is no single record",
                        "use the program that wrote it");
        auto const& kind = document.items().begin().key();
        auto const& body = document.at(kind);
        if (kind == kinds[0]) return event_from_json(nlohmann::ordered_json::parse(line).at(kind));
        if (kind == kinds[1]) return rows_of<db::GroupResult>(body);
        if (kind == kinds[2]) return rows_of<FailedGroup>(body);
        if (kind == kinds[3]) return rows_of<ReleasedGroup>(body);
        if (kind == kinds[4]) return body.get<EndedRun>();
        throw Error(Code::bad_input, "not a line of a spool", "unknown kind " + kind, "use the program that wrote it");
    } catch (Json::exception const& error) {
        throw Error(Code::bad_input, "not a line of a spool", error.what(), "use the program that wrote it");
    }
}

std::string run_of(SpoolEntry const& entry)
{
    if (auto const* event = std::get_if<db::EventRow>(&entry)) return event->business_key;
    if (auto const* result = std::get_if<db::GroupResult>(&entry)) return result->claim.run_id;
    if (auto const* failed = std::get_if<FailedGroup>(&entry)) return failed->claim.run_id;
    if (auto const* released = std::get_if<ReleasedGroup>(&entry)) return released->claim.run_id;
    return std::get<EndedRun>(entry).run_id;
}

}  // namespace nocturne
