// Arrays to .npz: a zip of .npy files, stored, as numpy.load reads it. Enters: arrays, streamed. Leaves: bytes in a ProductFile,
// which the caller commits. Sources: PKWARE APPNOTE 6.3.9 (zip64), NumPy's format.py (npy 1.0).
#pragma once

#include "io/product.hpp"
#include "nocturne/view.hpp"

#include <complex>
#include <cstdint>
#include <string>
#include <vector>

namespace nocturne {

/// numpy's little-endian type words.
enum class NpyType { f32, f64, c64, c128, i64, u8 };

class NpzWriter {
public:
    explicit NpzWriter(ProductFile& file) : file_(file) {}

    /// Starts the array `name` of the given shape (C order); the one before must be full. Throws Error(defect) where it is not.
    void begin(std::string const& name, NpyType type, std::vector<Index> const& shape);
    /// The next bytes of the array.
    void append(void const* data, std::size_t bytes);
    /// Writes the directory; nothing may follow.
    void finish();

    /// A whole array at once.
    void add(std::string const& name, NpyType type, std::vector<Index> const& shape, void const* data);

private:
    struct Member {
        std::string name;
        std::uint64_t offset = 0, bytes = 0;
        std::uint32_t crc = 0;
    };
    void end_member();
    void put(std::string const& bytes);

    ProductFile& file_;
    std::vector<Member> members_;
    std::uint64_t position_ = 0, missing_ = 0;
    bool open_ = false;
};

}  // namespace nocturne
