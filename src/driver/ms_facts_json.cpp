#include "driver/ms_facts_json.hpp"

#include <limits>

namespace nocturne {
namespace {

using Json = nlohmann::json;

double number_or_nan(Json const& value)
{
    return value.is_null() ? std::numeric_limits<double>::quiet_NaN() : value.get<double>();
}

template<class List, class Body>
Json list_by(List const& list, Body const& body)
{
    auto all = Json::array();
    for (auto const& item : list) all.push_back(body(item));
    return all;
}

}  // namespace

Json to_json(MsFacts const& facts)
{
    return {{"rows", facts.rows},
            {"version", facts.version},
            {"info_type", facts.info_type},
            {"columns", facts.columns},
            {"category", facts.flag_category_keyword},
            {"all_rows_flagged", facts.all_rows_flagged},
            {"subtables", list_by(facts.subtables,
                                  [](auto const& t) {
                                      return Json{t.name, t.rows, t.trouble};
                                  })},
            {"telescope", facts.telescope_name},
            {"antennas", list_by(facts.antennas,
                                 [](auto const& a) {
                                     return Json{a.name, a.mount, a.itrf_m, a.diameter_m, a.has_feed};
                                 })},
            {"fields", list_by(facts.fields,
                               [](auto const& f) {
                                   return Json{f.name, f.frame, f.phase_rad, f.reference_rad, f.degree, f.terms};
                               })},
            {"windows", list_by(facts.windows,
                                [](auto const& w) {
                                    return Json{w.n_channels, w.first_hz, w.last_hz, w.ascending, w.widths_fit};
                                })},
            {"samples", list_by(facts.samples,
                                [](auto const& s) {
                                    return Json{s.name,   s.there,        s.defined,      s.fits,  s.all_zero,
                                                s.finite, s.any_negative, s.any_positive, s.looked};
                                })},
            {"trouble", facts.trouble}};
}

MsFacts facts_from_json(Json const& j)
{
    MsFacts facts;
    facts.rows = j.at("rows");
    facts.version = number_or_nan(j.at("version"));
    facts.info_type = j.at("info_type");
    facts.columns = j.at("columns").get<std::vector<std::string>>();
    facts.flag_category_keyword = j.at("category");
    facts.all_rows_flagged = j.at("all_rows_flagged");
    for (auto const& t : j.at("subtables")) facts.subtables.push_back({t.at(0), t.at(1), t.at(2)});
    facts.telescope_name = j.at("telescope");
    for (auto const& a : j.at("antennas")) {
        auto const& p = a.at(2);
        facts.antennas.push_back({a.at(0),
                                  a.at(1),
                                  {number_or_nan(p.at(0)), number_or_nan(p.at(1)), number_or_nan(p.at(2))},
                                  number_or_nan(a.at(3)),
                                  a.at(4)});
    }
    for (auto const& f : j.at("fields"))
        facts.fields.push_back({f.at(0),
                                f.at(1),
                                {number_or_nan(f.at(2).at(0)), number_or_nan(f.at(2).at(1))},
                                {number_or_nan(f.at(3).at(0)), number_or_nan(f.at(3).at(1))},
                                f.at(4),
                                f.at(5)});
    for (auto const& w : j.at("windows"))
        facts.windows.push_back({w.at(0), number_or_nan(w.at(1)), number_or_nan(w.at(2)), w.at(3), w.at(4)});
    for (auto const& s : j.at("samples"))
        facts.samples.push_back({s.at(0), s.at(1), s.at(2), s.at(3), s.at(4), s.at(5), s.at(6), s.at(7), s.at(8)});
    facts.trouble = j.at("trouble").get<std::vector<std::string>>();
    return facts;
}

}  // namespace nocturne
