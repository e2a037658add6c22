#include "io/product_paths.hpp"

#include "nocturne/error.hpp"
#include "nocturne/process_place.hpp"

#include <atomic>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

namespace nocturne {
namespace {

namespace fs = std::filesystem;

Code code_of(int error)
{
    switch (error) {
        case ENOENT:
        case EACCES:
        case EPERM:
        case EROFS:
        case ENOTDIR:
        case EISDIR:
        case ENAMETOOLONG:
        case EEXIST:
        case ELOOP:
            return Code::cannot_create;
        default:
            return Code::io;
    }
}

char const* advice_for(int error)
{
    if (error == ENOSPC || error == EDQUOT) return "free some space and run the same command again";
    return code_of(error) == Code::cannot_create ? "check the directory and its permissions"
                                                 : "check the medium, then run the same command again";
}

}  // namespace

std::string host_name()
{
    char host[256] = {};
    return gethostname(host, sizeof host - 1) == 0 ? host : "unknown";
}

std::string final_path(std::string path)
{
    while (path.size() > 1 && path.back() == '/') path.pop_back();
    constexpr int most_links = 40;  // Linux's own limit
    std::error_code failure;
    for (int i = 0; fs::is_symlink(path, failure); ++i) {
        if (i == most_links) fail_product("follow the links of", path, ELOOP);
        auto const target = fs::read_symlink(path, failure);
        if (failure) fail_product("follow the link", path, failure.value());
        path = target.is_absolute() ? target.string() : (fs::path(directory_of(path)) / target).string();
    }
    return path;
}

namespace {

/// A Measurement Set is never written into, whoever's it is.
void refuse_inside_a_table(std::string const& path)
{
    std::error_code odd;
    for (auto at = fs::absolute(path).lexically_normal().parent_path(); at != at.root_path(); at = at.parent_path())
        if (fs::is_regular_file(at / "table.dat", odd))
            throw Error(Code::cannot_create, "cannot create " + path, "it would lie inside the table " + at.string(),
                        "choose another directory for it");
}

}  // namespace

void make_directory_of(std::string const& path)
{
    refuse_inside_a_table(path);
    auto const directory = directory_of(path);
    std::error_code failure;
    std::vector<std::string> made;  // from the deepest up
    for (auto at = directory; !fs::exists(at, failure); at = directory_of(at)) made.push_back(at);
    fs::create_directories(directory, failure);
    if (failure) fail_product("make the directory of", path, failure.value());
    for (auto const& one : made)
        if (int const error = sync_path(directory_of(one))) fail_product("sync the directory of", one, error);
    if (access(directory.c_str(), W_OK | X_OK) != 0) fail_product("create", path, errno);
}

std::string directory_of(std::string const& path)
{
    auto const parent = fs::path(path).parent_path().string();
    return parent.empty() ? "." : parent;
}

std::string temporary_name(std::string const& path)
{
    static std::atomic<int> count{0};
    return directory_of(path) + "/." + fs::path(path).filename().string() + ".tmp-" + process_place() + "-" +
           std::to_string(getpid()) + "-" + std::to_string(++count);
}

int sync_path(std::string const& path)
{
    int const descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return errno;
    int const error = fsync(descriptor) == 0 ? 0 : errno;
    close(descriptor);
    return error == EINVAL ? 0 : error;
}

void fail_product(std::string const& call, std::string const& path, int error)
{
    throw Error(code_of(error), "cannot " + call + " " + path, std::strerror(error), advice_for(error));
}

}  // namespace nocturne
