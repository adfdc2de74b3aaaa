"""The timeline of a record as plain geometry: whole pixels, no colours; ``chart.svg.j2`` draws it.

Every event and every term has a row of its own, in time order, so that nothing can overlap however many there are and
however near to each other; rows are dealt out to panels that each fit a printed page.  A label stands beside its mark,
on the side that has room; where neither has, it stands above.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from validator.errors import columns
from validator.legal_time.calendar import WorkCalendar
from validator.legal_time.instant import BEGIN, END, LAST, Instant, Interval, day_end, day_start, same_day
from validator.reporting.axis import Axis, Tick

WIDTH = 760
PANEL_HEIGHT = 980
"""Of this height a panel, scaled to the width of an A4 page, still fits on it."""
_EDGE = 12
_HEAD = 44  # the line of as_of, the labels of the ticks
_ROW = 22
_TALL = 38  # a label and below it a bar
_HEADING = 28
_BAR = 10
_WIDE_CHARACTER = 12
_NARROW_CHARACTER = 7
_BESIDE = 260  # room that makes a label beside a mark better than one above it
_MARK = 6  # half the width of the mark of a moment
_SHADED = 2  # pixels of a day from which on rest days are shaded


class Occurrence(NamedTuple):
    """An event: its label, and when it may have happened."""

    label: str
    at: Interval


class TermBar(NamedTuple):
    """A term.

    Attributes:
        label: the norm, the verdict, what is to be done.
        verdict: word of the verdict, for the colour.
        start: when it began, as an interval.
        due: its last instant, as an interval if that is not certain (``hi`` may be ``END``).
        overrun: until when it was exceeded; None: not exceeded.
        done: when what was due was done.
        stops: when its clock stood still.
    """

    label: str
    verdict: str
    start: Interval
    due: Interval
    overrun: Instant | None = None
    done: Interval | None = None
    stops: tuple[tuple[Instant, Instant], ...] = ()


@dataclass(frozen=True, slots=True)
class Mark:
    """A shape: ``kind`` is moment or span (of an event), term, doubt, overrun, stop or done (of a term)."""

    kind: str
    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Caption:
    """A text; ``text`` is what has room, ``full`` all of it; ``anchor`` is start or end."""

    x: int
    y: int
    anchor: str
    text: str
    full: str


@dataclass(frozen=True, slots=True)
class Row:
    """A row: ``kind`` is heading, event or term."""

    kind: str
    y: int
    height: int
    caption: Caption
    marks: tuple[Mark, ...] = ()
    verdict: str = ""


@dataclass(frozen=True, slots=True)
class Strip:
    """A vertical strip: rest days, or a stretch of time that was cut out."""

    x: int
    width: int


@dataclass(frozen=True, slots=True)
class Panel:
    """A part of the chart that fits on a page, with an axis of its own."""

    number: int
    height: int
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """The whole chart: what all panels share, then the panels.

    Attributes:
        width: of all panels, in pixels.
        axis_y: where the axis runs, below the labels of its ticks and of the moment of judgement.
        ticks: marks of the axis.
        rest: rest days; empty when days are too narrow.
        cuts: stretches of time that were cut out.
        as_of: label of the moment of judgement; its line runs at ``as_of_x``.
        as_of_x: see there.
        panels: the rows.
        kinds: which kinds of marks there are, for the legend.
    """

    width: int
    axis_y: int
    ticks: tuple[Tick, ...]
    rest: tuple[Strip, ...]
    cuts: tuple[Strip, ...]
    as_of: Caption
    as_of_x: int
    panels: tuple[Panel, ...]
    kinds: tuple[str, ...]


class Group(NamedTuple):
    """Events, or terms, and what stands above them."""

    heading: str
    things: Sequence[Occurrence] | Sequence[TermBar]


def chart(groups: Sequence[Group], as_of: Instant, label: str, calendar: WorkCalendar) -> Chart:
    """Lay out a timeline.

    Args:
        groups: what is shown, from above, each thing in the order given.
        as_of: the moment of judgement.
        label: what stands at its line.
        calendar: which days are rest days.
    """
    axis = Axis.over(_instants(groups, as_of), _EDGE, WIDTH - _EDGE)
    rows = [row for group in groups for row in _group(group, axis)]
    x = axis.x(as_of)
    cuts = tuple(Strip(a, b - a) for a, b in axis.cuts())
    kinds = sorted({m.kind for row in rows for m in row.marks})
    return Chart(
        WIDTH, _HEAD, tuple(axis.ticks()), tuple(_rest_days(axis, calendar)),
        cuts, _caption(label, x, x, 14), x, tuple(_panels(rows)), tuple(kinds),
    )  # fmt: skip


def _instants(groups: Sequence[Group], as_of: Instant) -> Iterator[Instant]:
    """Yield the instants that have to have a place on the axis."""
    yield as_of
    for thing in (t for group in groups for t in group.things):
        spans = [thing.at] if isinstance(thing, Occurrence) else [thing.start, thing.due]
        yield from (t for span in spans for t in span if 0 <= t <= LAST)
        if isinstance(thing, TermBar) and thing.overrun is not None:
            yield thing.overrun


def _rest_days(axis: Axis, calendar: WorkCalendar) -> Iterator[Strip]:
    """Yield the runs of rest days, where a day is wide enough to be seen."""
    if axis.day_width() < _SHADED:
        return
    run: list[int] = []
    for day in [*axis.days(), None]:
        if run and (day is None or day != run[-1] + 1 or calendar.is_working(day)):
            left = axis.x(day_start(run[0]))
            yield Strip(left, axis.x(day_end(run[-1])) - left)
            run = []
        if day is not None and not calendar.is_working(day):
            run.append(day)


# -- rows --------------------------------------------------------------------------------------------------------------
def _group(group: Group, axis: Axis) -> Iterator[Row]:
    """Yield a heading and the rows below it, all at the top; `_panels` puts them where they belong."""
    if group.things:
        yield Row("heading", 0, _HEADING, Caption(_EDGE, 20, "start", group.heading, group.heading))
    for thing in group.things:
        yield _event_row(thing, axis) if isinstance(thing, Occurrence) else _term_row(thing, axis)


def _event_row(event: Occurrence, axis: Axis) -> Row:
    left, right = axis.x(event.at.lo), axis.x(event.at.hi)
    if right - left <= 2 * _MARK:
        middle = (left + right) // 2
        marks = (Mark("moment", middle - _MARK, -_MARK, 2 * _MARK, 2 * _MARK),)
    else:
        marks = (Mark("span", left, -_MARK // 2, right - left, _MARK),)
    return _row("event", event.label, marks)


def _term_row(term: TermBar, axis: Axis) -> Row:
    bars = [("term", term.start.lo, term.due.lo), *(("stop", *stop) for stop in _inside(term))]
    if not same_day(*(Interval(t, t) for t in term.start)):
        bars.append(("doubt", term.start.lo, min(term.start.hi, term.due.lo)))
    if term.due.hi > term.due.lo:
        bars.append(("doubt", term.due.lo, term.due.hi))
    if term.overrun is not None:
        bars.append(("overrun", term.due.hi, term.overrun))
    marks = [_bar(kind, axis.x(first), axis.x(last)) for kind, first, last in bars]
    if term.done is not None and term.done.lo > BEGIN and term.done.hi < END:
        x = (axis.x(term.done.lo) + axis.x(term.done.hi)) // 2
        marks.append(Mark("done", x - 2, -_BAR // 2 - 2, 4, _BAR + 4))
    return _row("term", term.label, tuple(marks), term.verdict)


def _bar(kind: str, left: int, right: int) -> Mark:
    return Mark(kind, left, -_BAR // 2, max(right - left, 2), _BAR)


def _inside(term: TermBar) -> Iterator[tuple[Instant, Instant]]:
    """Yield what of the stops lies within the bar."""
    end = term.due.hi if term.overrun is None else max(term.due.hi, term.overrun)
    for first, last in term.stops:
        if first < end and last > term.start.lo:
            yield max(first, term.start.lo), min(last, end)


def _row(kind: str, label: str, marks: tuple[Mark, ...], verdict: str = "") -> Row:
    """Put a label beside its marks or, where it has no room, above them."""
    left, right = min(m.x for m in marks), max(m.x + m.width for m in marks)
    beside = max(left - 2 * _EDGE, WIDTH - 2 * _EDGE - right) >= min(_length(label), _BESIDE)
    height = _ROW if beside else _TALL
    caption = _beside(label, left, right, 15) if beside else _caption(label, left, right, 15)
    line = 11 if beside else 27
    placed = tuple(Mark(m.kind, m.x, m.y + line, m.width, m.height) for m in marks)
    return Row(kind, 0, height, caption, placed, verdict)


def _beside(label: str, left: int, right: int, y: int) -> Caption:
    after, before = WIDTH - 2 * _EDGE - right, left - 2 * _EDGE
    if after >= min(_length(label), before):
        return Caption(right + _EDGE // 2, y, "start", _fitted(label, after), label)
    return Caption(left - _EDGE // 2, y, "end", _fitted(label, before), label)


def _caption(label: str, left: int, right: int, y: int) -> Caption:
    """Put a label above its marks, towards the side that has more room."""
    if left <= WIDTH - right:
        return Caption(left, y, "start", _fitted(label, WIDTH - _EDGE - left), label)
    return Caption(right, y, "end", _fitted(label, right - _EDGE), label)


def _length(text: str) -> int:
    """Return how many pixels a text takes, rather too many than too few."""
    return sum(_WIDE_CHARACTER if columns(c) > 1 else _NARROW_CHARACTER for c in text)


def _fitted(text: str, room: int) -> str:
    """Cut a text to the room it has."""
    if _length(text) <= room:
        return text
    room -= _WIDE_CHARACTER
    for i, char in enumerate(text):
        room -= _length(char)
        if room < 0:
            return text[:i] + "…"
    return text


def _panels(rows: Sequence[Row]) -> Iterator[Panel]:
    """Deal rows out to panels; a heading stays with the row below it."""
    number, y = 1, _HEAD + _EDGE // 2
    placed: list[Row] = []
    for i, row in enumerate(rows):
        needed = row.height + (rows[i + 1].height if row.kind == "heading" else 0)
        if placed and y + needed > PANEL_HEIGHT:
            yield Panel(number, y + _EDGE // 2, tuple(placed))
            number, placed, y = number + 1, [], _HEAD + _EDGE // 2
        placed.append(replace(row, y=y))
        y += row.height
    yield Panel(number, y + _EDGE // 2, tuple(placed))
