// Verb `selfcal`: a group imaged, solved on its own CLEAN components, and imaged again, while that makes it better.
#include "cli/group_options.hpp"
#include "cli/stage_options.hpp"
#include "driver/selfcal_files.hpp"

#include <cstdio>
#include <iostream>

#include <spdlog/spdlog.h>

namespace nocturne::cli {
namespace selfcal_verb {

nlohmann::ordered_json to_json(SelfCalRound const& round)
{
    return {{"round", round.number},        {"mode", round.mode},          {"stem", round.stem},
            {"solutions", round.solutions}, {"model", round.model},        {"sources", round.n_sources},
            {"peak_jy", round.peak_jy},     {"noise_jy", round.noise_jy},  {"dynamic_range", round.dynamic_range},
            {"kept", round.kept},           {"why_ended", round.why_ended}};
}

void print_text(std::vector<SelfCalRound> const& rounds)
{
    for (auto const& round : rounds) {
        char text[160];
        std::snprintf(text, sizeof text, "round %d %-2s  peak %.4g Jy, noise %.4g mJy, dynamic range %.4g%s",
                      round.number, round.mode.c_str(), round.peak_jy, 1e3 * round.noise_jy, round.dynamic_range,
                      round.kept ? "" : ", ended: ");
        std::cout << text << round.why_ended << "\n";
    }
    std::cout << "best: " << best_of(rounds).stem << "\n";
}

int selfcal_verb(SelfCalRequest request, Globals const& globals)
{
    request.overrides.try_emplace("niter", "1000");
    complete(request, globals);
    return on_all_ranks([&](Ranks const& world) {
        auto const rounds = self_calibrate_files(request, world);
        if (!world.leader()) return 0;
        std::string together;
        for (auto const& note : notes_of_rounds(rounds)) {
            spdlog::warn("{}", note);
            together += (together.empty() ? "" : "; ") + note;
        }
        if (!globals.json) {
            print_text(rounds);
            return 0;
        }
        auto list = nlohmann::ordered_json::array();
        for (auto const& round : rounds) list.push_back(to_json(round));
        print_json({{"rounds", list}, {"best", to_json(best_of(rounds))}, {"note", together}});
        return 0;
    });
}

std::function<int()> declare(App& app, Globals const& globals)
{
    auto request = std::make_shared<SelfCalRequest>();
    add_group_options(app, *request);
    request->rounds = "p,p,ap";
    app.add_option("-o,--out", request->stem,
                   "Stem of the products: STEM-r0-image.fits before, STEM-r1-image.fits and STEM-r1.h5 of round 1 …")
        ->required();
    app.add_option("--rounds", request->rounds,
                   "Rounds at most: p phases of each solint, ap amplitudes and phases of the whole group on top of the "
                   "best; default p,p,ap");
    auto overrides =
        add_stage_options(app, {"read", "convert", "flag", "apply", "image", "solve"},
                          {"from", "force", "model", "model-column", "types", "calmode", "solnorm", "follow-drift"});
    add_force(app, overrides);
    return [request, overrides, &globals] {
        request->overrides = *overrides;
        return selfcal_verb(*request, globals);
    };
}

VerbRegistrar const here{
    {"selfcal", "Self-calibrate a group on its own CLEAN components, while its dynamic range rises", &declare}};

}  // namespace selfcal_verb
}  // namespace nocturne::cli
