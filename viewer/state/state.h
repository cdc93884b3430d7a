// SPDX-License-Identifier: MIT
// What the user looks at: one plain value, the same in the terminal and in the browser, and as text in a link.
#ifndef HEAPREEL_VIEWER_STATE_H
#define HEAPREEL_VIEWER_STATE_H

#include "reel/measure.h"

#include <stdbool.h>
#include <stdint.h>

// In the order of their tabs.
enum page_number
{
    PAGE_OVERVIEW = 0,
    PAGE_CLASSES,
    PAGE_MAP,
    PAGE_STACKS,
    PAGE_SITES,
    PAGE_LIFETIMES,
    PAGE_BLOCKS,
    PAGE_FINDINGS,
    PAGE_PROCESSES,
    PAGE_COUNT,
};

// What stacks and sites are of.
enum state_mode
{
    MODE_MOMENT = 0,     // the measure at the moment
    MODE_DIFFERENCE = 1, // of the measure, from A to B; what is not set is the moment
    MODE_ALLOCATED = 2,  // enum reel_range_verb + 1, from A to B
    MODE_FREED = 3,
    MODE_ALIVE = 4,
    MODE_UNFREED = 5,
};

#define STATE_NO_EVENT UINT64_MAX
#define STATE_SEARCH_BYTES 64

// What is selected in any page is highlighted in all. Several may be: a class, a stack and a page of memory.
struct selection
{
    bool has_class;
    uint32_t class_number;
    bool has_stack;
    uint32_t stack;
    bool has_address;
    uint32_t process; // of the address
    uint64_t address;
    uint64_t bytes; // from it on
};

// What passes is shown, the rest is grey or left out. An empty filter lets all pass.
struct filter
{
    bool has_class;
    uint32_t class_number;
    uint64_t least_bytes;              // requested
    uint64_t most_bytes;               // 0 = no bound
    char function[STATE_SEARCH_BYTES]; // a part of the name of a function in the stack; "" = any
};

// How call trees are drawn in the browser. The terminal has one way, and keeps what a link says for the way back.
enum state_shape
{
    SHAPE_BOTH = 0, // icicle and table
    SHAPE_ICICLE,
    SHAPE_FLAMES,
    SHAPE_TABLE,
    SHAPE_COUNT,
};

struct state
{
    uint64_t moment; // events
    uint64_t mark_a; // events, or STATE_NO_EVENT
    uint64_t mark_b;
    uint64_t zoom_begin_ns; // what the timeline shows
    uint64_t zoom_end_ns;   // UINT64_MAX: to the end
    uint32_t process;       // 0 = all
    enum page_number page;
    enum reel_measure measure;
    enum state_mode mode;
    bool is_inverted;      // callees first
    bool shows_all_frames; // of call trees those too that are hidden; the browser's, as the next two
    enum state_shape shape;
    uint32_t focus; // the browser's number of the path to the frame that fills a call tree's width; 0 = none
    bool is_following;
    struct selection selection;
    struct filter filter;
    char search[STATE_SEARCH_BYTES];
};

void state_init(struct state *state);

// overview, classes, map, stacks, sites, lifetimes, blocks, findings, processes
const char *page_name(enum page_number page);
const char *page_title(enum page_number page); // for its tab
bool page_parse(const char *name, enum page_number *page);
// "moment", "difference", and the verbs of ranges.
const char *state_mode_name(enum state_mode mode);
// both, icicle, flames, table
const char *state_shape_name(enum state_shape shape);

// "v=1&t=#1000&a=#10&b=begin&p=stacks&m=pinned&mode=difference&invert=1&allframes=1&shape=icicle&focus=0012abcd
// &process=2&z=1.5s..end&follow=1&sel=class:48,stack:12,at:2/0x7f00+4096&f=...&s=..." into text, without the line
// break. sel=class has the class's number, at the process, if it is not 0, the address and the bytes. Events are
// written as numbers, so that the reel is not needed: #N is after event N, "begin" before the first. Names that
// somebody typed are written as in a URL, other bytes than letters, digits and -._~ as %20. Fields that have their
// defaults are left out, but for v, t and p.
#define STATE_TEXT_BYTES 1024
void state_print(const struct state *state, char text[STATE_TEXT_BYTES]);
// Takes what state_print gives, and moments in all their forms. Fields that it does not name stay. A version or field
// that is not known is REEL_E_ARGUMENT with a line that says what is, and the state stays as it was. What only the
// browser has is let pass, so that its links can be pasted: the fields reel, other, colour, columns, sort and q are
// skipped unread, of any length, and its pages compare, sql and export become the overview.
int state_parse(struct state *state, struct reel_reader *reader, const char *text, struct reel_error *error);
// A moment in one of the forms of reel_moment_parse, or "begin".
int state_parse_moment(struct reel_reader *reader, const char *text, uint64_t *events, struct reel_error *error);

// "class:48 size:64-1k fn:parse": the filter that a user types, and back. A class is named as class_size does, by a
// usable size in it, or by its number as class:#12, which is what is printed where replay is NULL. What is not named
// passes. REEL_E_ARGUMENT, with a line that says what is known: the filter stays as it was.
int filter_parse(struct filter *filter, const struct reel_replay *replay, const char *text, struct reel_error *error);
void filter_print(const struct filter *filter, const struct reel_replay *replay, char text[STATE_TEXT_BYTES]);
bool filter_is_empty(const struct filter *filter);
bool filter_is_same(const struct filter *left, const struct filter *right); // lets the same pass

#endif
