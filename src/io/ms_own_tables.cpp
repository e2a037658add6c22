#include "io/ms_own_tables.hpp"

#include "io/ms_read_tables.hpp"
#include "nocturne/error.hpp"

#include <filesystem>

namespace nocturne::ms {

namespace fs = std::filesystem;

void refuse_selection(casacore::Table const& table)
{
    auto const parts = table.getPartNames(false);
    fs::path const own(std::string(table.tableName()));
    if (parts.size() == 1 && fs::path(std::string(parts[0])).lexically_normal() == own.lexically_normal()) return;
    throw Error(Code::bad_input, "table " + own.string() + " is a selection of other tables",
                "its rows lie in " + (parts.empty() ? std::string("none") : std::string(parts[0])) +
                    (parts.size() > 1 ? " and " + std::to_string(parts.size() - 1) + " more" : ""),
                "copy it with its rows: CASA's mstransform or split, or taql 'select from " + own.string() +
                    " giving NEW.ms as plain'");
}

void refuse_elsewhere(casacore::Table const& table, casacore::Table const& main, std::string const& what)
{
    std::error_code odd;
    auto const place = [&](casacore::Table const& of) {
        return fs::weakly_canonical(std::string(of.tableName()), odd);
    };
    auto const inside = place(table).lexically_relative(place(main)).string();
    if (!odd && !inside.empty() && inside != "." && inside.rfind("..", 0) != 0) return;
    throw unreadable(what, "it lies elsewhere, in " + place(table).string());
}

}  // namespace nocturne::ms
