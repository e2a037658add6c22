// Params: given values over declared defaults, checked against the declarations.
#include "nocturne/nearest.hpp"
#include "nocturne/param.hpp"
#include "nocturne/text.hpp"

#include <algorithm>
#include <sstream>

namespace nocturne {
namespace {

const char* const type_names[] = {"true or false", "an integer", "a number", "a text"};

std::string bounds(ParamSpec const& spec)
{
    std::ostringstream text;
    if (spec.min > -std::numeric_limits<double>::infinity()) text << "at least " << spec.min;
    if (spec.max < std::numeric_limits<double>::infinity())
        text << (text.tellp() > 0 ? ", " : "") << "at most " << spec.max;
    if (!spec.unit.empty()) text << " " << spec.unit;
    return text.str();
}

void check_bounds(ParamSpec const& spec, ParamValue const& value)
{
    double number = 0;
    if (auto const* integer = std::get_if<std::int64_t>(&value))
        number = static_cast<double>(*integer);
    else if (auto const* real = std::get_if<double>(&value))
        number = *real;
    else
        return;
    std::ostringstream shown;
    shown << number;
    if (number == 0 && !spec.choices.empty()) return;  // the word that stands for it
    if (!(number >= spec.min && number <= spec.max))
        throw Error(Code::bad_config, "parameter " + spec.name + " = " + shown.str(), "out of bounds",
                    "it must be " + bounds(spec));
}

void check_choice(ParamSpec const& spec, ParamValue const& value)
{
    auto const* text = std::get_if<std::string>(&value);
    if (!text || spec.choices.empty()) return;
    if (std::find(spec.choices.begin(), spec.choices.end(), *text) != spec.choices.end()) return;
    throw Error(Code::bad_config, "parameter " + spec.name + " = '" + *text + "'", "not one of its values",
                "choose one of " + join(spec.choices) + did_you_mean(*text, spec.choices));
}

ParamValue converted(ParamSpec const& spec, ParamValue value)
{
    if (std::holds_alternative<double>(spec.fallback) && std::holds_alternative<std::int64_t>(value))
        value = static_cast<double>(std::get<std::int64_t>(value));
    if (value.index() != spec.fallback.index())
        throw Error(Code::bad_config, "parameter " + spec.name, "it has the wrong type",
                    std::string("give ") + type_names[spec.fallback.index()]);
    check_bounds(spec, value);
    check_choice(spec, value);
    return value;
}

}  // namespace

Params::Params(std::vector<ParamSpec> const& specs, std::map<std::string, ParamValue> const& given)
{
    std::vector<std::string> names;
    for (auto const& spec : specs) {
        names.push_back(spec.name);
        auto const found = given.find(spec.name);
        values_[spec.name] = found == given.end() ? spec.fallback : converted(spec, found->second);
    }
    for (auto const& [name, value] : given)
        if (!values_.count(name))
            throw Error(Code::bad_config, "unknown parameter '" + name + "'", "the stage does not declare it",
                        "see the stage's --help" + did_you_mean(name, names));
}

}  // namespace nocturne
