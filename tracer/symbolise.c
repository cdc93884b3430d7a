// SPDX-License-Identifier: MIT
// Names addresses with elfutils: DWARF of the file or of its separate debug file (found by build id or debug link), and
// symbol tables where there is none. Refuses files other than the recorded ones: a wrong name is worse than none.
#include "tracer/symbolise.h"

#include "tracer/debug_file.h"
#include "tracer/debug_image.h"
#include "tracer/functions.h"
#include "tracer/symbols.h"
#include "tracer/unit_ranges.h"

#include <demangle.h>
#include <dwarf.h>
#include <elfutils/libdwfl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct symbolise_module
{
    Dwfl *dwfl;
    Dwfl_Module *module;
    int debug_fd; // of the separate debug file, once it has been looked for; -1: none
    Elf *debug_elf;
    bool is_looked_for; // what follows
    struct debug_image *image;
    Dwarf *dwarf;             // the image's, or libdwfl's when there is none; NULL: no debug information
    Dwarf_Addr bias;          // to be taken from an address
    struct unit_ranges units; // when there is no image
    struct functions_index functions;
    struct symbols_table symbols;
    char *demangled[FUNCTIONS_INLINE_DEPTH_MAX]; // of the last call
    size_t demangled_count;
};

static char *debug_path = NULL; // the standard places of separate debug files

// Keeps the file that libdwfl finds.
static int find_debuginfo(Dwfl_Module *found_for, void **userdata, const char *name, Dwarf_Addr base, const char *file,
                          const char *link, GElf_Word sum, char **found_name)
{
    struct symbolise_module *module = *userdata;
    int fd = debug_file_find(found_for, userdata, name, base, file, link, sum, found_name);
    if (fd >= 0 && module != NULL && module->debug_fd < 0)
        module->debug_fd = dup(fd);
    return fd;
}

static const Dwfl_Callbacks callbacks = {
    .find_elf = dwfl_build_id_find_elf,
    .find_debuginfo = find_debuginfo,
    .section_address = dwfl_offline_section_address,
    .debuginfo_path = &debug_path,
};

static bool is_recorded_file(Dwfl_Module *module, const uint8_t *build_id, size_t build_id_bytes)
{
    const unsigned char *bits = NULL;
    GElf_Addr address;
    if (build_id_bytes == 0)
        return true; // nothing to compare with
    int bytes = dwfl_module_build_id(module, &bits, &address);
    return bytes > 0 && (size_t)bytes >= build_id_bytes && memcmp(bits, build_id, build_id_bytes) == 0;
}

struct symbolise_module *symbolise_open(const char *path, const uint8_t *build_id, size_t build_id_bytes)
{
    GElf_Addr bias;
    if (path == NULL || path[0] != '/')
        return NULL; // "[vdso]" and the like
    struct symbolise_module *module = calloc(1, sizeof *module);
    if (module == NULL)
        return NULL;
    module->debug_fd = -1;
    module->dwfl = dwfl_begin(&callbacks);
    if (module->dwfl != NULL)
    {
        dwfl_report_begin(module->dwfl);
        // Base 0 on top of the file's own addresses: an offset of the reel is an address here.
        module->module = dwfl_report_elf(module->dwfl, path, path, -1, 0, true);
        dwfl_report_end(module->dwfl, NULL, NULL);
    }
    void **userdata = NULL;
    if (module->module != NULL && dwfl_module_info(module->module, &userdata, NULL, NULL, NULL, NULL, NULL, NULL))
        *userdata = module;
    if (module->module != NULL && dwfl_module_getelf(module->module, &bias) != NULL &&
        is_recorded_file(module->module, build_id, build_id_bytes))
        return module;
    symbolise_close(module);
    return NULL;
}

static void forget_demangled(struct symbolise_module *module)
{
    while (module->demangled_count > 0)
        free(module->demangled[--module->demangled_count]);
}

void symbolise_close(struct symbolise_module *module)
{
    if (module == NULL)
        return;
    forget_demangled(module);
    functions_clean_up(&module->functions);
    symbols_clean_up(&module->symbols);
    unit_ranges_clean_up(&module->units);
    debug_image_close(module->image);
    elf_end(module->debug_elf);
    if (module->debug_fd >= 0)
        close(module->debug_fd);
    if (module->dwfl != NULL)
        dwfl_end(module->dwfl);
    free(module);
}

static const char *demangle(struct symbolise_module *module, const char *name)
{
    if (name == NULL || name[0] != '_' || module->demangled_count == FUNCTIONS_INLINE_DEPTH_MAX)
        return name;
    char *readable = cplus_demangle(name, DMGL_PARAMS | DMGL_ANSI | DMGL_AUTO);
    if (readable == NULL)
        return name;
    module->demangled[module->demangled_count++] = readable;
    return readable;
}

// The linkage name tells more than the name: namespaces, classes, parameters.
static const char *scope_name(Dwarf_Die *scope)
{
    static const unsigned names[] = {DW_AT_linkage_name, DW_AT_MIPS_linkage_name, DW_AT_name};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    {
        Dwarf_Attribute attribute;
        const char *name = dwarf_formstring(dwarf_attr_integrate(scope, names[i], &attribute));
        if (name != NULL)
            return name;
    }
    return NULL;
}

static void place_of_address(Dwarf_Die *unit, Dwarf_Addr address, struct reel_symbol *symbol)
{
    Dwarf_Line *line = dwarf_getsrc_die(unit, address);
    if (line == NULL)
        return;
    symbol->file = dwarf_linesrc(line, NULL, NULL);
    dwarf_lineno(line, &symbol->line);
}

// Where an inlined function was called is where its caller is.
static void place_of_call(Dwarf_Die *unit, Dwarf_Die *inlined, struct reel_symbol *caller)
{
    Dwarf_Attribute attribute;
    Dwarf_Word number;
    Dwarf_Files *files;
    if (dwarf_formudata(dwarf_attr(inlined, DW_AT_call_line, &attribute), &number) == 0)
        caller->line = (int)number;
    if (dwarf_formudata(dwarf_attr(inlined, DW_AT_call_file, &attribute), &number) == 0 &&
        dwarf_getsrcfiles(unit, &files, NULL) == 0)
        caller->file = dwarf_filesrc(files, number, NULL, NULL);
}

static bool has_section(Elf *elf, const char *wanted)
{
    size_t names;
    if (elf_getshdrstrndx(elf, &names) != 0)
        return false;
    for (Elf_Scn *section = elf_nextscn(elf, NULL); section != NULL; section = elf_nextscn(elf, section))
    {
        GElf_Shdr header;
        const char *name = gelf_getshdr(section, &header) != NULL ? elf_strptr(elf, names, header.sh_name) : NULL;
        if (name != NULL && strcmp(name, wanted) == 0 && header.sh_type != SHT_NOBITS)
            return true;
    }
    return false;
}

// Where the first segment lies: a file that was moved after its debug file was made has other addresses.
static bool begin_of_segments(Elf *elf, GElf_Addr *begin)
{
    size_t count;
    GElf_Phdr header;
    if (elf_getphdrnum(elf, &count) != 0)
        return false;
    for (size_t i = 0; i < count; i++)
        if (gelf_getphdr(elf, (int)i, &header) != NULL && header.p_type == PT_LOAD)
        {
            *begin = header.p_vaddr;
            return true;
        }
    return false;
}

static struct debug_image *open_image(struct symbolise_module *module)
{
    GElf_Addr bias;
    GElf_Addr own_begin;
    GElf_Addr debug_begin;
    Elf *elf = dwfl_module_getelf(module->module, &bias);
    if (has_section(elf, ".debug_info"))
        return debug_image_open(elf);
    dwfl_module_getsymtab(module->module); // which looks for the debug file, and does not read all of it
    if (module->debug_fd >= 0)
        module->debug_elf = elf_begin(module->debug_fd, ELF_C_READ_MMAP_PRIVATE, NULL);
    bool is_at_same_addresses = module->debug_elf != NULL && begin_of_segments(elf, &own_begin) &&
                                begin_of_segments(module->debug_elf, &debug_begin) && own_begin == debug_begin;
    return is_at_same_addresses ? debug_image_open(module->debug_elf) : NULL;
}

static void look_for_debug_information(struct symbolise_module *module)
{
    module->is_looked_for = true;
    module->image = open_image(module);
    if (module->image != NULL)
        module->dwarf = debug_image_dwarf(module->image);
    else
        module->dwarf = dwfl_module_getdwarf(module->module, &module->bias);
    if (module->image == NULL && module->dwarf != NULL)
        unit_ranges_scan(&module->units, module->dwarf);
}

// The unit at an address, ready to be read.
static bool find_unit(struct symbolise_module *module, Dwarf_Addr address, Dwarf_Die *unit)
{
    if (module->image != NULL)
    {
        bool is_found = debug_image_unit(module->image, address, unit) != NULL;
        if (is_found)
            debug_image_need_lines(module->image, unit);
        return is_found;
    }
    const struct unit_range *range = unit_ranges_find(&module->units, address);
    return range != NULL && unit_ranges_die(module->dwarf, range, unit);
}

// With -gsplit-dwarf the file has only addresses and lines of a unit, and names another one that holds the rest.
static void find_split_part(Dwarf_Die *unit)
{
    Dwarf_Die split;
    uint8_t type = 0;
    if (dwarf_cu_info(unit->cu, NULL, &type, NULL, &split, NULL, NULL, NULL) == 0 && type == DW_UT_skeleton &&
        split.addr != NULL)
        *unit = split;
}

static size_t find_functions(struct symbolise_module *module, Dwarf_Die *unit, Dwarf_Addr address, Dwarf_Die *scopes,
                             size_t capacity)
{
    size_t count = functions_at(&module->functions, unit, address, scopes, capacity);
    for (size_t i = 0; module->image != NULL && i < count; i++)
        debug_image_need_origins(module->image, &scopes[i]);
    return count;
}

size_t symbolise_address(struct symbolise_module *module, uint64_t return_offset, struct reel_symbol *symbols,
                         size_t capacity)
{
    Dwarf_Die scopes[FUNCTIONS_INLINE_DEPTH_MAX];
    Dwarf_Die unit;
    uint64_t address = return_offset - 1; // the call, not what comes after it
    size_t count = 0;
    forget_demangled(module);
    if (capacity == 0)
        return 0;
    memset(symbols, 0, capacity * sizeof *symbols);
    if (!module->is_looked_for)
        look_for_debug_information(module);
    if (find_unit(module, address - module->bias, &unit))
    {
        size_t scope_max = capacity < FUNCTIONS_INLINE_DEPTH_MAX ? capacity : FUNCTIONS_INLINE_DEPTH_MAX;
        place_of_address(&unit, address - module->bias, &symbols[0]);
        find_split_part(&unit);
        count = find_functions(module, &unit, address - module->bias, scopes, scope_max);
    }
    for (size_t i = 0; i < count; i++)
    {
        symbols[i].function = demangle(module, scope_name(&scopes[i]));
        symbols[i].is_inlined = dwarf_tag(&scopes[i]) == DW_TAG_inlined_subroutine;
        if (symbols[i].is_inlined && i + 1 < count)
            place_of_call(&unit, &scopes[i], &symbols[i + 1]);
    }
    struct reel_symbol *outermost = &symbols[count > 0 ? count - 1 : 0];
    if (outermost->function == NULL)
        outermost->function = demangle(module, symbols_find(&module->symbols, module->module, address));
    if (count == 0 && (symbols[0].function != NULL || symbols[0].file != NULL))
        count = 1;
    return count;
}
