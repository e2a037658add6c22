// Enters: parameters and a group's state. Leaves: the request for its Measurement Set.
#include "driver/calibration.hpp"
#include "driver/ms_export.hpp"
#include "nocturne/correlation.hpp"
#include "nocturne/nearest.hpp"
#include "nocturne/set_layout.hpp"
#include "nocturne/text.hpp"
#include "nocturne/version.hpp"
#include "sky/frames.hpp"

#include <algorithm>
#include <array>
#include <ctime>
#include <filesystem>
#include <map>
#include <sstream>

namespace nocturne {
namespace {

constexpr double unix_epoch_mjd_s = 40587 * day_s;

MsColumns parse_columns(std::string const& text)
{
    static std::vector<std::string> const known{"DATA",           "FLAG",       "WEIGHT_SPECTRUM",
                                                "CORRECTED_DATA", "MODEL_DATA", "all"};
    MsColumns columns{false, false, false};
    std::istringstream list(text);
    for (std::string word; std::getline(list, word, ',');) {
        bool const all = word == "all";
        columns.weight_spectrum |= all || word == "WEIGHT_SPECTRUM";
        columns.corrected_data |= all || word == "CORRECTED_DATA";
        columns.model_data |= all || word == "MODEL_DATA";
        if (std::find(known.begin(), known.end(), word) == known.end())
            throw Error(Code::bad_config, "columns names '" + word + "'",
                        "a Measurement Set of ours has DATA and FLAG, and WEIGHT_SPECTRUM, CORRECTED_DATA, MODEL_DATA" +
                            did_you_mean(word, known),
                        "separate them by commas, or say all");
    }
    return columns;
}

bool same(Direction a, Direction b) { return a.ra == b.ra && a.dec == b.dec; }

/// One field for all moments.
void one_field(MsRequest& request, GroupState const& state)
{
    if (!state.moment_centres.empty())
        throw Error(Code::bad_config, "one field, where every integration keeps its own phase centre",
                    "phase-center is each", "ask for fields per-time, or for one phase-center");
    auto const name = state.field_names.empty() ? state.header.group_id : state.field_names.front();
    request.fields = {{name, state.centre}};
    auto const n = state.header.all_moments().size();
    request.field_of_moment.assign(n, 0);
}

/// A field for each direction and name that moments have, in the order of time.
void fields_of_moments(MsRequest& request, GroupState const& state)
{
    auto const n = state.header.all_moments().size();
    bool const named = state.field_names.size() == n;
    for (std::size_t m = 0; m < n; ++m) {
        auto const centre = state.moment_centres.empty() ? state.centre : state.moment_centres[m];
        auto const name =
            named ? state.field_names[m]
                  : (state.field_names.empty() ? "field" : state.field_names.front()) + "_t" + std::to_string(m);
        auto const known = std::find_if(request.fields.begin(), request.fields.end(),
                                        [&](MsField const& f) { return f.name == name && same(f.direction, centre); });
        request.field_of_moment.push_back(static_cast<std::int32_t>(known - request.fields.begin()));
        if (known == request.fields.end()) request.fields.push_back({name, centre});
    }
}

/// Everything is where it was: nothing is moved, and the UVW of the set are used.
bool fields_stay(GroupState const& state)
{
    auto const& header = state.header;
    auto const moments = header.all_moments();
    if (header.file_uvw_m.empty() || header.old_phasing) return false;
    for (std::size_t m = 0; m < moments.size(); ++m) {
        auto const& own = header.centres[static_cast<std::size_t>(moments[m].centre)];
        auto const& now = state.moment_centres.empty() ? state.centre : state.moment_centres[m];
        if (own.kind != PhaseReference::icrs || !same(own.direction, now)) return false;
    }
    return true;
}

/// Windows of a set are its own where they are not merged, or where there is one.
MsKept kept_of(GroupState const& state, MsExportOptions const& options)
{
    auto const& header = state.header;
    if (!header.set) return {};
    bool const windows = options.windows == MsWindows::split || header.set->windows.size() == 1,
               correlations = options.correlations == MsCorrelations::as_is || header.set->correlations.size() == 4;
    MsKept kept;
    kept.rows = windows && correlations;
    kept.weights = kept.rows && !state.calibration && state.solutions.empty();
    kept.fields = kept.rows && fields_stay(state);
    return kept;
}

/// A column that the set has is taken over with the rows, solutions that are applied now aside. Where rows or phase centres are not
/// kept it stays behind, and what is asked for by its name is a new one.
void settle_columns(MsRequest& request, GroupState const& state)
{
    if (!state.header.set) return;
    auto const& there = state.header.set->columns;
    auto const has = [&](char const* name) { return std::find(there.begin(), there.end(), name) != there.end(); };
    bool const calibrated = state.calibration || !state.solutions.empty();
    auto& columns = request.columns;
    if (request.kept.rows && request.kept.fields) {
        if (has("MODEL_DATA")) columns.model_data = false;
        if (has("CORRECTED_DATA") && !calibrated) columns.corrected_data = false;
        return;
    }
    if (there.empty()) return;
    auto text = join(there) + " of " + state.header.set->path + " stay behind: " +
                (request.kept.rows
                     ? "the phase centre is another one here (--fields per-time, without --phase-center, keeps it)"
                     : "rows are other ones here (--spw split and --correlations as-is keep them)");
    if (columns.corrected_data && has("CORRECTED_DATA") && !calibrated) text += "; the new CORRECTED_DATA is DATA";
    if (columns.model_data && has("MODEL_DATA")) text += "; the new MODEL_DATA is 1 Jy at the centre";
    request.warnings.push_back(std::move(text));
}

/// Where the sky drifted through the beam, or the fields are other places than those that the dishes looked at.
void keep_pointings(MsRequest& request, GroupState const& state)
{
    if (request.kept.rows && request.kept.fields) return;  // POINTING comes along
    constexpr double least_rad = 1e-9;
    auto const apart = [](Direction a, Direction b) { return separation(a, b).value() > least_rad; };
    auto const moments = state.header.all_moments();
    std::map<double, Direction> at_time;
    bool elsewhere = false, several = false;
    for (std::size_t m = 0; m < state.pointings.size() && m < request.field_of_moment.size(); ++m) {
        auto const& looked = state.pointings[m];
        elsewhere =
            elsewhere || apart(looked, request.fields[static_cast<std::size_t>(request.field_of_moment[m])].direction);
        several = several || apart(looked, at_time.try_emplace(moments[m].time_mjd_s, looked).first->second);
    }
    if (elsewhere && several)
        request.warnings.push_back(
            "several phase centres at one time: POINTING does not say where the dishes looked, "
            "and beams follow the fields of the set (--fields per-time keeps them)");
    else if (elsewhere)
        request.pointings = state.pointings;
}

/// Four correlations of which a parallel hand was not measured have no Stokes I.
void warn_of_lacking_hand(MsRequest& request)
{
    if (request.correlations != MsCorrelations::all4) return;
    auto const& hands = request.header.correlations;
    auto const has = [&](Correlation hand) { return place_of(hand, hands) >= 0; };
    using enum Correlation;
    for (auto const& [first, second, cross, other_cross] : {std::array{XX, YY, XY, YX}, std::array{RR, LL, RL, LR}}) {
        bool const one = has(first), other = has(second);
        if ((one && other) || !(one || other || has(cross) || has(other_cross))) continue;
        auto const lacking =
            std::string(one ? "" : name(first)) + (one || other ? "" : " and ") + (other ? "" : name(second));
        request.warnings.push_back("nobody measured " + lacking +
                                   ", here 0 without weight: the set has no Stokes I (--correlations as-is leaves out "
                                   "what is not there)");
    }
}

/// Scans as the data have them; else one for each stretch of time through which a field is observed (several fields may share it).
std::vector<std::int32_t> scans(MsRequest const& request)
{
    auto const moments = request.header.all_moments();
    std::vector<std::int32_t> list(moments.size());
    std::map<double, std::vector<std::size_t>> at_time;
    for (std::size_t m = 0; m < moments.size(); ++m) {
        list[m] = moments[m].scan;
        at_time[moments[m].time_mjd_s].push_back(m);
    }
    if (std::any_of(list.begin(), list.end(), [](std::int32_t scan) { return scan != 0; })) return list;
    struct Stretch {
        std::size_t last = 0;
        std::int32_t scan = 0;
    };
    std::map<std::int32_t, Stretch> of_field;
    std::int32_t scan = 0;
    std::size_t time = 1;
    for (auto const& [when, together] : at_time) {
        for (auto m : together) {
            auto& stretch = of_field[request.field_of_moment[m]];
            if (stretch.last == 0 || stretch.last + 1 < time) stretch.scan = ++scan;
            stretch.last = time;
            list[m] = stretch.scan;
        }
        ++time;
    }
    return list;
}

void refuse_input(std::string const& path, MsInputs const& inputs)
{
    std::error_code absent;
    auto const parent = std::filesystem::absolute(path + "/.").lexically_normal().parent_path().parent_path();
    if (!inputs.scanned.empty() && std::filesystem::equivalent(parent, inputs.scanned, absent))
        throw Error(Code::usage, "the Measurement Set " + path + " would lie among the inputs",
                    "whoever looks into " + inputs.scanned + " the next time takes it for another group",
                    "choose another directory for it");
    for (auto const& input : inputs.paths)
        if (std::filesystem::equivalent(path, input, absent))
            throw Error(Code::usage, "the Measurement Set " + path + " is the input", "inputs are never written to",
                        "choose another place for it");
}

}  // namespace

MsExportOptions ms_export_options(Params const& params)
{
    MsExportOptions options;
    options.fields = params.text("fields") == "per-time" ? MsFields::per_time : MsFields::one;
    options.windows = params.text("spw") == "split" ? MsWindows::split : MsWindows::merged;
    options.correlations = params.text("correlations") == "all4" ? MsCorrelations::all4 : MsCorrelations::as_is;
    options.columns = parse_columns(params.text("columns"));
    options.telescope_name = params.text("telescope-name");
    return options;
}

std::optional<MsWish> ms_wish(Job const& job, std::string const& beside, MsInputs const& inputs)
{
    for (auto const& task : job.tasks) {
        if (task.stage->name != "export") continue;
        auto const& text = task.params.text("ms");
        if (text.empty() || text == "off") continue;
        if (text == "on" && beside.empty())
            throw Error(Code::bad_config, "ms is on", "there is no place for it here", "name the Measurement Set");
        MsWish wish{text == "on" ? beside : text, ms_export_options(task.params)};
        wish.options.columns.corrected_data |= exports_corrected(job);
        refuse_input(wish.path, inputs);
        return wish;
    }
    return std::nullopt;
}

MsRequest ms_request_of(GroupState const& state, MsExportOptions const& options)
{
    MsRequest request;
    request.header = state.header;
    request.windows = options.windows;
    request.correlations = options.correlations;
    request.columns = options.columns;
    request.kept = kept_of(state, options);
    if (options.fields == MsFields::one)
        one_field(request, state);
    else
        fields_of_moments(request, state);
    keep_pointings(request, state);
    request.scan_of_moment = scans(request);
    auto const& site = state.header.site;
    request.telescope_name = options.telescope_name.empty() ? site.telescope_name : options.telescope_name;
    request.version = code_version();
    request.now_mjd_s = unix_epoch_mjd_s + static_cast<double>(std::time(nullptr));
    request.history = {"nocturne " + request.version + ": group " + state.header.group_id,
                       "telescope " + site.telescope_name + " in the files, " + request.telescope_name +
                           " here; site from " + site.origin};
    if (!state.earth_note.empty()) request.history.push_back(state.earth_note);
    settle_columns(request, state);
    warn_of_lacking_hand(request);
    for (auto const& warning : request.warnings) request.history.push_back("note " + warning);
    for (auto const& note : state.notes) request.history.push_back("note " + note);
    if (auto const& use = state.calibration) {
        request.history.push_back(std::string("CORRECTED_DATA by solutions, ") + name(use->provenance) + ", " +
                                  use->method);
        for (auto const& file : use->files) request.history.push_back("solutions " + file.xxh128 + " " + file.path);
        for (auto const& waived : use->waived) request.history.push_back("forced " + waived);
    }
    for (auto const& subband : state.header.subbands)
        if (subband.n_channels > 0)
            request.history.push_back("input " + (subband.xxh128.empty() ? "" : subband.xxh128 + " ") + subband.path);
    return request;
}

}  // namespace nocturne
