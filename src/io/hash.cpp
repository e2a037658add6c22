#include "io/hash.hpp"

#include "nocturne/error.hpp"

#define XXH_INLINE_ALL  // compiled with this build's instruction set; Debian's library is SSE2
#include <cerrno>
#include <cstring>
#include <vector>

#include <fcntl.h>
#include <unistd.h>
#include <xxhash.h>

namespace nocturne {
namespace {

constexpr std::size_t buffer_bytes = 256 * 1024;  // half of a usual L2

std::string hex_of(XXH128_hash_t hash)
{
    XXH128_canonical_t canonical;
    XXH128_canonicalFromHash(&canonical, hash);
    static char const digits[] = "0123456789abcdef";
    std::string text;
    for (unsigned char byte : canonical.digest) {
        text += digits[byte >> 4];
        text += digits[byte & 15];
    }
    return text;
}

struct OpenFile {
    int value;
    ~OpenFile()
    {
        if (value >= 0) close(value);
    }
};

}  // namespace

struct StreamHash::State {
    XXH3_state_t xxh;
};

StreamHash::StreamHash() : state_(std::make_unique<State>()) { XXH3_128bits_reset(&state_->xxh); }
StreamHash::~StreamHash() = default;
void StreamHash::add(void const* data, std::size_t bytes) { XXH3_128bits_update(&state_->xxh, data, bytes); }
std::string StreamHash::hex() const { return hex_of(XXH3_128bits_digest(&state_->xxh)); }

std::string hash_bytes(void const* data, std::size_t bytes) { return hex_of(XXH3_128bits(data, bytes)); }

std::string hash_file(std::string const& path)
{
    OpenFile const file{open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    if (file.value < 0) throw Error(Code::input_missing, "cannot open " + path, std::strerror(errno), "check the path");
    posix_fadvise(file.value, 0, 0, POSIX_FADV_SEQUENTIAL);
    std::vector<char> buffer(buffer_bytes);
    StreamHash hash;
    for (;;) {
        ssize_t const n = read(file.value, buffer.data(), buffer.size());
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) throw Error(Code::io, "cannot read " + path, std::strerror(errno), "check the medium");
        if (n == 0) break;
        hash.add(buffer.data(), static_cast<std::size_t>(n));
    }
    return hash.hex();
}

}  // namespace nocturne
