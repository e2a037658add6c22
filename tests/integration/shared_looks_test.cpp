// New files, looked at by all ranks of a job: the index says the same whatever the number of ranks, of damaged files too.
#include "db/groups.hpp"
#include "tests/support/program.hpp"

#include <sstream>

namespace nocturne {
namespace {

class SharedLooks : public test::ProgramTest {
protected:
    /// What the index says of each file after a run of so many ranks.
    std::string indexed_by(int ranks) const
    {
        auto const name = std::to_string(ranks) + ".sqlite";
        auto const end = mpi(ranks, "run in -o out --limit 0 --quiet --db " + name);
        EXPECT_EQ(end.code, 65) << end.err;
        for (auto const* bad : {"short", "sb05"}) EXPECT_NE(end.err.find(bad), std::string::npos) << end.err;
        auto session = db::Session::open((scratch_ / name).string());
        std::ostringstream all;
        all.precision(17);
        for (auto const& row : db::files_in(session, std::filesystem::canonical(scratch_ / "in").string()))
            all << row.path << ' ' << row.group_id << ' ' << db::name(row.status) << ' ' << row.reason << ' '
                << row.bytes << ' ' << row.telescope_name << ' ' << row.start_mjd.value_or(0) << ' '
                << row.end_mjd.value_or(0) << ' ' << row.dec_deg.value_or(0) << ' ' << row.n_channels.value_or(0) << ' '
                << row.freq_first_hz.value_or(0) << ' ' << row.xxh128 << '\n';
        for (auto const& group : db::list_groups(session))
            all << group.group_id << ' ' << db::name(group.state) << ' ' << group.error << '\n';
        return all.str();
    }
};

TEST_F(SharedLooks, TheIndexIsTheSameForAnyRanks)
{
    for (auto const* start : {"2026-01-25T22:26:05", "2026-01-25T22:31:14"})
        simulate("in", std::string("--start ") + start);
    shell("rm -r in/truth; truncate -s 3000 in/2026-01-25T22:31:14_sb05.hdf5");
    shell("head -c 5000 in/2026-01-25T22:26:05_sb00.hdf5 > in/short.hdf5; echo 'no data' > in/notes.txt");
    auto const alone = indexed_by(1);
    EXPECT_NE(alone.find("truncated"), std::string::npos) << alone;
    EXPECT_EQ(indexed_by(2), alone);
    EXPECT_EQ(indexed_by(5), alone);
}

}  // namespace
}  // namespace nocturne
