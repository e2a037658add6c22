#include "io/product.hpp"

#include "io/product_paths.hpp"
#include "nocturne/error.hpp"
#include "nocturne/process_life.hpp"
#include "nocturne/process_place.hpp"

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <iterator>
#include <map>
#include <set>

#include <fcntl.h>
#include <unistd.h>

namespace nocturne {

namespace fs = std::filesystem;

ProductFile::ProductFile(std::string path) : path_(final_path(std::move(path))), temporary_(temporary_name(path_))
{
    std::error_code failure;
    if (fs::is_directory(path_, failure)) fail("open", EISDIR);
    make_directory_of(path_);
    descriptor_ = open(temporary_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (descriptor_ < 0) fail("create", errno);
}

ProductFile::ProductFile(ProductFile&& other) noexcept
    : path_(std::move(other.path_)),
      temporary_(std::move(other.temporary_)),
      descriptor_(other.descriptor_),
      synced_(other.synced_),
      streamed_(other.streamed_),
      hash_(std::move(other.hash_))
{
    other.descriptor_ = -1;
    other.temporary_.clear();
}

ProductFile::~ProductFile()
{
    if (descriptor_ >= 0) close(descriptor_);
    if (!temporary_.empty()) unlink(temporary_.c_str());
}

void ProductFile::fail(std::string const& call, int error) const { fail_product(call, path_, error); }

std::string ProductFile::xxh128() const { return streamed_ ? hash_->hex() : hash_file(temporary_); }

void ProductFile::write(void const* data, std::size_t bytes)
{
    if (streamed_) hash_->add(data, bytes);
    auto const* next = static_cast<char const*>(data);
    while (bytes > 0) {
        ssize_t const n = ::write(descriptor_, next, bytes);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) fail("write", n < 0 ? errno : EIO);
        next += n;
        bytes -= static_cast<std::size_t>(n);
    }
}

void ProductFile::write_at(std::uint64_t offset, void const* data, std::size_t bytes)
{
    streamed_ = false;
    auto const* next = static_cast<char const*>(data);
    while (bytes > 0) {
        ssize_t const n = pwrite(descriptor_, next, bytes, static_cast<off_t>(offset));
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) fail("write", n < 0 ? errno : EIO);
        next += n;
        offset += static_cast<std::uint64_t>(n);
        bytes -= static_cast<std::size_t>(n);
    }
}

void ProductFile::sync()
{
    if (synced_) return;
    if (fsync(descriptor_) != 0) fail("sync", errno);
    int const closed = close(descriptor_);
    descriptor_ = -1;
    if (closed != 0) fail("close", errno);
    if (int const error = sync_path(temporary_)) fail("sync", error);  // a library may have replaced the file
    synced_ = true;
}

void ProductFile::rename_to_final()
{
    if (std::rename(temporary_.c_str(), path_.c_str()) != 0) fail("rename the temporary to", errno);
    temporary_.clear();
}

void ProductFile::commit()
{
    sync();
    rename_to_final();
    if (int const error = sync_path(directory_of(path_))) {
        unlink(path_.c_str());  // nobody may take it for one that stands
        fail("sync the directory of", error);
    }
}

ProductFile& ProductSet::add(std::string path)
{
    files_.push_back(std::make_unique<ProductFile>(std::move(path)));
    return *files_.back();
}

void ProductSet::add(std::unique_ptr<ProductDirectory> directory) { directories_.push_back(std::move(directory)); }

std::vector<ProductRecord> ProductSet::seal()
{
    std::vector<ProductRecord> records;
    for (auto& file : files_) {
        file->sync();
        records.push_back({file->path(), fs::file_size(file->temporary_), file->xxh128(), file->temporary_});
    }
    return records;
}

void ProductSet::take(std::vector<ProductRecord> sealed)
{
    std::move(sealed.begin(), sealed.end(), std::back_inserter(taken_));
}

void ProductSet::release()
{
    for (auto& file : files_) file->temporary_.clear();
    files_.clear();
}

/// Every member; the lines of the manifest are written.
std::vector<ProductRecord> ProductSet::describe(ProductFile& manifest)
{
    auto const place = directory_of(manifest_path_);
    std::map<std::string, std::string> hash_of;  // by final path
    auto records = seal();
    records.insert(records.end(), taken_.begin(), taken_.end());
    for (auto const& record : records) hash_of[record.path] = record.xxh128;
    for (auto& directory : directories_) {
        directory->sync();
        StreamHash all;
        for (auto const& file : directory->files()) {
            auto const hash = hash_file(directory->temporary_path() + "/" + file);
            hash_of[directory->path() + "/" + file] = hash;
            auto text = hash;
            text.append("  ").append(file).append("\n");
            all.add(text.data(), text.size());
        }
        records.push_back({directory->path(), directory->bytes(), all.hex(), directory->temporary_path()});
    }
    for (auto const& [path, hash] : hash_of)
        manifest.write(hash + "  " + fs::path(path).lexically_relative(place).string() + "\n");
    return records;
}

/// `records` begins with the files of the set.
void ProductSet::rename_all(ProductFile& manifest, std::vector<ProductRecord> const& records)
{
    std::size_t const n_files = files_.size() + taken_.size();
    std::size_t renamed = 0, moved = 0;
    try {
        for (; renamed < n_files; ++renamed)
            if (std::rename(records[renamed].temporary.c_str(), records[renamed].path.c_str()) != 0)
                fail_product("rename the temporary to", records[renamed].path, errno);
        for (; moved < directories_.size(); ++moved) directories_[moved]->rename_to_final();
        std::set<std::string> places;
        for (std::size_t i = 0; i < n_files; ++i) places.insert(directory_of(records[i].path));
        for (auto const& place : places)
            if (int const error = sync_path(place)) fail_product("sync", place, error);
        for (auto const& directory : directories_) directory->sync_parent();
        manifest.commit();
    } catch (Error& error) {
        for (std::size_t i = 0; i < renamed; ++i) unlink(records[i].path.c_str());
        for (std::size_t i = 0; i < moved; ++i)
            if (auto const trouble = directories_[i]->undo_rename(); !trouble.empty()) error.in(trouble);
        throw;
    }
}

std::vector<ProductRecord> ProductSet::commit(std::function<void()> const& before_renaming)
{
    ProductFile manifest(manifest_path_);
    auto records = describe(manifest);
    manifest.sync();
    if (before_renaming) before_renaming();
    unlink(manifest_path_.c_str());  // an older set stops counting before its files are replaced
    rename_all(manifest, records);
    release();
    taken_.clear();
    for (auto const& directory : directories_)
        if (auto trouble = directory->discard_replaced(); !trouble.empty()) left_over_.push_back(std::move(trouble));
    directories_.clear();
    return records;
}

int remove_stray_temporaries(std::string const& directory)
{
    auto const mark = ".tmp-" + process_place() + "-";
    int removed = 0;
    std::error_code failure;
    for (fs::directory_iterator at(directory, failure), end; !failure && at != end; at.increment(failure)) {
        auto const name = at->path().filename().string();
        auto const found = name.rfind(mark);
        if (name.front() != '.' || found == std::string::npos) continue;
        int pid = 0, count = 0, used = 0;
        auto const tail = name.substr(found + mark.size());
        if (std::sscanf(tail.c_str(), "%d-%d%n", &pid, &count, &used) != 2 || used != static_cast<int>(tail.size()))
            continue;
        std::error_code kept;
        if (pid > 0 && !process_life(pid).alive && fs::remove_all(at->path(), kept) > 0 && !kept) ++removed;
    }
    return removed;
}

void write_product(std::string const& path, std::string_view text)
{
    ProductFile file(path);
    file.write(text);
    file.commit();
}

}  // namespace nocturne
