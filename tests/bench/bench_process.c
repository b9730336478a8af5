/// Times two commands in turn, A B A B …, and prints the medians and the median ratio of the pairs:
/// a comparison that holds while the speed of the machine drifts.
///
/// usage: bench_process PAIRS LIMIT COMMAND_A [ARG...] -- COMMAND_B [ARG...]
/// Prints "name<TAB>pairs<TAB>us_a<TAB>us_b<TAB>ratio<TAB>kib_a<TAB>kib_b". Exit status 1 when the
/// ratio is above LIMIT (0 = no limit), 2 when a command fails.
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

typedef struct sample {
    double us;
    long kib; ///< peak resident size of the process and the children it waited for
} sample;

static double now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static sample run(char **argv)
{
    double start = now_us();
    pid_t pid = vfork();
    if (pid == 0) {
        int null = open("/dev/null", O_RDWR);
        (void)dup2(null, 0);
        (void)dup2(null, 1);
        (void)dup2(null, 2); // notices of each run would bury the figures
        execvp(argv[0], argv);
        _exit(127);
    }
    int status;
    struct rusage usage;
    if (pid < 0 || wait4(pid, &status, 0, &usage) < 0 || status != 0) {
        fprintf(stderr, "bench_process: %s failed\n", argv[0]);
        exit(2);
    }
    return (sample){now_us() - start, usage.ru_maxrss};
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values, size_t count)
{
    qsort(values, count, sizeof *values, by_value);
    return values[count / 2];
}

int main(int argc, char **argv)
{
    int separator = 3;
    while (separator < argc && strcmp(argv[separator], "--") != 0)
        separator++;
    long pairs = argc > 1 ? strtol(argv[1], NULL, 10) : 0;
    if (argc < 6 || separator >= argc - 1 || separator == 3 || pairs < 1 || pairs > 100000) {
        fprintf(stderr,
                "usage: bench_process PAIRS LIMIT COMMAND_A [ARG...] -- COMMAND_B [ARG...]\n");
        return 2;
    }
    argv[separator] = NULL;
    char **a = argv + 3;
    char **b = argv + separator + 1;
    size_t n = (size_t)pairs;
    double *us_a = malloc(3 * n * sizeof *us_a);
    if (us_a == NULL)
        return 2;
    double *us_b = us_a + n;
    double *ratio = us_b + n;
    long kib_a = 0;
    long kib_b = 0;
    (void)run(a);
    (void)run(b);
    for (size_t i = 0; i < n; i++) {
        sample sa = run(a);
        sample sb = run(b);
        us_a[i] = sa.us;
        us_b[i] = sb.us;
        ratio[i] = sa.us / sb.us;
        kib_a = sa.kib > kib_a ? sa.kib : kib_a;
        kib_b = sb.kib > kib_b ? sb.kib : kib_b;
    }
    double limit = strtod(argv[2], NULL);
    double middle = median(ratio, n);
    printf("%s\t%zu\t%.0f\t%.0f\t%.3f\t%ld\t%ld\n", a[0], n, median(us_a, n), median(us_b, n),
           middle, kib_a, kib_b);
    free(us_a);
    return limit > 0 && middle > limit ? 1 : 0;
}
