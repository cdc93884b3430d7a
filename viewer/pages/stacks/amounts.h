// SPDX-License-Identifier: MIT
// What stacks and sites are of, in words, and their amounts with signs where they are differences.
#ifndef HEAPREEL_VIEWER_AMOUNTS_H
#define HEAPREEL_VIEWER_AMOUNTS_H

#include "viewer/page.h"

#include "text/format.h"

#define AMOUNTS_SIGNED_BYTES (FORMAT_BYTES + 1)

uint64_t amounts_greatness(int64_t amount);
// "12.5 MiB"; of a difference "+12.5 MiB", "-3.1 KiB", "0 B". The same for blocks.
char *amounts_bytes(char text[AMOUNTS_SIGNED_BYTES], const struct state *state, int64_t bytes);
char *amounts_blocks(char text[AMOUNTS_SIGNED_BYTES], const struct state *state, int64_t blocks);
enum role amounts_role(const struct state *state, int64_t bytes);

// The first row of a page: title, total, when the answer is of another moment.
void amounts_draw_title(struct page_view *view, struct canvas *canvas, struct area area,
                        const struct reel_measured *total, const struct model_of *of);
// The second row: who has the most.
void amounts_draw_first(struct page_view *view, struct canvas *canvas, struct area area,
                        const struct reel_measured *first, uint64_t whole);
// Where there are no rows: why, and what to do.
void amounts_draw_nothing(const struct state *state, struct canvas *canvas, struct area area);

// ACTION_VIEW: the next of moment, difference, allocated, freed, alive, unfreed.
unsigned amounts_take(struct page_view *view, enum action action);

#endif
