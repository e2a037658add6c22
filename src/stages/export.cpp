// Stage `export`: blocks as they stand here go to a Measurement Set. Enters: vis, flags, weights and uvw. Leaves: nothing; the driver
// writes what it is handed (GroupState::write_block).
#include "nocturne/stage.hpp"

namespace nocturne {
namespace export_stage {

class ExportPass : public Pass {
public:
    std::string name() const override { return "export"; }
    Scope scope() const override { return Scope::block; }
    std::vector<Field> reads() const override
    {
        return {Field::header, Field::vis, Field::flag, Field::weight, Field::uvw};
    }
    std::vector<Field> writes() const override { return {}; }

    /// A block without baselines says that header and phase centres are final, before any rank hands over a block.
    void prepare(GroupState& state) override { hand_over({}, state); }
    void run(VisBlock& block, GroupState& state) override { hand_over(block, state); }

private:
    static void hand_over(VisBlock const& block, GroupState const& state)
    {
        if (!state.write_block)
            throw Error(Code::defect, "stage export has nobody to write", "the verb did not open a Measurement Set",
                        "report this as a defect, with the command line");
        finish(state.device);
        state.write_block(block, state);
    }
};

Passes make(Params const& params)
{
    Passes passes;
    auto const& wish = params.text("ms");
    if (!wish.empty() && wish != "off") passes.push_back(std::make_unique<ExportPass>());
    return passes;
}

StageRegistrar const here{
    {"export",
     "Writes visibilities, flags and weights as a Measurement Set",
     {{"ms", "", std::string(),
       "Path of the Measurement Set; on: beside the group's other products; off or empty: none"},
      {"fields",
       "",
       std::string("one"),
       "One FIELD for all integrations, or one for each phase centre of them",
       {"one", "per-time"}},
      {"spw", "", std::string("merged"), "One spectral window, or one per subband", {"merged", "split"}},
      {"correlations",
       "",
       std::string("as-is"),
       "Those of the data, or all four, the missing ones zeros of weight 0",
       {"as-is", "all4"}},
      {"telescope-name", "", std::string(), "OBSERVATION::TELESCOPE_NAME; empty: as in the files"},
      {"columns", "", std::string("DATA,FLAG,WEIGHT_SPECTRUM"),
       "Columns of samples, separated by commas: DATA and FLAG always, WEIGHT_SPECTRUM, CORRECTED_DATA, MODEL_DATA; "
       "all. After apply CORRECTED_DATA is always there, and DATA stays raw"}},
     &make}};

}  // namespace export_stage
}  // namespace nocturne
