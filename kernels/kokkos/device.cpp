// The host as a device: Kokkos' default host space, memory on huge pages.
#include "nocturne/staging_memory.hpp"

#include <Kokkos_Core.hpp>

#include <cstdlib>
#include <cstring>
#include <fstream>

#include <sys/mman.h>
#include <unistd.h>

namespace nocturne {
namespace {

constexpr std::size_t huge_page = std::size_t(2) << 20;

std::string processor_name()
{
    std::ifstream info("/proc/cpuinfo");
    for (std::string line; std::getline(info, line);)
        if (line.rfind("model name", 0) == 0) return line.substr(line.find(':') + 2);
    return "unknown processor";
}

/// Kokkos is started once, at the first use, and ended at exit.
void ensure_started()
{
    struct Scope {
        Scope()
        {
#if KOKKOS_VERSION >= 30700  // InitArguments is gone from version 4
            if (!Kokkos::is_initialized()) Kokkos::initialize(Kokkos::InitializationSettings().set_num_threads(1));
#else
            if (!Kokkos::is_initialized()) Kokkos::initialize(Kokkos::InitArguments(1));
#endif
        }
        ~Scope()
        {
            if (Kokkos::is_initialized()) Kokkos::finalize();
        }
    };
    static Scope const scope;
}

}  // namespace

std::vector<DeviceInfo> find_devices_of(KokkosDevice const& device)
{
    ensure_started();
    auto const memory =
        static_cast<std::size_t>(sysconf(_SC_PHYS_PAGES)) * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    return {{"kokkos", processor_name(), "", memory, true, "", device}};
}

void* allocate(KokkosDevice const&, std::size_t bytes)
{
    ensure_started();
    std::size_t const alignment = bytes >= huge_page ? huge_page : 64;
    void* memory = std::aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
    if (!memory)
        throw Error(Code::system, "out of host memory", std::to_string(bytes) + " bytes were asked for",
                    "use more ranks per group, a smaller image, or a node with more memory");
    if (bytes >= huge_page) madvise(memory, bytes, MADV_HUGEPAGE);
    return memory;
}

void release(KokkosDevice const&, void* memory, std::size_t) noexcept { std::free(memory); }
void clear(KokkosDevice const&, void* memory, std::size_t bytes) { std::memset(memory, 0, bytes); }
void copy_in(KokkosDevice const&, void* to, void const* from, std::size_t bytes) { std::memcpy(to, from, bytes); }
void copy_out(KokkosDevice const&, void* to, void const* from, std::size_t bytes) { std::memcpy(to, from, bytes); }
void* allocate_staging(KokkosDevice const& device, std::size_t bytes) { return allocate(device, bytes); }
void release_staging(KokkosDevice const&, void* memory) noexcept { std::free(memory); }
void finish(KokkosDevice const&) { Kokkos::fence(); }
std::string describe(KokkosDevice const&)
{
    return std::string("kokkos ") + Kokkos::DefaultHostExecutionSpace::name() + ", " + processor_name();
}

}  // namespace nocturne
