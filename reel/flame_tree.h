// SPDX-License-Identifier: MIT
// A call tree while it is made: from main inwards out of stacks, from there turned around. Internal to reel/.
//
//   stacks:  main > parse > malloc  80      callers first:  main 100             callees first:  malloc 100
//            main > malloc          20                       |- parse 80                          |- parse 80
//                                                            |   `- malloc 80                     |   `- main 80
//                                                            `- malloc 20                         `- main 20
//
// The second is made out of the first and never as a whole: only branches that are great enough are grown.
#ifndef HEAPREEL_REEL_FLAME_TREE_H
#define HEAPREEL_REEL_FLAME_TREE_H

#include "reel/flame.h"
#include "reel/flame_names.h"

// Sums are of numbers with sign, kept without one: those of a damaged reel may wrap around.
struct flame_branch
{
    uint32_t parent;     // index, less than its own; the root is 0
    uint32_t function;   // number of it, or enum flame_function
    uint32_t frame;      // index into flame_names.frames, 0 = none
    uint32_t inner;      // which of its functions
    uint32_t self_stack; // the only stack that ends here; 0 = none yet, FLAME_STACKS_SEVERAL
    uint32_t stack;      // the same of those that end here or below
    uint64_t self_bytes;
    uint64_t self_blocks;
    uint64_t total_bytes;
    uint64_t total_blocks;
    uint64_t weight; // sum over the rows below of their bytes without sign: never greater than the parent's
};

#define FLAME_STACKS_SEVERAL UINT32_MAX

struct flame_tree
{
    struct flame_branch *branches; // [0] is the root
    size_t count, max;
};

int flame_tree_init(struct flame_tree *tree, struct reel_error *error);
void flame_tree_fini(struct flame_tree *tree); // also of one that is all zero
// The new branch has index count - 1.
int flame_tree_add(struct flame_tree *tree, const struct flame_branch *branch, struct reel_error *error);
uint64_t flame_tree_heavier(uint64_t weight, uint64_t more);    // the sum, or the greatest number
uint32_t flame_tree_only_stack(uint32_t stack, uint32_t other); // of two figures of that kind, the one of both

// tree and names are initialised.
int flame_tree_from_stacks(struct flame_tree *tree, struct flame_names *names, const struct reel_measured *rows,
                           size_t count, struct reel_error *error);
// Grows the heaviest branches first until node_max have been grown (0: all). Branches that were not have no children
// and no self.
int flame_tree_turn(struct flame_tree *turned, const struct flame_tree *tree, size_t node_max,
                    struct reel_error *error);

#endif
