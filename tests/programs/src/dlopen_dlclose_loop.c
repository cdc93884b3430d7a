// SPDX-License-Identifier: MIT
// dlopen_dlclose_loop PLUGIN ROUNDS: loads, calls and unloads a library; another thread allocates all the while.
#include <dlfcn.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static atomic_bool is_over;

static void *allocate(void *argument)
{
    while (!atomic_load(&is_over))
        free(malloc(48));
    return argument;
}

static bool go_round(const char *path)
{
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (library == NULL)
        return false;
    char *(*work)(const char *);
    *(void **)&work = dlsym(library, "plugin_work");
    char *text = work("a word");
    bool is_right = strcmp(text, "a word") == 0 && dlsym(library, "no_such_symbol") == NULL && dlerror() != NULL;
    free(text);
    return dlclose(library) == 0 && is_right;
}

int main(int argc, char **argv)
{
    int rounds = argc > 2 ? atoi(argv[2]) : 100;
    pthread_t thread;
    if (argc < 2 || pthread_create(&thread, NULL, allocate, NULL) != 0)
        return 2;
    for (int i = 0; i < rounds; i++)
        if (!go_round(argv[1]))
            return 1;
    bool is_refused = dlopen("/nonexistent/library.so", RTLD_NOW) == NULL;
    atomic_store(&is_over, true);
    pthread_join(thread, NULL);
    printf("%d rounds, missing library %s\n", rounds, is_refused ? "refused" : "found");
    return 0;
}
