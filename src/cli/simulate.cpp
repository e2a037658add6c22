// Verb `simulate`: a group as the telescope would have written it, with the truth beside it.
#include "cli/group_files.hpp"
#include "cli/simulate_options.hpp"
#include "io/npz_writer.hpp"
#include "io/product.hpp"
#include "io/uvh5_files.hpp"
#include "sky/phasing.hpp"
#include "sky/random.hpp"

#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <sys/file.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <fstream>

namespace nocturne::cli {
namespace simulate_verb {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr std::uint64_t jitter_stream = 200;

/// Names of the files that are to be, in the order in which they are written; sb00 keeps the stamp of the start, others come up to
/// the jitter later.
std::vector<FilePlan> plan_files(SimulateOptions const& options, GroupHeader const& header)
{
    std::vector<FilePlan> plan;
    for (int const subband : options.writing_order(static_cast<int>(header.subbands.size()))) {
        Random random{options.instrument.seed, jitter_stream, static_cast<std::uint64_t>(subband)};
        double const late_s = subband == 0 ? 0 : options.jitter_s() * random.uniform();
        auto const stamp = format_stamp(options.start_mjd() + late_s / day_s);
        plan.push_back({(fs::path(options.out) / subband_file_name(stamp, subband)).string(), subband,
                        options.freq_order == "desc"});
    }
    return plan;
}

/// Numbers of the antennas that take data.
std::vector<int> live_antennas(GroupHeader const& header)
{
    std::vector<int> numbers;
    for (auto const [ant1, ant2] : header.baselines)
        if (ant1 == ant2) numbers.push_back(header.antennas[static_cast<std::size_t>(ant1)].number);
    return numbers;
}

/// truth/gains.npz: gain [antenna][channel][correlation] and drift [integration][antenna][correlation] of the antennas
/// `ants`, V = conj(g1) g2 sky with g = gain × drift; freq ascending; rfi_jy [integration][channel]; sigma = rms of the
/// complex noise, Jy; flux = sum over the sources at 1.4 GHz.
void write_gains(std::string const& path, Instrument const& instrument, GroupHeader const& header, double flux_jy)
{
    Index const na = std::ssize(header.antennas), np = std::ssize(header.correlations), nc = std::ssize(header.freq_hz),
                nt = std::ssize(header.time_mjd_s);
    auto const live = live_antennas(header);
    std::vector<std::complex<float>> gain, drift;
    for (int a : live)
        for (Index c = 0; c < nc; ++c)
            for (Index p = 0; p < np; ++p)
                gain.push_back(instrument.bandpass()[static_cast<std::size_t>((a * np + p) * nc + c)]);
    for (Index t = 0; t < nt; ++t)
        for (int a : live)
            for (Index p = 0; p < np; ++p)
                drift.push_back(instrument.drift()[static_cast<std::size_t>((t * na + a) * np + p)]);
    std::vector<std::int64_t> const ants(live.begin(), live.end());
    double const sigma = std::sqrt(2.0) * instrument.sigma_jy(0, 0);
    Index const n = std::ssize(ants);
    ProductFile file(path);
    NpzWriter npz(file);
    npz.add("gain", NpyType::c64, {n, nc, np}, gain.data());
    npz.add("drift", NpyType::c64, {nt, n, np}, drift.data());
    npz.add("freq", NpyType::f64, {nc}, header.freq_hz.data());
    npz.add("ants", NpyType::i64, {n}, ants.data());
    npz.add("rfi_jy", NpyType::f32, {nt, nc}, instrument.rfi_jy().data());
    npz.add("sigma", NpyType::f64, {}, &sigma);
    npz.add("flux", NpyType::f64, {}, &flux_jy);
    npz.add("ntime", NpyType::i64, {}, &nt);
    npz.finish();
    file.commit();
}

/// What is in the files.
struct Simulated {
    SimulateOptions const& options;
    GroupHeader const& header;
    std::vector<Source> const& sources;
    Variation const& variation;
    Predictor const& sky;
    Instrument const& instrument;

    Json sources_as_json() const { return sources_json(sources, sky, header, variation); }
};

Json truth_json(Simulated const& what)
{
    auto const& [options, header, sources, variation, sky, instrument] = what;
    auto const& i = options.instrument;
    return {
        {"group_id", header.group_id},
        {"telescope", header.site.telescope_name},
        {"dec_deg", header.centres.front().direction.dec.value() / degree_rad},
        {"centre", direction_json(sky.centre())},
        {"mid_mjd", header.mid_time_mjd_s() / day_s},
        {"antennas", live_antennas(header)},
        {"n_integrations", header.time_mjd_s.size()},
        {"n_channels", header.freq_hz.size()},
        {"seed", i.seed},
        {"source_catalog", options.source_catalogue.empty() ? options.source_catalogue_type : options.source_catalogue},
        {"beam", options.sky.beam},
        {"smearing", options.sky.smearing},
        {"aberration", options.sky.aberration},
        {"sefd_jy", i.sefd_jy},
        {"system_temp_k", options.system_temp_k ? Json(*options.system_temp_k) : Json()},
        {"sigma_jy", instrument.sigma_jy(0, 0)},
        {"gain_amplitude_std", i.gain_amplitude_std},
        {"gain_phase_std_deg", i.gain_phase_std_rad / degree_rad},
        {"delay_std_s", i.delay_std_s},
        {"bandpass_ripple", i.bandpass_ripple},
        {"drift_amplitude", i.drift_amplitude},
        {"drift_phase_deg", i.drift_phase_rad / degree_rad},
        {"drift_hours", i.drift_period_s / 3600},
        {"gain_seed", i.gain_seed ? i.gain_seed : i.seed},
        {"rfi_fraction", i.rfi_fraction},
        {"zero_fraction", i.zero_fraction},
        {"dead_antennas", i.dead},
        {"freq_order", options.freq_order},
        {"subbands_in_order_of_writing", options.writing_order(static_cast<int>(header.subbands.size()))},
        {"missing_subbands", options.missing},
        {"truncated_subbands", options.truncated},
        {"gains", "truth/gains.npz"},
        {"light_curves", variation.curves.empty() ? Json() : Json("truth/light_curves.csv")},
        {"sources", what.sources_as_json()}};
}

/// Cuts files short, as a copy that was interrupted leaves them.
void truncate_files(SimulateOptions const& options, std::vector<FilePlan> const& plan)
{
    for (auto const& one : plan)
        if (contains(options.truncated, one.subband)) fs::resize_file(one.path, fs::file_size(one.path) * 3 / 5);
}

/// The truth of another group in the same directory goes to truth/GROUP, where its own paths still hold.
void keep_older_truth(fs::path const& out, std::string const& group_id)
{
    std::ifstream file(out / "truth.json");
    if (!file) return;
    auto const older = Json::parse(file, nullptr, false);
    if (!older.is_object()) return;
    auto const id = older.value("group_id", "");
    if (id.empty() || id == group_id || fs::path(id).has_parent_path()) return;
    auto const kept = out / "truth" / id;
    std::error_code failure;
    fs::create_directories(kept / "truth", failure);
    for (char const* part : {"truth/gains.npz", "truth/sources.csv", "truth/light_curves.csv", "truth.json"})
        if (!failure && fs::exists(out / part)) fs::rename(out / part, kept / part, failure);
    if (failure)
        throw Error(Code::cannot_create, "cannot keep the truth of group " + id + " in " + kept.string(),
                    failure.message(), "name another directory with --out");
    spdlog::info("the truth of group {} is in {} now", id, kept.string());
}

/// Held while a truth is put down, so that simulations into one directory do so one after the other: a lock of the
/// directory itself (flock(2)), which is none where its file system has no locks.
class TruthTurn {
public:
    explicit TruthTurn(std::string const& out) : descriptor_(open(out.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC))
    {
        if (descriptor_ >= 0) flock(descriptor_, LOCK_EX);
    }
    TruthTurn(TruthTurn const&) = delete;
    TruthTurn& operator=(TruthTurn const&) = delete;
    ~TruthTurn()
    {
        if (descriptor_ >= 0) close(descriptor_);
    }

private:
    int descriptor_;
};

/// truth.json and truth/; the path of the former.
std::string write_truth(Simulated const& what)
{
    fs::path const out = what.options.out;
    auto const truth = (out / "truth.json").string(), curves = (out / "truth" / "light_curves.csv").string();
    double flux_jy = 0;
    for (auto const& source : what.sources) flux_jy += source.flux_jy;
    TruthTurn const turn(what.options.out);
    keep_older_truth(out, what.header.group_id);
    write_gains((out / "truth" / "gains.npz").string(), what.instrument, what.header, flux_jy);
    write_product((out / "truth" / "sources.csv").string(), sources_csv(what.sources));
    std::error_code none;
    if (what.variation.curves.empty())
        fs::remove(curves, none);
    else
        write_product(curves, light_curves_csv(what.variation.curves));
    write_product(truth, truth_json(what).dump(2) + "\n");
    return truth;
}

int run_verb(SimulateOptions options, Globals const& globals)
{
    auto const telescope = options.read_telescope();
    auto const earth = options.sky.earth();
    options.settle_layout(telescope);
    options.settle_start(telescope, earth);
    auto header = simulated_header(telescope, options.observation());
    header.group_id = format_stamp(options.start_mjd());
    options.complete(telescope);
    auto const sources = options.read_sky(default_centre(header, earth));
    Predictor sky(header, sources, options.sky.options(), earth);
    auto const variation = vary(options.sky, sources, header, sky);
    Instrument const instrument(header, options.instrument);
    Simulator const simulator(header, sky, instrument);
    auto const warning = earth.warning(MjdSeconds(header.mid_time_mjd_s()), Strictness::warn);
    if (!warning.empty()) spdlog::warn("{}", warning);
    auto const plan = plan_files(options, header);
    write_group(header, plan,
                {telescope.instrument, "simulated by nocturne", options.nsamples,
                 [&](Index first, Index n, View<Vis, 4> out) { simulator.fill(first, n, out); }, options.double_uvw});
    truncate_files(options, plan);
    Simulated const what{options, header, sources, variation, sky, instrument};
    auto const truth = write_truth(what);

    Json document{{"group_id", header.group_id},
                  {"files", Json::array()},
                  {"stations", live_antennas(header).size()},
                  {"n_sources", sources.size()},
                  {"sources", what.sources_as_json()},
                  {"truth", truth}};
    for (auto const& one : plan) document["files"].push_back(one.path);
    if (globals.json)
        print_json(document);
    else if (!globals.quiet)
        std::cout << plan.size() << " files of group " << header.group_id << " with " << sources.size()
                  << " sources in " << options.out << "; truth in " << truth << "\n";
    return 0;
}

std::function<int()> declare(App& app, Globals const& globals)
{
    auto options = std::make_shared<SimulateOptions>();
    options->declare(app);
    return [options, &globals] { return run_verb(*options, globals); };
}

VerbRegistrar const here{{"simulate", "Write a simulated group in DSA-110's own layout, with its truth", &declare}};

}  // namespace simulate_verb
}  // namespace nocturne::cli
