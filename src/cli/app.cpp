// Enters: calls in CLI11's words. Leaves: CLI11's options.
#include "cli/app.hpp"

#include <CLI/CLI.hpp>

#include <cmath>
#include <cstdint>
#include <optional>

namespace nocturne::cli {
namespace {

/// An option after one that wants a value is a slip.
CLI::Validator no_option()
{
    return CLI::Validator(
        [](std::string const& text) {
            return text.rfind("--", 0) == 0 ? "a value is missing before " + text : std::string();
        },
        "");
}

}  // namespace

Option* Option::required()
{
    option_.required();
    return this;
}

Option* Option::one_of(std::vector<std::string> const& choices)
{
    option_.check(CLI::IsMember(choices));
    return this;
}

Option* Option::in_range(int least, int most)
{
    option_.check(CLI::Range(least, most));
    return this;
}

Option* Option::in_range(double least, double most)
{
    option_.check(CLI::Range(least, most));
    return this;
}

Option* Option::positive()
{
    return check(
        [](std::string const& text) {
            double value = 0;
            return CLI::detail::lexical_cast(text, value) && value > 0 && std::isfinite(value) ? ""
                                                                                               : "it is not above 0";
        },
        "POSITIVE");
}

Option* Option::check(std::function<std::string(std::string const&)> const& problem, std::string const& name)
{
    option_.check(CLI::Validator([problem](std::string const& text) { return problem(text); }, name));
    return this;
}

Option* Option::delimiter(char separator)
{
    option_.delimiter(separator);
    return this;
}

Option* Option::values(int n)
{
    option_.expected(n)->allow_extra_args(false);  // what follows is another's
    return this;
}

Option* Option::one_value_each()
{
    option_.allow_extra_args(false);
    return this;
}

Option* Option::value_or(std::string const& value)
{
    option_.expected(0, 1)->default_str(value);
    return this;
}

Option* Option::show_default()
{
    option_.capture_default_str();
    return this;
}

Option* Option::type_name(std::string const& name)
{
    option_.type_name(name);
    return this;
}

Option* Option::group(std::string const& name)
{
    option_.group(name);
    return this;
}

template<class T>
Option* App::add_option(std::string const& names, T& value, std::string const& text)
{
    auto* option = app_.add_option(names, value, text);
    if constexpr (std::is_same_v<T, std::string>) option->check(no_option());
    return keep(option);
}

template Option* App::add_option(std::string const&, bool&, std::string const&);
template Option* App::add_option(std::string const&, int&, std::string const&);
template Option* App::add_option(std::string const&, std::int64_t&, std::string const&);
template Option* App::add_option(std::string const&, std::uint64_t&, std::string const&);
template Option* App::add_option(std::string const&, double&, std::string const&);
template Option* App::add_option(std::string const&, float&, std::string const&);
template Option* App::add_option(std::string const&, std::optional<double>&, std::string const&);
template Option* App::add_option(std::string const&, std::string&, std::string const&);
template Option* App::add_option(std::string const&, std::vector<double>&, std::string const&);
template Option* App::add_option(std::string const&, std::vector<int>&, std::string const&);
template Option* App::add_option(std::string const&, std::vector<std::string>&, std::string const&);

Option* App::add_option_function(std::string const& names, std::function<void(std::string const&)> const& take,
                                 std::string const& text)
{
    auto* option = app_.add_option_function<std::string>(names, take, text);
    option->check(no_option());
    return keep(option);
}

Option* App::add_flag(std::string const& names, bool& value, std::string const& text)
{
    return keep(app_.add_flag(names, value, text));
}

Option* App::add_flag_callback(std::string const& names, std::function<void()> const& given, std::string const& text)
{
    return keep(app_.add_flag_callback(names, given, text));
}

Option* App::get_option(std::string const& name) { return keep(app_.get_option(name)); }

void App::footer(std::string const& text) { app_.footer(text); }

void App::hide() { app_.group(""); }

Option* App::keep(CLI::Option* option) { return &options_.emplace_back(*option); }

}  // namespace nocturne::cli
