// Enters: a FITS file. Leaves: the columns of its first table.
#include "io/fits.hpp"
#include "io/source_table.hpp"

#include <cmath>
#include <cstdio>
#include <filesystem>
#include <memory>

namespace nocturne {
namespace {

struct Close {
    void operator()(fitsfile* file) const
    {
        int ignored = 0;
        fits_close_file(file, &ignored);
    }
};
using OpenTable = std::unique_ptr<fitsfile, Close>;

constexpr long long most_rows = 100'000'000;
constexpr long most_width = 4096;

Error bad_table(std::string const& path, std::string reason)
{
    return Error(Code::bad_input, "cannot read a table of " + path, std::move(reason),
                 "name a FITS file whose first extension with rows is the catalogue");
}

OpenTable open_table(std::string const& path)
{
    if (!std::filesystem::exists(path))
        throw Error(Code::input_missing, "cannot read the catalogue " + path, "no such file", "check the path");
    fitsfile* raw = nullptr;
    int status = 0;
    fits_open_diskfile(&raw, path.c_str(), READONLY, &status);
    if (status != 0) throw bad_table(path, fits::status_text(status));
    OpenTable file(raw);
    int n_units = 0;
    fits_get_num_hdus(raw, &n_units, &status);
    for (int unit = 1; unit <= n_units && status == 0; ++unit) {
        int type = 0;
        fits_movabs_hdu(raw, unit, &type, &status);
        if (status == 0 && type != IMAGE_HDU) return file;
    }
    throw bad_table(path, status != 0 ? fits::status_text(status) : "it has no table");
}

std::string key_of(fitsfile* file, char const* stem, int column)
{
    int status = 0;
    char key[FLEN_KEYWORD] = {}, value[FLEN_VALUE] = {};
    fits_make_keyn(stem, column, key, &status);
    fits_read_key_str(file, key, value, nullptr, &status);
    if (status != 0) fits_clear_errmsg();
    return status == 0 ? value : "";
}

void read_text(fitsfile* file, int column, long width, long long rows, std::vector<std::string>& values)
{
    std::vector<char> cell(static_cast<std::size_t>(width) + 1);
    char* pointer = cell.data();
    char none[] = "";
    int status = 0, any = 0;
    for (long long row = 1; row <= rows && status == 0; ++row) {
        fits_read_col_str(file, column, row, 1, 1, none, &pointer, &any, &status);
        std::string text = cell.data();
        text.erase(text.find_last_not_of(' ') + 1);
        values.push_back(std::move(text));
    }
    fits::check(status, Code::bad_input, "cannot read column " + std::to_string(column));
}

void read_numbers(fitsfile* file, int column, long long rows, std::vector<std::string>& values)
{
    std::vector<double> numbers(static_cast<std::size_t>(rows));
    int status = 0, any = 0;
    double none = NAN;
    fits_read_col_dbl(file, column, 1, 1, rows, none, numbers.data(), &any, &status);
    fits::check(status, Code::bad_input, "cannot read column " + std::to_string(column));
    for (double number : numbers) {
        char text[32] = {};
        if (std::isfinite(number)) std::snprintf(text, sizeof text, "%.17g", number);
        values.emplace_back(text);
    }
}

void read_column(fitsfile* file, int column, long long rows, SourceTable& table)
{
    int status = 0, type = 0;
    long repeat = 0, width = 0;
    fits_get_coltype(file, column, &type, &repeat, &width, &status);
    fits::check(status, Code::bad_input, "cannot read column " + std::to_string(column));
    bool const text = type == TSTRING;
    if (text ? width > most_width || repeat != width : repeat != 1 || type < 0 || type >= TCOMPLEX) return;
    auto& made = table.columns.emplace_back();
    made.name = key_of(file, "TTYPE", column);
    made.unit = key_of(file, "TUNIT", column);
    made.ucd = key_of(file, "TUCD", column);
    made.values.reserve(static_cast<std::size_t>(rows));
    text ? read_text(file, column, std::max(width, repeat), rows, made.values)
         : read_numbers(file, column, rows, made.values);
}

}  // namespace

SourceTable read_fits_table(std::string const& path)
{
    auto const file = open_table(path);
    int status = 0, columns = 0;
    LONGLONG rows = 0;
    fits_get_num_rowsll(file.get(), &rows, &status);
    fits_get_num_cols(file.get(), &columns, &status);
    if (status != 0 || rows < 0 || rows > most_rows)
        throw bad_table(path, status != 0 ? fits::status_text(status) : "its number of rows is not possible");
    SourceTable table;
    table.n_rows = static_cast<std::size_t>(rows);
    return within("catalogue " + path, [&] {
        for (int column = 1; column <= columns; ++column) read_column(file.get(), column, rows, table);
        return table;
    });
}

}  // namespace nocturne
