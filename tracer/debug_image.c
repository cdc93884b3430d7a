// SPDX-License-Identifier: MIT
// Builds an ELF file in memory that holds the sections of debug information at their full size, and fills the two large
// ones from their start on. Refuses supplementary files, relocatable files and compression other than zlib.
#include "tracer/debug_image.h"

#include "tracer/unit_ranges.h"

#include <dwarf.h>
#include <gelf.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <zlib.h>

#define IMAGE_BYTES_MAX (UINT64_C(1) << 36)
#define IMAGE_ALIGNMENT 16
#define IMAGE_ZLIB_HEADER_BYTES 2
#define IMAGE_RATIO_MAX 1032   // the most that deflate makes of a byte: a match of 258 takes two bits
#define IMAGE_STEP_BYTES 65536 // inflated at a time, at least
#define IMAGE_LONG 0xffffffffu // the length of the unit follows in 8 bytes
#define IMAGE_HEADER_BYTES_MAX 12
#define IMAGE_ORIGINS_MAX 16 // as many as libdw follows
#define IMAGE_NAMES ".shstrtab"

enum image_section
{
    IMAGE_INFO, // filled from the start on, as are the lines
    IMAGE_LINE,
    IMAGE_ARANGES,
    IMAGE_ABBREV,
    IMAGE_STR,
    IMAGE_LINE_STR,
    IMAGE_RNGLISTS,
    IMAGE_RANGES,
    IMAGE_ADDR,
    IMAGE_STR_OFFSETS,
    IMAGE_TYPES,
    IMAGE_SECTION_COUNT,
    IMAGE_HEADER_COUNT = IMAGE_SECTION_COUNT + 2,
};

// Of what libdw reads, all that tells names and lines; places of variables, the largest after these, tell none.
static const char *const section_names[IMAGE_SECTION_COUNT] = {
    [IMAGE_INFO] = ".debug_info",         [IMAGE_LINE] = ".debug_line",
    [IMAGE_ARANGES] = ".debug_aranges",   [IMAGE_ABBREV] = ".debug_abbrev",
    [IMAGE_STR] = ".debug_str",           [IMAGE_LINE_STR] = ".debug_line_str",
    [IMAGE_RNGLISTS] = ".debug_rnglists", [IMAGE_RANGES] = ".debug_ranges",
    [IMAGE_ADDR] = ".debug_addr",         [IMAGE_STR_OFFSETS] = ".debug_str_offsets",
    [IMAGE_TYPES] = ".debug_types"};

struct section
{
    const Elf_Data *source; // NULL: the file has none
    bool is_compressed;
    uint64_t bytes;
    uint64_t offset; // in the image
    uint64_t filled;
    z_stream stream; // begun when the first byte is needed
    bool has_stream;
};

struct debug_image
{
    struct section sections[IMAGE_SECTION_COUNT];
    uint8_t *bytes;
    uint64_t byte_count;
    Elf *elf;
    Dwarf *dwarf;
    struct unit_ranges listed;  // by .debug_aranges
    struct unit_ranges scanned; // by the units, for what is not listed
    bool is_scanned;
    uint64_t units_end; // of the units whose headers have been read
};

static uint64_t aligned(uint64_t offset)
{
    return (offset + IMAGE_ALIGNMENT - 1) & ~(uint64_t)(IMAGE_ALIGNMENT - 1);
}

static uint8_t *content(const struct debug_image *image, enum image_section section)
{
    return image->bytes + image->sections[section].offset;
}

// Raw, without the sum at its end: the build id says that this is the file.
static bool begin_stream(struct section *section)
{
    if (section->has_stream)
        return true;
    const uint8_t *source = section->source->d_buf;
    section->stream.next_in = (uint8_t *)(uintptr_t)(source + sizeof(Elf64_Chdr) + IMAGE_ZLIB_HEADER_BYTES);
    section->stream.avail_in = (uInt)(section->source->d_size - sizeof(Elf64_Chdr) - IMAGE_ZLIB_HEADER_BYTES);
    section->has_stream = inflateInit2(&section->stream, -MAX_WBITS) == Z_OK;
    return section->has_stream;
}

static void copy(const struct debug_image *image, enum image_section which)
{
    const struct section *section = &image->sections[which];
    memcpy(content(image, which), section->source->d_buf, section->bytes);
}

// Fills a section at least to end. What cannot be inflated stays zero, which libdw takes for damage.
static void fill(struct debug_image *image, enum image_section which, uint64_t end)
{
    struct section *section = &image->sections[which];
    if (end > section->bytes)
        end = section->bytes;
    if (section->filled >= end)
        return;
    if (!section->is_compressed)
    {
        copy(image, which);
        section->filled = section->bytes;
        return;
    }
    if (end - section->filled < IMAGE_STEP_BYTES)
        end = section->bytes - section->filled < IMAGE_STEP_BYTES ? section->bytes : section->filled + IMAGE_STEP_BYTES;
    if (begin_stream(section))
    {
        section->stream.next_out = content(image, which) + section->filled;
        section->stream.avail_out = (uInt)(end - section->filled);
        inflate(&section->stream, Z_SYNC_FLUSH);
    }
    section->filled = end;
}

static void fill_all(struct debug_image *image)
{
    for (int i = 0; i < IMAGE_SECTION_COUNT; i++)
        fill(image, (enum image_section)i, UINT64_MAX);
}

static bool take_section(struct section *section, Elf_Scn *scn, const GElf_Shdr *header)
{
    GElf_Chdr compression;
    section->is_compressed = (header->sh_flags & SHF_COMPRESSED) != 0;
    section->source = elf_rawdata(scn, NULL);
    section->bytes = header->sh_size;
    if (section->source == NULL || section->source->d_buf == NULL || section->source->d_size > UINT_MAX)
        return false;
    if (!section->is_compressed)
        return section->source->d_size == section->bytes;
    if (gelf_getchdr(scn, &compression) == NULL || compression.ch_type != ELFCOMPRESS_ZLIB ||
        section->source->d_size < sizeof(Elf64_Chdr) + IMAGE_ZLIB_HEADER_BYTES)
        return false;
    section->bytes = compression.ch_size;
    return section->bytes < UINT_MAX && // what zlib counts with
           section->bytes / IMAGE_RATIO_MAX <= section->source->d_size;
}

static bool take_sections(struct debug_image *image, Elf *elf, size_t names)
{
    for (Elf_Scn *scn = elf_nextscn(elf, NULL); scn != NULL; scn = elf_nextscn(elf, scn))
    {
        GElf_Shdr header;
        const char *name = gelf_getshdr(scn, &header) != NULL ? elf_strptr(elf, names, header.sh_name) : NULL;
        if (name == NULL || strcmp(name, ".gnu_debugaltlink") == 0)
            return false;
        for (int i = 0; i < IMAGE_SECTION_COUNT; i++)
            if (strcmp(name, section_names[i]) == 0 &&
                (image->sections[i].source != NULL || !take_section(&image->sections[i], scn, &header)))
                return false;
    }
    return image->sections[IMAGE_INFO].is_compressed && image->sections[IMAGE_ABBREV].source != NULL;
}

// Header of the file, sections, their names, their headers: the first is empty, the last is of the names.
static uint64_t lay_out(struct debug_image *image, uint64_t *names_at, uint64_t *names_bytes)
{
    uint64_t at = sizeof(Elf64_Ehdr);
    *names_bytes = sizeof IMAGE_NAMES + 1;
    for (int i = 0; i < IMAGE_SECTION_COUNT; i++)
    {
        image->sections[i].offset = at;
        at = aligned(at + image->sections[i].bytes);
        *names_bytes += strlen(section_names[i]) + 1;
    }
    *names_at = at;
    uint64_t headers_at = aligned(at + *names_bytes);
    image->byte_count = headers_at + IMAGE_HEADER_COUNT * sizeof(Elf64_Shdr);
    return headers_at;
}

static void write_headers(struct debug_image *image, uint64_t headers_at, uint64_t names_at, uint64_t names_bytes)
{
    Elf64_Shdr *headers = (void *)(image->bytes + headers_at);
    char *names = (char *)image->bytes + names_at;
    uint64_t name = 1;
    for (int i = 0; i < IMAGE_SECTION_COUNT; i++)
    {
        const struct section *section = &image->sections[i];
        headers[i + 1] = (Elf64_Shdr){.sh_name = (Elf64_Word)name,
                                      .sh_type = section->source != NULL ? SHT_PROGBITS : SHT_NOBITS,
                                      .sh_offset = section->offset,
                                      .sh_size = section->bytes,
                                      .sh_addralign = 1};
        strcpy(names + name, section_names[i]);
        name += strlen(section_names[i]) + 1;
    }
    headers[IMAGE_HEADER_COUNT - 1] = (Elf64_Shdr){.sh_name = (Elf64_Word)name,
                                                   .sh_type = SHT_STRTAB,
                                                   .sh_offset = names_at,
                                                   .sh_size = names_bytes,
                                                   .sh_addralign = 1};
    strcpy(names + name, IMAGE_NAMES);
}

static bool build(struct debug_image *image, const Elf64_Ehdr *original)
{
    uint64_t names_at;
    uint64_t names_bytes;
    uint64_t headers_at = lay_out(image, &names_at, &names_bytes);
    void *map = image->byte_count > IMAGE_BYTES_MAX ? MAP_FAILED
                                                    : mmap(NULL, image->byte_count, PROT_READ | PROT_WRITE,
                                                           MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (map == MAP_FAILED)
        return false;
    image->bytes = map;
    madvise(map, image->byte_count, MADV_HUGEPAGE); // page by page it takes a tenth longer to fill
    Elf64_Ehdr header = *original;
    header.e_phoff = 0;
    header.e_phnum = 0;
    header.e_shoff = headers_at;
    header.e_shentsize = sizeof(Elf64_Shdr);
    header.e_shnum = IMAGE_HEADER_COUNT;
    header.e_shstrndx = IMAGE_HEADER_COUNT - 1;
    memcpy(image->bytes, &header, sizeof header);
    write_headers(image, headers_at, names_at, names_bytes);
    return true;
}

static bool open_image(struct debug_image *image, Elf *elf)
{
    size_t names;
    const Elf64_Ehdr *header = elf64_getehdr(elf);
    if (header == NULL || header->e_type == ET_REL || header->e_ident[EI_DATA] != ELFDATA2LSB ||
        elf_getshdrstrndx(elf, &names) != 0 || !take_sections(image, elf, names) || !build(image, header))
        return false;
    for (int i = IMAGE_LINE + 1; i < IMAGE_SECTION_COUNT; i++)
        fill(image, (enum image_section)i, UINT64_MAX);
    if (!unit_ranges_read(&image->listed, content(image, IMAGE_ARANGES), image->sections[IMAGE_ARANGES].bytes))
        unit_ranges_clean_up(&image->listed);
    image->elf = elf_memory((char *)image->bytes, image->byte_count);
    image->dwarf = image->elf != NULL ? dwarf_begin_elf(image->elf, DWARF_C_READ, NULL) : NULL;
    return image->dwarf != NULL;
}

struct debug_image *debug_image_open(Elf *elf)
{
    struct debug_image *image = calloc(1, sizeof *image);
    if (image != NULL && open_image(image, elf))
        return image;
    debug_image_close(image);
    return NULL;
}

void debug_image_close(struct debug_image *image)
{
    if (image == NULL)
        return;
    dwarf_end(image->dwarf);
    elf_end(image->elf);
    for (int i = 0; i < IMAGE_SECTION_COUNT; i++)
        if (image->sections[i].has_stream)
            inflateEnd(&image->sections[i].stream);
    unit_ranges_clean_up(&image->listed);
    unit_ranges_clean_up(&image->scanned);
    if (image->bytes != NULL)
        munmap(image->bytes, image->byte_count);
    free(image);
}

Dwarf *debug_image_dwarf(struct debug_image *image)
{
    return image->dwarf;
}

// End of the unit, or table of lines, that begins at an offset; 0: damaged.
static uint64_t end_of_unit(struct debug_image *image, enum image_section which, uint64_t begin)
{
    uint32_t short_length;
    uint64_t bytes = image->sections[which].bytes;
    if (begin >= bytes || bytes - begin < IMAGE_HEADER_BYTES_MAX)
        return 0;
    fill(image, which, begin + IMAGE_HEADER_BYTES_MAX);
    const uint8_t *at = content(image, which) + begin;
    memcpy(&short_length, at, sizeof short_length);
    uint64_t length = short_length;
    if (short_length == IMAGE_LONG)
        memcpy(&length, at + sizeof short_length, sizeof length);
    uint64_t header_bytes = short_length == IMAGE_LONG ? IMAGE_HEADER_BYTES_MAX : sizeof short_length;
    return length != 0 && length <= bytes - begin - header_bytes ? begin + header_bytes + length : 0;
}

// All units up to the one that an offset lies in: libdw walks over them to find it.
static void need_info(struct debug_image *image, uint64_t offset)
{
    while (image->units_end <= offset)
    {
        uint64_t end = end_of_unit(image, IMAGE_INFO, image->units_end);
        if (end == 0)
        {
            fill_all(image);
            image->units_end = UINT64_MAX;
            return;
        }
        image->units_end = end;
    }
    fill(image, IMAGE_INFO, image->units_end);
}

// A list of some units does not tell that it is not of all, so what is not in it may be anywhere.
static const struct unit_range *find_range(struct debug_image *image, Dwarf_Addr address)
{
    const struct unit_range *listed = unit_ranges_find(&image->listed, address);
    if (listed != NULL)
        return listed;
    if (!image->is_scanned)
    {
        fill(image, IMAGE_INFO, UINT64_MAX);
        unit_ranges_scan(&image->scanned, image->dwarf);
    }
    image->is_scanned = true;
    return unit_ranges_find(&image->scanned, address);
}

Dwarf_Die *debug_image_unit(struct debug_image *image, Dwarf_Addr address, Dwarf_Die *unit)
{
    const struct unit_range *range = find_range(image, address);
    if (range == NULL)
        return NULL;
    need_info(image, range->unit);
    return unit_ranges_die(image->dwarf, range, unit) ? unit : NULL;
}

void debug_image_need_lines(struct debug_image *image, Dwarf_Die *unit)
{
    Dwarf_Attribute attribute;
    Dwarf_Word offset;
    if (dwarf_formudata(dwarf_attr(unit, DW_AT_stmt_list, &attribute), &offset) != 0)
        return;
    uint64_t end = end_of_unit(image, IMAGE_LINE, offset);
    fill(image, IMAGE_LINE, end != 0 ? end : UINT64_MAX);
}

// A reference may leave its unit by an offset in the section; by a signature it may go anywhere. Split units have a
// file of their own.
static void need_referred(struct debug_image *image, Dwarf_Attribute *attribute)
{
    if (dwarf_cu_getdwarf(attribute->cu) != image->dwarf)
        return;
    Dwarf_Half version = 0;
    uint8_t address_bytes = 0;
    uint8_t offset_bytes = 0;
    uint64_t offset = 0;
    unsigned form = dwarf_whatform(attribute);
    if (form == DW_FORM_ref_sig8)
        fill_all(image);
    if (form != DW_FORM_ref_addr ||
        dwarf_cu_info(attribute->cu, &version, NULL, NULL, NULL, NULL, &address_bytes, &offset_bytes) != 0)
        return;
    memcpy(&offset, attribute->valp, version == 2 ? address_bytes : offset_bytes);
    need_info(image, offset);
}

void debug_image_need_origins(struct debug_image *image, Dwarf_Die *function)
{
    Dwarf_Die die = *function;
    for (int i = 0; i < IMAGE_ORIGINS_MAX; i++)
    {
        Dwarf_Attribute attribute;
        Dwarf_Die origin;
        if (dwarf_attr(&die, DW_AT_abstract_origin, &attribute) == NULL &&
            dwarf_attr(&die, DW_AT_specification, &attribute) == NULL)
            return;
        need_referred(image, &attribute);
        if (dwarf_formref_die(&attribute, &origin) == NULL)
            return;
        die = origin;
    }
}
