/// Build tool: compiles Lua files with the Lua library that the program links, and writes the table
/// of embedded files as C source.
///
/// The code of the entries that TOOLS_DIR/used_together.txt lists lies in one piece.
///
/// usage: embed_lua OUTPUT.c MANIFEST TOOLS_DIR LUA_DIR
/// Each manifest line is KIND NAME PATH, sorted by name. The kinds are `module`, `script`, `data`,
/// `template` (a script whose code also holds its texts, compiled by precompile.lua) and `whole` (a
/// template with all it is made of as one function, by flatten.lua). Both tools lie in TOOLS_DIR
/// and use the modules below LUA_DIR. A `generated` module is what the script PATH returns when it
/// is given LUA_DIR.
#include "strip_names.h"

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct entry {
    char kind[16];
    char name[256];
    char path[1024];
    bool hot; ///< its code is laid out beside that of others that one run loads
    size_t source_len;
    size_t code_len;
} entry;

_Noreturn static void die(const char *what, const char *detail)
{
    fprintf(stderr, "embed_lua: %s: %s\n", what, detail);
    exit(1);
}

static char *read_file(const char *path, size_t *len)
{
    FILE *f = fopen(path, "rb");
    if (f == NULL)
        die("cannot open", path);
    size_t cap = 1 << 16;
    char *text = malloc(cap);
    *len = 0;
    while (text != NULL) {
        *len += fread(text + *len, 1, cap - *len, f);
        if (*len < cap)
            break;
        cap *= 2;
        char *grown = realloc(text, cap);
        if (grown == NULL)
            free(text);
        text = grown;
    }
    if (text == NULL || ferror(f))
        die("cannot read", path);
    fclose(f);
    return text;
}

static void write_array(FILE *out, char prefix, size_t index, const char *section,
                        const char *bytes, size_t len)
{
    fprintf(out, "static const char %c%zu[] __attribute__((section(\".rodata.%s\"))) = {", prefix,
            index, section);
    for (size_t i = 0; i < len; i++)
        fprintf(out, i % 24 == 0 ? "\n%d," : "%d,", (signed char)bytes[i]);
    fprintf(out, "%s};\n", len == 0 ? "0" : "\n");
}

typedef struct code_buffer {
    char *bytes;
    size_t len;
} code_buffer;

static int append_code(lua_State *L, const void *bytes, size_t len, void *ctx)
{
    (void)L;
    code_buffer *code = ctx;
    char *grown = realloc(code->bytes, code->len + len);
    if (grown == NULL)
        return 1;
    memcpy(grown + code->len, bytes, len);
    code->bytes = grown;
    code->len += len;
    return 0;
}

static bool is_module(const entry *e)
{
    return strcmp(e->kind, "module") == 0 || strcmp(e->kind, "generated") == 0;
}

/// A module's chunk name is its path below lua/, a script's its own name.
static const char *chunk_name(lua_State *L, const entry *e)
{
    if (!is_module(e))
        return lua_pushfstring(L, "@%s", e->name);
    const char *slashed = luaL_gsub(L, e->name, ".", "/");
    return lua_pushfstring(L, "@%s.lua", slashed);
}

/// Where the compilers of templates and their modules lie.
typedef struct tools {
    const char *dir;
    const char *lua_dir;
} tools;

/// Runs a tool on a template, or a generator, and leaves the source it returns on the stack.
static const char *generate(lua_State *L, const entry *e, const tools *with, size_t *len)
{
    bool whole = strcmp(e->kind, "whole") == 0;
    luaL_openlibs(L);
    if (strcmp(e->kind, "generated") == 0)
        lua_pushstring(L, e->path);
    else
        lua_pushfstring(L, "%s/%s.lua", with->dir, whole ? "flatten" : "precompile");
    if (luaL_loadfilex(L, lua_tostring(L, -1), "t") != LUA_OK)
        die("does not compile", lua_tostring(L, -1));
    lua_pushstring(L, with->lua_dir);
    lua_pushstring(L, e->path);
    if (lua_pcall(L, 2, 1, 0) != LUA_OK)
        die("cannot be compiled", lua_tostring(L, -1));
    return lua_tolstring(L, -1, len);
}

static void write_code(FILE *out, size_t index, entry *e, const char *source, const tools *with)
{
    lua_State *L = luaL_newstate();
    if (L == NULL)
        die("out of memory", e->path);
    size_t len = e->source_len;
    if (strcmp(e->kind, "template") == 0 || strcmp(e->kind, "whole") == 0 ||
        strcmp(e->kind, "generated") == 0)
        source = generate(L, e, with, &len);
    if (luaL_loadbufferx(L, source, len, chunk_name(L, e), "t") != LUA_OK)
        die("does not compile", lua_tostring(L, -1));
    code_buffer code = {NULL, 0};
    if (lua_dump(L, append_code, &code, 0) != 0)
        die("cannot dump", e->path);
    e->code_len = code.len;
    if (strcmp(e->kind, "script") != 0)
        e->code_len = strip_names(code.bytes, code.len);
    if (e->code_len == 0)
        die("unexpected bytecode", e->path);
    write_array(out, 'c', index, e->hot ? "pg_hot" : "pg_cold", code.bytes, e->code_len);
    free(code.bytes);
    lua_close(L);
}

/// Whether `name` is a line of the list of entries that are used together.
static bool is_listed(const char *list, const char *name)
{
    size_t len = strlen(name);
    for (const char *at = list; (at = strstr(at, name)) != NULL; at += len)
        if ((at == list || at[-1] == '\n') && at[len] == '\n')
            return true;
    return false;
}

/// The list, as a text that begins and ends with a line break.
static char *read_list(const char *tools_dir)
{
    char path[1400];
    snprintf(path, sizeof path, "%s/used_together.txt", tools_dir);
    size_t len;
    char *bytes = read_file(path, &len);
    char *text = malloc(len + 3);
    if (text == NULL)
        die("out of memory", path);
    text[0] = '\n';
    memcpy(text + 1, bytes, len);
    memcpy(text + 1 + len, "\n", 2);
    free(bytes);
    return text;
}

static void write_entry(FILE *out, size_t index, entry *e, const tools *with)
{
    char *source = read_file(e->path, &e->source_len);
    if (strcmp(e->kind, "data") != 0)
        write_code(out, index, e, source, with);
    if (is_module(e) || strcmp(e->kind, "whole") == 0)
        e->source_len = 0;
    else
        write_array(out, 's', index, "pg_source", source, e->source_len);
    free(source);
}

static void write_table(FILE *out, const entry *entries, size_t count)
{
    fprintf(out, "const pg_embedded pg_embedded_files[] = {\n");
    for (size_t i = 0; i < count; i++) {
        const entry *e = &entries[i];
        fprintf(out, "    {{\"%s\", %zu}, ", e->name, strlen(e->name));
        if (e->source_len > 0)
            fprintf(out, "{s%zu, %zu}, ", i, e->source_len);
        else
            fprintf(out, "{\"\", 0}, ");
        if (e->code_len > 0)
            fprintf(out, "{c%zu, %zu}},\n", i, e->code_len);
        else
            fprintf(out, "{\"\", 0}},\n");
    }
    fprintf(out, "};\nconst size_t pg_embedded_count = %zu;\n", count);
}

int main(int argc, char **argv)
{
    if (argc != 5)
        die("usage", "embed_lua OUTPUT.c MANIFEST TOOLS_DIR LUA_DIR");
    const tools with = {argv[3], argv[4]};
    FILE *manifest = fopen(argv[2], "r");
    FILE *out = fopen(argv[1], "w");
    if (manifest == NULL)
        die("cannot open", argv[2]);
    if (out == NULL)
        die("cannot open", argv[1]);
    fprintf(out, "/* Generated at build time; see src/host/embed. */\n#include \"embed.h\"\n");
    char *together = read_list(with.dir);
    entry *entries = NULL;
    size_t count = 0;
    char line[1400];
    while (fgets(line, sizeof line, manifest) != NULL) {
        entries = realloc(entries, (count + 1) * sizeof *entries);
        if (entries == NULL)
            die("out of memory", argv[2]);
        entry *e = &entries[count];
        memset(e, 0, sizeof *e);
        if (sscanf(line, "%15s %255s %1023s", e->kind, e->name, e->path) != 3)
            die("malformed manifest line", line);
        if (count > 0 && strcmp(entries[count - 1].name, e->name) >= 0)
            die("manifest is not sorted at", e->name);
        e->hot = is_listed(together, e->name);
        write_entry(out, count, e, &with);
        count++;
    }
    write_table(out, entries, count);
    free(together);
    free(entries);
    fclose(manifest);
    if (fclose(out) != 0)
        die("cannot write", argv[1]);
    return 0;
}
