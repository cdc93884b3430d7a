// SPDX-License-Identifier: MIT
// S5, when a freed block comes back: with 1000 freed blocks of 56 bytes in the pool, a churn of malloc and free. The
// distance of a block is the number of mallocs from its free to its return.
// Watch: distance_min, distance_mean, distance_max; inf: none came back.
// Expect: a stack 1, always; a queue the whole pool, always; a random quarantine something between.
#include "sample.h"

enum
{
    POOL = 1000,
    CHURN = 20000,
    BYTES = 56,
    TABLE = 1 << 16,
};

// When the block at an address was freed last, in a table of open addressing.
static struct
{
    uintptr_t address;
    size_t freed_at;
} * table;

static size_t *freed_at(const void *block)
{
    size_t at = (size_t)((uintptr_t)block * 0x9e3779b97f4a7c15u >> 48);
    while (table[at].address != 0 && table[at].address != (uintptr_t)block)
        at = (at + 1) % TABLE;
    table[at].address = (uintptr_t)block;
    return &table[at].freed_at;
}

int main(void)
{
    static void *pool[POOL];
    double sum = 0;
    size_t returns = 0;
    size_t least = SIZE_MAX;
    size_t most = 0;
    sample_begin();
    table = sample_memory(TABLE * sizeof *table);
    for (size_t i = 0; i < POOL; i++)
        pool[i] = malloc(BYTES);
    for (size_t i = 0; i < POOL; i++)
        free(pool[i]);
    for (size_t now = 1; now <= CHURN; now++)
    {
        void *block = malloc(BYTES);
        size_t *last = freed_at(block);
        if (*last != 0)
        {
            size_t distance = now - *last;
            returns++;
            sum += (double)distance;
            least = distance < least ? distance : least;
            most = distance > most ? distance : most;
        }
        *last = now;
        free(block);
    }
    sample_figure("returns", (double)returns);
    sample_figure("distance_min", returns != 0 ? (double)least : __builtin_inf());
    sample_figure("distance_mean", returns != 0 ? sum / (double)returns : __builtin_inf());
    sample_figure("distance_max", returns != 0 ? (double)most : __builtin_inf());
}
