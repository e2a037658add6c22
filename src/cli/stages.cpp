// Verb `stages`: what job files can name, with every parameter; also as Markdown and as JSON Schema.
#include "cli/stage_options.hpp"
#include "driver/job_file.hpp"

#include <iostream>

namespace nocturne::cli {
namespace stages_verb {

std::function<int()> declare(App& app, Globals const& globals)
{
    auto markdown = std::make_shared<bool>(false);
    auto schema = std::make_shared<bool>(false);
    app.add_flag("--markdown", *markdown, "The page docs/stages.md");
    app.add_flag("--schema", *schema, "The JSON Schema of job files");
    return [=, &globals] {
        if (*schema || globals.json)
            print_json(job_schema());
        else
            std::cout << stages_markdown() << std::flush;
        return 0;
    };
}

VerbRegistrar const here{{"stages", "List the stages of job files and their parameters", &declare}};

}  // namespace stages_verb
}  // namespace nocturne::cli
