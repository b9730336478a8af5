/// Smoke mode of a fuzz target: usage: fuzz_<unit> [--runs N] [--seed N] FILE|DIRECTORY...
///
/// Runs each file and then N mutations in all (default 3000), made by a seeded generator, so that a
/// failure repeats: the input that failed is left in fuzz-crash.bin of the working directory.
#include "fuzz.h"

#include <dirent.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SEEDS_MAX = 512, INPUT_MAX = 1 << 16 };

typedef struct input {
    uint8_t *data;
    size_t len;
} input;

static input seeds[SEEDS_MAX];
static size_t seed_count;
static uint8_t work[INPUT_MAX];
static volatile size_t work_len;
static uint64_t random_state = 1;

static uint32_t next_random(uint32_t below)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (uint32_t)(random_state >> 20) % below;
}

/// Saves the input that is being run. abort() raises the signal from the target itself, never from
/// within the C library, so that ordinary calls are safe here.
static void on_abort(int signal)
{
    (void)signal;
    FILE *f = fopen("fuzz-crash.bin", "wb");
    if (f != NULL) {
        (void)fwrite(work, 1, work_len, f);
        (void)fclose(f);
    }
    _exit(1);
}

static void run(void)
{
    // A copy of the exact size lets a sanitizer see reads beyond the end.
    uint8_t *copy = malloc(work_len > 0 ? work_len : 1);
    if (copy == NULL)
        abort();
    memcpy(copy, work, work_len);
    (void)LLVMFuzzerTestOneInput(copy, work_len);
    free(copy);
}

static void load(const char *path);

static void load_directory(const char *path)
{
    DIR *dir = opendir(path);
    if (dir == NULL)
        return;
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        char file[4096];
        if (entry->d_name[0] == '.' ||
            snprintf(file, sizeof file, "%s/%s", path, entry->d_name) >= (int)sizeof file)
            continue;
        load(file);
    }
    closedir(dir);
}

static void load(const char *path)
{
    struct stat st;
    if (stat(path, &st) != 0 || seed_count == SEEDS_MAX)
        return;
    if (S_ISDIR(st.st_mode)) {
        load_directory(path);
        return;
    }
    FILE *f = fopen(path, "rb");
    uint8_t *data = malloc(INPUT_MAX);
    if (f == NULL || data == NULL)
        abort();
    seeds[seed_count].data = data;
    seeds[seed_count++].len = fread(data, 1, INPUT_MAX, f);
    (void)fclose(f);
}

static void replace(size_t at, size_t gone, const void *bytes, size_t len)
{
    size_t keep = work_len - at - gone;
    if (at + len + keep > INPUT_MAX)
        return;
    memmove(work + at + len, work + at + gone, keep);
    memcpy(work + at, bytes, len);
    work_len = at + len + keep;
}

/// One small change that Markdown or a binary record may stumble over.
static void mutate(void)
{
    static const char *const pieces[] = {
        "\n",
        "\r",
        "\n\n",
        "\t",
        "    ",
        "  ",
        "- ",
        "1. ",
        "> ",
        "# ",
        "---",
        "***",
        "```",
        "~~~",
        "<!--",
        "-->",
        "<div>",
        "[a]: ",
        "[",
        "]",
        "===",
        "<script>",
        "</pre>",
        "**",
        ":",
        "|",
        "|-|",
        "<!X",
        "<?",
        ">",
        "**Achievement 1.1**: x",
        "## Desirable Achievements",
        "\xF0\x9F\x8E\xAF",
        "\xFF",
    };
    size_t at = next_random((uint32_t)work_len + 1);
    uint8_t byte = (uint8_t)next_random(256);
    uint32_t big = next_random(2) ? UINT32_MAX : next_random(1 << 16);
    switch (next_random(5)) {
    case 0:
        if (at < work_len)
            work[at] = byte;
        break;
    case 1: {
        const char *piece = pieces[next_random(sizeof pieces / sizeof pieces[0])];
        replace(at, 0, piece, strlen(piece));
        break;
    }
    case 2:
        replace(at, next_random((uint32_t)(work_len - at) % 64 + 1), "", 0);
        break;
    case 3:
        if (at + sizeof big <= work_len)
            memcpy(work + at, &big, sizeof big);
        break;
    default: {
        const input *other = &seeds[next_random((uint32_t)seed_count)];
        size_t from = next_random((uint32_t)other->len + 1);
        replace(at, 0, other->data + from, next_random((uint32_t)(other->len - from) % 256 + 1));
    }
    }
}

int main(int argc, char **argv)
{
    long runs = 3000;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--runs") == 0 && i + 1 < argc)
            runs = strtol(argv[++i], NULL, 10);
        else if (strcmp(argv[i], "--seed") == 0 && i + 1 < argc)
            random_state = strtoull(argv[++i], NULL, 10) | 1;
        else
            load(argv[i]);
    }
    if (seed_count == 0) {
        fprintf(stderr, "usage: %s [--runs N] [--seed N] FILE|DIRECTORY...\n", argv[0]);
        return 2;
    }
    (void)signal(SIGABRT, on_abort);
    for (size_t i = 0; i < seed_count; i++) {
        memcpy(work, seeds[i].data, seeds[i].len);
        work_len = seeds[i].len;
        run();
    }
    for (long i = 0; i < runs; i++) {
        const input *seed = &seeds[next_random((uint32_t)seed_count)];
        memcpy(work, seed->data, seed->len);
        work_len = seed->len;
        for (uint32_t n = next_random(8) + 1; n > 0; n--)
            mutate();
        run();
    }
    printf("%zu files and %ld mutations\n", seed_count, runs);
    for (size_t i = 0; i < seed_count; i++)
        free(seeds[i].data);
    return 0;
}
