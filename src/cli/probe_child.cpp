// Verb `probe-child`, hidden: the child process in which HDF5 meets files that nobody vouches for. See driver/probe.hpp.
#include "cli/verb.hpp"
#include "driver/probe.hpp"

namespace nocturne::cli {
namespace probe_child_verb {

std::function<int()> declare(App& app, Globals const&)
{
    app.hide();
    return [] { return serve_probes(); };
}

VerbRegistrar const here{{"probe-child", "Checks files for another process of this program", &declare}};

}  // namespace probe_child_verb
}  // namespace nocturne::cli
