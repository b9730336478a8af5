/// The program, with its calls of the Markdown and the regular expression library counted: the
/// linker puts the functions below in the place of those of cmark and PCRE2. At the end the counts
/// go to the file that PROMPTGEN_COUNTS names, as "cmark N" and "pcre2 N" lines. A worker counts
/// for itself and writes nothing.
#include "promptgen/host.h"

#include <stdio.h>
#include <stdlib.h>

#include <cmark.h>
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

static unsigned long cmark_calls, pcre2_calls;

cmark_parser *__real_cmark_parser_new_with_mem(int options, cmark_mem *memory);
cmark_parser *__wrap_cmark_parser_new_with_mem(int options, cmark_mem *memory);
cmark_parser *__wrap_cmark_parser_new_with_mem(int options, cmark_mem *memory)
{
    cmark_calls++;
    return __real_cmark_parser_new_with_mem(options, memory);
}

pcre2_code *__real_pcre2_compile_8(PCRE2_SPTR pattern, PCRE2_SIZE length, uint32_t options,
                                   int *code, PCRE2_SIZE *offset, pcre2_compile_context *context);
pcre2_code *__wrap_pcre2_compile_8(PCRE2_SPTR pattern, PCRE2_SIZE length, uint32_t options,
                                   int *code, PCRE2_SIZE *offset, pcre2_compile_context *context);
pcre2_code *__wrap_pcre2_compile_8(PCRE2_SPTR pattern, PCRE2_SIZE length, uint32_t options,
                                   int *code, PCRE2_SIZE *offset, pcre2_compile_context *context)
{
    pcre2_calls++;
    return __real_pcre2_compile_8(pattern, length, options, code, offset, context);
}

int __real_pcre2_match_8(const pcre2_code *code, PCRE2_SPTR subject, PCRE2_SIZE length,
                         PCRE2_SIZE start, uint32_t options, pcre2_match_data *data,
                         pcre2_match_context *context);
int __wrap_pcre2_match_8(const pcre2_code *code, PCRE2_SPTR subject, PCRE2_SIZE length,
                         PCRE2_SIZE start, uint32_t options, pcre2_match_data *data,
                         pcre2_match_context *context);
int __wrap_pcre2_match_8(const pcre2_code *code, PCRE2_SPTR subject, PCRE2_SIZE length,
                         PCRE2_SIZE start, uint32_t options, pcre2_match_data *data,
                         pcre2_match_context *context)
{
    pcre2_calls++;
    return __real_pcre2_match_8(code, subject, length, start, options, data, context);
}

int main(int argc, char **argv)
{
    const char *path = getenv("PROMPTGEN_COUNTS");
    int status = pg_host_main(argc, argv);
    FILE *file = path != NULL ? fopen(path, "w") : NULL;
    if (file == NULL)
        return 99;
    (void)fprintf(file, "cmark %lu\npcre2 %lu\n", cmark_calls, pcre2_calls);
    return fclose(file) == 0 ? status : 99;
}
