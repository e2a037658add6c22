// Verb `apply`: solutions taken off the visibilities of one group, into a Measurement Set with the raw samples beside them.
#include "cli/group_options.hpp"
#include "cli/ms_json.hpp"
#include "cli/stage_options.hpp"
#include "driver/attempt.hpp"
#include "driver/calibration_json.hpp"
#include "driver/convert_files.hpp"

#include <iostream>

namespace nocturne::cli {
namespace apply_verb {

struct Options {
    GroupRequest request;
    std::string ms;
    std::shared_ptr<Overrides> overrides;
};

Job make_apply_job(Options const& options)
{
    auto overrides = *options.overrides;
    write_set(overrides, options.ms);
    if (!overrides.count("solutions"))
        throw Error(Code::usage, "nothing to apply", "--solutions is not given",
                    "name a file that solve wrote, or CASA tables");
    return make_job("apply", {"read", "convert", "flag", "apply", "export"}, {{}, overrides});
}

void print_text(Converted const& result)
{
    auto const& use = *result.calibration;
    std::cout << result.ms->path << ": " << result.ms->rows << " rows, CORRECTED_DATA " << use.method << " ("
              << name(use.provenance) << ")\n";
    for (auto const& waived : use.waived) std::cout << "  forced: " << waived << "\n";
    std::cout.flush();
}

int apply_verb(Options options, Globals const& globals)
{
    return on_all_ranks([&](Ranks const& world) {
        world.agree(attempt([&] { options.request.job = make_apply_job(options); }));
        complete(options.request, globals);
        auto const result = convert_files(options.request, world);
        if (!world.leader()) return 0;
        if (!globals.json) {
            print_text(result);
            return 0;
        }
        print_json({{"group_id", result.group_id},
                    {"calibration", to_json(*result.calibration)},
                    {"ms", to_json(*result.ms)},
                    {"notes", result.notes},
                    {"stages", result.ledger.json()},
                    {"wall_s", result.wall_s}});
        return 0;
    });
}

std::function<int()> declare(App& app, Globals const& globals)
{
    auto o = std::make_shared<Options>();
    add_group_options(app, o->request);
    app.add_option("--ms", o->ms, "The Measurement Set to write: DATA raw, CORRECTED_DATA calibrated")->required();
    o->overrides = add_stage_options(app, {"read", "convert", "flag", "apply", "export"}, {"ms", "from", "force"});
    add_force(app, o->overrides);
    return [o, &globals] { return apply_verb(*o, globals); };
}

VerbRegistrar const here{{"apply", "Correct a group by solutions, into a Measurement Set", &declare}};

}  // namespace apply_verb
}  // namespace nocturne::cli
