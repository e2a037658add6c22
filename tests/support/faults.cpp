// A library to preload: the N-th call that changes files below a directory fails, in whichever process of the job makes it. Enters, by
// the environment: NOCTURNE_FAULT_BELOW (the directory), NOCTURNE_FAULT_COUNTER (a file of 64 bytes that all processes share, outside of
// it), NOCTURNE_FAULT_AT (N, from 1; 0: count only), NOCTURNE_FAULT_ERROR (an errno; 0: of write and pwrite alone, half is written, and the next
// write of that file finds the disk full; −9: the process that makes the call is killed). Leaves, in the counter: the number of calls (8 bytes), and the name of the one that failed.
// Counted: open to write, mkdir, write, pwrite, writev, ftruncate, fsync, fdatasync, rename, renameat2. Where NOCTURNE_FAULT_REMOVE is
// set, nothing below the directory can be removed; where NOCTURNE_FAULT_FLOCK is an errno, flock fails with it; where NOCTURNE_FAULT_ROOM is set,
// every file system says that it has room; what lies below NOCTURNE_FAULT_NETWORK says that it is on NFS.
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/uio.h>
#include <sys/vfs.h>
#include <unistd.h>

namespace {

template<class F>
F real(F, char const* name)
{
    return reinterpret_cast<F>(dlsym(RTLD_NEXT, name));
}

int open_counter(char const* path)
{
    static auto const next = reinterpret_cast<int (*)(char const*, int, ...)>(dlsym(RTLD_NEXT, "open"));
    return next(path, O_RDWR | O_CLOEXEC);
}

struct Counter {
    std::atomic<std::uint64_t> calls;
    char failed[56];
};

Counter* counter()
{
    static auto* const shared = []() -> Counter* {
        char const* const path = std::getenv("NOCTURNE_FAULT_COUNTER");
        int const file = path ? open_counter(path) : -1;
        void* const page =
            file < 0 ? MAP_FAILED : mmap(nullptr, sizeof(Counter), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
        return page == MAP_FAILED ? nullptr : static_cast<Counter*>(page);
    }();
    return shared;
}

long number(char const* name)
{
    char const* const text = std::getenv(name);
    return text ? std::atol(text) : 0;
}

bool is_below(char const* path, char const* variable = "NOCTURNE_FAULT_BELOW")
{
    char const* const directory = std::getenv(variable);
    if (!directory) return false;
    char whole[4096];
    if (path[0] != '/') {
        if (!getcwd(whole, sizeof whole)) return false;
        std::strncat(whole, "/", sizeof whole - std::strlen(whole) - 1);
        std::strncat(whole, path, sizeof whole - std::strlen(whole) - 1);
        path = whole;
    }
    auto const n = std::strlen(directory);
    return std::strncmp(path, directory, n) == 0 && (path[n] == '/' || path[n] == 0);
}

bool is_below(int file)
{
    char link[64], path[4096];
    std::snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    auto const n = readlink(link, path, sizeof path - 1);
    if (n <= 0) return false;
    path[n] = 0;
    return is_below(path);
}

thread_local int file_that_is_full = -1;

/// True where this call is the one: errno is set.
template<class Place>
bool fails(char const* call, Place place, bool can_be_short = false)
{
    if (!counter() || !is_below(place)) return false;
    auto const error = static_cast<int>(number("NOCTURNE_FAULT_ERROR"));
    if (error == 0 && !can_be_short) return false;
    auto const n = static_cast<long>(counter()->calls.fetch_add(1)) + 1;
    if (n != number("NOCTURNE_FAULT_AT")) return false;
    std::strncpy(counter()->failed, call, sizeof(Counter::failed) - 1);
    if (error < 0) kill(getpid(), -error);
    errno = error;
    return true;
}

/// 0: go on; −1: failed; 1: write half.
int write_fault(char const* call, int file)
{
    if (file == file_that_is_full) {
        errno = ENOSPC;
        return -1;
    }
    if (!fails(call, file, true)) return 0;
    if (errno != 0) return -1;
    file_that_is_full = file;
    return 1;
}

bool to_write(int flags) { return (flags & (O_WRONLY | O_RDWR | O_CREAT)) != 0; }

mode_t mode_of(int flags, va_list arguments)
{
    return (flags & O_CREAT) ? static_cast<mode_t>(va_arg(arguments, unsigned)) : 0;
}

}  // namespace

extern "C" {

int open(char const* path, int flags, ...)
{
    static auto const next = reinterpret_cast<int (*)(char const*, int, ...)>(dlsym(RTLD_NEXT, "open"));
    va_list arguments;
    va_start(arguments, flags);
    auto const mode = mode_of(flags, arguments);
    va_end(arguments);
    return to_write(flags) && fails("open", path) ? -1 : next(path, flags, mode);
}

int open64(char const* path, int flags, ...)
{
    static auto const next = reinterpret_cast<int (*)(char const*, int, ...)>(dlsym(RTLD_NEXT, "open64"));
    va_list arguments;
    va_start(arguments, flags);
    auto const mode = mode_of(flags, arguments);
    va_end(arguments);
    return to_write(flags) && fails("open", path) ? -1 : next(path, flags, mode);
}

int mkdir(char const* path, mode_t mode) noexcept
{
    static auto const next = real(&mkdir, "mkdir");
    return fails("mkdir", path) ? -1 : next(path, mode);
}

ssize_t write(int file, void const* data, std::size_t n)
{
    static auto const next = real(&write, "write");
    int const fault = write_fault("write", file);
    return fault < 0 ? -1 : next(file, data, fault ? n / 2 : n);
}

ssize_t pwrite(int file, void const* data, std::size_t n, off_t at)
{
    static auto const next = real(&pwrite, "pwrite");
    int const fault = write_fault("pwrite", file);
    return fault < 0 ? -1 : next(file, data, fault ? n / 2 : n, at);
}

ssize_t pwrite64(int file, void const* data, std::size_t n, off64_t at)
{
    static auto const next = real(&pwrite64, "pwrite64");
    int const fault = write_fault("pwrite", file);
    return fault < 0 ? -1 : next(file, data, fault ? n / 2 : n, at);
}

ssize_t writev(int file, iovec const* parts, int n)
{
    static auto const next = real(&writev, "writev");
    return fails("writev", file) ? -1 : next(file, parts, n);
}

int ftruncate(int file, off_t size) noexcept
{
    static auto const next = real(&ftruncate, "ftruncate");
    return fails("ftruncate", file) ? -1 : next(file, size);
}

int ftruncate64(int file, off64_t size) noexcept
{
    static auto const next = real(&ftruncate64, "ftruncate64");
    return fails("ftruncate", file) ? -1 : next(file, size);
}

int fsync(int file)
{
    static auto const next = real(&fsync, "fsync");
    return fails("fsync", file) ? -1 : next(file);
}

int fdatasync(int file)
{
    static auto const next = real(&fdatasync, "fdatasync");
    return fails("fdatasync", file) ? -1 : next(file);
}

int rename(char const* from, char const* to) noexcept
{
    static auto const next = real(&rename, "rename");
    return fails("rename", to) ? -1 : next(from, to);
}

int unlinkat(int place, char const* path, int flags) noexcept
{
    static auto const next = real(&unlinkat, "unlinkat");
    bool const kept = std::getenv("NOCTURNE_FAULT_REMOVE") && (place == AT_FDCWD ? is_below(path) : is_below(place));
    if (!kept) return next(place, path, flags);
    errno = EACCES;
    return -1;
}

int flock(int file, int how) noexcept
{
    static auto const next = real(&flock, "flock");
    if (!std::getenv("NOCTURNE_FAULT_FLOCK")) return next(file, how);
    errno = static_cast<int>(number("NOCTURNE_FAULT_FLOCK"));
    return -1;
}

int statfs(char const* path, struct statfs* found) noexcept
{
    static auto const next = real(&statfs, "statfs");
    int const code = next(path, found);
    if (code == 0 && is_below(path, "NOCTURNE_FAULT_NETWORK")) found->f_type = 0x6969;
    return code;
}

int statvfs(char const* path, struct statvfs* found) noexcept
{
    static auto const next = real(&statvfs, "statvfs");
    int const code = next(path, found);
    if (code == 0 && std::getenv("NOCTURNE_FAULT_ROOM")) found->f_bavail = found->f_bfree = std::uint64_t(1) << 30;
    return code;
}

int renameat2(int from_place, char const* from, int to_place, char const* to, unsigned flags) noexcept
{
    static auto const next = real(&renameat2, "renameat2");
    return fails("renameat2", to) ? -1 : next(from_place, from, to_place, to, flags);
}
}
