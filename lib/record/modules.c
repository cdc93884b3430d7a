// SPDX-License-Identifier: MIT
// The module log: which code lies where. Asks the dynamic loader, appends what is new to the channel, and opens a new
// code generation when something has gone.
//
// One thread at a time; whoever finds it busy goes on without: the loader's lock may be held by a thread that is
// waiting for nothing of ours, and so nobody may wait for us while we wait for the loader.
#define _GNU_SOURCE
#include "base/memory.h"
#include "base/syscall.h"
#include "record/clock.h"
#include "record/record.h"
#include "record/recorder_internal.h"

#include <elf.h>
#include <link.h>
#include <string.h>

enum
{
    MODULE_COUNT_MAX = 4096,
    PATH_MAX_BYTES = 4096,
};

struct module
{
    uint64_t bias;
    uint64_t begin;
    uint64_t end;
    uint64_t path_hash;
    bool is_present; // in the scan that is under way
    bool is_loaded;
    uint32_t serial;
};

static struct
{
    struct module *known; // known_count of them, never moved
    uint32_t known_count; // atomic
    uint32_t last_serial;
    uint32_t is_busy;    // atomic flag
    uint64_t loads_seen; // the loader's own counters at the last scan
    uint64_t unloads_seen;
    char path[PATH_MAX_BYTES]; // scratch of the scan
} modules;

bool modules_open(void)
{
    modules.known = base_memory_map(MODULE_COUNT_MAX * sizeof *modules.known);
    return modules.known;
}

bool modules_know(uint64_t address)
{
    uint32_t count = __atomic_load_n(&modules.known_count, __ATOMIC_ACQUIRE);
    for (uint32_t i = 0; i < count; i++)
        if (address - modules.known[i].begin < modules.known[i].end - modules.known[i].begin)
            return modules.known[i].is_loaded;
    return false;
}

// FNV-1a by Fowler, Noll and Vo.
static uint64_t hash_text(const char *text)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (; *text; text++)
        hash = (hash ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
    return hash;
}

static bool range_of(const struct dl_phdr_info *info, uint64_t *begin, uint64_t *end)
{
    *begin = UINT64_MAX;
    *end = 0;
    for (int i = 0; i < info->dlpi_phnum; i++)
    {
        const ElfW(Phdr) *header = &info->dlpi_phdr[i];
        uint64_t first = info->dlpi_addr + header->p_vaddr;
        if (header->p_type != PT_LOAD)
            continue;
        *begin = first < *begin ? first : *begin;
        *end = first + header->p_memsz > *end ? first + header->p_memsz : *end;
    }
    return *begin < *end;
}

static bool find_build_id_in(const char *note, const char *end, struct wire_module *record)
{
    while (note + sizeof(ElfW(Nhdr)) <= end)
    {
        const ElfW(Nhdr) *header = (const void *)note;
        const char *name = note + sizeof *header;
        const char *content = name + ((header->n_namesz + 3u) & ~3u);
        if (header->n_type == NT_GNU_BUILD_ID && header->n_namesz == 4 && memcmp(name, "GNU", 4) == 0 &&
            header->n_descsz <= WIRE_BUILD_ID_MAX && content + header->n_descsz <= end)
        {
            memcpy(record->build_id, content, header->n_descsz);
            record->build_id_bytes = header->n_descsz;
            return true;
        }
        note = content + ((header->n_descsz + 3u) & ~3u);
    }
    return false;
}

static void find_build_id(const struct dl_phdr_info *info, struct wire_module *record)
{
    for (int i = 0; i < info->dlpi_phnum; i++)
    {
        const ElfW(Phdr) *header = &info->dlpi_phdr[i];
        const char *note = (const char *)(info->dlpi_addr + header->p_vaddr);
        if (header->p_type == PT_NOTE && find_build_id_in(note, note + header->p_memsz, record))
            return;
    }
}

// The loader calls the main program "" and the vDSO by a name without a slash.
static const char *path_of(const struct dl_phdr_info *info)
{
    if (info->dlpi_name && strchr(info->dlpi_name, '/'))
        return info->dlpi_name;
    if (info->dlpi_name && info->dlpi_name[0])
        return "[vdso]";
    long length =
        base_syscall3(SYS_readlink, (uintptr_t) "/proc/self/exe", (uintptr_t)modules.path, sizeof modules.path - 1);
    modules.path[length > 0 ? length : 0] = 0;
    return modules.path;
}

static void append(const struct wire_module *record, const char *path)
{
    struct wire_channel *channel = recorder.channel;
    uint32_t used = channel->module_bytes;
    char *at = (char *)channel + channel->modules_offset + used;
    if (used + record->record_bytes > channel->module_log_bytes || !base_memory_populate(at, record->record_bytes))
    {
        __atomic_add_fetch(&channel->modules_refused, 1, __ATOMIC_RELAXED);
        return;
    }
    memcpy(at, record, sizeof *record);
    memcpy(at + sizeof *record, path, record->path_bytes);
    __atomic_store_n(&channel->module_bytes, used + record->record_bytes, __ATOMIC_RELEASE);
}

static void log_loaded(const struct dl_phdr_info *info, const struct module *module, const char *path)
{
    struct wire_module record = {.kind = WIRE_MODULE_LOADED,
                                 .serial = module->serial,
                                 .generation = recorder.channel->generation,
                                 .bias = module->bias,
                                 .begin = module->begin,
                                 .end = module->end,
                                 .time = clock_stamp(recorder.session->clock),
                                 .path_bytes = (uint32_t)strlen(path)};
    record.record_bytes = (uint32_t)((sizeof record + record.path_bytes + 7) & ~(size_t)7);
    if (module->path_hash != hash_text("[vdso]"))
        find_build_id(info, &record);
    append(&record, path);
}

static void log_unloaded(const struct module *module)
{
    struct wire_module record = {.record_bytes = sizeof record,
                                 .kind = WIRE_MODULE_UNLOADED,
                                 .serial = module->serial,
                                 .generation = recorder.channel->generation + 1,
                                 .time = clock_stamp(recorder.session->clock)};
    append(&record, "");
}

static struct module *find_known(uint64_t bias, uint64_t begin, uint64_t path_hash)
{
    for (uint32_t i = 0; i < modules.known_count; i++)
    {
        struct module *module = &modules.known[i];
        if (module->is_loaded && module->bias == bias && module->begin == begin && module->path_hash == path_hash)
            return module;
    }
    return NULL;
}

static int mark_present(struct dl_phdr_info *info, size_t size, void *context)
{
    (void)size;
    (void)context;
    uint64_t begin;
    uint64_t end;
    if (!range_of(info, &begin, &end))
        return 0;
    struct module *module = find_known(info->dlpi_addr, begin, hash_text(path_of(info)));
    if (module)
        module->is_present = true;
    return 0;
}

// A slot of a module that has gone, or a new one.
static struct module *free_slot(void)
{
    for (uint32_t i = 0; i < modules.known_count; i++)
        if (!modules.known[i].is_loaded)
            return &modules.known[i];
    return modules.known_count < MODULE_COUNT_MAX ? &modules.known[modules.known_count] : NULL;
}

static int add_new(struct dl_phdr_info *info, size_t size, void *context)
{
    (void)size;
    (void)context;
    struct module module = {.bias = info->dlpi_addr, .is_loaded = true, .is_present = true};
    if (!range_of(info, &module.begin, &module.end))
        return 0;
    const char *path = path_of(info);
    module.path_hash = hash_text(path);
    if (find_known(module.bias, module.begin, module.path_hash))
        return 0;
    struct module *slot = free_slot();
    if (!slot)
    {
        __atomic_add_fetch(&recorder.channel->modules_refused, 1, __ATOMIC_RELAXED);
        return 0;
    }
    module.serial = ++modules.last_serial;
    *slot = module;
    if (slot == &modules.known[modules.known_count])
        __atomic_store_n(&modules.known_count, modules.known_count + 1, __ATOMIC_RELEASE);
    log_loaded(info, slot, path);
    return 0;
}

// Retires what the loader no longer has. A new generation begins if there was any.
static void drop_absent(void)
{
    bool is_any = false;
    for (uint32_t i = 0; i < modules.known_count; i++)
    {
        struct module *module = &modules.known[i];
        if (!module->is_loaded || module->is_present)
            continue;
        module->is_loaded = false;
        log_unloaded(module);
        is_any = true;
    }
    if (is_any)
        __atomic_store_n(&recorder.channel->generation, recorder.channel->generation + 1, __ATOMIC_RELEASE);
}

static int read_counters(struct dl_phdr_info *info, size_t size, void *context)
{
    (void)size;
    uint64_t *counters = context;
    counters[0] = info->dlpi_adds;
    counters[1] = info->dlpi_subs;
    return 1;
}

void modules_refresh(void)
{
    if (__atomic_exchange_n(&modules.is_busy, 1, __ATOMIC_ACQUIRE))
        return;
    uint64_t counters[2] = {0, 0};
    dl_iterate_phdr(read_counters, counters);
    if (counters[0] != modules.loads_seen || counters[1] != modules.unloads_seen)
    {
        for (uint32_t i = 0; i < modules.known_count; i++)
            modules.known[i].is_present = false;
        dl_iterate_phdr(mark_present, NULL);
        drop_absent();
        dl_iterate_phdr(add_new, NULL);
        modules.loads_seen = counters[0];
        modules.unloads_seen = counters[1];
    }
    __atomic_store_n(&modules.is_busy, 0, __ATOMIC_RELEASE);
}

static bool copy_log(const struct wire_channel *parent)
{
    struct wire_channel *channel = recorder.channel;
    uint32_t bytes = __atomic_load_n(&parent->module_bytes, __ATOMIC_ACQUIRE);
    char *log = (char *)channel + channel->modules_offset;
    if (bytes > channel->module_log_bytes || !base_memory_populate(log, bytes))
        return false;
    memcpy(log, (const char *)parent + parent->modules_offset, bytes);
    channel->generation = parent->generation;
    __atomic_store_n(&channel->module_bytes, bytes, __ATOMIC_RELEASE);
    return true;
}

void modules_inherit(const struct wire_channel *parent)
{
    if (!modules.is_busy && copy_log(parent))
        return;
    // The fork caught another thread in mid-scan: begin anew, when a stack first asks. What is remembered of code by
    // its generation came along.
    recorder.channel->generation = parent->generation + 1;
    base_memory_clear(modules.known, MODULE_COUNT_MAX * sizeof *modules.known);
    modules.known_count = 0;
    modules.last_serial = 0;
    modules.loads_seen = modules.unloads_seen = 0;
    modules.is_busy = 0;
}

void record_code_changed(void)
{
    if (recorder_is_on())
        modules_refresh();
}

struct range_search
{
    uint64_t address;
    uint64_t begin;
    uint64_t end;
};

static int match_range(struct dl_phdr_info *info, size_t size, void *context)
{
    (void)size;
    struct range_search *search = context;
    uint64_t begin;
    uint64_t end;
    if (!range_of(info, &begin, &end) || search->address - begin >= end - begin)
        return 0;
    search->begin = begin;
    search->end = end;
    return 1;
}

void modules_range_around(uint64_t address, uint64_t *begin, uint64_t *end)
{
    struct range_search search = {.address = address};
    dl_iterate_phdr(match_range, &search);
    *begin = search.begin;
    *end = search.end;
}
