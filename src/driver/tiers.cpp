#include "driver/tiers.hpp"

#include <algorithm>

namespace nocturne {

std::map<std::string, std::string> const& tier_values(std::string const& tier)
{
    using Values = std::map<std::string, std::string>;
    static std::map<std::string, Values> const all{
        {"none", {}},
        // A look: half the resolution, weights that need one pass over the samples, no CLEAN.
        {"quicklook",
         {{"imsize", "1200"}, {"cell", "12"}, {"weighting", "natural"}, {"epsilon", "1e-3"}, {"niter", "0"}}},
        // The middle of the field, quickly: for trying parameters out.
        {"development", {{"imsize", "1024"}, {"cell", "6"}, {"epsilon", "1e-3"}, {"niter", "300"}}},
        // The continuum imaging that DSA-110 validated.
        {"standard",
         {{"imsize", "2400"},
          {"cell", "6"},
          {"weighting", "briggs"},
          {"robust", "0.5"},
          {"epsilon", "1e-4"},
          {"niter", "1000"},
          {"mgain", "0.8"},
          {"auto-mask", "5"},
          {"auto-threshold", "1"}}},
        // Twice the pixels over the same field, a tenth of the error, as deep as its survey went.
        {"high_precision",
         {{"imsize", "4800"},
          {"cell", "3"},
          {"weighting", "briggs"},
          {"robust", "0.5"},
          {"epsilon", "1e-5"},
          {"niter", "10000"},
          {"mgain", "0.8"},
          {"auto-mask", "5"},
          {"auto-threshold", "1"}}},
    };
    auto const found = all.find(tier);
    if (found == all.end())
        throw Error(Code::defect, "tier " + tier, "stage image lists it, and it has no values",
                    "report this as a defect");
    return found->second;
}

namespace {

Params const* of_image(Job const& job)
{
    auto const task =
        std::find_if(job.tasks.begin(), job.tasks.end(), [](Task const& t) { return t.stage->name == "image"; });
    return task == job.tasks.end() ? nullptr : &task->params;
}

}  // namespace

std::string tier_of(Job const& job)
{
    auto const* const params = of_image(job);
    return params ? params->text("tier") : "none";
}

double detect_sigma_of(Job const& job)
{
    auto const* const params = of_image(job);
    return params && params->flag("per-integration") ? params->number("detect") : 0;
}

}  // namespace nocturne
