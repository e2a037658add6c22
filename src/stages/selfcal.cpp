// Stage `selfcal`: self-calibration of a group in a job (contract A4.9). Enters: the CLEANed image of the task before. Leaves: nothing; the driver
// solves on the components and has the tasks before done again, while that makes the image better (driver/selfcal_task.hpp).
#include "stages/selfcal.hpp"

#include "nocturne/stage.hpp"
#include "stages/solve/settings.hpp"

#include <algorithm>
#include <sstream>

namespace nocturne {

std::vector<std::string> split_rounds(std::string const& text, Code code)
{
    std::vector<std::string> rounds;
    std::istringstream words(text);
    for (std::string word; std::getline(words, word, ',');) {
        if (word != "p" && word != "ap")
            throw Error(code, "rounds '" + text + "'", "'" + word + "' is no kind of round",
                        "say p (phases) or ap (amplitudes and phases), joined by commas");
        rounds.push_back(word);
    }
    if (rounds.empty()) throw Error(code, "rounds are empty", "there is nothing to do", "say p,p,ap");
    return rounds;
}

namespace selfcal_stage {

class SelfCalPass : public Pass {
public:
    std::string name() const override { return "selfcal"; }
    Scope scope() const override { return Scope::group; }
    std::vector<Field> reads() const override { return {Field::header, Field::images}; }
    std::vector<Field> writes() const override { return {}; }
    void run(GroupState&) override {}
};

/// What a round says to the stage solve; the rest follows from what a round is.
std::vector<ParamSpec> params()
{
    std::vector<ParamSpec> all{{"rounds", "", std::string("p,p,ap"),
                                "Rounds at most: p phases of each solint, ap amplitudes and phases of the whole group "
                                "on top of the best; they "
                                "end where the dynamic range does not rise; none: the image stays as it is"}};
    constexpr char const* of_solve[] = {"solint",         "minsnr",    "minblperant",    "minant",
                                        "uv-min",         "uv-max",    "refant",         "gauge",
                                        "max-iterations", "tolerance", "robust-freedom", "robust-rounds"};
    for (auto const& spec : solve_params())
        if (std::find(std::begin(of_solve), std::end(of_solve), spec.name) != std::end(of_solve)) all.push_back(spec);
    return all;
}

Passes make(Params const& params)
{
    Passes passes;
    if (params.text("rounds") == "none") return passes;
    split_rounds(params.text("rounds"), Code::bad_config);
    passes.push_back(std::make_unique<SelfCalPass>());
    return passes;
}

StageRegistrar const here{
    {"selfcal", "Self-calibrates a group on its own CLEAN components, while its dynamic range rises", params(), &make}};

}  // namespace selfcal_stage
}  // namespace nocturne
