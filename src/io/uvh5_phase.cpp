#include "io/header_parts.hpp"

#include <algorithm>
#include <cmath>

namespace nocturne {
namespace {

using hdf5::Fields;

Error bad(std::string problem, std::string reason, std::string advice)
{
    return Error(Code::bad_input, std::move(problem), std::move(reason), std::move(advice));
}

/// DSA-110 writes hour angle and declination of the phase centre as extra keywords.
bool stopped_on_meridian(Fields const& fields, FileHeader const& header)
{
    if (!fields.has("extra_keywords")) return header.site.telescope_name == "OVRO_MMA";
    auto const group = hdf5::open_group(fields.group(), "extra_keywords");
    Fields const extra(group.id(), "Header/extra_keywords", header.bytes);
    if (extra.has("phase_center_epoch")) {
        auto const type =
            hdf5::shape_of(hdf5::open_dataset(group.id(), "phase_center_epoch").id(), "phase_center_epoch");
        if (type.empty() && extra.text("phase_center_epoch") == "HADEC") return true;
    }
    return header.site.telescope_name == "OVRO_MMA";
}

void set_meridian(Fields const& fields, FileHeader& header)
{
    if (!fields.has("extra_keywords"))
        throw bad("Header/extra_keywords/phase_center_dec is missing", "the file is fringe-stopped on the meridian",
                  "write the declination of the phase centre in radians");
    auto const group = hdf5::open_group(fields.group(), "extra_keywords");
    Fields const extra(group.id(), "Header/extra_keywords", header.bytes);
    double const dec = extra.number("phase_center_dec");
    if (std::abs(dec) > pi / 2)
        throw bad("Header/extra_keywords/phase_center_dec is not a declination", std::to_string(dec) + " rad",
                  "repair the header");
    if (extra.has("ha_phase_center") && std::abs(extra.number("ha_phase_center")) > 1e-9)
        throw bad("Header/extra_keywords/ha_phase_center is not 0", "the phase centre is not on the meridian",
                  "such files are not supported");
    header.centres = {{PhaseReference::meridian, {Radians(0), Radians(dec)}, header.object_name}};
}

void set_icrs(FileHeader& header, double ra, double dec, std::string const& frame)
{
    if (frame == "fk5")
        header.notes.push_back("the phase centre is FK5 J2000 and is taken as ICRS (they agree to 25 mas)");
    else if (frame != "icrs")
        throw bad("the phase centre is in the frame '" + frame + "'", "only ICRS and FK5 J2000 are read",
                  "rephase the file to an ICRS direction (pyuvdata: UVData.phase)");
    if (std::abs(dec) > pi / 2)
        throw bad("the phase centre is not a direction", "declination beyond 90 degrees", "repair the header");
    header.centres = {{PhaseReference::icrs, {Radians(ra), Radians(dec)}, header.object_name}};
}

void read_legacy(Fields const& fields, FileHeader& header)
{
    auto const type = fields.text("phase_type");
    if (type == "phased") {
        auto const frame = fields.has("phase_center_frame") ? fields.text("phase_center_frame") : std::string("icrs");
        if (!fields.has("phase_center_app_ra"))
            header.notes.push_back(
                "phased by an old method (no phase_center_app_ra): phases may be off by 1e-4 of the baseline; "
                "pyuvdata's "
                "fix_old_proj repairs that");
        set_icrs(header, fields.number("phase_center_ra"), fields.number("phase_center_dec"), frame);
    } else if (type == "drift" || type == "unphased") {
        if (stopped_on_meridian(fields, header)) set_meridian(fields, header);
    } else {
        throw bad("Header/phase_type is '" + type + "'", "known are drift, phased and unphased", "repair the header");
    }
}

/// The ids in use, from phase_center_id_array, or all of the catalogue.
std::vector<std::int64_t> ids_in_use(Fields const& fields, FileHeader const& header)
{
    auto ids = fields.integers("phase_center_id_array", {static_cast<hsize_t>(header.n_rows)});
    std::sort(ids.begin(), ids.end());
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
    return ids;
}

/// One entry of the catalogue, as far as it decides where phase 0 lies.
struct Centre {
    std::string type, frame, name;
    double lon = 0, lat = 0;
    bool operator==(Centre const& o) const
    {
        return type == o.type && frame == o.frame && lon == o.lon && lat == o.lat;
    }
};

Centre read_centre(hid_t catalogue, std::int64_t id, FileHeader const& header)
{
    auto const key = std::to_string(id);
    if (!hdf5::has(catalogue, key))
        throw bad("Header/phase_center_catalog/" + key + " is missing", "phase_center_id_array names it",
                  "repair the header");
    auto const group = hdf5::open_group(catalogue, key);
    Fields const entry(group.id(), "Header/phase_center_catalog/" + key, header.bytes);
    Centre centre;
    centre.type = entry.text("cat_type");
    if (entry.has("cat_name")) centre.name = entry.text("cat_name");
    if (centre.type == "unprojected") return centre;
    if (centre.type != "sidereal")
        throw bad("the phase centre '" + centre.name + "' is of type " + centre.type,
                  "only sidereal and unprojected are read",
                  "rephase the file to an ICRS direction (pyuvdata: UVData.phase)");
    centre.frame = entry.text("cat_frame");
    centre.lon = entry.number("cat_lon");
    centre.lat = entry.number("cat_lat");
    return centre;
}

void read_catalogue(Fields const& fields, FileHeader& header)
{
    H5O_info_t info{};
    hdf5::check_status(H5Oget_info_by_name(fields.group(), "phase_center_catalog", &info, H5P_DEFAULT),
                       "cannot read Header/phase_center_catalog");
    if (info.type != H5O_TYPE_GROUP)
        throw bad("Header/phase_center_catalog is not a group", "a draft of the format stored it as text",
                  "read and write the file with pyuvdata 2.2 or later");
    auto const group = hdf5::open_group(fields.group(), "phase_center_catalog");
    auto const ids = ids_in_use(fields, header);
    auto const centre = read_centre(group.id(), ids.front(), header);
    for (auto const id : ids)
        if (!(read_centre(group.id(), id, header) == centre))
            throw bad("the file has several phase centres", std::to_string(ids.size()) + " are in use",
                      "split it, or rephase it to one direction (pyuvdata: UVData.phase)");
    if (header.object_name.empty()) header.object_name = centre.name;
    if (centre.type == "sidereal")
        set_icrs(header, centre.lon, centre.lat, centre.frame);
    else if (stopped_on_meridian(fields, header))
        set_meridian(fields, header);
}

}  // namespace

void read_phase_reference(Fields const& fields, FileHeader& header)
{
    header.centres = {{PhaseReference::unphased, {}, header.object_name}};
    if (fields.has("phase_center_catalog"))
        read_catalogue(fields, header);
    else
        read_legacy(fields, header);
}

}  // namespace nocturne
