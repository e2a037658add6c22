// Verb `predict`: exact visibilities of a list of sources for the files of a meridian group.
#include "cli/group_files.hpp"
#include "cli/sky_options.hpp"
#include "driver/choose_group.hpp"
#include "driver/probe.hpp"
#include "io/ms_reader.hpp"
#include "io/uvh5_files.hpp"
#include "io/uvh5_header.hpp"
#include "sky/simulator.hpp"

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <set>

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

/// Where the new file of each one goes. Throws Error(usage) where that is one of the files themselves, or one place for two.
std::vector<FilePlan> plan_of(std::vector<FileHeader> const& files, GroupHeader const& header, std::string const& out)
{
    namespace fs = std::filesystem;
    std::vector<FilePlan> plan;
    std::set<std::string> places;
    for (auto const& file : files) {
        auto const at = std::find_if(header.subbands.begin(), header.subbands.end(),
                                     [&](Subband const& subband) { return subband.path == file.path; });
        NOCT_CHECK(at != header.subbands.end(), "a file that its group does not have");
        auto const place = (fs::path(out) / fs::path(file.path).filename()).string();
        std::error_code none;
        for (auto const& other : files)
            if (fs::equivalent(place, other.path, none))
                throw Error(Code::usage, "--out is the group itself", place + " would be replaced",
                            "name another directory");
        if (!places.insert(place).second)
            throw Error(Code::usage, "two files of one name", place + " would be written twice",
                        "predict for each directory by itself");
        plan.push_back({place, at->index, file.descending(), std::make_shared<FileHeader const>(file)});
    }
    return plan;
}

int run_verb(Options const& options, Globals const& globals)
{
    auto const paths = options.paths();
    if (is_measurement_set(paths.front()))
        throw Error(Code::bad_input, "cannot predict for " + paths.front(), "files are written in UVH5, as they were",
                    "name a group of UVH5 files");
    std::vector<FileHeader> files;
    require_good_files(paths);
    for (auto const& path : paths) files.push_back(read_file_header(path, files.empty() ? nullptr : &files.front()));
    auto header = join_headers(files);
    auto const plan = plan_of(files, header, options.out);
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
