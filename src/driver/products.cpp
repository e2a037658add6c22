// Enters: a finished group. Leaves: its files as one set, and the rows that describe them.
#include "driver/products.hpp"

#include "driver/group_report.hpp"
#include "io/fits_writer.hpp"
#include "io/hash.hpp"
#include "io/png_writer.hpp"
#include "io/product.hpp"
#include "qa/picture.hpp"
#include "sky/frames.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <limits>

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

/// Blank pixels apart.
float largest_pixel(Image const& image)
{
    float most = -std::numeric_limits<float>::infinity();
    for (float pixel : image.pixels)
        if (pixel > most) most = pixel;
    return most;
}

/// The model as a list of sources: apparent fluxes, and intrinsic ones where a primary beam is known. By falling flux.
std::string components_csv(Image const& model, Image const* pb)
{
    auto const& g = model.geometry;
    std::vector<std::size_t> at;
    for (std::size_t i = 0; i < model.pixels.size(); ++i)
        if (model.pixels[i] != 0) at.push_back(i);
    std::stable_sort(at.begin(), at.end(), [&](std::size_t a, std::size_t b) {
        return std::abs(model.pixels[a]) > std::abs(model.pixels[b]);
    });
    std::string text = "name,ra_deg,dec_deg,flux_jy,apparent_jy,x_pix,y_pix\n";
    for (std::size_t k = 0; k < at.size(); ++k) {
        Index const x = static_cast<Index>(at[k]) % g.n_pixels, y = static_cast<Index>(at[k]) / g.n_pixels;
        auto const place = direction_at(-static_cast<double>(x - g.n_pixels / 2) * g.cell_rad,
                                        static_cast<double>(y - g.n_pixels / 2) * g.cell_rad, g.centre);
        double const apparent = static_cast<double>(model.pixels[at[k]]);
        double const power = pb ? static_cast<double>(pb->pixels[at[k]]) : 1;
        char line[200];
        std::snprintf(line, sizeof line, "C%zu,%.10f,%.10f,%.9g,%.9g,%lld,%lld\n", k + 1, place.ra.value() / degree_rad,
                      place.dec.value() / degree_rad, power > 0 ? apparent / power : apparent, apparent,
                      static_cast<long long>(x), static_cast<long long>(y));
        text += line;
    }
    return text;
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
    row.dynamic_range = image.noise_jy > 0 ? static_cast<double>(largest_pixel(image)) / image.noise_jy : NAN;
    row.pbcor = image.product == Product::pbcor;
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
    if (auto const* model = find_product(state.images, Product::model)) {
        auto const path = context.stem + "-components.csv";
        auto const list = components_csv(*model, find_product(state.images, Product::pb));
        add_file(set, written, row_of(path, "SCIENCE", "components", list.data(), list.size()), path, list.data());
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
