// Enters: planes of a cube, or a file that holds one. Leaves: its table of beams, or one row of it.
#include "io/fits_beams.hpp"

#include "io/fits_memory.hpp"

#include <algorithm>

namespace nocturne::fits {
namespace {

constexpr char const* table_name = "BEAMS";

/// The bytes of the current HDU.
std::string hdu_of(MemoryFile const& memory)
{
    int status = 0;
    LONGLONG begin = 0, data = 0, end = 0;
    fits_flush_file(memory.file(), &status);
    fits_get_hduaddrll(memory.file(), &begin, &data, &end, &status);
    check(status, Code::io, "cannot encode the table of beams");
    return {memory.bytes() + begin, memory.bytes() + end};
}

/// A column's number in the table that the file stands at; 0 where it is absent.
int find_column(fitsfile* file, char const* name)
{
    int status = 0, column = 0;
    std::string wanted = name;
    fits_get_colnum(file, CASEINSEN, wanted.data(), &column, &status);
    if (status != 0) fits_clear_errmsg();
    return status == 0 ? column : 0;
}

std::vector<double> column_of_beams(fitsfile* file, char const* name, long rows)
{
    std::vector<double> values(static_cast<std::size_t>(rows), 0.0);
    int status = 0, any = 0;
    fits_read_col(file, TDOUBLE, find_column(file, name), 1, 1, rows, nullptr, values.data(), &any, &status);
    check(status, Code::bad_input, std::string("cannot read column ") + name + " of the table of beams");
    return values;
}

/// Of a column of angles; those that do not say it are in the unit that CASA takes.
double radians_in(fitsfile* file, char const* name, double usual)
{
    int status = 0;
    char unit[FLEN_VALUE] = {};
    auto const key = "TUNIT" + std::to_string(find_column(file, name));
    if (fits_read_key_str(file, key.c_str(), unit, nullptr, &status) != 0) fits_clear_errmsg();
    std::string const text = unit;
    return text == "deg" ? degree_rad : text == "arcsec" ? arcsec_rad : text == "rad" ? 1 : usual;
}

Beam beam_in_row(fitsfile* file, Index channel, Index stokes)
{
    int status = 0;
    long rows = 0;
    fits_get_num_rows(file, &rows, &status);
    check(status, Code::bad_input, "cannot read the table of beams");
    auto const at_channel = column_of_beams(file, "CHAN", rows), at_stokes = column_of_beams(file, "POL", rows);
    auto const major = column_of_beams(file, "BMAJ", rows), minor = column_of_beams(file, "BMIN", rows),
               pa = column_of_beams(file, "BPA", rows);
    for (std::size_t i = 0; i < major.size(); ++i)
        if (static_cast<Index>(at_channel[i]) == channel && static_cast<Index>(at_stokes[i]) == stokes)
            return {major[i] * radians_in(file, "BMAJ", arcsec_rad), minor[i] * radians_in(file, "BMIN", arcsec_rad),
                    pa[i] * radians_in(file, "BPA", degree_rad)};
    return {};
}

/// Of a blank channel that of the nearest one that has a beam: CASA opens no cube that lacks one.
Beam nearest_beam(std::vector<CubePlane> const& planes, std::size_t k)
{
    Beam nearest;
    std::size_t least = planes.size();
    for (std::size_t i = 0; i < planes.size(); ++i) {
        std::size_t const away = i < k ? k - i : i - k;
        if (away < least && planes[i].beam.major_rad > 0) nearest = planes[i].beam, least = away;
    }
    return nearest;
}

}  // namespace

bool has_beams(std::vector<CubePlane> const& planes)
{
    return std::any_of(planes.begin(), planes.end(), [](CubePlane const& plane) { return plane.beam.major_rad > 0; });
}

std::string beams_hdu(std::vector<CubePlane> const& planes)
{
    MemoryFile const memory;
    auto* const file = memory.file();
    std::string names[] = {"BMAJ", "BMIN", "BPA", "CHAN", "POL"}, forms[] = {"1E", "1E", "1E", "1J", "1J"},
                units[] = {"arcsec", "arcsec", "deg", "", ""};
    char *name[5], *form[5], *unit[5];
    for (std::size_t i = 0; i < 5; ++i) name[i] = names[i].data(), form[i] = forms[i].data(), unit[i] = units[i].data();
    int status = 0;
    fits_create_tbl(file, BINARY_TBL, 0, 5, name, form, unit, table_name, &status);
    fits_update_key_lng(file, "EXTVER", 1, nullptr, &status);
    fits_update_key_lng(file, "NCHAN", static_cast<LONGLONG>(planes.size()), "channels", &status);
    fits_update_key_lng(file, "NPOL", 1, "Stokes parameters", &status);
    for (std::size_t k = 0; k < planes.size(); ++k) {
        auto const beam = nearest_beam(planes, k);
        double angles[] = {beam.major_rad / arcsec_rad, beam.minor_rad / arcsec_rad, beam.pa_rad / degree_rad};
        long places[] = {static_cast<long>(k), 0};
        auto const row = static_cast<LONGLONG>(k + 1);
        for (int i = 0; i < 3; ++i) fits_write_col_dbl(file, 1 + i, row, 1, 1, &angles[i], &status);
        for (int i = 0; i < 2; ++i) fits_write_col_lng(file, 4 + i, row, 1, 1, &places[i], &status);
    }
    fits_write_chksum(file, &status);
    check(status, Code::io, "cannot encode the table of beams");
    return hdu_of(memory);
}

Beam beam_of_table(fitsfile* file, Index channel, Index stokes)
{
    int status = 0;
    std::string name = table_name;
    if (fits_movnam_hdu(file, BINARY_TBL, name.data(), 0, &status) != 0) {
        fits_clear_errmsg();
        status = 0;
        fits_movabs_hdu(file, 1, nullptr, &status);
        return {};
    }
    auto const beam = beam_in_row(file, channel, stokes);
    fits_movabs_hdu(file, 1, nullptr, &status);
    check(status, Code::bad_input, "cannot go back to the first HDU");
    return beam;
}

}  // namespace nocturne::fits
