// SPDX-License-Identifier: MIT
// The thread that names, and the hand-over. Refuses to touch the writer from it.
#include "tracer/naming.h"

#include "tracer/guard.h"
#include "tracer/names.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#define NAMING_TICK_FRAMES 64
#define NAMING_NICENESS 5 // the program and the drain come first

enum naming_holder
{
    NAMING_RECORDER, // the batch is empty, or was looked up as far as it is done
    NAMING_THREAD,
};

struct naming
{
    pthread_t thread;
    pthread_mutex_t mutex; // protects holder and is_ending
    pthread_cond_t handed; // to the thread, or it shall end
    enum naming_holder holder;
    bool is_ending;
    bool has_thread;

    // The holder's.
    struct names_batch batch;
    struct names_modules modules;

    // The recorder's.
    uint32_t next_frame; // not yet handed over
    uint64_t done;       // frames of earlier batches
};

static bool is_ending(struct naming *naming)
{
    return __atomic_load_n(&naming->is_ending, __ATOMIC_RELAXED);
}

static void *run(void *context)
{
    struct naming *naming = context;
    setpriority(PRIO_PROCESS, (id_t)gettid(), NAMING_NICENESS);
    guard_thread_begin();
    pthread_mutex_lock(&naming->mutex);
    while (!is_ending(naming))
    {
        if (naming->holder == NAMING_THREAD)
        {
            pthread_mutex_unlock(&naming->mutex);
            while (!is_ending(naming) && names_look_up(&naming->batch, &naming->modules))
                continue;
            pthread_mutex_lock(&naming->mutex);
            naming->holder = NAMING_RECORDER;
        }
        else
            pthread_cond_wait(&naming->handed, &naming->mutex);
    }
    naming->holder = NAMING_RECORDER;
    pthread_mutex_unlock(&naming->mutex);
    return NULL;
}

struct naming *naming_create(void)
{
    struct naming *naming = calloc(1, sizeof *naming);
    if (naming == NULL)
        return NULL;
    pthread_mutex_init(&naming->mutex, NULL);
    pthread_cond_init(&naming->handed, NULL);
    naming->next_frame = 1;
    return naming;
}

static bool is_ours(struct naming *naming)
{
    if (pthread_mutex_trylock(&naming->mutex) != 0)
        return false;
    bool is_ours = naming->holder == NAMING_RECORDER;
    pthread_mutex_unlock(&naming->mutex);
    return is_ours;
}

static int write_batch(struct naming *naming, struct reel_writer *writer, struct reel_error *error)
{
    naming->done += naming->batch.frame_count;
    return names_write(&naming->batch, writer, error);
}

int naming_step(struct naming *naming, struct reel_writer *writer, struct reel_error *error)
{
    if (naming == NULL || (naming->batch.frame_count == 0 && naming->next_frame > reel_writer_frame_count(writer)) ||
        !is_ours(naming) || naming->batch.done < naming->batch.frame_count)
        return REEL_OK; // nothing new, or looked up there now, or at the end for want of a thread
    int status = write_batch(naming, writer, error);
    naming->next_frame = names_take(&naming->batch, writer, naming->next_frame);
    if (!naming->has_thread)
        naming->has_thread = pthread_create(&naming->thread, NULL, run, naming) == 0;
    if (!naming->has_thread || naming->batch.frame_count == 0)
        return status;
    pthread_mutex_lock(&naming->mutex);
    naming->holder = NAMING_THREAD;
    pthread_cond_signal(&naming->handed);
    pthread_mutex_unlock(&naming->mutex);
    return status;
}

static void end_thread(struct naming *naming)
{
    if (!naming->has_thread)
        return;
    pthread_mutex_lock(&naming->mutex);
    __atomic_store_n(&naming->is_ending, true, __ATOMIC_RELAXED);
    pthread_cond_signal(&naming->handed);
    pthread_mutex_unlock(&naming->mutex);
    pthread_join(naming->thread, NULL);
    naming->has_thread = false;
}

// False: tick wants no more.
static bool look_up_here(struct naming *naming, bool (*tick)(void *context, uint64_t done), void *context)
{
    do
    {
        bool is_tick_due = tick != NULL && naming->batch.done % NAMING_TICK_FRAMES == 0;
        if (is_tick_due && !tick(context, naming->done + naming->batch.done))
            return false;
    } while (names_look_up(&naming->batch, &naming->modules));
    return true;
}

int naming_finish(struct naming *naming, struct reel_writer *writer, bool (*tick)(void *context, uint64_t done),
                  void *context, struct reel_error *error)
{
    int status = REEL_OK;
    bool is_wanted = true;
    if (naming == NULL)
        return REEL_OK;
    end_thread(naming);
    while (status == REEL_OK && is_wanted)
    {
        guard_thread_begin();
        is_wanted = look_up_here(naming, tick, context);
        guard_thread_end();
        status = write_batch(naming, writer, error);
        if (naming->next_frame > reel_writer_frame_count(writer))
            break;
        naming->next_frame = names_take(&naming->batch, writer, naming->next_frame);
    }
    return status;
}

void naming_destroy(struct naming *naming)
{
    if (naming == NULL)
        return;
    end_thread(naming);
    names_batch_clean_up(&naming->batch);
    names_modules_close(&naming->modules);
    pthread_mutex_destroy(&naming->mutex);
    pthread_cond_destroy(&naming->handed);
    free(naming);
}
