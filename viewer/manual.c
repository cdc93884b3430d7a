// SPDX-License-Identifier: MIT
// Prints the manual page of heapreel view: what stands around the keys is here, the keys come from their table. Runs
// when Heapreel is built.
#include "viewer/keys.h"

#include <stdio.h>
#include <string.h>

static const char head[] =
    ".TH HEAPREEL-VIEW 1\n"
    ".SH NAME\nheapreel-view \\- the heap of a program on the screen, finished or while it is recorded\n"
    ".SH SYNOPSIS\n.B heapreel view\n[\\fIOPTION\\fR...] \\fIF\\fR|\\fIPID\\fR\n"
    ".SH DESCRIPTION\n"
    "Replays the reel \\fIF\\fR, or follows the program \\fIPID\\fR that\n.BR \"heapreel record\"\nrecords. "
    "The curve of the run is always in sight; what is selected in one page is highlighted in all. "
    "The options are listed by\n.BR \"heapreel view --help\" .\n"
    ".SH KEYS\n";

static const char tail[] = ".SH ENVIRONMENT\n.TP\n.B NO_COLOR\nset and not empty: no colours\n.TP\n.B TERM\n"
                           "the terminal; one that cannot move its cursor gets the Overview once, as text\n"
                           ".SH SEE ALSO\n.BR \"heapreel help\"\n";

// A hyphen that is one, and no request where a line begins.
static void print_text(const char *text)
{
    for (; *text != '\0'; text++)
    {
        if (*text == '-')
            fputs("\\-", stdout);
        else if (*text == '\\')
            fputs("\\e", stdout);
        else if (*text == '\'')
            fputs("\\(aq", stdout);
        else if (*text == '.')
            fputs("\\&.", stdout);
        else if (*text == '^')
            fputs("\\(ha", stdout);
        else
            putchar(*text);
    }
}

static void print_key(const struct key_row *row)
{
    const char *keys = row->keys;
    printf(".TP\n");
    while (*keys != '\0')
    {
        char key[32];
        size_t length = strcspn(keys, " ");
        snprintf(key, sizeof key, "%.*s", (int)length, keys);
        fputs("\\fB", stdout);
        print_text(key);
        fputs("\\fR", stdout);
        keys += length;
        keys += strspn(keys, " ");
        fputs(*keys != '\0' ? ", " : "\n", stdout);
    }
    print_text(row->help);
    putchar('\n');
}

int main(void)
{
    fputs(head, stdout);
    for (int scope = KEY_GLOBAL; scope <= KEY_TIME; scope++)
    {
        printf(".SS %s\n", keys_scope_title((enum key_scope)scope));
        for (size_t i = 0; i < key_row_count; i++)
            if (key_rows[i].scope == (enum key_scope)scope)
                print_key(&key_rows[i]);
    }
    fputs(tail, stdout);
    return fflush(stdout) == 0 && !ferror(stdout) ? 0 : 1;
}
