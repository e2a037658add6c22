// What a failure and a checkpoint are known by.
#include "driver/checkpoints.hpp"

#include <gtest/gtest.h>

namespace nocturne {
namespace {

std::string key(db::InputFile const& file, std::string const& configuration = "c")
{
    return text_of({{file}, configuration, "v"});
}

TEST(Checkpoints, FilesThatNobodyReadAreToldByPlaceSizeAndTime)
{
    db::InputFile const file{0, "/in/a_sb00.hdf5", "", 1000, 1.7e9};
    EXPECT_EQ(key(file), key(file));
    auto moved = file, longer = file, mended = file;
    moved.path = "/in/b_sb00.hdf5";
    longer.bytes = 1001;
    mended.modified_s += 0.25;
    for (auto const& other : {moved, longer, mended}) EXPECT_NE(key(other), key(file)) << other.path;
    EXPECT_NE(key(file, "d"), key(file));
}

TEST(Checkpoints, FilesWithAHashByTheirContentAlone)
{
    db::InputFile const file{0, "/in/a_sb00.hdf5", std::string(32, 'a'), 1000, 1.7e9};
    auto touched = file, changed = file;
    touched.modified_s += 5;
    changed.xxh128.back() = 'b';
    EXPECT_EQ(key(touched), key(file));
    EXPECT_NE(key(changed), key(file));
}

}  // namespace
}  // namespace nocturne
