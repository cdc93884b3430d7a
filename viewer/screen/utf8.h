// SPDX-License-Identifier: MIT
// Characters in text: reading and writing UTF-8, and which of them take one column of a terminal, in any locale.
#ifndef HEAPREEL_VIEWER_UTF8_H
#define HEAPREEL_VIEWER_UTF8_H

#include <stdbool.h>
#include <stdint.h>

#define UTF8_BYTES_MAX 4

// The next character; *text moves behind it. 0 at the end, where it stays. What is no UTF-8 gives '?' for each byte.
uint32_t utf8_next(const char **text);
// Writes the character, without an end; returns its bytes.
int utf8_put(char bytes[UTF8_BYTES_MAX], uint32_t character);
// Whether every terminal shows it in one column, from left to right. Of scripts that are not known to be so the answer
// is false.
bool utf8_is_one_column(uint32_t character);

#endif
