#include "driver/reap.hpp"

#include "driver/inode_stamp.hpp"
#include "io/hash.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <optional>
#include <set>

#include <fcntl.h>
#include <linux/openat2.h>
#include <spdlog/spdlog.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace nocturne {
namespace {

namespace fs = std::filesystem;

std::string whole_path(std::string const& directory)
{
    if (!fs::is_directory(directory))
        throw Error(Code::input_missing, "cannot look into " + directory, "it is no directory",
                    "check the path, or mount it");
    return fs::canonical(directory).string();
}

/// Of the directory of a file, reached from `location` without a link on the way; −1 where there is one.
int directory_beneath(std::string const& location, std::string const& path)
{
    open_how how{};
    how.flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS;
    int const top = open(location.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    auto const below = fs::path(path).parent_path().lexically_relative(location).string();
    auto const found = top < 0 ? -1 : static_cast<int>(syscall(SYS_openat2, top, below.c_str(), &how, sizeof how));
    int const why = errno;
    if (top >= 0) close(top);
    errno = why;
    return found;
}

/// Neither may lie in the other, by whatever links.
void keep_apart(std::string const& location, std::string const& archive)
{
    auto const a = location + "/", b = archive + "/";
    if (a.compare(0, b.size(), b) != 0 && b.compare(0, a.size(), a) != 0) return;
    throw Error(Code::usage, "archive " + archive + " and " + location + " overlap", "one file would count twice",
                "name archives apart from the files and from each other");
}

constexpr char const* aside_mark = ".reaped-";

/// A file under a name of its own beside its old one: `.NAME.reaped-ID`, ID as in deletion_log.
class SetAside {
public:
    /// On the medium. Throws Error(cannot_create) where it cannot be; then it stands as it did.
    SetAside(std::string const& location, std::string const& path, std::int64_t id)
        : was_(path),
          path_((fs::path(path).parent_path() /
                 ("." + fs::path(path).filename().string() + aside_mark + std::to_string(id)))
                    .string()),
          directory_(directory_beneath(location, path))
    {
        bool const moved = directory_ >= 0 && move(was_, path_);
        if (moved && (fsync(directory_) == 0 || errno == EINVAL))
            return;  // EINVAL: such a file system syncs no directory
        int const why = errno;
        if (moved) move(path_, was_);
        if (directory_ >= 0) close(directory_);
        throw Error(Code::cannot_create, "cannot delete " + path, std::strerror(why), "check its permissions");
    }
    SetAside(SetAside const&) = delete;
    SetAside& operator=(SetAside const&) = delete;
    ~SetAside() { close(directory_); }

    std::string const& path() const { return path_; }
    /// Not onto another that came in between.
    void bring_back() const
    {
        std::error_code odd;
        if (!fs::exists(fs::symlink_status(was_, odd)) && move(path_, was_)) return;
        throw Error(Code::cannot_create, "cannot give " + path_ + " its name back", "another file stands there",
                    "see which of the two is right");
    }
    void remove() const
    {
        if (unlinkat(directory_, name_of(path_).c_str(), 0) != 0 && errno != ENOENT)
            throw Error(Code::cannot_create, "cannot delete " + path_, std::strerror(errno), "check its permissions");
        fsync(directory_);
    }

private:
    static std::string name_of(std::string const& path) { return fs::path(path).filename().string(); }
    bool move(std::string const& from, std::string const& to) const
    {
        return renameat(directory_, name_of(from).c_str(), directory_, name_of(to).c_str()) == 0;
    }

    std::string was_, path_;
    int directory_ = -1;
};

/// A file that was set aside: its name before, and the number of its deletion; nothing for other names.
std::optional<std::pair<std::string, std::int64_t>> parse_aside(fs::path const& path)
{
    auto const name = path.filename().string();
    auto const mark = name.rfind(aside_mark);
    if (name.front() != '.' || mark == std::string::npos) return std::nullopt;
    std::int64_t id = 0;
    auto const* const end = name.data() + name.size();
    auto const digits = std::from_chars(name.data() + mark + std::string_view(aside_mark).size(), end, id);
    if (digits.ec != std::errc() || digits.ptr != end) return std::nullopt;
    return std::pair((path.parent_path() / name.substr(1, mark - 1)).string(), id);
}

/// What a process that was killed left: a file that it had set aside has its name again, and no record says that it went. Whether it may go is then
/// found out anew: its copies, or its group, may not be what they were.
void undo_earlier(std::string const& location, db::Session& session)
{
    std::error_code odd;
    fs::recursive_directory_iterator walk(location, fs::directory_options::skip_permission_denied, odd), end;
    for (; !odd && walk != end; walk.increment(odd)) {
        auto const aside = parse_aside(walk->path());
        auto const logged = aside ? db::find_deletion(session, aside->second) : std::nullopt;
        if (!logged || logged->path != aside->first) continue;  // of another database
        std::error_code unread;
        if (fs::exists(fs::symlink_status(logged->path, unread))) {
            spdlog::warn("{} was {} before, where another file stands now", walk->path().string(), logged->path);
            continue;
        }
        fs::rename(walk->path(), logged->path, unread);
        if (!unread) db::take_back_deletion(session, logged->id);
    }
    for (auto const& open : db::open_deletions(session, location)) db::withdraw_deletion(session, open.id);
}

class Reaper {
public:
    Reaper(ReapRequest const& request, db::Session& session) : request_(request), session_(session) {}

    ReapReport run()
    {
        location_ = whole_path(request_.location);
        for (auto const& archive : request_.archives) {
            auto const whole = whole_path(archive);
            keep_apart(location_, whole);
            for (auto const& other : archives_) keep_apart(other, whole);
            archives_.push_back(whole);
        }
        if (request_.remove) leave_to_runs();
        if (request_.remove) undo_earlier(location_, session_);
        for (auto const& file : db::raw_files_below(session_, location_)) report_.files.push_back(examine(file));
        keep_groups_whole();
        bool const sound = none_has(ReapRefusal::copy_differs) && none_has(ReapRefusal::changed);
        for (auto& one : report_.files) count_and_remove(one, sound);
        report_.exit_code = !sound ? exit_code(Code::bad_input)
                            : none_has(ReapRefusal::too_few_copies) && none_has(ReapRefusal::copy_is_file)
                                ? 0
                                : exit_code(Code::input_missing);
        return std::move(report_);
    }

private:
    /// A run has looked at the files when it began; it comes to them later.
    void leave_to_runs() const
    {
        if (auto const run = db::run_at_work(session_, location_))
            throw Error(Code::transient, "cannot delete files of " + location_,
                        "run " + run->run_id + " (" + run->process + ") works on them",
                        "run the same command again when it has ended");
    }

    ReapedFile examine(db::RawFile const& file)
    {
        ReapedFile one{file, ReapRefusal::none, "", {}, false};
        auto const refuse = [&](ReapRefusal why, std::string detail) {
            one.refusal = why;
            one.detail = std::move(detail);
            return one;
        };
        if (file.state != db::QueueState::completed && !file.settled)
            return refuse(ReapRefusal::group_not_finished,
                          file.state ? std::string("its group is ") + db::name(*file.state) : "it belongs to no group");
        if (file.xxh128.empty()) return refuse(ReapRefusal::not_hashed, "nocturne index scan hashes it");
        for (auto const& archive : archives_)
            if (!look_for_copy(archive, one)) return one;
        if (std::ssize(one.copies) < request_.least_copies)
            return refuse(ReapRefusal::too_few_copies, std::to_string(one.copies.size()) + " of " +
                                                           std::to_string(request_.least_copies) + " are there");
        int const directory = directory_beneath(location_, file.path);
        if (directory < 0) return refuse(ReapRefusal::changed, "there is a link on the way to it, or nothing");
        close(directory);
        stamps_[file.path] = stamp_of_file(file.path, Links::refused);
        if (stamps_[file.path].bytes != file.bytes || hash_file(file.path) != file.xxh128)
            return refuse(ReapRefusal::changed, "its size or checksum is not the recorded one");
        return one;
    }

    /// Adds the copy of an archive, read to its end. False where what stands there is a reason to stop.
    bool look_for_copy(std::string const& archive, ReapedFile& one)
    {
        auto const& file = one.file;
        auto const below = file.path.substr(location_.size());
        for (auto const& path : {archive + below, archive + "/" + fs::path(file.path).filename().string()}) {
            std::error_code odd;
            if (!fs::is_regular_file(path, odd)) continue;
            auto const stamp = stamp_of_file(path, Links::followed);
            if (fs::equivalent(path, file.path, odd) || one_file(stamp, stamp_of_file(file.path, Links::refused))) {
                one.refusal = ReapRefusal::copy_is_file;
                one.detail = path;
                return false;
            }
            if (std::any_of(one.copies.begin(), one.copies.end(), [&](std::string const& copy) {
                    return fs::equivalent(path, copy, odd) || one_file(stamp, stamp_of_file(copy, Links::followed));
                }))
                return true;  // a link to another archive's copy, or that by another mount, is none
            if (hash_file(path) != file.xxh128) {
                one.refusal = ReapRefusal::copy_differs;
                one.detail = path + " is not what was indexed (" + file.xxh128 + ")";
                return false;
            }
            one.copies.push_back(path);
            stamps_[path] = stamp;
            return true;
        }
        return true;
    }

    void keep_groups_whole()
    {
        std::set<std::string> staying;
        for (auto const& one : report_.files)
            if (one.refusal != ReapRefusal::none) staying.insert(one.file.group_id);
        for (auto& one : report_.files)
            if (one.refusal == ReapRefusal::none && staying.count(one.file.group_id)) {
                one.refusal = ReapRefusal::group_stays;
                one.detail = "another file of group " + one.file.group_id + " stays";
            }
    }

    bool none_has(ReapRefusal refusal) const
    {
        return std::none_of(report_.files.begin(), report_.files.end(),
                            [&](ReapedFile const& one) { return one.refusal == refusal; });
    }

    void count_and_remove(ReapedFile& one, bool sound)
    {
        if (one.refusal != ReapRefusal::none) return;
        ++report_.may_go;
        report_.bytes += one.file.bytes;
        if (!request_.remove || !sound) return;
        remove(one);
        one.deleted = true;
        ++report_.deleted;
    }

    /// Record, set aside under a name that says so, look once more, record, delete. Killed in between: what stands on the disk tells the
    /// next call how far it came (`undo_earlier`).
    void remove(ReapedFile const& one)
    {
        auto const& path = one.file.path;
        leave_to_runs();  // one that began while copies were read
        auto const id = db::begin_deletion(session_, {one.file, one.copies, db::now_unix_s(), request_.command_line});
        try {
            SetAside aside(location_, path, id);
            if (!unchanged_but_for_its_name(stamps_[path], stamp_of_file(aside.path(), Links::refused))) {
                aside.bring_back();
                throw Error(Code::transient, "cannot delete " + path, "it changed while its copies were read",
                            "see what writes it, then run the same command again");
            }
            if (auto const gone = copy_that_went_along(one); !gone.empty()) {
                aside.bring_back();
                throw Error(Code::bad_input, "cannot delete " + path,
                            "its copy " + gone + " changed or went as it was set aside",
                            "the archive shows the same disk by another mount, or something changes it: name one with "
                            "copies of its own");
            }
            if (!db::end_deletion(session_, id)) {
                aside.bring_back();
                throw Error(Code::transient, "cannot delete " + path, "another 'data reap' works on this directory",
                            "run the same command again when it has ended");
            }
            aside.remove();
        } catch (Error const&) {
            db::withdraw_deletion(session_, id);  // of one that ended nothing is withdrawn
            throw;
        }
    }

    /// A file that has another inode number by another mount shows itself by what happens to it.
    std::string copy_that_went_along(ReapedFile const& one)
    {
        for (auto const& copy : one.copies)
            if (stamp_of_file(copy, Links::followed) != stamps_[copy]) return copy;
        return "";
    }

    ReapRequest const& request_;
    db::Session& session_;
    std::string location_;
    std::vector<std::string> archives_;
    std::map<std::string, InodeStamp> stamps_;  ///< of files and copies, by path
    ReapReport report_;
};

}  // namespace

char const* name(ReapRefusal refusal)
{
    switch (refusal) {
        case ReapRefusal::none:
            return "";
        case ReapRefusal::group_not_finished:
            return "group_not_finished";
        case ReapRefusal::not_hashed:
            return "not_hashed";
        case ReapRefusal::too_few_copies:
            return "too_few_copies";
        case ReapRefusal::copy_differs:
            return "copy_differs";
        case ReapRefusal::copy_is_file:
            return "copy_is_file";
        case ReapRefusal::changed:
            return "changed";
        case ReapRefusal::group_stays:
            break;
    }
    return "group_stays";
}

ReapReport reap(ReapRequest const& request, db::Session& session) { return Reaper(request, session).run(); }

}  // namespace nocturne
