// Runs before every other constructor of the program, compiled for the oldest x86-64: says in one line, on stderr, that
// a processor is too old for the instructions which all the rest is built from, and ends the program with 71 (system).
// NOCTURNE_ASSUME_PROCESSOR=x86-64-v2 makes it believe that it runs on such a processor (for the test).
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#if defined(__x86_64__)
static int has_needed_instructions(void)
{
    char const* assumed = getenv("NOCTURNE_ASSUME_PROCESSOR");
    if (assumed) return strcmp(assumed, "x86-64-v2") != 0;
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2");
}

__attribute__((constructor(101))) static void check_processor(void)
{
    static char const message[] =
        "nocturne: this processor is too old (it lacks AVX2, FMA or BMI2): run on x86-64-v3 (Intel Haswell, AMD Zen, "
        "or "
        "later)\n";
    if (has_needed_instructions()) return;
    ssize_t const written = write(STDERR_FILENO, message, sizeof message - 1);
    (void)written;
    _exit(71);
}
#endif
