#include "stages/solve/settings.hpp"

#include <sstream>

namespace nocturne {
namespace {

/// DSA-110's order: outriggers first, where few baselines are short.
constexpr char const* dsa_chain = "104,105,106,107,108,109,110,111,112,113,114,115,116,103,117";

std::vector<std::string> split(std::string const& text)
{
    std::vector<std::string> words;
    std::istringstream in(text);
    for (std::string word; std::getline(in, word, ',');)
        if (!word.empty()) words.push_back(word);
    return words;
}

void choose_types(std::string const& text, SolveSettings& settings)
{
    for (auto const& word : split(text)) {
        if (word != "K" && word != "B" && word != "G" && word != "J")
            throw Error(Code::bad_config, "parameter types = '" + text + "'", "'" + word + "' is no type",
                        "name K (delays), B (bandpass), G (gains), joined by commas, or J (Jones matrices)");
        bool const again = (word == "K" && settings.delays) || (word == "B" && settings.bandpass) ||
                           (word == "G" && settings.gains) || (word == "J" && settings.jones);
        if (again)
            throw Error(Code::bad_config, "parameter types = '" + text + "'", "'" + word + "' stands there twice",
                        "name each kind once");
        settings.delays = settings.delays || word == "K";
        settings.bandpass = settings.bandpass || word == "B";
        settings.gains = settings.gains || word == "G";
        settings.jones = settings.jones || word == "J";
    }
    bool const diagonal = settings.delays || settings.bandpass || settings.gains;
    if (!diagonal && !settings.jones)
        throw Error(Code::bad_config, "parameter types is empty", "nothing is to be solved for", "name K, B, G or J");
    if (diagonal && settings.jones)
        throw Error(Code::bad_config, "parameter types = '" + text + "'",
                    "Jones matrices hold what K, B and G hold, and more", "name J alone, or K, B and G");
}

std::string method_text(Params const& params)
{
    std::string text = "StEFCal on sums over time";
    if (params.number("robust-freedom") > 0) text += ", weights of Student's t";
    for (auto const& [key, value] : params.values()) {
        std::ostringstream shown;
        std::visit([&](auto const& v) { shown << v; }, value);
        if (shown.str().find('\n') != std::string::npos) continue;  // a list of sources: the table's model says them
        text += "; " + key + "=" + shown.str();
    }
    return text;
}

std::vector<ParamSpec> model_params()
{
    return {
        {"model", "", std::string(),
         "Sources: CSV with name, ra_deg, dec_deg, flux_jy, spix (intrinsic at 1.4 GHz), of Gaussians major_arcsec, "
         "minor_arcsec, pa_deg; empty: the calibrator of the catalogue and what else is in the beam"},
        {"model-column", "", std::string(),
         "Column of the Measurement Set that holds the model visibilities, such as MODEL_DATA; empty: sources"},
        {"model-catalog", "", std::string(),
         "Catalogue of nocturne catalog build, or a CSV; empty: the VLA's calibrators, shipped"},
        {"model-beam", "", std::string("airy"), "Primary beam that the model is seen through", {"airy", "none"}},
        {"model-radius", "deg", 1.0, "How far from the pointing the calibrator may be", {}, 0, 90},
        {"model-field",
         "deg",
         0.0,
         "How far from the pointing other sources of the catalogue are looked for; auto, or 0: as far as the sky goes "
         "where the model is seen through a beam, 3 where it is not",
         {"auto"},
         0,
         90},
        {"model-least-share",
         "",
         0.01,
         "Catalogue sources that are seen through the beam with less than this share of the brightest are left out",
         {},
         0,
         1},
    };
}

std::vector<ParamSpec> robust_params()
{
    return {
        {"robust-freedom",
         "",
         0.0,
         "Weights of Student's t with so many degrees of freedom (5 is usual), against outliers that no flag catches; "
         "0: "
         "least squares",
         {},
         0},
        {"robust-rounds", "", std::int64_t(6), "Rounds of robust weights, each a pass over the samples", {}, 1, 50},
    };
}

std::vector<ParamSpec> interval_params()
{
    return {
        {"solint", "s", 60.0, "Solution interval of G and J; 0: the whole group", {}, 0},
        {"follow-drift", "", true,
         "Where gains change by more from one interval to the next than the solutions' own errors, the group is solved "
         "again with shorter "
         "intervals, down to one integration"},
        {"jones-channels", "", std::int64_t(1), "Channels of one solution of J; 0: the whole band", {}, 0},
        {"prebp-solint",
         "s",
         60.0,
         "Interval of the phases that are taken out before the bandpass is solved (the shorter of it and solint is "
         "taken); 0: none are",
         {},
         0},
    };
}

/// What is asked for and would change nothing is a slip.
void refuse_what_jones_lacks(SolveSettings const& s)
{
    auto const refuse = [](char const* name) {
        throw Error(Code::bad_config, std::string("parameter ") + name + " with types = J",
                    "that is there for K, B and G",
                    std::string("leave ") + name + " as it is, or solve for K, B and G");
    };
    if (s.robust > 0) refuse("robust-freedom");
    if (s.gain_mode == SolveMode::phase) refuse("calmode");
    if (s.normalise) refuse("solnorm");
    if (s.unbias) refuse("unbias");
}

}  // namespace

std::vector<ParamSpec> solve_params()
{
    std::vector<ParamSpec> all{
        {"types", "", std::string("K,B,G"),
         "What is solved for: K delays, B bandpass, G gains per interval; or J: 2 × 2 Jones matrices per interval"},
        {"calmode", "", std::string("ap"), "G: ap amplitude and phase, p phase alone", {"ap", "p"}},
        {"solnorm", "", false,
         "G: amplitudes over their mean in each hand, so that the scale of fluxes stays as it was: for "
         "self-calibration"},
        {"minsnr", "", 3.0, "Solutions below this signal to noise are flagged", {}, 0},
        {"minblperant", "", std::int64_t(4), "Baselines that an antenna needs", {}, 1},
        {"minant", "", std::int64_t(4), "Antennas that a solve needs", {}, 2},
        {"uv-min", "lambda", 0.0, "Shorter baselines are left out, at the middle of band and time", {}, 0},
        {"uv-max", "lambda", 0.0, "Longer baselines are left out; 0: none", {}, 0},
        {"refant", "", std::string(dsa_chain),
         "Names of antennas, the first healthy one is the reference; where none is there, the healthiest"},
        {"refant-most-flagged", "", 0.5, "An antenna with more of its samples unused is not healthy", {}, 0, 1},
        {"gauge",
         "",
         std::string("mean"),
         "mean: the antennas' mean phase, which adds no noise; reference: the reference antenna has phase 0",
         {"mean", "reference"}},
        {"max-iterations", "", std::int64_t(100), "Of one solve", {}, 2},
        {"tolerance",
         "",
         1e-5,
         "Relative change over a pair of iterations at which a solve has converged",
         {},
         1e-6,
         0.1},
        {"unbias", "", false, "Amplitudes times 1 − σ²/2: takes the Rician bias off, which matters below 2 Jy"},
        {"earth-table", "", std::string(), "Earth-orientation table; empty: NOCTURNE_EARTH, else the one shipped"},
    };
    auto const model = model_params(), intervals = interval_params();
    all.insert(all.begin() + 1, intervals.begin(), intervals.end());
    all.insert(all.begin() + 1, model.begin(), model.end());
    auto const robust = robust_params();
    all.insert(all.end() - 2, robust.begin(), robust.end());
    return all;
}

SolveSettings solve_settings(Params const& params)
{
    SolveSettings s;
    choose_types(params.text("types"), s);
    s.model_csv = params.text("model");
    s.earth_table = params.text("earth-table");
    s.method = method_text(params);
    s.beam = params.text("model-beam") == "airy" ? BeamModel::airy : BeamModel::none;
    s.calibrator_radius_rad = params.number("model-radius") * degree_rad;
    s.field_radius_rad = params.number("model-field") * degree_rad;
    s.catalogue = params.text("model-catalog");
    s.least_flux_share = params.number("model-least-share");
    s.gain_interval_s = params.number("solint");
    s.phase_interval_s = params.number("prebp-solint");
    s.gain_mode = params.text("calmode") == "p" ? SolveMode::phase : SolveMode::amplitude_and_phase;
    s.normalise = params.flag("solnorm");
    s.least_snr = params.number("minsnr");
    s.least_uv_lambda = params.number("uv-min");
    s.most_uv_lambda = params.number("uv-max");
    s.least_baselines = static_cast<int>(params.integer("minblperant"));
    s.least_antennas = static_cast<int>(params.integer("minant"));
    s.max_iterations = static_cast<int>(params.integer("max-iterations"));
    s.tolerance = static_cast<float>(params.number("tolerance"));
    s.reference_chain = split(params.text("refant"));
    s.reference_flagged = params.number("refant-most-flagged");
    s.gauge = params.text("gauge") == "mean" ? Gauge::mean : Gauge::reference;
    s.unbias = params.flag("unbias");
    s.model_column = params.text("model-column");
    s.robust = params.number("robust-freedom");
    s.robust_rounds = static_cast<int>(params.integer("robust-rounds"));
    s.jones_channels = static_cast<int>(params.integer("jones-channels"));
    if (s.jones) refuse_what_jones_lacks(s);
    if (!s.model_column.empty() && !s.model_csv.empty())
        throw Error(Code::bad_config, "parameters model and model-column are both given", "the model is one of them",
                    "leave one empty");
    return s;
}

}  // namespace nocturne
