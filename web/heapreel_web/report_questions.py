# SPDX-License-Identifier: MIT
"""What the pages ask of a reel, in the order of how much a report would miss it. One table: what a page comes to ask is
added here."""

import dataclasses

# Where a question is asked: once; at each moment, those with names first; from one moment to another.
ONCE, AT, BETWEEN = "once", "at", "between"
MOMENTS = ("t", "t0", "t1", "t2")
MEASURES = ("live", "pinned", "rounding", "allocated", "temporary", "peak", "leaked")
VERBS = ("allocated", "freed", "alive", "unfreed")


@dataclasses.dataclass(frozen=True, eq=False)
class Wanted:
    """`rank`: the least is asked first; `other_rank` at moments that have no name, None: not there. `moments` are the
    names of the parameters that take the moment, or the two of a range. `each`: asked for each process, stack or class
    that matters."""

    rank: int
    path: str
    parameters: dict = dataclasses.field(default_factory=dict)
    where: str = ONCE
    moments: tuple = ("t",)
    other_rank: int = None
    each: str = None


def at(rank, other_rank, path, moments=("t",), each=None, **parameters):
    return Wanted(rank, path, parameters, AT, moments, other_rank, each)


def between(rank, path, first, second, third=(), **parameters):
    return Wanted(rank, path, parameters, BETWEEN, (first, second, *third))


WANTED = (
    Wanted(0, "run"), Wanted(0, "moments"), Wanted(0, "processes"), Wanted(0, "losses"), Wanted(0, "findings"),
    Wanted(0, "timeline", {"points": 2000}), Wanted(1, "differences"), Wanted(1, "threads"),
    at(0, 0, "heap"), at(0, 1, "classes"), at(0, 2, "sparse"), at(0, 2, "advice", count=20),
    *(at(0, 2, "top", measure=measure, count=20) for measure in ("pinned", "live", "rounding", "temporary")),
    *(at(3, None, "top", measure=measure, count=20) for measure in ("allocated", "peak", "leaked")),
    at(1, 4, "growth", ("t1",), count=100), Wanted(1, "lifetimes"), Wanted(2, "lifetimes_by_stack"),
    Wanted(2, "crossings"), Wanted(1, "classes_over", {"points": 300}), Wanted(1, "class_zones"),
    Wanted(2, "heap_over", {"points": 60}), Wanted(6, "heap_over", {"points": 60}, each="process"),
    *(at(1, 3, "flame", measure=measure) for measure in ("live", "pinned")),
    *(at(2, None, "flame", measure=measure) for measure in MEASURES[2:]),
    *(at(4, None, "flame", measure=measure, direction="callees") for measure in ("live", "pinned")),
    *(at(1, 3, "sites", measure=measure) for measure in ("live", "pinned")),
    *(at(3, None, "sites", measure=measure) for measure in MEASURES[2:]),
    at(1, 3, "site_sums"), at(1, 2, "class_ages"), at(1, 2, "class_blame"),
    at(1, 3, "pages"), at(2, 5, "page_ages"), at(2, 4, "zones"), at(1, 5, "blocks", limit=200),
    *(between(2, "flame_diff", "t1", "t2", measure=measure) for measure in ("live", "pinned")),
    *(between(3, "sites_diff", "t1", "t2", ("t",), measure=measure) for measure in ("live", "pinned")),
    *(at(4, None, "flame_between", ("t1",), verb=verb) for verb in VERBS),
    *(at(4, None, "sites_between", ("t1", "t"), verb=verb) for verb in VERBS),
    Wanted(2, "stack", each="stack"), at(2, None, "sizes", each="class", count=20),
    *(at(3, None, path, each="greatest stack") for path in ("stack_pages", "stack_classes", "passing_classes")),
    *(at(2, 4, path, each="greatest process") for path in ("heap", "sparse")),
    *(at(5, None, path, each="process") for path in (
        "heap", "classes", "sparse", "pages", "zones", "class_ages", "class_blame", "site_sums")),
    at(5, None, "advice", each="process", count=20), at(6, None, "blocks", each="process", limit=200),
    *(at(5, None, "top", each="process", measure=measure, count=20)
      for measure in ("pinned", "live", "rounding", "temporary")),
    *(at(6, None, path, each="process", measure=measure)
      for path in ("flame", "sites") for measure in ("live", "pinned")),
    Wanted(6, "classes_over", {"points": 300}, each="process"),
)

# An answer of more rows, or of a larger stretch, has what is asked for: these parameters choose none.
CHOOSE_NONE = {
    "heap": ("of",),
    "top": ("count",), "advice": ("count",), "growth": ("count",), "sizes": ("count",), "blocks": ("limit",),
    "timeline": ("t0_ns", "t1_ns", "points"),
    "heap_over": ("t0_ns", "t1_ns", "points"), "classes_over": ("t0_ns", "t1_ns", "points"), "pages": ("begin_address", "end_address"),
    "page_ages": ("begin_address", "end_address"), "stack_pages": ("begin_address", "end_address"),
}


def defaults_of(questions):
    """{path: {parameter: text}}: what a question takes that does not say it."""
    found = {}
    for question in questions:
        given = {name: field.load_default for name, field in question.parameters.items() if not field.required}
        found[question.path.strip("/")] = {name: str(value) for name, value in given.items() if value is not None}
    return found


def address_of(path, parameters, defaults, named):
    """As a report's pages look for an answer: what chooses among answers, by name, without what goes without saying.
    Moments are numbers of events; `named` has those of the names."""
    own = defaults.get(path, {})
    moments = {name: named.get(value, value) for name, value in own.items() if name in MOMENTS}
    told = sorted((name, str(value)) for name, value in {**moments, **parameters}.items()
                  if name not in CHOOSE_NONE.get(path, ()) and (name in MOMENTS or own.get(name) != str(value)))
    return path + "?" + "&".join(f"{name}={value}" for name, value in told)
