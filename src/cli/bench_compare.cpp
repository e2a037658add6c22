// Verb `bench compare`: two tables of `bench quick` or `bench run`; exit 3 where something became slower.
#include "cli/table.hpp"
#include "cli/verb.hpp"
#include "driver/bench.hpp"
#include "nocturne/error.hpp"

#include <cstdio>

namespace nocturne::cli {
namespace bench_compare_verb {

void print_text(nlohmann::ordered_json const& document)
{
    std::vector<std::vector<std::string>> rows;
    for (auto const& [name, one] : document["benchmarks"].items())
        rows.push_back({name, format_number(1e3 * one["a"].get<double>(), 4),
                        format_number(1e3 * one["b"].get<double>(), 4), format_number(one["ratio"].get<double>(), 4),
                        format_number(one["allowed"].get<double>(), 4), one["verdict"].get<std::string>()});
    print_table({"benchmark", "A [ms]", "B [ms]", "ratio", "allowed", "verdict"}, rows);
    for (auto const& [key, file] : {std::pair{"only_in_a", "A"}, {"only_in_b", "B"}})
        for (auto const& name : document[key]) std::printf("only in %s: %s\n", file, name.get<std::string>().c_str());
    std::printf("%zu slower; rule: %s\n", document["slower"].size(), document["rule"].get<std::string>().c_str());
}

std::function<int()> declare(App& app, Globals const& globals)
{
    auto a = std::make_shared<std::string>(), b = std::make_shared<std::string>();
    app.add_option("a", *a, "A table, the older one")->required();
    app.add_option("b", *b, "A table, the newer one")->required();
    return [a, b, &globals] {
        auto const document = compare_benchmarks(read_benchmarks(*a), read_benchmarks(*b));
        if (globals.json)
            print_json(document);
        else
            print_text(document);
        return document["slower"].empty() ? 0 : exit_code(Code::qa_fail);
    };
}

VerbRegistrar const here{
    {"bench compare", "Compare two tables of benchmarks; exit 3 where one became slower", &declare}};

}  // namespace bench_compare_verb
}  // namespace nocturne::cli
