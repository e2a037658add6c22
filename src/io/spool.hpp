// A spool: records that wait to be shipped, one file a process. Enters: lines. Leaves: a file that a kill cannot spoil, and the lines again.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace nocturne {

/// What a spool holds. A last line that was cut off by a kill was acknowledged to nobody and is dropped.
struct SpoolContent {
    std::string title;  ///< of its first line
    std::vector<std::string> lines;
    std::int64_t damaged = 0;  ///< whole lines whose checksum is not theirs: a bad medium
};

/// DIR/NAME.spool. The first line is a title, each line the xxh3-128 of its text, a space, the text (without line feeds) and a line feed. Whoever has it
/// open holds its lock (flock), which ends with the process. All functions throw Error(cannot_create) where the file cannot be made and
/// Error(io) on a full disk or an I/O error, naming it. Not for several threads at once.
class Spool {
public:
    /// A new one, empty, on the medium before it returns.
    static Spool create(std::string const& path, std::string const& title);
    /// An old one whose owner is gone; nothing where somebody has it open, or it is there no more.
    static std::optional<Spool> adopt(std::string const& path);

    Spool(Spool&& other) noexcept;
    Spool& operator=(Spool&&) = delete;
    ~Spool();

    /// On the medium when it returns, all of them; of a failure nothing stays.
    void append(std::vector<std::string> const& lines);
    SpoolContent read() const;
    /// All has been shipped: only the title stays.
    void clear();
    /// All has been shipped, and no more will come. A directory that was made for spools goes with the last one; a user's stays.
    void remove();
    std::string const& path() const { return path_; }

private:
    Spool(std::string path, int descriptor) : path_(std::move(path)), descriptor_(descriptor) {}
    [[noreturn]] void fail(std::string const& call) const;
    void cut(std::int64_t bytes);

    std::string path_;
    int descriptor_ = -1;
    std::int64_t title_bytes_ = 0, bytes_ = 0;
};

/// The spools of a directory by name; none where there is no such directory.
std::vector<std::string> spools_in(std::string const& directory);

/// Removes a directory that spools were made in and that holds none any more, as `remove` does with the last one; a user's own stays.
void remove_spool_directory(std::string const& directory);

/// What a spool holds, whoever has it open. Error(input_missing) where it is not there.
SpoolContent read_spool(std::string const& path);

}  // namespace nocturne
