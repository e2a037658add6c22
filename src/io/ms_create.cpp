// Enters: a request. Leaves: the main table without samples; ms_subtables.cpp fills the others.
#include "io/ms_create.hpp"

#include "io/ms_new_set.hpp"
#include "io/ms_rows.hpp"
#include "io/ms_subtables.hpp"
#include "io/table_info.hpp"
#include "nocturne/error.hpp"

#include <cmath>
#include <filesystem>

namespace nocturne {
namespace {

ms::CellType type_of(MsColumn column)
{
    switch (column) {
        case MsColumn::uvw:
            return ms::CellType::f64;
        case MsColumn::flag:
            return ms::CellType::boolean;
        case MsColumn::weight:
        case MsColumn::sigma:
        case MsColumn::weight_spectrum:
            return ms::CellType::f32;
        case MsColumn::data:
        case MsColumn::corrected_data:
        case MsColumn::model_data:
            break;
    }
    return ms::CellType::complex_f32;
}

std::string readme_of(MsRequest const& request) { return "Made by nocturne " + request.version; }

/// Columns that are written here, and tables that refer to what is not as it was.
ms::CarryPlan plan_carry(MsRequest const& request, std::vector<MsRows::Content> const& content)
{
    ms::CarryPlan plan{request.header.set->path, {}, {}, {}};
    for (auto const column : tiled_columns(request)) plan.own_columns.emplace_back(name(column));
    auto const anew = [&](std::vector<std::string> const& tables) {
        plan.own_tables.insert(plan.own_tables.end(), tables.begin(), tables.end());
    };
    if (request.kept.rows)
        for (auto const& row : content) plan.rows.push_back(row.kept_row);
    else
        anew({"SPECTRAL_WINDOW", "DATA_DESCRIPTION", "POLARIZATION", "FEED", "SYSCAL", "FREQ_OFFSET", "CALDEVICE",
              "SYSPOWER", "STATE", "PROCESSOR", "FLAG_CMD"});
    if (request.kept.rows && request.kept.fields) return plan;
    anew({"FIELD", "SOURCE", "DOPPLER"});
    if (!request.pointings.empty()) anew({"POINTING"});
    for (char const* column : {"FIELD_ID", "DATA", "CORRECTED_DATA", "MODEL_DATA"})
        plan.own_columns.emplace_back(column);
    return plan;
}

ms::NewSetPlan plan_set(std::string const& path, MsRequest const& request, MsRows const& rows,
                        std::vector<MsTiles> const& tiles)
{
    ms::NewSetPlan plan{path, rows.n_rows(), {}, {}, readme_of(request), {}};
    auto const n_corr = static_cast<std::int64_t>(rows.correlations().corr_type.size());
    for (auto const& t : tiles) {
        if (plan.tiled.empty() || plan.tiled.back().name != name(t.column))
            plan.tiled.push_back({name(t.column), type_of(t.column), {}});
        std::vector<std::int64_t> shape{t.row_elements};
        if (by_channel(t.column)) shape = {n_corr, t.row_elements / n_corr};
        plan.tiled.back().cubes.push_back({shape, t.tile_rows});
    }
    auto const content = rows.in_order();
    for (auto const& row : content) {
        auto const cube = rows.windows()[static_cast<std::size_t>(row.window)].cube;
        if (plan.runs.empty() || plan.runs.back().cube != cube) plan.runs.push_back({cube, 0});
        ++plan.runs.back().rows;
    }
    if (request.header.set) plan.carry = plan_carry(request, content);
    return plan;
}

template<class T, class Value>
void put_rows(ms::NewSet& set, char const* column, std::vector<MsRows::Content> const& rows, Value const& value)
{
    if (set.carries(column)) return;
    std::vector<T> values;
    values.reserve(rows.size());
    for (auto const& row : rows) values.push_back(value(row));
    set.put(column, values);
}

void put_all_rows(ms::NewSet& set, MsRequest const& request, std::vector<MsRows::Content> const& rows)
{
    using At = MsRows::Content;
    auto const& header = request.header;
    auto const moments = header.all_moments();
    auto const n_baselines = header.baselines.size();
    auto const time = [&](At const& at) { return moments[static_cast<std::size_t>(at.moment)].time_mjd_s; };
    auto const own_time = [&](At const& at) {
        auto const cell =
            static_cast<std::size_t>(at.integration) * n_baselines + static_cast<std::size_t>(at.baseline);
        return time(at) + (header.offset_s.empty() ? 0 : header.offset_s[cell]);
    };
    auto const exposure = [&](At const& at) {
        auto const t = static_cast<std::size_t>(at.integration), b = static_cast<std::size_t>(at.baseline);
        return header.exposure_s.empty() ? header.integration_s[t] : header.exposure_s[t * n_baselines + b];
    };
    auto const baseline = [&](At const& at) { return header.baselines[static_cast<std::size_t>(at.baseline)]; };
    auto const put_int = [&](char const* column, auto const& value) {
        put_rows<std::int32_t>(set, column, rows, value);
    };
    put_rows<double>(set, "TIME_CENTROID", rows, own_time);
    if (header.set)
        put_rows<double>(set, "TIME", rows, time);
    else
        put_rows<double>(set, "TIME", rows, own_time);  // of UVH5 files a row's own
    put_rows<double>(set, "EXPOSURE", rows, exposure);
    put_rows<double>(set, "INTERVAL", rows, [&](At const& at) {
        // Files say one or the other, but a Measurement Set's own exposure may be shorter than its interval, or 0.
        double const exposed_s = exposure(at), s = header.integration_s[static_cast<std::size_t>(at.integration)];
        bool const of_interval = exposed_s > 0 && (header.ragged() || std::abs(exposed_s - s) <= 0.01 * s);
        return of_interval ? exposed_s : s;
    });
    put_int("ANTENNA1", [&](At const& at) { return baseline(at).ant1; });
    put_int("ANTENNA2", [&](At const& at) { return baseline(at).ant2; });
    put_int("FIELD_ID", [&](At const& at) { return request.field_of_moment[static_cast<std::size_t>(at.moment)]; });
    put_int("SCAN_NUMBER", [&](At const& at) { return request.scan_of_moment[static_cast<std::size_t>(at.moment)]; });
    put_int("DATA_DESC_ID", [](At const& at) { return at.window; });
    for (auto const* column : {"FEED1", "FEED2", "ARRAY_ID", "OBSERVATION_ID", "PROCESSOR_ID", "STATE_ID"})
        set.fill(column, 0);
    set.fill("FLAG_ROW", false);
}

void check_files(std::string const& path, std::vector<MsTiles> const& plan)
{
    for (auto const& tiles : plan) {
        std::error_code failure;
        auto const bytes = std::filesystem::file_size(path + "/" + tiles.file, failure);
        if (failure || bytes != static_cast<std::uintmax_t>(tiles.file_bytes()))
            throw Error(Code::defect, "cannot write a Measurement Set with this casacore",
                        tiles.file + " of column " + name(tiles.column) + " should have " +
                            std::to_string(tiles.file_bytes()) + " bytes, it has " +
                            (failure ? failure.message() : std::to_string(bytes)),
                        "report this as a defect, with the version of casacore");
    }
}

}  // namespace

void create_measurement_set(std::string const& path, MsRequest const& request)
{
    MsRows const rows(request);
    auto const tiles = plan_tiles(request, rows);
    {
        ms::NewSet set(plan_set(path, request, rows, tiles));
        put_all_rows(set, request, rows.in_order());
        fill_subtables(set, request, rows);
        set.close();
    }
    check_table_infos(path, {"Measurement Set", readme_of(request)});
    check_files(path, tiles);
}

void read_what_is_carried(MsRequest const& request)
{
    if (request.header.set) ms::read_carried(plan_carry(request, MsRows(request).in_order()));
}

}  // namespace nocturne
