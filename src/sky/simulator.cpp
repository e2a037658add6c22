// The header follows DSA-110's own layout; rows are sky through instrument.
#include "sky/simulator.hpp"

#include "nocturne/error.hpp"
#include "sky/random.hpp"

#include <algorithm>
#include <cmath>

namespace nocturne {
namespace {

constexpr int catalogue_stream = 100;

int chosen(int wanted, int own, int most, std::string const& what)
{
    int const n = wanted > 0 ? wanted : own;
    if (n < 1 || n > most)
        throw Error(Code::usage, "cannot simulate " + std::to_string(n) + " " + what,
                    "the telescope has " + std::to_string(most), "choose 1 to " + std::to_string(most));
    return n;
}

/// `n` of `all` stations, evenly over their list, so that few antennas still span the array and its outriggers.
std::vector<std::int32_t> spread(int n, int all)
{
    std::vector<std::int32_t> chosen_stations;
    for (int i = 0; i < n; ++i)
        chosen_stations.push_back(
            n == 1 ? 0 : static_cast<std::int32_t>(std::lround(static_cast<double>(i) * (all - 1) / (n - 1))));
    return chosen_stations;
}

/// Channels of all subbands, ascending, and where each subband's begin.
void add_band(Telescope const& telescope, int subbands, int channels, GroupHeader& header)
{
    Band band = telescope.band;
    band.channels = channels;
    for (int s = 0; s < subbands; ++s) {
        auto const freq = band.freq_hz(s);
        header.freq_hz.insert(header.freq_hz.end(), freq.begin(), freq.end());
        Subband one;
        one.index = s;
        one.first_channel = static_cast<std::int64_t>(band.descending ? subbands - 1 - s : s) * channels;
        one.n_channels = channels;
        header.subbands.push_back(one);
    }
    std::sort(header.freq_hz.begin(), header.freq_hz.end());
    header.channel_width_hz.assign(header.freq_hz.size(), band.channel_width_hz);
    header.expected_subbands = subbands;
}

}  // namespace

GroupHeader simulated_header(Telescope const& telescope, ObservationOptions const& options)
{
    if (telescope.stations.empty() || telescope.band.first_channel_hz <= 0)
        throw Error(Code::usage, "cannot simulate telescope " + telescope.name, "it has no stations or no band",
                    "give a telescope file that has them");
    int const antennas =
        chosen(options.antennas, telescope.live_antennas, static_cast<int>(telescope.stations.size()), "antennas");
    int const integrations = chosen(options.integrations, telescope.integrations, 100000, "integrations");
    GroupHeader header;
    header.site = telescope.site;
    header.site.origin = "header";
    header.centres.front().kind =
        telescope.drift == DriftState::fringe_stopped ? PhaseReference::meridian : PhaseReference::unphased;
    header.centres.front().direction = {Radians(0), options.dec};
    header.correlations = telescope.correlations;
    header.antennas = antennas_of(telescope, telescope.site);
    add_band(telescope, chosen(options.subbands, telescope.band.subbands, 100, "subbands"),
             chosen(options.channels, telescope.band.channels, 100000, "channels"), header);
    for (int t = 0; t < integrations; ++t) {
        double const mjd_s = options.start.value() + (t + 0.5) * telescope.integration_s;
        double const jd = mjd_s / day_s + jd_minus_mjd_days;
        header.time_mjd_s.push_back((jd - jd_minus_mjd_days) * day_s);
    }
    header.integration_s.assign(header.time_mjd_s.size(), telescope.integration_s);
    auto const live = spread(antennas, static_cast<int>(telescope.stations.size()));
    for (std::size_t b = 0; b < live.size(); ++b)
        for (std::size_t a = 0; a <= b; ++a) header.baselines.push_back({live[a], live[b]});
    return header;
}

std::vector<Source> random_sources(RandomSky const& sky)
{
    std::vector<Source> sources;
    Random random{sky.seed, catalogue_stream};
    double const reach = std::sin(sky.radius.value()), apart = 0.03 * reach;
    for (int failures = 0; std::ssize(sources) < sky.sources && failures < 100;) {
        double const r = reach * std::sqrt(random.uniform()), angle = random.uniform(0, 2 * pi);
        Source source;
        source.direction = direction_at(r * std::cos(angle), r * std::sin(angle), sky.centre);
        source.flux_jy = sky.brightest_jy * std::pow(10, -random.uniform());
        source.spix = sky.spix_std * random.normal();
        source.name = "S" + std::to_string(sources.size() + 1);
        bool const alone = std::none_of(sources.begin(), sources.end(), [&](Source const& other) {
            return separation(other.direction, source.direction).value() < apart;
        });
        failures = alone ? 0 : failures + 1;
        if (alone) sources.push_back(source);
    }
    if (std::ssize(sources) < sky.sources)
        throw Error(Code::usage, "cannot place " + std::to_string(sky.sources) + " sources",
                    "they would lie closer than 3 % of the radius", "ask for fewer sources");
    return sources;
}

void Simulator::fill(Index first, Index n, View<Vis, 4> out) const
{
    NOCT_CHECK(out.extent[2] == n && out.stride[3] == 1 && out.stride[2] == out.extent[3],
               "simulated rows are contiguous");
    std::vector<float> re(static_cast<std::size_t>(n)), im(re.size());
    for (Index t = 0; t < out.extent[0]; ++t)
        for (Index b = 0; b < out.extent[1]; ++b) {
            std::fill(re.begin(), re.end(), 0.0F);
            std::fill(im.begin(), im.end(), 0.0F);
            sky_->add_row(t, b, first, n, re.data(), im.data());
            instrument_->observe(t, b, first, n, re.data(), im.data(), &out(t, b, 0, 0));
        }
}

}  // namespace nocturne
