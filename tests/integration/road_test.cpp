// The main job from files to records, as a user types it: products, provenance, the same bits for any ranks, nothing twice.
#include "tests/support/program.hpp"

#include <cmath>
#include <set>

namespace nocturne {
namespace {

using Road = test::ProgramTest;
std::string const road_job = std::string("run ") + NOCTURNE_SOURCE_DIR +
                             "/jobs/continuum.yaml --arg incoming=in --arg imsize=128 --arg cell=20 ";

TEST_F(Road, makes_images_with_provenance_and_does_nothing_twice)
{
    simulate("in");
    auto const first = nocturne(road_job + "--arg out=out --json");
    ASSERT_EQ(first.code, 0) << first.err;
    EXPECT_EQ(first.json()["groups"], (nlohmann::json{{"done", 1}, {"failed", 0}, {"left", 0}, {"skipped", 0}}));
    EXPECT_NE(first.err.find("image.project"), std::string::npos) << "no table of times: " << first.err;

    auto const images = nocturne("images --json").json();
    ASSERT_EQ(images.size(), 1U);
    EXPECT_EQ(images[0]["product"], "dirty");
    EXPECT_EQ(images[0]["n_subbands"], 16);
    EXPECT_GT(images[0]["noise_jy"].get<double>(), 0);
    Index const samples = 3 * 45 * 64 * 2;
    EXPECT_EQ(images[0]["n_vis_used"].get<Index>() + images[0]["n_vis_flagged"].get<Index>() +
                  images[0]["n_vis_missing"].get<Index>(),
              samples);
    EXPECT_EQ(nocturne("images --all --json").json().size(), 2U);

    auto const prov = nocturne("prov " + images[0]["path"].get<std::string>() + " --json").json();
    EXPECT_EQ(prov["inputs"].size(), 16U);
    for (auto const& input : prov["inputs"]) EXPECT_EQ(input["xxh128"].get<std::string>().size(), 32U);
    EXPECT_FALSE(prov["code_version"].get<std::string>().empty());
    EXPECT_FALSE(prov["stages"].empty());
    EXPECT_EQ(prov["status"], "COMPLETED");

    auto const plane = read_fits(images[0]["path"]);
    EXPECT_EQ(plane.unit, "Jy/beam");
    EXPECT_EQ(plane.datasum, images[0]["datasum"]);

    auto const second = nocturne(road_job + "--arg out=out --json");
    EXPECT_EQ(second.code, 0);
    EXPECT_EQ(second.json()["groups"]["skipped"], 1);
    EXPECT_NE(nocturne(road_job + "--arg out=out").out.find("nothing left to do"), std::string::npos);
}

TEST_F(Road, another_configuration_or_a_lost_product_is_work_again)
{
    simulate("in");
    ASSERT_EQ(nocturne(road_job + "--arg out=out").code, 0);
    EXPECT_EQ(nocturne(road_job + "--arg out=out --robust 1 --json").json()["groups"]["done"], 1);
    EXPECT_EQ(nocturne(road_job + "--arg out=out --robust 1 --json").json()["groups"]["skipped"], 1);
    shell("rm out/*/*-dirty.fits");
    EXPECT_EQ(nocturne(road_job + "--arg out=out --robust 1 --json").json()["groups"]["done"], 1);
    EXPECT_EQ(nocturne(road_job + "--arg out=elsewhere --robust 1 --json").json()["groups"]["done"], 1);
    EXPECT_EQ(nocturne(road_job + "--arg out=./elsewhere/ --robust 1 --json").json()["groups"]["skipped"], 1);
    EXPECT_EQ(shell("find elsewhere -name '*-dirty.fits' | wc -l").out, "1\n");
}

TEST_F(Road, the_bits_do_not_depend_on_ranks_spans_or_blocks)
{
    simulate("in", "--noise");
    for (auto const* weighting : {"natural", "briggs"}) {
        auto const run = std::string(" image in --json --weighting ") + weighting + test::small_image;
        std::set<std::string> sums;
        for (int ranks : {1, 2, 4}) {
            auto const outcome = mpi(ranks, run + " --out r" + std::to_string(ranks) + "/g");
            ASSERT_EQ(outcome.code, 0) << outcome.err;
            for (auto const& image : outcome.json())
                sums.insert(image["product"].get<std::string>() + image["datasum"].get<std::string>());
        }
        auto const spans = nocturne(run + " --memory 0.00002 --out m/g");
        ASSERT_EQ(spans.code, 0) << spans.err;
        for (auto const& image : spans.json())
            sums.insert(image["product"].get<std::string>() + image["datasum"].get<std::string>());
        EXPECT_EQ(sums.size(), 2U) << weighting << ": dirty and psf, one datasum each";
    }
}

TEST_F(Road, clean_has_the_same_bits_for_any_ranks_and_spans)
{
    simulate("in", "--noise");
    for (auto const* deconvolver : {"hogbom", "clark", "multiscale"}) {
        auto const run = std::string(" image in --json --niter 300 --weighting briggs --deconvolver ") + deconvolver +
                         test::small_image;
        std::set<std::string> sums, products;
        for (int ranks : {1, 2, 4}) {
            auto const outcome = mpi(ranks, run + " --out " + deconvolver + std::to_string(ranks) + "/g");
            ASSERT_EQ(outcome.code, 0) << outcome.err;
            for (auto const& image : outcome.json()) {
                products.insert(image["product"]);
                sums.insert(image["product"].get<std::string>() + image["datasum"].get<std::string>());
            }
        }
        auto const spans = nocturne(run + " --memory 0.00002 --out " + deconvolver + "m/g");
        ASSERT_EQ(spans.code, 0) << spans.err;
        for (auto const& image : spans.json())
            sums.insert(image["product"].get<std::string>() + image["datasum"].get<std::string>());
        EXPECT_EQ(products.size(), 9U) << "dirty, psf, image, residual, model, pb, pbcor, weight, noise";
        EXPECT_EQ(sums.size(), 9U) << deconvolver << ": one datasum a product";
        EXPECT_GT(std::stoi(shell(std::string("wc -l < ") + deconvolver + "1/g-components.csv").out), 1);
    }
}

TEST_F(Road, spectral_indices_have_the_same_bits_for_any_ranks)
{
    ASSERT_EQ(nocturne("simulate --out in --antennas 14 --integrations 3 --channels 48 --random-sources 2 --radius 0.2 "
                       "--seed 4 --spix-std 1")
                  .code,
              0);
    auto const run =
        std::string(" image in --niter 1000 --nterms 2 --weighting natural --multiscale") + test::small_image;
    std::set<std::string> sums;
    for (int ranks : {1, 2, 4}) {
        auto const stem = "n" + std::to_string(ranks) + "/g";
        auto const outcome = mpi(ranks, run + "--out " + stem);
        ASSERT_EQ(outcome.code, 0) << outcome.err;
        for (auto const* product : {"image", "alpha", "alpha-error"})
            sums.insert(product + read_fits((scratch_ / (stem + "-" + product + ".fits")).string()).datasum);
        sums.insert(shell("md5sum < " + stem + "-components.csv").out);
    }
    EXPECT_EQ(sums.size(), 4U) << "three images and the list of components, one sum each";
    auto const alpha = read_fits((scratch_ / "n1/g-alpha.fits").string());
    EXPECT_EQ(alpha.unit, "");
    EXPECT_EQ(alpha.product, "alpha");
    Index known = 0;
    for (float pixel : alpha.pixels) known += std::isfinite(pixel);
    EXPECT_GT(known, 5);
    EXPECT_LT(known, 128 * 128 / 4) << "blank where nothing can be said";
    EXPECT_EQ(nocturne("image in --out e --nterms 3 --niter 10" + std::string(test::small_image)).code, 78);
}

TEST_F(Road, a_cleaned_group_shows_its_corrected_image)
{
    simulate("in", "--noise");
    ASSERT_EQ(nocturne(road_job + "--arg out=out --niter 100").code, 0);
    auto const images = nocturne("images --json").json();
    ASSERT_EQ(images.size(), 1U);
    EXPECT_EQ(images[0]["product"], "pbcor");
    EXPECT_GT(images[0]["noise_jy"].get<double>(), 0);
    EXPECT_EQ(nocturne("images --all --json").json().size(), 9U);
    EXPECT_EQ(read_fits(images[0]["path"]).unit, "Jy/beam");
}

TEST_F(Road, teams_of_ranks_share_the_groups)
{
    for (auto const* start : {"2026-01-25T22:26:05", "2026-01-25T22:31:14", "2026-01-25T22:36:23"})
        simulate("in", std::string("--start ") + start);
    auto const outcome = mpi(2, road_job + "--arg out=out --ranks-per-group 1 --json");
    ASSERT_EQ(outcome.code, 0) << outcome.err;
    EXPECT_EQ(outcome.json()["groups"]["done"], 3);
    EXPECT_EQ(nocturne("images --json").json().size(), 3U);
    EXPECT_EQ(mpi(2, road_job + "--arg out=out --ranks-per-group 3").code, 64);
}

TEST_F(Road, a_dry_run_prints_the_plan_and_makes_nothing)
{
    simulate("in");
    auto const plan = nocturne(road_job + "--arg out=out --dry-run --json");
    ASSERT_EQ(plan.code, 0) << plan.err;
    EXPECT_EQ(plan.json()["groups"][0]["n_subbands"], 16);
    EXPECT_EQ(plan.json()["passes"][0]["pass"], "convert");
    EXPECT_FALSE(std::filesystem::exists(scratch_ / "out"));
}

TEST_F(Road, killed_in_the_middle_it_goes_on_to_the_same_bits)
{
    for (auto const* start : {"2026-01-25T22:26:05", "2026-01-25T22:31:14"})
        simulate("in", std::string("--start ") + start);
    ASSERT_EQ(nocturne(road_job + "--arg out=whole --db whole.sqlite").code, 0);
    int met = 0;
    for (int delay_ms = 40; delay_ms <= 640; delay_ms += 60)
        met += killed_after(road_job + "--arg out=cut --db cut.sqlite", delay_ms);
    EXPECT_GT(met, 1) << "kills that met a run";
    auto const rest = nocturne(road_job + "--arg out=cut --db cut.sqlite");
    ASSERT_EQ(rest.code, 0) << rest.err;
    auto const whole = nocturne("images --all --json --db whole.sqlite").json(),
               cut = nocturne("images --all --json --db cut.sqlite").json();
    ASSERT_EQ(whole.size(), 4U);
    std::multiset<std::string> sums_whole, sums_cut;
    for (auto const& image : whole) sums_whole.insert(image["datasum"]);
    for (auto const& image : cut) sums_cut.insert(image["datasum"]);
    EXPECT_EQ(sums_whole, sums_cut);
    for (auto const& image : cut) EXPECT_EQ(read_fits(image["path"]).datasum, image["datasum"]);
    EXPECT_EQ(shell("find cut -name '.*tmp*'").out, "") << "stray temporary files";
}

TEST_F(Road, real_files_and_every_dialect_are_groups_of_one_subband)
{
    shell(std::string("mkdir in && cp ") + NOCTURNE_SOURCE_DIR + "/tests/golden/uvh5/*.uvh5 in/");
    auto const outcome = nocturne(road_job + "--arg out=out --json");
    ASSERT_EQ(outcome.code, 0) << outcome.err;
    EXPECT_EQ(outcome.json()["groups"]["done"].dump() + "\n", shell("ls in | wc -l").out);
}

TEST_F(Road, image_and_run_make_the_same_image)
{
    simulate("in");
    ASSERT_EQ(nocturne(road_job + "--arg out=out").code, 0);
    auto const by_hand =
        nocturne("image in --out hand/g --weighting briggs --robust 0.5 --json" + std::string(test::small_image))
            .json();
    EXPECT_EQ(by_hand[0]["datasum"], nocturne("images --json").json()[0]["datasum"]);
}

}  // namespace
}  // namespace nocturne
