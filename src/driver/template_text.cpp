// Enters: a text with templates and the arguments. Leaves: the text with values in place.
#include "driver/template_text.hpp"

#include "nocturne/error.hpp"
#include "nocturne/nearest.hpp"

namespace nocturne {
namespace {

std::string trimmed(std::string const& text)
{
    auto const first = text.find_first_not_of(" \t");
    if (first == std::string::npos) return "";
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::string const& argument(std::string const& expression, std::map<std::string, std::string> const& args)
{
    std::string const group = "args.";
    if (expression.compare(0, group.size(), group) != 0)
        throw Error(Code::bad_config, "unknown template '${{ " + expression + " }}'",
                    "only args.NAME stands for something here", "write ${{ args.NAME }} with a name listed under args");
    auto const name = expression.substr(group.size());
    auto const found = args.find(name);
    if (found != args.end()) return found->second;
    std::vector<std::string> names;
    for (auto const& entry : args) names.push_back(entry.first);
    throw Error(Code::bad_config, "unknown argument '" + name + "'", "the job file does not list it under args",
                "add it there" + did_you_mean(name, names));
}

}  // namespace

std::string expand_template(std::string const& text, std::map<std::string, std::string> const& args)
{
    std::string result;
    std::size_t at = 0;
    while (true) {
        auto const open = text.find("${{", at);
        result += text.substr(at, open - at);
        if (open == std::string::npos) return result;
        auto const close = text.find("}}", open);
        if (close == std::string::npos)
            throw Error(Code::bad_config, "unclosed template in '" + text + "'", "'${{' without '}}'", "close it");
        result += argument(trimmed(text.substr(open + 3, close - open - 3)), args);
        at = close + 2;
    }
}

std::string lone_argument(std::string const& text)
{
    auto const whole = trimmed(text);
    std::string const group = "args.";
    if (whole.size() < 5 || whole.compare(0, 3, "${{") != 0 || whole.find("}}") != whole.size() - 2) return "";
    auto const inside = trimmed(whole.substr(3, whole.size() - 5));
    return inside.compare(0, group.size(), group) == 0 ? inside.substr(group.size()) : "";
}

}  // namespace nocturne
