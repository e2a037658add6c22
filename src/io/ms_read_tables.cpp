#include "io/ms_read_tables.hpp"

#include "io/ms_own_tables.hpp"
#include "io/ms_read_rows.hpp"
#include "nocturne/utf8.hpp"

#include <casacore/casa/Arrays/IPosition.h>
#include <casacore/casa/Exceptions/Error.h>
#include <casacore/tables/Tables/ArrayColumn.h>
#include <casacore/tables/Tables/RefRows.h>
#include <casacore/tables/Tables/ScalarColumn.h>
#include <casacore/tables/Tables/Table.h>
#include <casacore/tables/Tables/TableLock.h>
#include <casacore/tables/Tables/TableRecord.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <new>
#include <stdexcept>
#include <utility>

#include <unistd.h>

namespace nocturne::ms {
namespace {

namespace fs = std::filesystem;
using casacore::ArrayColumn;
using casacore::IPosition;

/// One line, without casacore's line breaks.
std::string one_line(std::string text)
{
    for (char& c : text)
        if (c == '\n' || c == '\t') c = ' ';
    while (!text.empty() && text.back() == ' ') text.pop_back();
    return text.substr(0, 300);
}

std::vector<std::string> in_utf8(std::vector<std::string> texts)
{
    for (auto& text : texts) text = as_utf8(std::move(text));
    return texts;
}

/// Runs `work`; what casacore throws becomes "cannot read `what`".
template<class Work>
auto reading(std::string const& what, Work&& work) -> decltype(work())
{
    try {
        return std::forward<Work>(work)();
    } catch (casacore::AipsError const& error) {
        throw unreadable(what, error.getMesg());
    } catch (std::length_error const& error) {
        throw unreadable(what, error.what());
    } catch (std::bad_alloc const&) {
        throw unreadable(what, "it asks for more memory than there is");
    }
}

IPosition position(std::vector<std::int64_t> const& shape, std::size_t rows)
{
    IPosition all(static_cast<unsigned>(shape.size() + 1));
    for (unsigned i = 0; i < shape.size(); ++i) all[i] = static_cast<ssize_t>(shape[i]);
    all[static_cast<unsigned>(shape.size())] = static_cast<ssize_t>(rows);
    return all;
}

/// Rows as casacore takes them: one range where they follow one another.
casacore::RefRows rows_of(std::uint32_t const* rows, std::size_t n)
{
    if (rows[n - 1] - rows[0] == n - 1) return casacore::RefRows(rows[0], rows[n - 1]);
    casacore::Vector<casacore::rownr_t> list(n);
    for (std::size_t i = 0; i < n; ++i) list[i] = rows[i];
    return casacore::RefRows(list, false, true);
}

casacore::DataType casacore_type(Cell type)
{
    switch (type) {
        case Cell::complex_f32:
            return casacore::TpComplex;
        case Cell::complex_f64:
            return casacore::TpDComplex;
        case Cell::f32:
            return casacore::TpFloat;
        case Cell::f64:
            return casacore::TpDouble;
        case Cell::boolean:
            return casacore::TpBool;
        case Cell::integer:
            return casacore::TpInt;
    }
    return casacore::TpOther;
}

std::string titled(casacore::Table const& table)
{
    fs::path const path(std::string(table.tableName()));
    bool const inside = fs::exists(path.parent_path() / "table.dat");
    return inside ? path.filename().string() + " of " + path.parent_path().filename().string()
                  : path.filename().string();
}

/// Tiles are taken out of mapped files: casacore's own cache copies each once more, and reads a tile again for every piece of it.
casacore::TSMOption mapped() { return casacore::TSMOption(casacore::TSMOption::MMap); }

casacore::TableLock no_lock() { return casacore::TableLock(casacore::TableLock::NoLocking); }

}  // namespace

struct Table::Handle {
    casacore::Table table;
};

struct Cells::Column {
    std::string name;
    casacore::TableColumn any;
    Cell type;

    template<class T>
    void read(casacore::RefRows const& rows, IPosition const& shape, void* out) const
    {
        casacore::Array<T> array(shape, static_cast<T*>(out), casacore::SHARE);
        ArrayColumn<T>(any).getColumnCells(rows, array, false);
    }
    void read_doubles(casacore::RefRows const& rows, IPosition const& shape, casacore::Complex* out) const
    {
        casacore::Array<casacore::DComplex> array(shape);
        ArrayColumn<casacore::DComplex>(any).getColumnCells(rows, array, false);
        for (auto const& value : array) *out++ = casacore::Complex(value);
    }
};

Error unreadable(std::string const& what, std::string const& reason)
{
    return Error(Code::bad_input, "cannot read " + what, one_line(reason),
                 "copy the Measurement Set again, or repair it with the program that wrote it");
}

bool Cells::defined(std::uint64_t row) const
{
    return reading(column_->name, [&] { return column_->any.isDefined(row); });
}

std::vector<std::int64_t> Cells::shape(std::uint64_t row) const
{
    return reading(column_->name, [&]() -> std::vector<std::int64_t> {
        if (!column_->any.isDefined(row)) return {};
        auto const shape = column_->any.shape(row);
        return {shape.begin(), shape.end()};
    });
}

void Cells::read(std::vector<std::uint32_t> const& rows, std::vector<std::int64_t> const& shape, void* out) const
{
    read(rows.data(), rows.size(), shape, out);
}

void Cells::read(std::uint32_t const* rows, std::size_t n, std::vector<std::int64_t> const& shape, void* out) const
{
    auto const what = column_->name + ", rows " + std::to_string(rows[0]) + " to " + std::to_string(rows[n - 1]);
    reading(what, [&] {
        auto const some = rows_of(rows, n);
        auto const all = position(shape, n);
        switch (column_->type) {
            case Cell::complex_f32:
                return column_->read<casacore::Complex>(some, all, out);
            case Cell::complex_f64:
                return column_->read_doubles(some, all, static_cast<casacore::Complex*>(out));
            case Cell::f32:
                return column_->read<casacore::Float>(some, all, out);
            case Cell::f64:
                return column_->read<casacore::Double>(some, all, out);
            case Cell::boolean:
                return column_->read<casacore::Bool>(some, all, out);
            case Cell::integer:
                return column_->read<casacore::Int>(some, all, out);
        }
    });
}

Table Table::open(std::string const& path)
{
    if (!fs::exists(path)) throw Error(Code::input_missing, "no table " + path, "no such directory", "check the path");
    if (access(path.c_str(), R_OK | X_OK) != 0 ||
        (fs::exists(path + "/table.dat") && access((path + "/table.dat").c_str(), R_OK) != 0))
        throw Error(Code::input_missing, "cannot read " + path, std::strerror(errno), "check its permissions");
    if (!fs::is_regular_file(fs::path(path) / "table.dat")) throw unreadable("table " + path, "it holds no table.dat");
    Table table;
    reading("table " + path, [&] {
        table.handle_ =
            std::make_shared<Handle>(Handle{casacore::Table(path, no_lock(), casacore::Table::Old, mapped())});
        table.title_ = titled(table.handle_->table);
    });
    refuse_selection(table.handle_->table);
    return table;
}

bool Table::has_subtable(std::string const& name) const
{
    auto const& main = handle_->table;
    return fs::exists(fs::path(std::string(main.tableName())) / name / "table.dat") ||
           main.keywordSet().isDefined(name);
}

Table Table::subtable(std::string const& name) const
{
    auto const& main = handle_->table;
    auto const inside = fs::path(std::string(main.tableName())) / name;
    auto const what = "subtable " + name + " of " + title_;
    if (fs::exists(inside)) {
        auto table = open(inside.string());
        refuse_elsewhere(table.handle_->table, main, what);
        return table;
    }
    if (!main.keywordSet().isDefined(name))
        throw unreadable(what, "it is neither in the directory nor among the keywords");
    Table table;
    reading(what, [&] {
        table.handle_ = std::make_shared<Handle>(Handle{main.keywordSet().asTable(name, no_lock())});
        table.title_ = titled(table.handle_->table);
    });
    refuse_elsewhere(table.handle_->table, main, what);
    refuse_selection(table.handle_->table);
    return table;
}

std::uint64_t Table::rows() const { return handle_->table.nrow(); }
bool Table::has(std::string const& column) const { return handle_->table.tableDesc().isColumn(column); }

std::vector<std::string> Table::columns() const
{
    auto const names = handle_->table.tableDesc().columnNames();
    return {names.begin(), names.end()};
}

bool Table::column_has_keyword(std::string const& column, std::string const& keyword) const
{
    return has(column) && reading("keywords of column " + column + " of " + title_, [&] {
               return casacore::TableColumn(handle_->table, column).keywordSet().isDefined(keyword);
           });
}

std::string Table::type(std::string const& column) const
{
    auto const& description = handle_->table.tableDesc().columnDesc(column);
    std::string type(casacore::ValType::getTypeStr(description.dataType()));  // padded with blanks
    type.erase(std::min(type.find_last_not_of(' ') + 1, type.size()));
    return type + (description.isArray() ? " array" : "");
}

std::string Table::reference(std::string const& column) const
{
    return reading("keyword MEASINFO of " + column + " of " + title_, [&]() -> std::string {
        if (!has(column)) return "";
        auto const& keywords = casacore::TableColumn(handle_->table, column).keywordSet();
        if (!keywords.isDefined("MEASINFO")) return "";
        auto const& info = keywords.subRecord("MEASINFO");
        return info.isDefined("Ref") ? std::string(info.asString("Ref")) : "";
    });
}

std::vector<std::string> Table::row_references(std::string const& column) const
{
    std::vector<std::string> names(static_cast<std::size_t>(rows()), reference(column));
    reading("keyword MEASINFO of " + column + " of " + title_, [&] {
        auto const& keywords = casacore::TableColumn(handle_->table, column).keywordSet();
        if (!keywords.isDefined("MEASINFO")) return;
        auto const& info = keywords.subRecord("MEASINFO");
        if (!info.isDefined("VarRefCol")) return;
        auto const codes = integers(info.asString("VarRefCol"));
        casacore::Vector<casacore::String> const types(info.toArrayString("TabRefTypes"));
        casacore::Vector<casacore::uInt> const numbers(info.toArrayuInt("TabRefCodes"));
        for (std::size_t row = 0; row < names.size(); ++row) {
            names[row] = "code " + std::to_string(codes[row]);
            for (std::size_t t = 0; t < std::min(types.nelements(), numbers.nelements()); ++t)
                if (static_cast<std::int32_t>(numbers[t]) == codes[row]) names[row] = types[t];
        }
    });
    return names;
}

std::optional<bool> Table::flag_keyword(std::string const& name) const
{
    return reading("keyword " + name + " of " + title_, [&]() -> std::optional<bool> {
        auto const& keywords = handle_->table.keywordSet();
        return keywords.isDefined(name) ? std::optional(keywords.asBool(name)) : std::nullopt;
    });
}

std::optional<double> Table::number_keyword(std::string const& name) const
{
    return reading("keyword " + name + " of " + title_, [&]() -> std::optional<double> {
        auto const& keywords = handle_->table.keywordSet();
        return keywords.isDefined(name) ? std::optional(keywords.asDouble(name)) : std::nullopt;
    });
}

std::string Table::text_keyword(std::string const& name) const
{
    return reading("keyword " + name + " of " + title_, [&]() -> std::string {
        auto const& keywords = handle_->table.keywordSet();
        if (!keywords.isDefined(name) || keywords.dataType(name) != casacore::TpString) return "";
        return keywords.asString(name);
    });
}

namespace {

template<class To, class From>
std::vector<To> scalars(casacore::Table const& table, std::string const& title, std::string const& column)
{
    return reading("column " + column + " of " + title, [&] {
        casacore::Vector<From> const values = casacore::ScalarColumn<From>(table, column).getColumn();
        return std::vector<To>(values.begin(), values.end());
    });
}

template<class To, class From>
std::vector<To> cell(casacore::Table const& table, std::string const& what, std::string const& column,
                     std::pair<std::uint64_t, std::size_t> row_and_limit)
{
    return reading(what, [&] {
        auto const [row, limit] = row_and_limit;
        ArrayColumn<From> const cells(table, column);
        if (!cells.isDefined(row)) throw unreadable(what, "the cell is empty");
        auto const elements = cells.shape(row).product();
        if (elements < 0 || static_cast<std::size_t>(elements) > limit)
            throw unreadable(what, "its shape asks for " + std::to_string(elements) + " elements");
        casacore::Array<From> const values = cells(row);
        return std::vector<To>(values.begin(), values.end());
    });
}

}  // namespace

std::vector<double> Table::doubles(std::string const& column) const
{
    return scalars<double, casacore::Double>(handle_->table, title_, column);
}
std::vector<std::int32_t> Table::integers(std::string const& column) const
{
    return scalars<std::int32_t, casacore::Int>(handle_->table, title_, column);
}
std::vector<std::uint8_t> Table::booleans(std::string const& column) const
{
    return scalars<std::uint8_t, casacore::Bool>(handle_->table, title_, column);
}
std::vector<std::string> Table::strings(std::string const& column) const
{
    return in_utf8(scalars<std::string, casacore::String>(handle_->table, title_, column));
}

std::vector<std::string> Table::subtables() const { return subtables_there(handle_->table); }

void Table::try_columns() const
{
    auto const n = handle_->table.nrow();
    if (n == 0) return;
    casacore::Vector<casacore::rownr_t> const rows(std::vector<casacore::rownr_t>{0, n / 2, n - 1});
    reading(title_, [&] { read_rows(handle_->table(casacore::RowNumbers(rows))); });
}

std::vector<double> Table::double_cell(std::string const& column, std::uint64_t row, std::size_t limit) const
{
    auto const what = "column " + column + " of " + title_ + ", row " + std::to_string(row);
    return cell<double, casacore::Double>(handle_->table, what, column, {row, limit});
}

std::vector<std::int32_t> Table::integer_cell(std::string const& column, std::uint64_t row, std::size_t limit) const
{
    auto const what = "column " + column + " of " + title_ + ", row " + std::to_string(row);
    return cell<std::int32_t, casacore::Int>(handle_->table, what, column, {row, limit});
}

std::vector<std::string> Table::string_cell(std::string const& column, std::uint64_t row, std::size_t limit) const
{
    auto const what = "column " + column + " of " + title_ + ", row " + std::to_string(row);
    return in_utf8(cell<std::string, casacore::String>(handle_->table, what, column, {row, limit}));
}

Cells Table::cells(std::string const& column, Cell type) const
{
    auto const what = "column " + column + " of " + title_;
    if (!has(column)) throw unreadable(what, "it is not there");
    auto const& description = handle_->table.tableDesc().columnDesc(column);
    if (!description.isArray() || description.dataType() != casacore_type(type))
        throw unreadable(what, "it holds " + this->type(column) + " and not what the standard says");
    Cells cells;
    reading(what, [&] {
        cells.column_ =
            std::make_shared<Cells::Column>(Cells::Column{what, casacore::TableColumn(handle_->table, column), type});
    });
    return cells;
}

}  // namespace nocturne::ms
