// Enters: a CSV file. Leaves: its columns. Fields may be quoted (RFC 4180); lines that are empty or start with # are skipped.
#include "io/source_table.hpp"
#include "nocturne/error.hpp"
#include "nocturne/utf8.hpp"

#include <fstream>

namespace nocturne {
namespace {

std::vector<std::string> split(std::string const& line)
{
    std::vector<std::string> fields(1);
    bool quoted = false;
    for (std::size_t i = 0; i < line.size(); ++i) {
        if (line[i] == '"' && quoted && i + 1 < line.size() && line[i + 1] == '"')
            fields.back() += line[++i];
        else if (line[i] == '"')
            quoted = !quoted;
        else if (line[i] == ',' && !quoted)
            fields.emplace_back();
        else if (line[i] != '\r')
            fields.back() += line[i];
    }
    for (auto& field : fields) {
        field.erase(0, std::min(field.find_first_not_of(" \t"), field.size()));
        field.erase(field.find_last_not_of(" \t") + 1);
    }
    return fields;
}

}  // namespace

SourceTable read_csv_table(std::string const& path)
{
    std::ifstream file(path);
    if (!file)
        throw Error(Code::input_missing, "cannot read the catalogue " + path, "no such readable file",
                    "check the path");
    SourceTable table;
    std::size_t number = 0;
    for (std::string line; std::getline(file, line);) {
        if (++number == 1 && line.starts_with("\xEF\xBB\xBF")) line.erase(0, 3);  // of spreadsheets
        if (line.find_first_not_of(" \t\r") == std::string::npos || line[0] == '#') continue;
        auto fields = split(as_utf8(line));
        if (table.columns.empty()) {
            for (auto& field : fields) table.columns.push_back({std::move(field), "", "", {}});
            continue;
        }
        if (fields.size() != table.columns.size())
            throw Error(Code::bad_input, "cannot read the catalogue " + path,
                        "line " + std::to_string(number) + " has " + std::to_string(fields.size()) +
                            " fields, its heading " + std::to_string(table.columns.size()),
                        "quote fields that hold commas");
        for (std::size_t i = 0; i < fields.size(); ++i) table.columns[i].values.push_back(std::move(fields[i]));
        ++table.n_rows;
    }
    if (table.columns.empty())
        throw Error(Code::bad_input, "cannot read the catalogue " + path, "it is empty",
                    "its first line names the columns");
    return table;
}

SourceTable read_source_table(std::string const& path)
{
    std::ifstream file(path, std::ios::binary);
    std::string begin(256, '\0');
    file.read(begin.data(), static_cast<std::streamsize>(begin.size()));
    begin.resize(static_cast<std::size_t>(file.gcount()));
    if (begin.starts_with("SIMPLE  =")) return read_fits_table(path);
    auto const first = begin.find_first_not_of("\xEF\xBB\xBF \t\r\n");
    return first != std::string::npos && begin[first] == '<' ? read_votable(path) : read_csv_table(path);
}

}  // namespace nocturne
