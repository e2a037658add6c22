#include "io/filters.hpp"

#include "nocturne/error.hpp"

#include <cstring>

#include <zlib.h>

namespace nocturne {
namespace {

Error bad(char const* what)
{
    return Error(Code::bad_input, "a compressed chunk is damaged", what, "copy the file again from its source");
}

std::size_t inflate_all(std::span<unsigned char const> in, std::span<unsigned char> out)
{
    uLongf produced = out.size();
    return uncompress(out.data(), &produced, in.data(), in.size()) == Z_OK ? produced : 0;
}

}  // namespace

bool is_known_filter(int id) { return id == filter_deflate || id == filter_shuffle || id == filter_lzf; }

std::size_t decode_lzf(std::span<unsigned char const> in, std::span<unsigned char> out)
{
    std::size_t from = 0, to = 0;
    while (from < in.size()) {
        std::size_t const control = in[from++];
        if (control < 32) {
            std::size_t const n = control + 1;
            if (n > in.size() - from || n > out.size() - to) return 0;
            std::memcpy(&out[to], &in[from], n);
            from += n;
            to += n;
            continue;
        }
        std::size_t n = control >> 5;
        if (n == 7) {
            if (from == in.size()) return 0;
            n += in[from++];
        }
        n += 2;
        if (from == in.size()) return 0;
        std::size_t const back = ((control & 31) << 8) + in[from++] + 1;
        if (back > to || n > out.size() - to) return 0;
        for (std::size_t i = 0; i < n; ++i, ++to) out[to] = out[to - back];  // the two may overlap
    }
    return to;
}

void unshuffle(std::span<unsigned char const> in, std::size_t element_bytes, std::span<unsigned char> out)
{
    std::size_t const n = element_bytes > 1 ? in.size() / element_bytes : 0;
    for (std::size_t k = 0; k < element_bytes && n > 0; ++k)
        for (std::size_t i = 0; i < n; ++i) out[i * element_bytes + k] = in[k * n + i];
    std::size_t const done = n * element_bytes;
    if (done < in.size()) std::memcpy(&out[done], &in[done], in.size() - done);
}

void undo_filters(std::vector<Filter> const& filters, std::uint32_t skipped, std::span<unsigned char const> stored,
                  std::span<unsigned char> out)
{
    std::vector<unsigned char> current, next;
    std::span<unsigned char const> bytes = stored;
    for (std::size_t i = filters.size(); i-- > 0;) {
        if (skipped >> i & 1) continue;
        next.resize(out.size());
        if (filters[i].id == filter_shuffle) {
            if (bytes.size() != out.size()) throw bad("its length is not that of a chunk");
            unshuffle(bytes, filters[i].element_bytes, next);
        } else {
            auto const n = filters[i].id == filter_lzf ? decode_lzf(bytes, next) : inflate_all(bytes, next);
            if (n != out.size()) throw bad(filters[i].id == filter_lzf ? "LZF stream" : "deflate stream");
        }
        std::swap(current, next);
        bytes = current;
    }
    if (bytes.size() != out.size()) throw bad("its length is not that of a chunk");
    std::memcpy(out.data(), bytes.data(), out.size());
}

}  // namespace nocturne
