// SPDX-License-Identifier: MIT
// Planted culprit: a producer whose blocks outlive the consumer's. One thread makes messages and hands them over,
// another reads and frees them; for one message in 32 the producer keeps a receipt, made between the messages and never
// looked at again. When the consumer has freed its part, the receipts hold the pages. Watch: receipts, the blocks that
// are kept. Expect: under every allocator `blame` at the end names keep_receipt first.
#include "sample.h"

#include <pthread.h>

enum
{
    BATCHES = 2,
    MESSAGES = 131072, // of a batch: as far as the producer gets ahead
    RECEIPT_IN = 32,
    BYTES = 88, // a slot or chunk of 96
    ROUTES = 4096,
    ROUTE_BYTES = 2000,
};

static void **messages;
static void **receipts;
static size_t receipt_count;
static pthread_barrier_t produced, consumed;

static __attribute__((noinline)) void *make_message(void)
{
    return sample_touch(malloc(BYTES), BYTES);
}

static __attribute__((noinline)) void keep_receipt(void)
{
    receipts[receipt_count++] = sample_touch(malloc(BYTES), BYTES);
}

static __attribute__((noinline)) void load_routes(void)
{
    for (size_t i = 0; i < ROUTES; i++)
        sample_touch(malloc(ROUTE_BYTES), ROUTE_BYTES);
}

static void *produce(void *unused)
{
    for (size_t batch = 0; batch < BATCHES; batch++)
    {
        for (size_t i = 0; i < MESSAGES; i++)
        {
            messages[i] = make_message();
            if (batch == 0 && i % RECEIPT_IN == 0) // later it has learned to trust
                keep_receipt();
        }
        pthread_barrier_wait(&produced);
        pthread_barrier_wait(&consumed);
    }
    return unused;
}

static void *consume(void *unused)
{
    for (size_t batch = 0; batch < BATCHES; batch++)
    {
        pthread_barrier_wait(&produced);
        for (size_t i = 0; i < MESSAGES; i++)
            free(messages[i]);
        pthread_barrier_wait(&consumed);
    }
    return unused;
}

int main(void)
{
    pthread_t producer, consumer;
    sample_begin();
    messages = sample_memory(MESSAGES * sizeof *messages);
    receipts = sample_memory(MESSAGES / RECEIPT_IN * sizeof *receipts);
    pthread_barrier_init(&produced, NULL, 2);
    pthread_barrier_init(&consumed, NULL, 2);
    load_routes();
    if (pthread_create(&producer, NULL, produce, NULL) != 0 || pthread_create(&consumer, NULL, consume, NULL) != 0)
        return 3;
    pthread_join(producer, NULL);
    pthread_join(consumer, NULL);
    sample_figure("receipts", (double)receipt_count);
}
