// SPDX-License-Identifier: MIT
// Keyframes while recording: when one is due, and the thread that encodes it. The writer's own thread copies the tables
// of blocks and goes on; the other one touches nothing but its job, one at a time, and the writer takes the result at a
// commit. What cannot be had, for want of memory or of a thread, is left out: replay then begins further back.
#define _GNU_SOURCE // gettid
#include "reel/writer_internal.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "reel/blocks_copy.h"
#include "reel/keyframe.h"

#define EVENTS_BETWEEN ((uint64_t)1 << 20)
#define EVENTS_BETWEEN_EACH 2 // for each live block: encoding one costs as much as merging and encoding an event
#define EVENTS_BETWEEN_LOOKS 16384
#define CHUNKS_SHARE 3            // all keyframes take no more than this part of the chunks' bytes
#define DATA_BYTES_MAX 900000000u // SQLite refuses values of more than 1,000,000,000
#define NICENESS 5                // the program and the writer come first

struct job_heap
{
    struct reel_keyframe_heap keyframe;
    struct reel_keyframe_class classes[REEL_CLASSES_MAX];
    struct reel_blocks_copy blocks;
};

// What the thread needs, and its result.
struct writer_keyframe_job
{
    pthread_t thread;
    bool is_done; // written by the thread with release
    uint64_t events;
    uint64_t t_ns;
    struct job_heap *heaps;
    size_t heap_count;
    uint8_t class_marks[1 + REEL_CLASSES_MAX]; // [number of the class]: 1 + class_id
    uint64_t block_count;
    void *data; // NULL: there was no memory
    size_t bytes;
};

static void free_job(struct writer_keyframe_job *job)
{
    for (size_t i = 0; i < job->heap_count; i++)
        reel_blocks_copy_free(&job->heaps[i].blocks);
    free(job->heaps);
    free(job->data);
    free(job);
}

// --- the thread ---

static void settle_heap(const struct writer_keyframe_job *job, struct job_heap *heap)
{
    reel_blocks_copy_settle(&heap->blocks);
    for (size_t i = 0; i < heap->blocks.count; i++)
        heap->blocks.blocks[i].size_class = job->class_marks[heap->blocks.blocks[i].size_class];
    heap->keyframe.classes = heap->classes;
    heap->keyframe.blocks = heap->blocks.blocks;
    heap->keyframe.block_count = heap->blocks.count;
}

static void encode(struct writer_keyframe_job *job)
{
    struct reel_keyframe_heap *heaps = calloc(job->heap_count + 1, sizeof *heaps);
    if (heaps == NULL)
        return;
    for (size_t i = 0; i < job->heap_count; i++)
    {
        settle_heap(job, &job->heaps[i]);
        heaps[i] = job->heaps[i].keyframe;
        job->block_count += heaps[i].block_count;
    }
    const struct reel_keyframe keyframe = {.events = job->events, .heaps = heaps, .heap_count = job->heap_count};
    if (reel_keyframe_encode(&keyframe, &job->data, &job->bytes) != REEL_OK)
        job->data = NULL;
    free(heaps);
}

static void *run(void *context)
{
    struct writer_keyframe_job *job = context;
    setpriority(PRIO_PROCESS, (id_t)gettid(), NICENESS);
    encode(job);
    __atomic_store_n(&job->is_done, true, __ATOMIC_RELEASE);
    return NULL;
}

// --- the writer ---

static void count_heaps(const struct reel_writer *writer, size_t *heaps, uint64_t *blocks)
{
    *heaps = writer->fork_count;
    *blocks = 0;
    for (size_t i = 0; i < writer->fork_count; i++)
        *blocks += writer->forks[i].blocks.count;
    for (size_t i = 0; i < writer->process_count; i++)
        if (writer->processes[i].is_running)
        {
            *heaps += 1;
            *blocks += writer->processes[i].blocks.count;
        }
}

static bool has_room(const struct reel_writer *writer, uint64_t bytes)
{
    uint64_t chunk_bytes = writer->keyframes.chunk_bytes + writer->chunk.stored_bytes;
    return writer->keyframes.bytes + bytes <= chunk_bytes / CHUNKS_SHARE;
}

// A class of an allocator that is not ours may have any id; a keyframe would lose the classes of its blocks.
static bool are_classes_small(const struct reel_writer *writer)
{
    for (uint32_t i = 1; i < writer->classes.count; i++)
        if (writer->classes.all[i].class_id >= REEL_CLASSES_MAX)
            return false;
    return true;
}

// A block costs about what an event does, to write it and to begin replay with it: no fewer events than blocks.
static bool is_far_enough(const struct reel_writer *writer, uint64_t blocks)
{
    uint64_t since = writer->ledger.figures.events - writer->keyframes.last_event;
    return since >= EVENTS_BETWEEN && since / EVENTS_BETWEEN_EACH >= blocks;
}

bool writer_keyframe_is_due(struct reel_writer *writer)
{
    struct writer_keyframes *keyframes = &writer->keyframes;
    uint64_t events = writer->ledger.figures.events;
    size_t heaps;
    uint64_t blocks;
    if (events < keyframes->next_look)
        return false;
    keyframes->next_look = events + EVENTS_BETWEEN_LOOKS;
    count_heaps(writer, &heaps, &blocks);
    uint64_t bytes = keyframes->sample_blocks != 0 ? blocks * keyframes->sample_bytes / keyframes->sample_blocks : 0;
    return keyframes->job == NULL && is_far_enough(writer, blocks) && has_room(writer, bytes) &&
           are_classes_small(writer);
}

static void copy_slots(const struct reel_writer *writer, struct job_heap *copy, const struct writer_heap *heap)
{
    if (heap == NULL)
        return;
    copy->keyframe.peak_slot_bytes = heap->slots.peak_live_bytes;
    for (uint32_t i = 1; i < writer->classes.count; i++)
        if (heap->classes[i].peak_live_slots != 0)
            copy->classes[copy->keyframe.class_count++] =
                (struct reel_keyframe_class){.class_id = writer->classes.all[i].class_id,
                                             .carved_slots = heap->classes[i].carved_slots,
                                             .peak_live_slots = heap->classes[i].peak_live_slots};
}

static int copy_heap(const struct reel_writer *writer, struct writer_keyframe_job *job,
                     const struct reel_keyframe_heap *who, const struct reel_blocks *blocks,
                     const struct writer_heap *heap)
{
    struct job_heap *copy = &job->heaps[job->heap_count++];
    copy->keyframe = *who;
    copy_slots(writer, copy, heap);
    return reel_blocks_copy_take(&copy->blocks, blocks);
}

static int copy_heaps(const struct reel_writer *writer, struct writer_keyframe_job *job)
{
    int status = REEL_OK;
    for (size_t i = 0; i < writer->process_count && status == REEL_OK; i++)
    {
        const struct writer_process *process = &writer->processes[i];
        const struct reel_keyframe_heap who = {.process = (uint32_t)i + 1, .is_blind = process->is_blind_fork};
        if (process->is_running)
            status = copy_heap(writer, job, &who, &process->blocks, process->heap);
    }
    for (size_t i = 0; i < writer->fork_count && status == REEL_OK; i++)
    {
        const struct writer_fork *fork = &writer->forks[i];
        const struct reel_keyframe_heap who = {.process = fork->process, .fork_serial = fork->serial};
        status = copy_heap(writer, job, &who, &fork->blocks, fork->heap);
    }
    return status;
}

static struct writer_keyframe_job *create_job(const struct reel_writer *writer)
{
    size_t heap_count;
    uint64_t block_count;
    struct writer_keyframe_job *job = calloc(1, sizeof *job);
    if (job == NULL)
        return NULL;
    count_heaps(writer, &heap_count, &block_count);
    job->events = writer->ledger.figures.events;
    job->t_ns = writer->event_t_ns;
    for (uint32_t i = 1; i < writer->classes.count; i++)
        job->class_marks[i] = (uint8_t)(1 + writer->classes.all[i].class_id);
    job->heaps = calloc(heap_count + 1, sizeof *job->heaps);
    if (job->heaps != NULL && copy_heaps(writer, job) == REEL_OK)
        return job;
    free_job(job);
    return NULL;
}

void writer_keyframe_begin(struct reel_writer *writer)
{
    writer->keyframes.last_event = writer->ledger.figures.events;
    struct writer_keyframe_job *job = create_job(writer);
    if (job == NULL)
        return;
    if (pthread_create(&job->thread, NULL, run, job) != 0)
        free_job(job);
    else
        writer->keyframes.job = job;
}

// What was guessed of its size may have been too little.
static int insert(struct reel_writer *writer, const struct writer_keyframe_job *job, struct reel_error *error)
{
    if (job->data == NULL)
        return REEL_OK;
    writer->keyframes.sample_bytes = job->bytes;
    writer->keyframes.sample_blocks = job->block_count;
    if (job->bytes > DATA_BYTES_MAX || !has_room(writer, job->bytes))
        return REEL_OK;
    writer->keyframes.bytes += job->bytes;
    return writer_run(writer, error, WRITER_INSERT_KEYFRAME, "iiib", (int64_t)job->events, (int64_t)job->t_ns,
                      (int64_t)job->block_count, (const void *)job->data, job->bytes);
}

int writer_keyframe_store(struct reel_writer *writer, bool is_waiting, struct reel_error *error)
{
    struct writer_keyframe_job *job = writer->keyframes.job;
    if (job == NULL || (!is_waiting && !__atomic_load_n(&job->is_done, __ATOMIC_ACQUIRE)))
        return REEL_OK;
    pthread_join(job->thread, NULL);
    writer->keyframes.job = NULL;
    int status = insert(writer, job, error);
    free_job(job);
    return status;
}

void writer_keyframe_drop(struct reel_writer *writer)
{
    struct writer_keyframe_job *job = writer->keyframes.job;
    if (job == NULL)
        return;
    pthread_join(job->thread, NULL);
    writer->keyframes.job = NULL;
    free_job(job);
}
