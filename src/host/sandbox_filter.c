/// seccomp filter of the worker, as classic BPF. See sandbox_filter.h.
#include "sandbox_filter.h"

#include <linux/audit.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#if defined(__x86_64__)
#define FILTER_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define FILTER_ARCH AUDIT_ARCH_AARCH64
#endif

#if defined(FILTER_ARCH) && !defined(PROMPTGEN_SANITIZED)

/// What a worker may do. In the order of their numbers they form a search tree: when a filter is
/// installed, the kernel runs it once for every number there is, so a chain of comparisons would
/// cost several times as much.
static const uint32_t allowed[] = {
    // The channel.
    __NR_sendmsg,
    __NR_recvfrom,
    __NR_ppoll,
    // Memory; mprotect and mmap also serve compiled regular expressions.
    __NR_brk,
    __NR_mmap,
    __NR_munmap,
    __NR_mremap,
    __NR_mprotect,
    __NR_madvise,
    __NR_futex,
    // Time, and random numbers for the allocator.
    __NR_clock_gettime,
    __NR_getrandom,
    // Signals of this process and its end.
    __NR_rt_sigreturn,
    __NR_rt_sigprocmask,
    __NR_restart_syscall,
    __NR_exit,
    __NR_exit_group,
};

enum { ALLOWED = sizeof allowed / sizeof allowed[0] };

static void sort(uint32_t *numbers, size_t count)
{
    for (size_t i = 1; i < count; i++)
        for (size_t at = i; at > 0 && numbers[at] < numbers[at - 1]; at--) {
            uint32_t other = numbers[at];
            numbers[at] = numbers[at - 1];
            numbers[at - 1] = other;
        }
}

/// Appends the tree of `numbers` (sorted, at least one) to `to`, and returns its end. Each way
/// through it ends in a verdict.
static struct sock_filter *add_tree(struct sock_filter *to, const uint32_t *numbers, size_t count)
{
    if (count == 1) {
        *to++ = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, numbers[0], 0, 1);
        *to++ = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
        *to++ = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 1 /* EPERM */);
        return to;
    }
    size_t half = count / 2;
    struct sock_filter *branch = to++;
    struct sock_filter *upper = add_tree(to, numbers, half);
    *branch = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, numbers[half],
                                           (uint8_t)(upper - to), 0);
    return add_tree(upper, numbers + half, count - half);
}

size_t pg_sandbox_filter_build(struct sock_filter program[PG_SANDBOX_FILTER_MAX])
{
    static const struct sock_filter head[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, FILTER_ARCH, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
    };
    enum { HEAD = sizeof head / sizeof head[0] };
    _Static_assert(HEAD + 4 * ALLOWED <= PG_SANDBOX_FILTER_MAX, "the tree has room");
    uint32_t numbers[ALLOWED];
    memcpy(numbers, allowed, sizeof numbers);
    sort(numbers, ALLOWED);
    memcpy(program, head, sizeof head);
    return (size_t)(add_tree(program + HEAD, numbers, ALLOWED) - program);
}

bool pg_sandbox_filter_install(void)
{
    struct sock_filter program[PG_SANDBOX_FILTER_MAX];
    const struct sock_fprog filter = {
        .len = (unsigned short)pg_sandbox_filter_build(program),
        .filter = program,
    };
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

#else

size_t pg_sandbox_filter_build(struct sock_filter program[PG_SANDBOX_FILTER_MAX])
{
    (void)program;
    return 0;
}

bool pg_sandbox_filter_install(void)
{
    return false;
}

#endif
