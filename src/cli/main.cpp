// The program: finds the verb, runs it, turns errors into one line on stderr and the exit code of docs/errors.md.
#include "cli/program.hpp"

int main(int argc, char** argv) { return nocturne::cli::run_program(argc, argv); }
