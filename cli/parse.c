// SPDX-License-Identifier: MIT
// argp, made to complain in one line: it is told to be silent, and what went wrong is found out here.
#include "cli/parse.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/complain.h"

#define KEY_HELP '?'
#define OPTIONS_MAX 32

struct parse
{
    const struct cli_command *command;
    void *settings;
    bool is_help_given;
    bool has_complained;
};

static const struct argp_option help_option = {"help", KEY_HELP, NULL, 0, "Give this help", -1};

static const struct argp_option *find_option(const struct cli_command *command, const char *word)
{
    for (const struct argp_option *option = command->options; option->name != NULL; option++)
    {
        bool is_short = word[0] == '-' && word[1] == option->key && word[2] == '\0';
        if (is_short || (strncmp(word, "--", 2) == 0 && option->name != NULL && strcmp(word + 2, option->name) == 0))
            return option;
    }
    return NULL;
}

// argp has stopped at a word without telling why.
static void complain_of_word(struct argp_state *state, const struct parse *parse)
{
    int at = state->next > 1 && state->argv[state->next - 1][0] == '-' ? state->next - 1 : state->next;
    const char *word = at < state->argc ? state->argv[at] : state->argv[state->argc - 1];
    const struct argp_option *option = find_option(parse->command, word);
    if (option != NULL && option->arg != NULL)
        cli_usage_error(state, "%s needs a value, %s", word, option->arg);
    else
        cli_usage_error(state, "%s is no option", word);
}

// The command sees its settings as the input; its complaints find the way back by the hook.
static error_t take(int key, char *argument, struct argp_state *state)
{
    struct parse *parse = state->input;
    if (key == KEY_HELP)
    {
        parse->is_help_given = true;
        return ECANCELED;
    }
    if (key == ARGP_KEY_ERROR)
    {
        state->hook = parse;
        if (!parse->is_help_given && !parse->has_complained)
            complain_of_word(state, parse);
        return 0;
    }
    state->hook = parse;
    state->input = parse->settings;
    return parse->command->take(key, argument, state);
}

static void join_options(const struct cli_command *command, struct argp_option options[OPTIONS_MAX])
{
    size_t count = 0;
    for (const struct argp_option *option = command->options; option->name != NULL && count < OPTIONS_MAX - 2; option++)
        options[count++] = *option;
    options[count++] = help_option;
    options[count] = (struct argp_option){0};
}

static int print_help(const struct argp *argp, const struct cli_command *command)
{
    char name[64];
    snprintf(name, sizeof name, "heapreel %s", command->name);
    argp_help(argp, stdout, ARGP_HELP_USAGE | ARGP_HELP_LONG | ARGP_HELP_DOC, name);
    return cli_flush_answer(CLI_OK);
}

int cli_parse(const struct cli_command *command, int argc, char **argv, void *settings)
{
    char text[2048];
    struct argp_option options[OPTIONS_MAX];
    const struct argp argp = {.options = options, .parser = take, .args_doc = command->arguments, .doc = text};
    struct parse parse = {.command = command, .settings = settings};
    join_options(command, options);
    snprintf(text, sizeof text, "%s.%s%s", command->purpose, command->details != NULL ? "\v" : "",
             command->details != NULL ? command->details : "");
    unsigned flags = ARGP_NO_HELP | ARGP_NO_ERRS | ARGP_NO_EXIT | command->argp_flags;
    error_t error = argp_parse(&argp, argc, argv, flags, NULL, &parse);
    if (parse.is_help_given)
        return print_help(&argp, command);
    if (error == 0)
        return CLI_GO;
    return parse.has_complained ? CLI_USAGE : cli_complain(CLI_CANNOT, "%s: %s", command->name, strerror(error));
}

error_t cli_usage_error(struct argp_state *state, const char *format, ...)
{
    struct parse *parse = state->hook;
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    parse->has_complained = true;
    cli_complain(CLI_USAGE, "%s: %s; see heapreel %s --help", parse->command->name, text, parse->command->name);
    return EINVAL;
}

error_t cli_take_number(struct argp_state *state, const char *option, const char *text, uint64_t min, uint64_t max,
                        uint64_t *number)
{
    char *end = NULL;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 || value < min || value > max)
        return cli_usage_error(state, "%s %s is no whole number from %llu to %llu", option, text,
                               (unsigned long long)min, (unsigned long long)max);
    *number = value;
    return 0;
}

error_t cli_take_reel(struct argp_state *state, int key, char *argument, const char **reel)
{
    if (key == ARGP_KEY_ARG && *reel != NULL)
        return cli_usage_error(state, "%s is one word too many", argument);
    if (key == ARGP_KEY_ARG)
    {
        *reel = argument;
        return 0;
    }
    if (key != ARGP_KEY_END)
        return ARGP_ERR_UNKNOWN;
    return *reel != NULL ? 0 : cli_usage_error(state, "no reel is named");
}
