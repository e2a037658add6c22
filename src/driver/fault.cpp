#include "driver/fault.hpp"

#include "nocturne/error.hpp"

#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <string_view>

namespace nocturne {
namespace {

struct Wish {
    std::string stage;
    int left = 0;
    std::string why = "NOCTURNE_FAULT asks for it";
};

Wish wish_of_environment()
{
    char const* text = std::getenv("NOCTURNE_FAULT");
    if (!text || !*text) return {};
    std::string_view const words(text);
    auto const colon = words.find(':');
    Wish wish;
    wish.stage = words.substr(0, colon);
    auto const* end = words.data() + words.size();
    auto const* number = colon == std::string_view::npos ? end : words.data() + colon + 1;
    auto const [stop, trouble] = std::from_chars(number, end, wish.left);
    bool const full = std::string_view(stop, static_cast<std::size_t>(end - stop)) == ":space";
    if (full) wish.why += std::string(": ") + std::strerror(ENOSPC);
    if (wish.stage.empty() || trouble != std::errc() || !(full || stop == end) || wish.left < 0)
        throw Error(Code::bad_config, "NOCTURNE_FAULT=" + std::string(words), "it is not STAGE:N or STAGE:N:space",
                    "say, for example, NOCTURNE_FAULT=convert:2, or unset it");
    return wish;
}

}  // namespace

void fail_on_request(std::string const& name)
{
    static Wish wish = wish_of_environment();
    if (wish.left == 0 || name.substr(0, name.find('.')) != wish.stage) return;
    --wish.left;
    throw Error(Code::io, "stage " + wish.stage + " failed", wish.why, "unset it");
}

}  // namespace nocturne
