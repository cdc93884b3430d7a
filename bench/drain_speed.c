// SPDX-License-Identifier: MIT
// Measures how many events a second the tracer takes out of rings and puts into a reel, without a program:
// drain_speed FILE THREADS EVENTS. Another thread plays the program's threads: it fills their rings with the events of
// random blocks at 22 frames, in turn with the tracer's looks, which alone are measured, in time of the processor.
// Prints one line of JSON: the whole, and a run of its own whose merged events are thrown away. Judges nothing.
#include "tracer/emit.h"

#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define CHANNEL_NAME "1-1" WIRE_CHANNEL_SUFFIX

enum
{
    RING_RECORDS = 65536,
    NODE_COUNT_MAX = 1 << 16,
    MODULE_LOG_BYTES = 65536,
    ROUND_EVENTS = 16384,   // of all threads together: half a millisecond of a busy program
    COMMIT_EVENTS = 262144, // as a recording does
    SLOT_COUNT = 1024,      // live blocks of a thread
    TRUNK_FRAMES = 16,
    BRANCHES = 64, // each a stack of BRANCH_FRAMES more
    BRANCH_FRAMES = 6,
};

struct player
{
    struct wire_ring *ring;
    uint64_t random;
    uint64_t time;
    uint64_t block[SLOT_COUNT]; // 0 = none
};

struct stage
{
    char directory[64];
    int directory_fd;
    struct wire_session session;
    struct wire_channel *page;
    size_t bytes;
    struct player *players;
    uint32_t thread_count;
    pthread_barrier_t turn;
    bool is_over;

    struct process *process;
    struct clock_scale clock;
    struct emit emit;
    struct merge merge;
    struct queue_pool queues;
    struct reel_error error;
    struct drain_look look;
};

static void stop_if(int status, const struct reel_error *error)
{
    if (status != REEL_OK)
    {
        fprintf(stderr, "drain_speed: %s\n", error->text);
        exit(3);
    }
}

static uint64_t next_random(struct player *player)
{
    player->random ^= player->random << 13;
    player->random ^= player->random >> 7;
    player->random ^= player->random << 17;
    return player->random;
}

static void lay_out(struct stage *stage)
{
    const uint64_t modules_offset = 2 * WIRE_PAGE_BYTES; // after the header and the differing stacks
    const uint64_t nodes_offset = modules_offset + MODULE_LOG_BYTES;
    const uint64_t rings_offset = nodes_offset + NODE_COUNT_MAX * sizeof(struct wire_stack_node);
    stage->session = (struct wire_session){.ring_count_max = stage->thread_count,
                                           .ring_records = RING_RECORDS,
                                           .node_count_max = NODE_COUNT_MAX,
                                           .module_log_bytes = MODULE_LOG_BYTES};
    stage->bytes = rings_offset + wire_ring_offset(RING_RECORDS, stage->thread_count);
    snprintf(stage->directory, sizeof stage->directory, "/dev/shm/drain_speed-XXXXXX");
    int fd = -1;
    if (mkdtemp(stage->directory) != NULL)
        stage->directory_fd = open(stage->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (stage->directory_fd >= 0)
        fd = openat(stage->directory_fd, CHANNEL_NAME, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    void *map = MAP_FAILED;
    if (fd >= 0 && ftruncate(fd, (off_t)stage->bytes) == 0)
        map = mmap(NULL, stage->bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, 0);
    if (map == MAP_FAILED)
    {
        perror("drain_speed: channel");
        exit(3);
    }
    close(fd);
    stage->page = map;
    *stage->page = (struct wire_channel){.magic = WIRE_CHANNEL_MAGIC,
                                         .version = WIRE_VERSION,
                                         .channel_bytes = sizeof *stage->page,
                                         .file_bytes = stage->bytes,
                                         .differences_offset = WIRE_PAGE_BYTES,
                                         .modules_offset = modules_offset,
                                         .nodes_offset = nodes_offset,
                                         .rings_offset = rings_offset,
                                         .ring_count = stage->thread_count,
                                         .ring_records = RING_RECORDS,
                                         .node_count_max = NODE_COUNT_MAX,
                                         .module_log_bytes = MODULE_LOG_BYTES,
                                         .origin = WIRE_ORIGIN_EXEC,
                                         .pid = getpid(),
                                         .begin_time = 1,
                                         .life = WIRE_LIFE_RUNNING,
                                         .ring_used = stage->thread_count,
                                         .generation = 1};
}

static uint32_t add_node(struct stage *stage, uint32_t parent, uint64_t address, uint32_t depth)
{
    struct wire_stack_node *nodes = (void *)((uint8_t *)stage->page + stage->page->nodes_offset);
    uint32_t id = ++stage->page->node_count;
    nodes[id] = (struct wire_stack_node){.address = address, .parent = parent, .depth = depth};
    stage->page->node_count = id;
    return id;
}

// Returns the innermost node of the first branch; the others follow BRANCH_FRAMES apart.
static uint32_t grow_tree(struct stage *stage)
{
    uint32_t trunk = add_node(stage, 0, 1, 0);
    for (uint32_t depth = 1; depth <= TRUNK_FRAMES; depth++)
        trunk = add_node(stage, trunk, 0x400000 + depth * 64, depth);
    uint32_t first = trunk + BRANCH_FRAMES;
    for (uint32_t branch = 0; branch < BRANCHES; branch++)
    {
        uint32_t node = trunk;
        for (uint32_t i = 1; i <= BRANCH_FRAMES; i++)
            node = add_node(stage, node, 0x500000 + branch * 4096 + i * 64, TRUNK_FRAMES + i);
    }
    stage->page->node_count++; // ids below have been handed out
    return first;
}

static void admit_players(struct stage *stage)
{
    stage->players = calloc(stage->thread_count, sizeof *stage->players);
    if (stage->players == NULL)
        exit(3);
    for (uint32_t i = 0; i < stage->thread_count; i++)
    {
        struct player *player = &stage->players[i];
        player->ring = (void *)((uint8_t *)stage->page + stage->page->rings_offset + wire_ring_offset(RING_RECORDS, i));
        player->ring->tid = (int32_t)i + 1;
        player->ring->incarnation = 1;
        player->ring->begin_time = 1;
        player->ring->owner = WIRE_RING_LIVE;
        player->random = 88172645463325252u + i * 7919;
        player->time = 1000;
    }
}

// One call of malloc or free, as churn makes them.
static struct wire_event next_event(struct player *player, uint32_t number, uint32_t first_stack)
{
    uint64_t random = next_random(player);
    uint64_t *block = &player->block[random % SLOT_COUNT];
    uint32_t stack = first_stack + (uint32_t)(random >> 40) % BRANCHES * BRANCH_FRAMES;
    uint64_t address = 0x100000000 * (number + 1) + random % SLOT_COUNT * 512 + 16;
    player->time += 40 + (random >> 32) % 60;
    struct wire_event event = {.time = player->time, .stack = stack};
    if (*block != 0)
        event.where = wire_where(*block, WIRE_EVENT_FREE, 0);
    else
    {
        event.where = wire_where(address, WIRE_EVENT_ALLOC, 0);
        event.size = 16 + (random >> 20) % 480;
        event.slack = (uint32_t)(-event.size - 8) % 16;
    }
    *block = *block != 0 ? 0 : address;
    return event;
}

static void play_round(struct stage *stage, uint32_t first_stack)
{
    for (uint32_t i = 0; i < stage->thread_count; i++)
    {
        struct player *player = &stage->players[i];
        uint64_t head = player->ring->state >> 1;
        for (uint32_t k = 0; k < ROUND_EVENTS / stage->thread_count; k++, head++)
            player->ring->records[head & (RING_RECORDS - 1)] = next_event(player, i, first_stack);
        __atomic_store_n(&player->ring->state, head << 1, __ATOMIC_RELEASE);
    }
}

static void *play(void *context)
{
    struct stage *stage = context;
    uint32_t first_stack = grow_tree(stage);
    for (;;)
    {
        play_round(stage, first_stack);
        pthread_barrier_wait(&stage->turn);
        pthread_barrier_wait(&stage->turn);
        if (stage->is_over)
            return NULL;
    }
}

static int begin_nothing(void *context, void *owner, struct reel_error *error)
{
    (void)context, (void)owner, (void)error;
    return REEL_OK;
}

static int discard(void *context, const struct merge_run *runs, size_t count, struct reel_error *error)
{
    (void)error;
    uint64_t *sum = context;
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < runs[i].count; k++)
            *sum += runs[i].events[k].where;
    return REEL_OK;
}

static uint64_t far_future(const void *context)
{
    (void)context;
    return UINT64_MAX >> 4;
}

// What a recording does with the rings of one process. All that was committed is older than the look.
static size_t look(struct stage *stage, const struct merge_sink *sink)
{
    struct merge_feed *feed = &stage->process->feed;
    size_t merged = 0;
    stage->look.previous = stage->look.now;
    stage->look.now = 0;
    for (uint32_t i = 0; i < stage->thread_count; i++)
        if (stage->players[i].time >= stage->look.now)
            stage->look.now = stage->players[i].time + 1;
    uint64_t bound = drain_look(&stage->process->source, &stage->look);
    stop_if(merge_until(&stage->merge, &feed, 1, bound, sink, &merged, &stage->error), &stage->error);
    return merged;
}

static double processor_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void open_all(struct stage *stage, uint32_t thread_count, const char *path)
{
    const struct reel_run_info run = {.command = "drain_speed", .allocator = "none", .version = "bench"};
    stage->thread_count = thread_count;
    lay_out(stage);
    admit_players(stage);
    pthread_barrier_init(&stage->turn, NULL, 2);
    clock_begin(&stage->clock, WIRE_CLOCK_MONOTONIC);
    stage->clock.origin = 0;
    stage->emit.clock = &stage->clock;
    stop_if(reel_writer_open(&stage->emit.writer, path, true, &run, &stage->error), &stage->error);
    stop_if(process_open(&stage->process, stage->directory_fd, CHANNEL_NAME, &stage->session, &stage->queues,
                         &stage->error),
            &stage->error);
    queue_pool_init(&stage->queues, QUEUE_POOL_BLOCKS);
    stage->look = (struct drain_look){.stuck_ticks = UINT64_MAX, .clock = far_future};
}

static void close_all(struct stage *stage)
{
    merge_clean_up(&stage->merge);
    emit_clean_up(&stage->emit);
    process_close(stage->process);
    queue_pool_fini(&stage->queues);
    munmap(stage->page, stage->bytes);
    unlinkat(stage->directory_fd, CHANNEL_NAME, 0);
    close(stage->directory_fd);
    rmdir(stage->directory);
    free(stage->players);
    free(stage);
}

// Nanoseconds of the processor for each event.
static double measure(const char *path, uint32_t thread_count, uint64_t event_count, bool is_written)
{
    struct stage *stage = calloc(1, sizeof *stage);
    pthread_t thread;
    uint64_t sum = 0;
    uint64_t seen = 0;
    double seconds = 0;
    open_all(stage, thread_count, path);
    struct merge_sink sink = is_written ? emit_sink(&stage->emit)
                                        : (struct merge_sink){.begin = begin_nothing, .take = discard, .context = &sum};
    pthread_create(&thread, NULL, play, stage);
    while (!stage->is_over)
    {
        pthread_barrier_wait(&stage->turn);
        double begin = processor_seconds();
        uint64_t before = seen;
        seen += look(stage, &sink);
        stop_if(emit_flush(&stage->emit, &stage->error), &stage->error);
        if (is_written && seen / COMMIT_EVENTS != before / COMMIT_EVENTS)
            stop_if(reel_writer_commit(stage->emit.writer, &stage->error), &stage->error);
        seconds += processor_seconds() - begin;
        stage->is_over = seen >= event_count;
        pthread_barrier_wait(&stage->turn);
    }
    pthread_join(thread, NULL);
    double begin = processor_seconds();
    stop_if(reel_writer_finish(stage->emit.writer, stage->emit.last_ns, &stage->error), &stage->error);
    seconds += is_written ? processor_seconds() - begin : 0;
    close_all(stage);
    return seconds * 1e9 / (double)seen;
}

int main(int argc, char **argv)
{
    char *end_of_threads = NULL;
    char *end_of_events = NULL;
    uint32_t thread_count = argc == 4 ? (uint32_t)strtoul(argv[2], &end_of_threads, 10) : 0;
    uint64_t event_count = argc == 4 ? strtoull(argv[3], &end_of_events, 10) : 0;
    if (thread_count == 0 || thread_count > 64 || event_count == 0 || *end_of_threads != '\0' || *end_of_events != '\0')
    {
        fprintf(stderr, "usage: drain_speed FILE THREADS EVENTS\n");
        return 2;
    }
    double merged_ns = measure(argv[1], thread_count, event_count, false);
    double written_ns = measure(argv[1], thread_count, event_count, true);
    printf("{\"threads\": %" PRIu32 ", \"merged_ns\": %.2f, \"written_ns\": %.2f, \"events_per_second\": %.0f}\n",
           thread_count, merged_ns, written_ns, 1e9 / written_ns);
    return 0;
}
