// SPDX-License-Identifier: MIT
// Capturing a call stack and giving it a node of the stack tree: by the incremental walk, and where that meets a frame
// that it cannot pass, by libunwind. The only file that knows libunwind.
//
// libunwind is opened at run time with RTLD_LOCAL: linked, its _Unwind_* symbols would replace libgcc's and take over
// the program's C++ exceptions. Its global cache is switched off: that cache's lock is held while it asks the dynamic
// loader, whose lock a thread may hold that allocates inside dlopen. The cache of its fast path is per thread and
// never forgets: once code has gone, what stands at its address is unwound step by step, which remembers nothing.
#define _GNU_SOURCE
#define UNW_LOCAL_ONLY
#include "base/memory.h"
#include "record/clock.h"
#include "record/recorder_internal.h"

#include <assert.h>
#include <dlfcn.h>
#include <errno.h>
#include <libunwind.h>
#include <string.h>

enum
{
    VERIFY_BY_STEPS_EACH = 64, // stacks captured both ways
};

static struct
{
    int (*backtrace)(void **frames, int capacity);
    int (*get_context)(unw_context_t *context);
    int (*init)(unw_cursor_t *cursor, unw_context_t *context);
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
        !find(library, &unwinder.init, "_ULx86_64_init_local") || !find(library, &unwinder.step, "_ULx86_64_step") ||
        !find(library, &unwinder.get_register, "_ULx86_64_get_reg"))
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

// What libunwind found: the program's frames, innermost first, in the thread's scratch.
struct unwound
{
    void **frames;
    uint32_t count;
    bool is_cut;
};

struct unwinding
{
    unw_context_t context;
    unw_cursor_t cursor;
};

static_assert(sizeof(struct unwinding) <= UNWINDING_BYTES, "it fits into a thread's scratch");

// Like unw_backtrace, but each frame's call-frame information is looked up anew. A return address of 0 is the end; what
// libunwind guesses beyond it is no frame.
static int unwind_by_steps(struct record_thread *thread, int capacity)
{
    struct unwinding *at = (struct unwinding *)thread->unwinding;
    unw_word_t pc;
    int count = 0;
    unwinder.get_context(&at->context);
    if (unwinder.init(&at->cursor, &at->context) < 0)
        return 0;
    while (count < capacity && unwinder.step(&at->cursor) > 0 &&
           unwinder.get_register(&at->cursor, UNW_REG_IP, &pc) == 0 && pc != 0)
        thread->frames[count++] = (void *)(uintptr_t)pc;
    return count;
}

static struct unwound unwind_with(struct record_thread *thread, bool is_by_steps)
{
    uint32_t depth_max = recorder.session->depth_max;
    int capacity = (int)depth_max + OWN_FRAMES_MAX;
    int saved_errno = errno;
    int got = is_by_steps ? unwind_by_steps(thread, capacity) : unwinder.backtrace(thread->frames, capacity);
    errno = saved_errno;
    uint32_t captured = got > 0 ? (uint32_t)got : 0;
    uint32_t own = 0;
    while (own < captured && (uint64_t)thread->frames[own] - unwinder.own_begin < unwinder.own_end - unwinder.own_begin)
        own++;
    struct unwound unwound = {.frames = thread->frames + own, .count = captured - own};
    unwound.is_cut = got == capacity || unwound.count > depth_max;
    if (unwound.count > depth_max)
        unwound.count = depth_max;
    while (unwound.count > 0 && !unwound.frames[unwound.count - 1])
        unwound.count--;
    return unwound;
}

static struct unwound unwind(struct record_thread *thread, uint32_t generation)
{
    return unwind_with(thread, generation != 1);
}

static uint32_t intern_frames(void *const *frames, uint32_t count, uint32_t root)
{
    uint32_t node = root;
    for (uint32_t depth = 1; depth <= count && node; depth++)
        node = stack_tree_intern(node, (uint64_t)frames[count - depth], depth);
    return node;
}

static bool agrees(struct walk_stack *stack, const struct unwound *unwound)
{
    struct walk_word *walked = stack->first;
    bool is_equal = unwound->count == walk_depth(walked);
    for (uint32_t i = 0; i < unwound->count && is_equal; i++, walked++)
    {
        walked = walk_frame_from(walked);
        is_equal = (uint64_t)unwound->frames[i] == walked->content;
    }
    return is_equal;
}

// Compares the walk with libunwind; where its fast path sees something else, libunwind step by step is the judge. So it
// is now and then in any case: the fast path could remember the same code as the walk, when that is gone.
static bool is_verified(struct record_thread *thread, struct unwound *unwound)
{
    uint64_t number = __atomic_fetch_add(&recorder.channel->verify_count, 1, __ATOMIC_RELAXED);
    *unwound = unwind_with(thread, false);
    if (number % VERIFY_BY_STEPS_EACH != 0 && agrees(&thread->stack, unwound))
        return true;
    *unwound = unwind_with(thread, true);
    return agrees(&thread->stack, unwound);
}

// NULL: no more are kept, or there is no memory for them.
static struct wire_difference *difference_record(uint64_t number)
{
    char *page = (char *)recorder.channel + recorder.channel->differences_offset;
    if (number >= WIRE_DIFFERENCES_MAX || !base_memory_populate(page, WIRE_PAGE_BYTES))
        return NULL;
    return (struct wire_difference *)page + number;
}

static void keep_difference(const struct record_thread *thread, uint32_t walked, const struct unwound *unwound,
                            uint32_t generation)
{
    uint64_t number = __atomic_fetch_add(&recorder.channel->verify_differences, 1, __ATOMIC_RELAXED);
    struct wire_difference *difference = difference_record(number);
    if (!difference)
        return;
    difference->time = clock_stamp(thread->clock);
    difference->walked = walked;
    difference->unwound = intern_frames(unwound->frames, unwound->count, root_of(generation, unwound->is_cut));
    difference->tid = thread->ring->tid;
    __atomic_store_n(&difference->is_complete, 1, __ATOMIC_RELEASE);
}

// libunwind blocks signals by a system call, which a seccomp filter may punish by death.
static bool may_unwind(void)
{
    return !__atomic_load_n(&recorder.session->waits_spin, __ATOMIC_RELAXED);
}

__attribute__((noinline)) static void verify(struct record_thread *thread, uint32_t walked)
{
    struct unwound unwound;
    if (may_unwind() && !is_verified(thread, &unwound))
        keep_difference(thread, walked, &unwound, thread->stack.generation);
}

// Where the walk cannot pass.
__attribute__((noinline)) static uint32_t intern_unwound(struct record_thread *thread)
{
    uint32_t generation = thread->stack.generation;
    if (!may_unwind())
        return 0;
    struct unwound unwound = unwind(thread, generation);
    return intern_frames(unwound.frames, unwound.count, root_of(generation, unwound.is_cut));
}

__attribute__((noinline)) uint32_t capture_stack(struct record_thread *thread, const void *frame)
{
    struct walk_stack *stack = &thread->stack;
    uint32_t generation = __atomic_load_n(&recorder.channel->generation, __ATOMIC_ACQUIRE);
    if (__builtin_expect(stack->generation != generation, 0))
    {
        if (!unwinder.is_open)
            return unwinder.opening_stack;
        walk_begin(stack, generation, root_of(generation, false), recorder.session->depth_max,
                   &recorder.session->waits_spin);
    }
    if (__builtin_expect(walk_outwards(stack, &thread->nodes, frame) != WALK_DONE, 0))
        return intern_unwound(thread);
    uint32_t node = walk_frame_of(stack->first)->node;
    if (__builtin_expect(recorder.session->stacks == WIRE_STACKS_VERIFY, 0))
        verify(thread, node);
    if (__builtin_expect(!node, 0))
        walk_forget(stack);
    return node;
}
