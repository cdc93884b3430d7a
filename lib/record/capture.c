// SPDX-License-Identifier: MIT
// Capturing a call stack by libunwind, and giving it a node of the stack tree. The only file that knows libunwind.
//
// libunwind is opened at run time with RTLD_LOCAL: linked, its _Unwind_* symbols would replace libgcc's and take over
// the program's C++ exceptions. Its global cache is switched off: that cache's lock is held while it asks the dynamic
// loader, whose lock a thread may hold that allocates inside dlopen. The cache of its fast path is per thread and
// stays.
#define _GNU_SOURCE
#define UNW_LOCAL_ONLY
#include "record/recorder_internal.h"

#include <dlfcn.h>
#include <libunwind.h>
#include <string.h>

enum
{
    OWN_FRAMES_MAX = 8, // our own frames above the program's
    CAPTURE_MAX = WIRE_DEPTH_LIMIT + OWN_FRAMES_MAX,
};

static struct
{
    int (*backtrace)(void **frames, int capacity);
    int (*get_context)(unw_context_t *context);
    int (*init_local)(unw_cursor_t *cursor, unw_context_t *context);
    int (*step)(unw_cursor_t *cursor);
    int (*get_register)(unw_cursor_t *cursor, unw_regnum_t number, unw_word_t *value);
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
    if (!library || !find(library, &unwinder.backtrace, "unw_backtrace") ||
        !find(library, &unwinder.get_context, "_Ux86_64_getcontext") ||
        !find(library, &unwinder.init_local, "_ULx86_64_init_local") ||
        !find(library, &unwinder.step, "_ULx86_64_step") || !find(library, &unwinder.get_register, "_ULx86_64_get_reg"))
        return false;
    switch_global_cache_off(library);
    return true;
}

bool capture_is_open(void)
{
    return unwinder.is_open;
}

void capture_open(void)
{
    if (__atomic_exchange_n(&unwinder.is_tried, 1, __ATOMIC_ACQUIRE))
        return;
    modules_range_around((uintptr_t)&unwinder, &unwinder.own_begin, &unwinder.own_end);
    uint32_t root = stack_tree_intern(0, recorder.channel->generation, 0);
    unwinder.opening_stack = stack_tree_intern(root, (uint64_t)(uintptr_t)capture_open + 1, 1);
    unwinder.is_open = load();
    unwinder.opening_stack = 0;
}

// Frames from the innermost of the program outwards: ours, on top, are skipped.
static size_t skip_own(void **frames, size_t count)
{
    size_t own = 0;
    while (own < count && (uint64_t)frames[own] - unwinder.own_begin < unwinder.own_end - unwinder.own_begin)
        own++;
    return own;
}

// The slow walk, step by step, for comparison.
__attribute__((noinline)) static size_t walk_by_steps(void **frames, size_t capacity)
{
    unw_context_t context;
    unw_cursor_t cursor;
    size_t count = 0;
    unwinder.get_context(&context);
    if (unwinder.init_local(&cursor, &context) < 0)
        return 0;
    while (count < capacity && unwinder.step(&cursor) > 0)
    {
        unw_word_t address = 0;
        if (unwinder.get_register(&cursor, UNW_REG_IP, &address) < 0 || !address)
            break;
        frames[count++] = (void *)address;
    }
    return count;
}

// Compares the fast walk with the slow one. Both start in this library, at different places: only the program's frames
// count.
static void verify(void **frames, size_t count, size_t capacity)
{
    void *slow[CAPTURE_MAX];
    size_t slow_count = walk_by_steps(slow, capacity);
    size_t own = skip_own(slow, slow_count);
    size_t slow_frames = slow_count - own;
    size_t compared = slow_frames < count ? slow_frames : count;
    // At the depth limit the two may be cut at different frames.
    bool is_cut = slow_count == capacity || count + OWN_FRAMES_MAX >= capacity;
    bool is_equal = (slow_frames == count || is_cut) && memcmp(slow + own, frames, compared * sizeof *frames) == 0;
    __atomic_add_fetch(&recorder.channel->verify_count, 1, __ATOMIC_RELAXED);
    if (!is_equal)
        __atomic_add_fetch(&recorder.channel->verify_differences, 1, __ATOMIC_RELAXED);
}

// The root under which stacks of the current code generation stand; forgets the cached stack if it changes.
static uint32_t root_for(struct record_thread *thread, bool is_cut)
{
    uint32_t generation = __atomic_load_n(&recorder.channel->generation, __ATOMIC_ACQUIRE);
    uint32_t root = thread->cached_root;
    const struct wire_stack_node *node = &recorder.nodes[root];
    uint32_t depth = is_cut ? WIRE_STACK_CUT : 0;
    if (root && node->address == generation && node->depth == depth)
        return root;
    thread->cached_count = 0;
    return thread->cached_root = stack_tree_intern(0, generation, depth);
}

// Interns from the outermost frame inwards, starting where the stack differs from the last one of this thread.
static uint32_t intern(struct record_thread *thread, void **frames, uint32_t count, bool is_cut)
{
    uint32_t node = root_for(thread, is_cut);
    uint32_t depth = 0;
    while (depth < count && depth < thread->cached_count &&
           thread->cached_frames[depth] == (uint64_t)frames[count - 1 - depth])
        depth++;
    if (depth > 0)
        node = thread->cached_nodes[depth - 1];
    for (; depth < count && node; depth++)
    {
        uint64_t address = (uint64_t)frames[count - 1 - depth];
        node = stack_tree_intern(node, address, depth + 1);
        thread->cached_frames[depth] = address;
        thread->cached_nodes[depth] = node;
    }
    thread->cached_count = node ? count : 0;
    return node;
}

uint32_t capture_stack(struct record_thread *thread)
{
    if (!unwinder.is_open)
        return unwinder.opening_stack;
    void *frames[CAPTURE_MAX];
    size_t capacity = recorder.session->depth_max + OWN_FRAMES_MAX;
    int got = unwinder.backtrace(frames, (int)capacity);
    size_t captured = got > 0 ? (size_t)got : 0;
    size_t own = skip_own(frames, captured);
    size_t count = captured - own;
    if (recorder.session->stacks == WIRE_STACKS_VERIFY)
        verify(frames + own, count, capacity);
    bool is_cut = captured == capacity || count > recorder.session->depth_max;
    if (count > recorder.session->depth_max)
        count = recorder.session->depth_max;
    while (count > 0 && !frames[own + count - 1])
        count--;
    return intern(thread, frames + own, (uint32_t)count, is_cut);
}
