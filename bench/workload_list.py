# SPDX-License-Identifier: MIT
"""The workloads: real programs at work that is the same each time, made here where it is too large to keep. Nothing is
fetched, and nothing outside the given folder is written."""

import dataclasses
import os
import pathlib
import random
import shutil
import subprocess

WORKLOADS = pathlib.Path(__file__).resolve().parent / "workloads"
PYTHON = "/usr/bin/python3"
GIT_FILES = 100
GIT_LINES = 80


@dataclasses.dataclass
class Workload:
    name: str
    command: list
    stdin_path: pathlib.Path = None
    variables: dict = dataclasses.field(default_factory=dict)
    needs: tuple = ()  # programs
    prepare: object = None  # called once before it is run
    is_seen_by_heaptrack: bool = True  # it does not follow children
    heaptrack_options: tuple = ()

    def missing(self):
        return [name for name in (self.command[0], *self.needs) if shutil.which(name) is None]

    @property
    def call(self):
        return self.command, self.stdin_path, self.variables


def history(commit_count, file_count):
    """A history of text files, as `git fast-import` reads it."""
    words = "alpha beta gamma delta count index value return length buffer total state".split()
    choice = random.Random(7)

    def line():
        return " ".join(choice.choices(words, k=6)) + f" {choice.randrange(1000)};"

    files = [[line() for _ in range(GIT_LINES)] for _ in range(file_count)]
    for commit in range(commit_count):
        changed = range(file_count) if commit == 0 else sorted(choice.sample(range(file_count), 8))
        message = f"change {commit}\n"
        yield (f"commit refs/heads/main\ncommitter Bench <bench@example.org> {1600000000 + commit * 600} +0000\n"
               f"data {len(message)}\n{message}")
        for number in changed:
            lines = files[number]
            for _ in range(6):
                lines[choice.randrange(len(lines))] = line()
            lines.insert(choice.randrange(len(lines)), line())
            text = "\n".join(lines) + "\n"
            yield f"M 100644 inline part{number % 12}/file{number}.txt\ndata {len(text)}\n{text}\n"
    yield "done\n"


def git_workload(folder, is_quick):
    repository = folder / "repository"
    # Not this user's settings: they would change the work.
    variables = {"HOME": str(folder), "XDG_CONFIG_HOME": str(folder), "GIT_CONFIG_NOSYSTEM": "1", "GIT_PAGER": "cat"}

    def prepare():
        environment = {**os.environ, **variables}
        subprocess.run(["git", "init", "-q", "--bare", str(repository)], check=True, env=environment)
        subprocess.run(["git", "-C", str(repository), "fast-import", "--quiet", "--done"], check=True, env=environment,
                       input="".join(history(100 if is_quick else 1500, GIT_FILES)).encode())

    return Workload("git log -p", ["git", "-C", str(repository), "log", "-p", "main"], variables=variables, prepare=prepare)


def cxx_workloads(folder, is_quick):
    """The compiler alone, which both recorders see, and the driver with its children, which one of them follows."""
    source = str(WORKLOADS / "templates.cc")
    options = ["-fsyntax-only", "-DKINDS=1"] if is_quick else ["-O1", "-DKINDS=6"]
    compiler = ""
    if shutil.which("g++"):
        compiler = subprocess.run(["g++", "-print-prog-name=cc1plus"], capture_output=True, text=True).stdout.strip()
    triplet = f"{os.uname().machine}-linux-gnu"
    alone = [compiler or "cc1plus", "-quiet", "-imultiarch", triplet, "-D_GNU_SOURCE", *options, source, "-o", os.devnull]
    driver = ["g++", "-c", *options, source, "-o", str(folder / "templates.o")]
    # Without its interpretation, which takes all memory here and then fails (bad_alloc, 1.4.0): its times are too good.
    return [Workload("cc1plus, templates", alone, heaptrack_options=("--raw",)),
            Workload("g++, with children", driver, needs=("as",), is_seen_by_heaptrack=False)]


def all_workloads(build, folder, is_quick):
    churn = str(build / "bench" / "churn")
    pairs = 200_000 if is_quick else 2_000_000
    threads = {f"churn, {count} threads": [churn, str(pairs // count), "16", str(count)] for count in (2, 4)}
    return [
        Workload("churn, 1 thread", [churn, str(pairs), "16"]),
        *(Workload(name, command) for name, command in threads.items()),
        Workload("python3 JSON", [PYTHON, str(WORKLOADS / "json_work.py"), "3000" if is_quick else "60000"],
                 variables={"PYTHONMALLOC": "malloc"}),
        Workload("sqlite3 rows", ["sqlite3", ":memory:"], stdin_path=WORKLOADS / "rows.sql"),
        git_workload(folder, is_quick),
        Workload("perl words", ["perl", str(WORKLOADS / "words.pl"), "2000" if is_quick else "20000"],
                 variables={"PERL_HASH_SEED": "0"}),
        *cxx_workloads(folder, is_quick),
    ]
