# SPDX-License-Identifier: MIT
"""Which questions a report asks of its reel, and in which order: the table's, at this reel's moments, of its processes
and of the stacks that its answers name. Remembers what was kept and what was not."""

import collections
import dataclasses
import json

from .report_questions import AT, BETWEEN, MOMENTS, WANTED, address_of

STACKS = 200
GREATEST_STACKS = 8
PROCESSES = 8
CLASSES = 24
NAMED_MAX = 24
FIRST = ("peak", "worst", "end")  # the moments that most is asked about
LONG_SECONDS = 1.0  # of the processor
NEEDED = ("run", "moments", "processes", "timeline")
NAMING = ("advice", "top", "growth")  # whose answers name the stacks that matter


@dataclasses.dataclass(frozen=True)
class Ask:
    row: object  # of the table
    parameters: dict
    address: str
    place: int  # of its moment among those of its rank
    is_needed: bool
    is_between_names: bool

    @property
    def path(self):
        return self.row.path


class Plan:
    def __init__(self, asking, points, defaults):
        self.defaults = defaults
        found = asking.rows("moments")
        self.names = dict(zip(found["name"], found["events"]))
        first = [self.names[name] for name in FIRST if name in self.names]
        self.named = list(dict.fromkeys([*first, *sorted(self.names.values())]))[:NAMED_MAX]
        self.others = spread(asking, points, self.named)
        found = asking.rows("processes")
        order = sorted(zip(found["peak_live_bytes"], found["process"]), key=lambda pair: -pair[0])
        self.process_count = len(order)
        self.processes = [process for _, process in order[:PROCESSES]] if len(order) > 1 else []
        self.stacks, self.classes, self.addresses = [], [], set()
        self.kept_count = self.moment_count = 0
        self.asked, self.missing = collections.Counter(), collections.Counter()
        self.is_refused, self.slow = set(), set()

    def asks(self):
        """From what a report would miss most to what it would least."""
        rows = list(enumerate(WANTED))
        for rank in sorted({row.rank for row in WANTED} | {row.other_rank for row in WANTED if row.other_rank}):
            found = [(ask.place, number, ask) for number, row in rows for ask in self.expand(row, rank)]
            for _, _, ask in sorted(found, key=lambda each: each[:2]):
                if ask.address in self.addresses:
                    continue
                self.addresses.add(ask.address)
                self.asked[ask.row] += 1
                if self.is_spared(ask):
                    self.left_out(ask, True)
                else:
                    yield ask

    def is_spared(self, ask):
        """What did not fit at one moment is not asked for at others: its answers are of one size. Nor is what takes
        long, but at moments that have a name; the heap makes a moment one that the report holds."""
        has_no_room = self.missing[ask.row] > 0 and ask.row not in self.is_refused
        takes_long = ask.row in self.slow and ask.is_between_names and not makes_moment(ask)
        return not ask.is_needed and (has_no_room or takes_long)

    def took(self, ask, seconds):
        if seconds > LONG_SECONDS:
            self.slow.add(ask.row)

    def expand(self, row, rank):
        """The asks of a row that have this rank."""
        if row.where == AT:
            moments = (self.named if row.rank == rank else []) + (self.others if row.other_rank == rank else [])
            choices = [(place, dict.fromkeys(row.moments, moment)) for place, moment in enumerate(moments)]
        elif rank != row.rank:
            choices = []
        elif row.where == BETWEEN:
            first, *second = row.moments
            choices = [(0, {first: begin, **dict.fromkeys(second, end)}) for begin in self.named for end in self.named
                       if begin < end]
        else:
            choices = [(0, {})]
        for place, where in choices:
            for each in self.each_of(row):
                yield self.ask(row, {**row.parameters, **where, **each}, place)

    def each_of(self, row):
        if row.each is None:
            return [{}]
        kind = row.each.removeprefix("greatest ")
        held, few = {"process": (self.processes, 1), "stack": (self.stacks, GREATEST_STACKS),
                     "class": (self.classes, CLASSES)}[kind]
        name = "class_number" if kind == "class" else kind
        return [{name: number} for number in (held if kind == row.each else held[:few])]

    def ask(self, row, parameters, place):
        is_needed = row.path in NEEDED or (
            row.path == "heap" and row.each is None and parameters["t"] in self.named)
        address = address_of(row.path, parameters, self.defaults, self.names)
        worded = {name: self.word(value) if name in MOMENTS else value for name, value in parameters.items()}
        is_between = row.where == AT and parameters[row.moments[0]] not in self.named
        return Ask(row, worded, address, place, is_needed, is_between)

    def word(self, events):
        """The end is asked for by its name: time goes on after the last event. Unless another moment is there too."""
        is_end = events == self.names.get("end") and sum(each == events for each in self.names.values()) == 1
        return "end" if is_end else events

    def kept(self, ask, body):
        self.kept_count += 1
        if makes_moment(ask):
            self.moment_count += 1
        columns = json.loads(body)["columns"] if ask.path in (*NAMING, "classes") else {}
        if ask.path == "classes" and ask.row.each is None and not ask.is_between_names:
            order = sorted(zip(columns["live_bytes"], columns["class_number"]), reverse=True)[:CLASSES]
            self.classes.extend(number for _, number in order if number not in self.classes)
        if ask.path in NAMING and len(self.stacks) < STACKS:
            stacks = dict.fromkeys(columns["stack"])
            self.stacks.extend(stack for stack in stacks if stack and stack not in self.stacks)

    def left_out(self, ask, is_for_size):
        self.missing[ask.row] += 1
        if not is_for_size:
            self.is_refused.add(ask.row)

    def told(self):
        """What is not in the report, in words, each row of the table once."""
        return [told(row, count, self.asked[row], row in self.is_refused) for row, count in self.missing.items()]


def makes_moment(ask):
    return ask.path == "heap" and ask.row.each is None


def told(row, missing, asked, is_refused):
    which = "".join(f" {row.parameters[name]}" for name in ("measure", "verb", "direction") if name in row.parameters)
    of = f" of {row.each.replace('ss', 'sse')}s" if row.each else ""
    why = " (the reel gave no answer)" if is_refused else ""
    return f"{row.path.replace('_', ' ')}{which}{of} ({missing} of {asked}){why}"


def spread(asking, points, named):
    """Moments at equal distances in time beside those that have names, as numbers of events. The first of them are
    spread over the run as well, for where there is no room for all."""
    found = set()
    for point in range(1, points + 1):
        found.update(asking.rows("heap", {"t": f"{100 * point / (points + 1):.3f}%"})["events"])
    moments = sorted(found.difference(named))
    bits = len(moments).bit_length()
    order = sorted(range(len(moments)), key=lambda number: f"{number:0{bits}b}"[::-1])
    return [moments[number] for number in order]
