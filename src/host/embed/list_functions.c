/// Build tool: lists the functions of the trusted modules by file and line, for profiles.
///
/// usage: list_functions OUTPUT NAMES.lua ROOT FILE...
/// NAMES.lua is lua/promptgen/profile/names.lua; ROOT is what the names of FILEs are relative to.
#include <lauxlib.h>
#include <lualib.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void die(const char *what, const char *detail)
{
    (void)fprintf(stderr, "list_functions: %s: %s\n", what, detail);
    exit(1);
}

/// Pushes the content of a file.
static void push_file(lua_State *L, const char *path)
{
    FILE *f = fopen(path, "rb");
    if (f == NULL)
        die("cannot open", path);
    luaL_Buffer text;
    luaL_buffinit(L, &text);
    size_t n;
    do {
        n = fread(luaL_prepbuffer(&text), 1, LUAL_BUFFERSIZE, f);
        luaL_addsize(&text, n);
    } while (n > 0);
    if (ferror(f))
        die("cannot read", path);
    (void)fclose(f);
    luaL_pushresult(&text);
}

/// Appends what names.list says of one file; the module is at the top of the stack.
static void list_file(lua_State *L, FILE *out, const char *root, const char *path)
{
    size_t root_len = strlen(root);
    if (strncmp(path, root, root_len) != 0 || path[root_len] != '/')
        die("not below the root", path);
    lua_getfield(L, -1, "list");
    push_file(L, path);
    lua_pushstring(L, path + root_len + 1);
    if (lua_pcall(L, 2, 1, 0) != LUA_OK)
        die(path, lua_tostring(L, -1));
    size_t len;
    const char *text = lua_tolstring(L, -1, &len);
    if (fwrite(text, 1, len, out) != len)
        die("cannot write", path);
    lua_pop(L, 1);
}

int main(int argc, char **argv)
{
    if (argc < 4)
        die("usage", "list_functions OUTPUT NAMES.lua ROOT FILE...");
    lua_State *L = luaL_newstate();
    if (L == NULL)
        die("out of memory", argv[0]);
    luaL_openlibs(L);
    if (luaL_dofile(L, argv[2]) != LUA_OK)
        die(argv[2], lua_tostring(L, -1));
    FILE *out = fopen(argv[1], "wb");
    if (out == NULL)
        die("cannot open", argv[1]);
    for (int i = 4; i < argc; i++)
        list_file(L, out, argv[3], argv[i]);
    if (fclose(out) != 0)
        die("cannot write", argv[1]);
    lua_close(L);
    return 0;
}
