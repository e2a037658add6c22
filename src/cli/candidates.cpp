// Verb `candidates`: what stood out in single integrations, of the database.
#include "db/candidates.hpp"

#include "cli/table.hpp"
#include "cli/verb.hpp"

namespace nocturne::cli {
namespace candidates_verb {

nlohmann::ordered_json to_json(db::CandidateRow const& row)
{
    auto const& one = row.candidate;
    return {{"group_id", row.group_id},
            {"run_id", row.run_id},
            {"integration", one.integration},
            {"mid_mjd", one.time_mjd_s / day_s},
            {"ra_deg", one.at.ra.value() / degree_rad},
            {"dec_deg", one.at.dec.value() / degree_rad},
            {"x_pix", one.x_pix},
            {"y_pix", one.y_pix},
            {"flux_jy", one.flux_jy},
            {"noise_jy", one.noise_jy},
            {"snr", one.snr()},
            {"snapshot_path",
             row.snapshot_path.empty() ? nlohmann::ordered_json() : nlohmann::ordered_json(row.snapshot_path)}};
}

void print_text(std::vector<db::CandidateRow> const& rows)
{
    std::vector<std::vector<std::string>> cells;
    for (auto const& row : rows) {
        auto const& one = row.candidate;
        cells.push_back({row.group_id, std::to_string(one.integration), format_number(one.time_mjd_s / day_s, 12),
                         format_number(one.at.ra.value() / degree_rad, 9),
                         format_number(one.at.dec.value() / degree_rad, 8), format_number(1e3 * one.flux_jy, 4),
                         format_number(one.snr(), 3), row.snapshot_path});
    }
    print_table({"group", "integration", "MJD", "RA [deg]", "Dec [deg]", "flux [mJy]", "S/N", "snapshot"}, cells);
}

std::function<int()> declare(App&, Globals const& globals)
{
    return [&globals] {
        auto session = db::Session::open(database_of(globals), db::OpenMode::existing);
        auto const rows = db::list_candidates(session);
        if (!globals.json) {
            print_text(rows);
            return 0;
        }
        auto document = nlohmann::ordered_json::array();
        for (auto const& row : rows) document.push_back(to_json(row));
        print_json(document);
        return 0;
    };
}

VerbRegistrar const here{{"candidates", "List what stood out in single integrations (--per-integration)", &declare}};

}  // namespace candidates_verb
}  // namespace nocturne::cli
