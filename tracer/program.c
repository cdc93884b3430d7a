// SPDX-License-Identifier: MIT
// Finds and checks the program before anything is started. Refuses to run it.
#include "tracer/program.h"

#include "tracer/failure.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#define PROGRAM_DEFAULT_PATH "/bin:/usr/bin" // what execvp uses without PATH
#define PROGRAM_SCRIPT_DEPTH_MAX 5           // the kernel's own limit
#define PROGRAM_LINE_BYTES 256
#define PROGRAM_HEADERS_MAX 1024

#if defined __x86_64__
#define PROGRAM_MACHINE EM_X86_64
#elif defined __aarch64__
#define PROGRAM_MACHINE EM_AARCH64
#endif

static bool is_executable_file(const char *path)
{
    struct stat about;
    return stat(path, &about) == 0 && S_ISREG(about.st_mode) && faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) == 0;
}

// Looks a name without slash up in PATH; an empty part means the working directory.
static int search_path(struct program *program, const char *name, struct reel_error *error)
{
    const char *part = getenv("PATH");
    if (part == NULL)
        part = PROGRAM_DEFAULT_PATH;
    char refused[PATH_MAX] = "";
    for (bool is_last = false; !is_last; part += strcspn(part, ":") + 1)
    {
        size_t bytes = strcspn(part, ":");
        is_last = part[bytes] == '\0';
        int length =
            snprintf(program->path, sizeof program->path, "%.*s%s%s", (int)bytes, part, bytes > 0 ? "/" : "./", name);
        if (length < 0 || (size_t)length >= sizeof program->path)
            continue;
        if (is_executable_file(program->path))
            return REEL_OK;
        if (refused[0] == '\0' && access(program->path, F_OK) == 0)
            snprintf(refused, sizeof refused, "%s", program->path);
        if (is_last)
            break;
    }
    if (refused[0] != '\0')
        return failure_set(error, REEL_E_ARGUMENT, "%s: found only as %s, which is not an executable file", name,
                           refused);
    return failure_set(error, REEL_E_ARGUMENT, "%s: no such program in PATH; give its path if it is elsewhere", name);
}

static int check_mode(const char *shown, const char *path, struct reel_error *error)
{
    struct stat about;
    if (stat(path, &about) != 0)
        return failure_set(error, REEL_E_ARGUMENT, "%s: %s", shown,
                           errno == ENOENT ? "no such program" : strerror(errno));
    if (S_ISDIR(about.st_mode))
        return failure_set(error, REEL_E_ARGUMENT, "%s: is a directory, not a program", shown);
    if (!S_ISREG(about.st_mode))
        return failure_set(error, REEL_E_ARGUMENT, "%s: not a regular file", shown);
    if (faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) != 0)
        return failure_set(error, REEL_E_ARGUMENT, "%s: not executable for you (chmod +x?)", shown);
    if ((about.st_mode & S_ISUID) != 0 || (about.st_mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP))
        return failure_set(error, REEL_E_ARGUMENT,
                           "%s: is set-%s: such programs ignore LD_PRELOAD; record a copy without that bit", shown,
                           (about.st_mode & S_ISUID) != 0 ? "uid" : "gid");
    if (geteuid() != 0 && getxattr(path, "security.capability", NULL, 0) > 0)
        return failure_set(error, REEL_E_ARGUMENT,
                           "%s: has file capabilities: such programs ignore LD_PRELOAD; record a copy without them",
                           shown);
    return REEL_OK;
}

static int check_loader(const char *shown, int fd, const Elf64_Phdr *header, struct reel_error *error)
{
    char loader[PATH_MAX] = "";
    size_t bytes = header->p_filesz < sizeof loader ? header->p_filesz : sizeof loader - 1;
    if (pread(fd, loader, bytes, (off_t)header->p_offset) != (ssize_t)bytes)
        return failure_set(error, REEL_E_ARGUMENT, "%s: a damaged program: its loader's name cannot be read", shown);
    if (strstr(loader, "musl") != NULL)
        return failure_set(error, REEL_E_ARGUMENT, "%s: is linked with musl; only glibc programs can be recorded",
                           shown);
    if (access(loader, X_OK) != 0)
        return failure_set(error, REEL_E_ARGUMENT, "%s: its loader %s is missing", shown, loader);
    return REEL_OK;
}

static int check_elf(const char *shown, int fd, struct reel_error *error)
{
    Elf64_Ehdr elf;
    memset(&elf, 0, sizeof elf);
    ssize_t bytes = pread(fd, &elf, sizeof elf, 0);
    if (bytes < EI_NIDENT + (ssize_t)(sizeof elf.e_type + sizeof elf.e_machine))
        return failure_set(error, REEL_E_ARGUMENT, "%s: a damaged program: its ELF header is cut off", shown);
    if (elf.e_ident[EI_CLASS] == ELFCLASS32)
        return failure_set(error, REEL_E_ARGUMENT, "%s: is a 32-bit program; only 64-bit programs can be recorded",
                           shown);
    if (elf.e_ident[EI_DATA] != ELFDATA2LSB || elf.e_machine != PROGRAM_MACHINE)
        return failure_set(error, REEL_E_ARGUMENT, "%s: is a program for another architecture (ELF machine %u)", shown,
                           elf.e_machine);
    if (bytes != (ssize_t)sizeof elf)
        return failure_set(error, REEL_E_ARGUMENT, "%s: a damaged program: its ELF header is cut off", shown);
    if (elf.e_type != ET_EXEC && elf.e_type != ET_DYN)
        return failure_set(error, REEL_E_ARGUMENT, "%s: an ELF file, but no program", shown);
    for (uint32_t i = 0; i < elf.e_phnum && i < PROGRAM_HEADERS_MAX; i++)
    {
        Elf64_Phdr header;
        off_t offset = (off_t)(elf.e_phoff + (uint64_t)i * sizeof header);
        if (pread(fd, &header, sizeof header, offset) != (ssize_t)sizeof header)
            return failure_set(error, REEL_E_ARGUMENT, "%s: a damaged program: its headers are cut off", shown);
        if (header.p_type == PT_INTERP)
            return check_loader(shown, fd, &header, error);
    }
    return failure_set(error, REEL_E_ARGUMENT,
                       "%s: is statically linked: no library can be preloaded; link it dynamically to record it",
                       shown);
}

// The interpreter of a "#!" line, as the kernel cuts it out.
static char *script_interpreter(char *line)
{
    char *begin = line + strspn(line, " \t");
    begin[strcspn(begin, " \t\n")] = '\0';
    return begin;
}

static int check_file(struct program *program, const char *shown, const char *path, int depth, struct reel_error *error)
{
    int status = check_mode(shown, path, error);
    if (status != REEL_OK)
        return status;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) // executable but not readable: the kernel can run what we cannot look at
        return errno == EACCES ? REEL_OK : failure_set(error, REEL_E_ARGUMENT, "%s: %s", shown, strerror(errno));
    char line[PROGRAM_LINE_BYTES] = "";
    ssize_t bytes = pread(fd, line, sizeof line - 1, 0);
    if (bytes >= SELFMAG && memcmp(line, ELFMAG, SELFMAG) == 0)
        status = check_elf(shown, fd, error);
    else if (bytes >= 2 && line[0] == '#' && line[1] == '!')
    {
        char *interpreter = script_interpreter(line + 2);
        char through[PROGRAM_LINE_BYTES + PATH_MAX];
        snprintf(through, sizeof through, "%s: its interpreter %s", program->path, interpreter);
        status = depth < PROGRAM_SCRIPT_DEPTH_MAX && interpreter[0] != '\0'
                     ? check_file(program, through, interpreter, depth + 1, error)
                     : failure_set(error, REEL_E_ARGUMENT, "%s: a script without a usable interpreter", shown);
    }
    else if (bytes == 0 || memchr(line, '\0', bytes > 0 ? (size_t)bytes : 0) == NULL)
        program->needs_shell = depth == 0;
    else
        status = failure_set(error, REEL_E_ARGUMENT, "%s: neither a program nor a script", shown);
    close(fd);
    return status;
}

int program_find(struct program *program, const char *name, struct reel_error *error)
{
    *program = (struct program){0};
    if (name[0] == '\0')
        return failure_set(error, REEL_E_ARGUMENT, "the name of the program is empty");
    if (strchr(name, '/') == NULL)
    {
        int status = search_path(program, name, error);
        if (status != REEL_OK)
            return status;
    }
    else if (snprintf(program->path, sizeof program->path, "%s", name) >= (int)sizeof program->path)
        return failure_set(error, REEL_E_ARGUMENT, "the path of the program is too long");
    return check_file(program, program->path, program->path, 0, error);
}
