"""Measuring in interleaved rounds.

A shared machine is never equally fast twice: what counts is the ratio to the floor, measured right before, and the time
is that of the processor, not of the clock on the wall.
"""

from __future__ import annotations

import gc
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage
from statistics import median

from .contestant import Contestant
from .samples import Sample


@dataclass(frozen=True, slots=True)
class Entry:
    """A contestant with the file that it goes through, and what was measured: microseconds a record, multiples."""

    contestant: Contestant
    sample: Sample
    times: list[float] = field(default_factory=list)
    multiples: list[float] = field(default_factory=list)

    @property
    def time(self) -> float:
        """The median time in microseconds a record."""
        return median(self.times)


@dataclass(frozen=True, slots=True)
class Step:
    """One size of what grows: the size, how many records are judged, and the run."""

    size: int
    records: int
    run: Callable[[], int]


@dataclass(frozen=True, slots=True)
class Series:
    """What grows, and its sizes, the smallest first; ``whole``: the time of all records matters, not that of one."""

    name: str
    steps: Sequence[Step]
    whole: bool = False


def seconds(run: Callable[[], int]) -> float:
    """Return the processor time of something; the collector of garbage is on, and there is none at the start.

    Raises AssertionError if nothing was found: then nothing was measured.
    """
    gc.collect()
    start = _processor_seconds()
    found = run()
    taken = _processor_seconds() - start
    assert found > 0
    return taken


def _processor_seconds() -> float:
    """Return the processor time so far, of this process and of the ended ones that it started.

    Nothing here waits for anything, and so this is the time it takes on a machine that does nothing else.
    """
    used = (getrusage(who) for who in (RUSAGE_SELF, RUSAGE_CHILDREN))
    return sum(u.ru_utime + u.ru_stime for u in used)


def measure(entries: Iterable[Entry], floor: Contestant, sample: Sample, rounds: int) -> None:
    """Run every entry once a round; the floor is measured right before each, for the ratio."""
    gc.freeze()  # what the imports left behind is nobody's garbage
    listed = list(entries)
    for _ in range(rounds):
        for entry in listed:
            least = seconds(partial(floor.run, sample.path)) / sample.records
            taken = seconds(partial(entry.contestant.run, entry.sample.path)) / entry.sample.records
            entry.times.append(taken * 1e6)
            entry.multiples.append(taken / least)


def grow(series: Series, rounds: int) -> tuple[list[float], list[float]]:
    """Return microseconds a record for each size, and from each size to the next the power with which the time grows.

    A power of 1 is proportional, 2 quadratic, 0 not at all.
    """
    times: list[list[float]] = [[] for _ in series.steps]
    for _ in range(rounds):
        for step, found in zip(series.steps, times, strict=True):
            found.append(seconds(step.run) / step.records * 1e6)
    medians = [median(t) for t in times]
    counted = [m * (s.records if series.whole else 1) for m, s in zip(medians, series.steps, strict=True)]
    sizes = [step.size for step in series.steps]
    steps = zip(pairwise(counted), pairwise(sizes), strict=True)
    powers = [math.log(t2 / t1) / math.log(n2 / n1) for (t1, t2), (n1, n2) in steps]
    return medians, powers


def table(entries: Iterable[Entry], agreement: Callable[[Contestant], str]) -> str:
    """Return the Markdown table of what was measured."""
    rows = [
        "| what | rules | records | µs a record | × floor (lowest to highest) | agrees |",
        "|---|--:|--:|--:|--:|---|",
    ]
    for entry in entries:
        one, multiples = entry.contestant, entry.multiples
        middle, low, high = (rounded(f(multiples)) for f in (median, min, max))
        cells = (one.name, one.rules or "-", entry.sample.records, rounded(entry.time), f"{middle} ({low} to {high})")
        rows.append(f"| {' | '.join(map(str, cells))} | {agreement(one)} |")
    return "\n".join(rows)


def growth_table(rows: Iterable[tuple[Series, list[float], list[float]]]) -> str:
    """Return the Markdown table of how cost grows."""
    shown = ["| what grows | sizes | µs a record | time grows with the power |", "|---|---|---|---|"]
    for series, times, powers in rows:
        cells = (map(str, (s.size for s in series.steps)), map(rounded, times), (f"{p:.2f}" for p in powers))
        shown.append(f"| {series.name} | {' | '.join(', '.join(c) for c in cells)} |")
    return "\n".join(shown)


def rounded(value: float) -> str:
    """Write a number with three digits that count."""
    digits = max(0, 2 - math.floor(math.log10(value)))
    return f"{value:.{digits}f}" if digits else f"{round(value, 2 - math.floor(math.log10(value))):.0f}"
