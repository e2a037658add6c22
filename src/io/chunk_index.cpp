#include "io/chunk_index.hpp"

#include "nocturne/error.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>
#include <stdexcept>

#include <sys/stat.h>
#include <unistd.h>

namespace nocturne {
namespace {

constexpr std::uint64_t undefined_address = std::numeric_limits<std::uint64_t>::max();
constexpr int most_levels = 32, most_header_blocks = 64;

/// Bytes of the file at an offset; nothing outside it is ever read.
class Bytes {
public:
    Bytes(int descriptor, std::uint64_t file_bytes) : descriptor_(descriptor), file_bytes_(file_bytes) {}

    bool load(std::uint64_t offset, std::uint64_t n)
    {
        if (offset > file_bytes_ || n > file_bytes_ - offset) return false;
        data_.resize(n);
        return pread(descriptor_, data_.data(), n, static_cast<off_t>(offset)) == static_cast<ssize_t>(n);
    }
    /// The first `least` bytes there, and up to `more` behind them if the file has so many.
    bool load_some(std::uint64_t offset, std::uint64_t least, std::uint64_t more)
    {
        if (offset > file_bytes_ || least > file_bytes_ - offset) return false;
        return load(offset, std::min(least + more, file_bytes_ - offset));
    }
    /// Little-endian unsigned of `n` ≤ 8 bytes at `at` of what was loaded.
    std::uint64_t number(std::size_t at, int n) const
    {
        static_assert(std::endian::native == std::endian::little);
        auto const bytes = static_cast<std::size_t>(n);
        if (at > data_.size() || bytes > data_.size() - at) throw std::out_of_range("beyond what was loaded");
        std::uint64_t value = 0;
        std::memcpy(&value, data_.data() + at, bytes);
        return value;
    }
    bool starts_with(char const* word, std::size_t n) const
    {
        return data_.size() >= n && std::memcmp(data_.data(), word, n) == 0;
    }
    std::size_t size() const { return data_.size(); }
    std::uint64_t file_bytes() const { return file_bytes_; }

private:
    int descriptor_;
    std::uint64_t file_bytes_;
    std::vector<unsigned char> data_;
};

/// Superblock version 0 or 1 at offset 0 with addresses and lengths of 8 bytes counted from 0.
bool is_plain_file(Bytes& bytes)
{
    if (!bytes.load(0, 64) || !bytes.starts_with("\x89HDF\r\n\x1a\n", 8)) return false;
    auto const version = bytes.number(8, 1);
    if (version > 1 || bytes.number(13, 1) != 8 || bytes.number(14, 1) != 8) return false;
    return bytes.number(version == 0 ? 24 : 28, 8) == 0;
}

/// The layout message's B-tree address where it is version 3, class chunked, of the expected chunk.
std::optional<std::uint64_t> tree_of_layout(Bytes const& bytes, std::size_t at, std::size_t n, ChunkGrid const& grid)
{
    auto const axes = grid.chunk.size();
    if (n < 11 + 4 * (axes + 1) || bytes.number(at, 1) != 3 || bytes.number(at + 1, 1) != 2) return {};
    if (bytes.number(at + 2, 1) != axes + 1) return {};
    for (std::size_t a = 0; a < axes; ++a)
        if (bytes.number(at + 11 + 4 * a, 4) != grid.chunk[a]) return {};
    if (bytes.number(at + 11 + 4 * axes, 4) != grid.element_bytes) return {};
    return bytes.number(at + 3, 8);
}

struct Block {
    std::uint64_t offset, bytes;
};

/// Walks the messages of a version 1 object header and its continuations for the layout message.
std::optional<std::uint64_t> find_tree(Bytes& bytes, std::uint64_t object_header, ChunkGrid const& grid)
{
    constexpr std::uint64_t layout = 0x0008, continuation = 0x0010;
    if (!bytes.load(object_header, 16) || bytes.number(0, 1) != 1) return {};
    std::vector<Block> blocks{{object_header + 16, bytes.number(8, 4)}};
    for (std::size_t b = 0; b < blocks.size() && b < most_header_blocks; ++b) {
        if (blocks[b].bytes > 1 << 20 || !bytes.load(blocks[b].offset, blocks[b].bytes)) return {};
        for (std::size_t at = 0; at + 8 <= bytes.size();) {
            auto const type = bytes.number(at, 2);
            std::size_t const n = bytes.number(at + 2, 2);
            if (n > bytes.size() - at - 8) return {};
            if (type == layout) return tree_of_layout(bytes, at + 8, n, grid);
            if (type == continuation && n >= 16) blocks.push_back({bytes.number(at + 8, 8), bytes.number(at + 16, 8)});
            at += 8 + n;
        }
    }
    return {};
}

/// Collects the leaves of the tree into places.
class Walk {
public:
    Walk(Bytes& bytes, ChunkGrid const& grid) : bytes_(bytes), grid_(grid), nodes_left_(bytes.file_bytes() / 24 + 1)
    {
        std::uint64_t n = 1;
        whole_chunk_ = grid.element_bytes;
        for (std::size_t a = 0; a < grid.chunk.size(); ++a) {
            counts_.push_back((grid.extent[a] + grid.chunk[a] - 1) / grid.chunk[a]);
            n *= counts_.back();
            whole_chunk_ *= grid.chunk[a];
        }
        places.resize(n);
    }

    bool node(std::uint64_t address, int expected_level)
    {
        std::size_t const axes = grid_.chunk.size(), key_bytes = 8 + 8 * (axes + 1), step = key_bytes + 8;
        constexpr std::size_t usual_entries = 64;
        if (nodes_left_-- == 0 || !bytes_.load_some(address, 24, usual_entries * step) ||
            !bytes_.starts_with("TREE", 4))
            return false;
        auto const level = static_cast<int>(bytes_.number(5, 1));
        if (bytes_.number(4, 1) != 1 || level > most_levels || (expected_level >= 0 && level != expected_level))
            return false;
        std::size_t const entries = bytes_.number(6, 2);
        if (24 + entries * step > bytes_.size() && !bytes_.load(address, 24 + entries * step)) return false;
        std::vector<std::uint64_t> children;
        for (std::size_t e = 0; e < entries; ++e) {
            auto const child = bytes_.number(24 + e * step + key_bytes, 8);
            if (level == 0) {
                if (!leaf(24 + e * step, child)) return false;
            } else {
                children.push_back(child);
            }
        }
        for (auto const child : children)
            if (!node(child, level - 1)) return false;
        return true;
    }

    std::vector<ChunkPlace> places;

private:
    /// One chunk: its key at `at` of the loaded node.
    bool leaf(std::size_t at, std::uint64_t address)
    {
        ChunkPlace place{address, static_cast<std::uint32_t>(bytes_.number(at, 4)),
                         static_cast<std::uint32_t>(bytes_.number(at + 4, 4))};
        std::uint64_t index = 0;
        for (std::size_t a = 0; a < counts_.size(); ++a) {
            auto const start = bytes_.number(at + 8 + 8 * a, 8);
            if (start % grid_.chunk[a] != 0 || start / grid_.chunk[a] >= counts_[a]) return false;
            index = index * counts_[a] + start / grid_.chunk[a];
        }
        bool const fits = address != 0 && address != undefined_address && address <= bytes_.file_bytes() &&
                          place.bytes <= bytes_.file_bytes() - address;
        bool const sized = grid_.filtered ? place.bytes > 0 : place.bytes == whole_chunk_;
        if (!fits || !sized || places[index].offset != 0) return false;
        places[index] = place;
        return true;
    }

    Bytes& bytes_;
    ChunkGrid const& grid_;
    std::uint64_t nodes_left_, whole_chunk_ = 0;
    std::vector<std::uint64_t> counts_;
};

}  // namespace

std::optional<std::vector<ChunkPlace>> read_chunk_index(int descriptor, std::uint64_t object_header,
                                                        ChunkGrid const& grid)
{
    struct stat status {};
    if (fstat(descriptor, &status) != 0) return {};
    Bytes bytes(descriptor, static_cast<std::uint64_t>(status.st_size));
    if (!is_plain_file(bytes)) return {};
    auto const tree = find_tree(bytes, object_header, grid);
    if (!tree) return {};
    Walk walk(bytes, grid);
    if (*tree != undefined_address && !walk.node(*tree, -1))
        throw Error(Code::bad_input, "a chunk index is damaged", "its tree names chunks of a wrong size or place",
                    "copy the file again from its source, or take it out of the group");
    return std::move(walk.places);
}

}  // namespace nocturne
