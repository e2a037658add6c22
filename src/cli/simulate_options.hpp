// Options of `simulate` as typed, and what they mean for the simulator.
#pragma once

#include "cli/sky_options.hpp"
#include "sky/simulator.hpp"

#include <optional>

namespace nocturne::cli {

struct SimulateOptions {
    std::string out, telescope = "DSA-110", start = "2026-01-25T22:26:05", jitter = "0";
    int antennas = 0, integrations = 0, subbands = 0, channels = 0;
    std::optional<double> duration_min;
    std::string freq_order;  ///< of channels within the files: "asc", "desc"; "": the telescope's
    bool shuffle_subbands = false, template_free = false, double_uvw = false;
    double dec_deg = 54.57;
    std::optional<double> ra_deg;  ///< right ascension (ICRS) on the meridian at mid-time
    SkyArguments sky;
    std::vector<std::string> single_sources;  ///< "RA,DEC[,FLUX[,SPIX]]"
    int random_sources = -1;                  ///< below 0: default_sources where there are no others
    double radius_deg = 1, brightest_jy = 1, spix_std = 0;
    std::string source_model;  ///< "point", "gaussian", or "" where nothing was said
    std::optional<double> source_size_arcsec, source_minor_arcsec;
    double source_pa_deg = 0;
    std::string source_catalogue, source_catalogue_type;
    std::optional<double> region_ra_deg, region_dec_deg, region_radius_deg, least_flux_mjy;
    int most_sources = -1;  ///< below 0: default_most
    bool noise = false;
    bool cal_errors = false;
    std::optional<double> gain_std, phase_std_deg;  ///< nothing: 0, or with cal_errors their usual size
    std::optional<double> system_temp_k, aperture_efficiency;
    double sefd_jy = 0, delay_std_ns = 0, drift_phase_deg = 0, drift_hours = 0;
    InstrumentOptions instrument;
    float nsamples = 48;
    std::vector<int> missing, truncated;

    void declare(App& app);
    Telescope read_telescope() const;
    ObservationOptions observation() const;
    /// Integrations from a duration, to the nearest, and the telescope's order of channels. Throws Error(usage) where integrations
    /// are given, too, and differ by more than one.
    void settle_layout(Telescope const& telescope);
    /// The subbands that are written, in the order in which they are.
    std::vector<int> writing_order(int n_subbands) const;
    /// Derived values of `instrument`; the telescope's SEFD where noise is asked for without a number.
    /// Throws Error(usage) where numbers make no sense, or the telescope file lacks what they need.
    void complete(Telescope const& telescope);
    /// Sources of the CSV, of the catalogue, single ones, and random ones around `centre`; where nothing is asked for 30 of them, or
    /// one of --source-model.
    std::vector<Source> read_sky(Direction centre) const;
    double start_mjd() const;
    /// Moves the start to the next time at which the meridian is at ra_deg at mid-time; nothing where that is not given.
    void settle_start(Telescope const& telescope, EarthOrientation const& earth);
    double jitter_s() const;

private:
    void declare_sources(App& app);
    void check_model() const;
    void shape(Source& source) const;
    std::vector<Source> catalogue_sources(Direction centre) const;
    double wanted_sefd_jy(Telescope const& telescope) const;
};

bool contains(std::vector<int> const& list, int value);

/// "2026-01-25T22:26:05": seconds rounded down, as the correlator names its files.
std::string format_stamp(double mjd);

}  // namespace nocturne::cli
