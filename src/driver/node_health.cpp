#include "driver/node_health.hpp"

#include "db/session.hpp"
#include "driver/node_memory.hpp"
#include "driver/scratch_space.hpp"
#include "io/product_paths.hpp"
#include "nocturne/units.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <numeric>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

namespace nocturne {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t least_memory = 256ULL << 20, least_disk = 64ULL << 20;
constexpr int oldest_year = 2026, newest_year = 2100;

[[noreturn]] void sick(std::string const& what, std::string const& why, Code code = Code::system,
                       std::string const& what_to_do = "let the job run elsewhere, or mend the node")
{
    throw Error(code, "this node takes no work: " + what, why, what_to_do);
}

void check_clock()
{
    std::time_t const now = std::time(nullptr);
    std::tm utc{};
    gmtime_r(&now, &utc);
    int const year = utc.tm_year + 1900;
    if (year < oldest_year || year > newest_year)
        sick("its clock is wrong", "it says the year " + std::to_string(year));
}

void check_memory()
{
    auto const free = available_memory();
    if (free < least_memory) sick("its memory is used up", std::to_string(free >> 20) + " MiB are free");
}

/// A few bytes written, synced and read back.
bool keeps_bytes(fs::path const& directory)
{
    auto path = (directory / ".nocturne-health-XXXXXX").string();
    int const file = mkostemp(path.data(), O_CLOEXEC);
    if (file < 0) return false;
    std::vector<char> out(4096), back(out.size());
    std::iota(out.begin(), out.end(), static_cast<char>(getpid()));
    auto const n = static_cast<ssize_t>(out.size());
    bool const good = write(file, out.data(), out.size()) == n && fsync(file) == 0 &&
                      pread(file, back.data(), back.size(), 0) == n && out == back;
    close(file);
    unlink(path.c_str());
    return good;
}

void check_disk(std::string const& use, fs::path const& directory, std::string const& elsewhere)
{
    std::error_code failure;
    auto const space = fs::space(directory, failure);
    if (failure) sick(use + " " + directory.string() + " cannot be used", failure.message());
    if (space.available < least_disk)
        sick(use + " " + directory.string() + " is full", std::to_string(space.available >> 20) + " MiB are free",
             Code::io, "free space there, or " + elsewhere);
    if (!keeps_bytes(directory))
        sick(use + " " + directory.string() + " does not keep what is written",
             "a file could not be written and read back", Code::io);
}

void check_device(Device const& device)
{
    constexpr Index n = 1 << 20;
    std::vector<std::uint32_t> pattern(n), back(n);
    std::uint32_t value = 2463534242U;
    for (auto& word : pattern) {  // xorshift: all bits take part
        value ^= value << 13, value ^= value >> 17, value ^= value << 5;
        word = value;
    }
    Buffer<std::uint32_t> memory(device, n);
    memory.upload(pattern.data());
    memory.download(back.data());
    finish(device);
    if (pattern != back)
        sick("its device does not keep what is written", std::visit([](auto const& d) { return describe(d); }, device));
}

}  // namespace

void check_node(RunRequest const& request, Device const& device)
{
    within("node " + host_name(), [&] {
        check_clock();
        check_memory();
        check_disk("scratch space", scratch_space(), "let the job run on another node");
        std::error_code failure;
        if (fs::is_directory(request.out, failure))
            check_disk("the directory of products", request.out, "choose another --arg out=DIR");
        check_device(device);
    });
}

void check_clock_beside(db::Session& session)
{
    double const ahead_s = db::clock_ahead_s(session);
    if (std::abs(ahead_s) <= most_clock_ahead_s) return;
    within("node " + host_name(), [&] {
        sick("its clock is wrong", "it is " + std::to_string(std::lround(std::abs(ahead_s))) + " s " +
                                       (ahead_s > 0 ? "ahead of" : "behind") + " that of database " + session.path());
    });
}

}  // namespace nocturne
