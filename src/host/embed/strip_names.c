/// Bytecode rewriter. The layout is that of ldump.c of Lua 5.4. See strip_names.h.
#include "strip_names.h"

#include <stdbool.h>
#include <string.h>

enum {
    HEADER_SIZE = 31,
    INSTRUCTION_SIZE = 4,
    NUMBER_SIZE = 8,
    UPVALUE_SIZE = 3,
    CONSTANT_INTEGER = 0x03,
    CONSTANT_SHORT_STRING = 0x04,
    CONSTANT_FLOAT = 0x13,
    CONSTANT_LONG_STRING = 0x14,
};

/// The output trails the input in the same block, because nothing ever grows.
typedef struct cursor {
    char *bytes;
    size_t len;
    size_t in;
    size_t out;
    bool failed;
} cursor;

static void copy(cursor *c, size_t count)
{
    if (c->failed || count > c->len - c->in) {
        c->failed = true;
        return;
    }
    memmove(c->bytes + c->out, c->bytes + c->in, count);
    c->in += count;
    c->out += count;
}

/// Reads a number of 7-bit groups, most significant first; the last one has the top bit set.
static size_t read_size(cursor *c)
{
    size_t value = 0;
    for (;;) {
        if (c->failed || c->in >= c->len || value > (size_t)-1 >> 8) {
            c->failed = true;
            return 0;
        }
        unsigned char byte = (unsigned char)c->bytes[c->in++];
        value = value << 7 | (byte & 0x7f);
        if ((byte & 0x80) != 0)
            return value;
    }
}

static size_t copy_size(cursor *c)
{
    size_t start = c->in;
    size_t value = read_size(c);
    size_t count = c->in - start;
    c->in = start;
    copy(c, count);
    return value;
}

static void copy_string(cursor *c)
{
    size_t size = copy_size(c);
    if (size > 1)
        copy(c, size - 1);
}

static void skip(cursor *c, size_t count)
{
    if (count > c->len - c->in)
        c->failed = true;
    else
        c->in += count;
}

static void skip_string(cursor *c)
{
    size_t size = read_size(c);
    if (size > 1)
        skip(c, size - 1);
}

static void put_zero(cursor *c)
{
    c->bytes[c->out++] = (char)0x80;
}

static void copy_constants(cursor *c)
{
    size_t count = copy_size(c);
    for (size_t i = 0; i < count && !c->failed; i++) {
        copy(c, 1);
        int type = c->failed ? 0 : (unsigned char)c->bytes[c->out - 1];
        if (type == CONSTANT_INTEGER || type == CONSTANT_FLOAT)
            copy(c, NUMBER_SIZE);
        else if (type == CONSTANT_SHORT_STRING || type == CONSTANT_LONG_STRING)
            copy_string(c);
    }
}

static void copy_lines(cursor *c)
{
    copy(c, copy_size(c));
    size_t count = copy_size(c);
    for (size_t i = 0; i < 2 * count && !c->failed; i++)
        (void)copy_size(c);
}

static void drop_names(cursor *c)
{
    size_t locals = read_size(c);
    for (size_t i = 0; i < locals && !c->failed; i++) {
        skip_string(c);
        (void)read_size(c);
        (void)read_size(c);
    }
    put_zero(c);
    size_t upvalues = read_size(c);
    for (size_t i = 0; i < upvalues && !c->failed; i++)
        skip_string(c);
    put_zero(c);
}

static void copy_function(cursor *c)
{
    copy_string(c); // source
    (void)copy_size(c);
    (void)copy_size(c); // first and last line
    copy(c, 3);         // parameters, vararg, stack
    copy(c, INSTRUCTION_SIZE * copy_size(c));
    copy_constants(c);
    copy(c, UPVALUE_SIZE * copy_size(c));
    size_t nested = copy_size(c);
    for (size_t i = 0; i < nested && !c->failed; i++)
        copy_function(c);
    copy_lines(c);
    if (!c->failed)
        drop_names(c);
}

size_t strip_names(char *bytes, size_t len)
{
    cursor c = {.bytes = bytes, .len = len};
    copy(&c, HEADER_SIZE + 1);
    copy_function(&c);
    return c.failed || c.in != len ? 0 : c.out;
}
