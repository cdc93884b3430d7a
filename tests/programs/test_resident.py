# SPDX-License-Identifier: MIT
"""Programs that hold still: the pages in the reel are those that the kernel shows, and they add up to the heap's memory."""
import bisect
import json
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from backends import BUMP_LIFO, SYSTEM, ZONED
from conftest import child_processes, wait_until

pytestmark = [pytest.mark.label("preload"), pytest.mark.seconds(120)]
PAGE = 4096
ARENA = 64 << 20
LARGE = 64 << 10  # blocks from this size on may have mappings of their own
BACKENDS = (SYSTEM, BUMP_LIFO, ZONED)

PYTHON = """
import json, sys
kept = [json.dumps({"n": i, "values": list(range(i % 40))}) for i in range(6000)]
large = [bytes(200_000 + i) for i in range(20)]
del kept[::2], large[::3]
print("ready", flush=True)
sys.stdin.read()
"""
SQLITE = b"""create table t(a integer primary key, b text);
with recursive n(i) as (select 1 union all select i+1 from n where i<20000) insert into t select i, 'row '||hex(i*7919) from n;
create index tb on t(b);
select count(*), sum(length(b)) from t where b like '%9%';
delete from t where a % 3 = 0;
.print ready
"""
REDIS = ["/usr/bin/redis-server", "--port", "0", "--save", "", "--appendonly", "no", "--unixsocket"]
REDIS_LOAD = """
for i = 1, 20000 do redis.call('set', 'key' .. i, string.rep('x', i % 500)) end
for i = 1, 20000, 3 do redis.call('del', 'key' .. i) end
return 'loaded'
"""


class Mapping:
    """One of /proc/PID/smaps."""

    def __init__(self, line):
        words = line.split()
        self.begin, self.end = (int(word, 16) for word in words[0].split("-"))
        self.name = " ".join(words[5:])
        self.is_private = words[1][3] == "p"
        self.is_inaccessible = words[1].startswith("---")
        self.is_heap_like = self.is_private and words[4] == "0" and (
            self.name in ("", "[heap]") or self.name.startswith("[anon:"))
        self.backed = 0
        self.pages = b""  # of pagemap, 8 bytes each; of those that are heap-like and backed

    def backed_in(self, places):
        """How many bytes are backed that lie in one of the places, which do not overlap."""
        count = 0
        for begin, end in places:
            first, last = max(begin, self.begin), min(end, self.end)
            words = self.pages[(first - self.begin) // PAGE * 8:max(0, (last - self.begin) // PAGE * 8)]
            count += sum(byte >= 0x40 for byte in words[7::8]) if first < last else 0
        return count * PAGE


def mappings_of(pid):
    mappings = []
    for line in Path(f"/proc/{pid}/smaps").read_text().splitlines():
        words = line.split()
        if words[0] in ("Anonymous:", "Swap:"):
            mappings[-1].backed += int(words[1]) * 1024
        elif not words[0].endswith(":"):
            mappings.append(Mapping(line))
    with open(f"/proc/{pid}/pagemap", "rb", buffering=0) as pagemap:
        for mapping in mappings:
            if mapping.is_heap_like and mapping.backed:
                pagemap.seek(mapping.begin // PAGE * 8)
                mapping.pages = pagemap.read((mapping.end - mapping.begin) // PAGE * 8)
    return mappings


def numbers(data):
    number = shift = 0
    for byte in data:
        number |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            yield number
            number = shift = 0


def decode(data):
    """The blob of resident_pages, as docs/reel.md has it: {(begin, end): backed bytes}."""
    assert data[8:16] == b"HRRP\x01\0\0\0"
    stream = numbers(data[16:])
    count, run_count = next(stream), next(stream)
    at, mappings = 0, {}
    for _ in range(count):
        begin = at + next(stream)
        at = begin + (next(stream) >> 1)
        runs = [(next(stream), next(stream)) for _ in range(next(stream))]
        assert sum(map(sum, runs)) <= at - begin
        mappings[begin * PAGE, at * PAGE] = sum(pages for _, pages in runs) * PAGE
        run_count -= len(runs)
    assert run_count == 0
    assert sum(gap + 1 for gap in stream) <= count  # the inaccessible ones
    return mappings


class Held:
    """A recorded program that has said that it is ready, and waits."""

    def __init__(self, recorder, backend, argv, stdin=b"", env=None):
        self.recorder, self.reel = recorder, recorder.new_reel()
        command = recorder.record_command(argv, self.reel, ["--allocator", backend.spec])
        self.tracer = recorder.start(command, env, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.tracer.stdin.write(stdin)
        self.tracer.stdin.flush()

    def wait_for(self, word):
        for line in self.tracer.stdout:
            if word in line:
                return
        raise AssertionError(f"it never said {word}")

    def pid(self):
        words = Path(f"/proc/{self.tracer.pid}/task/{self.tracer.pid}/children").read_text().split()
        assert len(words) == 1
        return int(words[0])

    def query(self, sql):
        answer = self.recorder.ask("sql", self.reel, sql, "--json")
        assert answer.status == 0, answer
        return json.loads(answer.stdout)

    def sample_after(self, unix_ns):
        """The last sample, when it is one of after that time."""
        rows = self.query("select residency, t_ns, anonymous_bytes, start_unix_ns + t_ns as unix_ns from residency, run "
                          "order by residency desc limit 1")
        return rows[0] if rows and rows[0]["unix_ns"] > unix_ns else None

    def hold(self):
        """Mappings as they are now, and the sample that shows them."""
        since = time.time_ns()
        assert wait_until(lambda: self.sample_after(since), 20)
        mappings = mappings_of(self.pid())
        return mappings, self.sample_after(since)

    def end(self):
        self.tracer.stdin.close()
        self.tracer.stdout.read()
        assert self.tracer.wait(60) == 0
        self.recorder.assert_clean(self.reel)

    def identity_at(self, t_ns):
        answer = self.recorder.ask("classes", self.reel, "--at", f"{t_ns / 1e9:.9f}s", "--json")
        assert answer.status == 0, answer
        return json.loads(answer.stdout)["identity"]

    def large_blocks_at(self, t_ns):
        """Begin and end, in whole pages, of the live blocks that may have mappings of their own."""
        live = {}
        for row in self.query("select kind, cast(address as text) as address, usable_bytes from events where t_ns <= "
                              f"{t_ns} and address in (select address from events where usable_bytes >= {LARGE}) order by event"):
            address = int(row["address"])
            live.pop(address, None)
            if row["kind"] != "free" and row["usable_bytes"] >= LARGE:
                live[address] = address + row["usable_bytes"]
        return [(begin // PAGE * PAGE, -(-end // PAGE) * PAGE) for begin, end in live.items()]

    def zones(self):
        rows = self.query("select cast(begin_address as text) as begin, cast(begin_address + zone_bytes as text) as end from zone")
        return [(int(row["begin"]), int(row["end"])) for row in rows]

    def bytes_of_mappings_with_blocks(self, mappings, t_ns):
        """What the kernel backs of the mappings that hold a live block."""
        rows = self.query(f"select distinct cast(address / 4096 as text) as page from blocks_at('{t_ns / 1e9:.9f}s')")
        pages = sorted(int(row["page"]) * PAGE for row in rows)
        return sum(mapping.backed for mapping in mappings if mapping.is_heap_like and
                   bisect.bisect_left(pages, mapping.begin) < bisect.bisect_left(pages, mapping.end))

    def kernel_bytes(self, mappings, t_ns):
        """What the kernel backs of the heap: the break and the C library's arenas, or zones; and large blocks, of ours also
        those that are kept, inaccessible, when they have been freed."""
        zones = self.zones()
        whole = [mapping for mapping in mappings if mapping.is_heap_like and (mapping.is_inaccessible if zones else (
            mapping.name == "[heap]" or (mapping.begin % ARENA == 0 and mapping.end - mapping.begin <= ARENA)))]
        places = zones + [(begin, end) for begin, end in self.large_blocks_at(t_ns)
                          if not any(zone[0] <= begin < zone[1] for zone in zones)]
        return sum(mapping.backed if mapping in whole else mapping.backed_in(places) for mapping in mappings)


def assert_adds_up(identity):
    parts = ("requested", "rounding", "pinned", "retained", "metadata")
    assert identity["resident_bytes"] == sum(identity[f"{part}_bytes"] for part in parts)
    assert identity["is_sampled"]


def start(recorder, backend, name):
    if name == "python3":
        return Held(recorder, backend, ["/usr/bin/python3", "-c", PYTHON], env={"PYTHONMALLOC": "malloc"})
    if name == "sqlite3":
        if not shutil.which("sqlite3", path="/usr/bin"):
            pytest.skip("no sqlite3")
        return Held(recorder, backend, ["/usr/bin/sqlite3", "-batch", "-interactive", ":memory:"], SQLITE)
    return Held(recorder, backend, [recorder.program(name)])


@pytest.mark.parametrize("backend", BACKENDS, ids=lambda backend: backend.name)
@pytest.mark.parametrize("name", ["holds_its_heap", "python3", "sqlite3"])
def test_pages_and_identity_are_the_kernels(recorder, name, backend):
    held = start(recorder, backend, name)
    held.wait_for(b"ready")
    mappings, sample = held.hold()
    row, = held.query(f"select hex(data) as data from resident_pages where residency <= {sample['residency']} "
                      "order by residency desc limit 1")
    recorded = decode(bytes.fromhex(row["data"]))
    assert recorded == {(mapping.begin, mapping.end): mapping.backed for mapping in mappings
                        if mapping.is_heap_like and mapping.backed}
    assert sample["anonymous_bytes"] == sum(mapping.backed for mapping in mappings)
    held.end()
    identity = held.identity_at(sample["t_ns"])
    assert_adds_up(identity)
    kernel = held.kernel_bytes(mappings, sample["t_ns"])
    assert abs(identity["resident_bytes"] - kernel) <= max(kernel // 100, 64 << 10), (identity, kernel)


@pytest.mark.parametrize("backend", BACKENDS, ids=lambda backend: backend.name)
def test_identity_of_a_server_with_a_malloc_of_its_own(recorder, tmp_path, backend):
    if not Path(REDIS[0]).exists() or not Path("/usr/bin/redis-cli").exists():
        pytest.skip("no redis-server")
    socket = tmp_path / "socket"
    held = Held(recorder, backend, [*REDIS, socket])
    held.wait_for(b"ready to accept connections")
    loaded = recorder.run(["/usr/bin/redis-cli", "-s", socket, "eval", REDIS_LOAD, "0"])
    assert loaded.stdout == b"loaded\n", loaded
    mappings, sample = held.hold()
    os.kill(held.pid(), signal.SIGTERM)
    held.end()
    identity = held.identity_at(sample["t_ns"])
    assert_adds_up(identity)
    count = held.bytes_of_mappings_with_blocks if backend is SYSTEM else held.kernel_bytes
    kernel = count(mappings, sample["t_ns"])
    assert identity["requested_bytes"] > 2_000_000
    assert abs(identity["resident_bytes"] - kernel) <= max(kernel // 100, 64 << 10), (identity, kernel)
