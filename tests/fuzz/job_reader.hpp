// The job's reader in a child, so that a test outlives a defect of it. Enters: files that passed the probe. Leaves: what a job would
// have met.
#pragma once

#include "driver/child.hpp"

#include <memory>
#include <string>

namespace nocturne::test {

class JobReader {
public:
    /// Reads the whole file: "read", "refused: …" (an error as a job reports it), "defect: …" or "died: …".
    std::string read(std::string const& path)
    {
        try {
            if (!child_)
                child_ = std::make_unique<Child>(ChildOptions{
                    {}, "reader of a test", std::uint64_t(1) << 30, 0, NOCTURNE_BINARY_DIR "/read_helper"});
            return child_->ask(path, 30);
        } catch (ChildError const& error) {
            child_.reset();
            return std::string("died: ") + error.what();
        }
    }

private:
    std::unique_ptr<Child> child_;
};

inline bool is_refusal(std::string const& how) { return how.rfind("refused: ", 0) == 0; }

}  // namespace nocturne::test
