#include "driver/home.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

namespace nocturne {
namespace {

TEST(Home, IsATildeWhereAPathBeginsWithIt)
{
    auto const* const home = std::getenv("HOME");
    std::string const before = home ? home : "";
    setenv("HOME", "/people/ann/", 1);
    EXPECT_EQ(without_home("cannot read '/people/ann/in/a.hdf5', out=/people/ann"), "cannot read '~/in/a.hdf5', out=~");
    EXPECT_EQ(without_home("/people/annabel/x /mnt/people/ann/x /people/ann"), "/people/annabel/x /mnt/people/ann/x ~");
    EXPECT_EQ(without_home("it is in /people/ann. See file:///people/ann/x"), "it is in ~. See file://~/x");
    setenv("HOME", "/", 1);
    EXPECT_EQ(without_home("/in/x"), "/in/x");
    setenv("HOME", before.c_str(), 1);
}

}  // namespace
}  // namespace nocturne
