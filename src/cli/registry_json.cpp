#include "cli/registry_json.hpp"

#include "cli/json_values.hpp"
#include "cli/table.hpp"

#include <cmath>
#include <limits>

namespace nocturne::cli {
namespace {

using Json = nlohmann::ordered_json;

/// What a column holds as JSON text.
Json parsed(std::string const& column)
{
    auto const value = Json::parse(column, nullptr, false);
    return value.is_discarded() ? Json(nullptr) : value;
}

double number_of(Json const& value)
{
    return value.is_null() ? std::numeric_limits<double>::quiet_NaN() : value.get<double>();
}
std::string text_of(Json const& value) { return value.is_null() ? "" : value.get<std::string>(); }
/// What the model left of the data, in units of the noise.
std::string unexplained(db::CalTableRow const& row)
{
    auto const quality = parsed(row.quality_json);
    if (!quality.is_object() || !quality.contains("unexplained_ratio")) return "";
    return format_number(number_of(quality["unexplained_ratio"]), 3);
}

std::string dumped(Json const& value) { return value.is_null() ? "" : value.dump(); }

}  // namespace

nlohmann::ordered_json to_json(db::SetRow const& set)
{
    return {{"set_name", set.set_name},
            {"total", set.total},
            {"active", set.active},
            {"min_order", set.min_order},
            {"status", set.status},
            {"qa", set.qa},
            {"group_id", text_or_null(set.group_id)},
            {"telescope", text_or_null(set.telescope)},
            {"mid_mjd", number_or_null(set.mid_mjd)},
            {"dec_deg", number_or_null(set.dec_deg)},
            {"valid_start_mjd", number_or_null(set.valid_start_mjd)},
            {"valid_end_mjd", number_or_null(set.valid_end_mjd)},
            {"created_at", number_or_null(set.created_s)}};
}

nlohmann::ordered_json to_json(db::CalTableRow const& row)
{
    return {{"set_name", row.set_name},
            {"path", row.path},
            {"table_type", row.table_type},
            {"order_index", row.order_index},
            {"cal_field", text_or_null(row.cal_field)},
            {"refant", text_or_null(row.refant)},
            {"created_at", number_or_null(row.created_s)},
            {"valid_start_mjd", number_or_null(row.valid_start_mjd)},
            {"valid_end_mjd", number_or_null(row.valid_end_mjd)},
            {"status", row.status},
            {"notes", text_or_null(row.notes)},
            {"source_ms_path", text_or_null(row.source_ms_path)},
            {"solver_command", text_or_null(row.solver_command)},
            {"solver_version", text_or_null(row.solver_version)},
            {"solver_params", text_or_null(row.solver_params)},
            {"quality_metrics", parsed(row.quality_json)},
            {"file_path", row.file_path},
            {"xxh128", row.xxh128},
            {"bytes", row.bytes},
            {"group_id", text_or_null(row.group_id)},
            {"mid_mjd", number_or_null(row.mid_mjd)},
            {"dec_deg", number_or_null(row.dec_deg)},
            {"telescope", text_or_null(row.telescope)},
            {"antennas", parsed(row.antennas_json)},
            {"frequencies", parsed(row.frequencies_json)},
            {"correlations", parsed(row.correlations_json)},
            {"preprocessing", text_or_null(row.preprocessing)},
            {"qa", row.qa},
            {"forced", row.forced}};
}

db::CalTableRow row_from_json(nlohmann::ordered_json const& j)
{
    try {
        db::CalTableRow row;
        row.set_name = j.at("set_name");
        row.path = j.at("path");
        row.table_type = j.at("table_type");
        row.cal_field = text_of(j.at("cal_field"));
        row.refant = text_of(j.at("refant"));
        row.created_s = number_of(j.at("created_at"));
        row.valid_start_mjd = number_of(j.at("valid_start_mjd"));
        row.valid_end_mjd = number_of(j.at("valid_end_mjd"));
        row.status = j.at("status");
        row.notes = text_of(j.at("notes"));
        row.source_ms_path = text_of(j.at("source_ms_path"));
        row.solver_command = text_of(j.at("solver_command"));
        row.solver_version = text_of(j.at("solver_version"));
        row.solver_params = text_of(j.at("solver_params"));
        row.quality_json = dumped(j.at("quality_metrics"));
        row.file_path = j.at("file_path");
        row.xxh128 = j.at("xxh128");
        row.bytes = j.at("bytes");
        row.group_id = text_of(j.at("group_id"));
        row.mid_mjd = number_of(j.at("mid_mjd"));
        row.dec_deg = number_of(j.at("dec_deg"));
        row.telescope = text_of(j.at("telescope"));
        row.antennas_json = dumped(j.at("antennas"));
        row.frequencies_json = dumped(j.at("frequencies"));
        row.correlations_json = dumped(j.at("correlations"));
        row.preprocessing = text_of(j.at("preprocessing"));
        row.qa = j.at("qa");
        row.forced = j.at("forced");
        return row;
    } catch (nlohmann::json::exception const& error) {
        throw Error(Code::bad_input, "an exported registry that cannot be read", error.what(),
                    "give a file that nocturne registry export wrote");
    }
}

void print_tables(std::vector<db::CalTableRow> const& rows)
{
    std::vector<std::vector<std::string>> lines;
    for (auto const& row : rows)
        lines.push_back({row.set_name, row.table_type, row.status, row.qa, unexplained(row), format_mjd(row.mid_mjd),
                         format_number(row.dec_deg, 5), format_mjd(row.valid_start_mjd), format_mjd(row.valid_end_mjd),
                         row.refant, row.path});
    print_table(
        {"set", "type", "status", "QA", "left / noise", "solved", "Dec [deg]", "valid from", "to", "reference", "path"},
        lines);
}

}  // namespace nocturne::cli
