// Parameters of stages: declared once (name, unit, default, text, bounds). The parser, --help, the JSON Schema and the
// docs page are made from these declarations.
#pragma once

#include "nocturne/error.hpp"

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace nocturne {

using ParamValue = std::variant<bool, std::int64_t, double, std::string>;

struct ParamSpec {
    std::string name;                    ///< as on the command line and in job files: "auto-mask"
    std::string unit;                    ///< "arcsec", "Hz", "" where dimensionless
    ParamValue fallback;                 ///< the default; its type is the parameter's type
    std::string text;                    ///< one sentence
    std::vector<std::string> choices{};  ///< of a text, empty = any; of a number, words that stand for 0
    double min = -std::numeric_limits<double>::infinity();
    double max = std::numeric_limits<double>::infinity();
    std::string
        environment{};  ///< a variable that other pipelines know it by ("IMG_NITER"); NOCTURNE_<NAME> goes before it
};

/// Validated values of one stage.
class Params {
public:
    Params() = default;
    /// Takes `given` over the defaults of `specs`. Throws Error(bad_config) on an unknown name (with the nearest), a
    /// wrong type, a value out of bounds. An integer is accepted where a double is declared.
    Params(std::vector<ParamSpec> const& specs, std::map<std::string, ParamValue> const& given);

    bool flag(std::string const& name) const { return get<bool>(name); }
    std::int64_t integer(std::string const& name) const { return get<std::int64_t>(name); }
    double number(std::string const& name) const { return get<double>(name); }
    std::string const& text(std::string const& name) const { return get<std::string>(name); }
    std::map<std::string, ParamValue> const& values() const { return values_; }

private:
    template<class T>
    T const& get(std::string const& name) const
    {
        auto found = values_.find(name);
        if (found == values_.end())
            throw Error(Code::defect, "parameter " + name, "not declared", "declare it in the stage");
        return std::get<T>(found->second);
    }
    std::map<std::string, ParamValue> values_;
};

}  // namespace nocturne
