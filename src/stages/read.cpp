// Stage `read`: says what of the inputs is read. It has no passes: the driver reads, with these parameters.
#include "nocturne/stage.hpp"

namespace nocturne {
namespace read_stage {

Passes make(Params const&) { return {}; }

StageRegistrar const here{
    {"read",
     "Chooses what of a Measurement Set is read; files of other kinds have one of each",
     {{"column", "", std::string("DATA"), "Column of visibilities: DATA, CORRECTED_DATA, MODEL_DATA"},
      {"field", "", std::string(),
       "The one FIELD to read, by name or number; empty: all, each with its own phase centre"},
      {"windows", "", std::string(),
       "Numbers of the spectral windows to read, such as 0 or 0,2 or 0~3; empty: all, joined on one axis"}},
     &make}};

}  // namespace read_stage
}  // namespace nocturne
