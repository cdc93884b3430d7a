// SPDX-License-Identifier: MIT
// conformance [list | GROUP... | FACT...]: runs facts about the malloc family, all where none is named, each in a
// forked process and bounded in time. Prints "ok NAME", "skip NAME why" or "FAIL NAME why"; status 1 when one failed.
#define _GNU_SOURCE
#include "conformance.h"

#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum
{
    SECONDS_PER_FACT = 100,
    STATUS_SKIPPED = 77,
};

static const struct
{
    const char *name;
    const struct fact *facts;
} groups[] = {
    {"refusals", facts_of_refusals}, {"alignment", facts_of_alignment},
    {"contents", facts_of_contents}, {"edges", facts_of_edges},
    {"threads", facts_of_threads},   {"forks", facts_of_forks},
    {"limits", facts_of_limits},     {"cxx", facts_of_cxx},
};

static const char *fact_name;
static volatile pid_t fact_process;

// Lines are written without stdio's buffers: facts fork, and may have broken the heap.
void conformance_fail(const char *file, int line, const char *what)
{
    const char *slash = strrchr(file, '/');
    dprintf(STDOUT_FILENO, "FAIL %s %s:%d: not so: %s\n", fact_name, slash ? slash + 1 : file, line, what);
    _exit(EXIT_FAILURE);
}

void conformance_skip(const char *why)
{
    dprintf(STDOUT_FILENO, "skip %s %s\n", fact_name, why);
    _exit(STATUS_SKIPPED);
}

bool allocator_promises(const char *what)
{
    const char *promises = getenv("ALLOCATOR_PROMISES");
    return promises && strstr(promises, what);
}

void conformance_begin_again_with(size_t address_space_bytes, const char *name)
{
    struct rlimit limit;
    getrlimit(RLIMIT_AS, &limit);
    if (limit.rlim_cur == address_space_bytes)
        return;
    limit.rlim_cur = address_space_bytes;
    EXPECT(setrlimit(RLIMIT_AS, &limit) == 0);
    execl("/proc/self/exe", "conformance", "inside", name, NULL);
    conformance_fail(__FILE__, __LINE__, "the program can be started again");
}

void fill(void *block, size_t bytes, size_t salt)
{
    unsigned char *at = block;
    for (size_t i = 0; i < bytes; i++)
        at[i] = (unsigned char)(salt * 151 + i * 7 + (i >> 8));
}

bool is_filled(const void *block, size_t bytes, size_t salt)
{
    const unsigned char *at = block;
    for (size_t i = 0; i < bytes; i++)
        if (at[i] != (unsigned char)(salt * 151 + i * 7 + (i >> 8)))
            return false;
    return true;
}

static const struct fact *find_fact(const char *name)
{
    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++)
        for (const struct fact *fact = groups[i].facts; fact->name; fact++)
            if (strcmp(fact->name, name) == 0)
                return fact;
    return NULL;
}

__attribute__((noreturn)) static void run_inside(const struct fact *fact)
{
    fact_name = fact->name;
    fact->check();
    exit(EXIT_SUCCESS);
}

static void give_up(int number)
{
    (void)number;
    kill(fact_process, SIGKILL);
}

static bool run(const struct fact *fact)
{
    int status = 0;
    fact_process = fork();
    if (fact_process == 0)
        run_inside(fact);
    alarm(SECONDS_PER_FACT);
    waitpid(fact_process, &status, 0);
    alarm(0);
    if (WIFSIGNALED(status))
        dprintf(STDOUT_FILENO, "FAIL %s died of signal %d (%s)\n", fact->name, WTERMSIG(status),
                strsignal(WTERMSIG(status)));
    else if (WEXITSTATUS(status) == EXIT_SUCCESS)
        dprintf(STDOUT_FILENO, "ok %s\n", fact->name);
    return WIFEXITED(status) && (WEXITSTATUS(status) == EXIT_SUCCESS || WEXITSTATUS(status) == STATUS_SKIPPED);
}

// The facts of that name: a group's, one, or all where name is NULL. Their count is added to *count.
static bool run_named(const char *name, size_t *count)
{
    bool is_good = true;
    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++)
        for (const struct fact *fact = groups[i].facts; fact->name; fact++)
            if (!name || strcmp(name, groups[i].name) == 0 || strcmp(name, fact->name) == 0)
            {
                is_good = run(fact) && is_good;
                (*count)++;
            }
    return is_good;
}

static int list(void)
{
    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++)
        for (const struct fact *fact = groups[i].facts; fact->name; fact++)
            printf("%s %s\n", groups[i].name, fact->name);
    return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    bool is_good = true;
    if (argc == 2 && strcmp(argv[1], "list") == 0)
        return list();
    if (argc == 3 && strcmp(argv[1], "inside") == 0 && find_fact(argv[2]))
        run_inside(find_fact(argv[2]));
    struct sigaction action = {.sa_handler = give_up, .sa_flags = SA_RESTART};
    sigaction(SIGALRM, &action, NULL);
    for (int i = 1; i < argc || i == 1; i++)
    {
        size_t count = 0;
        is_good = run_named(argv[i], &count) && is_good;
        if (count == 0)
        {
            fprintf(stderr, "conformance: %s: no such group or fact\n", argv[i]);
            return 2;
        }
    }
    return is_good ? EXIT_SUCCESS : EXIT_FAILURE;
}
