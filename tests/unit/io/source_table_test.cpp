// Tables of sources: the same rows out of CSV, FITS and VOTable; damaged ones are refused by name.
#include "io/source_table.hpp"

#include "nocturne/error.hpp"
#include "scratch.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>

#include <fitsio.h>

namespace nocturne {
namespace {

class SourceTables : public testing::Test {
protected:
    std::string write(std::string const& name, std::string const& text)
    {
        std::ofstream(directory_ / name) << text;
        return directory_ / name;
    }

    std::string write_fits()
    {
        auto const path = directory_ / "t.fits";
        fitsfile* file = nullptr;
        int status = 0;
        char name[] = "Name", ra[] = "RAJ2000", flux[] = "S1.4", a8[] = "8A", d[] = "1D", e[] = "1E", empty[] = "",
             deg[] = "deg", mjy[] = "mJy";
        char *types[] = {name, ra, flux}, *forms[] = {a8, d, e}, *units[] = {empty, deg, mjy};
        fits_create_file(&file, path.c_str(), &status);
        fits_create_tbl(file, BINARY_TBL, 2, 3, types, forms, units, "SOURCES", &status);
        char one[] = "one", two[] = "two";
        char* names[] = {one, two};
        double at[] = {359.5, 12.25};
        float jy[] = {1.5F, NAN};
        fits_write_col(file, TSTRING, 1, 1, 1, 2, names, &status);
        fits_write_col(file, TDOUBLE, 2, 1, 1, 2, at, &status);
        fits_write_col(file, TFLOAT, 3, 1, 1, 2, jy, &status);
        fits_close_file(file, &status);
        EXPECT_EQ(status, 0);
        return path;
    }

    static void expect_both(SourceTable const& table, bool units)
    {
        ASSERT_EQ(table.n_rows, 2U);
        ASSERT_EQ(table.columns.size(), 3U);
        EXPECT_EQ(table.columns[0].values, (std::vector<std::string>{"one", "two"}));
        EXPECT_EQ(table.columns[1].values, (std::vector<std::string>{"359.5", "12.25"}));
        EXPECT_EQ(table.columns[2].values, (std::vector<std::string>{"1.5", ""}));
        EXPECT_EQ(table.columns[2].name, "S1.4");
        EXPECT_EQ(table.columns[2].unit, units ? "mJy" : "");
    }

    test::Scratch directory_;
};

constexpr char const* votable = R"(<?xml version="1.0"?>
<v:VOTABLE xmlns:v="http://www.ivoa.net/xml/VOTable/v1.3"><v:RESOURCE><v:TABLE name="t">
<v:FIELD name="Name" datatype="char" arraysize="*"/><v:FIELD name="RAJ2000" datatype="double" unit="deg"/>
<v:FIELD name="S1.4" datatype="float" unit="mJy"/>
<v:DATA><v:TABLEDATA><v:TR><v:TD>one</v:TD><v:TD> 359.5 </v:TD><v:TD>1.5</v:TD></v:TR>
<v:TR><v:TD>two</v:TD><v:TD>12.25</v:TD><v:TD/></v:TR></v:TABLEDATA></v:DATA></v:TABLE></v:RESOURCE></v:VOTABLE>)";

TEST_F(SourceTables, AreTheSameOutOfCsvFitsAndVotable)
{
    expect_both(
        read_source_table(write("t.csv", "# made by hand\nName,RAJ2000,S1.4\r\n\"one\",359.5, 1.5\n\ntwo,12.25,\n")),
        false);
    expect_both(read_source_table(write("t.xml", votable)), true);
    expect_both(read_source_table(write_fits()), true);
    EXPECT_EQ(read_source_table(write("q.csv", "a,b\n\"x, \"\"y\"\"\",2\n")).columns[0].values[0], "x, \"y\"");
}

TEST_F(SourceTables, ThatAreDamagedAreRefusedByName)
{
    std::string cut = votable;
    cut.resize(cut.size() / 2);
    std::string binary = votable;
    binary.replace(binary.find("<v:TABLEDATA>"), 13, "<v:BINARY>");
    for (auto const& path : {write("cut.xml", cut),
                             write("binary.xml", binary.substr(0, binary.find("<v:TR>")) +
                                                     "</v:BINARY></v:DATA></v:TABLE></v:RESOURCE></v:VOTABLE>"),
                             write("short.csv", "a,b\n1\n"), write("empty.csv", ""),
                             write("not.fits", "SIMPLE  =                    T and no more")})
        try {
            read_source_table(path);
            ADD_FAILURE() << path << " was read";
        } catch (Error const& error) {
            EXPECT_EQ(error.code(), Code::bad_input) << error.what();
            EXPECT_NE(std::string(error.what()).find(path), std::string::npos) << error.what();
        }
    EXPECT_THROW(read_source_table(directory_ / "none.csv"), Error);
}

}  // namespace
}  // namespace nocturne
