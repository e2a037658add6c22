// The program's verbs `fit` and `doctor`, run as users run them.
#include "io/fits_writer.hpp"
#include "nocturne/gaussian.hpp"
#include "qa/wcs.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <random>

#include <unistd.h>

namespace nocturne {
namespace {

struct Outcome {
    std::string text;
    int code = -1;
};

/// Runs the program with stdout taken and stderr dropped.
Outcome run_program(std::string const& arguments, std::string const& before = "")
{
    Outcome outcome;
    std::string const command = before + std::string(NOCTURNE_BINARY_DIR) + "/nocturne " + arguments + " 2>/dev/null";
    FILE* pipe = popen(command.c_str(), "r");
    std::array<char, 4096> part{};
    while (pipe && std::fgets(part.data(), part.size(), pipe)) outcome.text += part.data();
    if (pipe) outcome.code = WEXITSTATUS(pclose(pipe));
    return outcome;
}

class Fit : public ::testing::Test {
protected:
    void SetUp() override
    {
        folder_ = std::filesystem::temp_directory_path() / ("nocturne-fit-" + std::to_string(getpid()));
        std::filesystem::create_directories(folder_);
        image_.product = Product::dirty;
        image_.geometry = {256, 3 * arcsec_rad, {degrees(0.02), degrees(54.6)}};
        image_.beam = {15 * arcsec_rad, 12 * arcsec_rad, 0.5};
        std::mt19937 random(3);
        std::normal_distribution<double> normal(0, 1e-4);
        Gaussian g = gaussian_of({5, 4, 0.5});
        g.peak = 0.25;
        g.x = 100.3;
        g.y = 180.8;
        Gaussian::Parameters d;
        for (Index y = 0; y < 256; ++y)
            for (Index x = 0; x < 256; ++x)
                image_.pixels.push_back(
                    static_cast<float>(g.value(static_cast<double>(x), static_cast<double>(y), d) + normal(random)));
        ProductFile file(path());
        write_fits(file, image_, {});
        file.commit();
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }
    std::string path() const { return (folder_ / "g-dirty.fits").string(); }
    std::string at(double x, double y) const
    {
        auto const sky = pixel_to_sky(image_.geometry, {x, y});
        return std::to_string(sky->ra.value() / degree_rad) + "," + std::to_string(sky->dec.value() / degree_rad);
    }

    std::filesystem::path folder_;
    Image image_;
};

TEST_F(Fit, measures_the_source_with_errors)
{
    auto const truth = pixel_to_sky(image_.geometry, {100.3, 180.8});
    for (auto const* method : {"auto", "peak", "gaussian", "beam"}) {
        auto const outcome = run_program("fit " + path() + " --at " + at(102, 179) + " --json --method " + method);
        ASSERT_EQ(outcome.code, 0) << method;
        auto const fit = nlohmann::json::parse(outcome.text);
        EXPECT_NEAR(fit["x_pix"], 101.3, 0.02);  // FITS counts from 1
        EXPECT_NEAR(fit["y_pix"], 181.8, 0.02);
        EXPECT_NEAR(fit["ra_deg"], truth->ra.value() / degree_rad, 2e-5);
        EXPECT_NEAR(fit["dec_deg"], truth->dec.value() / degree_rad, 2e-5);
        EXPECT_NEAR(fit["peak_jy_beam"], 0.25, 0.25 * 0.003);
        EXPECT_NEAR(fit["flux_jy"], 0.25, 0.25 * 0.01);
        EXPECT_NEAR(fit["rms_jy_beam"], 1e-4, 1e-5);
        EXPECT_EQ(fit["notes"].size(), 0U) << fit;
        for (auto const* name : {"ra_deg", "dec_deg", "x_pix", "y_pix", "peak_jy_beam", "flux_jy", "rms_jy_beam"})
            EXPECT_GT(fit[std::string(name) + "_err"].get<double>(), 0) << name;
        EXPECT_NEAR(fit["peak_jy_beam_err"], 1e-4, 4e-5);
        double const x_err = fit["x_pix_err"], cell_deg = 3.0 / 3600;
        EXPECT_NEAR(fit["ra_deg_err"].get<double>() * std::cos(truth->dec.value()), x_err * cell_deg,
                    0.05 * x_err * cell_deg);
    }
}

TEST_F(Fit, says_that_a_beam_is_narrow)
{
    image_.beam = {7.5 * arcsec_rad, 5.4 * arcsec_rad, 0.5};
    ProductFile file(path());
    write_fits(file, image_, {});
    file.commit();
    auto const fit = nlohmann::json::parse(run_program("fit " + path() + " --at " + at(102, 179) + " --json").text);
    ASSERT_EQ(fit["notes"].size(), 1U) << fit;
    EXPECT_NE(fit["notes"][0].get<std::string>().find("1.8 pixels across"), std::string::npos) << fit;
}

TEST_F(Fit, exits_with_the_code_of_what_is_wrong)
{
    EXPECT_EQ(run_program("fit " + path() + " --at 1:2,3").code, 64);
    EXPECT_EQ(run_program("fit " + path()).code, 64);
    EXPECT_EQ(run_program("fit " + path() + " --at 180,-50").code, 65);  // below the horizon of the image
    EXPECT_EQ(run_program("fit " + path() + " --at 3,54.6").code, 65);   // beside the image
    EXPECT_EQ(run_program("fit " + path() + ".no --at 0,54").code, 66);
}

TEST(Doctor, prints_one_document_with_what_it_found)
{
    auto const outcome =
        run_program("doctor --json --db " + (std::filesystem::temp_directory_path() / "n.sqlite").string());
    auto const found = nlohmann::json::parse(outcome.text);
    EXPECT_EQ(outcome.code, found["state"] == "FAIL" ? 71 : 0) << outcome.text;
    EXPECT_FALSE(found["devices"].empty());
    EXPECT_TRUE(found["devices"][0].contains("why_not"));
    EXPECT_TRUE(found["cuda_built"].is_boolean());
    for (auto const* name : {"Kokkos", "FFTW", "ERFA", "HDF5", "cfitsio", "SQLite", "SOCI", "MPI"})
        EXPECT_FALSE(found["libraries"][name].get<std::string>().empty()) << name;
    EXPECT_GE(found["earth"]["tai_minus_utc_s"].get<double>(), 37);
    EXPECT_GT(found["earth"]["last_mjd"].get<double>(), 61000);
    EXPECT_TRUE(found["database"].contains("wal_fit"));
    EXPECT_GT(found["memory"]["total_bytes"].get<double>(), 1e8);
    for (auto const& check : found["checks"])
        EXPECT_TRUE(check["state"] == "ok" || check["state"] == "warn" || check["state"] == "FAIL");
}

/// What `doctor` says of a database.
nlohmann::json database_check(std::string const& path, std::string const& before = "")
{
    auto const outcome = run_program("doctor --json --db " + path, before);
    auto const found = nlohmann::json::parse(outcome.text);
    for (auto const& check : found["checks"])
        if (check["name"] == "database") return check;
    return {};
}

TEST(Doctor, opens_the_database_and_makes_none)
{
    namespace fs = std::filesystem;
    auto const dir = fs::temp_directory_path() / ("nocturne-doctor-" + std::to_string(getpid()));
    fs::create_directories(dir);
    auto const path = [&](char const* name) { return (dir / name).string(); };
    auto const state = [&](std::string const& at) { return database_check(at)["state"].get<std::string>(); };
    std::ofstream(path("text")) << std::string(3000, 'x') << "\n";
    std::ofstream(path("empty"));
    EXPECT_EQ(state(path("text")), "FAIL");
    EXPECT_EQ(state(path("empty")), "ok");
    EXPECT_EQ(state(path("none")), "ok");
    EXPECT_EQ(state(path("no/such/directory")), "FAIL");
    EXPECT_EQ(state(dir.string()), "FAIL");
    EXPECT_EQ(std::distance(fs::directory_iterator(dir), fs::directory_iterator()), 2) << "made something";
    EXPECT_EQ(fs::file_size(path("empty")), 0U);
    ASSERT_EQ(run_program("db init --db " + path("good")).code, 0);
    auto const good = database_check(path("good"));
    EXPECT_EQ(good["state"], "ok") << good;
    EXPECT_NE(good["text"].get<std::string>().find("schema"), std::string::npos) << good;
    // As somebody who may not write: root may always.
    fs::permissions(path("good"), fs::perms(0444));
    fs::permissions(dir, fs::perms(0555));
    std::string const nobody = geteuid() == 0 ? "setpriv --reuid=65534 --regid=65534 --clear-groups " : "";
    if (std::system((nobody + NOCTURNE_BINARY_DIR + "/nocturne --version >/dev/null 2>&1").c_str()) == 0) {
        auto const closed = database_check(path("good"), nobody);
        EXPECT_EQ(closed["state"], "FAIL") << closed;
        EXPECT_NE(closed["text"].get<std::string>().find("writable"), std::string::npos) << closed;
        EXPECT_EQ(database_check(path("none"), nobody)["state"], "FAIL");
    }
    fs::permissions(dir, fs::perms(0755));
    fs::remove_all(dir);
}

TEST(Doctor, text_is_a_line_per_check)
{
    auto const outcome = run_program("doctor");
    EXPECT_NE(outcome.text.find("Earth table"), std::string::npos) << outcome.text;
    EXPECT_NE(outcome.text.find("libraries"), std::string::npos);
}

}  // namespace
}  // namespace nocturne
