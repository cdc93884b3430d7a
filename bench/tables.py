# SPDX-License-Identifier: MIT
"""Figures as Markdown tables with aligned columns. Computes nothing."""

NOT_MEASURED = "–"


def show(form, *keys, scale=1, below=None):
    """A cell: form filled with the figures of these keys; a dash where one is not there."""
    def cell(name, row):
        values = [(row.get(below, {}) if below else row).get(key) for key in keys]
        return NOT_MEASURED if None in values else form.format(*(value / scale for value in values))

    return cell


def name_of_row(name, row):
    return name


TIMES = [
    ("workload", name_of_row), ("events", show("{:,.0f}", "events")), ("plain s", show("{:.2f}", "plain_s")),
    ("heaptrack s", show("{:.2f}", "heaptrack_s")), ("heapreel s", show("{:.2f}", "heapreel_s")),
    ("program s", show("{:.2f}", "heapreel_program_s")),
    ("added: theirs / ours (least)", show("{:.1f} ({:.1f})", "added_ratio", "added_ratio_least")),
    ("of CPU time", show("{:.1f} ({:.1f})", "added_ratio", "added_ratio_least", below="cpu")),
    ("slowdown (least)", show("{:.2f} ({:.2f})", "slowdown", "slowdown_least")),
    ("bytes/event", show("{:.2f}", "bytes_per_event")), ("waits", show("{:.0f}", "waits")),
    ("lost", show("{:.0f}", "lost_events")),
]
RATES = [
    ("load", name_of_row), ("events", show("{:,.0f}", "events")), ("plain /s", show("{:,.0f}", "plain_per_s")),
    ("heaptrack /s", show("{:,.0f}", "heaptrack_per_s")), ("heapreel /s", show("{:,.0f}", "heapreel_per_s")),
    ("heaptrack slower % (best)", show("{:.0f} ({:.0f})", "heaptrack_slowdown_percent", "heaptrack_slowdown_best_percent")),
    ("heapreel slower % (best)", show("{:.0f} ({:.0f})", "heapreel_slowdown_percent", "heapreel_slowdown_best_percent")),
    ("by its own CPU time, theirs / ours %", show("{:.0f} / {:.0f}", "heaptrack_slowdown_percent", "heapreel_slowdown_percent",
                                                  below="cpu")),
    ("bytes/event", show("{:.2f}", "bytes_per_event")), ("waits", show("{:.0f}", "waits")),
    ("lost", show("{:.0f}", "lost_events")),
]
MEMORY = [
    ("peak resident MB", name_of_row), ("plain", show("{:.1f}", "plain_peak_bytes", scale=1e6)),
    ("under heaptrack", show("{:.1f}", "heaptrack_peak_bytes", scale=1e6)),
    ("under heapreel", show("{:.1f}", "heapreel_peak_bytes", scale=1e6)),
    ("heaptrack's own", show("{:.1f}", "interpreter_peak_bytes", scale=1e6)),
    ("heapreel's own", show("{:.1f}", "tracer_peak_bytes", scale=1e6)),
]


def table(columns, rows):
    cells = [[title for title, _ in columns]] + [[cell(name, row) for _, cell in columns] for name, row in rows.items()]
    widths = [max(len(line[column]) for line in cells) for column in range(len(columns))]
    cells.insert(1, ["-" * width for width in widths])
    return "\n".join("| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths)) + " |" for line in cells)
