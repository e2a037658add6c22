// Lists images. Enters: a session and which of them. Leaves: rows by rising time.
#include "db/images.hpp"

#include "db/query.hpp"

#include <limits>
#include <map>

namespace nocturne::db {
namespace {

constexpr char const* image_columns =
    "SELECT path, product, group_id, run_id, type, center_ra_deg, center_dec_deg, imsize_x, cellsize_arcsec, noise_jy, "
    "dynamic_range, beam_major_arcsec, beam_minor_arcsec, beam_pa_deg, pbcor, field_name, freq_ghz, bandwidth_mhz, "
    "integration_sec, mid_mjd, n_subbands, stokes, weighting, robust, epsilon, n_vis_used, n_vis_flagged, "
    "n_vis_missing, "
    "tier, datasum, created_at, CASE WHEN EXISTS (SELECT 1 FROM group_runs g WHERE g.run_id = images.run_id AND "
    "g.group_id = images.group_id AND g.status = 'CANCELLED') THEN 1 ELSE 0 END FROM images ORDER BY mid_mjd NULLS "
    "FIRST, "
    "path";

/// The better science image of a group: primary beam corrected, then cleaned, then dirty; 0 = not one.
int rank_of(std::string const& product)
{
    static std::map<std::string, int> const ranks{{"pbcor", 3}, {"image", 2}, {"dirty", 1}};
    auto const found = ranks.find(product);
    return found == ranks.end() ? 0 : found->second;
}

bool better(ImageRow const& a, ImageRow const& b)
{
    return std::pair(rank_of(a.product), a.created_s) > std::pair(rank_of(b.product), b.created_s);
}

std::vector<ImageRow> all_images(Session& session)
{
    Query query(session, image_columns);
    double const nan = std::numeric_limits<double>::quiet_NaN();
    auto &path = query.text(), &product = query.text(), &group = query.text(), &run = query.text(),
         &type = query.text();
    auto &ra = query.real(), &dec = query.real();
    auto& imsize = query.integer();
    auto &cell = query.real(), &noise = query.real(), &range = query.real(), &major = query.real(),
         &minor = query.real(), &pa = query.real();
    auto& pbcor = query.integer();
    auto& field = query.text();
    auto &freq = query.real(), &bandwidth = query.real(), &integration = query.real(), &mid = query.real();
    auto& subbands = query.integer();
    auto &stokes = query.text(), &weighting = query.text();
    auto &robust = query.real(), &epsilon = query.real();
    auto &used = query.integer(), &flagged = query.integer(), &missing = query.integer();
    auto &tier = query.text(), &datasum = query.text();
    auto& created = query.real();
    auto& retired = query.integer();
    std::vector<ImageRow> rows;
    while (query.fetch())
        rows.push_back({path.get(),       product.get(),      group.get(),          run.get(),
                        type.get(),       ra.get(nan),        dec.get(nan),         imsize.get(),
                        cell.get(nan),    noise.get(nan),     range.get(nan),       major.get(nan),
                        minor.get(nan),   pa.get(nan),        pbcor.get() != 0,     field.get(),
                        freq.get(nan),    bandwidth.get(nan), integration.get(nan), mid.get(nan),
                        subbands.get(),   stokes.get(),       weighting.get(),      robust.get(nan),
                        epsilon.get(nan), used.get(),         flagged.get(),        missing.get(),
                        tier.get(),       datasum.get(),      created.get(nan),     retired.get() != 0});
    return rows;
}

}  // namespace

std::vector<ImageRow> list_images(Session& session, ImageChoice choice)
{
    auto rows = all_images(session);
    if (choice == ImageChoice::all) return rows;
    std::map<std::string, ImageRow const*> best;
    for (auto const& row : rows) {
        if (rank_of(row.product) == 0 || row.retired) continue;
        auto& chosen = best[row.group_id];
        if (!chosen || better(row, *chosen)) chosen = &row;
    }
    std::vector<ImageRow> kept;
    for (auto const& row : rows) {
        auto const found = best.find(row.group_id);
        if (found != best.end() && found->second == &row) kept.push_back(row);
    }
    return kept;
}

}  // namespace nocturne::db
