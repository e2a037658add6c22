// Products appear whole or not at all.
#include "io/product.hpp"

#include "io/hash.hpp"
#include "nocturne/error.hpp"
#include "tests/support/unreaped.hpp"
#include "tests/unit/io/scratch.hpp"

#include <gtest/gtest.h>

#include <cerrno>
#include <fstream>

#include <sys/resource.h>
#include <unistd.h>
#include <csignal>

namespace nocturne {
namespace {

std::string content(std::string const& path)
{
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

TEST(ProductFile, appears_on_commit_and_not_before)
{
    test::Scratch const dir;
    ProductFile file(dir / "a.txt");
    file.write("hello ");
    file.write("world");
    file.write_at(0, "J", 1);
    EXPECT_FALSE(std::filesystem::exists(dir / "a.txt"));
    file.commit();
    EXPECT_EQ(content(dir / "a.txt"), "Jello world");
    EXPECT_EQ(dir.n_entries(), 1);
}

TEST(ProductFile, leaves_nothing_without_commit)
{
    test::Scratch const dir;
    {
        ProductFile file(dir / "a.txt");
        file.write("half");
        EXPECT_EQ(dir.n_entries(), 1);
    }
    EXPECT_EQ(dir.n_entries(), 0);
}

TEST(ProductFile, replaces_an_older_file_whole)
{
    test::Scratch const dir;
    write_product(dir / "a.txt", "old");
    write_product(dir / "a.txt", "new");
    EXPECT_EQ(content(dir / "a.txt"), "new");
}

TEST(ProductFile, a_library_may_replace_the_temporary)
{
    test::Scratch const dir;
    ProductFile file(dir / "a.txt");
    unlink(file.temporary_path().c_str());
    std::ofstream(file.temporary_path()) << "by path";
    file.commit();
    EXPECT_EQ(content(dir / "a.txt"), "by path");
}

TEST(ProductFile, says_that_it_cannot_be_created)
{
    test::Scratch const dir;
    write_product(dir / "plain", "x");
    for (auto const& path : {dir / "plain/below", std::string("/proc/nocturne.txt"), std::string(dir.path())}) {
        try {
            ProductFile const file(path);
            FAIL() << path;
        } catch (Error const& error) {
            EXPECT_EQ(error.code(), Code::cannot_create) << error.what();
            EXPECT_NE(std::string(error.what()).find(path), std::string::npos) << error.what();
        }
    }
}

/// A limit on the file size makes write() fail as a full disk does.
class SizeLimit {
public:
    explicit SizeLimit(rlim_t bytes)
    {
        signal(SIGXFSZ, SIG_IGN);
        getrlimit(RLIMIT_FSIZE, &before_);
        rlimit const limit{bytes, before_.rlim_max};
        setrlimit(RLIMIT_FSIZE, &limit);
    }
    ~SizeLimit() { setrlimit(RLIMIT_FSIZE, &before_); }

private:
    rlimit before_{};
};

TEST(ProductFile, a_write_that_fails_is_an_error_and_leaves_nothing)
{
    test::Scratch const dir;
    for (rlim_t const bytes : {0, 1, 999, 4096, 9999}) {
        SizeLimit const limit(bytes);
        try {
            write_product(dir / "a.txt", std::string(10000, 'x'));
            FAIL() << bytes;
        } catch (Error const& error) {
            EXPECT_EQ(error.code(), Code::io);
            EXPECT_NE(std::string(error.what()).find("a.txt"), std::string::npos) << error.what();
        }
        EXPECT_EQ(dir.n_entries(), 0);
    }
}

TEST(ProductSet, manifest_names_every_member_with_its_hash)
{
    test::Scratch const dir;
    ProductSet set(dir / "m.xxh128");
    set.add(dir / "a").write("aa");
    set.add(dir / "b").write("bbb");
    EXPECT_FALSE(std::filesystem::exists(dir / "a"));
    auto const records = set.commit();
    ASSERT_EQ(records.size(), 2U);
    EXPECT_EQ(records[1].bytes, 3U);
    EXPECT_EQ(records[0].xxh128, hash_bytes("aa", 2));
    EXPECT_EQ(content(dir / "m.xxh128"), hash_bytes("aa", 2) + "  a\n" + hash_bytes("bbb", 3) + "  b\n");
}

TEST(ProductSet, several_processes_write_one_set_and_one_commits)
{
    test::Scratch const dir;
    ProductSet leader(dir / "m.xxh128"), other(dir / "m.xxh128");
    leader.add(dir / "b").write("bbb");
    other.add(dir / "a").write("aa");
    leader.take(other.seal());
    EXPECT_FALSE(std::filesystem::exists(dir / "a"));
    auto const records = leader.commit();
    other.release();
    ASSERT_EQ(records.size(), 2U);
    EXPECT_EQ(records[1].path, dir / "a");
    EXPECT_EQ(content(dir / "m.xxh128"), hash_bytes("aa", 2) + "  a\n" + hash_bytes("bbb", 3) + "  b\n");
    EXPECT_EQ(dir.n_entries(), 3);
}

TEST(ProductSet, a_last_look_that_fails_leaves_what_stood_there)
{
    test::Scratch const dir;
    ProductSet older(dir / "m.xxh128");
    older.add(dir / "a").write("old");
    older.commit();
    auto const manifest = content(dir / "m.xxh128");
    {
        ProductSet set(dir / "m.xxh128");
        set.add(dir / "a").write("new");
        EXPECT_THROW(set.commit([] { throw Error(Code::transient, "another run took it over", "x", "y"); }), Error);
    }
    EXPECT_EQ(content(dir / "a"), "old");
    EXPECT_EQ(content(dir / "m.xxh128"), manifest);
    EXPECT_EQ(dir.n_entries(), 2);
}

TEST(ProductSet, a_set_that_nobody_commits_leaves_nothing)
{
    test::Scratch const dir;
    {
        ProductSet set(dir / "m.xxh128");
        set.add(dir / "a").write("aa");
        EXPECT_EQ(set.seal().size(), 1U);
    }
    EXPECT_EQ(dir.n_entries(), 0);
}

TEST(ProductSet, a_rename_that_fails_takes_the_others_back)
{
    test::Scratch const dir;
    ProductSet set(dir / "m.xxh128");
    set.add(dir / "a").write("aa");
    set.add(dir / "b").write("bbb");
    std::filesystem::create_directories(dir / "b/full");  // a directory that is not empty stands in the way
    EXPECT_THROW(set.commit(), Error);
    EXPECT_FALSE(std::filesystem::exists(dir / "a"));
    EXPECT_FALSE(std::filesystem::exists(dir / "m.xxh128"));
}

TEST(Strays, of_dead_processes_are_removed_and_living_ones_stay)
{
    test::Scratch const dir;
    ProductFile const mine(dir / "a");
    auto name = mine.temporary_path();
    auto const pid = "-" + std::to_string(getpid()) + "-";
    name.replace(name.rfind(pid), pid.size(), "-4194303-");  // above the default limit of process ids
    std::ofstream(name) << "left behind";
    EXPECT_EQ(dir.n_entries(), 2);
    EXPECT_EQ(remove_stray_temporaries(dir.path()), 1);
    EXPECT_TRUE(std::filesystem::exists(mine.temporary_path()));
}

TEST(Strays, of_a_process_that_ended_and_nobody_waited_for_are_removed)
{
    test::Scratch const dir;
    ProductFile const mine(dir / "a");
    test::Unreaped const ended;
    auto name = mine.temporary_path();
    auto const pid = "-" + std::to_string(getpid()) + "-";
    name.replace(name.rfind(pid), pid.size(), "-" + std::to_string(ended.pid()) + "-");
    std::ofstream(name) << "left behind";
    EXPECT_EQ(remove_stray_temporaries(dir.path()), 1);
}

TEST(Hash, equals_the_published_values)
{
    EXPECT_EQ(hash_bytes("", 0), "99aa06d3014798d86001c324468d497f");  // XXH3-128 of nothing (xxhash, sanity vectors)
    test::Scratch const dir;
    std::string bytes(1'000'003, 'q');
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i * i >> 3);
    write_product(dir / "x", bytes);
    EXPECT_EQ(hash_file(dir / "x"), hash_bytes(bytes.data(), bytes.size()));
    EXPECT_THROW(hash_file(dir / "absent"), Error);
}

}  // namespace
}  // namespace nocturne
