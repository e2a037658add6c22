// Everything HDF5 does with a file before and while a job reads it, done once beforehand. HDF5 1.10 can crash or hang on a damaged
// file: this runs in a child process (driver/probe.hpp). Enters: a path. Leaves: what is wrong with the file, or its header.
#pragma once

#include "io/uvh5_files.hpp"
#include "io/uvh5_header.hpp"

#include <memory>

namespace nocturne {

struct CheckedFile {
    Probe probe;
    std::shared_ptr<FileHeader const> header;  ///< of a good file
    /// Bytes that a job will read through HDF5 itself, because of their layout, and that `walk` reads; mostly 0.
    std::uint64_t walk_bytes = 0;
};

class Uvh5Check {
public:
    Uvh5Check();
    ~Uvh5Check();
    Uvh5Check(Uvh5Check const&) = delete;
    Uvh5Check& operator=(Uvh5Check const&) = delete;

    /// Probe (`probe_uvh5`), header, and the three datasets opened: links, layout, filters, chunk index. Successive files of a
    /// group share their rows. Never throws on a bad file.
    CheckedFile look(std::string const& path);
    /// Reads what HDF5 itself will have to read of the file looked at last; the probe's result and reason then.
    Probe walk();

private:
    struct Open;
    std::unique_ptr<Open> open_;
    CheckedFile last_;
    std::shared_ptr<FileHeader const> model_;
};

}  // namespace nocturne
