// SPDX-License-Identifier: MIT
// Putting short texts together and reading small files in a process where stdio must not be used.
#include "base/text.h"

#include "base/syscall.h"

#include <fcntl.h>
#include <string.h>

void base_text_clear(struct base_text *text)
{
    text->length = 0;
    text->is_cut = false;
    text->bytes[0] = 0;
}

void base_text_add(struct base_text *text, const char *string)
{
    size_t room = sizeof text->bytes - 1 - text->length;
    size_t length = strlen(string);
    if (length > room)
    {
        length = room;
        text->is_cut = true;
    }
    memcpy(text->bytes + text->length, string, length);
    text->length += length;
    text->bytes[text->length] = 0;
}

static void add_digits(struct base_text *text, uint64_t number, unsigned base)
{
    char digits[21];
    size_t at = sizeof digits - 1;
    digits[at] = 0;
    do
    {
        digits[--at] = "0123456789abcdef"[number % base];
        number /= base;
    } while (number);
    base_text_add(text, digits + at);
}

void base_text_add_number(struct base_text *text, uint64_t number)
{
    add_digits(text, number, 10);
}

void base_text_add_hexadecimal(struct base_text *text, uint64_t number)
{
    base_text_add(text, "0x");
    add_digits(text, number, 16);
}

long base_text_read_file(const char *path, char *bytes, size_t capacity)
{
    long descriptor = base_syscall3(SYS_open, (uintptr_t)path, O_RDONLY | O_CLOEXEC, 0);
    if (descriptor < 0)
        return descriptor;
    size_t length = 0;
    long got = 1;
    while (length < capacity && got > 0)
    {
        got = base_syscall3(SYS_read, (uintptr_t)descriptor, (uintptr_t)(bytes + length), capacity - length);
        if (got > 0)
            length += (size_t)got;
    }
    base_syscall3(SYS_close, (uintptr_t)descriptor, 0, 0);
    return got < 0 ? got : (long)length;
}

void base_text_complain(const char *string)
{
    struct base_text line;
    base_text_clear(&line);
    base_text_add(&line, "heapreel: ");
    base_text_add(&line, string);
    base_text_add(&line, "\n");
    base_syscall3(SYS_write, 2, (uintptr_t)line.bytes, line.length);
}
