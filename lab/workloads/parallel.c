// SPDX-License-Identifier: MIT
// The same work by two threads, first one after the other and then at once: what they cost each other.
#include "lab/workloads/blocks.h"
#include "lab/workloads/clock.h"

#include <pthread.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>

#define THREADS 2

struct job
{
    alignas(128) struct blocks blocks; // of this thread alone: on cache lines of its own
    uint64_t operations;
    void (*work)(struct job *job);
    pthread_barrier_t *start;
    pthread_t thread;
    uint64_t begin_ns; // wall time
    uint64_t end_ns;
};

static alignas(128) atomic_ullong shared_word;

static void *run_job(void *argument)
{
    struct job *job = argument;
    pthread_barrier_wait(job->start);
    job->begin_ns = clock_wall_ns();
    job->work(job);
    job->end_ns = clock_wall_ns();
    return NULL;
}

// From the first begin to the last end.
static uint64_t run_at_once(struct job *jobs, unsigned count)
{
    pthread_barrier_t start;
    uint64_t begin_ns = UINT64_MAX;
    uint64_t end_ns = 0;
    pthread_barrier_init(&start, NULL, count);
    for (unsigned i = 0; i < count; i++)
    {
        jobs[i].start = &start;
        if (pthread_create(&jobs[i].thread, NULL, run_job, &jobs[i]) != 0)
            blocks_fail("cannot start a thread");
    }
    for (unsigned i = 0; i < count; i++)
    {
        pthread_join(jobs[i].thread, NULL);
        begin_ns = jobs[i].begin_ns < begin_ns ? jobs[i].begin_ns : begin_ns;
        end_ns = jobs[i].end_ns > end_ns ? jobs[i].end_ns : end_ns;
    }
    pthread_barrier_destroy(&start);
    return end_ns - begin_ns;
}

static void measure(struct job jobs[THREADS], struct workload_result *result)
{
    for (unsigned i = 0; i < THREADS; i++)
    {
        result->alone_ns += run_at_once(&jobs[i], 1);
        result->operations += jobs[i].operations;
    }
    result->ns = run_at_once(jobs, THREADS);
}

static void churn(struct job *job)
{
    for (uint64_t i = 0; i < job->operations; i++)
        blocks_replace_one(&job->blocks);
}

void workload_parallel_churn(const struct workload *workload, struct workload_result *result)
{
    static struct job jobs[THREADS];
    for (unsigned i = 0; i < THREADS; i++)
    {
        bool is_other = i == 1 && workload->second_sizes.max != 0;
        jobs[i] = (struct job){.operations = workload->operations, .work = churn};
        blocks_init(&jobs[i].blocks, workload->live, is_other ? workload->second_sizes : workload->sizes, i + 1);
        blocks_fill(&jobs[i].blocks);
        blocks_stir(&jobs[i].blocks);
    }
    measure(jobs, result);
    for (unsigned i = 0; i < THREADS; i++)
        result->live_bytes += blocks_live_bytes(&jobs[i].blocks);
    result->resident_bytes = blocks_resident_bytes();
}

static void count_up(struct job *job)
{
    for (uint64_t i = 0; i < job->operations; i++)
    {
        unsigned long long seen = atomic_load_explicit(&shared_word, memory_order_relaxed);
        while (!atomic_compare_exchange_weak(&shared_word, &seen, seen + 1))
            ;
    }
}

// An operation is a compare and swap that succeeded, on a word that both threads want.
void workload_compare_and_swap(const struct workload *workload, struct workload_result *result)
{
    static struct job jobs[THREADS];
    for (unsigned i = 0; i < THREADS; i++)
        jobs[i] = (struct job){.operations = workload->operations, .work = count_up};
    measure(jobs, result);
    result->resident_bytes = blocks_resident_bytes();
}
