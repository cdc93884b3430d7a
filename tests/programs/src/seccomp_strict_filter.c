// SPDX-License-Identifier: MIT
// seccomp_strict_filter [threads|no_futex]: allows itself nothing but memory calls, futex, write and exit, on pain of
// death; then allocates 200,000 blocks. With `threads`, two threads that exist already do the same. With `no_futex` not
// even that call is allowed, and the blocks are so few that a ring holds their events.
#define _GNU_SOURCE
#include "counted.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <malloc.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#define ALLOW(number) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (number), 0, 1), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

static pthread_barrier_t is_here, is_locked;
static size_t block_count = 200000;

static int lock_up(bool may_wait)
{
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        ALLOW(SYS_mmap),
        ALLOW(SYS_munmap),
        ALLOW(SYS_mremap),
        ALLOW(SYS_mprotect),
        ALLOW(SYS_brk),
        ALLOW(SYS_madvise),
        ALLOW(may_wait ? SYS_futex : SYS_write),
        ALLOW(SYS_write),
        ALLOW(SYS_exit),
        ALLOW(SYS_exit_group),
        ALLOW(SYS_rt_sigprocmask),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
    };
    struct sock_fprog program = {.len = sizeof filter / sizeof filter[0], .filter = filter};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return -1;
    return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &program);
}

static void allocate(void)
{
    void *kept[100] = {NULL};
    for (size_t i = 0; i < block_count; i++)
    {
        counted_free(kept[i % 100]);
        kept[i % 100] = counted_malloc(1 + i % 2000);
    }
    for (size_t i = 0; i < 100; i++)
        counted_free(kept[i]);
}

static void *allocate_beside(void *argument)
{
    counted_free(counted_malloc(10)); // a thread's first call may need more
    pthread_barrier_wait(&is_here);
    pthread_barrier_wait(&is_locked);
    allocate();
    return argument;
}

int main(int argc, char **argv)
{
    bool has_threads = argc > 1 && strcmp(argv[1], "threads") == 0;
    bool is_waitless = argc > 1 && strcmp(argv[1], "no_futex") == 0;
    pthread_t threads[2];
    mallopt(M_ARENA_MAX, 1); // glibc's other arenas would read files of /proc
    pthread_barrier_init(&is_here, NULL, 3);
    pthread_barrier_init(&is_locked, NULL, 3);
    for (int i = 0; i < 2 && has_threads; i++)
        pthread_create(&threads[i], NULL, allocate_beside, NULL);
    counted_free(counted_malloc(10));
    if (has_threads)
        pthread_barrier_wait(&is_here);
    if (is_waitless)
        block_count = 20000;
    if (lock_up(!is_waitless) != 0)
        return 1;
    if (has_threads)
        pthread_barrier_wait(&is_locked);
    allocate();
    for (int i = 0; i < 2 && has_threads; i++)
        pthread_join(threads[i], NULL);
    counted_report();
    return 0;
}
