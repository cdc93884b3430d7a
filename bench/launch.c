// SPDX-License-Identifier: MIT
// Runs one program and writes what it cost: launch FILE PROGRAM [ARG...]. FILE gets "seconds peak_rss_bytes
// cpu_seconds", the last one of all processes that the program waited for too.
//
// A small process of its own, because the kernel counts the memory of whoever forks into the child's peak: started by
// an interpreter, every program seems to need as much as the interpreter. Judges nothing; ends with the program's
// status.
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static double seconds_of(struct timeval time)
{
    return (double)time.tv_sec + (double)time.tv_usec * 1e-6;
}

int main(int argc, char **argv)
{
    if (argc < 3)
    {
        fprintf(stderr, "usage: launch FILE PROGRAM [ARG...]\n");
        return 2;
    }
    double begin = seconds_now();
    pid_t child = fork();
    if (child == 0)
    {
        execvp(argv[2], argv + 2);
        perror(argv[2]);
        _exit(127);
    }
    int status = 0;
    struct rusage usage;
    if (child < 0 || wait4(child, &status, 0, &usage) < 0)
    {
        perror("launch");
        return 3;
    }
    double seconds = seconds_now() - begin;
    double cpu_seconds = seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime);
    FILE *file = fopen(argv[1], "w");
    if (file == NULL || fprintf(file, "%.6f %ld %.6f\n", seconds, usage.ru_maxrss * 1024, cpu_seconds) < 0 ||
        fclose(file) != 0)
    {
        perror(argv[1]);
        return 3;
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
