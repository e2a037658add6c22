// One block through a stage, as the driver leads it.
#pragma once

#include "nocturne/stage.hpp"

#include <map>
#include <string>

namespace nocturne::test {

inline void travel(std::string const& stage, std::map<std::string, ParamValue> const& given, VisBlock& block,
                   GroupState& state)
{
    auto const& type = stage_type(stage);
    auto passes = type.make(Params(type.params, given));
    for (auto& pass : passes) pass->prepare(state);
    for (auto& pass : passes)
        if (pass->scope() == Scope::block)
            pass->run(block, state);
        else
            pass->run(state);
}

}  // namespace nocturne::test
