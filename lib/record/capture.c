// SPDX-License-Identifier: MIT
// Capturing a call stack and giving it a node of the stack tree: by the incremental walk, and where that meets a frame
// that it cannot pass, by libunwind. The only file that knows libunwind.
//
// libunwind is opened at run time with RTLD_LOCAL: linked, its _Unwind_* symbols would replace libgcc's and take over
// the program's C++ exceptions. Its global cache is switched off: that cache's lock is held while it asks the dynamic
// loader, whose lock a thread may hold that allocates inside dlopen. The cache of its fast path is per thread and
// stays.
#define _GNU_SOURCE
#define UNW_LOCAL_ONLY
#include "record/recorder_internal.h"

#include <dlfcn.h>
#include <errno.h>
#include <libunwind.h>
#include <string.h>

static struct
{
    int (*backtrace)(void **frames, int capacity);
    uint64_t own_begin; // this library's code
    uint64_t own_end;
    uint32_t opening_stack; // of what the dynamic loader allocates while libunwind is opened; 0 at other times
    uint32_t is_tried;      // atomic flag
    bool is_open;
} unwinder;

static bool find(void *library, void *slot, const char *name)
{
    void *symbol = dlsym(library, name);
    memcpy(slot, &symbol, sizeof symbol);
    return symbol;
}

static void switch_global_cache_off(void *library)
{
    int (*set_caching_policy)(unw_addr_space_t space, unw_caching_policy_t policy);
    unw_addr_space_t *space = dlsym(library, "_ULx86_64_local_addr_space");
    if (space && find(library, &set_caching_policy, "_ULx86_64_set_caching_policy"))
        set_caching_policy(*space, UNW_CACHE_NONE);
}

static bool load(void)
{
    void *library = dlopen("libunwind.so.8", RTLD_NOW | RTLD_LOCAL);
    if (!library || !find(library, &unwinder.backtrace, "unw_backtrace"))
        return false;
    unwinder_calls_replace(library);
    switch_global_cache_off(library);
    return true;
}

void capture_open(void)
{
    if (__atomic_exchange_n(&unwinder.is_tried, 1, __ATOMIC_ACQUIRE))
        return;
    recorder.awaits_stacks = false;
    modules_range_around((uintptr_t)&unwinder, &unwinder.own_begin, &unwinder.own_end);
    uint32_t root = stack_tree_intern(0, recorder.channel->generation, 0);
    unwinder.opening_stack = stack_tree_intern(root, (uint64_t)(uintptr_t)capture_open + 1, 1);
    unwinder.is_open = load();
    unwinder.opening_stack = 0;
}

static uint32_t root_of(uint32_t generation, bool is_cut)
{
    return stack_tree_intern(0, generation, is_cut ? WIRE_STACK_CUT : 0);
}

// Captures by libunwind into the thread's scratch: the program's frames, innermost first.
static void **capture_by_libunwind(struct record_thread *thread, uint32_t *count, bool *is_cut)
{
    uint32_t depth_max = recorder.session->depth_max;
    int capacity = (int)depth_max + OWN_FRAMES_MAX;
    int saved_errno = errno;
    int got = unwinder.backtrace(thread->frames, capacity);
    errno = saved_errno;
    uint32_t captured = got > 0 ? (uint32_t)got : 0;
    uint32_t own = 0;
    while (own < captured && (uint64_t)thread->frames[own] - unwinder.own_begin < unwinder.own_end - unwinder.own_begin)
        own++;
    *count = captured - own;
    *is_cut = got == capacity || *count > depth_max;
    if (*count > depth_max)
        *count = depth_max;
    while (*count > 0 && !thread->frames[own + *count - 1])
        --*count;
    return thread->frames + own;
}

static uint32_t intern_frames(void *const *frames, uint32_t count, uint32_t root)
{
    uint32_t node = root;
    for (uint32_t depth = 1; depth <= count && node; depth++)
        node = stack_tree_intern(node, (uint64_t)frames[count - depth], depth);
    return node;
}

// Gives nodes to the frames of the kept stack that are new, from the outermost inwards.
static uint32_t intern_walk(struct walk_stack *stack, uint32_t known)
{
    uint32_t node = known > 0 ? stack->frames[known - 1].node : stack->root;
    for (uint32_t i = known; i < stack->count && node; i++)
        node = stack->frames[i].node = stack_tree_intern(node, stack->frames[i].return_address, i + 1);
    if (!node)
        stack->count = 0;
    return node;
}

// Compares the walk with libunwind.
static void verify(struct record_thread *thread)
{
    uint32_t count;
    bool is_cut;
    void **frames = capture_by_libunwind(thread, &count, &is_cut);
    const struct walk_stack *stack = &thread->stack;
    bool is_equal = count == stack->count;
    for (uint32_t i = 0; i < count && is_equal; i++)
        is_equal = (uint64_t)frames[i] == stack->frames[count - 1 - i].return_address;
    __atomic_add_fetch(&recorder.channel->verify_count, 1, __ATOMIC_RELAXED);
    if (!is_equal)
        __atomic_add_fetch(&recorder.channel->verify_differences, 1, __ATOMIC_RELAXED);
}

__attribute__((noinline)) uint32_t capture_stack(struct record_thread *thread, const void *frame)
{
    if (!unwinder.is_open)
        return unwinder.opening_stack;
    struct walk_stack *stack = &thread->stack;
    uint32_t generation = __atomic_load_n(&recorder.channel->generation, __ATOMIC_ACQUIRE);
    if (!stack->root || recorder.nodes[stack->root].address != generation)
    {
        stack->count = 0;
        stack->root = root_of(generation, false);
    }
    uint32_t known;
    if (walk_outwards(stack, frame, generation, recorder.session->depth_max, &known) == WALK_DONE)
    {
        if (recorder.session->stacks == WIRE_STACKS_VERIFY)
            verify(thread);
        return intern_walk(stack, known);
    }
    // libunwind blocks signals by a system call, which a seccomp filter may punish by death.
    if (__atomic_load_n(&recorder.session->waits_spin, __ATOMIC_RELAXED))
        return 0;
    uint32_t count;
    bool is_cut;
    void **frames = capture_by_libunwind(thread, &count, &is_cut);
    return intern_frames(frames, count, root_of(generation, is_cut));
}
