// SPDX-License-Identifier: MIT
// The table of claims. Ranges are what the designs promise, with room where chance or the C library's own blocks play a
// part; a range of one number is a law. What is expected of nobody is measured all the same.
#include "lab/claims.h"

#include <math.h>

// clang-format off
#define HOLDS(min, max) {LAB_EXPECTS_TO_HOLD, min, max}
#define FAILS(min, max) {LAB_EXPECTS_TO_FAIL, min, max}
#define NOTHING         {LAB_EXPECTS_NOTHING, 0, 0}
#define NO_MEANING      {LAB_EXPECTS_NO_MEANING, 0, 0}
#define ANY             INFINITY
#define GIB             (1024.0 * 1024 * 1024)
#define MIB             (1024.0 * 1024)
// In the order of enum lab_design.
#define EXPECT(lifo, fifo, none, zoned, guarded, splitmerge) {lifo, fifo, none, zoned, guarded, splitmerge}
#define EXPECT_NOTHING EXPECT(NOTHING, NOTHING, NOTHING, NOTHING, NOTHING, NOTHING)
#define EXPECT_OF_BUMP(bump, zoned, guarded, splitmerge) {bump, bump, bump, zoned, guarded, splitmerge}

const struct lab_claim lab_claims[] = {
    {.id = "S1", .title = "what was freed can be allocated again in any order without new memory",
     .sample = "closed", .arguments = {"100"}, .quick_arguments = {"10"}, .measures = {
        {"fresh_blocks", "blocks at addresses that none had before, after the first round", LAB_UNIT_COUNT,
         EXPECT(HOLDS(0, 0), HOLDS(0, 0), FAILS(80000, ANY), NOTHING, NOTHING, FAILS(1, ANY))},
        {"growth_pages", "pages ever used, last round over first", LAB_UNIT_RATIO,
         EXPECT(HOLDS(1, 1), HOLDS(1, 1), FAILS(3, ANY), HOLDS(1, 1.05), HOLDS(1, 1.3), FAILS(1.0001, ANY))},
        {"growth_resident", "resident memory, last round over first", LAB_UNIT_RATIO, EXPECT_NOTHING}}},

    {.id = "S2", .title = "memory is bounded by the peaks of the classes", .sample = "peaks", .measures = {
        {"excess_slots", "slots carved beyond the peak of live ones, at worst, in the worst class", LAB_UNIT_COUNT,
         EXPECT(HOLDS(0, 0), HOLDS(0, 1), FAILS(1000, ANY), NOTHING, NOTHING, FAILS(1, ANY))},
        {"stranding", "sum of the peaks over the peak of the sum", LAB_UNIT_RATIO, EXPECT_NOTHING},
        {"resident_of_bound", "resident memory over the sum of the peaks", LAB_UNIT_RATIO,
         EXPECT(HOLDS(0, 1.17), HOLDS(0, 1.25), FAILS(1.5, ANY), HOLDS(0, 1.1), HOLDS(0, 1.3), NOTHING)}}},

    {.id = "S2.worst", .title = "36 classes in turn need no more than one of them", .sample = "adversary", .measures = {
        {"stranding", "pages ever used over live bytes", LAB_UNIT_RATIO,
         EXPECT_OF_BUMP(FAILS(30, 45), FAILS(30, 45), FAILS(30, 45), HOLDS(1, 3))},
        {"resident_stranding", "resident memory over live bytes", LAB_UNIT_RATIO,
         EXPECT_OF_BUMP(FAILS(30, 45), HOLDS(1, 4), HOLDS(1, 6), HOLDS(1, 3))}}},

    {.id = "S2.threads", .title = "threads carve at most one slot each beyond the peak", .sample = "hammer", .measures = {
        {"overshoot", "slots carved beyond the peak by 4 threads", LAB_UNIT_COUNT,
         EXPECT(HOLDS(0, 3), HOLDS(0, 3), FAILS(1000, ANY), HOLDS(0, 0), NOTHING, NO_MEANING)}}},

    {.id = "S3", .title = "memory of one class can serve another", .sample = "permanence",
     .arguments = {"64"}, .quick_arguments = {"8"}, .measures = {
        {"resident_ratio", "resident over live memory after the sizes have changed", LAB_UNIT_RATIO,
         EXPECT_OF_BUMP(FAILS(1.9, 2.8), HOLDS(1, 1.25), HOLDS(1, 1.5), HOLDS(1, 1.2))}}},

    {.id = "S3.pins", .title = "one survivor in 64 does not hold the memory of the others", .sample = "pins",
     .arguments = {"64", "63", "64"}, .quick_arguments = {"8", "63", "64"}, .measures = {
        {"ratio_63", "resident over live memory, every 63rd small block stays", LAB_UNIT_RATIO,
         EXPECT_OF_BUMP(FAILS(1.9, 2.8), FAILS(1.8, 2.6), FAILS(1.8, 2.6), FAILS(1.8, 2.6))},
        {"ratio_64", "the same, every 64th", LAB_UNIT_RATIO,
         EXPECT_OF_BUMP(FAILS(1.9, 2.8), FAILS(1.8, 2.6), FAILS(1.8, 2.6), HOLDS(1, 1.3))}}},

    {.id = "S4", .title = "one object of each class does not need a page each", .sample = "one_each", .measures = {
        {"small_pages", "pages that hold one block of each of 20 classes up to 1 KiB", LAB_UNIT_COUNT,
         EXPECT_OF_BUMP(HOLDS(2, 3), FAILS(20, 20), FAILS(20, 20), HOLDS(2, 3))},
        {"resident_pages", "pages that one block of each of 48 classes costs", LAB_UNIT_COUNT,
         EXPECT_OF_BUMP(HOLDS(1, 47), FAILS(48, 300), FAILS(48, 300), HOLDS(1, 47))},
        {"maps", "mappings that it costs", LAB_UNIT_COUNT, EXPECT_NOTHING}}},

    {.id = "S5", .title = "a freed block stays away until the others have had their turn", .sample = "reuse", .measures = {
        {"distance_min", "least number of allocations until it comes back, 1000 in the pool", LAB_UNIT_COUNT,
         EXPECT(FAILS(1, 1), HOLDS(1000, 1010), HOLDS(ANY, ANY), FAILS(1, 1), HOLDS(1000, ANY), FAILS(1, 10))},
        {"distance_mean", "the same, mean", LAB_UNIT_COUNT, EXPECT_NOTHING},
        {"distance_max", "the same, most", LAB_UNIT_COUNT,
         EXPECT(FAILS(1, 1), HOLDS(1000, 1010), HOLDS(ANY, ANY), FAILS(1, 1), HOLDS(1000, ANY), NOTHING)}}},

    {.id = "S6", .title = "a write through a stale pointer hits no live block", .sample = "uaf", .measures = {
        {"clobbered_1", "hits after 1 allocation", LAB_UNIT_PERCENT,
         EXPECT(FAILS(100, 100), HOLDS(0, 0), HOLDS(0, 0), FAILS(100, 100), HOLDS(0, 0), FAILS(100, 100))},
        {"clobbered_100", "after 100", LAB_UNIT_PERCENT,
         EXPECT(FAILS(100, 100), HOLDS(0, 0), HOLDS(0, 0), FAILS(100, 100), HOLDS(0, 0), FAILS(100, 100))},
        {"clobbered_800", "after 800", LAB_UNIT_PERCENT,
         EXPECT(FAILS(100, 100), HOLDS(0, 0), HOLDS(0, 0), FAILS(100, 100), HOLDS(0, 0), FAILS(100, 100))}}},

    {.id = "S7", .title = "a double free is told, and nobody gets a block that is live", .sample = "dfree", .measures = {
        {"duplicates", "live blocks that were handed out again", LAB_UNIT_COUNT,
         EXPECT(HOLDS(0, 0), HOLDS(0, 0), HOLDS(0, 0), HOLDS(0, 0), HOLDS(0, 0), HOLDS(0, 0))},
        {"told", "double frees of 2 that were told", LAB_UNIT_COUNT,
         EXPECT(HOLDS(2, 2), HOLDS(2, 2), HOLDS(2, 2), HOLDS(2, 2), HOLDS(2, 2), HOLDS(2, 2))}}},

    {.id = "S8.handler", .title = "malloc serves a signal handler that interrupts malloc", .sample = "handler",
     .arguments = {"3"}, .quick_arguments = {"1"}, .measures = {
        {"failed_runs", "runs that hung, crashed or had damaged blocks", LAB_UNIT_COUNT,
         EXPECT_OF_BUMP(HOLDS(0, 0), FAILS(1, 3), FAILS(1, 3), FAILS(1, 3))}}},

    {.id = "S8.stopped", .title = "a thread stopped inside malloc holds up no other", .sample = "stopped", .measures = {
        {"hung", "the other thread waited for ever", LAB_UNIT_COUNT,
         EXPECT_OF_BUMP(HOLDS(0, 0), FAILS(1, 1), FAILS(1, 1), FAILS(1, 1))}}},

    {.id = "S8.fork", .title = "fork works in a signal handler that interrupts malloc or fork", .sample = "forks",
     .arguments = {"8"}, .quick_arguments = {"2"}, .measures = {
        {"failed_runs", "runs that hung", LAB_UNIT_COUNT,
         EXPECT_OF_BUMP(HOLDS(0, 0), HOLDS(0, 0), HOLDS(0, 0), HOLDS(0, 0))}}},

    {.id = "S9", .title = "little address space is needed", .sample = "va", .is_floor_wanted = true, .measures = {
        {"reserved_bytes", "mapped by a program that uses 1 MiB, without a limit", LAB_UNIT_BYTES,
         EXPECT_OF_BUMP(HOLDS(0, 256 * GIB), FAILS(48 * GIB, ANY), FAILS(48 * GIB, ANY), HOLDS(0, 256 * GIB))},
        {"floor_bytes", "least limit of address space with which it runs", LAB_UNIT_BYTES,
         EXPECT_OF_BUMP(HOLDS(0, 512 * MIB), HOLDS(0, 512 * MIB), HOLDS(0, 512 * MIB), HOLDS(0, 512 * MIB))}}},

    {.id = "S10", .title = "the kernel's limit of mappings refuses no memory", .sample = "vma",
     .arguments = {"10000000"}, .quick_arguments = {"100000"}, .measures = {
        {"refused", "blocks of 8 bytes out of ten million that were refused", LAB_UNIT_COUNT,
         EXPECT_OF_BUMP(HOLDS(0, 0), HOLDS(0, 0), HOLDS(0, 0), HOLDS(0, 0))},
        {"maps", "mappings at the end", LAB_UNIT_COUNT, EXPECT_NOTHING}}},

    {.id = "S11", .title = "the allocator survives that all live and freed blocks are overwritten", .sample = "scribble",
     .measures = {
        {"survived", "1: the program came to its end, and no block overlapped another", LAB_UNIT_COUNT,
         EXPECT_OF_BUMP(HOLDS(1, 1), HOLDS(1, 1), FAILS(0, 0), FAILS(0, 0))},
        {"signal", "signal that ended it: 6, an abort, where the allocator told and stopped", LAB_UNIT_COUNT,
         EXPECT_OF_BUMP(HOLDS(0, 0), HOLDS(0, 0), HOLDS(6, 6), NOTHING)}}},

    {.id = "S11.pages", .title = "the same for every byte of every page with a block", .sample = "scribble",
     .arguments = {"pages"}, .quick_arguments = {"pages"}, .measures = {
        {"survived", "1: the program came to its end, and no block overlapped another", LAB_UNIT_COUNT,
         EXPECT_OF_BUMP(HOLDS(1, 1), HOLDS(1, 1), FAILS(0, 0), FAILS(0, 0))},
        {"signal", "signal that ended it: 6, an abort, where the allocator told and stopped", LAB_UNIT_COUNT,
         EXPECT_OF_BUMP(HOLDS(0, 0), HOLDS(0, 0), HOLDS(6, 6), NOTHING)}}},

    {.id = "S12", .title = "one class can have nearly all of a small address space", .sample = "limits",
     .address_space_bytes = (uint64_t)1 << 30, .measures = {
        {"share", "blocks of 64 KiB over a limit of 1 GiB", LAB_UNIT_RATIO,
         EXPECT_OF_BUMP(HOLDS(0.8, 1), HOLDS(0.8, 1), FAILS(0.25, 0.6), HOLDS(0.8, 1))}}},

    {.id = "S13", .title = "pages belong to one class, and are bounded by its peak", .sample = "zone_peak", .measures = {
        {"shared_pages", "pages that held blocks of two classes", LAB_UNIT_COUNT,
         EXPECT_OF_BUMP(FAILS(100, ANY), HOLDS(0, 0), HOLDS(0, 0), NO_MEANING)},
        {"pages_of_packed", "pages ever used over those of the peaks, packed", LAB_UNIT_RATIO,
         EXPECT_OF_BUMP(NOTHING, HOLDS(1, 1.15), HOLDS(1, 1.6), NO_MEANING)}}},

    {.id = "S14", .title = "memory goes back to the kernel", .sample = "release", .measures = {
        {"pinned", "resident after all but one in 64 were freed, over all", LAB_UNIT_RATIO, EXPECT_NOTHING},
        {"freed", "resident after all were freed, over all", LAB_UNIT_RATIO,
         EXPECT_OF_BUMP(FAILS(0.99, 1.2), HOLDS(-0.01, 0.15), FAILS(0.05, 1), HOLDS(-0.01, 0.1))}}},

    {.id = "S15", .title = "no spacing of survivors wastes much", .sample = "pins",
     .arguments = {"32", "2", "8", "24", "32", "48", "62", "63", "64", "65", "128", "200"},
     .quick_arguments = {"4", "48", "200"}, .measures = {
        {"waste_max", "resident over live memory, every k-th small block stays, worst k of 2 to 200", LAB_UNIT_RATIO,
         EXPECT_OF_BUMP(FAILS(1.8, 2.8), FAILS(1.8, 2.8), FAILS(1.8, 2.8), FAILS(1.8, 2.8))},
        {"cliff", "k from which on the waste is under 1.2", LAB_UNIT_COUNT,
         EXPECT_OF_BUMP(NOTHING, NOTHING, NOTHING, HOLDS(64, 200))}}},

    {.id = "S16", .title = "an operation costs the same each time", .sample = "cost", .measures = {
        {"malloc_median_cycles", "median cycles of malloc", LAB_UNIT_COUNT, EXPECT_NOTHING},
        {"malloc_p999_cycles", "999th of a thousand", LAB_UNIT_COUNT, EXPECT_NOTHING},
        {"free_p999_cycles", "the same of free", LAB_UNIT_COUNT, EXPECT_NOTHING}}},

    {.id = NULL},
};
