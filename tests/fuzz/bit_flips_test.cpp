// R5: single flipped bits of files that were indexed with their hashes. Each is reported before anything is made of the file.
#include "db/groups.hpp"
#include "driver/verify.hpp"
#include "io/hash.hpp"
#include "tests/support/program.hpp"
#include "tests/unit/io/small_group.hpp"

#include <filesystem>
#include <fstream>

namespace nocturne {
namespace {

namespace fs = std::filesystem;

/// Flips bit `bit` of byte `at`; the time of the file stays as it was, unless told otherwise.
void flip(std::string const& path, std::uint64_t at, int bit, bool keep_time = true)
{
    auto const time = fs::last_write_time(path);
    std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
    file.seekg(static_cast<std::streamoff>(at));
    auto const byte = static_cast<char>(file.get() ^ 1 << bit);
    file.seekp(static_cast<std::streamoff>(at)).put(byte);
    file.close();
    if (keep_time) fs::last_write_time(path, time);
}

TEST(BitFlips, EachOfAThousandIsReported)
{
    test::Scratch const dir;
    auto const path = test::SmallSubband(0).write(dir, 0);
    auto const bytes = fs::file_size(path);
    db::InputFile file{0, path, hash_file(path), static_cast<std::int64_t>(bytes)};
    verify_file(file);
    int reported = 0;
    for (std::uint64_t i = 0; i < 1000; ++i) {
        std::uint64_t const at = i * 2654435761 % bytes;  // Knuth's multiplicative sequence: all over the file
        int const bit = static_cast<int>(i % 8);
        flip(path, at, bit);
        try {
            verify_file(file);
        } catch (Error const& error) {
            reported += error.code() == Code::bad_input && std::string(error.what()).find(path) != std::string::npos;
        }
        flip(path, at, bit);
    }
    EXPECT_EQ(reported, 1000);
    EXPECT_NO_THROW(verify_file(file));
}

class BitFlipsOfARun : public test::ProgramTest {
protected:
    void ingest()
    {
        simulate("in");
        shell("touch -d '1 hour ago' in/*.hdf5");  // at rest: what changes from here on did not arrive
        ASSERT_EQ(nocturne("index scan in --json").code, 0);
    }
    std::string subband(int index) const
    {
        return (scratch_ / "in" / ("2026-01-25T22:26:05_sb0" + std::to_string(index) + ".hdf5")).string();
    }
    /// The run ends with 65, names the file and leaves no product.
    void expect_refusal(std::string const& path)
    {
        auto const outcome = nocturne("run in --out out --imsize 128 --cell 20 --json");
        EXPECT_EQ(outcome.code, 65) << outcome.err;
        ASSERT_EQ(outcome.json()["failures"].size(), 1u) << outcome.out;
        auto const message = outcome.json()["failures"][0]["message"].get<std::string>();
        EXPECT_NE(message.find(fs::path(path).filename().string()), std::string::npos) << message;
        EXPECT_EQ(shell("find out -type f").out, "");
    }
    void expect_success() const
    {
        auto const outcome = nocturne("run in --out out --imsize 128 --cell 20 --json");
        EXPECT_EQ(outcome.code, 0) << outcome.err;
    }
};

TEST_F(BitFlipsOfARun, AFlipUnderTheSameTimeIsRefused)
{
    ingest();
    for (std::uint64_t at : {100u, 5000u, 20000u, 40000u}) {
        flip(subband(3), at, 2);
        expect_refusal(subband(3));
        flip(subband(3), at, 2);
    }
    expect_success();
}

TEST_F(BitFlipsOfARun, AFlipThatChangedTheTimeIsRefusedUntilItIsMeant)
{
    ingest();
    auto const at = fs::file_size(subband(5)) - 50;
    flip(subband(5), at, 6, false);
    expect_refusal(subband(5));
    expect_refusal(subband(5));  // and again, by what the database says
    ASSERT_EQ(nocturne("index scan in --rehash --json").code, 0);
    expect_success();
}

TEST_F(BitFlipsOfARun, ARestoredFileIsTaken)
{
    ingest();
    auto const at = fs::file_size(subband(5)) - 50;
    flip(subband(5), at, 6, false);
    expect_refusal(subband(5));
    flip(subband(5), at, 6, false);
    expect_success();
}

TEST_F(BitFlipsOfARun, AnotherDeliveryIsTaken)
{
    ingest();
    shell("rm in/*.hdf5");
    simulate("in", "--noise");
    expect_success();
}

}  // namespace
}  // namespace nocturne
