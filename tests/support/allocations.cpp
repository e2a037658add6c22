// A library to preload: the N-th large allocation of a process fails. Enters, by the environment: NOCTURNE_ALLOCATION_AT (N, from 1; else none
// fails), NOCTURNE_ALLOCATION_COUNTER (a file). Leaves: in the file the number of allocations of 64 KiB or more, at the process's end.
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstdlib>

extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);
}

namespace {

constexpr std::size_t large = 65536;
std::atomic<long> n_seen{0};

bool fails(std::size_t bytes)
{
    if (bytes < large) return false;
    char const* const at = std::getenv("NOCTURNE_ALLOCATION_AT");
    bool const now = ++n_seen == (at ? std::atol(at) : 0);
    if (now) errno = ENOMEM;
    return now;
}

struct Told {
    ~Told()
    {
        char const* const path = std::getenv("NOCTURNE_ALLOCATION_COUNTER");
        std::FILE* const file = path ? std::fopen(path, "w") : nullptr;
        if (!file) return;
        std::fprintf(file, "%ld\n", n_seen.load());
        std::fclose(file);
    }
} const told;

}  // namespace

extern "C" {

void* malloc(std::size_t bytes) { return fails(bytes) ? nullptr : __libc_malloc(bytes); }
void* calloc(std::size_t n, std::size_t bytes) { return fails(n * bytes) ? nullptr : __libc_calloc(n, bytes); }
void* realloc(void* old, std::size_t bytes) { return fails(bytes) ? nullptr : __libc_realloc(old, bytes); }
void* memalign(std::size_t step, std::size_t bytes) { return fails(bytes) ? nullptr : __libc_memalign(step, bytes); }
void* aligned_alloc(std::size_t step, std::size_t bytes) { return memalign(step, bytes); }
int posix_memalign(void** out, std::size_t step, std::size_t bytes)
{
    void* const got = memalign(step, bytes);
    if (got) *out = got;
    return got ? 0 : ENOMEM;
}
}
