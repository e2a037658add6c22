// Enters: a request. Leaves: the main table without samples; ms_subtables.cpp fills the others.
#include "io/ms_create.hpp"

#include "io/ms_new_set.hpp"
#include "io/ms_rows.hpp"
#include "io/ms_subtables.hpp"
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

ms::NewSetPlan plan_set(std::string const& path, MsRequest const& request, MsRows const& rows,
                        std::vector<MsTiles> const& tiles)
{
    ms::NewSetPlan plan{path, rows.n_rows(), {}, {}, "Made by nocturne " + request.version};
    auto const n_corr = static_cast<std::int64_t>(rows.correlations().corr_type.size());
    for (auto const& t : tiles) {
        if (plan.tiled.empty() || plan.tiled.back().name != name(t.column))
            plan.tiled.push_back({name(t.column), type_of(t.column), {}});
        std::vector<std::int64_t> shape{t.row_elements};
        if (by_channel(t.column)) shape = {n_corr, t.row_elements / n_corr};
        plan.tiled.back().cubes.push_back({shape, t.tile_rows});
    }
    for (auto moment : rows.moments())
        for (auto const& window : rows.windows())
            plan.runs.push_back({window.cube, static_cast<std::int64_t>(rows.samples(moment).size())});
    return plan;
}

/// What is known of one row.
struct RowFacts {
    std::int32_t moment;
    MsRows::Sample sample;
    std::int32_t window;
};

template<class T, class Value>
void put_rows(ms::NewSet& set, char const* column, MsRows const& rows, Value const& value)
{
    std::vector<T> values;
    values.reserve(static_cast<std::size_t>(rows.n_rows()));
    for (auto moment : rows.moments())
        for (std::int32_t w = 0; w < static_cast<std::int32_t>(rows.windows().size()); ++w)
            for (auto const& sample : rows.samples(moment)) values.push_back(value(RowFacts{moment, sample, w}));
    set.put(column, values);
}

void put_all_rows(ms::NewSet& set, MsRequest const& request, MsRows const& rows)
{
    auto const& header = request.header;
    auto const moments = header.all_moments();
    auto const n_baselines = header.baselines.size();
    auto const time = [&](RowFacts const& at) { return moments[static_cast<std::size_t>(at.moment)].time_mjd_s; };
    auto const exposure = [&](RowFacts const& at) {
        auto const t = static_cast<std::size_t>(at.sample.integration),
                   b = static_cast<std::size_t>(at.sample.baseline);
        return header.exposure_s.empty() ? header.integration_s[t] : header.exposure_s[t * n_baselines + b];
    };
    auto const baseline = [&](RowFacts const& at) {
        return header.baselines[static_cast<std::size_t>(at.sample.baseline)];
    };
    auto const put_int = [&](char const* column, auto const& value) {
        put_rows<std::int32_t>(set, column, rows, value);
    };
    for (auto const* column : {"TIME", "TIME_CENTROID"}) put_rows<double>(set, column, rows, time);
    put_rows<double>(set, "EXPOSURE", rows, exposure);
    put_rows<double>(set, "INTERVAL", rows, [&](RowFacts const& at) {
        // Files say one or the other, but a Measurement Set's own exposure may be shorter than its interval, or 0.
        double const exposed_s = exposure(at),
                     s = header.integration_s[static_cast<std::size_t>(at.sample.integration)];
        bool const of_interval = exposed_s > 0 && (header.ragged() || std::abs(exposed_s - s) <= 0.01 * s);
        return of_interval ? exposed_s : s;
    });
    put_int("ANTENNA1", [&](RowFacts const& at) { return baseline(at).ant1; });
    put_int("ANTENNA2", [&](RowFacts const& at) { return baseline(at).ant2; });
    put_int("FIELD_ID",
            [&](RowFacts const& at) { return request.field_of_moment[static_cast<std::size_t>(at.moment)]; });
    put_int("SCAN_NUMBER",
            [&](RowFacts const& at) { return request.scan_of_moment[static_cast<std::size_t>(at.moment)]; });
    put_int("DATA_DESC_ID", [](RowFacts const& at) { return at.window; });
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
        put_all_rows(set, request, rows);
        fill_subtables(set, request, rows);
        set.close();
    }
    check_files(path, tiles);
}

}  // namespace nocturne
