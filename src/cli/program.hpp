// The command line as a whole: options common to all verbs, dispatch, errors.
#pragma once

namespace nocturne::cli {

/// Parses, runs one verb and returns its exit code. Never throws.
int run_program(int argc, char** argv);

}  // namespace nocturne::cli
