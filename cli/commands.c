// SPDX-License-Identifier: MIT
// The table of commands, and what the program does with its first word.
#include "cli/command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/complain.h"
#include "cli/parse.h"

const struct cli_command *const cli_commands[] = {
    &cli_record, &cli_view,    &cli_web,    &cli_report,   &cli_summary, &cli_top,
    &cli_blame,  &cli_classes, &cli_pages,  &cli_timeline, &cli_address, &cli_diff,
    &cli_check,  &cli_sql,     &cli_claims, &cli_bench,    &cli_doctor,  NULL,
};

static const struct cli_command *find_command(const char *name)
{
    for (size_t i = 0; cli_commands[i] != NULL; i++)
        if (strcmp(cli_commands[i]->name, name) == 0)
            return cli_commands[i];
    return NULL;
}

static int print_help(void)
{
    printf("Heapreel records every allocation of an unmodified program into one file, a reel,\n"
           "and answers questions about it.\n\n");
    for (size_t i = 0; cli_commands[i] != NULL; i++)
        printf("  heapreel %s %s\n        %s\n", cli_commands[i]->name, cli_commands[i]->arguments,
               cli_commands[i]->purpose);
    printf("\n  heapreel COMMAND --help    the options of a command\n"
           "  heapreel --version         which version this is\n\n"
           "Exit status: 0, 1 a finding (check, doctor, --fail-if), 2 usage, 3 cannot read or run; record returns the\n"
           "program's own.\n");
    return cli_flush_answer(CLI_OK);
}

static int run_command(const struct cli_command *command, int argc, char **argv)
{
    void *settings = calloc(1, command->settings_bytes + 1); // also where there is nothing to set
    if (settings == NULL)
        return cli_complain(CLI_CANNOT, "out of memory");
    int status = cli_parse(command, argc, argv, settings);
    if (status == CLI_GO)
        status = command->run(settings);
    free(settings);
    return status;
}

static int help_on(const char *name)
{
    const struct cli_command *command = find_command(name);
    char *words[] = {(char[]){"help"}, (char[]){"--help"}, NULL};
    if (command == NULL)
        return cli_complain(CLI_USAGE, "%s is no command; see heapreel help", name);
    return run_command(command, 2, words);
}

int cli_main(int argc, char **argv)
{
    if (argc < 2)
        return cli_complain(CLI_USAGE, "no command is named; see heapreel help");
    const char *word = argv[1];
    if (strcmp(word, "--version") == 0 || strcmp(word, "-V") == 0)
    {
        printf("heapreel %s\n", HEAPREEL_VERSION);
        return cli_flush_answer(CLI_OK);
    }
    if (strcmp(word, "help") == 0 && argc > 2)
        return help_on(argv[2]);
    if (strcmp(word, "help") == 0 || strcmp(word, "--help") == 0 || strcmp(word, "-?") == 0 || strcmp(word, "-h") == 0)
        return print_help();
    const struct cli_command *command = find_command(word);
    if (command == NULL)
        return cli_complain(CLI_USAGE, "%s is no command; see heapreel help", word);
    return run_command(command, argc - 1, argv + 1);
}
