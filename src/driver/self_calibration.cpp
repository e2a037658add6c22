#include "driver/self_calibration.hpp"

#include "nocturne/check.hpp"
#include "sky/frames.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace nocturne {
namespace {

constexpr std::size_t most_sources = 100;
constexpr double least_share = 0.005;  ///< of the brightest source
constexpr double least_sigma = 5;      ///< of the image's noise: what phases that are wrong scatter about stays out
constexpr double same_size = 0.1;      ///< widths that differ by less
/// The peak of an image that reaches it is a source; of one that does not and then rises so many times, it was one of noise, perhaps.
constexpr double certain_range = 12, sudden_rise = 3;

/// Where the last round still made the image better by a tenth; "" else.
std::string note_of_last_round(std::vector<SelfCalRound> const& rounds)
{
    if (rounds.size() < 2 || !rounds.back().kept) return "";
    double const before = rounds[rounds.size() - 2].dynamic_range, after = rounds.back().dynamic_range;
    if (after < 1.1 * before) return "";
    char text[300];
    std::snprintf(
        text, sizeof text,
        "self-calibration ended with its last round while the dynamic range still rose, from %.4g to %.4g: fluxes are "
        "low until it settles; give more rounds (rounds p,p,p,p,ap,ap)",
        before, after);
    return text;
}

/// Components of one size that lie within half a beam are one source at their centre of flux.
class SourceMerger {
public:
    explicit SourceMerger(double reach_rad) : reach_rad_(reach_rad) {}

    void add(Source const& component)
    {
        for (auto& source : sources_)
            if (std::abs(source.major_rad - component.major_rad) <= same_size * source.major_rad &&
                separation(source.direction, component.direction).value() < reach_rad_) {
                double const sum = source.flux_jy + component.flux_jy, part = component.flux_jy / sum;
                if (!(sum > 0) || !(std::abs(part) < 1)) return;
                auto const toward = [part](Radians from, Radians to) {
                    return Radians(from.value() + part * std::remainder(to.value() - from.value(), 2 * pi));
                };
                source.direction = {toward(source.direction.ra, component.direction.ra),
                                    toward(source.direction.dec, component.direction.dec)};
                source.flux_jy = sum;
                return;
            }
        if (component.flux_jy > 0) sources_.push_back(component);
    }

    std::vector<Source> brighter_than(double least_jy)
    {
        std::stable_sort(sources_.begin(), sources_.end(),
                         [](Source const& a, Source const& b) { return a.flux_jy > b.flux_jy; });
        std::vector<Source> chosen;
        for (auto const& source : sources_)
            if (chosen.size() < most_sources &&
                source.flux_jy >= std::max(least_jy, least_share * sources_.front().flux_jy))
                chosen.push_back(source);
        return chosen;
    }

private:
    double reach_rad_;
    std::vector<Source> sources_;
};

SelfCalRound next_round(std::string const& mode, SelfCalSteps& steps, std::vector<SelfCalRound> const& rounds)
{
    auto const before = best_of(rounds);
    SelfCalRound round;
    round.number = static_cast<int>(rounds.size());
    round.mode = mode;
    try {
        steps.make_model(before, round);
        steps.solve(mode == "p" ? rounds.front() : before, round);
        steps.make_image(round);
    } catch (Error const& error) {  // the same on all ranks
        if (error.code() != Code::qa_fail && error.code() != Code::bad_input) throw;
        round.why_ended = error.what();
        return round;
    }
    round.kept = round.dynamic_range > before.dynamic_range;
    if (!round.kept) round.why_ended = "the dynamic range does not rise";
    return round;
}

}  // namespace

void self_calibrate(std::vector<std::string> const& modes, SelfCalSteps& steps, std::vector<SelfCalRound>& rounds)
{
    for (auto const& mode : modes) {
        rounds.push_back(next_round(mode, steps, rounds));
        steps.settle(rounds.back());
        if (!rounds.back().kept) return;
    }
}

SelfCalRound const& best_of(std::vector<SelfCalRound> const& rounds)
{
    auto const best =
        std::find_if(rounds.rbegin(), rounds.rend(), [](SelfCalRound const& round) { return round.kept; });
    NOCT_CHECK(best != rounds.rend(), "self-calibration without its first image");
    return *best;
}

std::string doubt_of_places(SelfCalRound const& first, double dynamic_range)
{
    bool const sure = first.calibrated || first.dynamic_range >= certain_range;
    if (sure || dynamic_range < sudden_rise * first.dynamic_range) return "";
    char text[300];
    std::snprintf(text, sizeof text,
                  "positions may be those of a noise peak: self-calibration began without solutions at a dynamic range "
                  "of %.3g and came to %.4g, so the whole sky may lie arcminutes off; calibrate first, or compare with "
                  "a catalogue",
                  first.dynamic_range, dynamic_range);
    return text;
}

std::vector<std::string> notes_of_rounds(std::vector<SelfCalRound> const& rounds)
{
    std::vector<std::string> notes{doubt_of_places(rounds.front(), best_of(rounds).dynamic_range),
                                   note_of_last_round(rounds)};
    std::erase(notes, "");
    return notes;
}

std::string describe(SelfCalStep const& step)
{
    char text[200];
    if (step.number == 0)
        std::snprintf(text, sizeof text, "before self-calibration: noise %.3g mJy, dynamic range %.4g",
                      1e3 * step.noise_jy, step.dynamic_range);
    else
        std::snprintf(text, sizeof text,
                      "self-calibration round %d (%s): %d sources, noise %.3g mJy, dynamic range %.4g", step.number,
                      step.mode.c_str(), step.n_sources, 1e3 * step.noise_jy, step.dynamic_range);
    return text + (step.kept ? std::string() : ", not kept: " + step.why_ended);
}

std::vector<Source> model_sources(std::vector<Source> const& components, double beam_rad, SelfCalStep const& from,
                                  std::string const& image)
{
    SourceMerger merger(beam_rad / 2);
    for (auto const& component : components) merger.add(component);
    auto sources = merger.brighter_than(least_sigma * from.noise_jy);
    if (sources.empty())
        throw Error(Code::bad_input, "there is no model to calibrate on",
                    "no component of CLEAN is above five times the noise",
                    "look at " + image + "; lower auto-mask, or take a brighter field");
    return sources;
}

std::map<std::string, ParamValue> solve_of_round(std::string const& mode, std::string const& model, ModelFluxes fluxes)
{
    std::map<std::string, ParamValue> values{
        {"types", std::string("G")},
        {"calmode", mode},
        {"model", model},
        {"model-beam", std::string(fluxes == ModelFluxes::apparent ? "none" : "airy")},
        {"follow-drift", false},
        {"solnorm", mode == "ap"}};
    if (mode == "ap") values["solint"] = 0.0;
    return values;
}

void check_model_of_rounds(Params const& image)
{
    auto const refuse = [](std::string const& what, char const* reason, char const* what_to_do) {
        throw Error(Code::bad_config, "self-calibration with " + what, reason, what_to_do);
    };
    if (auto const& stokes = image.text("stokes"); stokes != "I")
        refuse("stokes = " + stokes, "gains of both hands are solved on total intensity",
               "self-calibrate on I; image the rest with the solutions of its best round");
    auto const& beam = image.text("model-beam");
    if (beam == "gaussian" || beam == "file" || !image.text("beam-file").empty())
        refuse("model-beam = " + (beam == "gaussian" ? beam : "file"),
               "gains are solved on a model that is seen through the Airy pattern, or through no beam",
               "say model-beam airy or none; image with this beam and the solutions of the best round");
}

}  // namespace nocturne
