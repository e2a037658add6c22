#include "driver/products_of_others.hpp"

#include "db/product_list.hpp"
#include "db/runs.hpp"

#include <array>
#include <filesystem>
#include <fstream>

#include <spdlog/spdlog.h>

namespace nocturne {
namespace {

namespace fs = std::filesystem;

/// NOCT_RUN of the first header; "" where it has none.
std::string run_of(fs::path const& image)
{
    constexpr int most_cards = 36 * 40;
    std::ifstream file(image, std::ios::binary);
    std::array<char, 80> card{};
    for (int i = 0; i < most_cards && file.read(card.data(), card.size()); ++i) {
        std::string const text(card.data(), card.size());
        if (text.starts_with("END     ")) break;
        if (!text.starts_with("NOCT_RUN= '")) continue;
        auto const value = text.substr(11, text.find('\'', 11) - 11);
        return value.substr(0, value.find_last_not_of(' ') + 1);
    }
    return "";
}

}  // namespace

void warn_of_products_of_others(std::string const& out, db::Session& session)
{
    constexpr int most_images = 5, most_entries = 1000;
    std::error_code odd;
    int images = 0, entries = 0;
    fs::recursive_directory_iterator file(out, odd), end;  // OUT/GROUP/STEM.fits
    for (; !odd && file != end && images < most_images && entries < most_entries; file.increment(odd), ++entries) {
        if (file.depth() > 0) file.disable_recursion_pending();
        if (file->path().extension() != ".fits") continue;
        ++images;
        auto const run = run_of(file->path());
        if (run.empty() || db::knows_run(session, run)) continue;
        if (db::has_products_below(session, fs::absolute(out).lexically_normal().string())) return;
        spdlog::warn(
            "{} is of run {}, which database {} does not know, nor anything else there: groups that were done are done "
            "again. One "
            "directory of products, one database: name that run's with --db, or another directory",
            file->path().string(), run, session.path());
        return;
    }
}

}  // namespace nocturne
