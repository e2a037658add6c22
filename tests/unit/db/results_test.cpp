// Results: one transaction, resume by key, images, provenance.
#include "db/query.hpp"
#include "db/runs.hpp"
#include "scratch.hpp"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

namespace nocturne::db::test {
namespace {

RunStart a_run()
{
    RunStart run;
    run.job_name = "continuum";
    run.command_line = "nocturne run x";
    run.config_json = R"({"image":{"imsize":256}})";
    run.code_version = "1.0";
    run.host = "node1";
    run.device = "cpu";
    run.ranks = 2;
    run.hpc_job_id = "77";
    run.restart_count = 1;
    return run;
}

ImageRow an_image(std::string const& path, std::string const& product)
{
    ImageRow image;
    image.path = path;
    image.product = product;
    image.center_ra_deg = 10;
    image.center_dec_deg = 20;
    image.imsize = 256;
    image.cellsize_arcsec = 3;
    image.noise_jy = 0.001;
    image.n_subbands = 2;
    image.n_vis_used = 100;
    image.robust = std::nan("");
    image.datasum = "123";
    return image;
}

GroupResult a_result(Session& session, Claim const& claim)
{
    GroupResult result;
    result.claim = claim;
    result.key = {files_of(session, claim.group_id), "config-hash", "1.0"};
    result.config_json = R"({"image":{"imsize":256}})";
    result.place = {"node2", "gpu", "GPU-1", 1, 1};
    result.ms = {"", 60000, 60000.003, "field", 10, 20, false};
    for (char const* product : {"dirty", "psf"}) {
        std::string const path = "/out/" + claim.group_id + "-" + product + ".fits";
        result.images.push_back(an_image(path, product));
        result.products.push_back({path, "SCIENCE", product, 1000, std::string(32, '1'), "123", ""});
    }
    result.products.push_back(
        {"/out/" + claim.group_id + ".html", "QA_METRIC", "report", 10, std::string(32, '2'), "", ""});
    result.stages = {{"read", 0.5, 1000000000}, {"image", 2, 0}};
    result.performance = {0.5, 0.1, 0.2, 3, "none"};
    return result;
}

struct Made {
    Scratch scratch;
    Session session = Session::open(scratch.database("a"));
    std::string run_id = start_run(session, a_run());

    Claim claim(std::string const& group_id)
    {
        put_group(session, group_id);
        return *claim_group(session, group_id, {run_id, lease_owner()});
    }
};

TEST(Results, are_found_again_by_their_key)
{
    Made made;
    auto const claim = made.claim("g");
    auto const result = a_result(made.session, claim);
    EXPECT_TRUE(done_already(made.session, "g", result.key).empty());
    record_group_result(made.session, result);
    EXPECT_EQ(find_group(made.session, "g")->state, QueueState::completed);
    auto const results = done_already(made.session, "g", result.key);
    ASSERT_EQ(results.size(), 1u);
    auto const& products = results.front();
    ASSERT_EQ(products.size(), 3u);
    EXPECT_EQ(products.front().path, "/out/g-dirty.fits");
    EXPECT_EQ(products.front().xxh128, std::string(32, '1'));
    auto other = result.key;
    other.config_hash = "x";
    EXPECT_TRUE(done_already(made.session, "g", other).empty());
    other = result.key;
    other.code_version = "1.1";
    EXPECT_TRUE(done_already(made.session, "g", other).empty());
    other = result.key;
    other.inputs[0].xxh128 = std::string(32, '9');
    EXPECT_TRUE(done_already(made.session, "g", other).empty());
    other = result.key;
    std::swap(other.inputs[0], other.inputs[1]);
    EXPECT_FALSE(done_already(made.session, "g", other).empty());  // the order of files means nothing
    EXPECT_TRUE(done_already(made.session, "other group", result.key).empty());
}

TEST(Results, of_more_files_than_are_there_now_stand)
{
    Made made;
    auto const result = a_result(made.session, made.claim("g"));
    record_group_result(made.session, result);
    auto fewer = result.key;
    fewer.inputs.pop_back();
    EXPECT_EQ(done_already(made.session, "g", fewer).size(), 1u);
    fewer.config_hash = "x";
    EXPECT_TRUE(done_already(made.session, "g", fewer).empty());
    auto more = result.key;
    more.inputs.push_back({5, "/data/g_sb5", std::string(32, '5'), 1005});
    EXPECT_TRUE(done_already(made.session, "g", more).empty());
    EXPECT_FALSE(made_of(made.session, made.run_id, "g", {}));
    EXPECT_FALSE(made_of(made.session, made.run_id, "g", {{0, "/data/g_sb0", "", 1000}}));
}

/// Another run's claim on a group that is done.
Claim claim_again(Made& made, std::string const& group_id)
{
    return *claim_group(made.session, group_id,
                        {start_run(made.session, a_run()), lease_owner(), 3600, ClaimFrom::any_finished});
}

TEST(Results, the_same_group_in_two_places_is_done_in_both)
{
    Made made;
    auto const first = a_result(made.session, made.claim("g"));
    record_group_result(made.session, first);
    auto second = a_result(made.session, claim_again(made, "g"));
    for (auto& image : second.images) image.path = "/elsewhere" + image.path;
    for (auto& product : second.products) product.path = "/elsewhere" + product.path;
    record_group_result(made.session, second);
    EXPECT_EQ(done_already(made.session, "g", first.key).size(), 2u);
}

TEST(Results, a_result_whose_place_is_taken_is_none_any_more)
{
    Made made;
    auto cleaned = a_result(made.session, made.claim("g"));
    cleaned.images.push_back(an_image("/out/g-pbcor.fits", "pbcor"));
    cleaned.products.push_back({"/out/g-pbcor.fits", "SCIENCE", "pbcor", 1000, std::string(32, '3'), "", ""});
    record_group_result(made.session, cleaned);
    auto other = a_result(made.session, claim_again(made, "g"));
    other.key.config_hash = "another";
    record_group_result(made.session, other);
    EXPECT_TRUE(done_already(made.session, "g", cleaned.key).empty());
    EXPECT_EQ(done_already(made.session, "g", other.key).size(), 1u);
    auto const best = list_images(made.session);
    ASSERT_EQ(best.size(), 1u);
    EXPECT_EQ(best.front().path, "/out/g-dirty.fits") << "what the older result left behind is not the best image";
    for (auto const& image : list_images(made.session, ImageChoice::all))
        EXPECT_EQ(image.retired, image.product == "pbcor") << image.path;
}

TEST(Results, a_run_knows_what_it_has_worked_on)
{
    Made made;
    EXPECT_FALSE(has_worked_on(made.session, made.run_id, "g"));
    fail_group(made.session, made.claim("g"), {65, "convert", "bad"});
    EXPECT_TRUE(has_worked_on(made.session, made.run_id, "g"));
}

TEST(Results, inputs_without_checksum_are_a_defect)
{
    EXPECT_EQ(code_of([] { input_key({{0, "/x", "", 1}}); }), Code::defect);
}

TEST(Results, provenance_says_everything)
{
    Made made;
    record_group_result(made.session, a_result(made.session, made.claim("g")));
    RunEnd end;
    end.peak_memory_gb = 1.5;
    finish_run(made.session, made.run_id, end);
    for (std::string const path :
         {"/out/g-dirty.fits", "g-dirty.fits", "/out/../out/g-dirty.fits", "out/g-dirty.fits"}) {
        auto const p = provenance_of(made.session, path);
        EXPECT_EQ(p.image, "/out/g-dirty.fits");
        EXPECT_EQ(p.run_id, made.run_id);
        EXPECT_EQ(p.status, "COMPLETED");
        EXPECT_EQ(p.code_version, "1.0");
        EXPECT_EQ(p.config_json, R"({"image":{"imsize":256}})");
        ASSERT_EQ(p.inputs.size(), 2u);
        EXPECT_EQ(p.inputs[0].path, "/data/g_sb0");
        EXPECT_EQ(p.inputs[1].xxh128, files_of(made.session, "g")[1].xxh128);
        EXPECT_EQ(p.inputs[1].bytes, 1001);
        EXPECT_EQ(p.outputs.size(), 3u);
        EXPECT_EQ(p.host, "node2");
        EXPECT_EQ(p.device_uuid, "GPU-1");
        EXPECT_EQ(p.run_ranks, 2);
        EXPECT_EQ(p.slurm_job_id, "77");
        EXPECT_EQ(p.restart_count, 1);
        ASSERT_EQ(p.stages.size(), 2u);
        EXPECT_EQ(p.stages[0].name, "read");
        EXPECT_DOUBLE_EQ(p.stages[0].gb_per_s, 2);
    }
    EXPECT_EQ(code_of([&] { provenance_of(made.session, "dirty.fits"); }), Code::input_missing);
    EXPECT_EQ(code_of([&] { provenance_of(made.session, "/none.fits"); }), Code::input_missing);
    auto const dirty = provenance_of(made.session, "g-dirty.fits").outputs.front();
    auto const copy = [&](std::string const& hash) {
        return provenance_of(made.session, "/proc/self/exe", [&](std::string const&) { return hash; }).outputs.front();
    };
    EXPECT_EQ(copy(dirty.xxh128).path, dirty.path);
    EXPECT_EQ(code_of([&] { copy("other bytes"); }), Code::input_missing);
}

TEST(Results, images_list_the_best_of_each_group)
{
    Made made;
    auto first = a_result(made.session, made.claim("a"));
    record_group_result(made.session, first);
    auto second = a_result(made.session, made.claim("b"));
    second.images.push_back(an_image("/out/b-image.fits", "image"));
    second.images.push_back(an_image("/out/b-pbcor.fits", "pbcor"));
    second.images.back().mid_mjd = 60001;
    record_group_result(made.session, second);
    EXPECT_EQ(list_images(made.session, ImageChoice::all).size(), 6u);
    auto const best = list_images(made.session);
    ASSERT_EQ(best.size(), 2u);
    EXPECT_EQ(best[0].product, "dirty");
    EXPECT_EQ(best[0].group_id, "a");
    EXPECT_EQ(best[1].product, "pbcor");
    EXPECT_EQ(best[0].n_vis_used, 100);
    EXPECT_EQ(best[0].datasum, "123");
    EXPECT_TRUE(std::isnan(best[0].robust));
    Query query(made.session, "SELECT ms_path FROM images WHERE path = '/out/a-dirty.fits'");
    auto& ms_path = query.text();
    ASSERT_TRUE(query.fetch());
    EXPECT_EQ(ms_path.get(), "group:a");
}

TEST(Results, done_again_with_other_settings_replace_the_old_rows)
{
    Made made;
    record_group_result(made.session, a_result(made.session, made.claim("g")));
    auto const run_id = start_run(made.session, a_run());
    auto const claim = claim_group(made.session, "g", {run_id, lease_owner(), 3600, ClaimFrom::any_finished});
    ASSERT_TRUE(claim);
    auto again = a_result(made.session, *claim);
    again.key.config_hash = "new";
    record_group_result(made.session, again);
    EXPECT_EQ(list_images(made.session, ImageChoice::all).size(), 2u);
    EXPECT_EQ(provenance_of(made.session, "/out/g-dirty.fits").run_id, run_id);
    EXPECT_FALSE(done_already(made.session, "g", again.key).empty());
}

TEST(Results, candidates_are_those_of_the_newest_result)
{
    Made made;
    auto first = a_result(made.session, made.claim("g"));
    Candidate one;
    one.integration = 5, one.time_mjd_s = 60000.5 * day_s, one.at = {degrees(10), degrees(54)};
    one.flux_jy = 0.7, one.noise_jy = 0.1;
    first.candidates = {{one, "/out/g-t005.fits", "", ""}, {one, "", "", ""}};
    first.candidates[1].candidate.flux_jy = 0.9;
    record_group_result(made.session, first);
    auto const rows = list_candidates(made.session);
    ASSERT_EQ(rows.size(), 2u);
    EXPECT_DOUBLE_EQ(rows[0].candidate.flux_jy, 0.9);
    EXPECT_EQ(rows[0].snapshot_path, "");
    EXPECT_EQ(rows[1].snapshot_path, "/out/g-t005.fits");
    EXPECT_EQ(rows[1].candidate.integration, 5);
    EXPECT_NEAR(rows[1].candidate.at.dec.value() / degree_rad, 54, 1e-12);
    EXPECT_NEAR(rows[1].candidate.snr(), 7, 1e-12);
    EXPECT_EQ(rows[1].group_id, "g");
}

TEST(Results, a_quicklook_enters_no_table_of_science)
{
    Made made;
    auto look = a_result(made.session, made.claim("g"));
    look.science = false;
    look.images.clear();
    look.products = {{"/out/g-quicklook.png", "PLOT", "thumbnail", 10, std::string(32, '3'), "", ""}};
    record_group_result(made.session, look);
    EXPECT_FALSE(done_already(made.session, "g", look.key).empty());
    EXPECT_TRUE(list_images(made.session, ImageChoice::all).empty());
    Query query(made.session, "SELECT count(*) FROM ms_index");
    auto const& n = query.integer();
    ASSERT_TRUE(query.fetch());
    EXPECT_EQ(n.get(), 0);
}

TEST(Results, a_kill_before_the_commit_leaves_nothing)
{
    Made made;
    auto const claim = made.claim("g");
    auto const result = a_result(made.session, claim);
    pid_t const child = fork();
    if (child == 0) {
        auto own = Session::open(made.scratch.database("a"));
        auto broken = result;
        broken.products.push_back(broken.products.front());
        broken.products.back().type = "NONSENSE";  // the CHECK fails after everything else was written
        try {
            record_group_result(own, broken);
        } catch (Error const&) {
            kill(getpid(), SIGKILL);
        }
        _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status));
    EXPECT_EQ(find_group(made.session, "g")->state, QueueState::in_progress);
    EXPECT_TRUE(list_images(made.session, ImageChoice::all).empty());
    EXPECT_TRUE(done_already(made.session, "g", result.key).empty());
    record_group_result(made.session, result);
    EXPECT_FALSE(done_already(made.session, "g", result.key).empty());
}

TEST(Runs, have_a_start_and_an_end)
{
    Made made;
    EXPECT_EQ(made.run_id.size(), std::string("20261121T070501Z-01234567").size());
    finish_run(made.session, made.run_id, {RunStatus::failed, 75, 0.1, 2, "stopped"});
    Query query(made.session, "SELECT status, exit_code, wall_time_s, error FROM runs WHERE run_id = :id");
    query.bind(made.run_id);
    auto& status = query.text();
    auto& code = query.integer();
    auto& wall = query.real();
    auto& error = query.text();
    ASSERT_TRUE(query.fetch());
    EXPECT_EQ(status.get(), "FAILED");
    EXPECT_EQ(code.get(), 75);
    EXPECT_GE(wall.get(-1), 0);
    EXPECT_EQ(error.get(), "stopped");
    EXPECT_EQ(code_of([&] { finish_run(made.session, "none", {}); }), Code::defect);
}

}  // namespace
}  // namespace nocturne::db::test
