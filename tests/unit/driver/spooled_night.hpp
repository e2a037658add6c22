// For tests of spools: a database with groups, a run that holds them, results as a group leaves them.
#pragma once

#include "db/query.hpp"
#include "driver/events.hpp"
#include "driver/spool_lines.hpp"
#include "io/spool.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>
#include <string>

#include <unistd.h>

namespace nocturne::test {

class SpooledNight : public ::testing::Test {
protected:
    void SetUp() override
    {
        auto const* test = ::testing::UnitTest::GetInstance()->current_test_info();
        scratch_ = std::filesystem::temp_directory_path() /
                   (std::string("nocturne-") + test->name() + "-" + std::to_string(getpid()));
        std::filesystem::remove_all(scratch_);
        std::filesystem::create_directories(scratch_);
    }
    void TearDown() override { std::filesystem::remove_all(scratch_); }

    std::string database() const { return (scratch_ / "night.sqlite").string(); }
    std::string spools() const { return (scratch_ / "spool").string(); }
    db::Session open() const { return db::Session::open(database()); }

    static void put_groups(db::Session& session, int n)
    {
        for (int i = 0; i < n; ++i)
            db::Query(
                session,
                "INSERT INTO ingest_queue (group_id, state, received_at, last_update) VALUES (:id, 'pending', 0, 0)")
                .bind("g" + std::to_string(i))
                .run();
    }
    static std::string start(db::Session& session)
    {
        db::RunStart run;
        run.code_version = "test";
        return db::start_run(session, run);
    }
    static db::Claim claim(db::Session& session, std::string const& run_id, int i)
    {
        return db::claim_group(session, "g" + std::to_string(i), {run_id, db::lease_owner()}).value();
    }
    /// With a product that stands on disk, an image, candidates, events.
    db::GroupResult result_of(db::Claim const& claim) const
    {
        auto const path = (scratch_ / (claim.group_id + ".fits")).string();
        std::ofstream(path) << "pixels";
        db::GroupResult result;
        result.claim = claim;
        result.key = {{{0, "/data/" + claim.group_id, std::string(32, 'a'), 7}}, "hash", "v"};
        db::ImageRow image;
        image.path = path, image.product = "dirty", image.noise_jy = 1.25e-3, image.robust = NAN;
        result.images = {image};
        result.candidates = {{{3, 5e9, {degrees(10.25), degrees(-3)}, 1.5, 2.5, 0.1, 0.01}, path, "", ""}};
        result.products = {{path, "SCIENCE", "dirty", 6, std::string(32, 'b'), "12345", ""}};
        result.stages = {{"flag", 0.1, 12}, {"image.make", 1.0 / 3, 34}};
        result.performance = {1, 2, 3, 4, "none"};
        result.finished_s = 1.7e9;
        Ledger ledger;
        ledger.add("flag", 0.1, 12);
        EventMaker events(claim.run_id);
        result.events = events.group_finished(subject_of(claim), ledger, {}, {{"products", 1}});
        return result;
    }
    static std::int64_t count(db::Session& session, std::string const& what)
    {
        db::Query query(session, "SELECT count(*) FROM " + what);
        auto& n = query.integer();
        return query.fetch() ? n.value : -1;
    }

    std::filesystem::path scratch_;
};

}  // namespace nocturne::test
