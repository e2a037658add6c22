// The stages that are linked in, by name, and the defaults of Pass.
#include "nocturne/nearest.hpp"
#include "nocturne/stage.hpp"

#include <algorithm>

namespace nocturne {
namespace {

std::vector<StageType>& registered()
{
    static std::vector<StageType> all;
    return all;
}

}  // namespace

StageRegistrar::StageRegistrar(StageType type)
{
    auto& all = registered();
    all.push_back(std::move(type));
    std::sort(all.begin(), all.end(), [](StageType const& a, StageType const& b) { return a.name < b.name; });
}

std::vector<StageType> const& stage_types() { return registered(); }

StageType const& stage_type(std::string const& wanted)
{
    std::vector<std::string> names;
    for (auto const& type : registered()) {
        if (type.name == wanted) return type;
        names.push_back(type.name);
    }
    throw Error(Code::bad_config, "unknown stage '" + wanted + "'", "no stage of that name is built in",
                "see nocturne stages" + did_you_mean(wanted, names));
}

void Pass::run(VisBlock&, GroupState&)
{
    throw Error(Code::defect, "pass " + name() + " was run on a block", "it works on a whole group",
                "report this defect");
}

void Pass::run(GroupState&)
{
    throw Error(Code::defect, "pass " + name() + " was run on a whole group", "it works on blocks",
                "report this defect");
}

const char* name(Field field)
{
    static const char* const names[] = {"header", "vis",    "flag",   "weight", "uvw",      "density",
                                        "nodes",  "counts", "images", "sums",   "solutions"};
    return names[static_cast<int>(field)];
}

}  // namespace nocturne
