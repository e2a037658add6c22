#include "io/ms_facts.hpp"

#include "io/ms_read_tables.hpp"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <functional>
#include <set>

namespace nocturne {
namespace {

constexpr std::uint64_t most_sampled_bytes = std::uint64_t(256) << 20;  // of a column
constexpr std::size_t most_elements = 10'000'000;

/// Runs `work`; its error becomes a line of trouble.
void attempt_to(MsFacts& facts, std::function<void()> const& work)
{
    try {
        work();
    } catch (Error const& error) {
        facts.trouble.push_back(error.problem() + " (" + error.reason() + ")");
    }
}

std::array<double, 2> centre_in(ms::Table const& field, std::string const& column, std::uint64_t row)
{
    auto const values = field.double_cell(column, row, 64);
    if (values.size() < 2) throw ms::unreadable("column " + column + " of FIELD", "it is no direction");
    return {values[0], values[1]};
}

void count_antennas(ms::Table const& main, MsFacts& facts)
{
    auto const table = main.subtable("ANTENNA");
    auto const names = table.strings("NAME"), mounts = table.strings("MOUNT");
    auto const diameters = table.doubles("DISH_DIAMETER");
    auto const feeds = main.subtable("FEED").integers("ANTENNA_ID");
    std::set<std::int32_t> const fed(feeds.begin(), feeds.end());
    for (std::size_t a = 0; a < names.size(); ++a) {
        auto const place = table.double_cell("POSITION", a, 3);
        bool const blank = names[a].empty() && place == std::vector<double>(3);  // only fills up the numbering
        if (place.size() == 3 && !blank)
            facts.antennas.push_back({names[a],
                                      mounts[a],
                                      {place[0], place[1], place[2]},
                                      diameters[a],
                                      fed.count(static_cast<std::int32_t>(a)) > 0});
    }
}

void read_fields(ms::Table const& main, MsFacts& facts)
{
    auto const table = main.subtable("FIELD");
    auto const names = table.strings("NAME");
    auto const frames = table.row_references("PHASE_DIR");
    auto const degrees = table.integers("NUM_POLY");
    for (std::size_t f = 0; f < names.size(); ++f)
        facts.fields.push_back({names[f], frames[f], centre_in(table, "PHASE_DIR", f),
                                centre_in(table, "REFERENCE_DIR", f), degrees[f],
                                std::ssize(table.double_cell("PHASE_DIR", f, 64)) / 2});
}

void read_windows(ms::Table const& main, MsFacts& facts)
{
    auto const table = main.subtable("SPECTRAL_WINDOW");
    for (std::uint64_t w = 0; w < table.rows(); ++w) {
        auto const freq = table.double_cell("CHAN_FREQ", w, most_elements);
        bool const ascending = std::adjacent_find(freq.begin(), freq.end(), std::greater_equal<>()) == freq.end();
        if (freq.empty()) continue;
        double const way = freq.back() < freq.front() ? -1 : 1;
        auto const width = table.double_cell("CHAN_WIDTH", w, most_elements);
        bool const fit = std::all_of(width.begin(), width.end(), [&](double hz) {
            return std::isfinite(hz) && (freq.size() == 1 ? hz != 0 : hz * way > 0);
        });
        facts.windows.push_back({static_cast<std::int64_t>(freq.size()), freq.front(), freq.back(), ascending, fit});
    }
}

ms::Cell sample_type(ms::Table const& main, std::string const& column)
{
    return main.type(column) == "DComplex array" ? ms::Cell::complex_f64 : ms::Cell::complex_f32;
}

/// Every how many rows are looked at.
std::uint64_t step_of(ms::Table const& main, ms::Cells const& cells, std::size_t element_bytes)
{
    std::uint64_t elements = 1;
    for (auto const n : cells.shape(0)) elements *= static_cast<std::uint64_t>(std::max<std::int64_t>(1, n));
    auto const most = std::max<std::uint64_t>(32, most_sampled_bytes / (elements * element_bytes));
    return std::max<std::uint64_t>(1, (main.rows() + most - 1) / most);
}

void look_at(std::complex<float> value, MsFacts::SampleFact& fact)
{
    fact.all_zero = fact.all_zero && value == std::complex<float>();
    fact.finite = fact.finite && std::isfinite(value.real()) && std::isfinite(value.imag());
}

void look_at(float value, MsFacts::SampleFact& fact)
{
    fact.all_zero = fact.all_zero && value == 0;
    fact.finite = fact.finite && std::isfinite(value);
    fact.any_negative = fact.any_negative || value < 0;
    fact.any_positive = fact.any_positive || value > 0;
}

void look_at(std::uint8_t flag, MsFacts::SampleFact& fact)
{
    fact.all_zero = fact.all_zero && flag == 0;
    fact.any_positive = fact.any_positive || flag == 0;
}

/// Looks at the cells of all rows, or of some, evenly over the table.
template<class T>
void look_at_cells(ms::Table const& main, MsFacts::SampleFact& fact, ms::Cell type)
{
    auto const cells = main.cells(fact.name, type);
    bool const spectrum = fact.name != "WEIGHT", has_data = main.has("DATA");
    ms::Cells const data = has_data ? main.cells("DATA", sample_type(main, "DATA")) : ms::Cells();
    auto const step = main.rows() > 0 ? step_of(main, cells, sizeof(T)) : 1;
    std::vector<T> values;
    for (std::uint64_t row = 0; row < main.rows(); row += step) {
        ++fact.looked;
        if (!cells.defined(row)) {
            fact.defined = false;
            continue;
        }
        auto const shape = cells.shape(row);
        std::int64_t elements = 1;
        for (auto const n : shape) elements *= n;
        if (has_data) {
            auto const wanted = data.shape(row);
            bool const same =
                spectrum ? shape == wanted : shape.size() == 1 && !wanted.empty() && shape[0] == wanted[0];
            fact.fits = fact.fits && same;
        }
        if (elements <= 0 || elements > static_cast<std::int64_t>(most_elements)) continue;
        values.resize(static_cast<std::size_t>(elements));
        cells.read({static_cast<std::uint32_t>(row)}, shape, values.data());
        for (T const& value : values) look_at(value, fact);
    }
}

void look_at_samples(ms::Table const& main, std::string const& name, MsFacts& facts)
{
    MsFacts::SampleFact fact;
    fact.name = name;
    fact.there = main.has(name);
    if (fact.there)
        attempt_to(facts, [&] {
            if (name == "WEIGHT_SPECTRUM" || name == "WEIGHT")
                look_at_cells<float>(main, fact, ms::Cell::f32);
            else if (name == "FLAG")
                look_at_cells<std::uint8_t>(main, fact, ms::Cell::boolean);
            else
                look_at_cells<std::complex<float>>(main, fact, sample_type(main, name));
        });
    facts.samples.push_back(fact);
}

/// Those that the standard wants, and what else the set names and has.
void open_subtables(ms::Table const& main, MsFacts& facts)
{
    std::vector<std::string> names{
        "ANTENNA",     "DATA_DESCRIPTION", "FEED",         "FIELD",     "FLAG_CMD",        "HISTORY",
        "OBSERVATION", "POINTING",         "POLARIZATION", "PROCESSOR", "SPECTRAL_WINDOW", "STATE"};
    for (auto const& name : main.subtables())
        if (name != "SORTED_TABLE" && !std::count(names.begin(), names.end(), name) && main.has_subtable(name))
            names.push_back(name);
    for (auto const& name : names) {
        MsFacts::Subtable subtable;
        subtable.name = name;
        try {
            auto const table = main.subtable(name);
            subtable.rows = static_cast<std::int64_t>(table.rows());
            table.try_columns();
        } catch (Error const& error) {
            subtable.trouble = error.reason();
        }
        facts.subtables.push_back(std::move(subtable));
    }
}

}  // namespace

MsFacts read_ms_facts(std::string const& path)
{
    MsFacts facts;
    auto const main = ms::Table::open(path);
    facts.rows = static_cast<std::int64_t>(main.rows());
    std::ifstream info(path + "/table.info");
    std::getline(info, facts.info_type);
    attempt_to(facts, [&] { facts.version = main.number_keyword("MS_VERSION").value_or(0); });
    facts.columns = main.columns();
    attempt_to(facts, [&] { facts.flag_category_keyword = main.column_has_keyword("FLAG_CATEGORY", "CATEGORY"); });
    open_subtables(main, facts);
    attempt_to(facts, [&] {
        auto const names = main.subtable("OBSERVATION").strings("TELESCOPE_NAME");
        if (!names.empty()) facts.telescope_name = names.front();
    });
    attempt_to(facts, [&] { count_antennas(main, facts); });
    attempt_to(facts, [&] { read_fields(main, facts); });
    attempt_to(facts, [&] { read_windows(main, facts); });
    attempt_to(facts, [&] { main.try_columns(); });
    attempt_to(facts, [&] {
        auto const flags = main.booleans("FLAG_ROW");
        facts.all_rows_flagged = !flags.empty() && std::count(flags.begin(), flags.end(), 0) == 0;
    });
    for (char const* name : {"DATA", "MODEL_DATA", "CORRECTED_DATA", "WEIGHT_SPECTRUM", "WEIGHT", "FLAG"})
        look_at_samples(main, name, facts);
    return facts;
}

}  // namespace nocturne
