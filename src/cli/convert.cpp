// Verb `convert`: the files of one group to a Measurement Set, or to nothing, to see how long it takes.
#include "cli/group_options.hpp"
#include "cli/ms_json.hpp"
#include "cli/stage_options.hpp"
#include "driver/attempt.hpp"
#include "driver/convert_files.hpp"

#include <iostream>

namespace nocturne::cli {

nlohmann::ordered_json to_json(MsExported const& ms)
{
    return {{"path", ms.path},
            {"bytes", ms.bytes},
            {"rows", ms.rows},
            {"write_s", ms.write_s},
            {"sync_s", ms.sync_s},
            {"readback_s", ms.readback_s},
            {"bytes_compared", ms.bytes_compared}};
}

namespace convert_verb {

struct Options {
    GroupRequest request;
    std::string to, ms;
    bool time = false;
    std::shared_ptr<Overrides> overrides;
};

/// Fields per time want a phase centre each, unless told otherwise.
Job make_convert_job(Options const& options)
{
    bool const nowhere = options.to == "none";
    if (options.ms.empty() != nowhere)
        throw Error(Code::usage, nowhere ? "--to none with --ms" : "nowhere to convert to",
                    nowhere ? "one says nothing is written, the other what" : "neither --ms nor --to none is given",
                    "say --ms OUT.ms, or --to none");
    auto overrides = *options.overrides;
    write_set(overrides, options.ms);
    return make_job("convert", {"read", "convert", "export"}, {{}, overrides});
}

void print_text(Options const& options, Converted const& result)
{
    if (result.ms)
        std::cout << result.ms->path << ": " << result.ms->rows << " rows, "
                  << format_bytes(static_cast<double>(result.ms->bytes)) << ", written in "
                  << format_seconds(result.ms->write_s) << ", synced in " << format_seconds(result.ms->sync_s)
                  << ", read back in " << format_seconds(result.ms->readback_s) << "\n";
    if (options.time || !result.ms) std::cout << result.ledger.table(result.wall_s, measure_bandwidth());
    std::cout.flush();
}

int convert_verb(Options options, Globals const& globals)
{
    return on_all_ranks([&](Ranks const& world) {
        world.agree(attempt([&] { options.request.job = make_convert_job(options); }));
        complete(options.request, globals);
        auto const result = convert_files(options.request, world);
        if (!world.leader()) return 0;
        if (!globals.json) {
            print_text(options, result);
            return 0;
        }
        nlohmann::ordered_json document{{"group_id", result.group_id},
                                        {"n_subbands", result.n_subbands},
                                        {"missing_subbands", result.missing_subbands},
                                        {"n_integrations", result.n_integrations},
                                        {"n_baselines", result.n_baselines},
                                        {"n_channels", result.n_channels},
                                        {"n_correlations", result.n_correlations},
                                        {"notes", result.notes},
                                        {"ms", nullptr},
                                        {"stages", result.ledger.json()},
                                        {"wall_s", result.wall_s}};
        if (result.ms) document["ms"] = to_json(*result.ms);
        print_json(document);
        return 0;
    });
}

std::function<int()> declare(App& app, Globals const& globals)
{
    auto o = std::make_shared<Options>();
    add_group_options(app, o->request);
    app.add_option("--ms", o->ms, "The Measurement Set to write; one that stands there is replaced");
    app.add_option("--to", o->to, "none: convert, and write nothing")->one_of({"none"});
    app.add_flag("--time", o->time, "Print where the time went");
    o->overrides = add_stage_options(app, {"read", "convert", "export"}, {"ms"});
    return [o, &globals] { return convert_verb(*o, globals); };
}

VerbRegistrar const here{{"convert", "Convert the files of one group to a Measurement Set", &declare}};

}  // namespace convert_verb
}  // namespace nocturne::cli
