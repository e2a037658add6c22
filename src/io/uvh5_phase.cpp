#include "io/celestial_frames.hpp"
#include "io/centre_entry.hpp"
#include "io/damaged.hpp"
#include "io/ephemeris.hpp"
#include "io/header_parts.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <memory>
#include <tuple>

namespace nocturne {
namespace {

using hdf5::Fields;

/// DSA-110 writes hour angle and declination of the phase centre as extra keywords.
bool stopped_on_meridian(Fields const& fields, FileHeader const& header)
{
    if (!fields.has("extra_keywords")) return header.site.telescope_name == "OVRO_MMA";
    auto const group = hdf5::open_group(fields.group(), "extra_keywords");
    Fields const extra(group.id(), "Header/extra_keywords", header.bytes);
    if (extra.is_text("phase_center_epoch") && extra.text("phase_center_epoch") == "HADEC") return true;
    return header.site.telescope_name == "OVRO_MMA";
}

PhaseCentre meridian_centre(Fields const& fields, FileHeader const& header, std::string const& name)
{
    if (!fields.has("extra_keywords"))
        throw bad_input("Header/extra_keywords/phase_center_dec is missing",
                        "the file is fringe-stopped on the meridian",
                        "write the declination of the phase centre in radians");
    auto const group = hdf5::open_group(fields.group(), "extra_keywords");
    Fields const extra(group.id(), "Header/extra_keywords", header.bytes);
    double const dec = extra.number("phase_center_dec");
    if (std::abs(dec) > pi / 2)
        throw bad_input("Header/extra_keywords/phase_center_dec is not a declination", std::to_string(dec) + " rad",
                        "repair the header");
    if (extra.has_value("ha_phase_center") && std::abs(extra.number("ha_phase_center")) > 1e-9)
        throw bad_input("Header/extra_keywords/ha_phase_center is not 0", "the phase centre is not on the meridian",
                        "such files are not supported");
    return {PhaseReference::meridian, {Radians(0), Radians(dec)}, name};
}

char const* const rephase = "rephase the file to an ICRS direction (pyuvdata: UVData.phase)";

/// What drift files and entries of type unprojected are: not fringe-stopped, but for DSA-110's.
PhaseCentre unprojected_centre(Fields const& fields, FileHeader const& header, std::string const& name)
{
    if (stopped_on_meridian(fields, header)) return meridian_centre(fields, header, name);
    return {PhaseReference::unphased, {}, name};
}

/// A centre of the file, which may have another direction at each time.
class StatedCentre {
public:
    virtual ~StatedCentre() = default;
    virtual bool moves() const { return false; }
    virtual PhaseCentre at(MjdSeconds time) const = 0;
};

class FixedCentre : public StatedCentre {
public:
    explicit FixedCentre(PhaseCentre centre) : centre_(std::move(centre)) {}
    PhaseCentre at(MjdSeconds) const override { return centre_; }

private:
    PhaseCentre centre_;
};

/// Sidereal: one direction of a frame.
class SiderealCentre : public StatedCentre {
public:
    SiderealCentre(StatedDirection stated, SpaceMotion motion, std::string name)
        : stated_(std::move(stated)), motion_(motion), name_(std::move(name))
    {}
    bool moves() const override { return moves_with_time(stated_.frame) || motion_.moves(); }
    PhaseCentre at(MjdSeconds time) const override
    {
        return {PhaseReference::icrs, moved(to_icrs(stated_, time), motion_, time), name_};
    }

private:
    StatedDirection stated_;
    SpaceMotion motion_;
    std::string name_;
};

/// Ephemeris: a table of directions over time.
class EphemerisCentre : public StatedCentre {
public:
    EphemerisCentre(StatedDirection frame, Interpolator longitude, Interpolator latitude, std::string name)
        : stated_(std::move(frame)),
          longitude_(std::move(longitude)),
          latitude_(std::move(latitude)),
          name_(std::move(name))
    {}
    bool moves() const override { return true; }
    PhaseCentre at(MjdSeconds time) const override
    {
        if (!longitude_.covers(time.value()))
            throw bad_input("the ephemeris of the phase centre '" + name_ + "' does not cover the data",
                            "cat_times ends before or starts after a time of time_array", rephase);
        auto stated = stated_;
        stated.longitude_rad = longitude_(time.value());
        stated.latitude_rad = latitude_(time.value());
        return {PhaseReference::icrs, to_icrs(stated, time), name_};
    }

private:
    StatedDirection stated_;
    Interpolator longitude_, latitude_;
    std::string name_;
};

/// A point at a finite distance, in the direction of another centre (pyuvdata's near_field).
class NearCentre : public StatedCentre {
public:
    explicit NearCentre(std::unique_ptr<StatedCentre> direction) : direction_(std::move(direction)) {}
    bool moves() const override { return direction_->moves(); }
    PhaseCentre at(MjdSeconds time) const override
    {
        auto centre = direction_->at(time);
        centre.near = true;
        return centre;
    }

private:
    std::unique_ptr<StatedCentre> direction_;
};

StatedDirection stated_direction(CentreEntry const& entry)
{
    StatedDirection stated;
    stated.frame = entry.text("cat_frame");
    if (entry.has_value("cat_epoch")) stated.epoch = entry.number("cat_epoch");
    return stated;
}

std::unique_ptr<StatedCentre> ephemeris_centre(CentreEntry const& entry, std::string const& name)
{
    auto times = entry.numbers("cat_times");
    auto const longitudes = entry.numbers("cat_lon"), latitudes = entry.numbers("cat_lat");
    if (times.empty())
        throw bad_input("the ephemeris of the phase centre '" + name + "' is empty", "cat_times", rephase);
    for (double& t : times) t = (t - jd_minus_mjd_days) * day_s;
    for (std::size_t i = 1; i < times.size(); ++i)
        if (!(times[i] > times[i - 1]))
            throw bad_input("the ephemeris of the phase centre '" + name + "' does not ascend",
                            "cat_times, entry " + std::to_string(i), "sort it");
    if (longitudes.size() != times.size() || latitudes.size() != times.size())
        throw bad_input("the ephemeris of the phase centre '" + name + "' has the wrong shape",
                        "cat_lon, cat_lat and cat_times differ in length", "repair the header");
    Interpolator longitude(times, longitudes), latitude(times, latitudes);
    return std::make_unique<EphemerisCentre>(stated_direction(entry), std::move(longitude), std::move(latitude), name);
}

std::unique_ptr<StatedCentre> fixed_direction(CentreEntry const& entry, SpaceMotion motion, std::string const& name)
{
    auto stated = stated_direction(entry);
    stated.longitude_rad = entry.number("cat_lon");
    stated.latitude_rad = entry.number("cat_lat");
    constexpr double mas_rad = arcsec_rad / 1000;
    motion.ra_rad_a = entry.number_or("cat_pm_ra", 0) * mas_rad;
    motion.dec_rad_a = entry.number_or("cat_pm_dec", 0) * mas_rad;
    return std::make_unique<SiderealCentre>(std::move(stated), motion, name);
}

std::unique_ptr<StatedCentre> sidereal_centre(CentreEntry const& entry, std::string const& name)
{
    SpaceMotion motion;
    double const distance_pc = entry.number_or("cat_dist", 0);
    if (distance_pc < 0)
        throw bad_input("the phase centre '" + name + "' has no distance",
                        "cat_dist is " + std::to_string(distance_pc) + " pc", "repair the header");
    if (distance_pc > 0) motion.parallax_arcsec = 1 / distance_pc;
    motion.receding_km_s = entry.number_or("cat_vrad", 0);
    return fixed_direction(entry, motion, name);
}

std::unique_ptr<StatedCentre> near_centre(CentreEntry const& entry, std::string const& name)
{
    return std::make_unique<NearCentre>(entry.has_value("cat_times") ? ephemeris_centre(entry, name)
                                                                     : fixed_direction(entry, {}, name));
}

std::unique_ptr<StatedCentre> read_entry(Fields const& fields, CentreEntry const& entry, FileHeader const& header)
{
    auto const type = entry.text("cat_type");
    auto const name = entry.name();
    if (type == "sidereal") return sidereal_centre(entry, name);
    if (type == "ephem") return ephemeris_centre(entry, name);
    if (type == "unprojected") return std::make_unique<FixedCentre>(unprojected_centre(fields, header, name));
    if (type == "driftscan")
        return std::make_unique<FixedCentre>(
            PhaseCentre{PhaseReference::horizon,
                        {Radians(entry.number_or("cat_lon", 0)), Radians(entry.number_or("cat_lat", pi / 2))},
                        name});
    if (type == "near_field") return near_centre(entry, name);
    throw bad_input("the phase centre '" + name + "' is of the unknown type " + type,
                    "known are sidereal, ephem, near_field, unprojected and driftscan", rephase);
}

/// Numbers the centres in the order of the rows. A centre that moves is another one at each time.
class CentreList {
public:
    CentreList(Rows& rows, FileHeader& header) : rows_(rows), header_(header) { header.centres.clear(); }

    void set(std::size_t row, std::int64_t id, StatedCentre const& stated)
    {
        MjdSeconds const time(rows_.time_mjd_s[row]);
        auto const [found, fresh] = number_.try_emplace({id, stated.moves() ? time.value() : 0.0}, 0);
        if (fresh) found->second = number_of(stated.at(time));
        rows_.centre.push_back(found->second);
    }

    /// Where all rows have one centre, nothing is said of each.
    void finish()
    {
        if (header_.centres.size() == 1) rows_.centre.clear();
    }

private:
    /// Two entries of one name and direction are one centre.
    std::int32_t number_of(PhaseCentre centre)
    {
        auto const key = std::tuple(centre.kind, centre.direction.ra, centre.direction.dec, centre.name, centre.near);
        auto const [known, fresh] = known_.try_emplace(key, static_cast<std::int32_t>(header_.centres.size()));
        if (fresh) header_.centres.push_back(std::move(centre));
        return known->second;
    }

    Rows& rows_;
    FileHeader& header_;
    std::map<std::pair<std::int64_t, double>, std::int32_t> number_;
    std::map<std::tuple<PhaseReference, Radians, Radians, std::string, bool>, std::int32_t> known_;
};

void read_catalogue(Fields const& fields, FileHeader& header, Rows& rows)
{
    CentreCatalogue const catalogue(fields, header.bytes);
    auto const ids = fields.integers("phase_center_id_array", {static_cast<hsize_t>(header.n_rows)});
    std::map<std::int64_t, std::unique_ptr<StatedCentre>> entries;
    CentreList list(rows, header);
    for (std::size_t r = 0; r < ids.size(); ++r) {
        auto& entry = entries[ids[r]];
        if (!entry) entry = read_entry(fields, *catalogue.entry(ids[r]), header);
        list.set(r, ids[r], *entry);
    }
    list.finish();
    if (header.object_name.empty()) header.object_name = header.centres.front().name;
}

/// Only its w say what a near-field centre did to the data.
void refuse_near(FileHeader const& header, char const* reason)
{
    for (auto const& centre : header.centres)
        if (centre.near) throw bad_input("the near-field phase centre '" + centre.name + "' has no w", reason, rephase);
}

/// The w that phased rows were stopped with, where the file has it in double precision: writers compute it each in their way.
void read_file_w(Fields const& fields, FileHeader& header, Rows& rows)
{
    bool const phased = std::any_of(header.centres.begin(), header.centres.end(), [](PhaseCentre const& centre) {
        return centre.kind == PhaseReference::icrs || centre.kind == PhaseReference::horizon;
    });
    if (!phased || !fields.is_double("uvw_array")) return refuse_near(header, "uvw_array is not in double precision");
    auto const uvw = fields.numbers("uvw_array", {static_cast<hsize_t>(header.n_rows), 3});
    rows.w_m.resize(uvw.size() / 3);
    for (std::size_t r = 0; r < rows.w_m.size(); ++r) {
        auto const& centre = header.centres[static_cast<std::size_t>(rows.centre.empty() ? 0 : rows.centre[r])];
        bool const stopped = centre.kind == PhaseReference::icrs || centre.kind == PhaseReference::horizon;
        rows.w_m[r] = stopped ? uvw[3 * r + 2] : std::numeric_limits<double>::quiet_NaN();
    }
    bool const filled =
        std::any_of(rows.w_m.begin(), rows.w_m.end(), [](double w) { return w != 0 && !std::isnan(w); });
    if (filled) return;
    rows.w_m.clear();
    refuse_near(header, "uvw_array is 0");
}

void read_legacy(Fields const& fields, FileHeader& header, Rows& rows)
{
    auto const type = fields.text("phase_type");
    if (type != "phased") {
        if (type != "drift" && type != "unphased")
            header.notes.push_back("unknown phase_type '" + type + "': taken as drift, as pyuvdata does");
        header.centres = {unprojected_centre(fields, header, header.object_name)};
        return;
    }
    StatedDirection stated;
    if (fields.has("phase_center_frame")) stated.frame = fields.text("phase_center_frame");
    if (fields.has_value("phase_center_epoch")) stated.epoch = fields.number("phase_center_epoch");
    stated.longitude_rad = fields.number("phase_center_ra");
    stated.latitude_rad = fields.number("phase_center_dec");
    header.old_phasing = !fields.has("phase_center_app_ra") && (stated.frame == "icrs" || stated.frame == "gcrs");
    SiderealCentre const centre(std::move(stated), {}, header.object_name);
    CentreList list(rows, header);
    for (std::size_t r = 0; r < rows.time_mjd_s.size(); ++r) list.set(r, 0, centre);
    list.finish();
    if (header.old_phasing)
        header.notes.push_back("phased by an old method (no phase_center_app_ra): the w of its uvw_array is undone");
}

}  // namespace

void read_phase_reference(Fields const& fields, FileHeader& header, Rows& rows)
{
    if (fields.has("phase_center_catalog"))
        read_catalogue(fields, header, rows);
    else
        read_legacy(fields, header, rows);
    read_file_w(fields, header, rows);
}

bool same_place(PhaseCentre const& a, PhaseCentre const& b)
{
    constexpr double same_direction_rad = 1e-9;
    return a.kind == b.kind && std::abs((a.direction.ra - b.direction.ra).value()) <= same_direction_rad &&
           std::abs((a.direction.dec - b.direction.dec).value()) <= same_direction_rad;
}

void order_centres(std::vector<PhaseCentre> const& like, FileHeader& header, Rows& rows)
{
    auto const same = [](PhaseCentre const& a, PhaseCentre const& b) { return a.name == b.name && same_place(a, b); };
    auto const& own = header.centres;
    if (std::equal(own.begin(), own.end(), like.begin(), like.end(), same)) return;
    std::vector<std::int32_t> number;
    std::vector<bool> taken(like.size());
    for (auto const& centre : own) {
        auto const find = [&](auto const& fits) {
            std::size_t i = 0;
            while (i < like.size() && (taken[i] || !fits(centre, like[i]))) ++i;
            return i;
        };
        auto i = find(same);
        if (i == like.size()) i = find(same_place);
        if (i == like.size()) return;
        taken[i] = true;
        number.push_back(static_cast<std::int32_t>(i));
    }
    if (rows.centre.empty()) rows.centre.assign(rows.time_mjd_s.size(), 0);
    for (auto& centre : rows.centre) centre = number[static_cast<std::size_t>(centre)];
    header.centres = like;
    if (like.size() == 1) rows.centre.clear();
}

}  // namespace nocturne
