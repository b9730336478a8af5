/// Tests of the system-call filter as a program: its verdict on every number, without a kernel.
#include "support.h"

#include "sandbox_filter.h"

#include <linux/audit.h>
#include <linux/seccomp.h>
#include <stdint.h>
#include <sys/syscall.h>

static struct sock_filter program[PG_SANDBOX_FILTER_MAX];
static size_t length;

static int set_up(void **state)
{
    (void)state;
    length = pg_sandbox_filter_build(program);
    assert_true(length <= PG_SANDBOX_FILTER_MAX);
    return 0;
}

/// What the filter returns for a call: the few instructions it consists of, interpreted.
static uint32_t verdict(uint32_t arch, uint32_t number)
{
    uint32_t a = 0;
    for (size_t at = 0; at < length; at++) {
        const struct sock_filter *i = &program[at];
        switch (i->code) {
        case BPF_LD | BPF_W | BPF_ABS:
            assert_true(i->k == offsetof(struct seccomp_data, arch) ||
                        i->k == offsetof(struct seccomp_data, nr));
            a = i->k == offsetof(struct seccomp_data, arch) ? arch : number;
            break;
        case BPF_JMP | BPF_JEQ | BPF_K:
            at += a == i->k ? i->jt : i->jf;
            break;
        case BPF_JMP | BPF_JGE | BPF_K:
            at += a >= i->k ? i->jt : i->jf;
            break;
        case BPF_RET | BPF_K:
            return i->k;
        default:
            fail_msg("instruction %zu is of another kind", at);
        }
    }
    fail_msg("the filter has no verdict on %u", number);
    return 0;
}

#if defined(__x86_64__)
#define ARCH AUDIT_ARCH_X86_64
#else
#define ARCH AUDIT_ARCH_AARCH64
#endif

static void test_only_what_a_worker_needs_is_allowed(void **state)
{
    (void)state;
    if (length == 0)
        skip();
    static const uint32_t needed[] = {
        SYS_sendmsg,      SYS_recvfrom,       SYS_ppoll,           SYS_brk,
        SYS_mmap,         SYS_munmap,         SYS_mremap,          SYS_mprotect,
        SYS_madvise,      SYS_futex,          SYS_clock_gettime,   SYS_getrandom,
        SYS_rt_sigreturn, SYS_rt_sigprocmask, SYS_restart_syscall, SYS_exit,
        SYS_exit_group,
    };
    for (uint32_t number = 0; number < 2000; number++) {
        bool wanted = false;
        for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++)
            wanted = wanted || needed[i] == number;
        uint32_t denied = SECCOMP_RET_ERRNO | 1;
        assert_int_equal(verdict(ARCH, number), wanted ? SECCOMP_RET_ALLOW : denied);
        assert_int_equal(verdict(ARCH, number | 0x40000000U), denied); // the x32 calls
    }
    assert_int_equal(verdict(ARCH, UINT32_MAX), SECCOMP_RET_ERRNO | 1);
}

static void test_calls_of_another_architecture_end_the_process(void **state)
{
    (void)state;
    if (length == 0)
        skip();
    for (uint32_t number = 0; number < 500; number++)
        assert_int_equal(verdict(AUDIT_ARCH_I386, number), SECCOMP_RET_KILL_PROCESS);
}

static void test_the_tree_is_shallow(void **state)
{
    (void)state;
    // The architecture, the number, five branches, the last comparison and the verdict.
    size_t deepest = 0;
    for (uint32_t number = 0; length > 0 && number < 500; number++) {
        size_t steps = 0;
        for (size_t at = 0; BPF_CLASS(program[at].code) != BPF_RET; at++, steps++) {
            const struct sock_filter *i = &program[at];
            if (i->code == (BPF_JMP | BPF_JEQ | BPF_K))
                at += (at == 1 || number == i->k) ? i->jt : i->jf;
            else if (i->code == (BPF_JMP | BPF_JGE | BPF_K))
                at += number >= i->k ? i->jt : i->jf;
        }
        deepest = steps > deepest ? steps : deepest;
    }
    assert_true(deepest <= 9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_only_what_a_worker_needs_is_allowed),
        cmocka_unit_test(test_calls_of_another_architecture_end_the_process),
        cmocka_unit_test(test_the_tree_is_shallow),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
