#include "io/product_directory.hpp"

#include "io/product_paths.hpp"
#include "nocturne/error.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>

#include <fcntl.h>

namespace nocturne {

namespace fs = std::filesystem;

ProductDirectory::ProductDirectory(std::string path, std::string mark) : path_(std::move(path)), mark_(std::move(mark))
{
    while (path_.size() > 1 && path_.back() == '/') path_.pop_back();
    temporary_ = temporary_name(path_);
    std::error_code failure;
    bool const there = fs::exists(path_, failure), empty = there && fs::is_empty(path_, failure);
    if (there && !(fs::is_directory(path_, failure) && (empty || fs::exists(path_ + "/" + mark_, failure))))
        throw Error(Code::cannot_create, "cannot create " + path_, "something else stands there: it has no " + mark_,
                    "choose another name, or move it away");
    fs::create_directories(directory_of(path_), failure);
    if (failure) fail_product("make the directory of", path_, failure.value());
}

ProductDirectory::~ProductDirectory()
{
    if (renamed_ && !exchanged_) return;
    std::error_code ignored;
    fs::remove_all(temporary_, ignored);
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
    exchanged_ = renameat2(AT_FDCWD, temporary_.c_str(), AT_FDCWD, path_.c_str(), RENAME_EXCHANGE) == 0;
    int error = exchanged_ ? 0 : errno;
    if (!exchanged_ && error == EINVAL && fs::exists(path_)) {  // a file system that cannot exchange (NFS)
        auto const aside = temporary_name(path_);
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

void ProductDirectory::undo_rename()
{
    std::error_code ignored;
    if (exchanged_) {
        fs::remove_all(path_, ignored);
        fs::rename(temporary_, path_, ignored);
        exchanged_ = false;
    } else {
        fs::remove_all(path_, ignored);
    }
}

void ProductDirectory::commit()
{
    sync();
    rename_to_final();
    try {
        sync_parent();
    } catch (Error const&) {  // nobody may take it for one that stands
        undo_rename();
        throw;
    }
}

}  // namespace nocturne
