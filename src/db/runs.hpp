// Runs: one row per invocation that works on groups, and what each run made of each group.
#pragma once

#include "db/candidates.hpp"
#include "db/events.hpp"
#include "db/groups.hpp"
#include "db/hash.hpp"
#include "db/images.hpp"
#include "db/registry.hpp"

namespace nocturne::db {

enum class RunStatus { pending, staging_data, submitted, running, collecting_results, completed, failed, cancelled };
char const* name(RunStatus status);  ///< "RUNNING", …: CCAT's words

/// What is known when a run starts; recorded with status RUNNING.
struct RunStart {
    std::string run_id = {};  ///< "" = make one (make_run_id)
    std::string job_name;
    std::string command_line;
    std::string config_json = "{}";  ///< the effective configuration, without secrets
    std::string code_version;
    std::string host, device, device_uuid;
    int ranks = 1;
    std::string hpc_job_id;  ///< SLURM_JOB_ID, "" = none
    int restart_count = 0;   ///< SLURM_RESTART_COUNT
    std::string spool = {};  ///< directory of what could not be recorded; "" = none
};

/// What is known when it ends.
struct RunEnd {
    RunStatus status = RunStatus::completed;
    int exit_code = 0;
    double cpu_hours = 0;
    double peak_memory_gb = 0;
    std::string error;
    double finished_s = 0;  ///< 0 = now
};

/// "20261121T070501Z-" and 8 random hex digits.
std::string make_run_id();
/// Returns the run's id.
std::string start_run(Session& session, RunStart const& start);
/// wall_time_s is counted from the start that was recorded.
void finish_run(Session& session, std::string const& run_id, RunEnd const& end);

struct StageTiming {
    std::string stage;
    double wall_s = 0;
    std::int64_t bytes = 0;  ///< moved by the stage; 0 = not counted
};

/// A file that was written. Types are CCAT's: SCIENCE, QA_METRIC, PLOT, STATISTIC, LOG.
struct ProductRow {
    std::string path;  ///< absolute
    std::string type = "SCIENCE";
    std::string product;  ///< "dirty", "psf", "thumbnail", "report", …
    std::int64_t bytes = 0;
    std::string xxh128;
    std::string datasum;       ///< FITS DATASUM, "" where it has none
    std::string quality_json;  ///< "" = none
};

/// performance_metrics, seconds.
struct Performance {
    double load_s = 0, phase_s = 0, write_s = 0, total_s = 0;
    std::string writer_type = "none";  ///< of the Measurement Set
};

/// A row of ms_index; `path` "" stands for group:<group_id> (no Measurement Set was written).
struct MsIndexRow {
    std::string path;
    double start_mjd = 0, end_mjd = 0;
    std::string field_name;
    double pointing_ra_deg = 0, pointing_dec_deg = 0;
    bool cal_applied = false;
};

/// Where a group was worked on.
struct Place {
    std::string host, device, device_uuid;
    int rank = 0, ranks = 1;  ///< ranks that shared the group
};

/// What decides whether a group must be done again.
struct ResultKey {
    std::vector<InputFile> inputs;  ///< with checksums
    std::string config_hash;        ///< of the effective configuration of the group
    std::string code_version;
};

/// xxh3-128 over the sorted checksums of the inputs, 32 hex digits.
std::string input_key(std::vector<InputFile> const& inputs);

/// What the group was corrected by; provenance "" where it was not.
struct CalibrationRow {
    std::string provenance, json;
    std::vector<std::string> paths;  ///< of files and CASA tables
    bool forced = false;
};

/// A stage of a result by its content: what it is made of and by. Tasks before it are part of its key.
struct Checkpoint {
    std::string task, stage;
    std::string key;      ///< checksum of inputs, effective configuration up to this stage, code version
    std::string product;  ///< kind of product that the stage keeps; "" = what it makes goes on in memory
    std::string made_by;  ///< run that made that product; "" = this one
};

/// Another run has the group now, or had it: a result of this claim is refused.
struct ClaimGone : Error {
    using Error::Error;
};

struct GroupResult {
    Claim claim;
    ResultKey key;
    std::string config_json = "{}";  ///< the effective configuration of the group
    Place place;
    MsIndexRow ms;
    bool science = true;           ///< false (a quicklook): ms_index, images and calibration_applied do not know of it
    std::vector<ImageRow> images;  ///< path, product and header values; group and run are filled in
    std::vector<CandidateRow> candidates;
    std::vector<ProductRow> products;  ///< every file, the images' too
    std::string notes_json;            ///< list of texts: what the reader noted of the inputs; "" = nothing
    std::vector<StageTiming> stages;
    std::vector<Checkpoint> checkpoints;  ///< of its tasks, in order
    Performance performance;
    CalibrationRow calibration;
    std::string flagging;  ///< JSON: strategies that were tried; "" = none
    std::vector<CalTableRow>
        solutions;  ///< a set that the group's solutions become; replaces an older one of the group
    std::vector<EventRow> events;
    double finished_s = 0;  ///< 0 = now
};

/// One transaction: images, data_products, lineage (child: product, parents: inputs and solutions), ms_index, calibration_applied, caltables, run_inputs, stage timings,
/// performance_metrics, and the group → completed. A result of another run that loses a file to this one is retired: its row of
/// group_runs becomes CANCELLED, so that it is neither taken for done nor shown as the best. Throws ClaimGone where the claim is no longer held (another run
/// took the group over): nothing is recorded then. Returns sets whose place its own took.
std::vector<GaveWay> record_group_result(Session& session, GroupResult const& result);

/// The same, of a result that was kept while the database was away. Where the claim was given back meanwhile, because its process was gone, and nobody
/// has claimed the group since, it is taken up again; checksums of inputs that the index lacks are noted. What is recorded already stays as it is.
std::vector<GaveWay> record_late_result(Session& session, GroupResult const& result);

/// Directories in which runs of this database keep what they could not record.
std::vector<std::string> spools_of_runs(Session& session);
bool knows_run(Session& session, std::string const& run_id);

/// A product that some run made at a stage with this key, newest first.
struct KeptProduct {
    std::string run_id;
    ProductRow product;
};
std::vector<KeptProduct> kept_products(Session& session, std::string const& group_id, Checkpoint const& stage);

/// True where the run's result of the group was made of all these files, and maybe of others that are not there any more. False for none, and for files
/// without a checksum.
bool made_of(Session& session, std::string const& run_id, std::string const& group_id,
             std::vector<InputFile> const& files);

/// The products of each completed result with this key, or with this configuration and code and more files than `key` has, kept ones of earlier runs too, newest first, for resume: the same group may have been done into several
/// places. Whether the files still are what is recorded is for the caller to check (bytes, xxh128).
std::vector<std::vector<ProductRow>> done_already(Session& session, std::string const& group_id, ResultKey const& key);

/// True where the run has claimed the group, whatever came of it: no team of it takes the group again.
bool has_worked_on(Session& session, std::string const& run_id, std::string const& group_id);

}  // namespace nocturne::db
