// SPDX-License-Identifier: MIT
// S8b, a stopped thread blocks nobody: one thread does nothing but malloc and free; it is stopped 300 times wherever it
// happens to be, by a signal whose handler waits, and while it stands still the main thread allocates the same sizes.
// Watch: hung, 1 when the main thread waited for the stopped one.
// Expect: bump 0. With a lock per heap or class sooner or later 1; with caches per thread seldom.
#include "sample.h"

#include <pthread.h>
#include <sched.h>

enum
{
    STOPS = 300,
    SIZES = 8,
};

static int standing;  // times that the thread has been stopped
static int released;  // times that it has been let go again
static size_t rounds; // that the thread has done

static void on_signal(int signal)
{
    (void)signal;
    int turn = __atomic_add_fetch(&standing, 1, __ATOMIC_SEQ_CST);
    while (__atomic_load_n(&released, __ATOMIC_SEQ_CST) < turn)
        sched_yield();
}

static void allocate_each(void)
{
    void *blocks[SIZES];
    for (size_t i = 0; i < SIZES; i++)
        blocks[i] = sample_touch(malloc(40 + i * 300), 40);
    for (size_t i = 0; i < SIZES; i++)
        free(blocks[i]);
}

static void *work(void *unused)
{
    while (__atomic_load_n(&released, __ATOMIC_SEQ_CST) < STOPS)
    {
        allocate_each();
        __atomic_add_fetch(&rounds, 1, __ATOMIC_SEQ_CST);
    }
    return unused;
}

// So that it stands elsewhere the next time.
static void wait_for_rounds(size_t wanted)
{
    while (__atomic_load_n(&rounds, __ATOMIC_SEQ_CST) < wanted && __atomic_load_n(&released, __ATOMIC_SEQ_CST) < STOPS)
        sched_yield();
}

static void stop_and_go(void)
{
    pthread_t worker;
    signal(SIGUSR1, on_signal);
    pthread_create(&worker, NULL, work, NULL);
    for (int stop = 1; stop <= STOPS; stop++)
    {
        pthread_kill(worker, SIGUSR1);
        while (__atomic_load_n(&standing, __ATOMIC_SEQ_CST) < stop)
            sched_yield();
        for (size_t i = 0; i < 20; i++)
            allocate_each();
        __atomic_store_n(&released, stop, __ATOMIC_SEQ_CST);
        sample_step();
        wait_for_rounds(__atomic_load_n(&rounds, __ATOMIC_SEQ_CST) + 1 + sample_below(20));
    }
    pthread_join(worker, NULL);
}

int main(void)
{
    sample_begin();
    int status = sample_bounded(stop_and_go, 2);
    sample_figure("stops", STOPS);
    sample_figure("hung", status == SIGKILL);
    return status == 0 || status == SIGKILL ? 0 : 3;
}
