#include "driver/error_json.hpp"

namespace nocturne {

nlohmann::json to_json(Error const& error)
{
    return {{"code", exit_code(error.code())},
            {"problem", error.problem()},
            {"reason", error.reason()},
            {"advice", error.advice()},
            {"context", error.context()}};
}

Error error_from_json(nlohmann::json const& document)
{
    Error error(static_cast<Code>(document.at("code").get<int>()), document.at("problem"), document.at("reason"),
                document.at("advice"));
    for (auto const& link : document.at("context")) error.in(link.get<std::string>());
    return error;
}

}  // namespace nocturne
