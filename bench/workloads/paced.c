// SPDX-License-Identifier: MIT
// So many blocks a second for so many seconds, one freed for each one allocated: paced RATE SECONDS.
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

enum
{
    SLOTS = 10000,
    TICKS = 1000, // a second
    TICK_NS = 1000000,
};

__attribute__((noinline)) static void renew(void **slot, size_t bytes)
{
    free(*slot);
    *slot = malloc(bytes);
    __asm__ volatile("" : : "r"(*slot) : "memory");
}

int main(int argc, char **argv)
{
    static void *slots[SLOTS];
    long per_tick = argc > 1 ? strtol(argv[1], NULL, 10) / TICKS : 1000;
    long ticks = (argc > 2 ? strtol(argv[2], NULL, 10) : 20) * TICKS;
    uint64_t random = 88172645463325252u;
    struct timespec next;
    clock_gettime(CLOCK_MONOTONIC, &next);
    for (long tick = 0; tick < ticks; tick++)
    {
        for (long i = 0; i < per_tick; i++)
        {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            renew(&slots[(random >> 20) % SLOTS], 16 + random % 500);
        }
        next.tv_nsec += TICK_NS;
        next.tv_sec += next.tv_nsec / 1000000000;
        next.tv_nsec %= 1000000000;
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL);
    }
    return 0;
}
