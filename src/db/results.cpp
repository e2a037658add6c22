// What a run made of a group. Enters: a GroupResult. Leaves: one transaction, or nothing; and the answer to "is it done?".
#include "db/insert_rows.hpp"
#include "db/query.hpp"
#include "db/runs.hpp"

#include <compare>
#include <set>

namespace nocturne::db {
namespace {

/// False where this very result is recorded already: the answer to its first try was lost.
bool finish_group(Session& session, GroupResult const& result)
{
    auto const moved =
        Query(session,
              "UPDATE ingest_queue SET state = 'completed', processing_stage = 'done', error = NULL, "
              "error_stage = NULL, error_code = NULL, lease_owner = NULL, lease_expires = NULL, "
              "failures = 0, failed_key = NULL, last_update = :now WHERE group_id = :id AND state = 'in_progress' AND "
              "fence = :fence AND run_id = :run")
            .bind(now_unix_s())
            .bind(result.claim.group_id)
            .bind(result.claim.fence)
            .bind(result.claim.run_id)
            .run();
    if (moved == 1) return true;
    Query query(
        session,
        "SELECT count(*) FROM group_runs WHERE run_id = :run AND group_id = :id AND fence = :fence AND status = "
        "'COMPLETED'");
    query.bind(result.claim.run_id).bind(result.claim.group_id).bind(result.claim.fence);
    auto const& n = query.integer();
    if (!query.fetch() || n.value == 0)
        throw ClaimGone(Code::transient, "group " + result.claim.group_id + " is no longer ours",
                        "another run took it over while this one worked on it",
                        "nothing was recorded; nothing is to be done");
    return false;
}

void store_inputs_and_timings(Session& session, GroupResult const& result)
{
    auto const& claim = result.claim;
    for (char const* table : {"run_inputs", "stage_timings"})
        Query(session, std::string("DELETE FROM ") + table + " WHERE run_id = :run AND group_id = :id")
            .bind(claim.run_id)
            .bind(claim.group_id)
            .run();
    RowInserter inputs(session, "INSERT INTO run_inputs (run_id, group_id, subband_idx, path, xxh128, bytes) VALUES ");
    for (auto const& input : result.key.inputs)
        inputs.add(claim.run_id, claim.group_id, input.subband_idx, input.path, input.xxh128, input.bytes);
    inputs.flush();
    RowInserter timings(session,
                        "INSERT INTO stage_timings (run_id, group_id, sequence, stage, wall_s, bytes) VALUES ");
    std::int64_t sequence = 0;
    for (auto const& stage : result.stages)
        timings.add(claim.run_id, claim.group_id, sequence++, stage.stage, stage.wall_s, stage.bytes);
    timings.flush();
}

void finish_group_run(Session& session, GroupResult const& result)
{
    auto const& claim = result.claim;
    Query(session,
          "UPDATE group_runs SET status = 'COMPLETED', error = NULL, error_stage = NULL, error_code = NULL, "
          "finished_at = :now, input_key = :key, config_hash = :hash, "
          "code_version = :version, config = :config, host = :host, rank = :rank, ranks = :ranks, device = :device, "
          "device_uuid = :uuid, n_subbands = :n, calibration = :cal, notes = :notes, flagging = :flagging WHERE run_id "
          "= :run AND group_id = "
          ":id")
        .bind(result.finished_s > 0 ? result.finished_s : now_unix_s())
        .bind(input_key(result.key.inputs))
        .bind(result.key.config_hash)
        .bind(result.key.code_version)
        .bind(result.config_json)
        .bind_text_or_null(result.place.host)
        .bind(result.place.rank)
        .bind(result.place.ranks)
        .bind_text_or_null(result.place.device)
        .bind_text_or_null(result.place.device_uuid)
        .bind(static_cast<std::int64_t>(result.key.inputs.size()))
        .bind_text_or_null(result.calibration.json)
        .bind_text_or_null(result.notes_json)
        .bind_text_or_null(result.flagging)
        .bind(claim.run_id)
        .bind(claim.group_id)
        .run();
    store_inputs_and_timings(session, result);
}

void store_ms_index(Session& session, GroupResult const& result, std::string const& ms_path)
{
    auto const& ms = result.ms;
    double const now = now_unix_s();
    std::string best;
    for (char const* product : {"dirty", "image", "pbcor"})
        for (auto const& image : result.images)
            if (image.product == product) best = image.path;
    Query(
        session,
        "INSERT INTO ms_index (path, start_mjd, end_mjd, mid_mjd, processed_at, status, stage, stage_updated_at, "
        "cal_applied, imagename, field_name, pointing_ra_deg, pointing_dec_deg, ra_deg, dec_deg, group_id, created_at) "
        "VALUES (:path, :start, :end, :mid, :processed, 'completed', :stage, :updated, :cal, :image, :field, :pra, "
        ":pdec, "
        ":ra, :dec, :group, :created) ON CONFLICT (path) DO UPDATE SET start_mjd = excluded.start_mjd, "
        "end_mjd = excluded.end_mjd, mid_mjd = excluded.mid_mjd, processed_at = excluded.processed_at, "
        "status = excluded.status, stage = excluded.stage, stage_updated_at = excluded.stage_updated_at, "
        "cal_applied = excluded.cal_applied, imagename = excluded.imagename, field_name = excluded.field_name, "
        "pointing_ra_deg = excluded.pointing_ra_deg, pointing_dec_deg = excluded.pointing_dec_deg, "
        "ra_deg = excluded.ra_deg, dec_deg = excluded.dec_deg, group_id = excluded.group_id")
        .bind(ms_path)
        .bind(ms.start_mjd)
        .bind(ms.end_mjd)
        .bind(0.5 * (ms.start_mjd + ms.end_mjd))
        .bind(now)
        .bind(result.images.empty() && !result.solutions.empty() ? "solved" : "imaged")
        .bind(now)
        .bind(ms.cal_applied ? 1 : 0)
        .bind_text_or_null(best)
        .bind_text_or_null(ms.field_name)
        .bind(ms.pointing_ra_deg)
        .bind(ms.pointing_dec_deg)
        .bind(ms.pointing_ra_deg)
        .bind(ms.pointing_dec_deg)
        .bind(result.claim.group_id)
        .bind(now)
        .run();
}

void store_image(Session& session, GroupResult const& result, ImageRow const& image, std::string const& ms_path)
{
    Query(session, "DELETE FROM images WHERE path = :path").bind(image.path).run();
    Query query(
        session,
        "INSERT INTO images (path, ms_path, created_at, type, beam_major_arcsec, beam_minor_arcsec, beam_pa_deg, "
        "noise_jy, dynamic_range, pbcor, field_name, center_ra_deg, center_dec_deg, imsize_x, imsize_y, "
        "cellsize_arcsec, freq_ghz, bandwidth_mhz, integration_sec, product, group_id, run_id, mid_mjd, n_subbands, "
        "stokes, weighting, robust, epsilon, n_vis_used, n_vis_flagged, n_vis_missing, tier, datasum) VALUES (:path, "
        ":ms, :created, :type, :bmaj, :bmin, :bpa, :noise, :dr, :pbcor, :field, :ra, :dec, :nx, :ny, :cell, :freq, "
        ":bw, :int, :product, :group, :run, :mid, :nsub, :stokes, :weighting, :robust, :eps, :used, :flagged, "
        ":missing, :tier, :datasum)");
    query.bind(image.path).bind(ms_path).bind(image.created_s > 0 ? image.created_s : now_unix_s()).bind(image.type);
    query.bind(image.beam_major_arcsec).bind(image.beam_minor_arcsec).bind(image.beam_pa_deg).bind(image.noise_jy);
    query.bind(image.dynamic_range).bind(image.pbcor ? 1 : 0).bind_text_or_null(image.field_name);
    query.bind(image.center_ra_deg).bind(image.center_dec_deg).bind(image.imsize).bind(image.imsize);
    query.bind(image.cellsize_arcsec).bind(image.freq_ghz).bind(image.bandwidth_mhz).bind(image.integration_s);
    query.bind(image.product).bind(result.claim.group_id).bind(result.claim.run_id).bind(image.mid_mjd);
    query.bind(image.n_subbands).bind_text_or_null(image.stokes).bind_text_or_null(image.weighting).bind(image.robust);
    query.bind(image.epsilon).bind(image.n_vis_used).bind(image.n_vis_flagged).bind(image.n_vis_missing);
    query.bind(image.tier).bind_text_or_null(image.datasum).run();
}

struct ResultName {
    std::string run_id, group_id;
    auto operator<=>(ResultName const&) const = default;
};

/// Results of other runs whose files were replaced by this one's.
std::set<ResultName> overtaken_by(Session& session, GroupResult const& result)
{
    std::set<ResultName> found;
    for (auto const& product : result.products) {
        Query query(session, "SELECT run_id, group_id FROM data_products WHERE path = :path");
        query.bind(product.path);
        auto &run = query.text(), &group = query.text();
        while (query.fetch()) found.insert({run.get(), group.get()});
    }
    found.erase({result.claim.run_id, result.claim.group_id});
    return found;
}

/// A result some of whose files are another's now is none any more: what is left of it must not pass for whole.
void retire(Session& session, ResultName const& name, GroupResult const& by)
{
    Query(session,
          "UPDATE group_runs SET status = 'CANCELLED', error = :why WHERE run_id = :run AND group_id = :id AND status "
          "= 'COMPLETED'")
        .bind("retired: run " + by.claim.run_id + " wrote its products in the same place")
        .bind(name.run_id)
        .bind(name.group_id)
        .run();
    Query(session,
          "UPDATE ms_index SET imagename = NULL WHERE imagename IN (SELECT path FROM images WHERE run_id = :run AND "
          "group_id = :id)")
        .bind(name.run_id)
        .bind(name.group_id)
        .run();
}

void store_product(Session& session, GroupResult const& result, ProductRow const& product)
{
    Query(session, "DELETE FROM data_products WHERE path = :path").bind(product.path).run();
    Query(session, "DELETE FROM lineage WHERE child = :path").bind(product.path).run();
    Query(session,
          "INSERT INTO data_products (path, run_id, group_id, type, product, bytes, xxh128, datasum, quality_metrics, "
          "created_at, cal_provenance) VALUES (:path, :run, :group, :type, :product, :bytes, :hash, :datasum, "
          ":quality, :now, :cal)")
        .bind(product.path)
        .bind(result.claim.run_id)
        .bind(result.claim.group_id)
        .bind(product.type)
        .bind(product.product)
        .bind(product.bytes)
        .bind(product.xxh128)
        .bind_text_or_null(product.datasum)
        .bind_text_or_null(product.quality_json)
        .bind(now_unix_s())
        .bind_text_or_null(result.calibration.provenance)
        .run();
}

/// Every product is made of all inputs and solutions.
void store_lineage(Session& session, GroupResult const& result)
{
    auto parents = result.calibration.paths;
    for (auto const& input : result.key.inputs) parents.push_back(input.path);
    RowInserter lineage(session, "INSERT INTO lineage (child, parent) VALUES ", "ON CONFLICT DO NOTHING");
    for (auto const& product : result.products)
        for (auto const& parent : parents) lineage.add(product.path, parent);
    lineage.flush();
}

void store_calibration(Session& session, GroupResult const& result, std::string const& ms_path)
{
    auto const& calibration = result.calibration;
    Query(session, "DELETE FROM calibration_applied WHERE ms_path = :ms").bind(ms_path).run();
    auto paths = calibration.paths;
    if (paths.empty() && !calibration.provenance.empty()) paths.push_back("job:" + result.claim.run_id);
    for (auto const& path : paths)
        Query(session,
              "INSERT INTO calibration_applied (ms_path, caltable_path, applied_at, success, run_id, group_id, "
              "provenance, forced) VALUES (:ms, :table, :now, 1, :run, :group, :provenance, :forced)")
            .bind(ms_path)
            .bind(path)
            .bind(now_unix_s())
            .bind(result.claim.run_id)
            .bind(result.claim.group_id)
            .bind(calibration.provenance)
            .bind(calibration.forced ? 1 : 0)
            .run();
}

void store_performance(Session& session, GroupResult const& result)
{
    auto const& p = result.performance;
    Query(session,
          "INSERT INTO performance_metrics (group_id, load_time, phase_time, write_time, total_time, writer_type, "
          "recorded_at) "
          "VALUES (:id, :load, :phase, :write, :total, :writer, :now) ON CONFLICT (group_id) DO UPDATE SET "
          "load_time = excluded.load_time, phase_time = excluded.phase_time, write_time = excluded.write_time, "
          "total_time = excluded.total_time, writer_type = excluded.writer_type, recorded_at = excluded.recorded_at")
        .bind(result.claim.group_id)
        .bind(p.load_s)
        .bind(p.phase_s)
        .bind(p.write_s)
        .bind(p.total_s)
        .bind(p.writer_type)
        .bind(now_unix_s())
        .run();
}

void store_checkpoints(Session& session, GroupResult const& result)
{
    auto const& claim = result.claim;
    Query(session, "DELETE FROM checkpoints WHERE run_id = :run AND group_id = :id")
        .bind(claim.run_id)
        .bind(claim.group_id)
        .run();
    RowInserter rows(
        session, "INSERT INTO checkpoints (run_id, group_id, sequence, task, stage, key, product, made_by) VALUES ");
    std::int64_t sequence = 0;
    for (auto const& one : result.checkpoints)
        rows.add(claim.run_id, claim.group_id, sequence++, one.task, one.stage, one.key,
                 one.product.empty() ? std::nullopt : std::optional(one.product),
                 one.made_by.empty() ? claim.run_id : one.made_by);
    rows.flush();
}

/// Of the run itself, and those of earlier runs that its stages took over.
std::vector<ProductRow> products_of(Session& session, std::string const& run_id, std::string const& group_id)
{
    Query query(
        session,
        "SELECT p.path, p.type, p.product, p.bytes, p.xxh128, p.datasum, p.quality_metrics FROM data_products p "
        "WHERE p.group_id = :id AND (p.run_id = :run OR EXISTS (SELECT 1 FROM checkpoints c WHERE c.run_id = "
        ":result AND c.group_id = p.group_id AND c.made_by = p.run_id AND c.product = p.product)) ORDER BY "
        "p.path");
    query.bind(group_id).bind(run_id).bind(run_id);
    auto &path = query.text(), &type = query.text(), &product = query.text();
    auto& bytes = query.integer();
    auto &hash = query.text(), &datasum = query.text(), &quality = query.text();
    std::vector<ProductRow> products;
    while (query.fetch())
        products.push_back(
            {path.get(), type.get(), product.get(), bytes.get(), hash.get(), datasum.get(), quality.get()});
    return products;
}

/// Inside a transaction.
std::vector<GaveWay> record_within(Session& session, GroupResult const& result)
{
    auto const ms_path = result.ms.path.empty() ? "group:" + result.claim.group_id : result.ms.path;
    if (!finish_group(session, result)) return {};
    finish_group_run(session, result);
    for (auto const& name : overtaken_by(session, result)) retire(session, name, result);
    if (result.science) store_ms_index(session, result, ms_path);
    for (auto const& image : result.images) store_image(session, result, image, ms_path);
    for (auto const& product : result.products) store_product(session, result, product);
    store_lineage(session, result);
    if (result.science) store_calibration(session, result, ms_path);
    store_candidates(session, result.claim.run_id, result.claim.group_id, result.candidates);
    std::vector<GaveWay> gone;
    if (!result.solutions.empty()) gone = register_within(session, result.solutions, Existing::replace);
    store_checkpoints(session, result);
    store_performance(session, result);
    if (!result.events.empty()) store_events_within(session, result.events);
    return gone;
}

/// A claim that was given back, where nobody has claimed the group since.
void take_up_again(Session& session, Claim const& claim)
{
    Query(session,
          "UPDATE ingest_queue SET state = 'in_progress', processing_stage = 'imaging', last_update = :now WHERE "
          "group_id = :id AND state = 'pending' AND fence = :fence AND run_id = :run")
        .bind(now_unix_s())
        .bind(claim.group_id)
        .bind(claim.fence)
        .bind(claim.run_id)
        .run();
}

}  // namespace

std::vector<GaveWay> record_group_result(Session& session, GroupResult const& result)
{
    return transact(session, [&] { return record_within(session, result); });
}

std::vector<GaveWay> record_late_result(Session& session, GroupResult const& result)
{
    record_hashes(session, result.key.inputs);
    return transact(session, [&] {
        take_up_again(session, result.claim);
        return record_within(session, result);
    });
}

std::vector<std::vector<ProductRow>> done_already(Session& session, std::string const& group_id, ResultKey const& key)
{
    std::vector<std::string> same, larger;
    {
        Query query(session,
                    "SELECT run_id, input_key FROM group_runs WHERE group_id = :id AND status = 'COMPLETED' AND "
                    "n_subbands >= :n AND config_hash = :hash AND code_version = :version ORDER BY finished_at DESC");
        query.bind(group_id).bind(std::ssize(key.inputs)).bind(key.config_hash).bind(key.code_version);
        auto &id = query.text(), &inputs = query.text();
        auto const wanted = input_key(key.inputs);
        while (query.fetch()) (inputs.get() == wanted ? same : larger).push_back(id.get());
    }
    for (auto const& run_id : larger)
        if (made_of(session, run_id, group_id, key.inputs)) same.push_back(run_id);
    std::vector<std::vector<ProductRow>> results;
    for (auto const& run_id : same) results.push_back(products_of(session, run_id, group_id));
    return results;
}

std::vector<KeptProduct> kept_products(Session& session, std::string const& group_id, Checkpoint const& stage)
{
    Query query(
        session,
        "SELECT DISTINCT p.run_id, p.path, p.type, p.product, p.bytes, p.xxh128, p.quality_metrics, p.created_at FROM "
        "checkpoints c "
        "JOIN data_products p ON p.run_id = c.made_by AND p.group_id = c.group_id AND p.product = c.product WHERE "
        "c.group_id = :id AND c.key = :key AND c.product = :product ORDER BY p.created_at DESC");
    query.bind(group_id).bind(stage.key).bind(stage.product);
    auto &run = query.text(), &path = query.text(), &type = query.text(), &product = query.text();
    auto& bytes = query.integer();
    auto &hash = query.text(), &quality = query.text();
    query.real();
    std::vector<KeptProduct> kept;
    while (query.fetch())
        kept.push_back(
            {run.get(), {path.get(), type.get(), product.get(), bytes.get(), hash.get(), "", quality.get()}});
    return kept;
}

bool has_worked_on(Session& session, std::string const& run_id, std::string const& group_id)
{
    Query query(session, "SELECT count(*) FROM group_runs WHERE run_id = :run AND group_id = :id");
    query.bind(run_id).bind(group_id);
    auto const& n = query.integer();
    return query.fetch() && n.value > 0;
}

}  // namespace nocturne::db
