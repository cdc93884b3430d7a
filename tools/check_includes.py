# SPDX-License-Identifier: MIT
"""Fails when an include breaks the table of layers. Looks at the text of #include lines alone: whatever the preprocessor
would do with them, an include that is written down counts."""

import fnmatch
import pathlib
import re
import sys
import tomllib

import source_tree

INCLUDE = re.compile(r'^\s*#\s*include(?:_next)?\s*(["<])([^">]+)[">]')
CXX_HEADER = re.compile(r"[a-z_]+")
INCLUDE_COMPUTED = re.compile(r"^\s*#\s*include(?:_next)?\s+[^\"<\s]")
SUFFIXES = {".c", ".h", ".cc", ".cpp", ".hpp"}

C_STANDARD = set("""assert complex ctype errno fenv float inttypes iso646 limits locale math setjmp signal stdalign stdarg
stdatomic stdbool stddef stdint stdio stdlib stdnoreturn string tgmath threads time uchar wchar wctype""".split())
LIBC = C_STANDARD | set("""alloca ar argp argz byteswap cpuid cpio crypt dirent dlfcn elf endian envz err error execinfo fcntl
features fmtmsg fnmatch fts ftw getopt glob gnu-versions grp iconv ieee754 ifaddrs langinfo libgen libintl link
malloc mntent mqueue netdb nl_types nss obstack paths poll printf pthread pty pwd regex resolv sched search semaphore shadow
spawn stab strings sysexits syslog tar termio termios ttyent ucontext ulimit unistd unwind utime utmp utmpx values wait
wordexp immintrin x86intrin emmintrin""".split())
LIBC_FOLDERS = {"sys", "linux", "asm", "arpa", "net", "netinet", "bits", "sanitizer"}


class Layers:
    """The table, with the questions that the checks ask of it."""

    def __init__(self, path):
        with open(path, "rb") as stream:
            table = tomllib.load(stream)
        self.libraries = {header: name for name, headers in table["libraries"].items() for header in headers}
        self.parts = table["part"]

    def owner(self, path):
        """Name of the part that owns a file, None where no part does."""
        best = None
        for name, part in self.parts.items():
            inside = path.startswith(part["folder"] + "/")
            if inside and (best is None or len(part["folder"]) > len(self.parts[best]["folder"])):
                best = name
        return best

    def is_public(self, path):
        part = self.parts[self.owner(path)]
        name = path.removeprefix(part["folder"] + "/")
        return not name.endswith("_internal.h") and any(fnmatch.fnmatch(name, p) for p in part.get("public", []))

    def public_headers(self, root):
        return [path for path in source_tree.walk(root, {".h"}) if self.owner(path) and self.is_public(path)]

    def misnamed(self, root):
        """Public headers in the table that do not exist in a part that does."""
        for part in self.parts.values():
            folder = pathlib.Path(root, part["folder"])
            for name in part.get("public", []):
                if folder.is_dir() and "*" not in name and not (folder / name).is_file():
                    yield f"layers: {part['folder']}/{name} is listed as public and does not exist"


def resolve(root, layers, path, included):
    """The file in the tree that a quoted include means, or None."""
    places = [pathlib.PurePosixPath(path).parent.as_posix(), *layers.parts[layers.owner(path)]["roots"]]
    for place in places:
        candidate = pathlib.PurePosixPath(place, included)
        if pathlib.Path(root, candidate).is_file():
            return candidate.as_posix()
    return None


def judge_project(layers, part_name, target):
    """What is wrong with including a file of the tree; None where nothing is."""
    owner = layers.owner(target)
    if owner == part_name:
        return None
    if owner is None:
        return f"{target} belongs to no part"
    allowed = layers.parts[part_name].get("parts", [])
    if owner + "/*" in allowed:
        return None
    if owner not in allowed:
        return f"{part_name} may not include {owner}"
    return None if layers.is_public(target) else f"{target} is private to {owner}"


def judge_system(layers, part_name, header):
    """What is wrong with including a header from outside the tree; None where nothing is."""
    part = layers.parts[part_name]
    if header in layers.libraries:
        library = layers.libraries[header]
        return None if library in part.get("libraries", []) else f"{part_name} may not use {library}"
    if header in part.get("also", []):
        return None
    if header in part.get("forbidden", []):
        return f"{part_name} must not include <{header}>"
    stem = header.removesuffix(".h")
    if part["system"] == "c":
        return None if stem in C_STANDARD else f"{part_name} may include headers of the C standard only"
    if stem in LIBC or header.split("/")[0] in LIBC_FOLDERS:
        return None
    if part["system"] == "libc++" and CXX_HEADER.fullmatch(header):
        return None
    return f"<{header}> is neither libc's nor a library that {part_name} may use"


def judge_line(root, layers, path, line):
    if INCLUDE_COMPUTED.match(line):
        return "an include by macro hides what is included"
    match = INCLUDE.match(line)
    if not match:
        return None
    part_name = layers.owner(path)
    included = match[2]
    if included.endswith(".c"):
        return f"{included} is a source file"
    if ".." in included.split("/"):
        return "includes are written from the root, never with .."
    if match[1] == "<":
        return judge_system(layers, part_name, included)
    target = resolve(root, layers, path, included)
    if target is None:
        return f'"{included}" is not in the tree, or not under a root of {part_name}'
    return judge_project(layers, part_name, target)


def check(root, layers):
    """Lines of complaint about the tree at root, and how many includes were looked at."""
    complaints = list(layers.misnamed(root))
    count = 0
    for path in source_tree.fail_if_empty(source_tree.walk(root, SUFFIXES), "check_includes"):
        if layers.owner(path) is None:
            complaints.append(f"{path}: belongs to no part of the table")
            continue
        text = pathlib.Path(root, path).read_text(encoding="utf-8")
        for number, line in enumerate(text.splitlines(), 1):
            count += bool(INCLUDE.match(line))
            wrong = judge_line(root, layers, path, line)
            if wrong:
                complaints.append(f"{path}:{number}: {wrong}")
    return complaints, count


def main(arguments):
    root = pathlib.Path(arguments[0]) if arguments else source_tree.ROOT
    layers = Layers(source_tree.ROOT / "tools" / "layers.toml")
    complaints, count = check(root, layers)
    print("\n".join(complaints + [f"check_includes: {count} includes, {len(complaints)} against the table"]))
    return 1 if complaints or count == 0 else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
