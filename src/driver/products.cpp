// Enters: a finished group. Leaves: its files as one set, and the rows that describe them.
#include "driver/products.hpp"

#include "driver/group_report.hpp"
#include "io/fits_writer.hpp"
#include "io/hash.hpp"
#include "io/png_writer.hpp"
#include "io/product.hpp"
#include "qa/picture.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>

namespace nocturne {
namespace {

FitsHeader fits_header(GroupState const& state, ProductContext const& context)
{
    FitsHeader header;
    header.telescope_name = state.header.site.telescope_name;
    header.object_name = state.header.group_id;
    header.keys = {{"NOCT_VER", context.code_version, "code version"},
                   {"NOCT_CFG", context.config_hash, "xxh3-128 of the effective configuration"},
                   {"NOCT_INP", db::input_key(context.inputs), "xxh3-128 over the checksums of the inputs"},
                   {"NOCT_GRP", state.header.group_id, "group"},
                   {"NSUBBAND", static_cast<std::int64_t>(state.header.n_present()), "subbands present"},
                   {"NVISUSED", static_cast<std::int64_t>(state.counts.used), "samples used"},
                   {"NVISTOT", static_cast<std::int64_t>(state.counts.total()), "samples in all"},
                   {"NOCT_RUN", context.run_id, "run"},
                   {"NOCT_HOST", context.where.host, "host"},
                   {"NOCT_RANK", static_cast<std::int64_t>(context.rank), "rank that wrote this"}};
    for (auto const& file : context.inputs)
        header.history.push_back("input " + file.xxh128 + " " + std::filesystem::path(file.path).filename().string());
    header.history.push_back("site from " + state.header.site.origin);
    if (!state.earth_note.empty()) header.history.push_back(state.earth_note);
    return header;
}

db::ProductRow row_of(std::string path, std::string type, std::string product, void const* data, std::size_t bytes)
{
    db::ProductRow row;
    row.path = std::filesystem::absolute(path).string();
    row.type = std::move(type);
    row.product = std::move(product);
    row.bytes = static_cast<std::int64_t>(bytes);
    row.xxh128 = hash_bytes(data, bytes);
    return row;
}

db::ProductRow ms_row(ProductRecord const& record)
{
    db::ProductRow row;
    row.path = std::filesystem::absolute(record.path).string();
    row.product = measurement_set_product;
    row.bytes = static_cast<std::int64_t>(record.bytes);
    row.xxh128 = record.xxh128;
    return row;
}

/// Adds a file to the set and its row to what was written.
void add_file(ProductSet& set, WrittenProducts& written, db::ProductRow row, std::string const& path, void const* data)
{
    set.add(path).write(data, static_cast<std::size_t>(row.bytes));
    written.files.push_back(std::move(row));
}

}  // namespace

db::ImageRow describe_image(Image const& image, GroupState const& state, std::string const& path,
                            std::string const& datasum)
{
    db::ImageRow row;
    row.path = std::filesystem::absolute(path).string();
    row.product = name(image.product);
    row.center_ra_deg = image.geometry.centre.ra.value() / degree_rad;
    row.center_dec_deg = image.geometry.centre.dec.value() / degree_rad;
    row.imsize = image.geometry.n_pixels;
    row.cellsize_arcsec = image.geometry.cell_rad / arcsec_rad;
    row.noise_jy = image.noise_jy;
    row.dynamic_range =
        image.noise_jy > 0 ? *std::max_element(image.pixels.begin(), image.pixels.end()) / image.noise_jy : NAN;
    row.beam_major_arcsec = image.beam.major_rad / arcsec_rad;
    row.beam_minor_arcsec = image.beam.minor_rad / arcsec_rad;
    row.beam_pa_deg = image.beam.pa_rad / degree_rad;
    row.field_name = state.header.group_id;
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
    row.datasum = datasum;
    return row;
}

WrittenProducts write_products(GroupState const& state, ProductContext const& context)
{
    remove_stray_temporaries(std::filesystem::path(context.stem).parent_path().string());  // of a run that was killed
    ProductSet set(context.stem + ".xxh128");
    WrittenProducts written;
    auto const header = fits_header(state, context);
    for (auto const& image : state.images) {
        auto const path = context.stem + "-" + name(image.product) + ".fits";
        auto const fits = encode_fits(image, header);
        auto row = row_of(path, "SCIENCE", name(image.product), fits.bytes.data(), fits.bytes.size());
        row.datasum = fits.datasum;
        written.images.push_back(describe_image(image, state, path, fits.datasum));
        add_file(set, written, std::move(row), path, fits.bytes.data());
    }
    auto const page = make_group_report(state, context, written.files);
    if (page.picture.width > 0) {
        auto const picture = with_colour_bar(page.picture);
        auto const png = encode_png(picture.width, picture.height, picture.rgb);
        written.picture_path = context.stem + ".png";
        add_file(set, written, row_of(written.picture_path, "PLOT", "thumbnail", png.data(), png.size()),
                 written.picture_path, png.data());
    }
    written.report_path = context.stem + "-report.html";
    add_file(set, written, row_of(written.report_path, "LOG", "report", page.html.data(), page.html.size()),
             written.report_path, page.html.data());
    if (context.ms) set.add(context.ms->take_product());
    auto const records = set.commit();
    if (context.ms) written.files.push_back(ms_row(records.back()));
    return written;
}

}  // namespace nocturne
