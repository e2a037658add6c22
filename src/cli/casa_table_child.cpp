// Hidden verb `casa-table-child`: the process that makes CASA tables, and reads files of solutions, for another one.
#include "cli/verb.hpp"
#include "driver/casa_tables.hpp"

namespace nocturne::cli {
namespace casa_table_child_verb {

std::function<int()> declare(App& app, Globals const&)
{
    app.hide();
    return [] { return serve_casa_tables(); };
}

VerbRegistrar const here{
    {"casa-table-child", "Makes CASA tables, and reads solutions, for its parent process", &declare}};

}  // namespace casa_table_child_verb
}  // namespace nocturne::cli
