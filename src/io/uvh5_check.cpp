// Enters: a path. Leaves: what a job would meet on opening it.
#include "io/uvh5_check.hpp"

#include "io/chunk_dataset.hpp"
#include "io/header_parts.hpp"

#include <new>
#include <stdexcept>

namespace nocturne {
namespace {

ChunkDataset::Extents extents_of(FileHeader const& header)
{
    return {header.n_rows, header.stored_channels, header.stored_correlations};
}

bool read_by_hdf5(ChunkDataset const& dataset)
{
    return dataset.road() == ChunkDataset::Road::library || dataset.road() == ChunkDataset::Road::library_chunks;
}

std::uint64_t stored_bytes(ChunkDataset const& dataset)
{
    return static_cast<std::uint64_t>(dataset.n_bands()) * dataset.band_bytes();
}

/// What is wrong and where in the file; which file, and what to do, is for the caller to say.
std::string verdict_of(Error const& error)
{
    auto text = error.problem() + " (" + error.reason() + ")";
    for (auto const& link : error.context())
        if (link.rfind("file ", 0) != 0) text += " in " + link;
    return text;
}

/// Runs `work`; an error becomes a refusal of the file.
template<class Work>
void refuse_on_error(Probe& probe, Work const& work)
{
    try {
        work();
    } catch (Error const& error) {
        probe.result = ProbeResult::damaged;
        probe.reason = verdict_of(error);
    } catch (std::bad_alloc const&) {
        probe.result = ProbeResult::damaged;
        probe.reason = "it asks for more memory than a check is given";
    } catch (std::length_error const& error) {
        probe.result = ProbeResult::damaged;
        probe.reason = std::string("it asks for impossible sizes (") + error.what() + ")";
    }
}

}  // namespace

struct Uvh5Check::Open {
    std::shared_ptr<OpenUvh5> file;
    FileHeader header;
    ChunkDataset vis, flag, nsamples;

    Open(std::string const& path, hdf5::Handle opened, FileHeader const* like)
        : file(std::make_shared<OpenUvh5>(path, std::move(opened))),
          header(read_open_file_header(file->file.id(), path, file->bytes, like)),
          vis(file, DatasetKind::vis, extents_of(header)),
          flag(file, DatasetKind::flag, extents_of(header)),
          nsamples(file, DatasetKind::nsamples, extents_of(header))
    {}
};

Uvh5Check::Uvh5Check() = default;
Uvh5Check::~Uvh5Check() = default;

CheckedFile Uvh5Check::look(std::string const& path)
{
    open_.reset();
    last_ = {};
    hdf5::Handle opened;
    last_.probe = probe_uvh5(path, &opened);
    if (last_.probe.result != ProbeResult::good) return last_;
    refuse_on_error(last_.probe, [&] {
        open_ = within("file " + path, [&] { return std::make_unique<Open>(path, std::move(opened), model_.get()); });
        model_ = last_.header = std::make_shared<FileHeader const>(open_->header);
        for (auto const* dataset : {&open_->vis, &open_->flag, &open_->nsamples})
            if (read_by_hdf5(*dataset)) last_.walk_bytes += stored_bytes(*dataset);
    });
    if (last_.walk_bytes == 0) open_.reset();  // a file that is removed while this process rests shall be gone
    return last_;
}

Probe Uvh5Check::walk()
{
    if (!open_) return last_.probe;
    auto const open = std::move(open_);
    refuse_on_error(last_.probe, [&] {
        within("file " + open->file->path, [&] {
            std::vector<char> band;
            for (auto const* dataset : {&open->vis, &open->flag, &open->nsamples}) {
                if (!read_by_hdf5(*dataset)) continue;
                band.resize(dataset->band_bytes());
                for (Index b = 0; b < dataset->n_bands(); ++b) dataset->read_bands(b, 1, band.data());
            }
        });
    });
    return last_.probe;
}

}  // namespace nocturne
