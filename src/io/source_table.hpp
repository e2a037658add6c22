// Tables of sources in astronomers' formats. Enters: a CSV, a FITS table or a VOTable. Leaves: its columns as text, with names and
// units.
#pragma once

#include <string>
#include <vector>

namespace nocturne {

struct SourceColumn {
    std::string name, unit, ucd;      ///< as the file has them; "" where it says nothing
    std::vector<std::string> values;  ///< one a row; "" where there is none
};

struct SourceTable {
    std::vector<SourceColumn> columns;
    std::size_t n_rows = 0;
};

/// First binary or ASCII table of a FITS file, by cfitsio; scalar columns alone. Throws Error(input_missing) or Error(bad_input).
SourceTable read_fits_table(std::string const& path);

/// First TABLE of a VOTable with TABLEDATA (IVOA VOTable 1.4), by expat; other serialisations are refused by name. Throws as above.
SourceTable read_votable(std::string const& path);

/// First line: names. Throws as above.
SourceTable read_csv_table(std::string const& path);

/// Any of the three, told apart by how the file begins.
SourceTable read_source_table(std::string const& path);

}  // namespace nocturne
