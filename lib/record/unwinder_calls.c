// SPDX-License-Identifier: MIT
// Keeps libunwind from holding descriptors in the program, by replacing two of its calls in its table of imported
// functions. Changes nothing outside that table.
//
// libunwind tests a doubtful address by writing a byte from there to a pipe of its own, which it opens at its first use
// and again whenever it finds the pipe closed. The program's own files would get other numbers; and once a program had
// closed all descriptors and opened files under those numbers, libunwind would read from them, write to them and close
// them. Now it gets no pipe, and its write is answered by a call that looks at the address and needs no descriptor.
#define _GNU_SOURCE
#include "record/recorder_internal.h"

#include "base/memory.h"
#include "base/syscall.h"

#include <elf.h>
#include <errno.h>
#include <link.h>
#include <string.h>
#include <sys/mman.h>

// NOLINTNEXTLINE(readability-non-const-parameter): the type is pipe2's
static int refuse_pipe(int descriptors[2], int flags)
{
    (void)descriptors;
    (void)flags;
    errno = EMFILE;
    return -1;
}

static long probe_address(long number, int descriptor, const void *address, size_t bytes)
{
    (void)number;
    (void)descriptor;
    bool is_readable = base_memory_is_readable(address);
    errno = is_readable ? 0 : EFAULT;
    return is_readable ? (long)bytes : -1;
}

static void replace(void **slot, void *replacement)
{
    uintptr_t page = (uintptr_t)slot & ~(uintptr_t)(WIRE_PAGE_BYTES - 1);
    if (base_syscall3(SYS_mprotect, page, WIRE_PAGE_BYTES, PROT_READ | PROT_WRITE) == 0)
        __atomic_store_n(slot, replacement, __ATOMIC_RELEASE);
}

static void *replacement_of(const char *name)
{
    if (strcmp(name, "pipe2") == 0)
        return (void *)(uintptr_t)refuse_pipe;
    if (strcmp(name, "syscall") == 0)
        return (void *)(uintptr_t)probe_address;
    return NULL;
}

static void replace_in(const struct link_map *library, const Elf64_Rela *relocations, size_t bytes,
                       const Elf64_Sym *symbols, const char *names)
{
    for (size_t i = 0; i < bytes / sizeof *relocations; i++)
    {
        uint64_t type = ELF64_R_TYPE(relocations[i].r_info);
        if (type != R_X86_64_JUMP_SLOT && type != R_X86_64_GLOB_DAT)
            continue;
        void *replacement = replacement_of(names + symbols[ELF64_R_SYM(relocations[i].r_info)].st_name);
        if (replacement)
            replace((void **)(library->l_addr + relocations[i].r_offset), replacement); // NOLINT
    }
}

// The dynamic loader has turned the addresses of the section into absolute ones.
void unwinder_calls_replace(void *handle)
{
    const struct link_map *library = handle;
    uint64_t found[DT_NUM] = {0};
    for (const Elf64_Dyn *entry = library->l_ld; entry->d_tag != DT_NULL; entry++)
        if (entry->d_tag >= 0 && entry->d_tag < DT_NUM)
            found[entry->d_tag] = entry->d_un.d_val;
    const Elf64_Sym *symbols = (const Elf64_Sym *)found[DT_SYMTAB];   // NOLINT(performance-no-int-to-ptr)
    const char *names = (const char *)found[DT_STRTAB];               // NOLINT(performance-no-int-to-ptr)
    const Elf64_Rela *calls = (const Elf64_Rela *)found[DT_JMPREL];   // NOLINT(performance-no-int-to-ptr)
    const Elf64_Rela *variables = (const Elf64_Rela *)found[DT_RELA]; // NOLINT(performance-no-int-to-ptr)
    if (!symbols || !names)
        return;
    if (calls)
        replace_in(library, calls, found[DT_PLTRELSZ], symbols, names);
    if (variables)
        replace_in(library, variables, found[DT_RELASZ], symbols, names);
}
