// SPDX-License-Identifier: MIT
// heapreel claims: which claims and allocators, and what to say meanwhile. The lab runs the samples and judges.
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/claims_print.h"
#include "cli/command.h"
#include "cli/complain.h"
#include "cli/installed.h"
#include "cli/parse.h"
#include "cli/trial.h"

#define PATH_BYTES 4096

enum key
{
    KEY_ALLOCATOR = 256,
    KEY_CLAIM,
    KEY_QUICK,
    KEY_LIST,
    KEY_JSON,
    KEY_MARKDOWN,
};

struct settings
{
    const char *allocators; // NULL: all
    const char *claims;     // NULL: all
    bool is_quick;
    bool is_list;
    bool is_json;
    bool is_markdown;
};

static const struct argp_option options[] = {
    {"allocator", KEY_ALLOCATOR, "A,B,...", 0,
     "Allocators: bump:lifo, bump:fifo, bump:none, zoned (each with its options), splitmerge, glibc, jemalloc, "
     "mimalloc, tcmalloc, or the file of a library; all by default",
     0},
    {"claim", KEY_CLAIM, "C,...", 0, "Only these: S8.fork is one claim, S8 all that begin so", 0},
    {"list", KEY_LIST, NULL, 0, "Say what is claimed and measured, and run nothing", 0},
    {"quick", KEY_QUICK, NULL, 0, "Less of everything: seconds for each allocator", 0},
    {"json", KEY_JSON, NULL, 0, "Answer in JSON", 0},
    {"markdown", KEY_MARKDOWN, NULL, 0, "Answer as one table for a document", 0},
    {0},
};

static error_t take(int key, char *argument, struct argp_state *state)
{
    struct settings *settings = state->input;
    switch (key)
    {
    case KEY_ALLOCATOR:
        settings->allocators = argument;
        return 0;
    case KEY_CLAIM:
        settings->claims = argument;
        return 0;
    case KEY_LIST:
        settings->is_list = true;
        return 0;
    case KEY_QUICK:
        settings->is_quick = true;
        return 0;
    case KEY_JSON:
        settings->is_json = true;
        return 0;
    case KEY_MARKDOWN:
        settings->is_markdown = true;
        return 0;
    case ARGP_KEY_ARG:
        return cli_usage_error(state, "%s is one word too many", argument);
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

// True: the claim is the first name of the list, or one of its family.
static bool is_named(const struct lab_claim *claim, const char *name, size_t length)
{
    return length != 0 && strncmp(claim->id, name, length) == 0 &&
           (claim->id[length] == '\0' || claim->id[length] == '.');
}

static bool is_wanted(const struct lab_claim *claim, const char *list)
{
    if (list == NULL)
        return true;
    for (;; list++)
    {
        size_t length = strcspn(list, ",");
        if (is_named(claim, list, length))
            return true;
        list += length;
        if (*list == '\0')
            return false;
    }
}

// Every name of the list is the name of a claim.
static int check_names(const char *list)
{
    for (; list != NULL && *list != '\0'; list += strspn(list, ","))
    {
        size_t length = strcspn(list, ",");
        const struct lab_claim *claim = lab_claims;
        while (claim->id != NULL && !is_named(claim, list, length))
            claim++;
        if (claim->id == NULL)
            return cli_complain(CLI_USAGE, "claims: %.*s is no claim; see heapreel claims --list", (int)length, list);
        list += length;
    }
    return CLI_OK;
}

static int add_allocator(struct claims_answer *answer, const char *name)
{
    if (answer->allocator_count == CLAIMS_ALLOCATORS_MAX)
        return cli_complain(CLI_USAGE, "claims: there is room for %d allocators", CLAIMS_ALLOCATORS_MAX);
    return trial_find_allocator(&answer->allocators[answer->allocator_count++], "claims", name);
}

static int choose_allocators(const char *list, struct claims_answer *answer)
{
    char name[256];
    int status = CLI_OK;
    while (status == CLI_OK && list != NULL && lab_allocator_next(&list, name, sizeof name))
        status = add_allocator(answer, name);
    if (list != NULL)
        return status;
    for (size_t i = 0; status == CLI_OK && lab_allocator_names[i] != NULL; i++)
    {
        status = add_allocator(answer, lab_allocator_names[i]);
        if (status == CLI_OK && strcmp(lab_allocator_names[i], "zoned") == 0)
            status = add_allocator(answer, LAB_ZONED_GUARDED_NAME);
    }
    return status;
}

// Under all allocators. False: interrupted.
static bool run_claim(const struct lab_claims_run *run, const struct lab_claim *claim, struct claims_answer *answer)
{
    for (size_t i = 0; i < answer->allocator_count; i++)
    {
        trial_tell("%s %s under %s", claim->id, claim->sample, answer->allocators[i].name);
        if (!lab_claim_run(run, claim, &answer->allocators[i], answer->results[i]) || trial_is_interrupted())
            return false;
        for (size_t j = 0; claim->measures[j].figure != NULL; j++)
            answer->verdict_counts[answer->results[i][j].verdict]++;
    }
    return true;
}

static int end(const struct settings *settings, const struct claims_answer *answer, cJSON *document, bool is_complete)
{
    int status = CLI_OK;
    if (settings->is_json)
        status = claims_json_end(document, answer, is_complete);
    else
    {
        if (!settings->is_markdown)
            claims_print_text_end(answer);
        status = cli_flush_answer(CLI_OK);
    }
    if (!is_complete)
        return cli_complain(CLI_CANNOT, "claims: interrupted, the rest was not run");
    return status == CLI_OK && answer->verdict_counts[LAB_VIOLATED] != 0 ? CLI_FINDING : status;
}

static int run_claims(const struct settings *settings, const char *samples_folder)
{
    static struct claims_answer answer;
    const struct lab_claims_run run = {.samples_folder = samples_folder, .is_quick = settings->is_quick};
    bool is_complete = true;
    int status = choose_allocators(settings->allocators, &answer);
    if (status != CLI_OK)
        return status;
    cJSON *document = settings->is_json ? claims_json_begin(settings->is_quick) : NULL;
    if (settings->is_markdown)
        claims_print_markdown_begin(&answer);
    for (const struct lab_claim *claim = lab_claims; claim->id != NULL && is_complete; claim++)
    {
        if (!is_wanted(claim, settings->claims))
            continue;
        is_complete = run_claim(&run, claim, &answer);
        trial_tell_no_more();
        if (!is_complete)
            break;
        if (settings->is_json)
            claims_json_add(document, &answer, claim);
        else if (settings->is_markdown)
            claims_print_markdown(&answer, claim);
        else
            claims_print_text(&answer, claim);
    }
    return end(settings, &answer, document, is_complete);
}

static int run(void *context)
{
    const struct settings *settings = context;
    char samples[PATH_BYTES];
    int status = check_names(settings->claims);
    if (status != CLI_OK)
        return status;
    if (settings->is_list)
    {
        claims_print_list();
        return cli_flush_answer(CLI_OK);
    }
    if (!installed_library(INSTALLED_SAMPLES, samples, sizeof samples) || access(samples, X_OK) != 0)
        return cli_complain(CLI_CANNOT, "claims: the samples are not installed beside this program");
    trial_watch_interrupts();
    return run_claims(settings, samples);
}

const struct cli_command cli_claims = {
    .name = "claims",
    .arguments = "",
    .purpose = "Run what is claimed about the designs of allocators, and judge it by figures",
    .details = "Each claim is a sample program with figures. A design of ours that cannot have a property is expected "
               "to fail, and shows by how much; other allocators are run for comparison. Exit status 1 if a figure "
               "of ours is not what its design promises.",
    .options = options,
    .take = take,
    .settings_bytes = sizeof(struct settings),
    .run = run,
};
