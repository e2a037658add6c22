// How an error that ends the program is told: one line on stderr and, to a verb that was asked for JSON, one document on stdout.
#pragma once

#include "nocturne/error.hpp"

#include <nlohmann/json_fwd.hpp>

namespace nocturne {

enum class ErrorForm { text, text_and_json };

/// For the whole program; text until set. What has printed its document on stdout sets it back: there is room for one.
void set_error_form(ErrorForm form);

/// How the line on stderr looks: "nocturne: …", or a line of the log (in its format).
enum class ErrorLine { plain, log };
void set_error_line(ErrorLine line);

/// {"code", "name", "problem", "reason", "what_to_do", "context", "message"}
nlohmann::ordered_json describe_error(Error const& error);

/// {"error": describe_error} on stdout where that form was chosen; nothing
/// otherwise.
void print_error_document(Error const& error);

/// The line, the document, and the exit code.
int tell(Error const& error);

}  // namespace nocturne
