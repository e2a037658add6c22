// Enters: paths. Leaves: verdicts, made by a child.
#include "driver/probe.hpp"

#include "driver/attempt.hpp"
#include "driver/probe_json.hpp"

#include <filesystem>

#include <sys/stat.h>

namespace nocturne {
namespace {

FileStamp stamp_of(std::string const& path)
{
    struct stat status {};
    if (stat(path.c_str(), &status) != 0) return {path, 0, 0, 0, 0};
    return {path, status.st_dev, status.st_ino, static_cast<std::uint64_t>(status.st_size),
            std::int64_t(status.st_mtim.tv_sec) * 1'000'000'000 + status.st_mtim.tv_nsec};
}

}  // namespace

ProbedFile Prober::ask_child(std::string const& path)
{
    if (answered_ >= limits_.files_of_a_child || (child_ && !child_->alive())) child_.reset();
    if (!child_) {
        ChildOptions options{{"probe-child"}, "check of " + path, limits_.memory_bytes, limits_.cpu_s};
        child_ = std::make_unique<Child>(std::move(options));
        answered_ = 0;
    }
    ++answered_;
    auto document = nlohmann::json::parse(child_->ask(probe_look + path, limits_.open_s, limits_.stretch));
    ProbedFile file;
    file.probe.result = probe_result(document.at("result"));
    file.probe.reason = document.at("reason");
    if (file.probe.result != ProbeResult::good) return file;
    file.summary = file_summary_from(document.at("summary"));
    if (double const bytes = document.at("walk_bytes"); bytes > 0) {
        double const walk_s = limits_.open_s + bytes / limits_.walk_bytes_per_s;
        document = nlohmann::json::parse(child_->ask(probe_walk, walk_s, limits_.stretch));
        file.probe.result = probe_result(document.at("result"));
        file.probe.reason = document.at("reason");
    }
    return file;
}

/// SIGKILL comes from outside (a host short of memory) as well as from a file: such a death counts when it comes again.
ProbedFile Prober::ask_twice(std::string const& path)
{
    try {
        return ask_child(path);
    } catch (ChildError const& error) {
        bool const from_outside =
            error.kind() == ChildError::Kind::died && error.reason().find("SIGKILL") != std::string::npos;
        if (!from_outside) throw;
    }
    child_.reset();
    return ask_child(path);
}

ProbedFile Prober::look(std::string const& path)
{
    auto const seen = stat_uvh5(path);
    if (seen.result != ProbeResult::good) return {seen, {}};
    ProbedFile file;
    auto const refuse = [&](std::string const& reason) {
        child_.reset();
        file = {};
        file.probe.result = ProbeResult::damaged;
        file.probe.reason = reason;
    };
    try {
        file = ask_twice(path);
    } catch (ChildError const& error) {
        if (error.kind() == ChildError::Kind::not_started) throw;
        refuse("HDF5 fails on this file: " + error.reason());
    } catch (nlohmann::json::exception const& error) {
        refuse(std::string("HDF5 fails on this file: its check answered nonsense (") + error.what() + ")");
    }
    file.probe.bytes = seen.bytes;
    file.probe.modified_s = seen.modified_s;
    if (file.probe.result == ProbeResult::good && file.probe.reason.empty()) file.probe.reason = seen.reason;
    return file;
}

void Prober::require_good(std::string const& path)
{
    auto const probe = look(path).probe;
    if (probe.result == ProbeResult::good) return;
    bool const absent = probe.result == ProbeResult::missing || probe.result == ProbeResult::unreadable;
    throw Error(absent ? Code::input_missing : Code::bad_input, "the file cannot be used", probe.reason,
                absent ? "check the path and its permissions"
                       : "repair it or copy it again from its source, or take it out of the group")
        .in("file " + path);
}

Prober& prober_of_thread()
{
    thread_local Prober prober;
    return prober;
}

void require_good_files(std::vector<std::string> const& paths)
{
    auto& prober = prober_of_thread();
    for (auto const& path : paths)
        if (!std::filesystem::is_directory(path)) prober.require_good(path);
}

std::vector<FileStamp> stamps_of(std::vector<std::string> const& paths)
{
    std::vector<FileStamp> stamps;
    for (auto const& path : paths) stamps.push_back(stamp_of(path));
    return stamps;
}

std::vector<FileStamp> check_inputs(std::vector<std::string> const& paths, Ranks const& team)
{
    auto const stamps = stamps_of(paths);
    team.agree(attempt([&] {
        auto& prober = prober_of_thread();
        for (std::size_t i = static_cast<std::size_t>(team.rank()); i < paths.size();
             i += static_cast<std::size_t>(team.size()))
            if (!std::filesystem::is_directory(paths[i])) prober.require_good(paths[i]);
    }));
    return stamps;
}

void check_unchanged(std::vector<FileStamp> const& stamps)
{
    for (auto const& stamp : stamps)
        if (stamp_of(stamp.path) != stamp)
            throw Error(Code::transient, "a file changed while it was checked and opened",
                        "its size, time or inode is another one", "run again when it is written")
                .in("file " + stamp.path);
}

}  // namespace nocturne
