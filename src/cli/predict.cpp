// Verb `predict`: exact visibilities of a list of sources for the files of a meridian group.
#include "cli/group_files.hpp"
#include "cli/sky_options.hpp"
#include "driver/choose_group.hpp"
#include "driver/probe.hpp"
#include "io/ms_reader.hpp"
#include "io/uvh5_files.hpp"
#include "io/uvh5_header.hpp"
#include "sky/simulator.hpp"

#include <filesystem>

namespace nocturne::cli {
namespace predict_verb {

struct Options {
    SkyArguments sky;
    std::vector<std::string> inputs;
    std::string group, out;

    /// The files of the one group that is meant; --group alone is its directory.
    std::vector<std::string> paths() const
    {
        if (inputs.empty() && group.empty())
            throw Error(Code::usage, "no group", "nobody says what to predict for", "name its directory");
        return inputs.empty() ? choose_group({group}, "", 16).paths : choose_group(inputs, group, 16).paths;
    }
};

int run_verb(Options const& options, Globals const& globals)
{
    namespace fs = std::filesystem;
    auto const paths = options.paths();
    if (is_measurement_set(paths.front()))
        throw Error(Code::bad_input, "cannot predict for " + paths.front(), "files are written in UVH5, as they were",
                    "name a group of UVH5 files");
    std::error_code failure;
    if (fs::equivalent(fs::path(paths.front()).parent_path(), options.out, failure))
        throw Error(Code::usage, "--out is the group itself", "its files would be replaced", "name another directory");
    std::vector<FileHeader> files;
    std::vector<FilePlan> plan;
    require_good_files(paths);
    for (auto const& path : paths) {
        files.push_back(read_file_header(path, files.empty() ? nullptr : &files.front()));
        auto const name = parse_subband_name(path);
        plan.push_back({(fs::path(options.out) / fs::path(path).filename()).string(), name ? name->subband : 0,
                        files.back().descending(), std::make_shared<FileHeader const>(files.back())});
    }
    auto header = join_headers(files);
    apply(find_telescope(header.site.telescope_name), header);
    auto const sources = read_sources(options.sky.sources_csv);
    auto const earth = options.sky.earth();
    Predictor sky(header, sources, options.sky.options(), earth);
    auto const variation = vary(options.sky, sources, header, sky);
    Instrument const perfect(header, {});
    Simulator const simulator(header, sky, perfect);
    write_group(header, plan,
                {files.front().instrument, "predicted from " + options.sky.sources_csv, 1,
                 [&](Index first, Index n, View<Vis, 4> out) { simulator.fill(first, n, out); }});
    nlohmann::ordered_json document{{"group_id", header.group_id},
                                    {"out", options.out},
                                    {"files", nlohmann::ordered_json::array()},
                                    {"n_sources", sources.size()}};
    for (auto const& one : plan) document["files"].push_back(one.path);
    document["centre"] = direction_json(sky.centre());
    document["sources"] = sources_json(sources, sky, header, variation);
    if (globals.json)
        print_json(document);
    else if (!globals.quiet)
        std::cout << plan.size() << " files of " << sources.size() << " sources in " << options.out << "\n";
    return 0;
}

std::function<int()> declare(App& app, Globals const& globals)
{
    auto options = std::make_shared<Options>();
    app.add_option("inputs", options->inputs, "Directory of the group to predict for, or its files");
    app.add_option("--group", options->group,
                   "The group to take where the directory holds several; by itself: the group's directory");
    app.add_option("-o,--out", options->out, "Directory of the new files (same names)")->required();
    add_sky_options(app, options->sky);
    app.get_option("--sources")->required();
    app.footer(
        "For groups in DSA-110's layout, whose data are stopped on the meridian and whose baselines have common "
        "times.\n"
        "Each new file has the rows of the group's file in their order, its flags and nsamples, so that samples may be "
        "subtracted one by one.");
    return [options, &globals] { return run_verb(*options, globals); };
}

VerbRegistrar const here{{"predict", "Write the exact visibilities of a list of sources for a group", &declare}};

}  // namespace predict_verb
}  // namespace nocturne::cli
