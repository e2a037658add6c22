// Verb `dump`: what is read of a group, as read. Enters: files of one group. Leaves: one .npz file.
#include "cli/stage_options.hpp"
#include "driver/choose_group.hpp"
#include "driver/header_json.hpp"
#include "driver/ms_source.hpp"
#include "driver/probe.hpp"
#include "driver/reader_source.hpp"
#include "driver/recorded.hpp"
#include "driver/verify.hpp"
#include "io/npz_writer.hpp"

#include <limits>

#include <spdlog/spdlog.h>

namespace nocturne::cli {
namespace dump_verb {

struct DumpOptions {
    std::vector<std::string> inputs;
    std::string out, group;
    std::shared_ptr<Overrides> overrides;
};

std::vector<float> dense(View<float const, 4> const& weight)
{
    std::vector<float> all;
    all.reserve(static_cast<std::size_t>(weight.size()));
    for (Index t = 0; t < weight.extent[0]; ++t)
        for (Index b = 0; b < weight.extent[1]; ++b)
            for (Index c = 0; c < weight.extent[2]; ++c)
                for (Index p = 0; p < weight.extent[3]; ++p) all.push_back(weight(t, b, c, p));
    return all;
}

/// Samples that no file has are 0, with flag_missing and weight 0.
void clear_missing(VisBlock& block, std::vector<float>& weight)
{
    for (Index i = 0; i < block.vis.size(); ++i) {
        if ((block.flag.data[i] & flag_missing) == 0) continue;
        block.vis.data[i] = {};
        weight[static_cast<std::size_t>(i)] = 0;
    }
}

void write_dump(GroupHeader const& header, VisBlock& block, std::string const& path)
{
    auto weight = dense(block.weight);
    clear_missing(block, weight);
    std::vector<Index> const shape(block.vis.extent, block.vis.extent + 4);
    auto const text = to_json(header).dump();
    ProductFile file(path);
    NpzWriter npz(file);
    npz.add("vis", NpyType::c64, shape, block.vis.data);
    npz.add("flag", NpyType::u8, shape, block.flag.data);
    npz.add("nsamples", NpyType::f32, shape, weight.data());
    npz.add("freq_hz", NpyType::f64, {std::ssize(header.freq_hz)}, header.freq_hz.data());
    npz.add("time_mjd_s", NpyType::f64, {std::ssize(header.time_mjd_s)}, header.time_mjd_s.data());
    npz.add("header_json", NpyType::u8, {std::ssize(text)}, text.data());
    npz.finish();
    file.commit();
}

int dump_verb(DumpOptions const& options, Globals const& globals)
{
    SourceOptions source;
    auto const chosen = choose_group(options.inputs, options.group, source.expected_subbands);
    for (auto const& note : chosen.notes) spdlog::warn("{}", note);
    source.paths = chosen.paths;
    source.memory_bytes = std::numeric_limits<std::uint64_t>::max();
    source.ms = ms_options(make_job("dump", {"read"}, {{}, *options.overrides}));
    auto const stamps = stamps_of(source.paths);
    require_good_files(source.paths);
    for (auto& file : recorded_files(source.paths, globals.db))
        if (!file.xxh128.empty()) verify_file(file);
    auto const group = open_group(source, make_device("kokkos"));
    check_unchanged(stamps);
    for (auto const& note : group->notes()) spdlog::warn("{}", note);
    auto const& header = group->header();
    auto block = group->load(0, std::ssize(header.baselines));
    write_dump(header, block, options.out);
    if (globals.json)
        print_json({{"path", options.out},
                    {"integrations", block.n_integrations()},
                    {"baselines", block.n_baselines()},
                    {"channels", block.n_channels()},
                    {"correlations", block.n_correlations()},
                    {"centres", header.centres.size()},
                    {"ragged", header.ragged()},
                    {"notes", group->notes()}});
    return 0;
}

std::function<int()> declare(App& app, Globals const& globals)
{
    auto options = std::make_shared<DumpOptions>();
    app.add_option("inputs", options->inputs, "Files of one group, a directory that holds them, or a Measurement Set")
        ->required();
    app.add_option("-o,--out", options->out, "The .npz file: vis, flag, nsamples, freq_hz, time_mjd_s, header_json")
        ->required();
    app.add_option("--group", options->group, "The group where a directory holds several");
    options->overrides = add_stage_options(app, {"read"});
    return [options, &globals] { return dump_verb(*options, globals); };
}

VerbRegistrar const here{{"dump", "Write what is read of a group, as it is read, to one .npz file", &declare}};

}  // namespace dump_verb
}  // namespace nocturne::cli
