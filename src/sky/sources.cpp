// A CSV by its header line.
#include "sky/sources.hpp"

#include "nocturne/error.hpp"
#include "nocturne/nearest.hpp"
#include "sky/csv_fields.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>

namespace nocturne {
namespace {

Error bad(std::string problem, std::string reason, std::string advice)
{
    return Error(Code::bad_config, std::move(problem), std::move(reason), std::move(advice));
}

class Columns {
public:
    explicit Columns(std::vector<std::string> const& header)
    {
        for (std::size_t i = 0; i < header.size(); ++i) at_[header[i]] = i;
        for (auto const* needed : {"ra_deg", "dec_deg", "flux_jy"})
            if (!at_.contains(needed))
                throw bad("no column " + std::string(needed), "the first line names the columns",
                          "write name,ra_deg,dec_deg,flux_jy,spix" + did_you_mean(needed, header));
    }

    Source parse(std::vector<std::string> const& fields) const
    {
        Source source;
        if (at_.contains("name")) source.name = text(fields, "name");
        source.direction = {degrees(number(fields, "ra_deg")), degrees(number(fields, "dec_deg"))};
        source.flux_jy = number(fields, "flux_jy");
        source.spix = given(fields, "spix");
        source.major_rad = given(fields, "major_arcsec") * arcsec_rad;
        source.minor_rad = has(fields, "minor_arcsec") ? given(fields, "minor_arcsec") * arcsec_rad : source.major_rad;
        source.pa_rad = given(fields, "pa_deg") * degree_rad;
        if (source.minor_rad < 0 || source.minor_rad > source.major_rad)
            throw bad("minor_arcsec is larger than major_arcsec, or negative", text(fields, "minor_arcsec"),
                      "write widths at half maximum, the larger one as major_arcsec");
        set_shape(fields, source);
        if (std::abs(source.direction.dec.value()) > pi / 2)
            throw bad("dec_deg is beyond 90 degrees", text(fields, "dec_deg"), "correct it");
        return source;
    }

private:
    void set_shape(std::vector<std::string> const& fields, Source& source) const
    {
        auto const shape = at_.contains("shape") ? text(fields, "shape") : "";
        source.disk = shape == "disk";
        if (!shape.empty() && shape != "point" && shape != "gaussian" && !source.disk)
            throw bad("shape is none of point, gaussian, disk", "'" + shape + "'",
                      "correct it" + did_you_mean(shape, {"point", "gaussian", "disk"}));
        if (!shape.empty() && (shape == "point") != (source.major_rad == 0))
            throw bad("shape and major_arcsec do not fit", "'" + shape + "'",
                      "a point has no width, a Gaussian or a disk has one");
    }

    bool has(std::vector<std::string> const& fields, std::string const& name) const
    {
        return at_.contains(name) && !text(fields, name).empty();
    }

    /// 0 where it is not there.
    double given(std::vector<std::string> const& fields, std::string const& name) const
    {
        return has(fields, name) ? number(fields, name) : 0;
    }

    std::string const& text(std::vector<std::string> const& fields, std::string const& name) const
    {
        std::size_t const i = at_.at(name);
        if (i >= fields.size())
            throw bad("no value for " + name, "the line has " + std::to_string(fields.size()) + " fields",
                      "complete it");
        return fields[i];
    }

    double number(std::vector<std::string> const& fields, std::string const& name) const
    {
        auto const& word = text(fields, name);
        char* end = nullptr;
        double const value = std::strtod(word.c_str(), &end);
        if (word.empty() || *end != '\0' || !std::isfinite(value))
            throw bad(name + " is not a number", "'" + word + "'", "write a decimal number");
        return value;
    }

    std::map<std::string, std::size_t> at_;
};

}  // namespace

double Source::flux_at(double freq_hz) const { return flux_jy * std::pow(freq_hz / source_reference_hz, spix); }

namespace {

std::vector<Source> parse_list(std::istream& csv, std::string const& path)
{
    std::vector<Source> sources;
    std::vector<Columns> columns;
    int number = 0;
    for (std::string line; std::getline(csv, line);) {
        if (++number == 1 && line.starts_with("\xEF\xBB\xBF")) line.erase(0, 3);  // of spreadsheets
        auto const content = trimmed(line);
        if (content.empty() || content[0] == '#') continue;
        within("source list " + path + " line " + std::to_string(number), [&] {
            if (columns.empty())
                columns.emplace_back(csv_fields(content));
            else
                sources.push_back(columns.front().parse(csv_fields(content)));
        });
        if (!sources.empty() && sources.back().name.empty()) sources.back().name = "S" + std::to_string(sources.size());
    }
    if (columns.empty())
        throw bad("the source list " + path + " is empty", "no header line", "write name,ra_deg,dec_deg,flux_jy,spix");
    return sources;
}

}  // namespace

std::vector<Source> read_sources(std::string const& path_or_text)
{
    if (path_or_text.find('\n') != std::string::npos) {
        std::istringstream text(path_or_text);
        return parse_list(text, "given as text");
    }
    std::ifstream file(path_or_text);
    if (!file)
        throw Error(Code::input_missing, "cannot read the source list " + path_or_text, "no such readable file",
                    "check the path");
    return parse_list(file, path_or_text);
}

std::string sources_csv(std::vector<Source> const& sources)
{
    bool const shapes = std::any_of(sources.begin(), sources.end(), [](Source const& s) { return s.major_rad > 0; });
    bool const disks = std::any_of(sources.begin(), sources.end(), [](Source const& s) { return s.disk; });
    std::string text = std::string("name,ra_deg,dec_deg,flux_jy,spix") +
                       (shapes ? ",major_arcsec,minor_arcsec,pa_deg" : "") + (disks ? ",shape\n" : "\n");
    for (auto const& s : sources) {
        char line[200];
        std::snprintf(line, sizeof line, ",%.10f,%.10f,%.9f,%.6f", s.direction.ra.value() / degree_rad,
                      s.direction.dec.value() / degree_rad, s.flux_jy, s.spix);
        text += csv_field(s.name) + line;
        if (shapes)
            std::snprintf(line, sizeof line, ",%.6f,%.6f,%.6f", s.major_rad / arcsec_rad, s.minor_rad / arcsec_rad,
                          s.pa_rad / degree_rad);
        text += shapes ? line : "";
        if (disks) text += s.disk ? ",disk" : s.major_rad > 0 ? ",gaussian" : ",point";
        text += "\n";
    }
    return text;
}

}  // namespace nocturne
