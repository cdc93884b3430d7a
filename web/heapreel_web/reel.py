# SPDX-License-Identifier: MIT
"""A reel as the server holds it: read-only connections with the engine loaded, a time limit for each question, and a
word that changes when the file does.

All functions of a connection share one replay that moves (docs/sql.md). So there are few connections, each for one kind
of question, and questions of a kind wait for each other: scrubbing costs the events between two moments only as long as
nobody else moves the replay.
"""

import contextlib
import hashlib
import sqlite3
import threading
import time
import urllib.parse

from . import fence
from .witness import Witness

PROGRESS_OPCODES = 20_000  # of SQLite's machine between two looks at the clock
BATCH_ROWS = 512
LOCK_LOOK_SECONDS = 0.05
FIRST_MOMENT = "SELECT events FROM heap_at('peak')"  # of a recording that goes on the newest is shown
TEXT_BYTES_MAX = 1 << 20  # of one value; names in a hostile reel have no other bound


class ReelError(Exception):
    """What could not be answered, where, and what to do: one line each."""

    def __init__(self, what, where, to_do, status=400):
        super().__init__(f"{what}: {where}; {to_do}")
        self.what, self.where, self.to_do, self.status = what, where, to_do, status


class Answer:
    """Rows as columns, and whether they are all: `truncated` is None, "rows" (more than the limit) or "time"."""

    def __init__(self, names, rows, truncated, elapsed_ms):
        self.names, self.rows, self.truncated, self.elapsed_ms = names, rows, truncated, elapsed_ms

    def columns(self):
        columns = zip(*self.rows) if self.rows else ((),) * len(self.names)
        return dict(zip(self.names, columns))


def decode(data):
    return data.decode("utf-8", "replace")


class Connection:
    """One SQLite connection and its moving replay. One question at a time."""

    def __init__(self, path, extension):
        self.lock = threading.Lock()
        self.deadline = 0.0
        self.is_stopped = None
        uri = "file:" + urllib.parse.quote(str(path)) + "?mode=ro"
        self.database = sqlite3.connect(uri, uri=True, check_same_thread=False, isolation_level=None)
        self.database.text_factory = decode
        self.database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 1 << 28)
        before = self._modules()
        self.database.enable_load_extension(True)
        self.database.load_extension(str(extension))
        self.database.enable_load_extension(False)
        self.functions = sorted(self._modules() - before)
        self.database.execute("PRAGMA query_only = 1")
        self.database.set_progress_handler(self._is_late, PROGRESS_OPCODES)

    def _modules(self):
        return {name for name, in self.database.execute("SELECT name FROM pragma_module_list")}

    def _is_late(self):
        return time.monotonic() > self.deadline or (self.is_stopped is not None and self.is_stopped())

    def ask(self, sql, parameters=(), limit=None, seconds=10.0, is_stopped=None):
        """Rows of a query, at most `limit` of them, as far as they came before the time was up or nobody waits for them
        any more. The wait for another's question is part of the time."""
        begin = time.monotonic()
        with held(self.lock, begin + seconds, is_stopped):
            self.deadline, self.is_stopped = begin + seconds, is_stopped
            rows, truncated = [], None
            with contextlib.closing(self.database.cursor()) as cursor:
                try:
                    cursor.execute(sql, parameters)
                    truncated = fetch(cursor, rows, limit)
                except sqlite3.OperationalError as error:
                    if "interrupted" not in str(error):
                        raise
                    truncated = "time"
                names = [column[0] for column in cursor.description or ()]
            return Answer(names, rows, truncated, round((time.monotonic() - begin) * 1000, 2))

    def close(self):
        with self.lock:
            self.database.close()


@contextlib.contextmanager
def held(lock, deadline, is_stopped):
    """Holds the lock, unless the time is up or nobody waits for the answer any more before it can."""
    while not lock.acquire(timeout=LOCK_LOOK_SECONDS):
        if time.monotonic() > deadline or (is_stopped is not None and is_stopped()):
            raise sqlite3.OperationalError("busy with another question")
    try:
        yield
    finally:
        lock.release()


def fetch(cursor, rows, limit):
    """Appends rows as they come, so that those before an interruption stay."""
    while limit is None or len(rows) <= limit:
        batch = cursor.fetchmany(BATCH_ROWS)
        if not batch:
            return None
        rows.extend(batch)
    del rows[limit:]
    return "rows"


class Reel:
    """One file, and its connections by kind of question: `moment` follows the cursor, `range` goes far, `over`
    through all of the run for the timeline, `facts` reads tables alone. They are opened when they are first needed."""

    KINDS = ("facts", "moment", "range", "over", "sql")

    def __init__(self, path, extension):
        self.path = path
        self.name = path.name
        self.extension = extension
        self.identity = identity(path)
        self._opening = threading.Lock()
        self._connections = {}
        self._witness = None

    def connection(self, kind):
        with self._opening:
            if kind not in self._connections:
                self._connections[kind] = self._open(kind)
            return self._connections[kind]

    def _open(self, kind):
        try:
            connection = Connection(self.path, self.extension)
            connection.ask("SELECT 1 FROM run")
            if kind == "sql":
                fence.close(connection.database)
            return connection
        except (sqlite3.Error, UnicodeDecodeError) as error:
            raise ReelError(f"cannot be read ({error})", self.name, "is it a reel? see heapreel check", 503) from error

    def ask(self, sql, parameters=(), limit=None, seconds=10.0, kind="moment", is_stopped=None):
        """An Answer; ReelError where the engine refuses or the file cannot be read."""
        try:
            return self.connection(kind).ask(sql, parameters, limit, seconds, is_stopped)
        except (sqlite3.Error, OverflowError) as error:
            raise refusal(error, self.name) from error
        except UnicodeDecodeError as error:  # SQLite quotes a damaged schema in its complaint
            raise refusal(sqlite3.DatabaseError("malformed text in the file"), self.name) from error

    def prepare(self):
        """Before anybody asks: opens the connections that a first page needs, and goes to the moment that it begins with.
        Whoever asks is told what fails."""
        with contextlib.suppress(ReelError):
            _, is_complete = self.generation()
            self.ask(FIRST_MOMENT if is_complete else "SELECT 1")

    def functions(self):
        """Names of the engine's table-valued functions."""
        return self.connection("facts").functions

    def generation(self):
        """Changes when the recording goes on; with the identity it names what an answer was made of."""
        row = self.ask("SELECT events, is_complete, duration_ns FROM run", kind="facts").rows
        events, is_complete, duration_ns = row[0] if row else (0, 0, 0)
        return f"{self.identity}.{events}.{duration_ns}.{is_complete}", bool(is_complete)

    def follow_name(self):
        """Opens the file anew where another has come to stand under its name, as when a program is recorded again."""
        found = identity(self.path)
        if found not in (None, self.identity):
            self.close()
            self.identity = found

    def is_another_since(self, generation):
        """Whether who knows that generation knows another file by this name."""
        known, _, state = (generation or "").partition(".")
        return state != "" and known != self.identity

    def is_open_elsewhere(self):
        """Whether another process, as a recorder does, has it open; where that cannot be known it is taken so."""
        with self._opening:
            try:
                self._witness = self._witness or Witness(self.path)
                return self._witness.is_open_elsewhere()
            except OSError:
                return True

    def close(self):
        with self._opening:
            for connection in self._connections.values():
                connection.close()
            self._connections.clear()
            if self._witness is not None:
                self._witness.close()
                self._witness = None


def identity(path):
    """A word for this file: another one of the same name gets another. None where there is no file."""
    try:
        number = path.stat().st_ino
    except OSError:
        return None
    return hashlib.sha256(f"{path.resolve()} {number}".encode()).hexdigest()[:12]


def refusal(error, name):
    """SQLite's words are the engine's: one line, meant for people."""
    text = str(error).splitlines()[0][:300]
    if isinstance(error, OverflowError):
        return ReelError("the number is too large", name, "give one below 2^63")
    if "not authorized" in text or "prohibited" in text or "readonly" in text:
        return ReelError("only reading is allowed", name, "write one SELECT on the reel's tables and functions", 403)
    if "locked" in text or "busy" in text:
        return ReelError(text, name, "ask again", 503)
    if "malformed" in text or "not a database" in text or "damaged" in text:
        return ReelError(text, name, "heapreel check tells what can be read", 422)
    return ReelError(text, name, "change the question", 400)
