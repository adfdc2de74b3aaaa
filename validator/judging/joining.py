"""Which triggers of a hold join an open instance of it (record language, section 8)."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from msgspec.structs import replace

from validator.facts.timeline import Event
from validator.facts.values import Truth, Unknown, all_of, any_of, time
from validator.judging.instance import Instance
from validator.legal_time.instant import Interval, tied


def join_holds(
    instances: Iterable[Instance], within: Callable[[Instance, Event], Truth], *, in_order: bool
) -> list[Instance]:
    """In hold, a trigger inside an open instance of the same entities joins it (one window, one finding).

    Where the order of two triggers is open and either would join the other, they are one; where only one would, or
    nobody knows, each of the two that may join the other is an instance only perhaps.
    """
    found: list[Instance] = []
    places: dict[tuple[tuple[str, str | None], ...], int] = {}  # of the last instance of the same entities
    for instance in instances:
        same = tuple(instance.entities.items())
        place = places.get(same)
        last = None if place is None else found[place]
        if place is None or last is None or last.event is None or instance.event is None:
            places[same] = len(found)
            found.append(instance)
            continue
        first = _first(last.event, instance.event, in_order=in_order)
        into_last = False if first is instance.event else within(last, instance.event)
        into_new = False if first is last.event else within(instance, last.event)
        if into_last is True and (into_new is True or first is last.event):
            found[place] = _joined(last, instance, rival=first is None)
        elif into_new is True and first is instance.event:
            found[place] = _joined(instance, last, rival=False)
        else:
            found[place] = replace(last, opened=all_of((last.opened, _not_joined(into_new, last.event))))
            places[same] = len(found)
            found.append(replace(instance, opened=all_of((instance.opened, _not_joined(into_last, instance.event)))))
    return found


def _first(one: Event, two: Event, *, in_order: bool) -> Event | None:
    """Return which of two triggers comes first; None: nobody knows."""
    if one.follows(two):
        return two
    return one if two.follows(one) or (in_order and tied(one.at, two.at)) else None


def _joined(instance: Instance, other: Instance, *, rival: bool) -> Instance:
    """Return the first of two instances with the other joined; a rival may as well be the first.

    So may the other be if the first is an instance only perhaps: the window then begins with one or the other.
    """
    doubtful = instance.opened is not True
    start = instance.start
    if doubtful:
        start = Interval(min(start.lo, other.start.lo), max(start.hi, other.start.hi))
    events = () if other.event is None else (other.event,)
    return replace(
        instance, start=start, joined=(*instance.joined, *events, *other.joined),
        opened=any_of((instance.opened, other.opened)),
        rivals=(*instance.rivals, *other.rivals, *(events if rival or doubtful else ())),
    )  # fmt: skip


def _not_joined(joined: Truth, event: Event) -> Truth:
    """An instance of which it is open whether it has joined another is one only perhaps."""
    return True if joined is False else Unknown(time(f"{event.pointer}/at"))
