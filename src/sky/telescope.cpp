// A telescope file is read key by key, so that a key nobody knows is an error with its line and the nearest name.
#include "sky/telescope.hpp"

#include "nocturne/error.hpp"
#include "nocturne/nearest.hpp"
#include "nocturne/text.hpp"
#include "sky/data_path.hpp"

#include <erfa.h>
#include <erfam.h>
#include <yaml-cpp/yaml.h>
#include <algorithm>
#include <cctype>
#include <filesystem>
#include <functional>
#include <map>
#include <set>

namespace nocturne {
namespace {

using Setter = std::function<void(YAML::Node const&)>;

Error bad_entry(YAML::Mark const& mark, std::string const& problem, std::string const& reason,
                std::string const& advice)
{
    return Error(Code::bad_config, problem, reason, advice)
        .in("line " + std::to_string(mark.line + 1) + ", column " + std::to_string(mark.column + 1));
}

template<class T>
T value(YAML::Node const& node)
{
    try {
        return node.as<T>();
    } catch (YAML::Exception const&) {
        throw bad_entry(node.Mark(), "a value has the wrong type", "'" + YAML::Dump(node) + "'",
                        "see jobs/telescopes/dsa110.yaml");
    }
}

double positive(YAML::Node const& node)
{
    double const number = value<double>(node);
    if (!(number > 0))
        throw bad_entry(node.Mark(), "a value is not positive", YAML::Dump(node), "give a positive number");
    return number;
}

double share(YAML::Node const& node)
{
    double const number = positive(node);
    if (number > 1) throw bad_entry(node.Mark(), "a share is above 1", YAML::Dump(node), "give one of at most 1");
    return number;
}

double not_negative(YAML::Node const& node)
{
    double const number = value<double>(node);
    if (!(number >= 0))
        throw bad_entry(node.Mark(), "a value is negative", YAML::Dump(node), "give a positive number, or 0");
    return number;
}

template<class T>
Setter choice(T& target, std::map<std::string, T> const& known)
{
    return [&target, known](YAML::Node const& node) {
        auto const found = known.find(value<std::string>(node));
        std::string names;
        for (auto const& [name, unused] : known) names += (names.empty() ? "" : ", ") + name;
        if (found == known.end())
            throw bad_entry(node.Mark(), "unknown value '" + YAML::Dump(node) + "'", "known are " + names,
                            "choose one of them");
        target = found->second;
    };
}

/// Every key of `map` is handed to its setter; all keys of `setters` must stand there unless named in `optional`.
void read_map(YAML::Node const& map, std::map<std::string, Setter> const& setters,
              std::set<std::string> const& optional)
{
    if (!map.IsMap()) throw bad_entry(map.Mark(), "a mapping is needed", YAML::Dump(map), "write key: value");
    std::vector<std::string> names;
    names.reserve(setters.size());
    for (auto const& [name, unused] : setters) names.push_back(name);
    for (auto const& item : map) {
        auto const key = item.first.as<std::string>();
        auto const found = setters.find(key);
        if (found == setters.end())
            throw bad_entry(item.first.Mark(), "unknown key '" + key + "'", "no such key here",
                            "remove it" + did_you_mean(key, names));
        found->second(item.second);
    }
    for (auto const& name : names)
        if (!optional.contains(name) && !map[name])
            throw bad_entry(map.Mark(), "key '" + name + "' is missing", "it has no default", "add it");
}

void read_site(YAML::Node const& node, Site& site)
{
    read_map(node,
             {{"latitude_deg", [&](auto const& n) { site.latitude_rad = value<double>(n) * degree_rad; }},
              {"longitude_deg", [&](auto const& n) { site.longitude_rad = value<double>(n) * degree_rad; }},
              {"altitude_m", [&](auto const& n) { site.altitude_m = value<double>(n); }}},
             {});
}

void read_band(YAML::Node const& node, Band& band)
{
    read_map(node,
             {{"subbands", [&](auto const& n) { band.subbands = static_cast<int>(positive(n)); }},
              {"channels", [&](auto const& n) { band.channels = static_cast<int>(positive(n)); }},
              {"first_channel_hz", [&](auto const& n) { band.first_channel_hz = positive(n); }},
              {"channel_width_hz", [&](auto const& n) { band.channel_width_hz = positive(n); }},
              {"order", choice<bool>(band.descending, {{"descending", true}, {"ascending", false}})}},
             {});
}

std::vector<Correlation> read_correlations(YAML::Node const& node)
{
    static std::map<std::string, Correlation> const known{
        {"XX", Correlation::XX}, {"YY", Correlation::YY}, {"XY", Correlation::XY}, {"YX", Correlation::YX},
        {"RR", Correlation::RR}, {"LL", Correlation::LL}, {"RL", Correlation::RL}, {"LR", Correlation::LR}};
    std::vector<Correlation> all;
    for (auto const& item : node) choice<Correlation>(all.emplace_back(), known)(item);
    return all;
}

std::vector<Station> read_stations(YAML::Node const& node)
{
    std::vector<Station> stations;
    std::set<std::string> names;
    for (auto const& item : node) {
        if (!item.IsSequence() || item.size() != 4)
            throw bad_entry(item.Mark(), "a station is not [name, latitude_deg, longitude_deg, altitude_m]",
                            YAML::Dump(item), "write these four");
        if (auto const name = value<std::string>(item[0]); !names.insert(name).second)
            throw bad_entry(item.Mark(), "two stations are called '" + name + "'", "names tell stations apart",
                            "rename one, or remove it");
        stations.push_back({value<std::string>(item[0]), value<double>(item[1]) * degree_rad,
                            value<double>(item[2]) * degree_rad, value<double>(item[3])});
    }
    return stations;
}

Telescope parse(YAML::Node const& root, std::string const& path)
{
    Telescope t;
    t.path = path;
    read_map(root,
             {{"name", [&](auto const& n) { t.name = value<std::string>(n); }},
              {"aliases", [&](auto const& n) { t.aliases = value<std::vector<std::string>>(n); }},
              {"instrument", [&](auto const& n) { t.instrument = value<std::string>(n); }},
              {"site", [&](auto const& n) { read_site(n, t.site); }},
              {"site_from",
               choice<SiteFrom>(t.site_from, {{"header", SiteFrom::header}, {"telescope", SiteFrom::telescope}})},
              {"drift", choice<DriftState>(t.drift, {{"fringe-stopped", DriftState::fringe_stopped},
                                                     {"unphased", DriftState::unphased}})},
              {"dish_diameter_m", [&](auto const& n) { t.dish_diameter_m = not_negative(n); }},
              {"feeds", choice<FeedKind>(t.feeds, {{"linear", FeedKind::linear}, {"circular", FeedKind::circular}})},
              {"correlations", [&](auto const& n) { t.correlations = read_correlations(n); }},
              {"band", [&](auto const& n) { read_band(n, t.band); }},
              {"integration_s", [&](auto const& n) { t.integration_s = positive(n); }},
              {"integrations", [&](auto const& n) { t.integrations = static_cast<int>(positive(n)); }},
              {"live_antennas", [&](auto const& n) { t.live_antennas = static_cast<int>(positive(n)); }},
              {"sefd_jy", [&](auto const& n) { t.sefd_jy = positive(n); }},
              {"aperture_efficiency", [&](auto const& n) { t.aperture_efficiency = share(n); }},
              {"ms_uvw",
               choice<UvwSense>(t.ms_uvw, {{"r1-r2", UvwSense::one_minus_two}, {"r2-r1", UvwSense::two_minus_one}})},
              {"uvw_range_m", [&](auto const& n) { t.uvw_range_m = value<std::array<double, 2>>(n); }},
              {"stations", [&](auto const& n) { t.stations = read_stations(n); }}},
             {"aliases", "instrument", "site_from", "feeds", "integrations", "live_antennas", "sefd_jy", "uvw_range_m",
              "ms_uvw", "aperture_efficiency"});
    t.site.telescope_name = t.aliases.empty() ? t.name : t.aliases.front();
    t.site.origin = path;
    if (t.live_antennas == 0) t.live_antennas = static_cast<int>(t.stations.size());
    return t;
}

bool goes_by(Telescope const& telescope, std::string const& wanted)
{
    auto const same = [&](std::string const& name) { return lower(name) == lower(wanted); };
    return same(telescope.name) || std::any_of(telescope.aliases.begin(), telescope.aliases.end(), same);
}

std::array<double, 3> itrs_m(double longitude_rad, double latitude_rad, double altitude_m)
{
    std::array<double, 3> xyz{};
    eraGd2gc(ERFA_WGS84, longitude_rad, latitude_rad, altitude_m, xyz.data());
    return xyz;
}

}  // namespace

std::vector<double> Band::freq_hz(int subband) const
{
    std::vector<double> freq(static_cast<std::size_t>(channels));
    double const step = descending ? -channel_width_hz : channel_width_hz;
    for (std::size_t c = 0; c < freq.size(); ++c)
        freq[c] = first_channel_hz + step * (static_cast<double>(subband) * channels + static_cast<double>(c));
    return freq;
}

Telescope load_telescope(std::string const& path)
{
    return within("telescope file " + path, [&] {
        try {
            return parse(YAML::LoadFile(path), path);
        } catch (YAML::BadFile const&) {
            throw Error(Code::input_missing, "cannot read a telescope file", "no such readable file", "check the path");
        } catch (YAML::ParserException const& error) {
            throw bad_entry(error.mark, "not YAML", error.msg, "repair the line");
        }
    });
}

namespace {

/// All that have a file, of each folder in order of their names.
std::vector<std::string> telescope_files()
{
    namespace fs = std::filesystem;
    std::set<fs::path> seen;
    std::vector<std::string> all;
    for (auto const& folder : data_folders()) {
        std::error_code failure;
        std::vector<fs::path> files;
        for (auto const& entry : fs::directory_iterator(fs::path(folder) / "telescopes", failure))
            if (entry.path().extension() == ".yaml" && seen.insert(fs::weakly_canonical(entry.path())).second)
                files.push_back(entry.path());
        std::sort(files.begin(), files.end());
        all.insert(all.end(), files.begin(), files.end());
    }
    return all;
}

}  // namespace

Telescope find_telescope(std::string const& telescope_name)
{
    for (auto const& file : telescope_files())
        if (auto telescope = load_telescope(file); goes_by(telescope, telescope_name)) return telescope;
    Telescope unknown;
    unknown.name = telescope_name;
    return unknown;
}

std::vector<std::string> telescope_names()
{
    std::vector<std::string> names;
    for (auto const& file : telescope_files()) {
        auto const telescope = load_telescope(file);
        names.push_back(telescope.name);
        names.insert(names.end(), telescope.aliases.begin(), telescope.aliases.end());
    }
    return names;
}

void apply(Telescope const& telescope, GroupHeader& header)
{
    if (telescope.site_from == SiteFrom::telescope) {
        auto const name = header.site.telescope_name;
        header.site = telescope.site;
        header.site.telescope_name = name;
    }
    for (auto& antenna : header.antennas)
        if (antenna.diameter_m <= 0) antenna.diameter_m = telescope.dish_diameter_m;
}

double sefd_of_temperature_jy(double system_temp_k, double dish_diameter_m, double aperture_efficiency)
{
    constexpr double boltzmann_j_k = 1.380649e-23, jy = 1e-26;
    double const area_m2 = pi / 4 * dish_diameter_m * dish_diameter_m;
    return 2 * boltzmann_j_k * system_temp_k / (aperture_efficiency * area_m2) / jy;
}

std::vector<Antenna> antennas_of(Telescope const& telescope, Site const& site)
{
    auto const centre = itrs_m(site.longitude_rad, site.latitude_rad, site.altitude_m);
    std::vector<Antenna> antennas;
    for (auto const& station : telescope.stations) {
        auto at = itrs_m(station.longitude_rad, station.latitude_rad, station.altitude_m);
        for (std::size_t i = 0; i < 3; ++i) at[i] -= centre[i];
        int const number = static_cast<int>(antennas.size());
        antennas.push_back({std::to_string(number + 1), number, at, telescope.dish_diameter_m});
    }
    return antennas;
}

}  // namespace nocturne
