"""Where an expression is read: the point of the timeline, and the frame of the instance around it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from msgspec import Struct

from validator.facts.timeline import Event
from validator.legal_time.instant import Instant, Interval, day_end, day_of


class Point(Struct, frozen=True):
    """A reading point.

    With an ``event``: the moment of that event, read at *close* (everything tied with it is in) or *open* (only its
    own effects and what is surely before).  Without: the instants ``at``; ``ties`` lets events tied with it count in.
    ``given`` is in for sure: the opening occurrence, at any moment from the start on.
    """

    at: Interval
    event: Event | None = None
    close: bool = True
    ties: bool = False
    given: Event | None = None

    @property
    def is_moment(self) -> bool:
        """Whether this is one exact instant, read without regard to any event's own moment."""
        return self.event is None and not self.ties and self.at.lo == self.at.hi

    @property
    def last(self) -> Instant:
        """The instant after which no event begins that is in."""
        return self.at.hi if self.given is None else max(self.at.hi, self.given.at.lo)

    @property
    def around(self) -> Interval:
        """From when to when nothing that is read may change if it is to be read as at the first of these moments.

        For the moment of an event that is from just before it to the end of its day: what is tied with it ends by then.
        """
        return self.at if self.is_moment else Interval(self.at.lo - 1, day_end(day_of(self.at.hi)))

    def before(self) -> Point:
        """Return the first of the moments around the point."""
        first = self.around.lo
        return Point(Interval(first, first), given=self.given)

    def without_given(self) -> Point:
        """Return the point for a reader to whom the opening occurrence means nothing."""
        return Point(self.at, self.event, self.close, self.ties)


def moment(instant: Instant) -> Point:
    """Return the point that reads everything up to and including one instant."""
    return Point(Interval(instant, instant))


class Frame(Struct, frozen=True):
    """What an expression is evaluated in.  ``start`` is the instance's start, at which parameters are read."""

    entities: Mapping[str, str | None]
    point: Point
    start: Interval
    trigger: Event | None = None
    this: Event | None = None
    loops: Mapping[str, Any] = MappingProxyType({})
