// Values of JSON documents that may be absent.
#pragma once

#include <nlohmann/json.hpp>

#include <cmath>
#include <string>

namespace nocturne::cli {

inline nlohmann::ordered_json text_or_null(std::string const& text)
{
    return text.empty() ? nlohmann::ordered_json(nullptr) : nlohmann::ordered_json(text);
}

inline nlohmann::ordered_json number_or_null(double value)
{
    return std::isfinite(value) ? nlohmann::ordered_json(value) : nlohmann::ordered_json(nullptr);
}

}  // namespace nocturne::cli
