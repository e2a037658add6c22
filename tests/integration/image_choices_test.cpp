// What of the visibilities is imaged, and through which beam, as a user chooses it: channels, cubes, baselines, Stokes, averaging.
#include "tests/support/program.hpp"

#include <algorithm>
#include <cmath>
#include <iomanip>
#include <sstream>

namespace nocturne {
namespace {

class ImageChoices : public test::ProgramTest {
protected:
    void SetUp() override
    {
        ProgramTest::SetUp();
        simulate("in", "--source 343.8,54.4,2 --source 344.0,54.5,1");
    }
    FitsPlane fits(std::string const& name) const { return read_fits((scratch_ / name).string()); }
    static bool holds(std::string const& text, std::string const& part) { return text.find(part) != std::string::npos; }
    std::string head(std::string const& name) const { return test::slurp(scratch_ / name).substr(0, 14400); }
    nlohmann::json image(std::string const& arguments) const
    {
        auto const made = nocturne("image in --json " + arguments);
        EXPECT_EQ(made.code, 0) << made.err;
        return made.code == 0 ? made.json() : nlohmann::json::array();
    }
    static double largest(std::vector<float> const& values)
    {
        return static_cast<double>(*std::max_element(values.begin(), values.end()));
    }
    static double difference(std::vector<float> const& a, std::vector<float> const& b)
    {
        double most = 0;
        for (std::size_t i = 0; i < a.size(); ++i)
            most = std::max(most, std::abs(static_cast<double>(a[i]) - static_cast<double>(b[i])));
        return most;
    }
};

TEST_F(ImageChoices, ARangeOfChannelsIsTheImageOfItsFiles)
{
    std::string const small = std::string(test::small_image) + "--weighting natural ";
    auto const whole = image(small + "-o whole");
    auto const range = image(small + "-o range --channels 8~15");
    ASSERT_EQ(shell("mkdir two && cp in/*sb12.hdf5 in/*sb13.hdf5 two/").code, 0);
    auto const alone = nocturne("image two --json -o alone " + small);
    ASSERT_EQ(alone.code, 0) << alone.err;
    auto const a = fits("range-dirty.fits"), b = fits("alone-dirty.fits");
    EXPECT_LT(difference(a.pixels, b.pixels), 2e-4 * largest(b.pixels));
    EXPECT_NEAR(a.freq_hz, b.freq_hz, 1);
    EXPECT_EQ(range[0]["bandwidth_mhz"], alone.json()[0]["bandwidth_mhz"]);
    EXPECT_EQ(range[0]["n_vis_used"], alone.json()[0]["n_vis_used"]);
    auto const total = [](nlohmann::json const& one) {
        return one["n_vis_used"].get<long>() + one["n_vis_flagged"].get<long>() + one["n_vis_missing"].get<long>();
    };
    EXPECT_EQ(total(range[0]), total(whole[0])) << "every sample is accounted for";
    image(small + "-o hertz --channels 1.486~1.49GHz");
    EXPECT_GT(fits("hertz-dirty.fits").freq_hz, 1.486e9);
    EXPECT_LT(fits("hertz-dirty.fits").freq_hz, 1.49e9);
    image(small + "-o one --channels 5");
    image(small + "-o same --channels 5~5");
    EXPECT_EQ(fits("one-dirty.fits").pixels, fits("same-dirty.fits").pixels);
    EXPECT_EQ(nocturne("image in -o x --channels 9~3").code, 78);
    EXPECT_EQ(nocturne("image in -o x --channels 2~3GHz").code, 78);
}

TEST_F(ImageChoices, ACubeHoldsTheImagesOfItsChannels)
{
    std::string const clean = std::string(test::small_image) + "--niter 40 ";
    auto const listed = image(clean + "-o cube --cube subbands");
    EXPECT_EQ(std::count_if(listed.begin(), listed.end(), [](auto const& one) { return one["product"] == "cube"; }), 1);
    image(clean + "-o third --channels 12~15");
    for (auto const* product : {"image", "residual", "model", "psf"}) {
        auto const channel = fits(std::string("cube-ch0003-") + product + ".fits");
        auto const alone = fits(std::string("third-") + product + ".fits");
        EXPECT_EQ(channel.pixels, alone.pixels) << product;
        EXPECT_EQ(channel.freq_hz, alone.freq_hz);
    }
    EXPECT_TRUE(holds(head("cube-cube.fits"), "NAXIS3  =                   16"));
    EXPECT_TRUE(holds(head("cube-cube.fits"), "BMAJ16"));
    EXPECT_FALSE(holds(head("cube-cube.fits"), "NOISE   =")) << "channels have their own";
    EXPECT_EQ(fits("cube-cube.fits").pixels, fits("cube-ch0000-image.fits").pixels);
    auto const two = mpi(2, "image in -o both " + clean + "--cube subbands");
    ASSERT_EQ(two.code, 0) << two.err;
    EXPECT_EQ(fits("both-cube.fits").datasum, fits("cube-cube.fits").datasum);
    image(std::string(test::small_image) + "-o parts --cube 4 --niter 0");
    EXPECT_TRUE(holds(head("parts-cube.fits"), "'dirty"));
    EXPECT_TRUE(holds(head("cube-image.fits"), "NVISUSED"));
    EXPECT_FALSE(holds(head("cube-ch0003-image.fits"), "NVISUSED")) << "the group's is not the channel's";
    EXPECT_EQ(nocturne("image in -o x --cube many").code, 78);
    EXPECT_EQ(nocturne("image in -o x --cube 1000").code, 78);
}

/// A field around a source far from the pointing: the beam shows nothing there, and the image is made all the same.
TEST_F(ImageChoices, AFieldBeyondTheBeamIsImagedWithoutCorrection)
{
    auto const said =
        nocturne(std::string("image in -o far ") + test::small_image + "--niter 5 --phase-center 343.5,60");
    EXPECT_EQ(said.code, 0) << said.err;
    EXPECT_TRUE(holds(said.err, "the beam is below pblimit")) << said.err;
    for (auto const* made : {"far-image.fits", "far-pb.fits", "far.png"})
        EXPECT_TRUE(std::filesystem::exists(scratch_ / made)) << made;
    for (auto const* missing : {"far-pbcor.fits", "far-noise.fits", "far-weight.fits"})
        EXPECT_FALSE(std::filesystem::exists(scratch_ / missing)) << missing;
}

/// CLEAN takes back a cycle that made the residual worse once, also where the next is judged while the cycle before it looks worse, too.
TEST_F(ImageChoices, ABrightSourceBesideTheImageDoesNotTurnCleanRound)
{
    ASSERT_EQ(nocturne("simulate --out near --nants 64 --channels 4 --ntimes 4 --noise --source 343.8,54.4,3").code, 0);
    auto const made = nocturne("image near --out near --cell 6 --imsize 256 --niter 100");
    ASSERT_EQ(made.code, 0) << made.err;
    EXPECT_EQ(made.err.find("after -"), std::string::npos) << made.err;
    auto const power = [&](std::string const& product) {
        double sum = 0;
        for (float const pixel : fits("near-" + product + ".fits").pixels) sum += static_cast<double>(pixel) * pixel;
        return sum;
    };
    EXPECT_LT(power("residual"), power("dirty"));
}

TEST_F(ImageChoices, WhatMemoryCannotHoldIsRefusedBeforeTheWork)
{
    if (std::stol(shell("awk '/MemAvailable/ {print int($2 / 1e6)}' /proc/meminfo").out) > 36)
        GTEST_SKIP() << "this machine has room for it";
    auto const told = nocturne("image in -o x --imsize 16384 --cell 1 --niter 10 --nterms 2");
    EXPECT_EQ(told.code, 71) << told.err;
    EXPECT_TRUE(holds(told.err, "no memory for the images of a group")) << told.err;
}

TEST_F(ImageChoices, ShortAndLongBaselinesAreLeftOutAndAccountedFor)
{
    auto const whole = image(std::string(test::small_image) + "-o a");
    auto const some = image(std::string(test::small_image) + "-o b --minuv-l 300 --maxuv-l 2000");
    EXPECT_LT(some[0]["n_vis_used"], whole[0]["n_vis_used"]);
    EXPECT_GT(some[0]["n_vis_used"], 0);
    EXPECT_TRUE(holds(head("b-dirty.fits"), "UVMIN"));
    EXPECT_TRUE(holds(head("b-dirty.fits"), "UVMAX"));
    auto const as_casa = image(std::string(test::small_image) + "-o c --uvrange 0.3~2klambda");
    EXPECT_EQ(as_casa[0]["datasum"], some[0]["datasum"]);
    EXPECT_EQ(nocturne("image in -o x --minuv-l 300 --maxuv-l 200").code, 78);
    auto const none = nocturne("image in -o x --minuv-l 1e9");
    EXPECT_EQ(none.code, 65);
    EXPECT_TRUE(holds(none.err, "lies in the channels and lengths of baselines chosen")) << none.err;
}

TEST_F(ImageChoices, PixelsByTheArrayAreThoseThatOneWouldSay)
{
    auto const made = nocturne("image in -o a --imsize 128 --weighting natural --cell auto --json");
    ASSERT_EQ(made.code, 0) << made.err;
    EXPECT_TRUE(holds(made.err, "cell auto: pixels of ")) << made.err;
    auto const by_array = nlohmann::json::parse(made.out);
    double const cell = by_array[0]["cellsize_arcsec"], beam = by_array[0]["beam_minor_arcsec"];
    EXPECT_GT(beam, 3 * cell);
    EXPECT_LT(beam, 40 * cell);
    std::ostringstream said;
    said << "--imsize 128 --weighting natural -o b --cell-arcsec " << std::setprecision(17) << cell;
    EXPECT_LT(std::abs(image(said.str())[0]["noise_jy"].get<double>() / by_array[0]["noise_jy"].get<double>() - 1),
              1e-9);
    EXPECT_EQ(nocturne("image in -o x --cell none").code, 78);
}

TEST_F(ImageChoices, ATaperWidensTheBeamByItsOwnWidth)
{
    for (auto const* weighting : {"natural", "uniform"}) {
        auto const wish = std::string("--imsize 256 --cell 10 --weighting ") + weighting;
        auto const sharp = image(wish + " -o a"), wide = image(wish + " -o b --taper 200");
        double const before = sharp[0]["beam_minor_arcsec"], after = wide[0]["beam_minor_arcsec"];
        EXPECT_GT(after, 0.7 * std::hypot(before, 200.0)) << weighting;
        EXPECT_LT(after, 1.6 * std::hypot(before, 200.0)) << weighting;
        EXPECT_TRUE(holds(head("b-psf.fits"), "UVTAPER"));
    }
}

TEST_F(ImageChoices, AveragingLosesNoMoreThanItSays)
{
    std::string const wish = "--imsize 512 --cell 20 --weighting natural ";
    image(wish + "-o exact");
    auto const made = nocturne("image in -o mean --averaging 0.02 " + wish);
    ASSERT_EQ(made.code, 0) << made.err;
    EXPECT_TRUE(holds(made.err, "averaged by baseline")) << made.err;
    EXPECT_TRUE(holds(head("mean-dirty.fits"), "AVGLOSS"));
    EXPECT_FALSE(holds(head("exact-dirty.fits"), "AVGLOSS"));
    double const left = largest(fits("mean-dirty.fits").pixels) / largest(fits("exact-dirty.fits").pixels);
    EXPECT_GT(left, 0.98);
    EXPECT_LT(left, 1.0005);
    auto const clean = nocturne("image in -o cleaned --averaging 0.02 --niter 50 " + wish);
    ASSERT_EQ(clean.code, 0) << clean.err;
}

TEST_F(ImageChoices, BeamsOfADishAGaussianAndAFile)
{
    std::string const wish = "--imsize 128 --cell 100 --niter 20 ";
    image(wish + "-o airy");
    image(wish + "-o file --beam-file airy-pb.fits");
    image(wish + "-o gauss --model-beam gaussian");
    auto const airy = fits("airy-pb.fits").pixels, file = fits("file-pb.fits").pixels,
               gauss = fits("gauss-pb.fits").pixels;
    double worst = 0;
    for (std::size_t y = 24; y < 104; ++y)
        for (std::size_t x = 24; x < 104; ++x)
            worst = std::max(worst, std::abs(static_cast<double>(airy[y * 128 + x] - file[y * 128 + x])));
    EXPECT_LT(worst, 2e-3);
    for (std::size_t i = 0; i < airy.size(); ++i)
        if (airy[i] > 0.45F) {
            EXPECT_NEAR(gauss[i], airy[i], 0.02);
        }
    EXPECT_TRUE(holds(head("airy-pbcor.fits"), "'AIRY"));
    EXPECT_TRUE(holds(head("file-pbcor.fits"), "'FITS"));
    EXPECT_TRUE(holds(head("gauss-pbcor.fits"), "'GAUSSIAN"));
    EXPECT_EQ(nocturne("image in -o x " + wish + "--beam-file airy-image.fits").code, 65);
    EXPECT_EQ(nocturne("image in -o x " + wish + "--beam-file nothing.fits").code, 66);
    EXPECT_EQ(nocturne("image in -o x " + wish + "--model-beam file").code, 78);
    EXPECT_EQ(nocturne("image in -o x " + wish + "--model-beam none --beam-file airy-pb.fits").code, 78);
}

/// With six antennas the restoring beam is wide, and the primary beam's slope over it moves the peak of the corrected image.
TEST_F(ImageChoices, FitsOfCorrectedImagesAreFreeOfTheBeamsSlope)
{
    image("--imsize 256 --cell 40 --niter 200 -o s");
    auto const fit = [&](std::string const& name) {
        auto const done = nocturne("fit " + name + " --at 344,54.5 --method gaussian --json");
        EXPECT_EQ(done.code, 0) << done.err;
        return done.json();
    };
    auto const flat = fit("s-image.fits"), corrected = fit("s-pbcor.fits");
    shell("mkdir alone; cp s-pbcor.fits alone/");
    auto const sloped = fit("alone/s-pbcor.fits");
    EXPECT_NEAR(corrected["x_pix"].get<double>(), flat["x_pix"].get<double>(), 1e-3);
    EXPECT_NEAR(corrected["y_pix"].get<double>(), flat["y_pix"].get<double>(), 1e-3);
    EXPECT_GT(std::hypot(sloped["x_pix"].get<double>() - flat["x_pix"].get<double>(),
                         sloped["y_pix"].get<double>() - flat["y_pix"].get<double>()),
              3e-3);
    EXPECT_NEAR(corrected["flux_jy"].get<double>(), sloped["flux_jy"].get<double>(),
                0.02 * sloped["flux_jy"].get<double>());
    EXPECT_NEAR(corrected["rms_jy_beam"].get<double>() / flat["rms_jy_beam"].get<double>(),
                corrected["flux_jy"].get<double>() / flat["flux_jy"].get<double>(), 1e-3);
}

/// Held at its edge, and said.
TEST_F(ImageChoices, ABeamThatIsCutOffIsSaid)
{
    image("--imsize 40 --cell 100 --niter 20 -o small");
    auto const made = nocturne("image in -o cut --imsize 128 --cell 100 --niter 20 --beam-file small-pb.fits");
    ASSERT_EQ(made.code, 0) << made.err;
    EXPECT_TRUE(holds(made.err, "ends where it still has 0.")) << made.err;
    EXPECT_GT(fits("cut-pb.fits").pixels[64 * 128 + 4], 0.3F);
}

/// Headers are changed in place, their checksum taken out.
TEST_F(ImageChoices, FilesInOtherUnitsOrTurnedAreRefused)
{
    image("--imsize 128 --cell 100 --niter 20 --cube 2 -o s");
    auto const changed = [&](std::string const& by, std::string const& name) {
        return shell("LC_ALL=C sed -e 's/CHECKSUM= /COMMENT   /' -e \"" + by + "\" s-pb.fits > " + name).code;
    };
    ASSERT_EQ(changed("s/CUNIT1  = 'deg     '/CUNIT1  = 'arcsec  '/", "arcsec.fits"), 0);
    ASSERT_EQ(changed("s/EQUINOX =/PC1_2   =/", "turned.fits"), 0);
    ASSERT_EQ(changed("s/CUNIT3  = 'Hz      '/CUNIT3  = 'GHz     '/", "giga.fits"), 0);
    for (std::string const name : {"arcsec.fits", "turned.fits"}) {
        EXPECT_EQ(nocturne("fit " + name + " --at 343.8,54.4").code, 65) << name;
        EXPECT_EQ(nocturne("image in -o x --imsize 128 --cell 100 --niter 20 --beam-file " + name).code, 65) << name;
    }
    EXPECT_NEAR(fits("giga.fits").freq_hz, 1e9 * fits("s-pb.fits").freq_hz, 1e9);
    auto const cube = nocturne("fit s-cube.fits --at 343.8,54.4");
    EXPECT_EQ(cube.code, 64);
    EXPECT_TRUE(holds(cube.err, "has 2 planes")) << cube.err;
    EXPECT_EQ(nocturne("fit s-cube.fits --at 343.8,54.4 --plane 3").code, 65);
}

/// Of restored planes and of dirty ones: the beam and the array's plane of the channel, not of the first.
TEST_F(ImageChoices, PlanesOfACubeMeasureAsTheImagesOfTheirChannels)
{
    image("--imsize 256 --cell 40 --niter 60 --cube 2 -o s");
    image("--imsize 256 --cell 40 --cube 2 --weighting natural -o d");
    auto const fit = [&](std::string const& file) {
        auto const done = nocturne("fit " + file + " --at 344,54.5 --json");
        EXPECT_EQ(done.code, 0) << done.err;
        return done.json();
    };
    for (std::string const plane : {"1", "2"}) {
        auto const channel = std::string("-ch000") + (plane == "1" ? "0" : "1");
        for (auto const& [stem, product] : {std::pair{"s", "-image.fits"}, {"d", "-dirty.fits"}}) {
            auto const alone = fit(stem + channel + product), of_cube = fit(stem + ("-cube.fits --plane " + plane));
            for (auto const* value : {"flux_jy", "peak_jy_beam"})
                EXPECT_NEAR(of_cube[value].get<double>(), alone[value].get<double>(), 1e-5)
                    << stem << plane << " " << value;
            EXPECT_NEAR(of_cube["freq_hz"].get<double>(), alone["freq_hz"].get<double>(), 3e6);
        }
    }
    auto const coarse = nocturne("image in -o coarse --imsize 64 --cell 150 --cube 2");
    EXPECT_TRUE(holds(coarse.err, "channel 0 of the cube: 83.3 % of the visibilities lie beyond")) << coarse.err;
    EXPECT_GT(fits("s-ch0001-psf.fits").beam.minor_rad, 1.05 * fits("s-ch0000-psf.fits").beam.minor_rad);
}

TEST_F(ImageChoices, StokesQIsTheDifferenceOfTheHands)
{
    image(std::string(test::small_image) + "-o q --stokes Q");
    image(std::string(test::small_image) + "-o i");
    EXPECT_LT(largest(fits("q-dirty.fits").pixels), 1e-3 * largest(fits("i-dirty.fits").pixels)) << "unpolarized";
    EXPECT_EQ(fits("q-dirty.fits").stokes, "Q");
    auto const refused = nocturne("image in -o x --stokes V");
    EXPECT_EQ(refused.code, 65);
    EXPECT_TRUE(holds(refused.err, "XX, YY")) << refused.err;
}

TEST_F(ImageChoices, WhatCleanWouldUseIsNamedWhereThereIsNone)
{
    auto const idle = nocturne("image in -o a --niter 0 --multiscale --nterms 2" + std::string(test::small_image));
    EXPECT_EQ(idle.code, 0);
    EXPECT_TRUE(holds(idle.err, "niter is 0, so there is no CLEAN to use multiscale, nterms = 2")) << idle.err;
    auto const listed = image("-o b --niter 40 --nterms 2" + std::string(test::small_image));
    std::vector<std::string> products;
    for (auto const& one : listed) products.push_back(one["product"]);
    for (auto const* product : {"alpha", "alpha-error", "pbcor"})
        EXPECT_EQ(std::count(products.begin(), products.end(), product), 1) << product;
}

TEST_F(ImageChoices, CleansModelIsTakenOutOfIntegrations)
{
    simulate("noisy", "--source 343.8,54.4,20 --source 344.0,54.5,10 --noise");
    auto const search = [&](int ranks, std::string const& stem, std::string const& how) {
        auto const made = mpi(ranks, "image noisy -o " + stem +
                                         " --imsize 256 --cell 20 --per-integration --snapshot-size 256 "
                                         "--snapshot-cell 15 --detect 6 --snapshot-subtract " +
                                         how);
        EXPECT_EQ(made.code, 0) << made.err;
        return test::slurp(scratch_ / (stem + "-candidates.csv"));
    };
    auto const lines = [](std::string const& text) { return std::count(text.begin(), text.end(), '\n') - 1; };
    EXPECT_GE(lines(search(1, "none", "none")), 3) << "steady sources stand out";
    auto const model = search(1, "model", "model --niter 500");
    EXPECT_EQ(lines(model), 0) << model;
    EXPECT_EQ(search(2, "model2", "model --niter 500"), model);
    EXPECT_EQ(lines(search(1, "both", "neighbours --niter 500")), 0);
    EXPECT_EQ(nocturne("image noisy -o x --per-integration --snapshot-subtract model --niter 0").code, 78);
}

TEST_F(ImageChoices, ABrightSteadySourceIsNoCandidateWithoutCleanEither)
{
    ASSERT_EQ(nocturne("simulate -o far --antennas 20 --integrations 6 --channels 2 --dec 37 --noise --seed 21 "
                       "--source 343.6448,37.0597,40")
                  .code,
              0);
    auto const made = nocturne(
        "image far -o far --imsize 256 --cell 20 --per-integration --snapshot-size 256 "
        "--snapshot-cell 10");
    ASSERT_EQ(made.code, 0) << made.err;
    auto const list = test::slurp(scratch_ / "far-candidates.csv");
    EXPECT_EQ(std::count(list.begin(), list.end(), '\n'), 1) << list;
    EXPECT_TRUE(holds(made.err, "what is bright and steady")) << made.err;
    for (auto const* product : {"image", "residual", "model", "pb"})
        EXPECT_FALSE(std::filesystem::exists(scratch_ / (std::string("far-") + product + ".fits"))) << product;
    EXPECT_FALSE(std::filesystem::exists(scratch_ / "far-components.csv"));
}

}  // namespace
}  // namespace nocturne
