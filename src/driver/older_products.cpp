#include "driver/older_products.hpp"

#include "nocturne/image.hpp"

#include <algorithm>
#include <cctype>
#include <filesystem>

namespace nocturne {
namespace {

/// "ch0002" of "ch0002-image.fits", "t007" of "t007.fits"; "" where the name is of another kind.
std::string numbered(std::string const& tail, std::string const& letters, char behind)
{
    if (!tail.starts_with(letters) || !tail.ends_with(".fits")) return "";
    auto end = letters.size();
    while (end < tail.size() && std::isdigit(static_cast<unsigned char>(tail[end]))) ++end;
    return end >= letters.size() + 3 && tail[end] == behind ? tail.substr(0, end) : "";
}

void append_word(std::string& list, std::string const& word) { list += (list.empty() ? "" : ", ") + word; }

void append_numbered(std::string& list, std::set<std::string> const& numbers)
{
    constexpr std::size_t most = 4;
    if (numbers.size() > most)
        return append_word(list,
                           *numbers.begin() + " … " + *numbers.rbegin() + " (" + std::to_string(numbers.size()) + ")");
    for (auto const& one : numbers) append_word(list, one);
}

}  // namespace

std::string older_products(std::string const& stem, std::set<std::string> const& ours)
{
    auto const path = std::filesystem::path(stem);
    auto const begin = path.filename().string() + "-";
    std::set<std::string> tails, channels, integrations;
    std::error_code odd;
    auto const directory = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
    for (std::filesystem::directory_iterator at(directory, odd), end; !odd && at != end; at.increment(odd)) {
        auto const name = at->path().filename().string();
        if (!name.starts_with(begin) || ours.count(name) > 0) continue;
        auto const tail = name.substr(begin.size());
        tails.insert(tail);
        if (auto const channel = numbered(tail, "ch", '-'); !channel.empty()) channels.insert(channel);
        if (auto const integration = numbered(tail, "t", '.'); !integration.empty()) integrations.insert(integration);
    }
    std::string list;
    for (auto const* product : product_names)
        if (tails.count(std::string(product) + ".fits") > 0) append_word(list, std::string(product));
    if (tails.count("cube.fits") > 0) append_word(list, std::string("cube"));
    append_numbered(list, channels);
    if (tails.count("candidates.csv") > 0) append_word(list, std::string("candidates"));
    append_numbered(list, integrations);
    return list;
}

}  // namespace nocturne
