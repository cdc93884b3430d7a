// SPDX-License-Identifier: MIT
// The incremental walk over stacks that are built by hand, with rules that the test tells: which frames it finds, what
// it takes for unchanged, and that it never reads where nothing is.
#define _GNU_SOURCE
#include "record/walk.h"

#include "wire/channel.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
// cmocka needs the three above.
#include <cmocka.h>
#include <sys/mman.h>

enum
{
    DEPTH_MAX = 100,
    STACK_WORDS = 2 * WIRE_PAGE_BYTES / 8,
    NOTHING_BYTES = 2 << 20, // after them, further than a rule leads: a sanitizer would have put something there
    ROOT = 1,
    GENERATION = 1,
};

// Return addresses, by the rule that leads on from them.
enum place
{
    PLACE_FIRST = 16,
    PLAIN_4 = PLACE_FIRST, // CFA = rsp + 32
    PLAIN_4_AGAIN,
    SAVES_RBP_4,  // the same, rbp saved right below the return address
    FROM_RBP,     // CFA = rbp + 16, rbp saved there
    REALIGNED,    // CFA = the word at rbp - 8, rbp saved at rbp
    OUTERMOST,    // the last frame
    NOT_WALKABLE, // ask libunwind
    HUGE,         // CFA = rsp + 1 MiB
    PLACE_END,
};

static const struct unwind_rule rules[PLACE_END] = {
    [PLAIN_4] = {.kind = UNWIND_FROM_RSP, .cfa_offset = 32},
    [PLAIN_4_AGAIN] = {.kind = UNWIND_FROM_RSP, .cfa_offset = 32},
    [SAVES_RBP_4] = {.kind = UNWIND_FROM_RSP, .cfa_offset = 32, .rbp_kind = UNWIND_RBP_FROM_CFA, .rbp_offset = -16},
    [FROM_RBP] = {.kind = UNWIND_FROM_RBP, .cfa_offset = 16, .rbp_kind = UNWIND_RBP_FROM_CFA, .rbp_offset = -16},
    [REALIGNED] = {.kind = UNWIND_AT_RBP, .cfa_offset = -8, .rbp_kind = UNWIND_RBP_FROM_RBP, .rbp_offset = 0},
    [OUTERMOST] = {.kind = UNWIND_END},
    [NOT_WALKABLE] = {.kind = UNWIND_HARD},
    [HUGE] = {.kind = UNWIND_FROM_RSP, .cfa_offset = 1 << 20},
};

uint64_t unwind_rule_for_return(uint64_t return_address, uint32_t generation)
{
    assert_int_equal(generation, GENERATION);
    assert_in_range(return_address, PLAIN_4, PLACE_END - 1);
    return unwind_rule_word(rules[return_address]);
}

static uint32_t nodes_asked;
static bool is_tree_full;

// The walk's own table stays empty: the tree is asked for each frame that is new.
uint32_t walk_nodes_ask_tree(struct walk_node *entry, uint32_t parent, uint64_t address, uint32_t depth)
{
    (void)entry;
    assert_true(parent != 0 || is_tree_full);
    assert_in_range(address, PLACE_FIRST, PLACE_END - 1);
    assert_in_range(depth, 1, DEPTH_MAX);
    nodes_asked++;
    return is_tree_full ? 0 : ROOT + nodes_asked;
}

static struct walk_stack stack;
static struct walk_nodes nodes;
static uint64_t *words;          // of the stack that is walked; nothing can be read from words + STACK_WORDS on
static const uint32_t is_silent; // no

static int make_stack(void **state)
{
    (void)state;
    char *pages = mmap(NULL, STACK_WORDS * 8 + NOTHING_BYTES, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages == MAP_FAILED || mprotect(pages, STACK_WORDS * 8, PROT_READ | PROT_WRITE) != 0)
        return -1;
    words = (uint64_t *)pages;
    memset(&stack, 0, sizeof stack);
    walk_begin(&stack, GENERATION, ROOT, DEPTH_MAX, &is_silent);
    return 0;
}

static int drop_stack(void **state)
{
    (void)state;
    return munmap(words, STACK_WORDS * 8 + NOTHING_BYTES);
}

static uint64_t address_of(uint32_t word)
{
    return (uintptr_t)&words[word];
}

// The kept frame of that number, the innermost is 0.
static const struct walk_word *frame_number(uint32_t number)
{
    struct walk_word *frame = walk_frame_from(stack.first);
    for (uint32_t i = 0; i < number; i++)
        frame = walk_frame_from(frame + 1);
    return frame;
}

// A walk from there; its frames, innermost first, are the given ones, and the outer `known` of them were known before.
static void assert_walk(uint32_t entry, uint32_t known, uint32_t count, const uint64_t *places)
{
    nodes_asked = 0;
    assert_int_equal(walk_outwards(&stack, &nodes, &words[entry]), WALK_DONE);
    assert_int_equal(walk_depth(stack.first), count);
    assert_int_equal(count - nodes_asked, known);
    for (uint32_t i = 0; i < count; i++)
        assert_int_equal(frame_number(i)->content, places[i]);
}

#define PLACES(...)                                                                                                    \
    sizeof((uint64_t[]){__VA_ARGS__}) / sizeof(uint64_t), (const uint64_t[])                                           \
    {                                                                                                                  \
        __VA_ARGS__                                                                                                    \
    }

// Four frames: the entry's return address at words[1], the others' four words further out each.
static void build_plain(void)
{
    words[1] = PLAIN_4;
    words[5] = SAVES_RBP_4;
    words[9] = PLAIN_4_AGAIN;
    words[13] = OUTERMOST;
}

static void finds_frames_by_the_rules(void **state)
{
    (void)state;
    build_plain();
    assert_walk(0, 0, PLACES(PLAIN_4, SAVES_RBP_4, PLAIN_4_AGAIN, OUTERMOST));
    assert_ptr_equal(frame_number(3)->slot, &words[13]);
}

static void unchanged_stack_is_known(void **state)
{
    (void)state;
    build_plain();
    assert_walk(0, 0, PLACES(PLAIN_4, SAVES_RBP_4, PLAIN_4_AGAIN, OUTERMOST));
    assert_walk(0, 4, PLACES(PLAIN_4, SAVES_RBP_4, PLAIN_4_AGAIN, OUTERMOST));
    words[3] = 12345; // a local variable
    words[8] = 54321; // a saved rbp that nobody needs
    assert_walk(0, 4, PLACES(PLAIN_4, SAVES_RBP_4, PLAIN_4_AGAIN, OUTERMOST));
}

static void new_inner_frame_stands_on_known_ones(void **state)
{
    (void)state;
    build_plain();
    assert_walk(4, 0, PLACES(SAVES_RBP_4, PLAIN_4_AGAIN, OUTERMOST));
    assert_walk(0, 3, PLACES(PLAIN_4, SAVES_RBP_4, PLAIN_4_AGAIN, OUTERMOST));
    assert_walk(4, 3, PLACES(SAVES_RBP_4, PLAIN_4_AGAIN, OUTERMOST)); // and left it
    words[1] = PLAIN_4_AGAIN;
    assert_walk(0, 3, PLACES(PLAIN_4_AGAIN, SAVES_RBP_4, PLAIN_4_AGAIN, OUTERMOST));
}

static void changed_outer_frame_is_noticed_behind_unchanged_ones(void **state)
{
    (void)state;
    build_plain();
    assert_walk(0, 0, PLACES(PLAIN_4, SAVES_RBP_4, PLAIN_4_AGAIN, OUTERMOST));
    words[9] = PLAIN_4;
    assert_walk(0, 1, PLACES(PLAIN_4, SAVES_RBP_4, PLAIN_4, OUTERMOST));
    words[13] = PLAIN_4_AGAIN;
    words[17] = OUTERMOST;
    assert_walk(0, 0, PLACES(PLAIN_4, SAVES_RBP_4, PLAIN_4, PLAIN_4_AGAIN, OUTERMOST));
}

// The frame at words[9] goes on by the rbp that the frame further in saved at words[8].
static void build_on_rbp(uint64_t place, uint32_t rbp_word)
{
    words[1] = PLAIN_4;
    words[5] = SAVES_RBP_4;
    words[8] = address_of(rbp_word);
    words[9] = place;
}

static void saved_rbp_counts_where_it_is_needed(void **state)
{
    (void)state;
    build_on_rbp(FROM_RBP, 20);
    words[21] = OUTERMOST;
    words[31] = OUTERMOST;
    assert_walk(0, 0, PLACES(PLAIN_4, SAVES_RBP_4, FROM_RBP, OUTERMOST));
    assert_walk(0, 4, PLACES(PLAIN_4, SAVES_RBP_4, FROM_RBP, OUTERMOST));
    words[8] = address_of(30);
    assert_walk(0, 0, PLACES(PLAIN_4, SAVES_RBP_4, FROM_RBP, OUTERMOST));
    assert_ptr_equal(frame_number(3)->slot, &words[31]);
}

// The same frame, reached from one that leaves rbp alone: the register counts.
static void rbp_in_the_register_counts_where_it_is_needed(void **state)
{
    (void)state;
    words[0] = address_of(20);
    words[1] = PLAIN_4;
    words[5] = FROM_RBP;
    words[21] = OUTERMOST;
    words[31] = OUTERMOST;
    assert_walk(0, 0, PLACES(PLAIN_4, FROM_RBP, OUTERMOST));
    words[0] = address_of(30);
    assert_walk(0, 0, PLACES(PLAIN_4, FROM_RBP, OUTERMOST));
    assert_ptr_equal(frame_number(2)->slot, &words[31]);
}

// A function that realigns its stack can be called again at the same aligned place from another one.
static void place_kept_by_a_realigned_frame_counts(void **state)
{
    (void)state;
    build_on_rbp(REALIGNED, 20);
    words[19] = address_of(30);
    words[29] = OUTERMOST;
    words[27] = PLAIN_4;
    words[31] = OUTERMOST;
    assert_walk(0, 0, PLACES(PLAIN_4, SAVES_RBP_4, REALIGNED, OUTERMOST));
    assert_walk(0, 4, PLACES(PLAIN_4, SAVES_RBP_4, REALIGNED, OUTERMOST));
    words[19] = address_of(28);
    assert_walk(0, 0, PLACES(PLAIN_4, SAVES_RBP_4, REALIGNED, PLAIN_4, OUTERMOST));
}

static void place_that_a_realigned_frame_kept_before_is_not_read(void **state)
{
    (void)state;
    const uint32_t place = WIRE_PAGE_BYTES / 8 + 8; // on the second page
    build_on_rbp(REALIGNED, 20);
    words[19] = address_of(place);
    words[place - 1] = OUTERMOST;
    assert_walk(0, 0, PLACES(PLAIN_4, SAVES_RBP_4, REALIGNED, OUTERMOST));
    assert_int_equal(mprotect((char *)words + WIRE_PAGE_BYTES, WIRE_PAGE_BYTES, PROT_NONE), 0);
    words[19] = address_of(30);
    words[29] = OUTERMOST;
    assert_walk(0, 0, PLACES(PLAIN_4, SAVES_RBP_4, REALIGNED, OUTERMOST));
}

// A stack may also end with no return address.
static void word_after_the_last_frame_counts(void **state)
{
    (void)state;
    words[1] = PLAIN_4;
    words[5] = PLAIN_4_AGAIN;
    words[9] = 0;
    assert_walk(0, 0, PLACES(PLAIN_4, PLAIN_4_AGAIN));
    assert_walk(0, 2, PLACES(PLAIN_4, PLAIN_4_AGAIN));
    words[9] = OUTERMOST;
    assert_walk(0, 0, PLACES(PLAIN_4, PLAIN_4_AGAIN, OUTERMOST));
}

static void hard_frame_keeps_nothing(void **state)
{
    (void)state;
    build_plain();
    assert_walk(0, 0, PLACES(PLAIN_4, SAVES_RBP_4, PLAIN_4_AGAIN, OUTERMOST));
    words[9] = NOT_WALKABLE;
    assert_int_equal(walk_outwards(&stack, &nodes, words), WALK_HARD);
    assert_int_equal(walk_depth(stack.first), 0);
    words[9] = PLAIN_4_AGAIN;
    assert_walk(0, 0, PLACES(PLAIN_4, SAVES_RBP_4, PLAIN_4_AGAIN, OUTERMOST));
}

static void more_frames_than_wanted_are_told(void **state)
{
    (void)state;
    build_plain();
    walk_begin(&stack, GENERATION, ROOT, 3, &is_silent);
    assert_int_equal(walk_outwards(&stack, &nodes, words), WALK_DEEP);
    assert_int_equal(walk_outwards(&stack, &nodes, &words[4]), WALK_DONE);
    assert_int_equal(walk_outwards(&stack, &nodes, words), WALK_DEEP); // three of the four are known
}

static void no_address_after_as_many_frames_as_wanted_is_their_end(void **state)
{
    (void)state;
    walk_begin(&stack, GENERATION, ROOT, 2, &is_silent);
    words[1] = PLAIN_4;
    words[5] = PLAIN_4_AGAIN;
    words[9] = 0;
    assert_walk(0, 0, PLACES(PLAIN_4, PLAIN_4_AGAIN));
    assert_walk(0, 2, PLACES(PLAIN_4, PLAIN_4_AGAIN));
}

static void node_is_that_of_the_innermost_frame(void **state)
{
    (void)state;
    build_plain();
    assert_walk(4, 0, PLACES(SAVES_RBP_4, PLAIN_4_AGAIN, OUTERMOST));
    assert_int_equal(walk_frame_of(stack.first)->node, ROOT + 3);
    assert_walk(8, 2, PLACES(PLAIN_4_AGAIN, OUTERMOST));
    assert_int_equal(walk_frame_of(stack.first)->node, ROOT + 2);
    words[1] = 0;
    assert_walk(0, 0, 0, NULL);
    assert_int_equal(walk_frame_of(stack.first)->node, ROOT);
}

static void full_tree_gives_no_node(void **state)
{
    (void)state;
    build_plain();
    is_tree_full = true;
    assert_int_equal(walk_outwards(&stack, &nodes, words), WALK_DONE);
    is_tree_full = false;
    assert_int_equal(walk_frame_of(stack.first)->node, 0);
    walk_forget(&stack);
    assert_walk(0, 0, PLACES(PLAIN_4, SAVES_RBP_4, PLAIN_4_AGAIN, OUTERMOST));
}

static void walk_off_the_stack_reads_nothing(void **state)
{
    (void)state;
    words[1] = PLAIN_4;
    words[5] = HUGE;
    assert_int_equal(walk_outwards(&stack, &nodes, words), WALK_HARD);
    for (uint32_t word = 1; word < STACK_WORDS; word += 4) // the last one leads on beyond the end
        words[word] = PLAIN_4;
    assert_int_equal(walk_outwards(&stack, &nodes, &words[STACK_WORDS - 4 * 20]), WALK_HARD);
    build_on_rbp(FROM_RBP, STACK_WORDS + 8);
    assert_int_equal(walk_outwards(&stack, &nodes, words), WALK_HARD);
    build_on_rbp(REALIGNED, STACK_WORDS + 1);
    assert_int_equal(walk_outwards(&stack, &nodes, words), WALK_HARD);
}

// Where the stack was, another one may be now that ends earlier.
static void kept_word_is_not_read_behind_a_changed_one(void **state)
{
    (void)state;
    const uint32_t last = WIRE_PAGE_BYTES / 8 - 3; // on the first page; the next one of four is on the second
    words[last] = PLAIN_4;
    words[last + 4] = PLAIN_4_AGAIN;
    words[last + 8] = OUTERMOST;
    words[last - 4] = SAVES_RBP_4;
    words[last - 8] = PLAIN_4;
    assert_walk(last - 9, 0, PLACES(PLAIN_4, SAVES_RBP_4, PLAIN_4, PLAIN_4_AGAIN, OUTERMOST));
    assert_int_equal(mprotect((char *)words + WIRE_PAGE_BYTES, WIRE_PAGE_BYTES, PROT_NONE), 0);
    words[last - 4] = PLAIN_4_AGAIN;
    words[last] = OUTERMOST;
    assert_walk(last - 9, 0, PLACES(PLAIN_4, PLAIN_4_AGAIN, OUTERMOST));
}

#define ON_A_STACK(name) cmocka_unit_test_setup_teardown(name, make_stack, drop_stack)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_A_STACK(finds_frames_by_the_rules),
        ON_A_STACK(unchanged_stack_is_known),
        ON_A_STACK(new_inner_frame_stands_on_known_ones),
        ON_A_STACK(changed_outer_frame_is_noticed_behind_unchanged_ones),
        ON_A_STACK(saved_rbp_counts_where_it_is_needed),
        ON_A_STACK(rbp_in_the_register_counts_where_it_is_needed),
        ON_A_STACK(place_kept_by_a_realigned_frame_counts),
        ON_A_STACK(place_that_a_realigned_frame_kept_before_is_not_read),
        ON_A_STACK(word_after_the_last_frame_counts),
        ON_A_STACK(hard_frame_keeps_nothing),
        ON_A_STACK(more_frames_than_wanted_are_told),
        ON_A_STACK(no_address_after_as_many_frames_as_wanted_is_their_end),
        ON_A_STACK(node_is_that_of_the_innermost_frame),
        ON_A_STACK(full_tree_gives_no_node),
        ON_A_STACK(walk_off_the_stack_reads_nothing),
        ON_A_STACK(kept_word_is_not_read_behind_a_changed_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
