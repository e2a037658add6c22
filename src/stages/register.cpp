// Stage `register`: solutions become a product of the group and a set of the registry. Enters: solutions. Leaves: nothing; the driver
// writes and registers what the group's state holds, where its quality passes.
#include "nocturne/stage.hpp"

namespace nocturne {
namespace register_stage {

class RegisterPass : public Pass {
public:
    std::string name() const override { return "register"; }
    Scope scope() const override { return Scope::group; }
    std::vector<Field> reads() const override { return {Field::header, Field::solutions}; }
    std::vector<Field> writes() const override { return {}; }
    void run(GroupState& state) override
    {
        if (state.solutions.empty())
            throw Error(Code::bad_input, "nothing to register", "the group has no solutions",
                        "put task solve before register");
    }
};

Passes make(Params const&)
{
    Passes passes;
    passes.push_back(std::make_unique<RegisterPass>());
    return passes;
}

StageRegistrar const here{
    {"register",
     "Keeps the solutions of a group as a file and registers them as a set, where their quality passes",
     {{"valid-hours",
       "h",
       12.0,
       "The set holds for so long before the first and after the last of its solutions; later runs look no further "
       "than reach",
       {},
       0.0}},
     &make}};

}  // namespace register_stage
}  // namespace nocturne
