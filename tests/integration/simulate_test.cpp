// What `simulate` and `predict` write, through the program: orders of channels and files, flux that changes, rows kept.
#include "tests/support/program.hpp"

#include <algorithm>

namespace nocturne {
namespace {

namespace fs = std::filesystem;

class Simulated : public test::ProgramTest {
protected:
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
