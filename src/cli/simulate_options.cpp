#include "cli/simulate_options.hpp"

#include "cli/table.hpp"
#include "nocturne/error.hpp"
#include "nocturne/nearest.hpp"
#include "nocturne/short_number.hpp"
#include "sky/phasing.hpp"
#include "sky/random.hpp"

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <utility>

namespace nocturne::cli {
namespace {

constexpr std::uint64_t order_stream = 201;

void declare_observation(App& app, SimulateOptions& o)
{
    app.add_option("-o,--out,--output", o.out, "Directory of the files")->required();
    app.add_option("--telescope", o.telescope, "A telescope's name, or the path of its file");
    app.add_option("--antennas,--nants", o.antennas,
                   "Stations that take data, spread over the telescope's (default: as many as are live)")
        ->positive();
    app.add_option("--integrations,--ntimes", o.integrations, "Integrations (default: the telescope's)")->positive();
    app.add_option("--duration-minutes", o.duration_min, "Length of the group: so many minutes of integrations");
    app.add_option("--subbands", o.subbands, "Files, from the first subband on (default: all)")->positive();
    app.add_option("--channels", o.channels, "Channels of a file, of the telescope's own width (default: all)")
        ->positive();
    app.add_option("--dec", o.dec_deg, "Apparent declination of the meridian, degrees");
    app.add_option("--ra", o.ra_deg,
                   "Right ascension (ICRS, degrees) on the meridian at mid-time: the first such time after --start");
    app.add_option("--start,--start-time", o.start, "UTC of the opening, 2026-01-25T22:26:05 or an MJD");
    app.add_option("--freq-order", o.freq_order,
                   "Channels within the files, asc or desc (default: the telescope's); sb00 keeps its frequencies")
        ->one_of({"asc", "desc"});
    app.add_flag("--shuffle-subbands", o.shuffle_subbands,
                 "The files arrive in a random order of subbands (of --seed): written, and so last changed, in it");
    app.add_flag("--double-uvw", o.double_uvw,
                 "uvw_array in double precision, as pyuvdata's checks want it (DSA-110's files have single)");
    app.add_flag("--template-free", o.template_free, "Always so: the telescope file is all that is needed");
    app.add_option("--jitter", o.jitter, "Stamps of the files come up to so much later than sb00's, for example 7s");
    app.add_option("--missing", o.missing, "Subbands that are not written")->delimiter(',');
    app.add_option("--truncate", o.truncated, "Subbands whose files are cut short")->delimiter(',');
}

void declare_instrument(App& app, SimulateOptions& o)
{
    auto& i = o.instrument;
    app.add_flag("--noise,--add-noise", o.noise, "Thermal noise from the telescope's SEFD");
    app.add_option("--sefd", o.sefd_jy, "Thermal noise from this SEFD, Jy")->positive();
    app.add_option("--system-temp-k", o.system_temp_k,
                   "Thermal noise from this system temperature: SEFD = 2 k T / (efficiency x area of the dish)");
    app.add_option("--aperture-efficiency", o.aperture_efficiency,
                   "Effective over geometric area of the dish (default: the telescope's, DSA-110: 0.7)")
        ->in_range(0.001, 1.0);
    app.add_flag("--add-cal-errors", o.cal_errors,
                 "Gains that need calibration: --gain-std 0.1 and --phase-std-deg 10 where they are not given");
    app.add_option("--gain-std", o.gain_std, "Spread of ln|gain| over antennas and correlations");
    app.add_option("--phase-std-deg", o.phase_std_deg, "Spread of the gains' phases, degrees");
    app.add_option("--delay-std-ns", o.delay_std_ns, "Spread of the antennas' delays, ns");
    app.add_option("--bandpass", i.bandpass_ripple, "Amplitude of a ripple over the band");
    app.add_option("--drift", i.drift_amplitude, "Relative amplitude of a slow drift of the gains");
    app.add_option("--drift-phase-deg", o.drift_phase_deg, "Amplitude of a slow drift of the phases, degrees");
    app.add_option("--drift-hours", o.drift_hours,
                   "The drift goes on from group to group and takes so long; default: each group has the whole of it");
    app.add_option("--gain-seed", i.gain_seed,
                   "Seed of the gains and their drift, the same for the groups of a night (default: --seed)");
    app.add_option("--rfi", i.rfi_fraction, "Fraction of (integration, channel) cells with interference")
        ->in_range(0.0, 0.9);
    app.add_option("--zeros", i.zero_fraction, "Fraction of samples that are exactly 0")->in_range(0.0, 1.0);
    app.add_option("--dead", i.dead, "Antennas (numbers as in the files) that hear nothing")->delimiter(',');
    app.add_option("--nsamples", o.nsamples, "Value of nsamples");
    app.add_option("--seed", i.seed, "Seed of everything random");
}

}  // namespace

void SimulateOptions::declare(App& app)
{
    declare_observation(app, *this);
    add_sky_options(app, sky);
    declare_sources(app);
    declare_instrument(app, *this);
}

Telescope SimulateOptions::read_telescope() const
{
    bool const is_path = telescope.find('/') != std::string::npos || telescope.ends_with(".yaml");
    auto found = is_path ? load_telescope(telescope) : find_telescope(telescope);
    if (found.path.empty())
        throw Error(Code::usage, "--telescope " + telescope, "no telescope file has this name",
                    "give one of jobs/telescopes, or the path of a file" + did_you_mean(telescope, telescope_names()));
    return found;
}

ObservationOptions SimulateOptions::observation() const
{
    if (!(std::abs(dec_deg) <= 90))
        throw Error(Code::usage, "--dec " + std::to_string(dec_deg), "not between -90 and 90 degrees", "correct it");
    return {antennas, integrations, subbands, channels, degrees(dec_deg), MjdSeconds(start_mjd() * day_s)};
}

void SimulateOptions::complete(Telescope const& telescope_data)
{
    for (auto const& [name, value] :
         std::initializer_list<std::pair<char const*, double>>{{"--sefd", sefd_jy},
                                                               {"--radius", radius_deg},
                                                               {"--flux-jy", brightest_jy},
                                                               {"--spix-std", spix_std},
                                                               {"--gain-std", gain_std.value_or(0)},
                                                               {"--phase-std-deg", phase_std_deg.value_or(0)},
                                                               {"--delay-std-ns", delay_std_ns},
                                                               {"--bandpass", instrument.bandpass_ripple},
                                                               {"--drift", instrument.drift_amplitude},
                                                               {"--drift-phase-deg", drift_phase_deg},
                                                               {"--rfi", instrument.rfi_fraction},
                                                               {"--zeros", instrument.zero_fraction}})
        if (!std::isfinite(value)) throw Error(Code::usage, name, "it is not a finite number", "correct it");
    int const n = subbands > 0 ? subbands : telescope_data.band.subbands;
    for (auto const& [name, list] : {std::pair("--missing", &missing), std::pair("--truncate", &truncated)})
        for (int subband : *list)
            if (subband < 0 || subband >= n)
                throw Error(Code::usage, std::string(name) + " " + std::to_string(subband),
                            "subbands go from 0 to " + std::to_string(n - 1), "correct it");
    instrument.sefd_jy = wanted_sefd_jy(telescope_data);
    instrument.gain_amplitude_std = gain_std.value_or(cal_errors ? 0.1 : 0);
    instrument.gain_phase_std_rad = phase_std_deg.value_or(cal_errors ? 10 : 0) * degree_rad;
    instrument.drift_period_s = 3600 * drift_hours;
    instrument.drift_phase_rad = drift_phase_deg * degree_rad;
    instrument.delay_std_s = delay_std_ns * 1e-9;
}

void SimulateOptions::settle_layout(Telescope const& telescope_data)
{
    if (freq_order.empty()) freq_order = telescope_data.band.descending ? "desc" : "asc";
    if (!duration_min) return;
    std::string const asked = "--duration-minutes " + short_number(*duration_min);
    double const n = *duration_min * 60 / telescope_data.integration_s;
    if (!(n >= 0.5 && n < 100000))
        throw Error(Code::usage, asked,
                    "an integration of the telescope takes " + short_number(telescope_data.integration_s) + " s",
                    "give 1 to 100000 of them");
    int const wanted = static_cast<int>(std::lround(n));
    if (integrations > 0 && std::abs(integrations - n) <= 1) return;
    if (integrations > 0)
        throw Error(Code::usage, asked + " and --integrations " + std::to_string(integrations),
                    "so long are " + std::to_string(wanted) + " integrations", "give one of them");
    integrations = wanted;
}

double SimulateOptions::wanted_sefd_jy(Telescope const& telescope_data) const
{
    if (system_temp_k) {
        std::string const asked = "--system-temp-k " + short_number(*system_temp_k);
        if (!(*system_temp_k > 0 && std::isfinite(*system_temp_k)))
            throw Error(Code::usage, asked, "it is not a temperature above 0 K", "correct it");
        if (sefd_jy > 0) throw Error(Code::usage, asked + " and --sefd", "each says what the noise is", "give one");
        double const efficiency = aperture_efficiency.value_or(telescope_data.aperture_efficiency);
        if (!(telescope_data.dish_diameter_m > 0 && efficiency > 0))
            throw Error(Code::usage, asked, "the telescope file has no dish_diameter_m or no aperture_efficiency",
                        "give --aperture-efficiency, or --sefd");
        return sefd_of_temperature_jy(*system_temp_k, telescope_data.dish_diameter_m, efficiency);
    }
    if (aperture_efficiency)
        throw Error(Code::usage, "--aperture-efficiency", "without --system-temp-k nothing needs it", "give both");
    double const wanted = sefd_jy > 0 ? sefd_jy : noise ? telescope_data.sefd_jy : 0;
    if (noise && wanted <= 0) throw Error(Code::usage, "--noise", "the telescope file has no sefd_jy", "give --sefd");
    return wanted;
}

std::vector<int> SimulateOptions::writing_order(int n_subbands) const
{
    std::vector<int> order;
    for (int s = 0; s < n_subbands; ++s)
        if (!contains(missing, s)) order.push_back(s);
    Random random{instrument.seed, order_stream};
    for (std::size_t i = order.size(); shuffle_subbands && i > 1; --i)
        std::swap(order[i - 1], order[static_cast<std::size_t>(random.below(static_cast<Index>(i)))]);
    return order;
}

void SimulateOptions::settle_start(Telescope const& telescope_data, EarthOrientation const& earth)
{
    if (!ra_deg) return;
    double mjd = start_mjd();
    for (int round = 0; round < 4; ++round) {  // precession and aberration make the first guess 0.3 degrees wrong
        auto at = observation();
        at.start = MjdSeconds(mjd * day_s);
        double const off_deg =
            *ra_deg - default_centre(simulated_header(telescope_data, at), earth).ra.value() / degree_rad;
        double const ahead_deg =
            round == 0 ? off_deg - 360 * std::floor(off_deg / 360) : std::remainder(off_deg, 360.0);
        mjd += ahead_deg / 360.98564737;  // turn of the Earth in a day
    }
    char text[40];
    std::snprintf(text, sizeof text, "%.12f", mjd);
    start = text;
}

double SimulateOptions::start_mjd() const { return parse_mjd(start, "--start"); }
double SimulateOptions::jitter_s() const { return parse_duration_s(jitter, "--jitter"); }

bool contains(std::vector<int> const& list, int value)
{
    return std::find(list.begin(), list.end(), value) != list.end();
}

std::string format_stamp(double mjd) { return format_mjd(std::floor(mjd * day_s + 1e-3) / day_s); }

}  // namespace nocturne::cli
