// SPDX-License-Identifier: MIT
// The identity of resident bytes. Computes nothing of it.
#include "cli/identity.h"

#include <stdio.h>

#include "cli/json.h"
#include "text/format.h"

static void print_part(const char *joint, const char *name, uint64_t bytes, uint64_t resident)
{
    char amount[FORMAT_BYTES];
    char share[FORMAT_BYTES];
    printf("%s%s %s", joint, name, format_bytes(amount, bytes));
    if (bytes != 0)
        printf(" (%s)", format_share(share, bytes, resident));
}

void identity_print(const struct reel_identity *identity)
{
    uint64_t resident = identity->resident_bytes;
    char amount[FORMAT_BYTES];
    char when[FORMAT_BYTES];
    printf("resident %s", format_bytes(amount, resident));
    print_part(" = ", "requested", identity->requested_bytes, resident);
    print_part(" + ", "rounding", identity->rounding_bytes, resident);
    print_part("\n  + ", "pinned", identity->pinned_bytes, resident);
    print_part(" + ", "retained", identity->retained_bytes, resident);
    print_part(" + ", "metadata", identity->metadata_bytes, resident);
    if (identity->untouched_bytes != 0)
        printf("; apart: untouched %s", format_bytes(amount, identity->untouched_bytes));
    printf("\n");
    if (identity->is_sampled)
        printf("  the kernel counted %s at %s; carried on from there by the events\n",
               format_bytes(amount, identity->kernel_resident_bytes), format_time(when, identity->sample_t_ns));
    else
        printf("  where the kernel had not been asked by then, all pages with blocks are taken as resident\n");
}

void identity_add_json(cJSON *document, const struct reel_identity *identity)
{
    cJSON *object = cJSON_AddObjectToObject(document, "identity");
    json_add_count(object, "resident_bytes", identity->resident_bytes);
    json_add_count(object, "requested_bytes", identity->requested_bytes);
    json_add_count(object, "rounding_bytes", identity->rounding_bytes);
    json_add_count(object, "pinned_bytes", identity->pinned_bytes);
    json_add_count(object, "retained_bytes", identity->retained_bytes);
    json_add_count(object, "metadata_bytes", identity->metadata_bytes);
    json_add_count(object, "untouched_bytes", identity->untouched_bytes);
    cJSON_AddBoolToObject(object, "is_sampled", identity->is_sampled);
    if (!identity->is_sampled)
    {
        cJSON_AddNullToObject(object, "sample_t_ns");
        cJSON_AddNullToObject(object, "kernel_resident_bytes");
        return;
    }
    json_add_count(object, "sample_t_ns", identity->sample_t_ns);
    json_add_count(object, "kernel_resident_bytes", identity->kernel_resident_bytes);
}
