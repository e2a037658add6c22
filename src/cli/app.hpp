// App and Option: what verbs use of CLI11, in its words, without its headers: they would cost every verb three seconds
// of compiling. Enters: names, variables, texts. Leaves: the variables filled when the command line is parsed.
#pragma once

#include <deque>
#include <functional>
#include <string>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace nocturne::cli {

/// One option; each call changes it and returns it. It lives as long as its App.
class Option {
public:
    explicit Option(CLI::Option& option) : option_(option) {}

    Option* required();
    Option* one_of(std::vector<std::string> const& choices);
    Option* in_range(int least, int most);
    Option* in_range(double least, double most);
    Option* positive();
    /// `problem` says what is wrong with a value, or "".
    Option* check(std::function<std::string(std::string const&)> const& problem, std::string const& name);
    Option* delimiter(char separator);     ///< of several values in one word
    Option* values(int n);                 ///< so many words, no fewer and no more
    Option* one_value_each();              ///< several values only by giving the option several times
    Option* value_or(std::string const&);  ///< the value may be left out, and is this then
    Option* show_default();                ///< the variable's value as it is now, in --help
    Option* type_name(std::string const& name);
    Option* group(std::string const& name);  ///< the heading of --help it stands under

private:
    CLI::Option& option_;
};

/// The options of one verb.
class App {
public:
    explicit App(CLI::App& app) : app_(app) {}

    /// T: bool, int, std::int64_t, std::uint64_t, float, double, std::optional<double>, std::string, and vectors of int,
    /// double and std::string.
    template<class T>
    Option* add_option(std::string const& names, T& value, std::string const& text);
    Option* add_option_function(std::string const& names, std::function<void(std::string const&)> const& take,
                                std::string const& text);
    Option* add_flag(std::string const& names, bool& value, std::string const& text);
    Option* add_flag_callback(std::string const& names, std::function<void()> const& given, std::string const& text);
    Option* get_option(std::string const& name);  ///< of those added before
    void footer(std::string const& text);
    void hide();  ///< --help does not show the verb: no one types it

private:
    Option* keep(CLI::Option* option);

    CLI::App& app_;
    std::deque<Option> options_;
};

}  // namespace nocturne::cli
