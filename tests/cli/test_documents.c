// SPDX-License-Identifier: MIT
// docs/commands.md against the tables of options: none undocumented, none that does not exist.
#include "fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"

static char page[65536];

static int read_page(void **state)
{
    (void)state;
    FILE *file = fopen(HEAPREEL_SOURCE "/docs/commands.md", "r");
    if (file == NULL)
        return -1;
    page[fread(page, 1, sizeof page - 1, file)] = '\0';
    return fclose(file);
}

// The command's part of the page, to be freed.
static char *section_of(const struct cli_command *command)
{
    char heading[128];
    snprintf(heading, sizeof heading, "\n## heapreel %s%s%s\n", command->name, command->arguments[0] != '\0' ? " " : "",
             command->arguments);
    const char *begin = strstr(page, heading);
    if (begin == NULL)
    {
        fail_msg("docs/commands.md has no heading '%s'", heading + 1);
        return NULL;
    }
    const char *end = strstr(begin + 4, "\n## ");
    return end != NULL ? strndup(begin, (size_t)(end - begin)) : strdup(begin);
}

static void every_option_of_every_command_is_documented(void **state)
{
    (void)state;
    char wanted[128];
    for (size_t i = 0; cli_commands[i] != NULL; i++)
    {
        char *section = section_of(cli_commands[i]);
        for (const struct argp_option *option = cli_commands[i]->options; option->name != NULL; option++)
        {
            snprintf(wanted, sizeof wanted, "`--%s%s", option->name, option->arg != NULL ? " " : "`");
            if (strstr(section, wanted) == NULL)
                fail_msg("heapreel %s --%s is not in docs/commands.md", cli_commands[i]->name, option->name);
        }
        free(section);
    }
}

static bool has_option(const struct cli_command *command, const char *name, size_t length)
{
    for (const struct argp_option *option = command->options; option->name != NULL; option++)
        if (strlen(option->name) == length && strncmp(option->name, name, length) == 0)
            return true;
    return false;
}

static void every_documented_option_exists(void **state)
{
    (void)state;
    for (size_t i = 0; cli_commands[i] != NULL; i++)
    {
        char *section = section_of(cli_commands[i]);
        for (const char *at = section; (at = strstr(at, "`--")) != NULL; at += 3)
        {
            size_t length = strcspn(at + 3, " `");
            if (!has_option(cli_commands[i], at + 3, length))
                fail_msg("docs/commands.md tells of heapreel %s --%.*s, which there is not", cli_commands[i]->name,
                         (int)length, at + 3);
        }
        free(section);
    }
}

static void every_documented_command_exists(void **state)
{
    (void)state;
    size_t headings = 0;
    size_t commands = 0;
    for (const char *at = page; (at = strstr(at, "\n## heapreel ")) != NULL; at++)
        headings++;
    while (cli_commands[commands] != NULL)
        commands++;
    assert_int_equal(headings, commands);
}

// The fields of the summary's JSON, of which the page speaks too.
static void every_field_of_the_summary_is_documented(void **state)
{
    (void)state;
    struct fixture_reel reel;
    struct fixture_run run;
    fixture_begin(&reel, "fields.reel");
    fixture_alloc(&reel, 0x1000, 8, 24);
    fixture_finish(&reel);
    FIXTURE_HEAPREEL(&run, "summary", "--json", reel.path);
    char *section = section_of(&cli_summary);
    char wanted[128];
    size_t fields = 0;
    for (const char *at = run.out; (at = strstr(at, "\":")) != NULL; at++)
    {
        const char *begin = at;
        while (begin[-1] != '"')
            begin--;
        snprintf(wanted, sizeof wanted, "`%.*s`", (int)(at - begin), begin);
        if (strstr(section, wanted) == NULL)
            fail_msg("the field %s is not in docs/commands.md", wanted);
        fields++;
    }
    assert_true(fields > 40);
    free(section);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_option_of_every_command_is_documented),
        cmocka_unit_test(every_documented_option_exists),
        cmocka_unit_test(every_documented_command_exists),
        cmocka_unit_test(every_field_of_the_summary_is_documented),
    };
    return cmocka_run_group_tests(tests, read_page, NULL);
}
