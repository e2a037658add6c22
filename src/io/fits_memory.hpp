// A FITS file in memory that cfitsio writes: headers and tables, which go into products behind its back. For src/io alone.
#pragma once

#include "io/fits.hpp"

#include <cstdlib>

namespace nocturne::fits {

constexpr std::size_t block_bytes = 2880;

class MemoryFile {
public:
    MemoryFile() : size_(64 * block_bytes), memory_(std::malloc(size_))
    {
        int status = memory_ ? 0 : MEMORY_ALLOCATION;
        if (memory_) fits_create_memfile(&file_, &memory_, &size_, block_bytes, std::realloc, &status);
        if (status != 0) std::free(memory_);
        check(status, Code::system, "cannot make a FITS file in memory");
    }
    ~MemoryFile()
    {
        int ignored = 0;
        fits_close_file(file_, &ignored);
        std::free(memory_);
    }
    MemoryFile(MemoryFile const&) = delete;
    MemoryFile& operator=(MemoryFile const&) = delete;

    fitsfile* file() const { return file_; }
    /// Those that cfitsio has flushed.
    char const* bytes() const { return static_cast<char const*>(memory_); }

private:
    std::size_t size_;
    void* memory_;
    fitsfile* file_ = nullptr;
};

}  // namespace nocturne::fits
