// The program: finds the verb, runs it, turns errors into one line on stderr and the exit code of docs/errors.md.
#include "cli/program.hpp"

#include "driver/child.hpp"

#include <csignal>

#include <malloc.h>

int main(int argc, char** argv)
{
    // Freed arrays stay on the heap for the next ones: fresh pages from the system cost more than filling them (a full
    // group to a 4096² image on two ranks: 8.2 s without, 7.8 s with this).
    mallopt(M_MMAP_THRESHOLD, 1 << 30);
    mallopt(M_TRIM_THRESHOLD, 1 << 30);
    std::signal(SIGXFSZ, SIG_IGN);  // a file over the user's limit is a write that fails, and says so
    nocturne::set_child_program("/proc/self/exe");
    return nocturne::cli::run_program(argc, argv);
}
