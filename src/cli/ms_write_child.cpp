// Hidden verb `ms-write-child`: the process that makes the tables of a Measurement Set for another one.
#include "driver/ms_write_child.hpp"

#include "cli/verb.hpp"

namespace nocturne::cli {
namespace ms_write_child_verb {

std::function<int()> declare(App& app, Globals const&)
{
    app.hide();
    return [] { return serve_measurement_set_writer(); };
}

VerbRegistrar const here{{"ms-write-child", "Makes a Measurement Set for its parent process", &declare}};

}  // namespace ms_write_child_verb
}  // namespace nocturne::cli
