#include "driver/node_turns.hpp"

#include "driver/scratch_space.hpp"
#include "qa/timing.hpp"

#include <chrono>
#include <filesystem>
#include <thread>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace nocturne {
namespace {

constexpr double for_a_reader_s = 60, for_a_device_s = 3600;
constexpr auto between_looks = std::chrono::milliseconds(5);

/// In turns; everything else is the source's.
class ThrottledSource : public BlockSource {
public:
    ThrottledSource(std::unique_ptr<BlockSource> source, NodeTurns slots)
        : source_(std::move(source)), slots_(std::move(slots))
    {}
    GroupHeader const& header() const override { return source_->header(); }
    Index span_baselines() const override { return source_->span_baselines(); }
    std::vector<std::string> notes() const override { return source_->notes(); }
    std::uint64_t bytes_read() const override { return source_->bytes_read(); }
    VisBlock load(Index first_baseline, Index n_baselines) override
    {
        auto const turn = slots_.take();
        return source_->load(first_baseline, n_baselines);
    }

private:
    std::unique_ptr<BlockSource> source_;
    NodeTurns slots_;
};

}  // namespace

NodeTurns::NodeTurns(int most, std::function<bool()> stop)
    : most_(most),
      longest_wait_s_(for_a_reader_s),
      stop_(std::move(stop)),
      directory_((scratch_space() / ("nocturne-readers-" + std::to_string(getuid()))).string())
{
    std::error_code odd;
    if (most_ > 0) std::filesystem::create_directories(directory_, odd);
}

NodeTurns NodeTurns::of_device(std::string const& uuid, std::function<bool()> stop)
{
    NodeTurns turns(0, std::move(stop));
    if (uuid.empty()) return turns;
    turns.most_ = 1;
    turns.longest_wait_s_ = for_a_device_s;
    turns.directory_ += "/" + uuid;
    std::error_code odd;
    std::filesystem::create_directories(turns.directory_, odd);
    return turns;
}

NodeTurns::Turn::Turn(Turn&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

NodeTurns::Turn::~Turn()
{
    if (descriptor_ >= 0) close(descriptor_);
}

NodeTurns::Turn NodeTurns::take() const
{
    for (Stopwatch const waited; most_ > 0 && waited.seconds() < longest_wait_s_;) {
        for (int slot = 0; slot < most_; ++slot) {
            auto const path = directory_ + "/" + std::to_string(slot);
            int const descriptor = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
            if (descriptor < 0) return Turn(-1);  // nowhere to agree
            if (flock(descriptor, LOCK_EX | LOCK_NB) == 0) return Turn(descriptor);
            close(descriptor);
        }
        if (stop_ && stop_()) break;
        std::this_thread::sleep_for(between_looks);
    }
    return Turn(-1);
}

std::unique_ptr<BlockSource> throttled(std::unique_ptr<BlockSource> source, int max_readers, std::function<bool()> stop)
{
    if (max_readers <= 0) return source;
    return std::make_unique<ThrottledSource>(std::move(source), NodeTurns(max_readers, std::move(stop)));
}

}  // namespace nocturne
