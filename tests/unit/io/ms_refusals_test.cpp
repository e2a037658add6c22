// Measurement Sets that say what cannot be: each is refused by name.
#include "tests/unit/io/read_ms.hpp"

#include <cmath>
#include <functional>

namespace nocturne {
namespace {

using test::TinyMs;

struct Case {
    char const* words;  ///< of the message
    std::function<void(TinyMs&)> spoil;
    MsOptions options = {};
};

std::vector<Case> const cases{
    {"FIELD_ID", [](TinyMs& s) { s.rows[3].field = 5; }},
    {"FIELD_ID", [](TinyMs& s) { s.rows[3].field = -1; }},
    {"no row of DATA_DESCRIPTION", [](TinyMs& s) { s.rows[3].description = 4; }},
    {"names no row",
     [](TinyMs& s) {
         s.descriptions.push_back({9, 0}), s.rows[3].description = 1;
     }},
    {"names no row",
     [](TinyMs& s) {
         s.descriptions.push_back({0, 9}), s.rows[3].description = 1;
     }},
    {"two setups",
     [](TinyMs& s) {
         s.descriptions.push_back({0, 0}), s.rows[3].description = 1;
     }},
    {"different correlations",
     [](TinyMs& s) {
         s.windows.push_back({2e9, 2.1e9});
         s.polarizations.push_back({5, 8});
         s.descriptions.push_back({1, 1});
         s.rows[3].description = 1;
     }},
    {"ANTENNA1 or ANTENNA2", [](TinyMs& s) { s.rows[3].ant2 = 3; }},
    {"ANTENNA1 or ANTENNA2", [](TinyMs& s) { s.rows[3].ant1 = -1; }},
    {"TIME", [](TinyMs& s) { s.rows[2].time_s = NAN; }},
    {"INTERVAL", [](TinyMs& s) { s.rows[2].interval_s = s.rows[2].exposure_s = -1; }},
    {"INTERVAL",
     [](TinyMs& s) {
         for (auto& row : s.rows) row.time_s = s.rows[0].time_s, row.interval_s = row.exposure_s = 0;
         s.rows.resize(3);
     }},
    {"EXPOSURE", [](TinyMs& s) { s.rows[2].exposure_s = NAN; }},
    {"UVW", [](TinyMs& s) { s.rows[2].uvw_m[1] = INFINITY; }},
    {"TAI", [](TinyMs& s) { s.time_scale = "TAI"; }},
    {"polynomial",
     [](TinyMs& s) {
         s.fields[0].more = {0.1, 0};
     }},
    {"no rows", [](TinyMs& s) { s.rows.clear(); }},
    {"78 spectral windows",  // of which each row has one, and a baseline of its own
     [](TinyMs& s) {
         auto const row = s.rows[0];
         s.windows.clear(), s.descriptions.clear(), s.rows.clear();
         for (int a = 0; a < 12; ++a) {
             s.antennas_itrf_m.push_back(s.antennas_itrf_m[0]);
             s.antennas_itrf_m.back()[0] += 10 * a;
             for (int b = 0; b <= a; ++b) {
                 auto const w = static_cast<int>(s.rows.size());
                 s.windows.push_back({1e9 + 1e7 * w});
                 s.descriptions.push_back({w, 0});
                 s.rows.push_back(row);
                 s.rows.back().ant1 = b, s.rows.back().ant2 = a, s.rows.back().description = w;
             }
         }
     }},
    {"frequency",
     [](TinyMs& s) {
         s.windows = {{1e9, -1e9}};
     }},
    {"frequency",
     [](TinyMs& s) {
         s.windows = {{1e9, NAN}};
     }},
    {"must be in Hz",
     [](TinyMs& s) {
         s.windows = {{1.4, 1.5}};
     }},
    {"one frequency",
     [](TinyMs& s) {
         s.windows = {{1e9, 1e9}};
     }},
    {"CORR_TYPE",
     [](TinyMs& s) {
         s.polarizations = {{9, 13}};
     }},
    {"CORR_TYPE",
     [](TinyMs& s) {
         s.polarizations = {{9, 9}};
     }},
    {"no baseline has a length",
     [](TinyMs& s) {
         for (auto& row : s.rows) row.uvw_m = {0, 0, 0};
     }},
    {"POSITION", [](TinyMs& s) { s.antennas_itrf_m[1][2] = NAN; }},
    {"no complex", [](TinyMs& s) { s.float_data = true; }},
    {"no column DATA", [](TinyMs& s) { s.column = "CORRECTED_DATA"; }},
    {"no column MODEL_DATA", [](TinyMs&) {}, {"MODEL_DATA", "", ""}},
    {"not a direction", [](TinyMs& s) { s.fields[0].dec = 2; }},
    {"not a direction", [](TinyMs& s) { s.fields[0].ra = NAN; }},
};

TEST(MsRefusals, EachByName)
{
    for (auto const& c : cases) {
        SCOPED_TRACE(c.words);
        auto set = test::plain();
        c.spoil(set);
        auto const error = test::error_of(set, c.options);
        EXPECT_TRUE(test::says(error, c.words)) << error.what();
        EXPECT_TRUE(test::says(error, "x.ms")) << error.what();
        EXPECT_NE(error.code(), Code::defect);
    }
}

}  // namespace
}  // namespace nocturne
