// A new Measurement Set on disk, through casacore. casacore's headers do not compile as C++20 (std::allocator<T>::pointer):
// ms_new_set.cpp alone includes them here, as C++17, and this header is plain enough for both. What casacore throws becomes
// Error(io); on a full disk casacore may end the process.
#pragma once

#include <array>
#include <complex>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace nocturne::ms {

/// An array value, axes as casacore counts them: the first is the fastest.
template<class T>
struct Array {
    std::vector<std::int64_t> shape;
    std::vector<T> values;
};

/// A subtable that is filled row by row: `add_row`, then the cells of that row.
class NewTable {
public:
    NewTable& add_row();
    NewTable& put(char const* column, int value);
    NewTable& put(char const* column, bool value);
    NewTable& put(char const* column, double value);
    NewTable& put(char const* column, std::string const& value);
    NewTable& put(char const* column, Array<int> const& value);
    NewTable& put(char const* column, Array<double> const& value);
    NewTable& put(char const* column, Array<std::complex<float>> const& value);
    NewTable& put(char const* column, Array<std::string> const& value);
    /// The frame of a column of directions (keyword MEASINFO).
    void set_frame(char const* column, char const* frame);
    /// A column of vectors of fixed length that the standard does not know.
    void add_vector_column(char const* column, int length);
    void fill(char const* column, std::string const& value);  ///< all rows

private:
    friend class NewSet;
    struct Handle;
    std::shared_ptr<Handle> handle_;
};

enum class CellType { boolean, f32, f64, complex_f32 };

/// Rows of one shape of cell: a hypercube.
struct NewCube {
    std::vector<std::int64_t> cell_shape;
    std::int64_t tile_rows = 1;
};

struct NewTiledColumn {
    std::string name;
    CellType type = CellType::f32;
    std::vector<NewCube> cubes;
};

/// So many rows after one another belong to one cube.
struct CubeRun {
    int cube = 0;
    std::int64_t rows = 0;
};

/// What a new set takes over from another one, through casacore.
struct CarryPlan {
    std::string path;  ///< of that set; "" = nothing
    /// Its rows in the order of ours: all columns but `own_columns` are taken over from these. Empty: no column is.
    std::vector<std::int64_t> rows;
    std::vector<std::string> own_columns;
    /// Subtables that are made anew, or not at all; all others are copied.
    std::vector<std::string> own_tables;
};

/// Reads all that the plan takes over. Throws Error(bad_input) where casacore cannot.
void read_carried(CarryPlan const& plan);

struct NewSetPlan {
    std::string path;
    std::int64_t n_rows = 0;
    /// Bound first and in this order: the files of column i are table.f<i>… Optional columns of the standard are those named here.
    std::vector<NewTiledColumn> tiled;
    std::vector<CubeRun> runs;  ///< which cube the rows of columns of several cubes belong to, in the order of rows
    std::string readme;
    CarryPlan carry;
};

/// Makes the main table on construction, with cells of the right shape but without content, then its subtables when asked for
/// them. Everything is on disk (not synced) when it is destroyed.
class NewSet {
public:
    explicit NewSet(NewSetPlan const& plan);

    /// A column or a table that was taken over is left alone by what follows.
    bool carries(std::string const& column_or_table) const;
    /// SOURCE is optional: a set of another that had none, and whose fields stay, has none.
    bool has(std::string const& subtable) const;
    void put(char const* column, std::vector<std::int32_t> const& values);
    void put(char const* column, std::vector<double> const& values);
    void fill(char const* column, std::int32_t value);
    void fill(char const* column, bool value);
    /// A subtable of the standard: "ANTENNA".
    NewTable subtable(char const* name);
    /// Writes everything out and closes the tables; what fails is an Error. Once.
    void close();

private:
    struct Handle;
    std::shared_ptr<Handle> handle_;
};

}  // namespace nocturne::ms
