// Enters: a VOTable file. Leaves: the columns of its first table.
#include "io/source_table.hpp"
#include "nocturne/error.hpp"

#include <cstring>
#include <fstream>
#include <memory>

#include <expat.h>

namespace nocturne {
namespace {

constexpr std::size_t most_text = 1 << 16;  // of one cell

/// What the parser has seen. Names of elements are compared without a namespace's prefix.
struct Reading {
    SourceTable table;
    std::string text, refused;
    bool in_table = false, in_cell = false, done = false;
    std::size_t column = 0;

    static char const* local(char const* name)
    {
        auto const* const colon = std::strrchr(name, ':');
        return colon ? colon + 1 : name;
    }
    static bool is(char const* name, char const* wanted) { return std::strcmp(local(name), wanted) == 0; }

    void start(char const* name, char const** attributes)
    {
        if (done) return;
        if (is(name, "TABLE")) in_table = true;
        if (!in_table) return;
        if (is(name, "FIELD")) add_field(attributes);
        for (char const* other : {"BINARY", "BINARY2", "FITS", "PARQUET"})
            if (is(name, other)) refused = other;
        if (is(name, "TR")) column = 0;
        in_cell = is(name, "TD");
        if (in_cell) text.clear();
    }

    void end(char const* name)
    {
        if (done || !in_table) return;
        if (is(name, "TD")) {
            if (column < table.columns.size()) table.columns[column].values.push_back(trimmed());
            ++column;
            in_cell = false;
        }
        if (is(name, "TR")) {
            ++table.n_rows;
            for (auto& each : table.columns) each.values.resize(table.n_rows);
        }
        if (is(name, "TABLE")) done = true;
    }

    void add_field(char const** attributes)
    {
        SourceColumn made;
        for (; attributes[0]; attributes += 2) {
            if (std::strcmp(attributes[0], "name") == 0) made.name = attributes[1];
            if (std::strcmp(attributes[0], "unit") == 0) made.unit = attributes[1];
            if (std::strcmp(attributes[0], "ucd") == 0) made.ucd = attributes[1];
        }
        table.columns.push_back(std::move(made));
    }

    std::string trimmed() const
    {
        auto const first = text.find_first_not_of(" \t\r\n");
        return first == std::string::npos ? "" : text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
    }
};

struct Free {
    void operator()(XML_Parser parser) const { XML_ParserFree(parser); }
};
using Parser = std::unique_ptr<std::remove_pointer_t<XML_Parser>, Free>;

Parser parser_into(Reading& reading)
{
    Parser parser(XML_ParserCreate(nullptr));
    XML_SetUserData(parser.get(), &reading);
    XML_SetElementHandler(
        parser.get(),
        [](void* to, char const* name, char const** attributes) { static_cast<Reading*>(to)->start(name, attributes); },
        [](void* to, char const* name) { static_cast<Reading*>(to)->end(name); });
    XML_SetCharacterDataHandler(parser.get(), [](void* to, char const* text, int n) {
        auto& into = *static_cast<Reading*>(to);
        if (into.in_cell && into.text.size() < most_text) into.text.append(text, static_cast<std::size_t>(n));
    });
    return parser;
}

}  // namespace

SourceTable read_votable(std::string const& path)
{
    std::ifstream file(path, std::ios::binary);
    if (!file)
        throw Error(Code::input_missing, "cannot read the catalogue " + path, "no such readable file",
                    "check the path");
    Reading reading;
    auto const parser = parser_into(reading);
    std::vector<char> piece(1 << 16);
    bool last = false;
    while (!last) {
        file.read(piece.data(), static_cast<std::streamsize>(piece.size()));
        last = !file;
        if (XML_Parse(parser.get(), piece.data(), static_cast<int>(file.gcount()), last) == XML_STATUS_ERROR)
            throw Error(Code::bad_input, "cannot read the VOTable " + path,
                        "line " + std::to_string(XML_GetCurrentLineNumber(parser.get())) + ": " +
                            XML_ErrorString(XML_GetErrorCode(parser.get())),
                        "fetch it anew, or name a CSV");
    }
    if (!reading.refused.empty())
        throw Error(Code::bad_input, "cannot read the VOTable " + path, "its rows are serialised as " + reading.refused,
                    "ask its service for TABLEDATA, FITS or CSV");
    if (reading.table.columns.empty())
        throw Error(Code::bad_input, "cannot read the VOTable " + path, "it has no TABLE with a FIELD",
                    "name a VOTable of sources");
    return std::move(reading.table);
}

}  // namespace nocturne
