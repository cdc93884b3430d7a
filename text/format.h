// SPDX-License-Identifier: MIT
// How numbers and foreign text look to people: the one place for it, so that all commands print the same.
//
// Each function writes into the caller's buffer and returns it, so that calls can stand as arguments of printf.
#ifndef HEAPREEL_TEXT_FORMAT_H
#define HEAPREEL_TEXT_FORMAT_H

#include <stddef.h>
#include <stdint.h>

#define FORMAT_BYTES 40 // enough for any number here

// 18812345 -> "18 812 345"
char *format_count(char buffer[FORMAT_BYTES], uint64_t count);
// IEC units, three digits: "812 B", "1.5 KiB", "12.5 MiB", "340 MiB"
char *format_bytes(char buffer[FORMAT_BYTES], uint64_t bytes);
// "0 s", "812 ns", "4.56 ms", "12.5 s", "3 min 05 s", "2 h 07 min"
char *format_duration(char buffer[FORMAT_BYTES], uint64_t ns);
// A position in time, to the millisecond: "12.345 s"
char *format_time(char buffer[FORMAT_BYTES], uint64_t t_ns);
// part of whole: "33.3 %", "0 %", "100 %"; "-" of nothing; never 0 or 100 when it is not exactly that
char *format_share(char buffer[FORMAT_BYTES], uint64_t part, uint64_t whole);

// Text that somebody else chose (commands, names of functions and files), safe for a terminal: control characters and
// bytes that are no UTF-8 become "?"; NULL becomes "". Cut at the size of the buffer, never inside a character.
char *format_text(char *buffer, size_t size, const char *text);
// The same for documents, with control characters left as they are.
char *format_utf8(char *buffer, size_t size, const char *text);

#endif
