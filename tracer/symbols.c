// SPDX-License-Identifier: MIT
// Indexes symbol tables. Refuses dwfl_module_addrinfo: it walks the whole table for each address, which took 17 s for
// the 6,000 frames of a compiler with 29,000 symbols.
#include "tracer/symbols.h"

#include <stdlib.h>
#include <string.h>

#define SYMBOLS_NESTING_MAX 16 // symbols that begin inside another one

// The user's name before the library's inner ones: malloc, not __libc_malloc.
static size_t oddness(const char *name)
{
    return 2 * strspn(name, "_") * 16 + strlen(name);
}

// By address; of several names for one place the best comes last.
static int compare(const void *left, const void *right)
{
    const struct symbols_entry *a = left;
    const struct symbols_entry *b = right;
    if (a->begin != b->begin)
        return a->begin < b->begin ? -1 : 1;
    if (a->end != b->end)
        return a->end < b->end ? -1 : 1;
    if ((a->binding == STB_LOCAL) != (b->binding == STB_LOCAL))
        return a->binding == STB_LOCAL ? -1 : 1;
    size_t odd_a = oddness(a->name);
    size_t odd_b = oddness(b->name);
    if (odd_a != odd_b)
        return odd_a > odd_b ? -1 : 1;
    return strcmp(a->name, b->name);
}

// False for symbols that are no code.
static bool find_limit(Elf *elf, GElf_Word section, GElf_Addr bias, GElf_Addr *limit)
{
    GElf_Shdr header;
    if (elf == NULL || gelf_getshdr(elf_getscn(elf, section), &header) == NULL ||
        (header.sh_flags & SHF_EXECINSTR) == 0)
        return false;
    *limit = header.sh_addr + header.sh_size + bias;
    return true;
}

static void build(struct symbols_table *table, Dwfl_Module *module)
{
    table->is_built = true;
    int count = dwfl_module_getsymtab(module);
    if (count <= 0)
        return;
    table->entries = calloc((size_t)count, sizeof *table->entries);
    for (int i = 1; table->entries != NULL && i < count; i++)
    {
        GElf_Sym symbol;
        GElf_Addr address;
        GElf_Addr limit;
        GElf_Word section = SHN_UNDEF;
        Elf *elf = NULL;
        Dwarf_Addr bias = 0;
        const char *name = dwfl_module_getsym_info(module, i, &symbol, &address, &section, &elf, &bias);
        int type = GELF_ST_TYPE(symbol.st_info);
        if (name == NULL || name[0] == '\0' || symbol.st_shndx == SHN_UNDEF ||
            (type != STT_FUNC && type != STT_GNU_IFUNC && type != STT_NOTYPE) ||
            !find_limit(elf, section, bias, &limit))
            continue;
        table->entries[table->count++] = (struct symbols_entry){
            .begin = address, .end = address + symbol.st_size, .name = name, .binding = GELF_ST_BIND(symbol.st_info)};
    }
    if (table->entries != NULL && table->count > 0)
        qsort(table->entries, table->count, sizeof *table->entries, compare);
}

const char *symbols_find(struct symbols_table *table, Dwfl_Module *module, GElf_Addr address)
{
    if (!table->is_built)
        build(table, module);
    size_t low = 0;
    size_t high = table->count;
    while (low < high)
    {
        size_t middle = low + (high - low) / 2;
        if (table->entries[middle].begin <= address)
            low = middle + 1;
        else
            high = middle;
    }
    const char *nearest = NULL;
    for (size_t i = low; i-- > 0 && low - i <= SYMBOLS_NESTING_MAX;)
    {
        const struct symbols_entry *entry = &table->entries[i];
        if (address < entry->end)
            return entry->name;
        // Hand-written assembly often tells no size: then it reaches to the next symbol.
        if (i + 1 == low && entry->end == entry->begin && entry->binding != STB_LOCAL && address < entry->limit)
            nearest = entry->name;
    }
    return nearest;
}

void symbols_clean_up(struct symbols_table *table)
{
    free(table->entries);
    *table = (struct symbols_table){0};
}
