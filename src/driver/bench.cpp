#include "driver/bench.hpp"

#include "driver/command.hpp"
#include "nocturne/error.hpp"
#include "nocturne/utc_text.hpp"
#include "nocturne/version.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include <sched.h>
#include <unistd.h>

namespace nocturne {
namespace {

using OrderedJson = nlohmann::ordered_json;
namespace fs = std::filesystem;

constexpr double least_change = 0.05, spreads_allowed = 3, most_allowed = 0.3;

/// What the rounds said of one benchmark.
struct Measured {
    std::vector<double> seconds;
    std::map<std::string, double> counters;  ///< of the best round
};

std::string own_folder()
{
    std::error_code failed;
    return fs::read_symlink("/proc/self/exe", failed).parent_path().string();
}

std::vector<fs::path> find_programs(BenchRequest const& request)
{
    auto const folder = request.folder.empty() ? own_folder() : request.folder;
    std::vector<fs::path> programs;
    std::error_code failed;
    for (auto const& entry : fs::directory_iterator(folder, failed)) {
        auto const name = entry.path().filename().string();
        if (name.rfind("bench_", 0) != 0 || entry.path().has_extension() || !entry.is_regular_file()) continue;
        auto const& only = request.only;
        if (only.empty() || std::find(only.begin(), only.end(), name.substr(6)) != only.end())
            programs.push_back(entry.path());
    }
    if (programs.empty())
        throw Error(Code::input_missing, "no benchmarks in " + folder, "no program bench_* is there",
                    "build them (NOCTURNE_BENCHMARKS=ON), or name their folder with --programs");
    std::sort(programs.begin(), programs.end());
    return programs;
}

double unit_s(std::string const& unit) { return unit == "ns" ? 1e-9 : unit == "us" ? 1e-6 : unit == "ms" ? 1e-3 : 1; }

/// One round of one program.
void measure(fs::path const& program, BenchRequest const& request, std::map<std::string, Measured>& all)
{
    auto const done = run_command({program.string(), "--benchmark_format=json", "--benchmark_filter=" + request.filter,
                                   "--benchmark_min_time=" + std::to_string(request.min_time_s)});
    auto const fail = [&](std::string const& reason) {
        throw Error(Code::system, "benchmark " + program.string() + " failed", reason, "run it by hand");
    };
    if (done.code != 0) fail("exit code " + std::to_string(done.code) + ": " + done.err.substr(0, 400));
    if (done.out.find('{') == std::string::npos) return;  // nothing matches
    auto const document = OrderedJson::parse(done.out.substr(done.out.find('{')), nullptr, false);
    if (document.is_discarded()) fail("what it prints is no JSON");
    static std::set<std::string> const usual{"name", "run_name", "run_type", "real_time", "cpu_time", "time_unit"};
    for (auto const& one : document.value("benchmarks", OrderedJson::array())) {
        if (one.value("run_type", "") == "aggregate" || one.value("error_occurred", false)) continue;
        auto& measured = all[program.filename().string().substr(6) + " " + one.at("name").get<std::string>()];
        double const seconds = one.at("real_time").get<double>() * unit_s(one.at("time_unit"));
        bool const best =
            measured.seconds.empty() || seconds < *std::min_element(measured.seconds.begin(), measured.seconds.end());
        measured.seconds.push_back(seconds);
        if (!best) continue;
        for (auto const& [key, value] : one.items())
            if (value.is_number_float() && !usual.count(key)) measured.counters[key] = value.get<double>();
    }
}

OrderedJson describe_times(Measured measured)
{
    auto& seconds = measured.seconds;
    std::sort(seconds.begin(), seconds.end());
    double const median = seconds[seconds.size() / 2];
    OrderedJson shares = OrderedJson::object(), rates = OrderedJson::object();
    for (auto const& [key, value] : measured.counters) (key.rfind("share_of_", 0) == 0 ? shares : rates)[key] = value;
    return {{"best_s", seconds.front()}, {"median_s", median}, {"spread", median / seconds.front() - 1},
            {"rounds", seconds.size()},  {"shares", shares},   {"rates", rates}};
}

std::string processor()
{
    std::ifstream file("/proc/cpuinfo");
    for (std::string line; std::getline(file, line);)
        if (line.rfind("model name", 0) == 0) return line.substr(line.find(':') + 2);
    return "unknown";
}

int allowed_cores()
{
    cpu_set_t set;
    return sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
}

double load()
{
    double one = 0;
    return getloadavg(&one, 1) == 1 ? one : 0;
}

/// The largest share of a peak that both have under one name.
double share_ratio(OrderedJson const& a, OrderedJson const& b)
{
    double ratio = 0, most = 0;
    for (auto const& [name, share] : a.at("shares").items())
        if (b.at("shares").contains(name) && share.get<double>() > most && b["shares"][name].get<double>() > 0) {
            most = share.get<double>();
            ratio = most / b["shares"][name].get<double>();
        }
    return ratio;
}

}  // namespace

namespace {

/// {"ducc0": {…}}, or {"ducc0": "why not"}.
OrderedJson measure_peers(BenchRequest const& request)
{
    auto const folder = fs::path(request.folder.empty() ? own_folder() : request.folder);
    auto const script = folder / "ducc_compare.py", bench = folder / "bench_wgridder";
    if (request.peers == "none") return OrderedJson::object();
    if (!fs::exists(script) || !fs::exists(bench))
        return {{"ducc0", "not measured: ducc_compare.py or bench_wgridder is not in " + folder.string()}};
    if (run_command({request.peers, "-c", "import ducc0, numpy"}).code != 0)
        return {{"ducc0", "not measured: " + request.peers + " has no ducc0 and numpy"}};
    std::vector<std::string> words{request.peers, script.string(), bench.string(), "--json"};
    words.insert(words.end(), request.peer_size.begin(), request.peer_size.end());
    auto const done = run_command(words);
    auto document = OrderedJson::parse(done.out, nullptr, false);
    if (done.code != 0 || document.is_discarded())
        throw Error(Code::system, "the comparison with ducc0 failed",
                    "exit code " + std::to_string(done.code) + ": " + done.err.substr(0, 400),
                    "run " + script.string() + " by hand, or say --peers none");
    return {{"ducc0", document}};
}

}  // namespace

std::vector<std::string> quick_programs()
{
    return {"unpack", "zeros", "weigh", "density", "project", "expand", "grid", "degrid", "fft", "correct", "subtract"};
}

OrderedJson run_benchmarks(BenchRequest const& request)
{
    auto const programs = find_programs(request);
    std::map<std::string, Measured> all;
    double const before = load();
    for (int round = 0; round < request.rounds; ++round)
        for (auto const& program : programs) measure(program, request, all);
    OrderedJson table = OrderedJson::object();
    for (auto const& [name, measured] : all) table[name] = describe_times(measured);
    return {{"kind", "nocturne benchmarks 1"},
            {"made_utc", utc_now()},
            {"code_version", code_version()},
            {"processor", processor()},
            {"cores", allowed_cores()},
            {"load", before},
            {"benchmarks", table},
            {"peers", measure_peers(request)}};
}

OrderedJson compare_benchmarks(OrderedJson const& a, OrderedJson const& b)
{
    bool const same = a.at("processor") == b.at("processor");
    OrderedJson table = OrderedJson::object(), slower = OrderedJson::array(), only_a = OrderedJson::array(),
                only_b = OrderedJson::array();
    for (auto const& [name, before] : a.at("benchmarks").items()) {
        if (!b.at("benchmarks").contains(name)) {
            only_a.push_back(name);
            continue;
        }
        auto const& after = b["benchmarks"][name];
        double const ratio =
            same ? after.at("best_s").get<double>() / before.at("best_s").get<double>() : share_ratio(before, after);
        if (!(ratio > 0)) continue;
        double const spread = std::max(before.at("spread").get<double>(), after.at("spread").get<double>());
        double const allowed = std::max(least_change, spreads_allowed * spread);
        char const* verdict = ratio > 1 + allowed         ? "slower"
                              : ratio < 1 / (1 + allowed) ? "faster"
                              : allowed > most_allowed    ? "cannot tell"
                                                          : "same";
        if (ratio > 1 + allowed) slower.push_back(name);
        table[name] = {{"a", before["best_s"]},
                       {"b", after["best_s"]},
                       {"ratio", ratio},
                       {"allowed", 1 + allowed},
                       {"verdict", verdict}};
    }
    for (auto const& [name, after] : b.at("benchmarks").items())
        if (!a["benchmarks"].contains(name)) only_b.push_back(name);
    return {{"same_machine", same},
            {"rule", same ? "best time, B / A above 1 + max(0.05, 3 x spread)"
                          : "share of the machine's peak, A / B above 1 + max(0.05, 3 x spread)"},
            {"benchmarks", table},
            {"slower", slower},
            {"only_in_a", only_a},
            {"only_in_b", only_b}};
}

OrderedJson read_benchmarks(std::string const& path)
{
    std::ifstream file(path);
    if (!file) throw Error(Code::input_missing, "cannot read " + path, "no such readable file", "check the path");
    auto document = OrderedJson::parse(file, nullptr, false);
    if (document.is_discarded() || !document.is_object() || document.value("kind", "") != "nocturne benchmarks 1")
        throw Error(Code::bad_input, "cannot read benchmarks from " + path, "it is not what bench run writes",
                    "make it with nocturne bench run --json > FILE");
    return document;
}

}  // namespace nocturne
