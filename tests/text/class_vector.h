// SPDX-License-Identifier: MIT
// Size classes as the examples have them: rows of classes_at.
#ifndef HEAPREEL_TESTS_TEXT_CLASS_VECTOR_H
#define HEAPREEL_TESTS_TEXT_CLASS_VECTOR_H

#include "reel/replay.h"
#include "vectors.h"

// Null stands for what the allocator does not tell, and for no bound.
static inline struct reel_class_state class_of_vector(const cJSON *row)
{
    bool has_id = vector_find(row, "class_id") != NULL;
    bool is_bounded = vector_find(row, "greatest_bytes") != NULL;
    return (struct reel_class_state){.number = (uint32_t)vector_number(row, "class_number"),
                                     .class_id = has_id ? (uint32_t)vector_number(row, "class_id") : UINT32_MAX,
                                     .is_aligned = vector_is_set(row, "is_aligned"),
                                     .slot_bytes = vector_number(row, "slot_bytes"),
                                     .least_bytes = vector_number(row, "least_bytes"),
                                     .greatest_bytes = is_bounded ? vector_number(row, "greatest_bytes") : UINT64_MAX};
}

#endif
