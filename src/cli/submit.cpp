// Verb `submit`: the jobs of a job file as jobs of Slurm, or here and now.
#include "cli/submit_options.hpp"

namespace nocturne::cli {
namespace submit_verb {

std::function<int()> declare(App& app, Globals const& globals)
{
    auto o = std::make_shared<SubmitOptions>();
    o->declare(app);
    return [o, &globals] { return hand_over(o->request(globals), *o, globals); };
}

VerbRegistrar const here{{"submit", "Submit the jobs of a job file to Slurm", &declare}};

}  // namespace submit_verb
}  // namespace nocturne::cli
