"""What an evaluator remembers: values that were found once, how long they stand, what finding them left behind."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple

from msgspec import Struct

from validator.legal_time.instant import BEGIN, END, Instant, Interval


class Evidence(NamedTuple):
    """An attested fact, or a recorded one that is signed: where it stands, who vouches for it, when, by what.

    All None: nobody vouches for it.
    """

    pointer: str
    by: str | None
    on: Interval | None
    document: str | None


class Computed(Struct, frozen=True):
    """A value found once, with what finding it left behind: whether a tie was read, and the attested facts read.

    Read at one moment, it stands before ``until``: until then nothing changes of what was read.
    """

    value: Any
    presumed: bool
    evidence: frozenset[Evidence]
    until: Instant

    @property
    def left(self) -> bool:
        """Whether anything was left behind."""
        return self.presumed or bool(self.evidence)


class _Standing(NamedTuple):
    """What was found at a moment: it stands from then on."""

    since: Instant
    found: Computed


_NEVER = _Standing(END, Computed(None, presumed=False, evidence=frozenset(), until=BEGIN))


@dataclass(slots=True, kw_only=True)
class Memory:
    """Values that are computed once as of one instant, and what reading them leaves behind.

    ``as_of`` is the moment of judgement.
    ``presumed`` becomes true when a tie was read, by the presumption about the order within a day or without it.
    ``evidence`` collects the attested facts that were read.
    ``until`` is when, after the moment at which something is read, any of what was read may change first.
    """

    as_of: Instant
    presumed: bool = False
    evidence: set[Evidence] = field(default_factory=set)
    until: Instant = END
    _values: dict[tuple[Any, ...], Computed] = field(default_factory=dict)  # shared by both readings of ties
    _tied: dict[tuple[Any, ...], Computed] = field(default_factory=dict)  # what rests on one of them
    _standing: dict[tuple[Any, ...], list[tuple[Instant, Computed]]] = field(default_factory=dict)
    _lists: dict[tuple[Any, ...], list[_Standing]] = field(default_factory=dict)

    def once(self, key: tuple[Any, ...], compute: Callable[[], Any]) -> Any:
        """Return a value that is computed once, and repeat each time what computing it left behind."""
        found = self._values.get(key) or self._tied.get(key)
        if found is None:
            found = self.apart(compute)
            (self._tied if found.presumed else self._values)[key] = found
        self.leave(found)
        return found.value

    def while_it_stands(self, key: tuple[Any, ...], instant: Instant, compute: Callable[[], Any]) -> Any:
        """Return the value at a moment, computed anew only when something that it reads may have changed.

        At a moment that has passed, what is known earlier is what is known later, so that both may share it.
        """
        if instant > self.as_of:
            found = self.apart(compute)
        else:
            kept = self._standing.setdefault(key, [])
            place = bisect_left(kept, (instant + 1,))
            if place and instant < kept[place - 1][1].until:
                found = kept[place - 1][1]
            else:
                found = self.apart(compute)
                if not found.presumed:
                    kept.insert(place, (instant, found))
        self.leave(found)
        self.changes(found.until)
        return found.value

    def of_each(
        self, key: tuple[Any, ...], members: Sequence[Any], around: Interval,
        before: Callable[[Any], Any], at: Callable[[Any], Any],
    ) -> Iterator[Any]:  # fmt: skip
        """Yield the values of the members of a list, each read anew only where what it reads may have changed.

        Args:
            key: what is read of which list.
            members: its members, always the same ones.
            around: from when to when nothing may change of a member that is read ``before``.
            before: reads a member at the first of these moments.
            at: reads it at the point itself.
        """
        first, last = around
        kept = self._lists.setdefault(key, [_NEVER] * len(members))
        until = END
        for place, member in enumerate(members):
            since, found = kept[place]
            if first < since or found.until <= last:
                found = self.apart(partial(before, member))
                if first <= self.as_of and not found.presumed:
                    kept[place] = _Standing(first, found)
                if found.until <= last:
                    found = self.apart(partial(at, member))
            if found.presumed or found.evidence:
                self.leave(found)
            until = min(until, found.until)
            yield found.value
        self.changes(until)

    def watched(self, compute: Callable[[], Any]) -> tuple[Any, Instant]:
        """Return a value, read at one moment, and the instant before which it stands."""
        outer, self.until = self.until, END
        value = compute()
        until, self.until = self.until, outer
        return value, until

    def changes(self, at: Instant) -> None:
        """Note that what is read changes at an instant, which lies after the moment of reading."""
        self.until = min(self.until, at)

    def apart(self, compute: Callable[[], Any]) -> Computed:
        """Compute a value, and keep what that leaves behind with it."""
        outer = self.presumed, self.evidence, self.until
        self.presumed, self.evidence, self.until = False, set(), END
        found = Computed(compute(), self.presumed, frozenset(self.evidence), self.until)
        self.presumed, self.evidence, self.until = outer
        return found

    def leave(self, found: Computed) -> None:
        """Leave behind again what computing a value left behind."""
        if found.presumed:
            self.presumed = True
        if found.evidence:
            self.evidence |= found.evidence

    def changes_after(self, at: Interval, instants: Iterable[Instant]) -> None:
        """Note those of some instants, at which what is read changes, that lie after the moment of reading."""
        for instant in instants:
            if instant > at.lo:
                self.changes(instant)
