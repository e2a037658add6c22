// The only way to write a file. Enters: a final path and bytes (or a library that wants a path). Leaves: the whole file under
// its final name, synced, or no file at all. (Named ProductFile because Product is the kind of an image.)
#pragma once

#include "io/hash.hpp"
#include "io/product_directory.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace nocturne {

/// A file on its way: written as `.NAME.tmp-HOST-PID-N` in the directory of its final path, then synced, renamed, and the
/// directory synced. Destroyed without `commit()`, its temporary is removed. Every function throws Error(cannot_create)
/// where the file cannot be made, and Error(io) on a full disk or an I/O error, naming the final path. A sync that failed
/// is not tried again: make the product anew. Move-only.
class ProductFile {
public:
    /// Creates the temporary; missing directories on the way are made.
    explicit ProductFile(std::string path);
    ProductFile(ProductFile&& other) noexcept;
    ProductFile& operator=(ProductFile&&) = delete;
    ~ProductFile();

    void write(void const* data, std::size_t bytes);
    void write(std::string_view text) { write(text.data(), text.size()); }
    /// Writes at an offset without moving the end of the stream (formats whose header is known last).
    void write_at(std::uint64_t offset, void const* data, std::size_t bytes);

    /// For a library that writes by path; it may replace the file. It must have closed it before `sync` or `commit`.
    std::string const& temporary_path() const
    {
        streamed_ = false;
        return temporary_;
    }
    std::string const& path() const { return path_; }
    /// xxh3-128 of the bytes so far: taken while they are written, read again where a library wrote them.
    std::string xxh128() const;

    /// Pushes the bytes to the medium; `commit` does it where it was not done.
    void sync();
    /// Syncs, renames to the final path, syncs the directory. Once.
    void commit();

private:
    friend class ProductSet;
    void rename_to_final();
    [[noreturn]] void fail(std::string const& call, int error) const;

    std::string path_, temporary_;
    int descriptor_ = -1;
    bool synced_ = false;
    mutable bool streamed_ = true;  ///< all bytes came through `write`
    std::unique_ptr<StreamHash> hash_ = std::make_unique<StreamHash>();
};

/// A product as the manifest and the database know it.
struct ProductRecord {
    std::string path;
    std::uint64_t bytes = 0;
    std::string xxh128;
    std::string temporary;  ///< where its bytes are until they are renamed
};

/// Files and directories that appear together: all are written and synced under temporary names, renamed one after another, and a
/// manifest (lines `xxh128  NAME`, as `xxh128sum --check` reads; every file of a directory has one) is committed last. A set without
/// its manifest does not count. Where a rename fails, those of this set already made are removed.
///
/// Several processes may write one set: each adds and seals its files, one of them takes the others' records and commits for all,
/// and the others release theirs once it has. A set that is neither committed nor released removes its temporaries.
class ProductSet {
public:
    explicit ProductSet(std::string manifest_path) : manifest_path_(std::move(manifest_path)) {}
    /// A new member; the manifest names it relative to its own directory.
    ProductFile& add(std::string path);
    void add(std::unique_ptr<ProductDirectory> directory);
    /// Syncs the files added here; their records in order.
    std::vector<ProductRecord> seal();
    /// Files that another process sealed.
    void take(std::vector<ProductRecord> sealed);
    /// Files added here, then taken ones, then directories; the manifest has them by path, whoever wrote them. The hash of a
    /// directory is that of its lines `xxh128  NAME`, names relative to it. `before_renaming` is called when every byte is on the
    /// medium and nothing has a final name yet; what it throws ends the commit so.
    std::vector<ProductRecord> commit(std::function<void()> const& before_renaming = {});
    /// Another process has renamed the files added here.
    void release();
    /// After commit: sentences about older directories that were replaced and could not be removed.
    std::vector<std::string> const& left_over() const { return left_over_; }

private:
    std::vector<ProductRecord> describe(ProductFile& manifest);
    void rename_all(ProductFile& manifest, std::vector<ProductRecord> const& records);

    std::string manifest_path_;
    std::vector<std::string> left_over_;
    std::vector<ProductRecord> taken_;
    std::vector<std::unique_ptr<ProductFile>> files_;
    std::vector<std::unique_ptr<ProductDirectory>> directories_;
};

/// Removes temporaries (files and directories) that dead processes of this host left in `directory` (not below it). Returns how many.
int remove_stray_temporaries(std::string const& directory);

/// The whole of a small text as a product.
void write_product(std::string const& path, std::string_view text);

}  // namespace nocturne
