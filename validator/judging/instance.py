"""One opening of a norm: its entities, its start, what opened it; what its expressions read, and what precedes it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from validator.expressions.point import Frame, Point
from validator.facts.timeline import Event, References, Unreferred, Upstream
from validator.facts.values import Causes, Truth, Unknown, time
from validator.legal_time.instant import Instant, Interval
from validator.rules.program import Norm


class Instance(Struct, eq=False):
    """One opening of a norm: its entities, its start, what opened it; ``opened`` is unknown if it may not be open.

    ``joined`` are later triggers inside the window of a hold; ``series`` the opening of which this is one gap;
    ``rivals`` other occurrences that, for all one knows, may be the opening one instead; ``dates`` the dates that say
    when the state began that opened it.
    """

    norm: Norm
    entities: Mapping[str, str | None]
    start: Interval
    event: Event | None
    key: str
    opened: Truth
    joined: tuple[Event, ...] = ()
    series: Instance | None = None
    rivals: tuple[Event, ...] = ()
    dates: tuple[str, ...] = ()

    @property
    def start_unknown(self) -> Causes:
        """Why nobody knows when it began, if nobody does."""
        return undated(self.event, self.dates)

    def frame(self, point: Point, this: Event | None = None) -> Frame:
        """Return the frame in which the instance's expressions are read at a point."""
        trigger = self.event
        if trigger is not None and self.rivals and not isinstance(trigger, Upstream):
            trigger = _common(trigger, self)
        return Frame(self.entities, point, self.start, trigger, this)

    def opened_by(self, event: Event) -> Truth:
        """Say whether an event is the opening occurrence."""
        if self.rivals and (event is self.event or event in self.rivals):
            return Unknown(time(f"{event.pointer}/at"))
        return event is self.event

    def reading(self, instant: Instant) -> Point:
        """Return the point that reads everything up to and including an instant from the start on."""
        return Point(Interval(instant, instant), given=self.event)

    @property
    def starts_with_event(self) -> bool:
        """Whether the start is the moment of the opening event, and not that of something else it waited for."""
        if self.event is None or self.event.at != self.start or self.rivals:
            return False
        return not self.norm.waits

    def surely_follows(self, event: Event) -> bool:
        """Say whether the start surely does not come before an event; a state begins at the close of its moment."""
        if event is self.event or event.at.hi < self.start.lo:
            return True
        opening = self.event
        if opening is None:
            return event.at == self.start and self.start.lo == self.start.hi
        return self.starts_with_event and opening.follows(event)

    def precedes(self, event: Event) -> bool:
        """Say whether the start surely comes before an event."""
        if self.start.hi < event.at.lo:
            return True
        opening = self.event
        return opening is not None and self.starts_with_event and event.follows(opening)

    def moment(self, *, close: bool = True) -> Point:
        """Return the reading point of the instance's own start."""
        if self.event is not None and self.starts_with_event:
            return Point(self.start, self.event, close)
        waited = self.norm.waits and not self.rivals  # for something else: what opened it has happened by then
        return Point(self.start, close=close, ties=close, given=self.event if waited else None)


def undated(opening: Event | None, dates: tuple[str, ...]) -> Causes:
    """Return why it is open when something began: the date of its event, those of facts, or nobody knows which."""
    if opening is not None:
        return time(f"{opening.pointer}/at")
    return time(*(dates or ("trigger",)))


def _common(opening: Event, instance: Instance) -> Event:
    """Return an opening occurrence of which only that is known in which all that may be it agree.

    They agree in what makes them one group: the instance's entities, and the attribute of which each value counts once.
    """
    every = (opening, *instance.rivals)
    doubt = Unknown(time(*(f"{e.pointer}/at" for e in every)))
    shared = {*instance.entities, instance.norm.trigger.one_per}
    values: dict[str, Any] = {n: doubt for e in every for n in e.values}
    values |= {n: v for n, v in opening.values.items() if n in shared or all(e.values.get(n) == v for e in every)}
    refs: dict[str, References] = {
        k: Unreferred(everyone=False, pointer=f"{opening.pointer}/{k}") for e in every for k in e.refs
    }
    refs |= {k: r for k, r in opening.refs.items() if k in shared or all(e.refs.get(k) == r for e in every)}
    return replace(opening, at=instance.start, id=None, seq=None, values=values, refs=refs)
