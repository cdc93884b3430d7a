// SPDX-License-Identifier: MIT
// The recorder's life in the process: finding the session, opening the channel, forking, exec, exit, and stopping for
// good when the tracer is gone. Knows nothing of rings' contents or stacks.
#define _GNU_SOURCE
#include "record/record.h"

#include "base/environment.h"
#include "base/memory.h"
#include "base/syscall.h"
#include "base/text.h"
#include "record/clock.h"
#include "record/recorder_internal.h"

#include <fcntl.h>
#include <linux/futex.h>
#include <linux/membarrier.h>
#include <string.h>
#include <sys/single_threaded.h>
#include <unistd.h>

static struct recorder_page no_page; // phase unknown: the first event takes the slow path

struct recorder recorder = {.page = &no_page};
const uint32_t *record_phase = &no_page.phase;

__thread struct record_own record_own __attribute__((tls_model("initial-exec")));

// What record_fork_begin leaves for the child; the forking thread's alone.
static __thread struct
{
    uint32_t serial;
    uint64_t begin_time;
    bool has_threads; // the process, or it has had some
} fork_announced __attribute__((tls_model("initial-exec")));

static void set_phase(enum recorder_phase phase)
{
    __atomic_store_n(&recorder.page->phase, (uint32_t)phase, __ATOMIC_RELEASE);
}

static bool session_is_valid(const struct wire_session *session)
{
    return session->magic == WIRE_SESSION_MAGIC && session->version == WIRE_VERSION &&
           session->session_bytes == sizeof *session && session->depth_max <= WIRE_DEPTH_LIMIT &&
           session->ring_records >= 4 * RING_RESERVE && (session->ring_records & (session->ring_records - 1)) == 0;
}

static bool map_session(const char *directory)
{
    struct base_text path;
    base_text_clear(&path);
    base_text_add(&path, directory);
    base_text_add(&path, "/" WIRE_SESSION_FILE);
    if (path.is_cut || path.length >= sizeof recorder.directory)
        return false;
    long descriptor = base_syscall3(SYS_open, (uintptr_t)path.bytes, O_RDONLY | O_CLOEXEC, 0);
    if (descriptor < 0)
        return false;
    const struct wire_session *session = base_memory_map_file((int)descriptor, sizeof *session, false);
    base_syscall3(SYS_close, (uintptr_t)descriptor, 0, 0);
    if (!session)
        return false;
    if (!session_is_valid(session))
    {
        base_memory_unmap((void *)(uintptr_t)session, sizeof *session);
        return false;
    }
    recorder.session = session;
    strcpy(recorder.directory, directory);
    return true;
}

// The tracer makes stores of this process visible by membarrier before it judges what is final.
static void register_for_barriers(void)
{
    base_syscall3(SYS_membarrier, MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED, 0, 0);
}

static bool open_tables(void)
{
    channel_choose_rings(recorder.session, &recorder.ring_count, &recorder.ring_records);
    // 56 MB where there is no limit, of which a process uses a few pages for each thread.
    recorder.threads = base_memory_reserve(recorder.ring_count * sizeof *recorder.threads);
    return recorder.threads && stack_tree_open(recorder.session->node_count_max) && modules_open() &&
           unwind_rules_open();
}

static void use_channel(struct wire_channel *channel)
{
    recorder.channel = channel;
    recorder.nodes = (struct wire_stack_node *)((char *)channel + channel->nodes_offset);
    register_for_barriers();
}

static bool start_first(void)
{
    if (recorder.page == &no_page)
    {
        struct recorder_page *page = base_memory_map_wiped_on_fork(WIRE_PAGE_BYTES);
        if (!page)
            return false;
        recorder.page = page;
        record_phase = &page->phase;
    }
    const char *directory = base_environment_find(WIRE_SESSION_VARIABLE);
    if (!directory || !map_session(directory) || recorder_tracer_is_gone() || !open_tables())
        return false;
    struct wire_channel *channel = channel_create(recorder.session, recorder.directory, NULL, 0, 0);
    if (!channel)
        return false;
    use_channel(channel);
    recorder.awaits_stacks = recorder.session->stacks != WIRE_STACKS_OFF;
    recorder.has_session = true;
    return true;
}

static bool make_own_channel(struct wire_channel *parent)
{
    if (recorder_tracer_is_gone())
        return false;
    struct wire_channel *channel =
        channel_create(recorder.session, recorder.directory, parent, fork_announced.serial, fork_announced.begin_time);
    if (!channel)
    {
        __atomic_add_fetch(&parent->children_unrecorded, 1, __ATOMIC_RELAXED);
        return false;
    }
    use_channel(channel);
    stack_tree_reset();
    modules_inherit(parent);
    return true;
}

// This process is a fresh copy of a recorded one: one thread, the parent's channel still mapped.
static bool start_in_child(void)
{
    struct wire_channel *parent = recorder.channel;
    size_t threads_bytes = recorder.ring_count * sizeof *recorder.threads;
    record_own.thread = NULL;
    bool is_made = make_own_channel(parent);
    if (!left_behind_is_any())
    {
        base_memory_clear(recorder.threads, threads_bytes);
        if (is_made)
            base_memory_unmap(parent, parent->file_bytes);
        return is_made;
    }
    left_behind_hold(parent, fork_announced.serial != 0 ? fork_announced.begin_time : 1);
    recorder.threads = base_memory_reserve(threads_bytes);
    return is_made && recorder.threads;
}

static void start(void)
{
    bool is_copy = recorder.has_session;
    bool is_started = is_copy ? start_in_child() : start_first();
    fork_announced.serial = 0;
    enum recorder_phase on = recorder.describe ? RECORDER_UNDESCRIBED : RECORDER_ACTIVE;
    set_phase(is_started ? on : RECORDER_OFF);
    if (is_started && !is_copy)
        modules_refresh();
}

bool recorder_begin(void)
{
    if (__atomic_load_n(&recorder.page->phase, __ATOMIC_ACQUIRE) != RECORDER_UNKNOWN)
        return recorder_is_on();
    // Starting takes allocation-free steps only, but a signal handler or another thread may come by: they skip. A copy
    // made by a fork while some other thread was starting has nobody to finish it, and stays unrecorded.
    if (__atomic_exchange_n(&recorder.is_starting, 1, __ATOMIC_ACQUIRE))
        return false;
    if (__atomic_load_n(&recorder.page->phase, __ATOMIC_ACQUIRE) == RECORDER_UNKNOWN)
        start();
    __atomic_store_n(&recorder.is_starting, 0, __ATOMIC_RELEASE);
    return recorder_is_on();
}

// A handler may fork while the heap is described: the child has its own to describe when it comes back.
bool recorder_wake(void)
{
    while (recorder_begin() && !recorder_is_active())
    {
        uint32_t undescribed = RECORDER_UNDESCRIBED;
        if (__atomic_compare_exchange_n(&recorder.page->phase, &undescribed, RECORDER_ACTIVE, false, __ATOMIC_ACQ_REL,
                                        __ATOMIC_RELAXED))
            recorder.describe();
    }
    return recorder_is_active();
}

void recorder_stop(void)
{
    set_phase(RECORDER_OFF);
}

bool recorder_tracer_is_gone(void)
{
    const struct wire_session *session = recorder.session;
    int life = __atomic_load_n(&session->tracer_life.__data.__lock, __ATOMIC_RELAXED);
    return life == 0 || ((unsigned int)life & FUTEX_OWNER_DIED) ||
           __atomic_load_n(&session->is_stopped, __ATOMIC_RELAXED);
}

void recorder_announce_fork(uint32_t serial, uint64_t time)
{
    fork_announced.serial = serial;
    fork_announced.begin_time = time;
    fork_announced.has_threads = !__libc_single_threaded;
}

void record_on_begin(void (*describe)(void))
{
    recorder.describe = describe;
}

bool record_is_active(void)
{
    return recorder_is_active_or_wakes();
}

void record_start(void)
{
    recorder_wake();
}

void record_start_stacks(void)
{
    if (recorder_is_on() && recorder.awaits_stacks)
        capture_open();
}

// The handler of a signal may have forked while it interrupted the allocator: the heap is described by the next event.
// Where there were threads, only an allocator without locks can have been interrupted; and new threads may come without
// an allocation, on stacks that are left, to make the next events all at once: the heap is described before.
void record_fork_child(void)
{
    if (fork_announced.has_threads)
        recorder_wake();
    else
        recorder_begin();
}

// In a child of vfork the memory is the parent's, whose life goes on.
static bool is_own_process(void)
{
    return recorder_is_on() && base_syscall3(SYS_getpid, 0, 0, 0) == recorder.channel->pid;
}

void record_exec_begin(const char *path)
{
    if (!recorder_is_on())
        return;
    if (path && base_syscall3(SYS_access, (uintptr_t)recorder.directory, X_OK | W_OK, 0) < 0)
        __atomic_add_fetch(&recorder.channel->children_unrecorded, 1, __ATOMIC_RELAXED);
    if (is_own_process())
        __atomic_store_n(&recorder.channel->life, WIRE_LIFE_EXEC, __ATOMIC_RELEASE);
}

void record_exec_failed(void)
{
    if (is_own_process())
        __atomic_store_n(&recorder.channel->life, WIRE_LIFE_RUNNING, __ATOMIC_RELEASE);
    else
        recorder.is_vfork_child_leaving = true;
}

// Makes no system call: a seccomp filter may forbid all but the exit itself. A child of vfork whose exec failed leaves
// while its parent, whose channel this is, lives on.
void record_exit(int status)
{
    if (!recorder_is_on())
        return;
    if (recorder.is_vfork_child_leaving)
    {
        recorder.is_vfork_child_leaving = false;
        return;
    }
    recorder.channel->exit_status = status & 0xff;
    __atomic_store_n(&recorder.channel->life, WIRE_LIFE_EXITED, __ATOMIC_RELEASE);
}

const char *record_session_directory(void)
{
    return recorder.has_session ? recorder.directory : NULL;
}
