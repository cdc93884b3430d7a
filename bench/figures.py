# SPDX-License-Identifier: MIT
"""What pairs of measurements say: ratios within a round, since what else the machine does meets a round's runs alike, and
ratios of the least times, which it disturbs least."""

import math
import statistics


def added_ratio(plain, theirs, ours):
    """Their added time over ours, seconds of one round or the least of all; no end where ours added nothing."""
    return (theirs - plain) / (ours - plain) if ours > plain else math.inf


def finite(number):
    """As JSON can say it."""
    return number if number is not None and math.isfinite(number) else None


def of_times(plain, theirs, ours):
    """Figures of seconds, one of each list for a round; theirs may be empty."""
    figures = {
        "plain_s": statistics.median(plain), "heapreel_s": statistics.median(ours),
        "plain_least_s": min(plain), "heapreel_least_s": min(ours),
        "heapreel_added_s": statistics.median(o - p for p, o in zip(plain, ours)),
        "slowdown": statistics.median(o / p for p, o in zip(plain, ours)), "slowdown_least": min(ours) / min(plain),
    }
    if theirs:
        figures |= {
            "heaptrack_s": statistics.median(theirs), "heaptrack_least_s": min(theirs),
            "heaptrack_added_s": statistics.median(t - p for p, t in zip(plain, theirs)),
            "heaptrack_slowdown": statistics.median(t / p for p, t in zip(plain, theirs)),
            "added_ratio": finite(statistics.median(added_ratio(*times) for times in zip(plain, theirs, ours))),
            "added_ratio_least": finite(added_ratio(min(plain), min(theirs), min(ours))),
        }
    return figures


def of_runs(plain, theirs, ours):
    """Figures of wall time, and below "cpu" the same ones of the processors' time: that all processes took together, which
    says less about waiting, but more on a busy machine."""
    return {**of_times(*([run.seconds for run in runs] for runs in (plain, theirs, ours))),
            "cpu": of_times(*([run.cpu_seconds for run in runs] for runs in (plain, theirs, ours)))}


def of_rates(plain, theirs, ours):
    """Figures of requests a second, one of each list for a round."""
    def lost_percent(rates):
        return statistics.median(100 * (1 - rate / base) for base, rate in zip(plain, rates))

    return {
        "plain_per_s": statistics.median(plain), "heaptrack_per_s": statistics.median(theirs),
        "heapreel_per_s": statistics.median(ours),
        "heaptrack_slowdown_percent": lost_percent(theirs), "heapreel_slowdown_percent": lost_percent(ours),
        "heaptrack_slowdown_best_percent": 100 * (1 - max(theirs) / max(plain)),
        "heapreel_slowdown_best_percent": 100 * (1 - max(ours) / max(plain)),
    }
