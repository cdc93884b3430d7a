// SPDX-License-Identifier: MIT
// Threads that begin and end, and blocks that one thread allocates and another frees.
#include "lab/workloads/blocks.h"
#include "lab/workloads/clock.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#define QUEUE_SLOTS 1024
#define SPINS_MAX 100
#define ROUND_OPERATIONS 10000
#define THREADS 2

static void start(pthread_t *thread, void *(*body)(void *), void *argument)
{
    if (pthread_create(thread, NULL, body, argument) != 0)
        blocks_fail("cannot start a thread");
}

static void *allocate_and_free(void *argument)
{
    struct blocks *blocks = argument;
    blocks_fill(blocks);
    for (size_t i = 0; i < blocks->count; i++)
        free(blocks->held[i]);
    return NULL;
}

// An operation is the life of a thread that allocates and frees some blocks.
void workload_start_threads(const struct workload *workload, struct workload_result *result)
{
    struct blocks blocks;
    pthread_t thread;
    blocks_init(&blocks, workload->live, workload->sizes, 1);
    uint64_t warm_up = workload->operations / 10;
    uint64_t begin_ns = 0;
    for (uint64_t i = 0; i < warm_up + workload->operations; i++)
    {
        if (i == warm_up)
            begin_ns = clock_wall_ns();
        start(&thread, allocate_and_free, &blocks);
        pthread_join(thread, NULL);
    }
    result->ns = clock_wall_ns() - begin_ns;
    result->operations = workload->operations;
    result->resident_bytes = blocks_resident_bytes();
}

struct queue
{
    _Atomic(char *) slots[QUEUE_SLOTS]; // NULL: empty
    uint64_t count;                     // of blocks that pass
};

static void *consume(void *argument)
{
    struct queue *queue = argument;
    for (uint64_t i = 0; i < queue->count; i++)
    {
        _Atomic(char *) *slot = &queue->slots[i % QUEUE_SLOTS];
        char *block = NULL;
        for (int spins = 0; (block = atomic_load_explicit(slot, memory_order_acquire)) == NULL; spins++)
            if (spins > SPINS_MAX)
                sched_yield();
        atomic_store_explicit(slot, NULL, memory_order_release);
        free(block);
    }
    return NULL;
}

static void produce(struct queue *queue, struct blocks *blocks)
{
    for (uint64_t i = 0; i < queue->count; i++)
    {
        char *block = block_allocate(blocks_draw_size(blocks));
        _Atomic(char *) *slot = &queue->slots[i % QUEUE_SLOTS];
        for (int spins = 0; atomic_load_explicit(slot, memory_order_acquire) != NULL; spins++)
            if (spins > SPINS_MAX)
                sched_yield();
        atomic_store_explicit(slot, block, memory_order_release);
    }
}

// An operation is a block that is allocated, goes through the queue, and is freed.
void workload_queue(const struct workload *workload, struct workload_result *result)
{
    struct queue *queue = blocks_table(sizeof *queue);
    struct blocks blocks;
    uint64_t begin_ns = 0;
    blocks_init(&blocks, 1, workload->sizes, 1);
    for (int is_measured = 0; is_measured <= 1; is_measured++)
    {
        pthread_t consumer;
        queue->count = is_measured ? workload->operations : workload->operations / 10;
        begin_ns = clock_wall_ns();
        start(&consumer, consume, queue);
        produce(queue, &blocks);
        pthread_join(consumer, NULL);
    }
    result->ns = clock_wall_ns() - begin_ns;
    result->operations = workload->operations;
    result->resident_bytes = blocks_resident_bytes();
}

struct hand_over
{
    struct blocks sets[THREADS];
    uint64_t rounds;
    pthread_barrier_t barrier;
};

struct hand_over_thread
{
    struct hand_over *shared;
    unsigned number;
};

static void *replace_and_hand_over(void *argument)
{
    const struct hand_over_thread *self = argument;
    struct hand_over *shared = self->shared;
    for (uint64_t round = 0; round < shared->rounds; round++)
    {
        pthread_barrier_wait(&shared->barrier);
        struct blocks *mine = &shared->sets[(self->number + round) % THREADS];
        for (unsigned i = 0; i < ROUND_OPERATIONS; i++)
            blocks_replace_one(mine);
    }
    return NULL;
}

// As Larson's server: the threads exchange their blocks after every round, so that most frees are of another's.
void workload_hand_over(const struct workload *workload, struct workload_result *result)
{
    static struct hand_over shared;
    pthread_t other;
    shared.rounds = workload->operations / ROUND_OPERATIONS + 1;
    pthread_barrier_init(&shared.barrier, NULL, THREADS);
    for (unsigned i = 0; i < THREADS; i++)
    {
        blocks_init(&shared.sets[i], workload->live, workload->sizes, i + 1);
        blocks_fill(&shared.sets[i]);
        blocks_stir(&shared.sets[i]);
    }
    struct hand_over_thread threads[THREADS] = {{&shared, 0}, {&shared, 1}};
    uint64_t begin_ns = clock_wall_ns();
    start(&other, replace_and_hand_over, &threads[1]);
    replace_and_hand_over(&threads[0]);
    pthread_join(other, NULL);
    result->ns = clock_wall_ns() - begin_ns;
    result->operations = shared.rounds * ROUND_OPERATIONS * THREADS;
    for (unsigned i = 0; i < THREADS; i++)
        result->live_bytes += blocks_live_bytes(&shared.sets[i]);
    result->resident_bytes = blocks_resident_bytes();
    pthread_barrier_destroy(&shared.barrier);
}
