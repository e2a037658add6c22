// The one error of the house: a code (which maps to the exit code), the sentence "problem (reason): what to do", and
// the chain file → group → baseline → integration → stage that each layer adds to on the way out.
#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace nocturne {

/// What went wrong, as workflow managers see it: the values are the exit codes of docs/errors.md.
enum class Code {
    defect = 1,          ///< a defect of ours
    qa_fail = 3,         ///< finished, but the quality verdict is fail
    usage = 64,          ///< the command line is wrong
    bad_input = 65,      ///< an input was read and is not usable
    input_missing = 66,  ///< an input does not exist or is incomplete
    unavailable = 69,    ///< a database or service cannot be reached
    system = 71,         ///< GPU, MPI or operating system
    cannot_create = 73,  ///< an output cannot be created
    io = 74,             ///< an I/O error or a full disk
    transient = 75,      ///< interrupted: run the same command again
    bad_config = 78,     ///< a job file, telescope file or option value is wrong
};

constexpr int exit_code(Code code) { return static_cast<int>(code); }

/// Thrown by every room. `what()` reads "problem (reason): advice [context < context …]".
class Error : public std::runtime_error {
public:
    Error(Code code, std::string problem, std::string reason, std::string advice)
        : std::runtime_error(problem),
          code_(code),
          problem_(std::move(problem)),
          reason_(std::move(reason)),
          advice_(std::move(advice))
    {
        rebuild();
    }

    /// Adds one link of the chain, innermost first, for example "file /data/x_sb03.hdf5".
    Error& in(std::string context)
    {
        context_.push_back(std::move(context));
        rebuild();
        return *this;
    }

    Code code() const { return code_; }
    std::string const& problem() const { return problem_; }
    std::string const& reason() const { return reason_; }
    std::string const& advice() const { return advice_; }
    std::vector<std::string> const& context() const { return context_; }
    const char* what() const noexcept override { return text_.c_str(); }

private:
    void rebuild()
    {
        text_ = problem_ + " (" + reason_ + "): " + advice_;
        for (std::size_t i = 0; i < context_.size(); ++i) text_ += (i == 0 ? " [" : " < ") + context_[i];
        if (!context_.empty()) text_ += "]";
    }

    Code code_;
    std::string problem_, reason_, advice_, text_;
    std::vector<std::string> context_;
};

/// Runs `body`; an Error that leaves it gains one link of context.
template<class Body>
auto within(std::string const& context, Body&& body) -> decltype(body())
{
    try {
        return std::forward<Body>(body)();
    } catch (Error& error) {
        error.in(context);
        throw;
    }
}

}  // namespace nocturne
