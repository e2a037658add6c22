#include "io/product_directory.hpp"

#include "io/product_paths.hpp"
#include "nocturne/error.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace nocturne {

namespace fs = std::filesystem;

ProductDirectory::ProductDirectory(std::string path, std::string kind)
    : path_(final_path(std::move(path))), kind_(std::move(kind)), temporary_(temporary_name(path_))
{
    refuse_another_kind();
    make_directory_of(path_);
    try_name();
}

/// What makes the directory later says less of why it cannot.
void ProductDirectory::try_name() const
{
    if (mkdir(temporary_.c_str(), 0777) != 0) fail_product("create", path_, errno);
    if (rmdir(temporary_.c_str()) != 0) fail_product("create", path_, errno);
}

/// What stands under the final name must be of the same kind, or an empty directory.
void ProductDirectory::refuse_another_kind() const
{
    std::error_code failure;
    if (!fs::exists(path_, failure)) return;
    if (fs::is_directory(path_, failure)) {
        if (fs::is_empty(path_, failure) && !failure) return;
        std::string line;
        std::ifstream info(path_ + "/table.info");
        std::getline(info, line);
        if (line == "Type = " + kind_) return;
    }
    throw Error(Code::cannot_create, "cannot create " + path_, "what stands there is no " + kind_,
                "choose another name, or move it away");
}

ProductDirectory::~ProductDirectory()
{
    if (renamed_ && !exchanged_) return;
    std::error_code ignored;  // who wants to know calls discard_replaced
    fs::remove_all(temporary_, ignored);
}

std::string ProductDirectory::discard_replaced()
{
    if (!renamed_ || !exchanged_) return "";
    std::error_code failure;
    fs::remove_all(temporary_, failure);
    exchanged_ = false;
    if (!failure) return "";
    return "the older " + path_ + " was replaced and cannot be removed (" + failure.message() + "): remove " +
           temporary_ + " by hand";
}

std::vector<std::string> ProductDirectory::files() const
{
    auto const& place = renamed_ ? path_ : temporary_;
    std::vector<std::string> names;
    for (auto const& entry : fs::recursive_directory_iterator(place))
        if (entry.is_regular_file()) names.push_back(entry.path().lexically_relative(place).string());
    std::sort(names.begin(), names.end());
    return names;
}

std::uint64_t ProductDirectory::bytes() const
{
    std::uint64_t sum = 0;
    for (auto const& file : files()) sum += fs::file_size((renamed_ ? path_ : temporary_) + "/" + file);
    return sum;
}

void ProductDirectory::sync()
{
    if (synced_) return;
    for (auto const& entry : fs::recursive_directory_iterator(temporary_))
        if (int const error = sync_path(entry.path())) fail_product("sync", path_, error);
    if (int const error = sync_path(temporary_)) fail_product("sync", path_, error);
    synced_ = true;
}

void ProductDirectory::rename_to_final()
{
    refuse_another_kind();  // it may have come since
    exchanged_ = renameat2(AT_FDCWD, temporary_.c_str(), AT_FDCWD, path_.c_str(), RENAME_EXCHANGE) == 0;
    int error = exchanged_ ? 0 : errno;
    bool const unable = error == EINVAL || error == ENOSYS || error == EOPNOTSUPP;
    if (!exchanged_ && unable && fs::exists(path_)) {  // a file system that cannot exchange (NFS)
        // Whoever is killed now leaves the older one under this name, which is no temporary's: nobody deletes it.
        auto const aside =
            directory_of(path_) + "/." + fs::path(path_).filename().string() + ".replaced-" + std::to_string(getpid());
        bool const moved = std::rename(path_.c_str(), aside.c_str()) == 0;
        exchanged_ = moved && std::rename(temporary_.c_str(), path_.c_str()) == 0;
        error = exchanged_ ? 0 : errno;
        if (exchanged_)
            temporary_ = aside;
        else if (moved)
            std::rename(aside.c_str(), path_.c_str());
    } else if (!exchanged_) {  // nothing stands there
        error = std::rename(temporary_.c_str(), path_.c_str()) == 0 ? 0 : errno;
    }
    if (error != 0) fail_product("rename the temporary to", path_, error);
    renamed_ = true;
}

void ProductDirectory::sync_parent() const
{
    if (int const error = sync_path(directory_of(path_))) fail_product("sync the directory of", path_, error);
}

std::string ProductDirectory::undo_rename()
{
    std::error_code kept, lost;
    fs::remove_all(path_, kept);
    if (exchanged_) {
        fs::rename(temporary_, path_, lost);
        exchanged_ = false;
    }
    if (lost) return "what stood there before is now " + temporary_ + ": " + lost.message();
    return kept ? path_ + " is not whole and cannot be removed: " + kept.message() : "";
}

void ProductDirectory::commit()
{
    sync();
    rename_to_final();
    try {
        sync_parent();
    } catch (Error& error) {  // nobody may take it for one that stands
        auto const trouble = undo_rename();
        if (!trouble.empty()) error.in(trouble);
        throw;
    }
}

}  // namespace nocturne
