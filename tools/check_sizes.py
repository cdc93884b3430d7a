# SPDX-License-Identifier: MIT
"""Fails when a file has more than 500 lines, a function more than 60, or a name says nothing. What may pass nevertheless
stands in the list of debts. Finds C and TypeScript functions by the layout that clang-format and prettier give them: it
judges no unformatted code."""

import ast
import pathlib
import re
import sys

import source_tree

FILE_LINES_STOP = 500
FUNCTION_LINES_STOP = 60
EMPTY_NAMES = {"util", "utils", "helper", "helpers", "common", "misc"}
SUFFIXES = {".c", ".h", ".cc", ".py", ".sh", ".sql", ".cmake", ".txt", ".ts", ".tsx", ".css", ".html", ""}
C_SUFFIXES = {".c", ".h", ".cc"}
ATTRIBUTE = re.compile(r"__attribute__\s*\(\(.*?\)\)")
C_NAME = re.compile(r"\b([a-z_]\w*)\s*\(", re.ASCII)
TYPESCRIPT_SUFFIXES = {".ts", ".tsx"}
TYPESCRIPT_START = re.compile(r"^(?:export )?(?:default )?(?:async )?(?:function\*? (\w+)|const (\w+)(?:: .+)? = (?:async )?(?:<.+>)?\()")
METHOD_START = re.compile(r"^  (?:(?:async|static|private|protected|get|set) )*(?!if|for|while|switch)(#?\w+)\(.*\{$")
SHELL_START = re.compile(r"^([a-z_]\w*)\(\)")


def c_functions(lines):
    """(name, lines) of each C function, from the line after the last blank or closing one to its closing brace."""
    start = 0
    opened = None
    for number, line in enumerate(lines):
        if opened is None and line == "{":
            signature = ATTRIBUTE.sub("", " ".join(lines[start:number]))
            match = C_NAME.search(signature)
            is_function = match and not re.match(r"\s*(struct|enum|union)\s+\w+\s*$", signature)
            opened = (match[1] if is_function else None, start)
        elif opened is not None and line.startswith("}"):
            if opened[0]:
                yield opened[0], number - opened[1] + 1
            opened = None
            start = number + 1
        elif opened is None and (not line or line.startswith(("//", "#", " *", "/*")) or line.endswith(";")):
            start = number + 1


def python_functions(text):
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.name, node.end_lineno - node.lineno + 1


def typescript_functions(lines):
    """(name, lines) of functions at the margin and of methods, by the layout that prettier gives them."""
    for start, line in enumerate(lines):
        match = TYPESCRIPT_START.match(line) or METHOD_START.match(line)
        if not match:
            continue
        margin = " " * (len(line) - len(line.lstrip()))
        for number in range(start, len(lines)):
            is_last = lines[number].startswith((margin + "}", margin + ");")) if number > start else line.endswith(";")
            if is_last:
                yield next(filter(None, match.groups())), number - start + 1
                break


def shell_functions(lines):
    name = start = None
    for number, line in enumerate(lines):
        match = SHELL_START.match(line)
        if match:
            name, start = match[1], number
        elif name and line in ("}", ")"):
            yield name, number - start + 1
            name = None


def functions(path, text):
    suffix = pathlib.PurePosixPath(path).suffix
    if suffix in C_SUFFIXES:
        return list(c_functions(text.splitlines()))
    if suffix in TYPESCRIPT_SUFFIXES:
        return list(typescript_functions(text.splitlines()))
    if suffix == ".py" or text.startswith("#!/usr/bin/python3"):
        return list(python_functions(text))
    if suffix == ".sh" or re.match(r"#!.*\b(ba)?sh\b", text):
        return list(shell_functions(text.splitlines()))
    return []


def measure(root):
    """Sizes above the stops as {name: lines}, complaints about names, and how many functions were measured."""
    large, complaints, function_count = {}, [], 0
    for path in source_tree.fail_if_empty(source_tree.walk(root, SUFFIXES), "check_sizes"):
        for part in pathlib.PurePosixPath(path).parts:
            if part.split(".")[0] in EMPTY_NAMES:
                complaints.append(f"{path}: the name {part} says nothing about what is in it")
        text = pathlib.Path(root, path).read_text(encoding="utf-8", errors="replace")
        line_count = text.count("\n")
        if line_count > FILE_LINES_STOP:
            large[path] = line_count
        for name, lines in functions(path, text):
            function_count += 1
            if lines > FUNCTION_LINES_STOP:
                large[f"{path}:{name}"] = lines
    return large, complaints, function_count


def read_debts(path):
    debts = {}
    for line in pathlib.Path(path).read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            name, lines, reason = line.split(None, 2)
            debts[name] = int(lines)
    return debts


def compare(large, debts):
    """The ratchet: a new debt, one that grew, and one that the list overstates are complaints."""
    for name, lines in sorted(large.items()):
        stop = FUNCTION_LINES_STOP if ":" in name else FILE_LINES_STOP
        if name not in debts:
            yield f"{name}: {lines} lines, the stop is {stop}"
        elif lines > debts[name]:
            yield f"{name}: {lines} lines, and its debt was {debts[name]}"
        elif lines < debts[name]:
            yield f"{name}: {lines} lines now; lower its debt from {debts[name]}"
    for name in sorted(set(debts) - set(large)):
        yield f"{name}: the debt is paid; take it off the list"


def main(arguments):
    root = pathlib.Path(arguments[0]) if arguments else source_tree.ROOT
    debts = read_debts(root / "tools" / "debts.txt")
    large, complaints, function_count = measure(root)
    complaints += compare(large, debts)
    print("\n".join(complaints + [f"check_sizes: {function_count} functions, {len(debts)} debts, {len(complaints)} complaints"]))
    return 1 if complaints or function_count == 0 else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
