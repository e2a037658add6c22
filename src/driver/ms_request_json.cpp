#include "driver/ms_request_json.hpp"

#include "driver/header_json.hpp"

namespace nocturne {

nlohmann::json to_json(MsRequest const& r)
{
    auto fields = nlohmann::json::array();
    for (auto const& field : r.fields)
        fields.push_back({field.name, field.direction.ra.value(), field.direction.dec.value()});
    auto pointings = nlohmann::json::array();
    for (auto const& pointing : r.pointings) pointings.push_back({pointing.ra.value(), pointing.dec.value()});
    return {{"header", to_json(r.header)},
            {"pointings", pointings},
            {"windows", static_cast<int>(r.windows)},
            {"correlations", static_cast<int>(r.correlations)},
            {"columns", {r.columns.weight_spectrum, r.columns.corrected_data, r.columns.model_data}},
            {"kept", {r.kept.rows, r.kept.weights, r.kept.fields}},
            {"fields", fields},
            {"field_of_moment", r.field_of_moment},
            {"scan_of_moment", r.scan_of_moment},
            {"telescope_name", r.telescope_name},
            {"history", r.history},
            {"version", r.version},
            {"now_mjd_s", r.now_mjd_s}};
}

MsRequest ms_request_from_json(nlohmann::json const& j)
{
    MsRequest r;
    r.header = header_from_json(j.at("header"));
    r.windows = static_cast<MsWindows>(j.at("windows").get<int>());
    r.correlations = static_cast<MsCorrelations>(j.at("correlations").get<int>());
    auto const& columns = j.at("columns");
    r.columns = {columns.at(0), columns.at(1), columns.at(2)};
    r.kept = {j.at("kept").at(0), j.at("kept").at(1), j.at("kept").at(2)};
    for (auto const& f : j.at("fields"))
        r.fields.push_back({f.at(0), {Radians(f.at(1).get<double>()), Radians(f.at(2).get<double>())}});
    for (auto const& p : j.at("pointings"))
        r.pointings.push_back({Radians(p.at(0).get<double>()), Radians(p.at(1).get<double>())});
    r.field_of_moment = j.at("field_of_moment").get<std::vector<std::int32_t>>();
    r.scan_of_moment = j.at("scan_of_moment").get<std::vector<std::int32_t>>();
    r.telescope_name = j.at("telescope_name");
    r.history = j.at("history").get<std::vector<std::string>>();
    r.version = j.at("version");
    r.now_mjd_s = j.at("now_mjd_s");
    return r;
}

nlohmann::json to_json(std::vector<MsSample> const& samples)
{
    auto list = nlohmann::json::array();
    for (auto const& s : samples) list.push_back({static_cast<int>(s.column), s.first_row, s.n_rows, s.xxh128});
    return list;
}

std::vector<MsSample> ms_samples_from_json(nlohmann::json const& document)
{
    std::vector<MsSample> samples;
    for (auto const& s : document)
        samples.push_back({static_cast<MsColumn>(s.at(0).get<int>()), s.at(1), s.at(2), s.at(3)});
    return samples;
}

}  // namespace nocturne
