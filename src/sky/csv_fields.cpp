#include "sky/csv_fields.hpp"

#include "nocturne/error.hpp"

namespace nocturne {

std::string trimmed(std::string const& text)
{
    auto const first = text.find_first_not_of(" \t\r");
    if (first == std::string::npos) return "";
    return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

std::vector<std::string> csv_fields(std::string const& line)
{
    std::vector<std::string> fields(1);
    bool quoted = false, closed = false;
    for (std::size_t i = 0; i < line.size(); ++i) {
        auto& field = fields.back();
        bool const quote = line[i] == '"';
        if (quoted && quote && i + 1 < line.size() && line[i + 1] == '"') {
            field += line[++i];
        } else if (quote && (quoted || (!closed && trimmed(field).empty()))) {
            quoted = !quoted, closed = !quoted;
        } else if (line[i] == ',' && !quoted) {
            field = trimmed(field), closed = false;
            fields.emplace_back();
        } else {
            field += line[i];
        }
    }
    if (quoted) throw Error(Code::bad_config, "a quote is not closed", line, "close it");
    fields.back() = trimmed(fields.back());
    return fields;
}

std::string csv_field(std::string const& text)
{
    if (text.find_first_of(",\"#") == std::string::npos) return text;
    std::string field = "\"";
    for (char const c : text) field += c == '"' ? "\"\"" : std::string(1, c);
    return field + '"';
}

}  // namespace nocturne
