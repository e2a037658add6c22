// What `simulate` and `predict` write, through the program: orders of channels and files, flux that changes, rows kept.
#include "io/hdf5.hpp"
#include "tests/support/program.hpp"

#include <algorithm>
#include <complex>
#include <cstring>

namespace nocturne {
namespace {

namespace fs = std::filesystem;

double first_freq_hz(std::string const& path)
{
    hdf5::start();
    hdf5::Handle const file(H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), H5Fclose);
    hdf5::Handle const set(H5Dopen2(file.id(), "Header/freq_array", H5P_DEFAULT), H5Dclose);
    hdf5::Handle const space(H5Dget_space(set.id()), H5Sclose);
    std::vector<double> freq_hz(static_cast<std::size_t>(H5Sget_simple_extent_npoints(space.id())));
    EXPECT_GE(H5Dread(set.id(), H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, freq_hz.data()), 0);
    return freq_hz.front();
}

class Simulated : public test::ProgramTest {
protected:
    void make(std::string const& directory, std::string const& more) const
    {
        auto const made = nocturne("simulate --out " + directory + " --antennas 9 --channels 4 --seed 4 " + more);
        ASSERT_EQ(made.code, 0) << made.err;
    }
    /// Samples, flags and nsamples of a group as read: the bytes of a dump before its axes.
    std::string samples(std::string const& group) const
    {
        auto const done = nocturne("dump " + group + " --out " + group + ".npz");
        EXPECT_EQ(done.code, 0) << done.err;
        auto const bytes = test::slurp(scratch_ / (group + ".npz"));
        return bytes.substr(0, bytes.find("freq_hz.npy"));
    }
    std::vector<float> image(std::string const& group, std::string const& more = "") const
    {
        auto const stem = group + "-shown";
        auto const done = nocturne("image " + group + " --out " + stem + test::small_image + more + " --json");
        EXPECT_EQ(done.code, 0) << done.err;
        return read_fits((scratch_ / (stem + "-dirty.fits")).string()).pixels;
    }
};

/// [integration][rest]: sums of |V| of a dump made by `samples`.
std::vector<double> amplitudes(std::string const& dump, std::size_t integrations)
{
    auto const begin = dump.find("\x93NUMPY");
    auto const length =
        static_cast<unsigned char>(dump[begin + 8]) + 256U * static_cast<unsigned char>(dump[begin + 9]);
    auto const end = dump.find("flag.npy") - 30;
    std::vector<std::complex<float>> vis((end - begin - 10 - length) / sizeof(std::complex<float>));
    std::memcpy(vis.data(), dump.data() + begin + 10 + length, vis.size() * sizeof(std::complex<float>));
    std::vector<double> sums(integrations, 0.0);
    for (std::size_t i = 0; i < vis.size(); ++i) sums[i * integrations / vis.size()] += std::abs(vis[i]);
    return sums;
}

TEST_F(Simulated, AVaryingSourceFollowsItsLightCurve)
{
    std::ofstream(scratch_ / "curve.csv") << "name,seconds,factor\nP1,0,1\nP1,20,1\nP1,20,4\nP1,60,0\n";
    std::string const one = "--source 342.9,54.5,2 --integrations 5";
    make("steady", one);
    make("varying", one + " --light-curves curve.csv");
    auto const steady = amplitudes(samples("steady"), 5), varying = amplitudes(samples("varying"), 5);
    auto const truth = nlohmann::json::parse(test::slurp(scratch_ / "varying" / "truth.json"));
    auto const factor = truth["sources"][0]["light_curve"].get<std::vector<double>>();
    ASSERT_EQ(factor.size(), 5u);
    double const t = 12.884901888;  // of an integration
    EXPECT_DOUBLE_EQ(factor[0], 1);
    EXPECT_NEAR(factor[1], ((20 - t) + (2 * t - 20) * (4 - 0.05 * (2 * t - 20))) / t, 1e-6);
    EXPECT_NEAR(factor[3], 4 - 0.1 * (3.5 * t - 20), 1e-6);
    for (std::size_t i = 0; i < 5; ++i) EXPECT_NEAR(varying[i] / steady[i], factor[i], 1e-5) << i;
    double const apparent = truth["sources"][0]["apparent_flux_jy"];
    EXPECT_LT(apparent, 2 * 2.2);
    EXPECT_GT(apparent, 2 * 1.5);
    auto const again = nocturne(
        "predict --group steady --out predicted --sources varying/truth/sources.csv "
        "--light-curves varying/truth/light_curves.csv");
    ASSERT_EQ(again.code, 0) << again.err;
    auto const predicted = amplitudes(samples("predicted"), 5);
    for (std::size_t i = 0; i < 5; ++i) EXPECT_NEAR(predicted[i] / varying[i], 1, 1e-5) << i;
}

TEST_F(Simulated, PredictionsReplaceNoFileAndKeepEachFilesOwnChannels)
{
    make("g", "--integrations 2 --source 0,54.5,2");
    auto const before = shell("cat g/*.hdf5 | md5sum").out;
    shell("mkdir links odd; ln -s $PWD/g/*.hdf5 links; cp g/*_sb00.hdf5 odd/x0.hdf5; cp g/*_sb01.hdf5 odd/x1.hdf5");
    for (auto const* place : {"g --out g", "g/*.hdf5 --out g/.", "links --out g", "links/*.hdf5 --out g"})
        EXPECT_EQ(nocturne("predict " + std::string(place) + " --sources g/truth/sources.csv").code, 64) << place;
    EXPECT_EQ(shell("cd g && " + program() + " predict *.hdf5 --out . --sources truth/sources.csv").code, 64);
    EXPECT_EQ(shell("cat g/*.hdf5 | md5sum").out, before);
    ASSERT_EQ(nocturne("predict odd/x0.hdf5 odd/x1.hdf5 --out p --sources g/truth/sources.csv --quiet").code, 0);
    for (auto const* file : {"x0.hdf5", "x1.hdf5"})
        EXPECT_EQ(first_freq_hz(scratch_ / "p" / file), first_freq_hz(scratch_ / "odd" / file)) << file;
    EXPECT_NE(first_freq_hz(scratch_ / "p/x0.hdf5"), first_freq_hz(scratch_ / "p/x1.hdf5"));
}

TEST_F(Simulated, ALightCurveGoesOnFromGroupToGroup)
{
    std::ofstream(scratch_ / "night.csv") << "name,mjd,factor\nP1,61065,0\nP1,61066,24\n";
    for (auto const* at : {"2026-01-25T06:00:00", "2026-01-25T12:00:00"}) {
        make("night", std::string("--integrations 2 --source 0,54.5,2 --light-curves night.csv --start ") + at);
        auto const truth = nlohmann::json::parse(test::slurp(scratch_ / "night" / "truth.json"));
        double const hours = at[11] == '0' ? 6 : 12;
        EXPECT_NEAR(truth["sources"][0]["light_curve"][0].get<double>(), hours + 6.44 / 3600, 1e-4);
    }
    EXPECT_TRUE(fs::exists(scratch_ / "night" / "truth" / "2026-01-25T06:00:00" / "truth" / "light_curves.csv"));
    std::ofstream(scratch_ / "night.csv") << "name,mjd,factor\nP2,61065,0\n";
    auto const none = nocturne("simulate --out other --source 0,54.5,2 --light-curves night.csv");
    EXPECT_EQ(none.code, 64);
    EXPECT_NE(none.err.find("did you mean 'P1'"), std::string::npos) << none.err;
}

TEST_F(Simulated, ALightCurveIsOfOneSource)
{
    std::ofstream(scratch_ / "list.csv")
        << "name,ra_deg,dec_deg,flux_jy\nP5,0,54.5,2\nS1,0.1,54.5,1\nA,1,54,1\nA,2,54,1\n";
    std::ofstream(scratch_ / "own.csv") << "name,seconds,factor\nP5,0,2\nS1,0,3\n";
    std::ofstream(scratch_ / "a.csv") << "name,seconds,factor\nA,0,2\n";
    std::string const all =
        "--integrations 2 --sources list.csv --source 0.2,54.5,1 --random-sources 2 --light-curves ";
    make("g", all + "own.csv");
    auto const truth = nlohmann::json::parse(test::slurp(scratch_ / "g" / "truth.json"));
    std::vector<std::string> names, varying;
    for (auto const& source : truth["sources"]) {
        names.push_back(source["name"]);
        if (source.contains("light_curve")) varying.push_back(source["name"]);
    }
    EXPECT_EQ(names, (std::vector<std::string>{"P5", "S1", "A", "A", "P6", "S2", "S3"}));
    EXPECT_EQ(varying, (std::vector<std::string>{"P5", "S1"}));
    for (auto const* verb : {"simulate --out other ", "predict --group g --out other "}) {
        auto const two = nocturne(verb + (verb[0] == 's' ? all : "--sources list.csv --light-curves ") + "a.csv");
        EXPECT_EQ(two.code, 64) << verb;
        EXPECT_NE(two.err.find("2 sources have this name"), std::string::npos) << two.err;
    }
}

TEST_F(Simulated, EitherOrderOfChannelsIsTheSameImage)
{
    simulate("falling", "--noise");
    simulate("rising", "--noise --freq-order asc --shuffle-subbands");
    EXPECT_TRUE(samples("rising") == samples("falling"));
    auto const pixels = image("rising");
    EXPECT_FALSE(pixels.empty());
    EXPECT_TRUE(pixels == image("falling"));
    auto const truth = nlohmann::json::parse(test::slurp(scratch_ / "rising" / "truth.json"));
    EXPECT_EQ(truth["freq_order"], "asc");
    std::vector<std::pair<fs::file_time_type, int>> arrived;
    for (auto const& entry : fs::directory_iterator(scratch_ / "rising"))
        if (entry.path().extension() == ".hdf5")
            arrived.emplace_back(entry.last_write_time(), std::stoi(entry.path().stem().string().substr(22)));
    std::sort(arrived.begin(), arrived.end());
    std::vector<int> order;
    for (auto const& [when, subband] : arrived) order.push_back(subband);
    EXPECT_EQ(order.size(), 16u);
    EXPECT_FALSE(std::is_sorted(order.begin(), order.end()));
    EXPECT_EQ(truth["subbands_in_order_of_writing"].get<std::vector<int>>(), order);
}

}  // namespace
}  // namespace nocturne
