// For launch files, before anything of Highway: which instruction sets are compiled. The house is built for x86-64-v3, so
// AVX2 is the least (Highway would ask for AES too); AVX-512 is chosen at run time where it is.
#pragma once

#if defined(__x86_64__)
#    define HWY_BASELINE_TARGETS HWY_AVX2
#    define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_SSE4 | HWY_AVX3_DL)
#endif
