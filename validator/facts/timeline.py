"""What a record of facts holds: entities, dated values and events with their times.  Nothing is judged here."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from validator.errors import Place, Problem
from validator.facts.values import Causes, time
from validator.facts.vocabulary import BOOLEAN, TEXT, TIME, Attribute, EventType, Label
from validator.legal_time.instant import DAY, Instant, Interval, before, tied
from validator.limits import DEFAULT


class Stated(Struct, frozen=True):
    """One stated value of a fact: from when it holds (None: always) and, if attested, by whom, when, on what."""

    value: Any
    start: Interval | None = None
    by: str | None = None
    on: Interval | None = None
    document: str | None = None
    attested: bool = False


class Unreferred(Struct, frozen=True):
    """A reference that an event does not give: it means every entity of the kind, or nobody knows which.

    ``known`` are those that it surely means, if it may mean more.
    """

    everyone: bool
    pointer: str
    known: tuple[str, ...] = ()


References = tuple[str, ...] | Unreferred
_NOWHERE = Place("")
_FEW = 16  # events that are sooner looked at than sorted by what they are about


class Event(Struct, eq=False):
    """One occurrence: when it happened (an interval), what it refers to, and its own attributes."""

    index: int
    type: EventType
    at: Interval
    seq: int | None
    id: str | None
    refs: Mapping[str, References]
    values: dict[str, Any]
    pointer: str
    written: str
    _doubt: Causes | None = None

    @property
    def doubt(self) -> Causes:
        """The cause of what its date leaves open."""
        if self._doubt is None:
            self._doubt = time(f"{self.pointer}/at")
        return self._doubt

    @property
    def key(self) -> str:
        """The event's part of an instance key: its id, else ``type@at`` as written."""
        return self.id if self.id is not None else f"{self.type.name}@{self.written}"

    @property
    def place(self) -> tuple[Interval, int, str]:
        """Where the event stands among others, wherever the list has it: its time, number and key."""
        return self.at, -1 if self.seq is None else self.seq, self.key

    def before_by_seq(self, other: Event) -> bool | None:
        """Say what ``seq`` says of the order of two tied events; None: nothing."""
        if self.seq is None or other.seq is None or self.seq == other.seq:
            return None
        return self.seq < other.seq

    def follows(self, other: Event) -> bool:
        """Say whether this event surely comes after ``other`` (``seq`` settles a tie and nothing else)."""
        return before(other.at, self.at) or (tied(self.at, other.at) and other.before_by_seq(self) is True)


class Upstream(Event, eq=False):
    """The opening occurrence of a chain: another instance was violated, or its clock began to run.

    ``answered`` is when the duty of that instance is done: surely at the first instant, possibly at the second.
    """

    answered: tuple[Instant | None, Instant | None] = (None, None)
    instance: Any = None

    def due_by(self, due: Any) -> Upstream:
        """Return the same with another ``trigger.due``."""
        return replace(self, values={**self.values, "due": due})


CHAIN = EventType(
    "chain", Label("上游规则的结果", "Result of an upstream norm"), {}, (),
    {n: Attribute(n, t) for n, t in (("norm", TEXT), ("breach_id", TEXT), ("due", TIME), ("fulfilled", BOOLEAN))}, (),
)  # fmt: skip
"""The event type of the occurrences that open chains: what ``trigger.x`` may name there."""


class Entity(Struct, eq=False):
    """An entity of the record (the record itself is one) and what is stated about it."""

    kind: str
    id: str
    pointer: str
    facts: dict[str, tuple[Stated, ...]] = {}


class _About(NamedTuple):
    """Where among others the events stand that name an entity of a kind, by its id, and those that name none."""

    named: dict[str, list[int]]
    others: list[int]


class Timeline(Struct, eq=False):
    """One record, read: entities by kind and id, events in the order of their times.

    ``place`` is where it begins; judging it may take so many ``steps`` (`validator.limits.Limits`).
    """

    record_type: str
    id: str
    entities: dict[str, dict[str, Entity]]
    unlisted: dict[str, str]
    events: list[Event]
    by_type: dict[str, list[Event]]
    partial: bool
    since: Instant | None
    known_until: Instant | None
    states: dict[tuple[str, str], Any]
    digest: str
    warnings: tuple[Problem, ...]
    ignored: int = 0
    place: Place = _NOWHERE
    steps: int = DEFAULT.steps
    _starts: frozenset[Instant] | None = None
    _merged: dict[tuple[str, ...] | frozenset[str], list[Event]] = {}
    _about: dict[tuple[tuple[str, ...], str], _About] = {}
    _quiet: dict[frozenset[str], frozenset[Instant]] = {}
    _changes: dict[frozenset[str], frozenset[Instant]] = {}

    @property
    def record(self) -> Entity:
        """The record as an entity."""
        return self.entities[self.record_type][self.id]

    @property
    def whence(self) -> str:
        """What stands before the places of this record where another one is judged."""
        return f"context {self.record_type}/{self.id}"

    def _dated_starts(self) -> frozenset[Instant]:
        """Return from when the dated facts of the record hold, at the earliest and for sure."""
        if self._starts is None:
            facts = (f for kind in self.entities.values() for e in kind.values() for f in e.facts.values())
            self._starts = frozenset(t for stated in facts for s in stated if s.start is not None for t in s.start)
        return self._starts

    def quiet_changes(self, names: frozenset[str]) -> frozenset[Instant]:
        """Return when states that events of these types set end by themselves, and from when dated facts hold."""
        if names not in self._quiet:
            found = set(self._dated_starts())
            for event in self.of_types(names):
                for setter in event.type.sets:
                    end = event.values.get(setter.until) if setter.until is not None else None
                    if end is not None:
                        found.update((t // DAY + 1) * DAY for t in end)
            self._quiet[names] = frozenset(found)
        return self._quiet[names]

    def changes(self, names: frozenset[str]) -> frozenset[Instant]:
        """Return when a value that events of these types set, or a dated fact, may change."""
        if names not in self._changes:
            acts = frozenset(t for event in self.of_types(names) for t in event.at)
            self._changes[names] = acts | self.quiet_changes(names)
        return self._changes[names]

    def with_only(self, names: Collection[str]) -> Timeline:
        """Return the record with its events of some types alone, for those who read no others."""
        events = [event for event in self.events if event.type.name in names]
        by_type = {name: of_type for name, of_type in self.by_type.items() if name in names}
        return replace(
            self,
            events=events,
            by_type=by_type,
            warnings=(),
            _starts=None,
            _merged={},
            _about={},
            _quiet={},
            _changes={},
        )

    def of_types(self, names: Iterable[str]) -> list[Event]:
        """Return the events of the given types in time order."""
        asked = names if isinstance(names, tuple | frozenset) else tuple(names)
        merged = self._merged.get(asked)
        if merged is None:
            found = [self.by_type[n] for n in asked if n in self.by_type]
            merged = found[0] if len(found) == 1 else sorted((e for of_type in found for e in of_type), key=time_order)
            self._merged[asked] = merged
        return merged

    def about(self, names: tuple[str, ...], kind: str, identifier: str) -> list[Event]:
        """Return the events of the given types that may be about an entity, in time order.

        Of many it is those that name it and those that name none of its kind.
        """
        events = self.of_types(names)
        if len(events) <= _FEW or kind == self.record_type:
            return events
        found = self._about.get((names, kind))
        if found is None:
            found = self._about[names, kind] = _About({}, [])
            for place, event in enumerate(events):
                refs = event.refs.get(kind)
                for one in dict.fromkeys(refs) if isinstance(refs, tuple) else ():
                    found.named.setdefault(one, []).append(place)
                if not isinstance(refs, tuple):
                    found.others.append(place)
        return [events[place] for place in sorted((*found.named.get(identifier, ()), *found.others))]


def as_start(at: Interval) -> Interval:
    """A value given from a day on holds from its first instant; a coarser date leaves open from when."""
    whole_day = at.lo % DAY == 0 and at.hi == at.lo + DAY - 1
    return Interval(at.lo, at.lo) if whole_day else at


def time_order(event: Event) -> tuple[Interval, int, str, int]:
    """Order events by their times; the position in the list only tells those apart that have the same key."""
    return (*event.place, event.index)
