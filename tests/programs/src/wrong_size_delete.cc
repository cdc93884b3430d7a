// SPDX-License-Identifier: MIT
// Deletes an object as one of another size.
#include "sin.h"

#include <new>

APART void delete_wrongly(void *block)
{
    void *volatile same = block;
    ::operator delete (same, std::size_t{500});
    __asm__ volatile("");
}

int main()
{
    delete_wrongly(make_block(100));
    return went_on();
}
