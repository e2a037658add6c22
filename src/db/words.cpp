// The words that stand in the database for states and statuses.
#include "db/groups.hpp"
#include "db/runs.hpp"
#include "nocturne/nearest.hpp"
#include "nocturne/text.hpp"

#include <array>

namespace nocturne::db {
namespace {

constexpr std::array<char const*, 5> queue_words{"collecting", "pending", "in_progress", "completed", "failed"};
constexpr std::array<char const*, 6> file_words{"present", "superseded", "rejected", "skipped", "foreign", "missing"};
constexpr std::array<char const*, 8> run_words{
    "PENDING", "STAGING_DATA", "SUBMITTED", "RUNNING", "COLLECTING_RESULTS", "COMPLETED", "FAILED", "CANCELLED"};

template<class Enum, std::size_t n>
Enum from_word(std::array<char const*, n> const& words, std::string const& word, std::string const& what)
{
    for (std::size_t i = 0; i < n; ++i)
        if (word == words[i]) return static_cast<Enum>(i);
    throw Error(Code::usage, what + " '" + word + "' is unknown", "it is none of " + join(words),
                "use one of them" + did_you_mean(word, {words.begin(), words.end()}));
}

}  // namespace

char const* name(QueueState state) { return queue_words[static_cast<std::size_t>(state)]; }
char const* name(FileStatus status) { return file_words[static_cast<std::size_t>(status)]; }
char const* name(RunStatus status) { return run_words[static_cast<std::size_t>(status)]; }
QueueState queue_state(std::string const& word) { return from_word<QueueState>(queue_words, word, "state"); }
FileStatus file_status(std::string const& word) { return from_word<FileStatus>(file_words, word, "file status"); }

bool legal(QueueState from, QueueState to)
{
    using enum QueueState;
    switch (from) {
        case collecting:
            return to == pending || to == failed;
        case pending:
            return to == in_progress || to == collecting || to == failed;
        case in_progress:
            return to == completed || to == failed || to == pending;
        case completed:
            return to == pending || to == collecting || to == failed;
        case failed:
            return to == pending || to == collecting;
    }
    return false;
}

bool failed_by_scan(GroupRow const& group)
{
    return group.state == QueueState::failed && group.error_stage == scan_stage;
}

}  // namespace nocturne::db
