#include "cli/bench_table.hpp"

#include "cli/table.hpp"

#include <iostream>

namespace nocturne::cli {

void add_bench_options(App& app, BenchRequest& request)
{
    app.add_option("--programs", request.folder, "Folder of the bench_* programs; default: where this program lies");
    app.add_option("--filter", request.filter, "Only benchmarks whose names match this regular expression");
    app.add_option("--rounds", request.rounds, "All programs in turn, so many times; the best time of each counts")
        ->in_range(1, 1000);
    app.add_option("--peers", request.peers,
                   "Python to look for peers in (ducc0): gridding is measured beside them; none: it is not");
}

namespace {

/// Beside peers, a line for each task.
void print_peers(nlohmann::ordered_json const& peers)
{
    for (auto const& [name, one] : peers.items()) {
        if (one.is_string()) {
            std::cout << name << ": " << one.get<std::string>() << "\n";
            continue;
        }
        for (char const* task : {"dirty", "predict"})
            std::cout << name << ", " << task << " of " << format_number(1e-6 * one["nvis"].get<double>(), 3)
                      << " M visibilities: " << format_number(one[task]["ducc0_cpu_s"].get<double>(), 3) << " s, ours "
                      << format_number(one[task]["nocturne_cpu_s"].get<double>(), 3) << " s, "
                      << format_number(one[task]["ratio_cpu"].get<double>(), 3) << " x as fast\n";
    }
}

}  // namespace

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
    print_peers(document["peers"]);
    print_table({"benchmark", "best [ms]", "spread [%]", "share of the peak"}, rows);
    return 0;
}

}  // namespace nocturne::cli
