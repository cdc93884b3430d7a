// SPDX-License-Identifier: MIT
// Reads the module log and finds modules. Refuses to open any module: symbols are looked up once, at the end.
#include "tracer/modules.h"

#include "tracer/failure.h"

#include <stdlib.h>
#include <string.h>

#define MODULES_MAX 65536

static int out_of_memory(struct reel_error *error)
{
    return failure_set(error, REEL_E_NO_MEMORY, "out of memory for the table of modules");
}

static int grow(struct module_table *table, struct reel_error *error)
{
    if (table->count < table->capacity)
        return REEL_OK;
    size_t capacity = table->capacity == 0 ? 32 : table->capacity * 2;
    struct module_entry *entries = realloc(table->entries, capacity * sizeof *entries);
    if (entries == NULL)
        return out_of_memory(error);
    table->entries = entries;
    uint32_t *by_address = realloc(table->by_address, capacity * sizeof *by_address);
    if (by_address == NULL)
        return out_of_memory(error);
    table->by_address = by_address;
    uint64_t *reach = realloc(table->reach, capacity * sizeof *reach);
    if (reach == NULL)
        return out_of_memory(error);
    table->reach = reach;
    table->capacity = capacity;
    return REEL_OK;
}

static int add_loaded(struct module_table *table, const struct wire_module *record, const uint8_t *path,
                      struct reel_error *error)
{
    int status = grow(table, error);
    if (status != REEL_OK)
        return status;
    struct module_entry entry = {
        .begin = record->begin,
        .end = record->end,
        .bias = record->bias,
        .time = record->time,
        .serial = record->serial,
        .first_generation = record->generation,
        .end_generation = UINT32_MAX,
        .build_id_bytes = record->build_id_bytes,
        .path = strndup((const char *)path, record->path_bytes),
    };
    if (entry.path == NULL)
        return out_of_memory(error);
    memcpy(entry.build_id, record->build_id, sizeof entry.build_id);
    table->entries[table->count++] = entry;
    return REEL_OK;
}

static void end_module(struct module_table *table, const struct wire_module *record)
{
    for (size_t i = table->count; i-- > 0;)
        if (table->entries[i].serial == record->serial && table->entries[i].end_generation == UINT32_MAX)
        {
            table->entries[i].end_generation = record->generation;
            return;
        }
}

static bool record_is_possible(const struct wire_module *record, uint32_t bytes_left)
{
    return record->record_bytes >= sizeof *record && record->record_bytes % 8 == 0 &&
           record->record_bytes <= bytes_left && record->path_bytes <= record->record_bytes - sizeof *record &&
           record->build_id_bytes <= WIRE_BUILD_ID_MAX && record->begin <= record->end &&
           (record->kind == WIRE_MODULE_LOADED || record->kind == WIRE_MODULE_UNLOADED);
}

// Few modules come late, so each is inserted where it belongs.
static void sort_new(struct module_table *table)
{
    size_t first_changed = table->sorted;
    for (; table->sorted < table->count; table->sorted++)
    {
        size_t at = table->sorted;
        uint64_t begin = table->entries[table->sorted].begin;
        for (; at > 0 && table->entries[table->by_address[at - 1]].begin > begin; at--)
            table->by_address[at] = table->by_address[at - 1];
        table->by_address[at] = (uint32_t)table->sorted;
        first_changed = at < first_changed ? at : first_changed;
    }
    for (size_t i = first_changed; i < table->sorted; i++)
    {
        uint64_t end = table->entries[table->by_address[i]].end;
        table->reach[i] = i > 0 && table->reach[i - 1] > end ? table->reach[i - 1] : end;
    }
}

int modules_read(struct module_table *table, const struct channel *channel, struct reel_error *error)
{
    uint32_t complete = channel_module_bytes(channel);
    int status = REEL_OK;
    while (status == REEL_OK && !table->is_broken && table->read_bytes < complete)
    {
        const uint8_t *at = channel->modules + table->read_bytes;
        uint32_t left = complete - table->read_bytes;
        struct wire_module record;
        if (left >= sizeof record)
            memcpy(&record, at, sizeof record);
        if (left < sizeof record || !record_is_possible(&record, left) || table->count == MODULES_MAX)
        {
            table->is_broken = true;
            break;
        }
        table->read_bytes += record.record_bytes;
        if (record.kind == WIRE_MODULE_LOADED)
            status = add_loaded(table, &record, at + sizeof record, error);
        else
            end_module(table, &record);
    }
    sort_new(table);
    return status;
}

struct module_entry *modules_find(struct module_table *table, uint64_t return_address, uint32_t generation)
{
    uint64_t call = return_address - 1;
    size_t low = 0;
    size_t high = table->sorted;
    while (low < high)
    {
        size_t middle = low + (high - low) / 2;
        if (table->entries[table->by_address[middle]].begin <= call)
            low = middle + 1;
        else
            high = middle;
    }
    // Modules of other generations may lie at the same place: walk back as long as any can reach the address.
    for (size_t i = low; i-- > 0 && table->reach[i] > call;)
    {
        struct module_entry *entry = &table->entries[table->by_address[i]];
        if (call < entry->end && generation >= entry->first_generation && generation < entry->end_generation)
            return entry;
    }
    return NULL;
}

void modules_clean_up(struct module_table *table)
{
    for (size_t i = 0; i < table->count; i++)
        free(table->entries[i].path);
    free(table->entries);
    free(table->by_address);
    free(table->reach);
    *table = (struct module_table){0};
}
