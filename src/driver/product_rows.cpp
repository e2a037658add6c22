// Enters: a finished group, images, what was written. Leaves: what is said of them.
#include "driver/product_rows.hpp"

#include "driver/row_json.hpp"
#include "sky/frames.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>

namespace nocturne {

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(ProductRecord, path, bytes, xxh128, temporary)

namespace {

/// Bilinear between pixels, the nearest edge outside.
double value_at(Image const& image, double x, double y)
{
    auto const last = static_cast<double>(image.geometry.n_pixels - 1);
    x = std::clamp(x, 0.0, last), y = std::clamp(y, 0.0, last);
    double const x0 = std::min(std::floor(x), last - 1), y0 = std::min(std::floor(y), last - 1);
    auto const pixel = [&](double row, double column) {
        return static_cast<double>(image.pixels[static_cast<std::size_t>(row * (last + 1) + column)]);
    };
    return (y0 + 1 - y) * ((x0 + 1 - x) * pixel(y0, x0) + (x - x0) * pixel(y0, x0 + 1)) +
           (y - y0) * ((x0 + 1 - x) * pixel(y0 + 1, x0) + (x - x0) * pixel(y0 + 1, x0 + 1));
}

void add_calibration_keys(CalibrationUse const& use, FitsHeader& header)
{
    header.keys.push_back({"CALPROV", std::string(name(use.provenance)), "where the solutions come from"});
    header.keys.push_back({"CALMETH", use.method, "how they were carried to this time"});
    header.keys.push_back({"CALWBEF", use.weight_before, "weight of the set before"});
    header.keys.push_back({"CALFORCE", !use.waived.empty(), "refusals were set aside by --force"});
    for (auto const& set : use.sets) header.history.push_back("solutions of set " + set);
    for (auto const& file : use.files)
        header.history.push_back("solutions " + file.xxh128 + " " +
                                 std::filesystem::path(file.path).filename().string());
    for (auto const& waived : use.waived) header.history.push_back("forced " + waived);
    for (auto const& rule : use.unverified) header.history.push_back("solutions do not say their " + rule);
}

}  // namespace

FitsHeader fits_header(GroupState const& state, ProductContext const& context)
{
    FitsHeader header;
    header.telescope_name = state.header.site.telescope_name;
    header.object_name = state.header.group_id;
    header.keys = {{"NOCT_VER", context.code_version, "code version"},
                   {"NOCT_CFG", context.config_hash, "xxh3-128 of the effective configuration"},
                   {"NOCT_INP", db::input_key(context.inputs), "xxh3-128 over the checksums of the inputs"},
                   {"NOCT_GRP", state.header.group_id, "group"},
                   {"TIER", context.tier, "how much care the image was made with"},
                   {"NSUBBAND", static_cast<std::int64_t>(state.header.n_present()), "subbands present"},
                   {"NVISUSED", static_cast<std::int64_t>(state.counts.used), "samples used"},
                   {"NVISTOT", static_cast<std::int64_t>(state.counts.total()), "samples in all"},
                   {"NOCT_RUN", context.run_id, "run"},
                   {"NOCT_HOST", context.where.host, "host"},
                   {"NOCT_RANK", static_cast<std::int64_t>(context.rank), "rank that wrote this"}};
    if (state.calibration) add_calibration_keys(*state.calibration, header);
    for (auto const& file : context.inputs)
        header.history.push_back("input " + file.xxh128 + " " + std::filesystem::path(file.path).filename().string());
    header.history.push_back("site from " + state.header.site.origin);
    for (auto const& note : context.notes) header.history.push_back("note " + note);
    if (!state.earth_note.empty()) header.history.push_back(state.earth_note);
    return header;
}

db::ImageRow image_row(Image const& image, GroupState const& state, std::string const& path, WrittenFits const& fits)
{
    db::ImageRow row;
    row.path = std::filesystem::absolute(path).string();
    row.product = name(image.product);
    row.center_ra_deg = image.geometry.centre.ra.value() / degree_rad;
    row.center_dec_deg = image.geometry.centre.dec.value() / degree_rad;
    row.imsize = image.geometry.n_pixels;
    row.cellsize_arcsec = image.geometry.cell_rad / arcsec_rad;
    row.noise_jy = image.noise_jy;
    row.dynamic_range = image.noise_jy > 0 ? static_cast<double>(fits.largest) / image.noise_jy : NAN;
    row.pbcor = image.product == Product::pbcor || image.product == Product::noise;  // as in its header
    bool const fitted = image.beam.major_rad > 0;                                    // no beam is unknown, not 0
    row.beam_major_arcsec = fitted ? image.beam.major_rad / arcsec_rad : NAN;
    row.beam_minor_arcsec = fitted ? image.beam.minor_rad / arcsec_rad : NAN;
    row.beam_pa_deg = fitted ? image.beam.pa_rad / degree_rad : NAN;
    row.field_name = state.field_names.empty() ? state.header.group_id : state.field_names.front();
    row.freq_ghz = image.freq_hz / 1e9;
    row.bandwidth_mhz = image.bandwidth_hz / 1e6;
    row.integration_s = image.duration_s;
    row.mid_mjd = image.mid_time_mjd_s / day_s;
    row.n_subbands = state.header.n_present();
    row.stokes = image.stokes;
    row.weighting = image.weighting;
    row.robust = image.robust;
    row.epsilon = image.epsilon;
    row.n_vis_used = state.counts.used;
    row.n_vis_missing = state.counts.by_reason[0];
    row.n_vis_flagged = state.counts.total() - row.n_vis_used - row.n_vis_missing;
    row.datasum = fits.datasum;
    return row;
}

namespace {

/// Of a Gaussian: its angle from the north of its own place.
double angle_at(ModelComponent const& c, Direction const& centre)
{
    if (!(c.major_rad > 0)) return 0;
    constexpr double step = 1e-6;
    auto const a = direction_at(c.l, c.m, centre),
               b = direction_at(c.l + step * std::sin(c.pa_rad), c.m + step * std::cos(c.pa_rad), centre);
    double const east = std::remainder(b.ra.value() - a.ra.value(), 2 * pi) * std::cos(a.dec.value());
    double const angle = std::atan2(east, b.dec.value() - a.dec.value());
    return angle < 0 ? angle + pi : angle;
}

}  // namespace

std::string components_csv(std::vector<ModelComponent> list, ImageGeometry const& geometry, Image const* pb)
{
    std::stable_sort(list.begin(), list.end(), [](ModelComponent const& a, ModelComponent const& b) {
        return std::abs(a.apparent_jy) > std::abs(b.apparent_jy);
    });
    std::string text =
        "name,ra_deg,dec_deg,flux_jy,apparent_jy,x_pix,y_pix,major_arcsec,minor_arcsec,pa_deg,slope_jy\n";
    double const middle = static_cast<double>(geometry.n_pixels / 2);
    int k = 0;
    for (auto const& c : list) {
        auto const place = direction_at(c.l, c.m, geometry.centre);
        double const x = middle - c.l / geometry.cell_rad, y = middle + c.m / geometry.cell_rad;
        double const power = pb ? value_at(*pb, x, y) : 1;
        char line[280];
        std::snprintf(line, sizeof line, "C%d,%.10f,%.10f,%.9g,%.9g,%.4f,%.4f,%.4f,%.4f,%.3f,%.9g\n", ++k,
                      place.ra.value() / degree_rad, place.dec.value() / degree_rad,
                      power > 0 ? c.apparent_jy / power : c.apparent_jy, c.apparent_jy, x, y, c.major_rad / arcsec_rad,
                      c.minor_rad / arcsec_rad, angle_at(c, geometry.centre) / degree_rad, c.slope_jy);
        text += line;
    }
    return text;
}

std::string candidates_csv(std::vector<Candidate> const& candidates)
{
    std::string text = "integration,mid_mjd,ra_deg,dec_deg,x_pix,y_pix,flux_jy,noise_jy,snr\n";
    for (auto const& one : candidates) {
        char line[240];
        std::snprintf(line, sizeof line, "%lld,%.10f,%.8f,%.8f,%.2f,%.2f,%.6g,%.6g,%.2f\n",
                      static_cast<long long>(one.integration), one.time_mjd_s / day_s, one.at.ra.value() / degree_rad,
                      one.at.dec.value() / degree_rad, one.x_pix, one.y_pix, one.flux_jy, one.noise_jy, one.snr());
        text += line;
    }
    return text;
}

FitsHeader without_counts(FitsHeader header)
{
    std::erase_if(header.keys, [](FitsKey const& key) { return key.name == "NVISUSED" || key.name == "NVISTOT"; });
    return header;
}

db::ProductRow product_row(ProductRecord const& record, std::string type, std::string product)
{
    db::ProductRow row;
    row.path = std::filesystem::absolute(record.path).string();
    row.type = std::move(type);
    row.product = std::move(product);
    row.bytes = static_cast<std::int64_t>(record.bytes);
    row.xxh128 = record.xxh128;
    return row;
}

std::string packed(std::vector<db::ImageRow> const& rows, std::vector<ProductRecord> const& records)
{
    auto const bytes = nlohmann::json::to_cbor({{"rows", rows}, {"records", records}});  // holds NaN, too
    return {bytes.begin(), bytes.end()};
}

void unpack(std::string const& bytes, std::vector<db::ImageRow>& rows, std::vector<ProductRecord>& records)
{
    auto const part = nlohmann::json::from_cbor(bytes);
    for (auto const& row : part["rows"]) rows.push_back(row);
    for (auto const& record : part["records"]) records.push_back(record);
}

}  // namespace nocturne
