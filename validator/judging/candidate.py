"""Openings of a norm before it is known which of them are one: their keys, and which of several is kept."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from validator.expressions.evaluation import Evaluator
from validator.facts.timeline import Event
from validator.facts.values import Series, Truth, Unknown, all_of, any_of, data, known_parts
from validator.legal_time.instant import Interval, day_of, same_day, tied
from validator.rules.program import Norm


class Candidate(Struct, frozen=True):
    """An opening of a norm: of which entities, when, by what, for sure or perhaps.

    ``rivals`` and ``dates`` are those of its instance.
    """

    entities: Mapping[str, str | None]
    start: Interval
    event: Event | None
    key: str
    opened: Truth
    rivals: tuple[Event, ...] = ()
    dates: tuple[str, ...] = ()

    @property
    def pointer(self) -> str:
        """Where the record has the opening occurrence."""
        return "" if self.event is None else self.event.pointer


def names(entities: Mapping[str, str | None]) -> str:
    """Return entities as they stand in a key."""
    return "+".join(["?" if i is None else i for i in entities.values()])


def key_of(norm: Norm, entities: Mapping[str, str | None], trigger: str) -> str:
    """Return the key of what a trigger opens."""
    return f"{norm.id}:{names(entities)}:{trigger}"


def by_start(candidate: Candidate) -> tuple[Interval, int, str]:
    """Order candidates by their starts; equal ones as their events are numbered, else by their keys."""
    event = candidate.event
    return candidate.start, -1 if event is None or event.seq is None else event.seq, candidate.key


def once(found: Iterable[Candidate]) -> list[Candidate]:
    """Join candidates that several alternatives open with one occurrence: it opens one instance, if one opens it."""
    joined: dict[tuple[object, ...], Candidate] = {}
    for candidate in found:
        opening = candidate.key if candidate.event is None else id(candidate.event)
        key = (opening, candidate.start, *candidate.entities.values())
        first = joined.setdefault(key, candidate)
        if first is not candidate:
            joined[key] = replace(first, opened=any_of((first.opened, candidate.opened)))
    return list(joined.values())


def on_one_day(events: Iterable[Event | None]) -> bool:
    """Say whether two of several events may be tied: they lie in one civil day."""
    days = [day_of(e.at.lo) for e in events if e is not None and same_day(e.at, e.at)]
    return len(days) > len(set(days))


def unique(found: list[Candidate]) -> list[Candidate]:
    """Give candidates whose keys would be equal a content hash."""
    counts: dict[str, int] = {}
    for candidate in found:
        counts[candidate.key] = counts.get(candidate.key, 0) + 1
    return [c if counts[c.key] == 1 else replace(c, key=f"{c.key}#{_content(c)}") for c in found]


def _content(candidate: Candidate) -> str:
    event = candidate.event
    content = candidate.start if event is None else [event.refs, event.values]
    text = json.dumps(content, sort_keys=True, default=_written_out)
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def _written_out(value: object) -> object:
    if isinstance(value, Series):
        return [*known_parts(value), None]  # and not where it stands, which the order of the events decides
    return [*value] if isinstance(value, Interval) else str(value)


# -- one per entity ---------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class _Group:
    """Entities, and the value of the trigger's attribute if it counts (None in either: nobody knows).

    ``alone`` is the key of a candidate of which something is not known: two such need not be of one group.
    """

    entities: tuple[str | None, ...]
    values: tuple[Any, ...]
    alone: str

    def may_be(self, other: _Group) -> bool:
        pairs = [*zip(self.entities, other.entities, strict=True), *zip(self.values, other.values, strict=False)]
        return all(a == b or a is None or b is None for a, b in pairs)


def _group(candidate: Candidate, one_per: str) -> _Group:
    entities, event = tuple(candidate.entities.values()), candidate.event
    values = () if one_per == "entity" or event is None else (event.values.get(one_per),)
    return _Group(entities, values, candidate.key if None in (*entities, *values) else "")


def earliest(found: Iterable[Candidate], one_per: str, evaluator: Evaluator) -> Iterator[Candidate]:
    """Keep one candidate per entity (or per value of the trigger's attribute): the earliest.

    One of which nobody knows whether it belongs to a group may be the earliest of it too.
    """
    groups: dict[_Group, list[Candidate]] = {}
    for candidate in found:
        groups.setdefault(_group(candidate, one_per), []).append(candidate)
    vague = {key: group for key, group in groups.items() if key.alone}
    for key, group in groups.items():
        near = groups if key.alone else vague  # two of which everything is known are one group or two
        evaluator.work.spend(len(near))
        others = [c for other, g in near.items() if other != key and key.may_be(other) for c in g]
        yield _first_of(key, group, others, one_per, in_order=evaluator.in_order)


def _first_of(
    key: _Group, group: Iterable[Candidate], strangers: Iterable[Candidate], one_per: str, *, in_order: bool
) -> Candidate:
    """Return the earliest of a group to which others perhaps belong too."""
    ordered = sorted(group, key=by_start)
    certain = [c for c in ordered if c.opened is True]
    best = certain[0] if certain else ordered[0]
    end = min(c.start.hi for c in certain) if certain else max(c.start.hi for c in ordered)
    others = [c for c in strangers if c.start.lo <= end]
    start = Interval(min(c.start.lo for c in (*ordered, *others)), end)
    opened = any_of(c.opened for c in ordered)
    if key.alone and others:
        opened = all_of((opened, Unknown(data(f"{ordered[0].pointer}/{one_per}"))))
    early = (c for c in (*ordered, *others) if c.start.lo <= end)
    rivals = _rivals(best, early, in_order=in_order)
    return replace(best, start=start, opened=opened, rivals=rivals)


def _rivals(best: Candidate, others: Iterable[Candidate], *, in_order: bool) -> tuple[Event, ...]:
    """Return the events, besides that of the best candidate, one of which may be the opening one."""
    opening = best.event
    found = [c.event for c in others if c.event is not None and c.event is not opening]
    if opening is None:
        return ()
    return tuple(
        e for e in dict.fromkeys(found) if not e.follows(opening) and not (in_order and tied(e.at, opening.at))
    )  # fmt: skip
