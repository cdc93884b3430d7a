// SPDX-License-Identifier: MIT
// Each program that cannot be recorded has its line.
#include "tracer/program.h"

#include <elf.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[64];

static int make_folder(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/heapreel-test-XXXXXX");
    return mkdtemp(folder) != NULL ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    return rmdir(folder);
}

static const char *make_file(const char *name, const void *content, size_t bytes, mode_t mode)
{
    static char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    int fd = open(path, O_CREAT | O_RDWR | O_TRUNC | O_CLOEXEC, 0700);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, content, bytes), bytes);
    assert_int_equal(fchmod(fd, mode), 0);
    close(fd);
    return path;
}

static void assert_refused(const char *path, const char *reason)
{
    struct program program;
    struct reel_error error = {0};
    assert_int_equal(program_find(&program, path, &error), REEL_E_ARGUMENT);
    if (strstr(error.text, reason) == NULL || strchr(error.text, '\n') != NULL)
        fail_msg("expected '%s' in '%s'", reason, error.text);
}

static void assert_file_refused(const char *content, size_t bytes, mode_t mode, const char *reason)
{
    const char *path = make_file("program", content, bytes, mode);
    assert_refused(path, reason);
    unlink(path);
}

// A 64-bit program for this machine with one program header.
struct image
{
    Elf64_Ehdr elf;
    Elf64_Phdr header;
    char loader[32];
};

static struct image make_image(const char *loader)
{
    struct image image = {0};
    memcpy(image.elf.e_ident, ELFMAG, SELFMAG);
    image.elf.e_ident[EI_CLASS] = ELFCLASS64;
    image.elf.e_ident[EI_DATA] = ELFDATA2LSB;
    image.elf.e_type = ET_DYN;
    image.elf.e_machine = EM_X86_64;
    image.elf.e_phoff = offsetof(struct image, header);
    image.elf.e_phnum = 1;
    image.header.p_type = loader != NULL ? PT_INTERP : PT_LOAD;
    image.header.p_offset = offsetof(struct image, loader);
    image.header.p_filesz = sizeof image.loader;
    snprintf(image.loader, sizeof image.loader, "%s", loader != NULL ? loader : "");
    return image;
}

static void assert_image_refused(const struct image *image, const char *reason)
{
    char bytes[sizeof *image];
    memcpy(bytes, image, sizeof *image);
    assert_file_refused(bytes, sizeof bytes, 0755, reason);
}

static void missing_programs(void **state)
{
    (void)state;
    assert_refused("/nonexistent/program", "no such program");
    assert_refused("no-such-program-anywhere", "no such program in PATH");
    assert_refused("", "name of the program is empty");
}

static void files_that_are_not_programs(void **state)
{
    (void)state;
    assert_refused(folder, "is a directory");
    assert_refused("/dev/null", "not a regular file");
    assert_file_refused("echo\n", 5, 0644, "not executable");
    assert_file_refused("\0\1\2\3", 4, 0755, "neither a program nor a script");
    assert_file_refused(ELFMAG, SELFMAG, 0755, "damaged program");
}

static void privileged_programs(void **state)
{
    (void)state;
    assert_file_refused("echo\n", 5, 04755, "is set-uid");
    assert_file_refused("echo\n", 5, 02755, "is set-gid");
}

static void programs_of_other_kinds(void **state)
{
    (void)state;
    struct image image = make_image(NULL);
    assert_image_refused(&image, "statically linked");
    image = make_image("/lib/ld-musl-x86_64.so.1");
    assert_image_refused(&image, "musl");
    image = make_image("/lib/no-such-loader");
    assert_image_refused(&image, "its loader /lib/no-such-loader is missing");
    image = make_image("/lib64/ld-linux-x86-64.so.2");
    image.elf.e_ident[EI_CLASS] = ELFCLASS32;
    assert_image_refused(&image, "32-bit");
    image = make_image("/lib64/ld-linux-x86-64.so.2");
    image.elf.e_machine = EM_S390;
    assert_image_refused(&image, "another architecture");
    image = make_image("/lib64/ld-linux-x86-64.so.2");
    image.elf.e_type = ET_REL;
    assert_image_refused(&image, "no program");
    image = make_image("/lib64/ld-linux-x86-64.so.2");
    image.elf.e_phnum = 40;
    image.header.p_type = PT_LOAD;
    assert_image_refused(&image, "headers are cut off");
}

static void scripts_are_judged_by_their_interpreter(void **state)
{
    (void)state;
    static const char missing[] = "#!/nonexistent/interpreter -x\n";
    static const char fine[] = "#! /bin/sh\n";
    static const char empty[] = "#!\n";
    struct program program;
    assert_file_refused(missing, strlen(missing), 0755, "its interpreter /nonexistent/interpreter: no such program");
    assert_file_refused(empty, strlen(empty), 0755, "a script without a usable interpreter");
    const char *path = make_file("script", fine, strlen(fine), 0755);
    assert_int_equal(program_find(&program, path, NULL), REEL_OK);
    assert_false(program.needs_shell);
    unlink(path);
}

static void script_that_names_itself_ends(void **state)
{
    (void)state;
    char line[160];
    snprintf(line, sizeof line, "#!%s/program\n", folder);
    assert_file_refused(line, strlen(line), 0755, "a script without a usable interpreter");
}

static void text_without_interpreter_is_for_the_shell(void **state)
{
    struct program program;
    (void)state;
    const char *path = make_file("script", "echo\n", 5, 0755);
    assert_int_equal(program_find(&program, path, NULL), REEL_OK);
    assert_true(program.needs_shell);
    unlink(path);
}

static void path_is_searched_like_execvp_does(void **state)
{
    struct program program;
    struct reel_error error;
    char path[256];
    const char *now = getenv("PATH");
    char *old = strdup(now != NULL ? now : "");
    (void)state;
    assert_int_equal(program_find(&program, "ls", NULL), REEL_OK);
    assert_string_equal(strrchr(program.path, '/'), "/ls");
    const char *file = make_file("program", "x", 1, 0644);
    snprintf(path, sizeof path, "/nonexistent:%s:%s", folder, "/bin");
    setenv("PATH", path, 1);
    assert_int_equal(program_find(&program, "sh", NULL), REEL_OK);
    assert_string_equal(program.path, "/bin/sh");
    assert_int_equal(program_find(&program, "program", &error), REEL_E_ARGUMENT);
    assert_non_null(strstr(error.text, "not an executable file"));
    setenv("PATH", old, 1);
    free(old);
    unlink(file);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)
    const struct CMUnitTest tests[] = {
        CASE(missing_programs),
        CASE(files_that_are_not_programs),
        CASE(privileged_programs),
        CASE(programs_of_other_kinds),
        CASE(scripts_are_judged_by_their_interpreter),
        CASE(script_that_names_itself_ends),
        CASE(text_without_interpreter_is_for_the_shell),
        CASE(path_is_searched_like_execvp_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
