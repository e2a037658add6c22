// The YAML of a job file, with places for messages.
#pragma once

#include "nocturne/error.hpp"
#include "nocturne/nearest.hpp"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

namespace nocturne {

/// The file being read, for messages.
struct JobSource {
    std::string path;

    std::string at(YAML::Node const& node) const
    {
        auto const mark = node.Mark();
        return mark.is_null() ? path
                              : path + ":" + std::to_string(mark.line + 1) + ":" + std::to_string(mark.column + 1);
    }
    [[noreturn]] void fail(YAML::Node const& node, std::string problem, std::string reason, std::string advice) const
    {
        throw Error(Code::bad_config, std::move(problem), std::move(reason), std::move(advice)).in(at(node));
    }
    void expect_map(YAML::Node const& node, std::string const& what, std::vector<std::string> const& keys) const
    {
        if (!node.IsMap())
            fail(node, what + " is not a mapping", "keys and values are expected", "write 'key: value' lines");
        std::set<std::string> seen;
        for (auto const& entry : node) {
            auto const key = text(entry.first, "a key of " + what);
            if (std::find(keys.begin(), keys.end(), key) == keys.end())
                fail(entry.first, "unknown key '" + key + "' in " + what, "it means nothing here",
                     "remove it" + did_you_mean(key, keys));
            if (!seen.insert(key).second)
                fail(entry.first, "key '" + key + "' stands twice in " + what, "one of the two would be lost",
                     "remove one");
        }
    }
    std::string text(YAML::Node const& node, std::string const& what) const
    {
        if (!node.IsDefined() || !node.IsScalar())
            fail(node, what + " is not a single value", "a text or number is expected", "write one value");
        return node.Scalar();
    }
    /// Of a mapping, what must be there.
    YAML::Node required(YAML::Node const& node, std::string const& key, std::string const& what) const
    {
        auto const value = node[key];
        if (!value.IsDefined())
            fail(node, "key '" + key + "' is missing in " + what, "nothing stands in for it", "write '" + key + ": …'");
        return value;
    }
};

}  // namespace nocturne
