#include "db/candidates.hpp"

#include "db/query.hpp"

namespace nocturne::db {

void store_candidates(Session& session, std::string const& run_id, std::string const& group_id,
                      std::vector<CandidateRow> const& rows)
{
    Query(session, "DELETE FROM candidates WHERE run_id = :run AND group_id = :id").bind(run_id).bind(group_id).run();
    for (auto const& [one, path, group, run] : rows)
        Query(session,
              "INSERT INTO candidates (run_id, group_id, integration, mid_mjd, ra_deg, dec_deg, x_pix, y_pix, flux_jy, "
              "noise_jy, snr, snapshot_path, created_at) VALUES (:run, :id, :integration, :mid, :ra, :dec, :x, :y, "
              ":flux, :noise, :snr, :path, :now)")
            .bind(run_id)
            .bind(group_id)
            .bind(one.integration)
            .bind(one.time_mjd_s / day_s)
            .bind(one.at.ra.value() / degree_rad)
            .bind(one.at.dec.value() / degree_rad)
            .bind(one.x_pix)
            .bind(one.y_pix)
            .bind(one.flux_jy)
            .bind(one.noise_jy)
            .bind(one.snr())
            .bind_text_or_null(path)
            .bind(now_unix_s())
            .run();
}

std::vector<CandidateRow> list_candidates(Session& session)
{
    Query query(session,
                "SELECT c.group_id, c.run_id, c.integration, c.mid_mjd, c.ra_deg, c.dec_deg, c.x_pix, c.y_pix, "
                "c.flux_jy, c.noise_jy, c.snapshot_path FROM candidates c JOIN group_runs g ON g.run_id = c.run_id AND "
                "g.group_id = c.group_id WHERE g.status = 'COMPLETED' AND NOT EXISTS (SELECT 1 FROM candidates d JOIN "
                "group_runs h ON h.run_id = d.run_id AND h.group_id = d.group_id WHERE d.group_id = c.group_id AND "
                "h.status = 'COMPLETED' AND h.finished_at > g.finished_at) ORDER BY c.mid_mjd, c.snr DESC, c.id");
    auto &group = query.text(), &run = query.text();
    auto& integration = query.integer();
    auto &mid = query.real(), &ra = query.real(), &dec = query.real(), &x = query.real(), &y = query.real(),
         &flux = query.real(), &noise = query.real();
    auto& path = query.text();
    std::vector<CandidateRow> rows;
    while (query.fetch())
        rows.push_back({{integration.get(),
                         mid.get() * day_s,
                         {degrees(ra.get()), degrees(dec.get())},
                         x.get(),
                         y.get(),
                         flux.get(),
                         noise.get()},
                        path.get(),
                        group.get(),
                        run.get()});
    return rows;
}

}  // namespace nocturne::db
