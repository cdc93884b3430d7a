# SPDX-License-Identifier: MIT
"""Fails when compiled code that runs inside a recorded program needs a function that it must not call, or when the preload
library needs another library. What the object files ask for cannot be hidden by an include or a macro.

    check_symbols.py objects FOLDER OBJECT...     object files of one folder of lib/
    check_symbols.py library FILE                 the preload library
"""

import re
import subprocess
import sys

# May be called from any allocation, in a signal handler, under the dynamic loader's lock. Nothing here allocates, locks or
# writes, except where a reason stands beside it.
ANYWHERE = """memcpy memmove memset memcmp memchr strlen strnlen strcpy strncpy strcmp strncmp strchr strrchr
__errno_location environ clock_gettime getauxval __libc_single_threaded
_GLOBAL_OFFSET_TABLE_""".split()
ALLOWED = {
    "base": ANYWHERE + [
        "__libc_stack_end",  # a variable of the dynamic loader
    ],
    "heap": ANYWHERE + [
        "dlsym",  # `system` alone: finds the next allocator, once
        "__libc_malloc", "__libc_free", "__libc_calloc", "__libc_realloc", "__libc_memalign", "__libc_valloc",
        "__libc_pvalloc",  # `system` alone
    ],
    "record": ANYWHERE + [
        "dl_iterate_phdr",  # takes the loader's lock: for new modules, by one thread at a time
        "dlopen", "dlsym",  # once, to open libunwind
        "getrlimit",
        "_dl_find_object",  # made for unwinders: neither locks nor allocates, safe in signal handlers
    ],
}
LIBRARIES = {"libc.so.6", "ld-linux-x86-64.so.2"}


def output_of(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def symbols_of(objects, kind):
    return {line.split()[-1] for line in output_of("nm", f"--{kind}-only", *objects).splitlines() if len(line.split()) > 1}


def check_objects(folder, objects):
    wanted = symbols_of(objects, "undefined")
    if not wanted:
        raise SystemExit(f"check_symbols: no symbols in lib/{folder}, so nothing was checked")
    foreign = wanted - symbols_of(objects, "defined") - set(ALLOWED[folder])
    for symbol in sorted(foreign):
        if not symbol.startswith("base_"):  # checked by itself
            yield f"lib/{folder} calls {symbol}, which is not on the list of what is safe inside an allocation"


def check_library(path):
    dynamic = output_of("readelf", "--wide", "--dynamic", path)
    for library in sorted(set(re.findall(r"\(NEEDED\).*\[(.*)\]", dynamic)) - LIBRARIES):
        yield f"{path} needs {library}: it may link nothing but libc"
    if "STATIC_TLS" not in dynamic:
        yield f"{path} has no initial-exec TLS: another model allocates when a thread first touches it"


def main(arguments):
    kind, *rest = arguments
    complaints = list(check_objects(rest[0], rest[1:]) if kind == "objects" else check_library(rest[0]))
    print("\n".join(complaints + [f"check_symbols: {kind} {rest[0]}, {len(complaints)} complaints"]))
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
