// A Measurement Set as a source of blocks. Enters: its path. Leaves: spans, read by a child process into shared memory while
// the span before is computed. Whatever a damaged table does to casacore ends there, as Error(bad_input).
#pragma once

#include "driver/child.hpp"
#include "driver/job_file.hpp"
#include "driver/ms_slot.hpp"
#include "driver/reader_source.hpp"
#include "driver/shared_memory.hpp"
#include "io/ms_facts.hpp"

#include <functional>
#include <optional>

namespace nocturne {

/// The conversation with the child. Errors name the Measurement Set.
class MsChild {
public:
    MsChild(std::string path, MsOptions const& options);

    /// What a Measurement Set says of itself, for `ms check`.
    static MsFacts facts(std::string const& path);

    GroupHeader const& header() const { return header_; }
    float constant_weight() const { return constant_weight_; }
    std::vector<std::string> const& notes() const { return notes_; }

    /// Gives the child the memory that spans are read into.
    void share(SharedMemory const& memory);
    /// Asks for a span `at` bytes into the memory; `finish` waits for it and says how many bytes were read.
    void begin(Index first, Index n, std::size_t at);
    std::uint64_t finish();

private:
    explicit MsChild(std::string path);
    nlohmann::json ask(nlohmann::json const& request, int attached = -1);
    nlohmann::json listen();
    nlohmann::json talk(std::function<nlohmann::json()> const& work);
    void take_lists(MsLists const& lists);

    std::string path_;
    std::unique_ptr<Child> child_;
    GroupHeader header_;
    float constant_weight_ = 0;
    std::vector<std::string> notes_;
};

/// Header of a Measurement Set, read in a child.
GroupHeader ms_header(std::string const& path, MsOptions const& options);

std::unique_ptr<BlockSource> open_measurement_set(SourceOptions const& options, Device const& device);

/// What task `read` of a job says; the defaults where there is none.
MsOptions ms_options(Job const& job);

}  // namespace nocturne
