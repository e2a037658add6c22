// Jones matrices as a user asks for them: of a Measurement Set with a model column, by one and two ranks, applied; and what is refused by name.
#include "tests/support/program.hpp"

#include "io/ms_reader.hpp"

#include <cmath>

namespace nocturne {
namespace {

class JonesRoad : public test::ProgramTest {
protected:
    void SetUp() override
    {
        test::ProgramTest::SetUp();
        ASSERT_EQ(shell("tar -xzf " NOCTURNE_SOURCE_DIR "/tests/golden/ms/lofar.tgz").code, 0);
    }
    /// Its data are their own model: every matrix is 1.
    std::string const solve_ = "solve lofar.ms --model-column DATA --types J --solint 0 --no-flag --quiet ";
};

TEST_F(JonesRoad, DataThatAreTheirOwnModelStayWhatTheyAre)
{
    auto const solved = nocturne(solve_ + "--out j.h5");
    ASSERT_EQ(solved.code, 0) << solved.err;
    auto const two = mpi(2, solve_ + "--out two.h5");
    ASSERT_EQ(two.code, 0) << two.err;
    EXPECT_EQ(test::slurp(scratch_ / "j.h5"), test::slurp(scratch_ / "two.h5"));
    auto const applied = nocturne("apply lofar.ms --solutions j.h5 --ms out.ms --quiet");
    ASSERT_EQ(applied.code, 0) << applied.err;
    MsOptions options;
    options.model = "CORRECTED_DATA";
    MsReader set((scratch_ / "out.ms").string(), options);
    auto const& header = set.header();
    Index const nt = std::ssize(header.time_mjd_s), nb = std::ssize(header.baselines), nc = std::ssize(header.freq_hz);
    std::vector<Vis> vis(static_cast<std::size_t>(nt * nb * nc * 4)), model(vis.size());
    std::vector<std::uint8_t> flag(vis.size());
    std::vector<float> weight(vis.size());
    MsTarget to{make_view(vis.data(), nt, nb, nc, Index(4)), make_view(flag.data(), nt, nb, nc, Index(4)), {}};
    to.model = make_view(model.data(), nt, nb, nc, Index(4));
    if (!(set.constant_weight() > 0)) to.weight = make_view(weight.data(), nt, nb, nc, Index(4));
    set.read(0, nb, to);
    std::size_t used = 0;
    for (std::size_t k = 0; k < vis.size(); ++k) {
        if (flag[k]) continue;
        ++used;
        ASSERT_NEAR(vis[k].re, model[k].re, 1e-5F * (1 + std::abs(vis[k].re)));
        ASSERT_NEAR(vis[k].im, model[k].im, 1e-5F * (1 + std::abs(vis[k].im)));
    }
    EXPECT_GT(used, vis.size() / 4);
}

TEST_F(JonesRoad, RefusesByName)
{
    auto const casa = nocturne(solve_ + "--out j.h5 --casa j");
    EXPECT_NE(casa.code, 0);
    EXPECT_NE(casa.err.find("cannot become a CASA table"), std::string::npos) << casa.err;
    EXPECT_FALSE(std::filesystem::exists(scratch_ / "j.h5"));
    auto const column = nocturne("solve lofar.ms --model-column NONE --types J --out j.h5 --no-flag --quiet");
    EXPECT_NE(column.code, 0);
    EXPECT_NE(column.err.find("no column NONE"), std::string::npos) << column.err;
    auto const entered = nocturne(solve_ + "--out j.h5 --register --db r.sqlite");
    EXPECT_NE(entered.code, 0);
    EXPECT_NE(entered.err.find("Jones matrices cannot be registered"), std::string::npos) << entered.err;
}

}  // namespace
}  // namespace nocturne
