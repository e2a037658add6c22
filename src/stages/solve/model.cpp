#include "stages/solve/model.hpp"

#include "nocturne/short_number.hpp"
#include "sky/beam.hpp"
#include "sky/calibrators.hpp"
#include "sky/catalogue.hpp"
#include "sky/phasing.hpp"

#include <algorithm>
#include <cmath>
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

std::vector<Source> from_catalogue(GroupHeader const& header, SolveSettings const& settings,
                                   EarthOrientation const& earth)
{
    CalibratorSearch search;
    GroupMoments const moments(header, earth);
    search.direction = header.pointings.empty() ? default_centre(header, earth) : moments.pointing(moments.size() / 2);
    search.radius = Radians(settings.field_radius_rad);
    if (settings.beam == BeamModel::airy) search.dish_diameter_m = common_dish_diameter_m(header).value_or(0);
    if (!header.freq_hz.empty()) search.freq_hz = 0.5 * (header.freq_hz.front() + header.freq_hz.back());
    auto const near = settings.catalogue.empty() ? shipped_calibrators()
                                                 : sources_around(settings.catalogue, search.direction, search.radius);
    auto matches = match_calibrators(near, search);
    auto const calibrator = std::find_if(matches.begin(), matches.end(), [&](CalibratorMatch const& match) {
        return match.separation.value() <= settings.calibrator_radius_rad;
    });
    if (calibrator == matches.end())
        throw Error(Code::bad_input, "no calibrator in the beam",
                    "the catalogue has none within " + short_number(settings.calibrator_radius_rad / degree_rad) +
                        " degrees of the pointing of group " + header.group_id,
                    "name the sources with model");
    std::vector<Source> sources;
    for (auto const& match : matches)
        if (match.seen_flux_jy >= settings.least_flux_share * calibrator->seen_flux_jy) sources.push_back(match.source);
    return sources;
}

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
    sources_ = settings.model_csv.empty() ? from_catalogue(header, settings, earth) : read_sources(settings.model_csv);
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
    std::ostringstream text;
    text.precision(10);
    for (auto const& source : sources_)
        text << (text.tellp() > 0 ? "; " : "") << (source.name.empty() ? "source" : source.name) << " "
             << source.flux_jy << " Jy at " << source.direction.ra.value() / degree_rad << ","
             << source.direction.dec.value() / degree_rad;
    return text.str();
}

}  // namespace nocturne
