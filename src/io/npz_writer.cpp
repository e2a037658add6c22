#include "io/npz_writer.hpp"

#include "nocturne/check.hpp"

#include <zlib.h>

namespace nocturne {
namespace {

constexpr std::uint32_t local_mark = 0x04034b50, central_mark = 0x02014b50, end_mark = 0x06054b50,
                        end64_mark = 0x06064b50, locator_mark = 0x07064b50;
constexpr std::uint16_t version_zip64 = 45, zip64_extra = 1, date_1980 = 0x21;
constexpr std::uint32_t in_extra = 0xffffffff;  // the field stands in the zip64 extra

/// Little-endian fields.
class Record {
public:
    Record& u16(std::uint64_t v) { return number(v, 2); }
    Record& u32(std::uint64_t v) { return number(v, 4); }
    Record& u64(std::uint64_t v) { return number(v, 8); }
    Record& text(std::string const& t)
    {
        bytes += t;
        return *this;
    }
    std::string bytes;

private:
    Record& number(std::uint64_t v, int n)
    {
        for (int i = 0; i < n; ++i) bytes += static_cast<char>(v >> (8 * i) & 255);
        return *this;
    }
};

char const* word(NpyType type)
{
    switch (type) {
        case NpyType::f32:
            return "<f4";
        case NpyType::f64:
            return "<f8";
        case NpyType::c64:
            return "<c8";
        case NpyType::c128:
            return "<c16";
        case NpyType::i64:
            return "<i8";
        case NpyType::u8:
            return "|u1";
    }
    return "";
}

std::uint64_t bytes_of(NpyType type)
{
    switch (type) {
        case NpyType::f32:
            return 4;
        case NpyType::c128:
            return 16;
        case NpyType::u8:
            return 1;
        default:
            return 8;
    }
}

/// Magic, version, and a dictionary padded to a multiple of 64 bytes.
std::string npy_header(NpyType type, std::vector<Index> const& shape)
{
    std::string tuple;
    for (Index extent : shape) tuple += std::to_string(extent) + ", ";
    std::string dictionary =
        std::string("{'descr': '") + word(type) + "', 'fortran_order': False, 'shape': (" + tuple + "), }";
    constexpr std::size_t before = 10;
    dictionary.append(63 - (before + dictionary.size()) % 64, ' ');
    dictionary += '\n';
    return Record().text(std::string("\x93NUMPY\x01\x00", 8)).u16(dictionary.size()).text(dictionary).bytes;
}

std::string local_header(std::string const& name, std::uint32_t crc, std::uint64_t bytes)
{
    return Record()
        .u32(local_mark)
        .u16(version_zip64)
        .u16(0)
        .u16(0)
        .u16(0)
        .u16(date_1980)
        .u32(crc)
        .u32(in_extra)
        .u32(in_extra)
        .u16(name.size())
        .u16(20)
        .text(name)
        .u16(zip64_extra)
        .u16(16)
        .u64(bytes)
        .u64(bytes)
        .bytes;
}

std::string central_header(std::string const& name, std::uint32_t crc, std::uint64_t bytes, std::uint64_t offset)
{
    return Record()
        .u32(central_mark)
        .u16(version_zip64)
        .u16(version_zip64)
        .u16(0)
        .u16(0)
        .u16(0)
        .u16(date_1980)
        .u32(crc)
        .u32(in_extra)
        .u32(in_extra)
        .u16(name.size())
        .u16(28)
        .u16(0)
        .u16(0)
        .u16(0)
        .u32(0)
        .u32(in_extra)
        .text(name)
        .u16(zip64_extra)
        .u16(24)
        .u64(bytes)
        .u64(bytes)
        .u64(offset)
        .bytes;
}

std::string end_records(std::uint64_t n, std::uint64_t start, std::uint64_t end)
{
    return Record()
        .u32(end64_mark)
        .u64(44)
        .u16(version_zip64)
        .u16(version_zip64)
        .u32(0)
        .u32(0)
        .u64(n)
        .u64(n)
        .u64(end - start)
        .u64(start)
        .u32(locator_mark)
        .u32(0)
        .u64(end)
        .u32(1)
        .u32(end_mark)
        .u16(0)
        .u16(0)
        .u16(0xffff)
        .u16(0xffff)
        .u32(in_extra)
        .u32(in_extra)
        .u16(0)
        .bytes;
}

}  // namespace

void NpzWriter::put(std::string const& bytes)
{
    file_.write(bytes);
    position_ += bytes.size();
}

void NpzWriter::begin(std::string const& name, NpyType type, std::vector<Index> const& shape)
{
    end_member();
    members_.push_back({name + ".npy", position_, 0, 0});
    put(local_header(members_.back().name, 0, 0));  // written again once its size and checksum are known
    open_ = true;
    missing_ = bytes_of(type);
    for (Index extent : shape) missing_ *= static_cast<std::uint64_t>(extent);
    auto const header = npy_header(type, shape);
    missing_ += header.size();
    append(header.data(), header.size());
}

void NpzWriter::append(void const* data, std::size_t bytes)
{
    NOCT_CHECK(open_ && bytes <= missing_, "more bytes than the array's shape holds");
    auto& member = members_.back();
    member.crc = static_cast<std::uint32_t>(crc32_z(member.crc, static_cast<unsigned char const*>(data), bytes));
    member.bytes += bytes;
    missing_ -= bytes;
    file_.write(data, bytes);
    position_ += bytes;
}

void NpzWriter::end_member()
{
    if (!open_) return;
    auto const& member = members_.back();
    NOCT_CHECK(missing_ == 0, "the array " + member.name + " is not full");
    auto const header = local_header(member.name, member.crc, member.bytes);
    file_.write_at(member.offset, header.data(), header.size());
    open_ = false;
}

void NpzWriter::finish()
{
    end_member();
    auto const start = position_;
    for (auto const& m : members_) put(central_header(m.name, m.crc, m.bytes, m.offset));
    put(end_records(members_.size(), start, position_));
}

void NpzWriter::add(std::string const& name, NpyType type, std::vector<Index> const& shape, void const* data)
{
    begin(name, type, shape);
    append(data, static_cast<std::size_t>(missing_));
}

}  // namespace nocturne
