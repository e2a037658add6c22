// casacore tables, opened to be read only. Enters: paths, names of columns. Leaves: vectors; or Errors that name table and
// column. casacore's headers do not compile as C++20 (std::allocator<T>::pointer): ms_read_tables.cpp alone includes them, as C++17,
// and this header is plain enough for both.
#pragma once

#include "nocturne/error.hpp"

#include <complex>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace nocturne::ms {

/// Error(bad_input) "cannot read `what` (`reason`)".
Error unreadable(std::string const& what, std::string const& reason);

enum class Cell {
    complex_f32,
    complex_f64,  ///< read as std::complex<float>
    f32,
    f64,
    boolean,
    integer
};  ///< what `Cells` may hold: std::complex<float>, …, bool, int32

/// An array column whose cells are read many at a time. Copies share the column.
class Cells {
public:
    Cells() = default;
    explicit operator bool() const { return column_ != nullptr; }

    bool defined(std::uint64_t row) const;                     ///< the cell of a row holds something
    std::vector<std::int64_t> shape(std::uint64_t row) const;  ///< first axis fastest; {} = empty

    /// Cells of the rows (ascending) one after another into `out`; each must have `shape` (first axis fastest). Throws
    /// Error(bad_input) naming column and rows.
    void read(std::vector<std::uint32_t> const& rows, std::vector<std::int64_t> const& shape, void* out) const;
    void read(std::uint32_t const* rows, std::size_t n, std::vector<std::int64_t> const& shape, void* out) const;

    struct Column;

private:
    friend class Table;
    std::shared_ptr<Column> column_;
};

/// One table, read without locks: nothing is written, not even table.lock.
class Table {
public:
    /// Throws Error(input_missing) or Error(bad_input).
    static Table open(std::string const& path);
    /// By its folder, else by its keyword.
    Table subtable(std::string const& name) const;
    bool has_subtable(std::string const& name) const;

    std::string const& title() const { return title_; }  ///< "SPECTRAL_WINDOW of X.ms" or "X.ms"
    std::uint64_t rows() const;
    bool has(std::string const& column) const;
    std::vector<std::string> columns() const;
    /// Keywords of the table that name tables, where these are there: programs leave keywords behind of those that they removed.
    std::vector<std::string> subtables() const;
    /// Reads the first, the middle and the last row of every column. Throws Error(bad_input).
    void try_columns() const;
    bool column_has_keyword(std::string const& column, std::string const& keyword) const;
    std::string type(std::string const& column) const;  ///< "Complex array", "Double", …
    /// MEASINFO's Ref of a column, "" where there is none.
    std::string reference(std::string const& column) const;
    /// The frame of each row: MEASINFO's VarRefCol, else its Ref.
    std::vector<std::string> row_references(std::string const& column) const;
    std::optional<bool> flag_keyword(std::string const& name) const;
    std::optional<double> number_keyword(std::string const& name) const;
    std::string text_keyword(std::string const& name) const;  ///< "" where there is none

    /// Scalar columns, whole.
    std::vector<double> doubles(std::string const& column) const;
    std::vector<std::int32_t> integers(std::string const& column) const;
    std::vector<std::uint8_t> booleans(std::string const& column) const;
    std::vector<std::string> strings(std::string const& column) const;

    /// One cell of an array column, flat (first axis fastest), at most `limit` elements.
    std::vector<double> double_cell(std::string const& column, std::uint64_t row, std::size_t limit) const;
    std::vector<std::int32_t> integer_cell(std::string const& column, std::uint64_t row, std::size_t limit) const;
    std::vector<std::string> string_cell(std::string const& column, std::uint64_t row, std::size_t limit) const;

    /// Throws Error(bad_input) where the column is not there or holds something else.
    Cells cells(std::string const& column, Cell type) const;

    struct Handle;

private:
    std::shared_ptr<Handle> handle_;
    std::string title_;
};

}  // namespace nocturne::ms
