// Hidden verb `ms-read-child`: the process that reads a Measurement Set for another one.
#include "driver/ms_read_child.hpp"

#include "cli/verb.hpp"

namespace nocturne::cli {
namespace ms_read_child_verb {

std::function<int()> declare(App& app, Globals const&)
{
    app.hide();
    return [] { return serve_measurement_set(); };
}

VerbRegistrar const here{{"ms-read-child", "Reads a Measurement Set for its parent process", &declare}};

}  // namespace ms_read_child_verb
}  // namespace nocturne::cli
