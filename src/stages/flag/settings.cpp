#include "stages/flag/settings.hpp"

#include "nocturne/nearest.hpp"
#include "nocturne/text.hpp"
#include "nocturne/units.hpp"

#include <charconv>
#include <sstream>

namespace nocturne {
namespace {

double number_of(std::string const& text, std::string const& parameter, char const* wanted)
{
    double value = 0;
    auto const end = text.data() + text.size();
    auto const result = std::from_chars(text.data(), end, value);
    if (result.ec != std::errc() || result.ptr != end)
        throw Error(Code::bad_config, "parameter " + parameter + ": '" + text + "'", "it is not a number",
                    std::string("give ") + wanted);
    return value;
}

void read_hand_made(Params const& params, FlagSettings& settings)
{
    for (auto const& word : split(params.text("flag-antennas")))
        settings.antennas.push_back(static_cast<int>(number_of(word, "flag-antennas", "antenna numbers, 12,37")));
    for (auto const& word : split(params.text("flag-mhz"))) {
        auto const dash = word.find('-', 1);
        if (dash == std::string::npos)
            throw Error(Code::bad_config, "parameter flag-mhz: '" + word + "'", "it is not a range",
                        "write 1417.5-1418.2");
        double const low = number_of(word.substr(0, dash), "flag-mhz", "LOW-HIGH"),
                     high = number_of(word.substr(dash + 1), "flag-mhz", "LOW-HIGH");
        if (!(low <= high))
            throw Error(Code::bad_config, "parameter flag-mhz: '" + word + "'", "its end lies below its beginning",
                        "write the lower frequency first: " + word.substr(dash + 1) + "-" + word.substr(0, dash));
        settings.bands_hz.emplace_back(1e6 * low, 1e6 * high);
    }
}

/// A function: stages are declared before main, in any order.
std::vector<std::string> const& presets()
{
    static std::vector<std::string> const names{"default", "aggressive", "aoflagger"};
    return names;
}

/// The first of the strategy, else the preset.
std::string preset_of(Params const& params)
{
    auto const words = split(params.text("strategy"));
    for (auto const& word : words)
        if (std::find(presets().begin(), presets().end(), word) == presets().end())
            throw Error(Code::bad_config, "parameter strategy: '" + word + "'", "no preset has that name",
                        "default, aggressive, aoflagger" + did_you_mean(word, presets()));
    return words.empty() ? params.text("preset") : words.front();
}

/// Nearer to the noise. Growth stays: where much of a band is hit, more of it would take the rest.
void sharpen(FlagSettings& settings)
{
    constexpr double threshold = 0.8, share = 0.5;
    settings.array_z *= threshold;
    settings.antenna_z *= threshold;
    settings.clip_sigma *= threshold;
    settings.rule.base *= static_cast<float>(threshold);
    settings.vote *= share;
    settings.rule.rank *= 2;
}

/// Of the preset. What the user gave of SumThreshold wins; the other numbers are those that `default` has, which `aggressive` sharpens.
void read_search(Params const& params, FlagSettings& settings)
{
    auto const preset = preset_of(params);
    bool const like_aoflagger = preset == "aoflagger";
    settings.rule = like_aoflagger ? SumThresholdRule::like_aoflagger() : SumThresholdRule{};
    auto const given = [&](char const* name, auto& target) {
        if (params.number(name) > 0)
            target = static_cast<std::remove_reference_t<decltype(target)>>(params.number(name));
    };
    given("base-threshold", settings.rule.base);
    given("factor-step", settings.rule.factor_step);
    given("transient-factor", settings.rule.transient_factor);
    if (params.integer("iterations") > 0) settings.rule.iterations = static_cast<int>(params.integer("iterations"));
    if (params.number("rank-operator") >= 0) settings.rule.rank = static_cast<float>(params.number("rank-operator"));
    settings.array_z = like_aoflagger ? 0 : params.number("array-z");
    settings.antenna_z = like_aoflagger ? 0 : params.number("antenna-z");
    settings.bursts = params.flag("bursts");
    settings.dead = !like_aoflagger && params.flag("dead-antennas");
    settings.vote = like_aoflagger ? 0 : params.number("vote");
    settings.clip_sigma = like_aoflagger ? 0 : params.number("clip-sigma");
    settings.grow_time = like_aoflagger ? 1 : params.number("grow-time");
    settings.grow_freq = like_aoflagger ? 1 : params.number("grow-freq");
    if (preset == "aggressive") sharpen(settings);
}

/// Rows, bands or antennas were named to be flagged.
bool asks_for_rows(FlagSettings const& s)
{
    return !s.antennas.empty() || !s.bands_hz.empty() || s.quack_s > 0 || s.min_elevation_rad > 0 || s.min_uv_m > 0 ||
           s.max_uv_m > 0 || s.shadow;
}

/// `only`: a list of rules, all others off but what was asked for by name; "all".
void keep_only(Params const& params, FlagSettings& settings)
{
    auto const words = split(params.text("only"));
    if (words == std::vector<std::string>{"all"}) return;
    std::vector<std::string> const known{"zeros",    "autocorr",  "rows", "dead",      "array",
                                         "antennas", "baselines", "vote", "statistics"};
    auto const has = [&](char const* name) { return std::find(words.begin(), words.end(), name) != words.end(); };
    for (auto const& word : words)
        if (std::find(known.begin(), known.end(), word) == known.end())
            throw Error(Code::bad_config, "parameter only: '" + word + "'", "no rule has that name",
                        "zeros, autocorr, rows, dead, array, antennas, baselines, vote, statistics" +
                            did_you_mean(word, known));
    settings.rows = has("rows") || asks_for_rows(settings);
    settings.dead &= has("dead");
    if (!has("array")) settings.array_z = 0;
    if (!has("antennas")) settings.antenna_z = 0;
    settings.search_baselines = has("baselines") || has("vote");
    if (!has("vote")) settings.vote = 0;
    if (!has("statistics")) settings.clip_sigma = 0;
    settings.interference = settings.dead || settings.rows || settings.array_z > 0 || settings.antenna_z > 0 ||
                            settings.search_baselines || settings.clip_sigma > 0 || settings.largest_jy > 0;
}

}  // namespace

namespace {

std::vector<ParamSpec> search_params()
{
    return {
        {"only", "", "all",
         "The rules that are applied: all; zeros,autocorr; or some of zeros, autocorr, rows, dead, array, antennas, "
         "baselines, vote, statistics"},
        {"preset", "", "default",
         "default: best against the truth; aggressive: its thresholds times 0.8, votes at half the share; "
         "aoflagger: each baseline by itself, as AOFlagger's default strategy, without the rules that it has not "
         "(array-z, antenna-z, dead-antennas, vote, clip-sigma, growth), whatever is said of them",
         presets()},
        {"strategy", "", "",
         "Presets to try one after another until the solutions of the group pass their quality, default,aggressive; in "
         "a run of a job that solves; empty: preset alone"},
        {"array-z", "", 5.0, "Cells where the power of the whole array stands out by so many sigma; 0 = off", {}, 0},
        {"bursts", "", true,
         "array-z flags integrations, one to three, in which the whole array is brighter in the whole band than before "
         "and after, and notes them; false: keeps them, for flares of the sky that snapshots are to find"},
        {"antenna-z", "", 6.0, "The same for the power of each antenna; 0 = off", {}, 0},
        {"dead-antennas", "", true, "Flag antennas, and single hands of them, that hear nothing, whatever they write"},
        {"base-threshold", "", 0.0, "SumThreshold: base threshold; 0 = of the preset (1.2; aoflagger 1)", {}, 0},
        {"iterations",
         "",
         std::int64_t(0),
         "SumThreshold: rounds of search and background fit; 0 = of the preset (3)",
         {},
         0,
         10},
        {"factor-step",
         "",
         0.0,
         "SumThreshold: a round's threshold is so many times the next one's; 0 = of the preset (2)",
         {},
         0},
        {"transient-factor",
         "",
         0.0,
         "SumThreshold: factor on thresholds along frequency; 0 = of the preset (1)",
         {},
         0},
        {"rank-operator",
         "",
         -1.0,
         "Scale-invariant rank operator: eta; negative = of the preset (0.05; aoflagger 0.2)",
         {},
         -1,
         1},
    };
}

std::vector<ParamSpec> joint_params()
{
    return {
        {"vote",
         "",
         0.05,
         "Cells that SumThreshold finds on more than this share of the baselines are flagged on all; 0 = off",
         {},
         0,
         1},
        {"clip-sigma",
         "",
         7.0,
         "Clip amplitudes so many robust sigma above the median of their correlation; 0 = off",
         {},
         0},
        {"grow-time",
         "",
         0.5,
         "Flag a channel of a baseline where interference holds more than this share of its integrations",
         {},
         0,
         1},
        {"grow-freq",
         "",
         0.5,
         "Flag an integration of a baseline where it holds more than this share of its channels",
         {},
         0,
         1},
    };
}

std::vector<ParamSpec> asked_params()
{
    return {
        {"quack", "s", 0.0, "Flag so much from the beginning of the group", {}, 0},
        {"shadow", "", false, "Flag baselines of which one antenna stands before the other"},
        {"min-elevation", "deg", 0.0, "Flag integrations whose centre is lower", {}, 0, 90},
        {"min-uv", "m", 0.0, "Flag projected baselines shorter than this", {}, 0},
        {"max-uv", "m", 0.0, "Flag projected baselines longer than this; 0 = none", {}, 0},
        {"largest", "Jy", 0.0, "Flag amplitudes beyond this; 0 = none", {}, 0},
        {"flag-antennas", "", "", "Antennas to flag by hand: numbers as in the files, 12,37"},
        {"flag-mhz", "", "", "Bands to flag by hand, in MHz: 1417.5-1418.2,1525-1530; every channel that one touches"},
    };
}

}  // namespace

std::vector<ParamSpec> flag_params()
{
    auto all = search_params();
    for (auto const& more : {joint_params(), asked_params()}) all.insert(all.end(), more.begin(), more.end());
    return all;
}

FlagSettings flag_settings(Params const& params)
{
    FlagSettings settings;
    read_search(params, settings);
    settings.quack_s = params.number("quack");
    settings.min_elevation_rad = params.number("min-elevation") * pi / 180;
    settings.min_uv_m = params.number("min-uv");
    settings.max_uv_m = params.number("max-uv");
    settings.largest_jy = params.number("largest");
    settings.shadow = params.flag("shadow");
    read_hand_made(params, settings);
    keep_only(params, settings);
    return settings;
}

}  // namespace nocturne
