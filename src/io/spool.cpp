#include "io/spool.hpp"

#include "io/hash.hpp"
#include "io/product_paths.hpp"
#include "nocturne/error.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace nocturne {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t check_digits = 32;
constexpr char const* extension = ".spool";

std::string line_of(std::string const& text) { return hash_bytes(text.data(), text.size()) + " " + text + "\n"; }

/// A file in a directory that we made, not a user: with the last spool both go.
constexpr char const* ours_mark = ".made-for-spools";

/// Beside a directory that is being removed, the mark: who is killed between the two steps leaves one that is still known as ours.
fs::path leaving_mark(fs::path const& directory)
{
    return directory.parent_path() / ("." + directory.filename().string() + ours_mark);
}

Error failure(std::string const& path, std::string const& call)
{
    int const why = errno;
    bool const no_locks = why == ENOLCK || why == ENOSYS || why == EOPNOTSUPP;
    if (no_locks && call == "flock")
        return Error(Code::cannot_create, "cannot keep spool " + path,
                     call + ": " + std::strerror(why) + ": its file system does not lock files",
                     "name a directory elsewhere with --spool, or have it mounted with locks");
    bool const denied = why == EACCES || why == EPERM || why == EROFS || why == ENOENT || why == ENOTDIR;
    return Error(denied ? Code::cannot_create : Code::io, "cannot keep spool " + path, call + ": " + std::strerror(why),
                 denied ? "make its directory writable, or name another with --spool" : "free space on its disk");
}

/// The name itself is on the medium.
void sync_directory(std::string const& path)
{
    auto const parent = fs::path(path).parent_path();
    int const directory = open(parent.empty() ? "." : parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool const synced = directory >= 0 && fsync(directory) == 0;
    if (directory >= 0) close(directory);
    if (!synced) throw failure(path, "fsync of the directory");
}

std::string all_of(int descriptor, std::string const& path)
{
    std::string text;
    char part[1 << 16];
    for (off_t at = 0;;) {
        auto const n = pread(descriptor, part, sizeof part, at);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) throw failure(path, "read");
        if (n == 0) return text;
        text.append(part, static_cast<std::size_t>(n));
        at += n;
    }
}

SpoolContent content_of(std::string const& bytes)
{
    SpoolContent content;
    bool first = true;
    for (std::size_t start = 0; start < bytes.size();) {
        auto const end = bytes.find('\n', start);
        if (end == std::string::npos) break;  // cut off
        auto const line = bytes.substr(start, end - start);
        start = end + 1;
        bool const whole =
            line.size() > check_digits && line[check_digits] == ' ' &&
            hash_bytes(line.data() + check_digits + 1, line.size() - check_digits - 1) == line.substr(0, check_digits);
        auto text = whole ? line.substr(check_digits + 1) : std::string();
        if (!whole)
            ++content.damaged;
        else if (first)
            content.title = std::move(text);
        else
            content.lines.push_back(std::move(text));
        first = false;
    }
    return content;
}

}  // namespace

namespace {

void make_mark(fs::path const& directory)
{
    int const mark = open((directory / ours_mark).c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    if (mark >= 0) close(mark);
}

void make_directory(fs::path const& directory)
{
    std::error_code odd;
    if (fs::create_directories(directory, odd)) make_mark(directory);
}

/// Where it is ours and holds nothing else; who makes a spool there at the same moment finds it gone and makes it again, or keeps it.
void remove_directory(fs::path const& directory)
{
    std::error_code odd;
    auto const mark = directory / ours_mark, leaving = leaving_mark(directory);
    for (fs::directory_iterator at(directory, odd), end; !odd && at != end; at.increment(odd))
        if (at->path().filename() != ours_mark) return;
    fs::rename(mark, leaving, odd);
    if (!fs::exists(leaving, odd)) return;
    if (!fs::remove(directory, odd) && fs::exists(directory, odd)) make_mark(directory);
    fs::remove(leaving, odd);
}

}  // namespace

/// Made and locked under another name first: under its own, nobody finds it before its owner holds it.
Spool Spool::create(std::string const& path, std::string const& title)
{
    auto const unlocked = temporary_name(path);
    int descriptor = -1;
    for (int attempt = 0; attempt < 10 && descriptor < 0;
         ++attempt) {  // another may just remove its last spool, and the directory
        make_directory(fs::path(path).parent_path());
        descriptor = open(unlocked.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0644);
        if (descriptor < 0 && errno != ENOENT) break;
    }
    if (descriptor < 0) throw failure(path, "open");
    Spool spool(path, descriptor);
    if (flock(descriptor, LOCK_EX | LOCK_NB) != 0) throw failure(path, "flock");
    spool.append({title});
    if (fs::exists(path)) throw failure(path, "rename onto an older spool");
    if (rename(unlocked.c_str(), path.c_str()) != 0) throw failure(path, "rename");
    sync_directory(path);
    spool.title_bytes_ = spool.bytes_;
    return spool;
}

std::optional<Spool> Spool::adopt(std::string const& path)
{
    int const descriptor = open(path.c_str(), O_RDWR | O_APPEND | O_CLOEXEC);
    if (descriptor < 0) {
        if (errno == ENOENT) return std::nullopt;
        throw failure(path, "open");
    }
    Spool spool(path, descriptor);
    std::error_code gone;
    if (flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
        if (errno == EWOULDBLOCK) return std::nullopt;
        throw failure(path, "flock");
    }
    if (!fs::exists(path, gone)) return std::nullopt;  // shipped and removed by another in between
    return spool;
}

Spool::Spool(Spool&& other) noexcept
    : path_(std::move(other.path_)),
      descriptor_(std::exchange(other.descriptor_, -1)),
      title_bytes_(other.title_bytes_),
      bytes_(other.bytes_)
{}

Spool::~Spool()
{
    if (descriptor_ >= 0) close(descriptor_);
}

void Spool::fail(std::string const& call) const { throw failure(path_, call); }

void Spool::cut(std::int64_t bytes)
{
    if (ftruncate(descriptor_, bytes) != 0 || fdatasync(descriptor_) != 0) fail("ftruncate");
    bytes_ = bytes;
}

void Spool::append(std::vector<std::string> const& lines)
{
    std::string text;
    for (auto const& line : lines) text += line_of(line);
    for (std::size_t done = 0; done < text.size();) {
        auto const n = write(descriptor_, text.data() + done, text.size() - done);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) {
            auto const error = failure(path_, "write");
            if (done > 0) cut(bytes_);
            throw error;
        }
        done += static_cast<std::size_t>(n);
    }
    if (fdatasync(descriptor_) != 0) {
        auto const error = failure(path_, "fdatasync");
        cut(bytes_);
        throw error;
    }
    bytes_ += static_cast<std::int64_t>(text.size());
}

SpoolContent Spool::read() const { return content_of(all_of(descriptor_, path_)); }

void Spool::clear()
{
    if (bytes_ != title_bytes_) cut(title_bytes_);
}

void Spool::remove()
{
    if (unlink(path_.c_str()) != 0 && errno != ENOENT) fail("unlink");
    remove_directory(fs::path(path_).parent_path());
}

void remove_spool_directory(std::string const& directory) { remove_directory(fs::path(directory + "/").parent_path()); }

std::vector<std::string> spools_in(std::string const& directory)
{
    std::vector<std::string> paths;
    std::error_code odd;
    for (fs::directory_iterator at(directory, odd), end; !odd && at != end; at.increment(odd))
        if (at->path().extension() == extension) paths.push_back(at->path().string());
    std::sort(paths.begin(), paths.end());
    return paths;
}

SpoolContent read_spool(std::string const& path)
{
    int const descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        throw Error(Code::input_missing, "cannot read spool " + path, std::strerror(errno), "check the path");
    std::string bytes;
    try {
        bytes = all_of(descriptor, path);
    } catch (Error const&) {
        close(descriptor);
        throw;
    }
    close(descriptor);
    return content_of(bytes);
}

}  // namespace nocturne
