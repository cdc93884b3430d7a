// SPDX-License-Identifier: MIT
// All table-valued functions, by the file that answers them. Private to the SQL face.
#ifndef HEAPREEL_REEL_SQL_FUNCTIONS_H
#define HEAPREEL_REEL_SQL_FUNCTIONS_H

#include "reel/sql/function.h"

extern const struct sql_function sql_heap_at;
extern const struct sql_function sql_classes_at;
extern const struct sql_function sql_classes_over;
extern const struct sql_function sql_holes_at;
extern const struct sql_function sql_zones_at;
extern const struct sql_function sql_pages_at;
extern const struct sql_function sql_page_ages_at;
extern const struct sql_function sql_stack_pages_at;
extern const struct sql_function sql_stack_classes_at;
extern const struct sql_function sql_blocks_at;
extern const struct sql_function sql_oldest_at;
extern const struct sql_function sql_oldest_pages_at;
extern const struct sql_function sql_timeline;
extern const struct sql_function sql_stacks_at;
extern const struct sql_function sql_stacks_between;
extern const struct sql_function sql_diff;
extern const struct sql_function sql_flame;
extern const struct sql_function sql_flame_between;
extern const struct sql_function sql_flame_diff;
extern const struct sql_function sql_lifetimes;
extern const struct sql_function sql_lifetimes_by_stack;
extern const struct sql_function sql_address_history;
extern const struct sql_function sql_crossings;
extern const struct sql_function sql_growth;
extern const struct sql_function sql_blame_at;
extern const struct sql_function sql_blame_classes_at;
extern const struct sql_function sql_sparse_at;
extern const struct sql_function sql_advice_at;
extern const struct sql_function sql_sites_at;
extern const struct sql_function sql_sizes_at;
extern const struct sql_function sql_losses;
extern const struct sql_function sql_moments;

#endif
