// SPDX-License-Identifier: MIT
#include "inlined.h"

namespace boxes
{
template <typename Content> struct Box
{
    Content *content;

    __attribute__((always_inline)) explicit Box(size_t bytes)
    {
        content = static_cast<Content *>(malloc(bytes));
        kept = content;
    }

    APART void fill(size_t bytes)
    {
        free(nothing);
        keep_two_blocks(bytes);
        kept = nullptr;
    }

    ~Box()
    {
        free(content);
    }
};
} // namespace boxes

APART void in_third(size_t bytes)
{
    boxes::Box<long> box(bytes);
    box.fill(bytes + 10);
    kept = nullptr;
}
