// An .npz's structure, read back byte by byte.
#include "io/npz_writer.hpp"

#include "nocturne/error.hpp"
#include "tests/unit/io/scratch.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <fstream>

#include <zlib.h>

namespace nocturne {
namespace {

std::uint64_t number(std::string const& file, std::size_t at, int n)
{
    std::uint64_t v = 0;
    for (int i = n - 1; i >= 0; --i) v = v << 8 | static_cast<unsigned char>(file.at(at + static_cast<std::size_t>(i)));
    return v;
}

TEST(Npz, members_are_where_the_directory_says)
{
    test::Scratch const dir;
    ProductFile product(dir / "a.npz");
    NpzWriter npz(product);
    std::vector<float> const x{1, 2, 3, 4, 5, 6};
    std::vector<double> const y{7};
    npz.begin("x", NpyType::f32, {2, 3});
    npz.append(x.data(), 8);
    npz.append(x.data() + 2, 16);
    npz.add("y", NpyType::f64, {1}, y.data());
    npz.finish();
    product.commit();
    std::ifstream in(dir / "a.npz", std::ios::binary);
    std::string const file(std::istreambuf_iterator<char>(in), {});
    auto const end = file.rfind("PK\x05\x06");
    ASSERT_EQ(end + 22, file.size());
    auto const end64 = number(file, end - 20 + 8, 8);
    ASSERT_EQ(file.substr(end64, 4), std::string("PK\x06\x06"));
    EXPECT_EQ(number(file, end64 + 32, 8), 2U);
    auto const central = number(file, end64 + 48, 8);
    EXPECT_EQ(central + number(file, end64 + 40, 8), end64);
    auto const local = number(file, central + 46 + 5 + 4 + 16, 8);  // zip64 extra after the name "x.npy"
    auto const bytes = number(file, central + 46 + 5 + 4, 8);
    ASSERT_EQ(file.substr(local, 4), std::string("PK\x03\x04"));
    std::size_t const data = local + 30 + 5 + 20;
    EXPECT_EQ(file.substr(data, 6), "\x93NUMPY");
    auto const header = number(file, data + 8, 2);
    EXPECT_EQ((10 + header) % 64, 0U);
    EXPECT_NE(file.substr(data, 10 + header).find("'shape': (2, 3, )"), std::string::npos);
    EXPECT_EQ(bytes, 10 + header + 24);
    EXPECT_EQ(std::memcmp(&file[data + 10 + header], x.data(), 24), 0);
    auto const crc = crc32(0, reinterpret_cast<unsigned char const*>(&file[data]), static_cast<unsigned>(bytes));
    EXPECT_EQ(number(file, local + 14, 4), crc);
    EXPECT_EQ(number(file, central + 16, 4), crc);
}

TEST(Npz, an_array_that_is_not_full_is_a_defect)
{
    test::Scratch const dir;
    ProductFile product(dir / "a.npz");
    NpzWriter npz(product);
    npz.begin("x", NpyType::f64, {2});
    double const value[3] = {};
    EXPECT_THROW(npz.append(value, 24), Error);
    npz.append(value, 8);
    EXPECT_THROW(npz.finish(), Error);
}

}  // namespace
}  // namespace nocturne
