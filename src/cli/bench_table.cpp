#include "cli/bench_table.hpp"

#include "cli/table.hpp"

namespace nocturne::cli {

void add_bench_options(App& app, BenchRequest& request)
{
    app.add_option("--programs", request.folder, "Folder of the bench_* programs; default: where this program lies");
    app.add_option("--filter", request.filter, "Only benchmarks whose names match this regular expression");
    app.add_option("--rounds", request.rounds, "All programs in turn, so many times; the best time of each counts")
        ->in_range(1, 1000);
}

int bench_verb(BenchRequest const& request, Globals const& globals)
{
    auto const document = run_benchmarks(request);
    if (globals.json) {
        print_json(document);
        return 0;
    }
    std::vector<std::vector<std::string>> rows;
    for (auto const& [name, one] : document["benchmarks"].items()) {
        std::string shares;
        for (auto const& [what, share] : one["shares"].items())
            shares += (shares.empty() ? "" : ", ") + format_number(share.get<double>(), 2) + " of " +
                      what.substr(sizeof "share_of_" - 1);
        rows.push_back({name, format_number(1e3 * one["best_s"].get<double>(), 4),
                        format_number(100 * one["spread"].get<double>(), 2), shares});
    }
    print_table({"benchmark", "best [ms]", "spread [%]", "share of the peak"}, rows);
    return 0;
}

}  // namespace nocturne::cli
