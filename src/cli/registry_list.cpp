// Verb `registry list`: the sets that are registered.
#include "cli/registry_json.hpp"
#include "cli/table.hpp"
#include "cli/verb.hpp"

namespace nocturne::cli {
namespace registry_list_verb {

void print_text(std::vector<db::SetRow> const& sets)
{
    std::vector<std::vector<std::string>> rows;
    for (auto const& set : sets)
        rows.push_back({set.set_name, std::to_string(set.active) + "/" + std::to_string(set.total), set.qa,
                        format_mjd(set.mid_mjd), format_number(set.dec_deg, 5), format_mjd(set.valid_start_mjd),
                        format_mjd(set.valid_end_mjd)});
    print_table({"set", "active", "QA", "solved", "Dec [deg]", "valid from", "to"}, rows);
}

std::function<int()> declare(App&, Globals const& globals)
{
    return [&globals] {
        auto session = db::Session::open(database_of(globals));  // none yet: an empty registry
        auto const sets = db::list_sets(session);
        if (!globals.json) {
            print_text(sets);
            return 0;
        }
        auto document = nlohmann::ordered_json::array();
        for (auto const& set : sets) document.push_back(to_json(set));
        print_json(document);
        return 0;
    };
}

VerbRegistrar const here{{"registry list", "List the sets of solutions", &declare}};

}  // namespace registry_list_verb
}  // namespace nocturne::cli
