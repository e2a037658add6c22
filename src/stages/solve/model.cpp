#include "stages/solve/model.hpp"

#include "nocturne/short_number.hpp"
#include "sky/beam.hpp"
#include "sky/calibrators.hpp"
#include "sky/catalogue.hpp"
#include "sky/phasing.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <sstream>

namespace nocturne {
namespace {

void check_centres(GroupHeader const& header, EarthOrientation const& earth, bool of_column)
{
    auto const refuse = [&](std::string const& reason, char const* what_to_do) {
        throw Error(Code::bad_input, "cannot solve on group " + header.group_id, reason, what_to_do);
    };
    if (header.ragged())
        refuse("its baselines have times of their own, so gains of a time are not those of all baselines",
               "solve on a group with the same times for all baselines");
    if (of_column) return;
    std::string apart;
    GroupMoments(header, earth).common_centre(apart);
    if (!apart.empty()) refuse(apart, "solve on one pointing: of a Measurement Set, choose its field with --field");
}

/// Sources around where the dishes look, of one catalogue.
class FieldSearch {
public:
    FieldSearch(GroupHeader const& header, SolveSettings const& settings, EarthOrientation const& earth)
        : group_id_(header.group_id), settings_(settings)
    {
        GroupMoments const moments(header, earth);
        search_.direction =
            header.pointings.empty() ? default_centre(header, earth) : moments.pointing(moments.size() / 2);
        zenith_ = moments.instant(moments.size() / 2).zenith();
        if (settings.beam == BeamModel::airy) search_.dish_diameter_m = common_dish_diameter_m(header).value_or(0);
        if (header.freq_hz.empty()) return;
        edges_hz_ = {header.freq_hz.front(), header.freq_hz.back()};
        search_.freq_hz = 0.5 * (edges_hz_[0] + edges_hz_[1]);
    }

    /// The calibrator, then what else is seen with the least share of it anywhere in the band: a source in a null of the beam at
    /// mid-band is not in one at its edges.
    std::vector<Source> sources()
    {
        double const least = settings_.least_flux_share * calibrator().seen_flux_jy;
        search_.radius = Radians(std::max(settings_.calibrator_radius_rad, field_radius_rad()));
        std::vector<Source> found;
        for (auto const& match : match_calibrators(near(least * faintest_at_1400()), search_))
            if (separation(match.source.direction, zenith_).value() < pi / 2 && most_seen_jy(match) >= least)
                found.push_back(match.source);
        return found;
    }

private:
    std::vector<Source> near(double least_flux_jy) const
    {
        if (settings_.catalogue.empty()) return shipped_calibrators();
        return sources_around(settings_.catalogue, search_.direction, search_.radius, least_flux_jy);
    }

    CalibratorMatch calibrator()
    {
        search_.radius = Radians(settings_.calibrator_radius_rad);
        auto const matches = match_calibrators(near(0), search_);
        if (!matches.empty()) return matches.front();
        throw Error(Code::bad_input, "no calibrator in the beam",
                    "the catalogue has none within " + short_number(settings_.calibrator_radius_rad / degree_rad) +
                        " degrees of the pointing of group " + group_id_,
                    "name the sources with model");
    }

    double field_radius_rad() const
    {
        constexpr double whole_sky = pi / 2, without_beam = 3 * degree_rad;
        if (settings_.field_radius_rad > 0) return settings_.field_radius_rad;
        return search_.dish_diameter_m > 0 ? whole_sky : without_beam;
    }

    /// Of a flux at our frequency, the least at 1.4 GHz, where catalogues have theirs, that a spectral index of -2 to 2 allows.
    double faintest_at_1400() const
    {
        double const ratio = search_.freq_hz / source_reference_hz;
        return std::min(ratio * ratio, 1 / (ratio * ratio));
    }

    double most_seen_jy(CalibratorMatch const& match) const
    {
        double most = match.seen_flux_jy;
        for (double freq_hz : edges_hz_)
            most = std::max(most, match.source.flux_at(freq_hz) *
                                      airy_power(search_.dish_diameter_m, std::sin(match.separation.value()), freq_hz));
        return most;
    }

    std::string const& group_id_;
    SolveSettings const& settings_;
    CalibratorSearch search_;
    Direction zenith_;
    std::vector<double> edges_hz_;
};

}  // namespace

SolveModel::SolveModel(GroupHeader const& header, SolveSettings const& settings)
    : column_(settings.model_column),
      n_integrations_(std::ssize(header.time_mjd_s)),
      n_channels_(std::ssize(header.freq_hz))
{
    auto const earth = EarthOrientation::load(settings.earth_table);
    check_centres(header, earth, of_column());
    centre_ = default_centre(header, earth);
    if (of_column()) return;
    sources_ =
        settings.model_csv.empty() ? FieldSearch(header, settings, earth).sources() : read_sources(settings.model_csv);
    SkyOptions options;
    options.beam = settings.beam;
    predictor_.emplace(header, sources_, options, earth);
    centre_ = predictor_->centre();
    double total = 0;
    for (float flux : fluxes()) total += std::abs(flux);
    if (!(total > 0))
        throw Error(Code::bad_input, "the model has no flux",
                    sources_.empty() ? "it lists no source" : "every source is 0 Jy or beyond the primary beam",
                    "name the calibrator of this group with model");
}

std::vector<float> SolveModel::fluxes() const
{
    std::vector<float> values;
    values.reserve(static_cast<std::size_t>(n_integrations_ * n_sources() * n_channels_));
    for (Index t = 0; t < n_integrations_; ++t)
        for (Index s = 0; s < n_sources(); ++s)
            for (Index c = 0; c < n_channels_; ++c) values.push_back(predictor_->seen_flux(t, s, c));
    return values;
}

std::vector<SourceFringe> SolveModel::fringes(Index first, Index count) const
{
    std::vector<SourceFringe> values;
    values.reserve(static_cast<std::size_t>(n_integrations_ * count * n_sources()));
    for (Index t = 0; t < n_integrations_; ++t)
        for (Index b = first; b < first + count; ++b)
            for (Index s = 0; s < n_sources(); ++s) {
                auto const f = predictor_->band_fringe(t, b, s);
                SourceFringe& value = values.emplace_back();
                value.delay_s = f.delay_s;
                std::copy_n(f.smear, 3, value.smear);
            }
    return values;
}

std::string SolveModel::text() const
{
    if (of_column()) return "column " + column_;
    std::vector<Index> order(sources_.size());
    std::iota(order.begin(), order.end(), Index(0));
    auto const seen = [&](Index s) { return predictor_->seen_flux(n_integrations_ / 2, s, n_channels_ / 2); };
    std::stable_sort(order.begin(), order.end(), [&](Index a, Index b) { return seen(a) > seen(b); });
    std::ostringstream text;
    text.precision(10);
    for (Index const s : order) {
        auto const& source = sources_[static_cast<std::size_t>(s)];
        text << (text.tellp() > 0 ? "; " : "") << (source.name.empty() ? "source" : source.name) << " "
             << source.flux_jy << " Jy at " << source.direction.ra.value() / degree_rad << ","
             << source.direction.dec.value() / degree_rad;
    }
    return text.str();
}

}  // namespace nocturne
