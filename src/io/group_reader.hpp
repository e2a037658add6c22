// Groups of UVH5 files, read by ranges of baselines. Enters: the paths of a group's subbands. Leaves: its header, and batches
// of chunks as they lie in the files, with where each row goes; what spreads them over a block is kernel `unpack`.
#pragma once

#include "io/chunk_dataset.hpp"
#include "io/constant_scan.hpp"
#include "io/staging.hpp"
#include "io/uvh5_header.hpp"
#include "nocturne/vis.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace nocturne {

/// Takes what the reader reads. The vis batches of a file come before its flag and nsamples batches; a batch's `data` and `rows` are valid until `put` returns, or until their staging is asked for
/// again.
class ChunkSink {
public:
    virtual ~ChunkSink() = default;
    /// Memory for the next batch, aligned to 64 bytes (pinned, one of two, … as the device likes); null = the reader's own.
    virtual void* staging(std::size_t bytes);
    /// The block's own memory for the visibilities of these rows, their flags cleared: the reader reads them into place, and puts no
    /// batch. Null = put batches.
    virtual Vis* place(RowRun const& rows);
    /// One batch; rows refer to the range of baselines being read, baseline 0 = its first.
    virtual void put(ChunkBatch const& batch) = 0;
};

/// What `survey` found over a range of baselines.
struct RangeSurvey {
    bool weight_is_constant = false;  ///< one positive nsamples everywhere: no nsamples batch will be sent
    float weight = 0;                 ///< that value
    std::vector<bool> has_flags;      ///< [file]: flag batches will be sent; false: not one is set
};

class GroupReader {
public:
    /// Opens all files and checks that they belong together (`join_headers`). Throws Error(input_missing) or Error(bad_input)
    /// naming file and dataset.
    explicit GroupReader(std::vector<std::string> const& paths, int expected_subbands = 16);
    ~GroupReader();
    GroupReader(GroupReader const&) = delete;
    GroupReader& operator=(GroupReader const&) = delete;

    GroupHeader const& header() const { return header_; }

    /// Bytes of samples aimed at per batch. The default suits a host's L3; a GPU wants 4 MiB.
    void set_batch_bytes(std::size_t bytes) { batch_bytes_ = bytes; }
    /// Leaves the fast road, for tests and comparisons.
    void avoid_index();

    /// Reads flags and nsamples of the baselines first … first + n − 1 and says whether they are constant. Call it before
    /// `read`, to know whether weights need memory.
    RangeSurvey survey(Index first, Index n);

    /// Every sample of the group's block comes from a file: flags need no fill before `read`, which clears them.
    bool is_whole() const { return whole_; }

    /// Sends all samples of the baselines first … first + n − 1 of every file. Throws Error naming file and dataset.
    void read(Index first, Index n, ChunkSink& sink) { read(first, n, survey(first, n), sink); }
    void read(Index first, Index n, RangeSurvey const& survey, ChunkSink& sink);

    /// Oddities of the files worth a line in a log, each once, with the first file that has it.
    std::vector<std::string> notes() const;
    /// Bytes taken from the files so far, and the place of each file's samples in the tests' eyes.
    std::uint64_t bytes_read() const { return bytes_read_; }

private:
    struct File;
    struct Targets;
    struct BandRun {
        Index first, count;
    };
    ConstantScan scan(File const& file, ChunkDataset const& dataset, Index first, Index n);
    std::optional<double> constant_weight(File const& file, Index first, Index n);
    Targets const& targets(File const& file, Index chunk_rows, Index first, Index n);
    bool every_sample_is_sent() const;
    void send_vis(Index first, Index n, ChunkSink& sink);
    bool needs_no_unpacking(File const& file) const;
    void send_into_place(File const& file, Index first, Index n, ChunkSink& sink);
    void send(File const& file, ChunkDataset const& dataset, Index first, Index n, ChunkSink& sink);
    void send_bands(File const& file, ChunkDataset const& dataset, Targets const& targets, BandRun run,
                    ChunkSink& sink);
    void reorder(File const& file, ChunkBatch& batch, ChunkSink& sink);
    void* staging(std::size_t bytes, std::uint64_t offset, ChunkSink& sink);

    std::vector<std::unique_ptr<File>> files_;
    GroupHeader header_;
    std::vector<std::unique_ptr<Targets>> known_targets_;
    std::size_t batch_bytes_ = 2048 * 1024;
    std::vector<char> stored_buffer_;
    Staging own_staging_;
    std::uint64_t bytes_read_ = 0;
    bool whole_ = false;
};

}  // namespace nocturne
