"""Which parts events play in plain norms: what can be told though the order of two of them is open."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from itertools import chain
from typing import Any

from msgspec import UNSET

from validator.compiling.plain import PlainNorm, spellings

Part = tuple[str, int, int]
"""A kind of entity, and the norms about such entities that an event opens, and those that it answers, as sets."""


@dataclass(frozen=True, slots=True)
class Roles:
    """What events mean to the plain norms of a record type.  Sets of norms are those of `validator.compiling.compiler`.

    Attributes:
        norms: the norms that depend on events of each type, by the number of the type, as sets.
        hourly: those for which the time of the day matters.
        ordered: those for which the order of any two events may matter on which they depend.
        parts: what events of a type open and answer, by the number of the type.
        ranks: the order in which events of one moment are taken, by the number of the type: what opens norms before
            what answers them, for an answer counts on the day of its trigger.
    """

    norms: Mapping[int, int]
    hourly: int
    ordered: int
    parts: Mapping[int, tuple[Part, ...]]
    ranks: Mapping[int, int]

    def opposed(self, events: Iterable[Any]) -> int:
        """Return the norms whose verdict or instances may rest on the order of some events of one moment.

        One that opens a norm and one that answers it, taken in this order, do not count.

        Args:
            events: in the order in which they are taken.
        """
        found = before = 0
        seen: dict[tuple[str, Any], tuple[int, int]] = {}
        for event in events:
            own = self.norms[event.number]
            found |= own & before & self.ordered
            before |= own
            for kind, opens, answers in self.parts.get(event.number, ()):
                key = kind, _entity(event, kind)
                opened, answered = seen.get(key, (0, 0))
                found |= (opens & (opened | answered)) | (answers & answered)
                seen[key] = opened | opens, answered | answers
        return found


def _entity(event: Any, kind: str) -> Any:
    """Return the id of the entity of a kind that an event names; of the record itself nothing."""
    if not kind:
        return None
    first, second = (getattr(event, key) for key in spellings(kind))
    return second if first is UNSET else first


def roles_of(norms: Iterable[PlainNorm], numbers: Mapping[str, int], record_type: str, hourly: int) -> Roles:
    """Return what events mean to norms.

    Args:
        norms: in the order of their numbers.
        numbers: the numbers of all event types.
        record_type: whose norms they are.
        hourly: the norms for which the time of the day matters, as a set.
    """
    norms = list(norms)
    touched = dict.fromkeys(numbers.values(), 0)
    parts: dict[int, dict[str, tuple[int, int]]] = {}
    ordered = 0
    for n, plain in enumerate(norms):
        bit = 1 << n
        for name in plain.events():
            touched[numbers[name]] |= bit
        openings, answers = _openings(plain), _answers(plain)
        if not answers or openings & answers:  # an event that does both is opposed to any other
            ordered |= bit
            continue
        kind = "" if plain.norm.subject == record_type else plain.norm.subject
        for name in openings | answers:
            own = parts.setdefault(numbers[name], {})
            opens, answering = own.get(kind, (0, 0))
            own[kind] = opens | bit * (name in openings), answering | bit * (name in answers)
    by_number = {number: tuple((kind, *sets) for kind, sets in own.items()) for number, own in parts.items()}
    ranks = {numbers[name]: rank for rank, name in enumerate(_in_order(norms))}
    return Roles(touched, hourly, ordered, by_number, dict.fromkeys(numbers.values(), -1) | ranks)


def _openings(plain: PlainNorm) -> frozenset[str]:
    return frozenset(plain.trigger.events)


def _answers(plain: PlainNorm) -> frozenset[str]:
    return frozenset(chain.from_iterable(pattern.events for pattern in plain.answers))


def _in_order(norms: Iterable[PlainNorm]) -> Iterator[str]:
    """Yield event types so that those which open a norm come before those which answer it, if that can be."""
    graph: dict[str, set[str]] = {}
    for plain in norms:
        for name in _answers(plain) - _openings(plain):
            graph.setdefault(name, set()).update(_openings(plain))
    try:
        yield from TopologicalSorter(graph).static_order()
    except CycleError:
        return
