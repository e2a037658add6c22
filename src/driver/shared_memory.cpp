// Enters: a size or a descriptor. Leaves: a mapping.
#include "driver/shared_memory.hpp"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace nocturne {
namespace {

constexpr int seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;

Error refused(std::size_t bytes)
{
    return Error(Code::system, "cannot share " + std::to_string(bytes) + " bytes with a child process",
                 std::strerror(errno), "free memory, or use smaller blocks");
}

}  // namespace

SharedMemory SharedMemory::create(char const* name, std::size_t bytes)
{
    SharedMemory made;
    made.descriptor_.reset(memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING));
    if (!made.descriptor_ || ftruncate(made.descriptor(), static_cast<off_t>(bytes)) != 0 ||
        fcntl(made.descriptor(), F_ADD_SEALS, seals) != 0)
        throw refused(bytes);
    made.map_here(bytes);
    return made;
}

SharedMemory SharedMemory::map(Descriptor descriptor)
{
    SharedMemory made;
    made.descriptor_ = std::move(descriptor);
    int const found = made.descriptor_ ? fcntl(made.descriptor(), F_GET_SEALS) : -1;
    struct stat status {};
    if (found < 0 || (found & F_SEAL_SHRINK) == 0 || fstat(made.descriptor(), &status) != 0)
        throw Error(Code::bad_input, "a shared memory that can shrink", "it is not sealed",
                    "report this as a defect, with the command line");
    made.map_here(static_cast<std::size_t>(status.st_size));
    return made;
}

void SharedMemory::map_here(std::size_t bytes)
{
    if (bytes > 0) {
        void* const at = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor(), 0);
        if (at == MAP_FAILED) throw refused(bytes);
        data_ = at;
    }
    size_ = bytes;
}

SharedMemory::~SharedMemory()
{
    if (data_) munmap(data_, size_);
}

void SharedMemory::swap(SharedMemory& other) noexcept
{
    std::swap(descriptor_, other.descriptor_);
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
}

}  // namespace nocturne
