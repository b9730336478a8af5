/// What the fuzz targets share. A target defines LLVMFuzzerTestOneInput (the entry point that
/// libFuzzer and AFL++ know) and checks its claims with FUZZ_CHECK.
///
/// Linked with fuzz_main.c instead of a fuzzer, a target is a bounded smoke test: it runs the files
/// it is given and a fixed number of mutations of each.
#ifndef PROMPTGEN_TESTS_FUZZ_H
#define PROMPTGEN_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FUZZ_CHECK(condition)                                                                      \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, __LINE__, #condition);              \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

#endif
