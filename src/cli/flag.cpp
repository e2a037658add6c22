// Verb `flag`: the flagger by hand, and its account of who lost what to which rule.
#include "cli/group_options.hpp"
#include "cli/ms_json.hpp"
#include "cli/stage_options.hpp"
#include "driver/attempt.hpp"
#include "driver/flag_files.hpp"
#include "io/png_writer.hpp"
#include "io/product.hpp"
#include "nocturne/correlation.hpp"

#include <algorithm>
#include <iostream>

namespace nocturne::cli {
namespace flag_verb {

using Json = nlohmann::ordered_json;
constexpr std::size_t kinds = 1 + flag_rules;

Json rules_json(std::int64_t const* counts)
{
    Json rules{{"used", counts[0]}};
    for (int rule = 0; rule < flag_rules; ++rule)
        if (counts[1 + rule] != 0) rules[name(static_cast<FlagRule>(rule))] = counts[1 + rule];
    return rules;
}

/// Totals by rule over all channels: each sample once.
std::vector<std::int64_t> totals(FlagAccount const& account)
{
    std::vector<std::int64_t> sum(kinds, 0);
    for (std::size_t i = 0; i < account.by_channel.size(); ++i) sum[i % kinds] += account.by_channel[i];
    return sum;
}

Json to_json(FlagResult const& result)
{
    auto const& header = result.state.header;
    auto const& account = *result.state.flag_account;
    auto const np = header.correlations.size();
    auto const sum = totals(account);
    auto deaf = Json::array();
    for (auto const& one : account.deaf) deaf.push_back({{"antenna", one.antenna}, {"correlation", name(one.hand)}});
    auto const total = result.state.counts.total();
    std::int64_t flagged = 0, cross = 0;
    for (auto n : account.cross_flagged) flagged += n;
    for (auto n : account.cross_total) cross += n;
    Json document{
        {"group_id", header.group_id},
        {"samples", total},
        {"used", result.state.counts.used},
        {"flagged_fraction",
         total > 0 ? 1 - static_cast<double>(result.state.counts.used) / static_cast<double>(total) : 0.0},
        {"cross_flagged_fraction", cross > 0 ? static_cast<double>(flagged) / static_cast<double>(cross) : 0.0},
        {"rules", rules_json(sum.data())},
        {"dead_antennas", account.dead},
        {"deaf_hands", std::move(deaf)},
        {"flag_seconds", result.flag_s},
        {"wall_seconds", result.wall_s}};
    if (result.ms) document["ms"] = cli::to_json(*result.ms);
    if (!account.kurtosis.empty()) {
        document["kurtosis_before"] = *std::max_element(account.kurtosis_before.begin(), account.kurtosis_before.end());
        document["kurtosis"] = *std::max_element(account.kurtosis.begin(), account.kurtosis.end());
        document["median_jy"] = account.median_jy;
        document["clip_jy"] = account.clip_jy;
    }
    for (auto const& [step, seconds] : result.pass_s) document["seconds"][step] = seconds;
    auto antennas = Json::array(), channels = Json::array();
    for (std::size_t a = 0; a < account.antennas.size(); ++a)
        for (std::size_t p = 0; p < np; ++p)
            antennas.push_back({{"antenna", header.antennas[static_cast<std::size_t>(account.antennas[a])].number},
                                {"correlation", name(header.correlations[p])},
                                {"rules", rules_json(&account.by_antenna[(a * np + p) * kinds])}});
    for (std::size_t c = 0; c < header.freq_hz.size(); ++c)
        for (std::size_t p = 0; p < np; ++p)
            channels.push_back({{"freq_hz", header.freq_hz[c]},
                                {"correlation", name(header.correlations[p])},
                                {"rules", rules_json(&account.by_channel[(c * np + p) * kinds])}});
    document["antennas"] = std::move(antennas);
    document["channels"] = std::move(channels);
    return document;
}

void print_text(FlagResult const& result)
{
    auto const sum = totals(*result.state.flag_account);
    auto const total = std::max<Index>(1, result.state.counts.total());
    std::cout << "group " << result.state.header.group_id << ": " << result.state.counts.used << " of " << total
              << " samples in use\n";
    for (int rule = 0; rule < flag_rules; ++rule)
        if (sum[1 + rule] != 0)
            std::cout << "  " << name(static_cast<FlagRule>(rule)) << ": " << sum[1 + rule] << " ("
                      << 100.0 * static_cast<double>(sum[1 + rule]) / static_cast<double>(total) << " %)\n";
    for (int number : result.state.flag_account->dead) std::cout << "  antenna " << number << " is dead\n";
    for (auto const& [number, hand] : result.state.flag_account->deaf)
        std::cout << "  antenna " << number << " hears nothing in " << name(hand) << '\n';
}

struct Options {
    FlagRequest request;
    std::string report, ms;
};

Job make_flag_job(Overrides overrides, std::string const& ms)
{
    overrides.try_emplace("only", "all");
    bool const geometry = overrides.count("min-uv") || overrides.count("max-uv") || overrides.count("shadow") ||
                          overrides.count("min-elevation");
    std::vector<std::string> stages{"read"};
    if (geometry || !ms.empty()) stages.push_back("convert");
    stages.push_back("flag");
    if (!ms.empty()) {
        write_set(overrides, ms);
        stages.push_back("export");
    }
    return make_job("flag", stages, {{}, overrides});
}

int flag_verb(Options options, Overrides overrides, Globals const& globals)
{
    return on_all_ranks([&](Ranks const& world) {
        auto& request = options.request;
        world.agree(attempt([&] { request.job = make_flag_job(std::move(overrides), options.ms); }));
        complete(request, globals);
        auto const result = flag_files(request, world);
        if (!world.leader()) return 0;
        if (!result.state.flag_account)
            throw Error(Code::usage, "--backend cuda", "the account of flags is kept on a host",
                        "use --backend kokkos");
        if (!options.report.empty()) {
            auto const picture = draw_occupancy(*result.state.flag_account);
            write_product(options.report, encode_png(picture.width, picture.height, picture.rgb));
        }
        if (globals.json)
            print_json(to_json(result));
        else if (!globals.quiet)
            print_text(result);
        return 0;
    });
}

std::function<int()> declare(App& app, Globals const& globals)
{
    auto options = std::make_shared<Options>();
    auto& request = options->request;
    add_group_options(app, request);
    app.add_option("-o,--out", request.out,
                   "Write the flags to this .npz: [baseline][integration][channel][correlation], one byte each");
    app.add_option("--ms", options->ms, "Write the group with these flags as a Measurement Set");
    app.add_option("--report", options->report,
                   "Draw how much of each integration and channel is lost (default flags.png)")
        ->value_or("flags.png");
    auto overrides = add_stage_options(app, {"read", "convert", "flag", "export"}, {"ms"});
    return [options, overrides, &globals] { return flag_verb(*options, *overrides, globals); };
}

VerbRegistrar const here{{"flag", "Flag a group and say what was lost to which rule", &declare}};

}  // namespace flag_verb
}  // namespace nocturne::cli
