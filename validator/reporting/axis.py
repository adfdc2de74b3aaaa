"""A time axis in whole pixels: where an instant stands, which days are marked, which empty stretches are cut out.

A stretch in which nothing happens and that would take most of the width is cut (a moment of judgement years after the
last event); the cut keeps a narrow strip.  Between cuts the scale is the same everywhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import NamedTuple

from validator.errors import columns
from validator.legal_time.instant import (
    DAY,
    HOUR,
    LAST,
    LAST_DAY,
    Instant,
    day_end,
    day_of,
    day_start,
    format_day,
    format_instant,
)

CUT = 26
"""Width of the strip that stands for a stretch that was cut out."""
_SHORTEST_CUT = 60 * DAY
_MARGIN = 25  # a cut leaves a 25th of what is shown on either side
_CHARACTER = 6  # pixels of a digit at the size of tick labels
_MOST = 24  # labels that could have room
_ROOM = 70  # pixels in which a label has room
_SCALES = (
    *(("hours", n) for n in (1, 2, 3, 6, 12)), *(("days", n) for n in (1, 2, 7, 14)),
    *(("months", n) for n in (1, 2, 3, 6)), *(("years", n) for n in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000)),
)  # fmt: skip
_LENGTHS = {"hours": HOUR, "days": DAY, "months": 31 * DAY, "years": 366 * DAY}


class Stretch(NamedTuple):
    """A stretch of time and where it is drawn: from ``left`` to ``right``."""

    first: Instant
    last: Instant
    left: int
    right: int


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark of the axis and its label."""

    x: int
    label: str


@dataclass(frozen=True, slots=True)
class Axis:
    """Stretches that are drawn to one scale, from left to right; between two of them there is a cut."""

    stretches: tuple[Stretch, ...]

    @classmethod
    def over(cls, instants: Iterable[Instant], left: int, right: int) -> Axis:
        """Make an axis from the day of the first to the day of the last instant, drawn from ``left`` to ``right``."""
        points = sorted({min(max(t, 0), LAST) for t in instants}) or [0]
        kept = _without_gaps(points)
        total = sum(last - first for first, last in kept)
        width = right - left - CUT * (len(kept) - 1)
        found, x, gone = [], left, 0
        for number, (first, last) in enumerate(kept):
            begin = left + number * CUT + gone * width // total
            gone += last - first
            x = left + number * CUT + gone * width // total
            found.append(Stretch(first, last, begin, max(x, begin + 1)))
        return cls(tuple(found))

    @property
    def left(self) -> int:
        """Where it begins."""
        return self.stretches[0].left

    @property
    def right(self) -> int:
        """Where it ends."""
        return self.stretches[-1].right

    def x(self, instant: Instant) -> int:
        """Return where an instant stands; one beyond the ends at the end."""
        before: Stretch | None = None
        for stretch in self.stretches:
            if instant < stretch.first:
                if before is None:
                    return stretch.left
                gap, room = stretch.first - before.last, stretch.left - before.right
                return before.right + (instant - before.last) * room // gap
            if instant <= stretch.last:
                length = stretch.last - stretch.first
                return stretch.left + (instant - stretch.first) * (stretch.right - stretch.left) // length
            before = stretch
        return self.right

    def day_width(self) -> int:
        """Return how many pixels a day is wide, rounded down."""
        widest = max(self.stretches, key=lambda s: s.right - s.left)
        return (widest.right - widest.left) * DAY // (widest.last - widest.first)

    def cuts(self) -> list[tuple[int, int]]:
        """Return the strips of the cuts."""
        return [(a.right, b.left) for a, b in pairwise(self.stretches)]

    def days(self) -> Iterator[int]:
        """Yield the days that are drawn."""
        for stretch in self.stretches:
            yield from range(day_of(stretch.first), day_of(stretch.last - 1) + 1)

    def ticks(self) -> list[Tick]:
        """Return the marks of the finest scale that has room, within ends and cuts and apart from each other."""
        length = sum(s.last - s.first for s in self.stretches)
        for unit, step in _SCALES:
            if length // (_LENGTHS[unit] * step) > _MOST:
                continue
            found = [[Tick(self.x(t), label) for t, label in _marks(s, unit, step)] for s in self.stretches]
            if all(_apart(a, b) for ticks in found for a, b in pairwise(ticks)):
                return list(self._with_room(found))
        return []

    def _with_room(self, found: Sequence[Sequence[Tick]]) -> Iterator[Tick]:
        last: Tick | None = None
        for stretch, ticks in zip(self.stretches, found, strict=True):
            low, high = stretch.left - CUT // 2, stretch.right + CUT // 2
            inside = [t for t in ticks if low <= t.x - _half(t) and t.x + _half(t) <= high]
            if not inside and stretch.right - stretch.left >= _ROOM:
                middle = (stretch.first + stretch.last) // 2
                inside = [Tick((stretch.left + stretch.right) // 2, format_day(day_of(middle)))]
            for tick in inside:
                if last is None or _apart(last, tick):
                    last = tick
                    yield tick


def _without_gaps(points: Sequence[Instant]) -> list[tuple[Instant, Instant]]:
    """Return the stretches of whole days that are left when gaps that outweigh all the rest together are cut.

    One stretch keeps two days at least that have points: what is a gap is seen by comparison.
    """
    cut = sorted(_gaps(points))
    rest = points[-1] - points[0] - sum(b - a for a, b in cut)
    margin = max(rest // _MARGIN, DAY)
    found, begin = [], points[0]
    for first, last in cut:
        found.append((begin, first + margin))
        begin = last - margin
    ends = [*found, (begin, points[-1])]
    return [(day_start(day_of(first)), day_end(day_of(last)) + 1) for first, last in ends]


def _gaps(points: Sequence[Instant]) -> Iterator[tuple[Instant, Instant]]:
    """Yield the gaps that are cut, the longest first."""
    rest, days = points[-1] - points[0], len({day_of(t) for t in points})
    lengths = sorted(((b - a, a, b) for a, b in pairwise(points)), reverse=True)
    for number, (length, first, last) in enumerate(lengths):
        if length <= _SHORTEST_CUT or 2 * length <= rest or number + 2 >= days:
            return
        rest -= length
        yield first, last


def _half(tick: Tick) -> int:
    return columns(tick.label) * _CHARACTER // 2


def _apart(a: Tick, b: Tick) -> bool:
    return b.x - a.x > _half(a) + _half(b) + _CHARACTER


def _marks(stretch: Stretch, unit: str, step: int) -> Iterator[tuple[Instant, str]]:
    """Yield the moments of a stretch at which a scale has marks, and their labels.

    The first hour has its day: at the end of the axis, where the day begins, its label has no room.
    """
    if unit == "hours":
        for number, t in enumerate(range(stretch.first, stretch.last + 1, step * HOUR)):
            moment = format_instant(t, full=False)
            yield t, moment if number == 1 else moment[11:] if t % DAY else format_day(day_of(t))
        return
    first, last = day_of(stretch.first), min(day_of(stretch.last), LAST_DAY)
    if unit == "days":
        yield from ((day_start(d), format_day(d)) for d in range(first, last + 1) if (d - 1) % step == 0)
        return
    months = 1 if unit == "months" else 12
    for month in range(_month(first), _month(last) + 1):
        if month % (step * months) == 0:
            day = date(month // 12, month % 12 + 1, 1).toordinal()
            if day >= first:
                yield day_start(day), format_day(day)[: 7 if months == 1 else 4]


def _month(day: int) -> int:
    """Return the number of a day's month: the January of year 0 would be 0."""
    found = date.fromordinal(day)
    return found.year * 12 + found.month - 1
