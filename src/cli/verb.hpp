// Verbs: each file of this folder registers one (`static VerbRegistrar const here{{…}};` at namespace scope). `declare`
// adds the verb's options to its App and returns what runs when the verb was typed; the return value is the exit
// code.
#pragma once

#include "cli/app.hpp"
#include "db/address.hpp"

#include <nlohmann/json.hpp>

#include <functional>
#include <string>
#include <vector>

namespace nocturne::cli {

/// Options every verb has. Filled before the verb's function runs.
struct Globals {
    bool json = false;                ///< --json: one JSON document on stdout
    bool quiet = false;               ///< --quiet: errors only
    std::string log_format = "text";  ///< --log-format text|json, on stderr
    std::string db;                   ///< --db, else NOCTURNE_DB, else PIPELINE_DB, else ""
    std::vector<std::string> command_line;
};

struct Verb {
    std::string name;     ///< "fit", or "index scan" for a verb under a parent
    std::string summary;  ///< one sentence
    std::function<std::function<int()>(App& app, Globals const& globals)> declare;
};

struct VerbRegistrar {
    explicit VerbRegistrar(Verb verb);
};

/// Throws Error(usage) where the verb does not take these words.
void check_words(std::string const& verb, std::vector<std::string> const& words);

/// Prints one JSON document on stdout, indented on a terminal.
void print_json(nlohmann::ordered_json const& document);

/// --db of the globals, or `fallback` where none was given; throws Error(usage) where both are empty.
std::string database_of(Globals const& globals, std::string const& fallback = db::default_database);

}  // namespace nocturne::cli
