// SPDX-License-Identifier: MIT
// Names of addresses in this very program: inlined calls, lines, demangling, and files that are not the recorded ones.
#include "tracer/guard.h"
#include "tracer/symbolise.h"

#include <dlfcn.h>
#include <link.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static volatile int side_effect; // keeps calls from being the last thing that a function does

static __attribute__((noinline)) uintptr_t here(void)
{
    side_effect++;
    return (uintptr_t)__builtin_return_address(0);
}

static int inlined_line;
static inline __attribute__((always_inline)) uintptr_t called_inline(void)
{
    inlined_line = __LINE__ + 1;
    uintptr_t address = here();
    side_effect++;
    return address;
}

static int outer_line;
static __attribute__((noinline)) uintptr_t outer_function(void)
{
    outer_line = __LINE__ + 1;
    uintptr_t address = called_inline();
    side_effect++;
    return address;
}

// Names as a C++ and a Rust compiler would make them.
uintptr_t cxx_function(void) __asm__("_ZN5place8Recorder4showEi");
uintptr_t rust_function(void) __asm__("_RNvCskwGfYPst2Cb_3foo16example_function");

__attribute__((noinline)) uintptr_t cxx_function(void)
{
    uintptr_t address = here();
    side_effect++;
    return address;
}

__attribute__((noinline)) uintptr_t rust_function(void)
{
    uintptr_t address = here();
    side_effect += 2;
    return address;
}

struct place
{
    uintptr_t address;
    uint64_t bias;
    char path[256];
    uint8_t build_id[64];
    size_t build_id_bytes;
};

static void find_build_id(struct place *place, const struct dl_phdr_info *info, const ElfW(Phdr) * header)
{
    const char *note = (const char *)(info->dlpi_addr + header->p_vaddr);
    for (const char *end = note + header->p_memsz; note + sizeof(ElfW(Nhdr)) < end;)
    {
        ElfW(Nhdr) about;
        memcpy(&about, note, sizeof about);
        const char *content = note + sizeof about + ((about.n_namesz + 3u) & ~3u);
        if (about.n_type == NT_GNU_BUILD_ID && about.n_descsz <= sizeof place->build_id)
        {
            memcpy(place->build_id, content, about.n_descsz);
            place->build_id_bytes = about.n_descsz;
        }
        note = content + ((about.n_descsz + 3u) & ~3u);
    }
}

static int find_place(struct dl_phdr_info *info, size_t size, void *context)
{
    struct place *place = context;
    bool is_here = false;
    (void)size;
    for (int i = 0; i < info->dlpi_phnum; i++)
        is_here |= info->dlpi_phdr[i].p_type == PT_LOAD &&
                   place->address - info->dlpi_addr - info->dlpi_phdr[i].p_vaddr < info->dlpi_phdr[i].p_memsz;
    if (!is_here)
        return 0;
    place->bias = info->dlpi_addr;
    if (info->dlpi_name[0] != '\0')
        strncpy(place->path, info->dlpi_name, sizeof place->path - 1);
    else
        assert_true(readlink("/proc/self/exe", place->path, sizeof place->path - 1) > 0);
    for (int i = 0; i < info->dlpi_phnum; i++)
        if (info->dlpi_phdr[i].p_type == PT_NOTE)
            find_build_id(place, info, &info->dlpi_phdr[i]);
    return 1;
}

static struct place place_of(uintptr_t address)
{
    struct place place = {.address = address};
    assert_int_equal(dl_iterate_phdr(find_place, &place), 1);
    return place;
}

static size_t name(uintptr_t address, struct symbolise_module **module, struct reel_symbol *symbols, size_t capacity)
{
    struct place place = place_of(address);
    *module = symbolise_open(place.path, place.build_id, place.build_id_bytes);
    assert_non_null(*module);
    return symbolise_address(*module, address - place.bias, symbols, capacity);
}

static void assert_ends_with(const char *text, const char *end)
{
    assert_non_null(text);
    assert_true(strlen(text) >= strlen(end));
    assert_string_equal(text + strlen(text) - strlen(end), end);
}

static void inlined_call_has_two_functions_with_file_and_line(void **state)
{
    struct symbolise_module *module;
    struct reel_symbol symbols[8];
    (void)state;
    size_t count = name(outer_function(), &module, symbols, 8);
    assert_int_equal(count, 2);
    assert_string_equal(symbols[0].function, "called_inline");
    assert_true(symbols[0].is_inlined);
    assert_int_equal(symbols[0].line, inlined_line);
    assert_ends_with(symbols[0].file, "test_symbolise.c");
    assert_string_equal(symbols[1].function, "outer_function");
    assert_false(symbols[1].is_inlined);
    assert_int_equal(symbols[1].line, outer_line);
    assert_ends_with(symbols[1].file, "test_symbolise.c");
    symbolise_close(module);
}

static void names_of_cxx_and_rust_are_readable(void **state)
{
    struct symbolise_module *module;
    struct reel_symbol symbols[8];
    (void)state;
    assert_int_equal(name(cxx_function(), &module, symbols, 8), 1);
    assert_string_equal(symbols[0].function, "place::Recorder::show(int)");
    symbolise_close(module);
    assert_int_equal(name(rust_function(), &module, symbols, 8), 1);
    assert_string_equal(symbols[0].function, "foo::example_function");
    symbolise_close(module);
}

static void library_function_is_named_by_debug_information_or_symbols(void **state)
{
    struct symbolise_module *module;
    struct reel_symbol symbols[8];
    (void)state;
    uintptr_t inside = (uintptr_t)dlsym(RTLD_DEFAULT, "strtoull") + 2;
    size_t count = name(inside, &module, symbols, 8);
    assert_true(count > 0);
    assert_non_null(strstr(symbols[count - 1].function, "strtou"));
    symbolise_close(module);
}

static void another_build_id_leaves_everything_unnamed(void **state)
{
    (void)state;
    struct place place = place_of(outer_function());
    assert_true(place.build_id_bytes > 0);
    place.build_id[3] ^= 1;
    assert_null(symbolise_open(place.path, place.build_id, place.build_id_bytes));
}

static void files_that_cannot_be_read_are_unnamed(void **state)
{
    (void)state;
    assert_null(symbolise_open("/nonexistent", NULL, 0));
    assert_null(symbolise_open("[vdso]", NULL, 0));
    assert_null(symbolise_open("/etc/passwd", NULL, 0));
    assert_null(symbolise_open(NULL, NULL, 0));
}

static void copy_file(const char *from, char *to)
{
    char bytes[65536];
    size_t count;
    FILE *source = fopen(from, "rb");
    int fd = mkstemp(to);
    assert_non_null(source);
    assert_true(fd >= 0);
    while ((count = fread(bytes, 1, sizeof bytes, source)) > 0)
        assert_int_equal(write(fd, bytes, count), count);
    fclose(source);
    close(fd);
}

// What it has left is a page, and the symbolizer has mapped all of it.
static void file_that_is_cut_short_is_survived(void **state)
{
    char path[] = "/tmp/heapreel-test-symbolise-XXXXXX";
    struct reel_symbol symbols[8];
    (void)state;
    struct place place = place_of(outer_function());
    copy_file(place.path, path);
    struct symbolise_module *module = symbolise_open(path, place.build_id, place.build_id_bytes);
    assert_non_null(module);
    assert_int_equal(truncate(path, 4096), 0);
    guard_thread_begin();
    for (uint64_t offset = 0; offset < 65536; offset += 16)
        symbolise_address(module, offset, symbols, 8);
    symbolise_close(module);
    guard_thread_end();
    unlink(path);
}

static void addresses_outside_are_unnamed(void **state)
{
    struct symbolise_module *module;
    struct reel_symbol symbols[1];
    (void)state;
    name(outer_function(), &module, symbols, 1);
    assert_int_equal(symbolise_address(module, UINT64_C(0x7fff00000000), symbols, 1), 0);
    assert_int_equal(symbolise_address(module, 0, symbols, 1), 0);
    assert_int_equal(symbolise_address(module, 1, symbols, 0), 0);
    symbolise_close(module);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(inlined_call_has_two_functions_with_file_and_line),
        cmocka_unit_test(names_of_cxx_and_rust_are_readable),
        cmocka_unit_test(library_function_is_named_by_debug_information_or_symbols),
        cmocka_unit_test(another_build_id_leaves_everything_unnamed),
        cmocka_unit_test(files_that_cannot_be_read_are_unnamed),
        cmocka_unit_test(addresses_outside_are_unnamed),
        cmocka_unit_test(file_that_is_cut_short_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
