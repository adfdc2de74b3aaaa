"""A moment of judgement that notes what it is compared with, and so until when what is judged as of it stands.

Judging looks at its moment in one way only: it asks whether other instants lie before it or after it. As of any later
moment that none of the later ones lies before, all these questions have the same answers, so all is judged the same.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Self, TypeVar

from validator.legal_time.instant import Instant

T = TypeVar("T")
FOR_EVER: Instant = 1 << 62
"""Later than any instant."""


class _Note:
    """What was noted of one moment: the first instant after it with which it was compared."""

    __slots__ = ("until",)

    def __init__(self) -> None:
        self.until: Instant = FOR_EVER


class Watched(int):
    """An instant that notes the first of the later instants with which it, or it and some time, is compared.

    A day that is made of it is that of later instants to its end; of whatever else is made of it, a text say, nobody
    knows whether the same would be made of a later one, so that holds at this moment alone.
    """

    plain: Instant
    note: _Note
    _shift: int

    def __new__(cls, instant: Instant, note: _Note | None = None, shift: int = 0) -> Self:
        """Watch an instant; one that is some time (``shift``) from another has its note."""
        made = super().__new__(cls, instant)
        made.plain = instant
        made.note = _Note() if note is None else note
        made._shift = shift
        return made

    @property
    def until(self) -> Instant:
        """The first instant as of which something may be judged otherwise; that of this one when that is any other."""
        return self.note.until

    @property
    def is_moment(self) -> bool:
        """Whether this is the moment itself, not some time from it."""
        return not self._shift

    def _against(self, other: object, after: int = 0) -> Any:
        """Return what to compare with; note that it turns out otherwise at that instant, or so long after it.

        An instant with the same note is always as far away as it is now.  Only what outlives a judgement, a cache say,
        meets one with another note; what it holds was made of that one, and nothing was noted of this one.
        """
        if isinstance(other, Watched):
            if other.note is not self.note:
                self.stands_until(self.plain)
                other.stands_until(other.plain)
            return other.plain
        if isinstance(other, int) and other + after > self.plain:
            self.stands_until(other + after)
        return other

    def stands_until(self, instant: Instant) -> None:
        """Note that what is found of this one may be another at an instant."""
        self.note.until = min(self.note.until, instant - self._shift)

    def __lt__(self, other: int) -> bool:
        return bool(self.plain < self._against(other))

    def __ge__(self, other: int) -> bool:
        return bool(self.plain >= self._against(other))

    def __le__(self, other: int) -> bool:
        return bool(self.plain <= self._against(other, 1))

    def __gt__(self, other: int) -> bool:
        return bool(self.plain > self._against(other, 1))

    def __eq__(self, other: object) -> bool:
        is_same = not isinstance(other, Watched) and self.plain == other
        return bool(self.plain == self._against(other, is_same))

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = int.__hash__

    def __add__(self, time: int) -> Watched:
        return Watched(self.plain + time, self.note, self._shift + time)

    __radd__ = __add__

    def __sub__(self, time: int) -> Watched:
        return self + -time

    def __floordiv__(self, unit: int) -> int:
        found = self.plain // unit
        self.stands_until((found + 1) * unit)
        return found


def plain(instant: T) -> T | Instant:
    """Return a moment that is told, not compared: nothing is noted of it.  Any other instant stays what it is."""
    return instant.plain if isinstance(instant, Watched) and instant.is_moment else instant


def _alone(name: str) -> Callable[..., Any]:
    operation = getattr(int, name)

    def made(self: Watched, *others: Any) -> Any:
        self.stands_until(self.plain)
        return operation(self.plain, *others)

    return made


for _name in (
    "__mod__", "__rmod__", "__divmod__", "__rdivmod__", "__rfloordiv__", "__truediv__", "__rtruediv__", "__mul__",
    "__rmul__", "__rsub__", "__pow__", "__rpow__", "__neg__", "__abs__", "__int__", "__float__", "__str__", "__repr__",
    "__format__", "__and__", "__or__", "__xor__", "__lshift__", "__rshift__", "__invert__",
):  # fmt: skip
    setattr(Watched, _name, _alone(_name))
