// A directory as a product: a Measurement Set. Enters: a final path and a library that fills a directory. Leaves: the whole
// directory under its final name, synced, or nothing.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace nocturne {

/// On its way it is `.NAME.tmp-HOST-PID-N` beside its final path; whoever fills it makes that directory. Destroyed without commit, the
/// temporary is removed. A directory of the same kind that stands under the final name is replaced in one step where the file
/// system can exchange names. Functions throw Error(cannot_create) and Error(io), naming the final path.
class ProductDirectory {
public:
    /// `kind` is what casacore's table.info says of it ("Measurement Set"): what stands under the final name and is of another
    /// kind is not replaced. A symbolic link is followed. Missing directories on the way are made.
    ProductDirectory(std::string path, std::string kind);
    ~ProductDirectory();
    ProductDirectory(ProductDirectory const&) = delete;
    ProductDirectory& operator=(ProductDirectory const&) = delete;

    std::string const& path() const { return path_; }
    std::string const& temporary_path() const { return temporary_; }
    /// Every regular file below it, relative, sorted.
    std::vector<std::string> files() const;
    std::uint64_t bytes() const;

    /// Pushes every file and directory below it to the medium.
    void sync();
    /// Syncs, renames to the final path, syncs the directory above. Once.
    void commit();
    /// After commit: removes the older directory that was replaced. What could not be removed, as a sentence that names it; "" where
    /// nothing is left. Without this call the destructor tries.
    std::string discard_replaced();

private:
    friend class ProductSet;
    void refuse_another_kind() const;
    void try_name() const;
    void rename_to_final();
    void sync_parent() const;
    std::string undo_rename();  ///< what stood there before stands there again; "" or why it does not

    std::string path_, kind_, temporary_;
    bool synced_ = false, renamed_ = false;
    bool exchanged_ = false;  ///< the older one has the temporary name now
};

}  // namespace nocturne
