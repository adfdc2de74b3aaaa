"""What is usual in an input: which keys its objects have, in which order.

Whoever exports records writes all of them in one way.  Types that have just these keys, in this order, are read and
written faster; whatever is not as usual is read with types that know all keys.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from graphlib import CycleError, TopologicalSorter

Kind = tuple[str, ...]
"""What an object is: ``("record",)``, ``("event", type)``, or ``("entity", plural)``."""


class Habits:
    """The keys of the objects of some records of one type; ``decimals``: some numbers have decimals."""

    def __init__(self, lines: Iterable[bytes]) -> None:
        """Learn from plain records, which are JSON."""
        self._keys: dict[Kind, dict[str, set[str]]] = {}  # with those that stand right before them
        self.decimals = False

        def number(text: str) -> float:
            self.decimals = True
            return float(text)

        for line in lines:
            record = json.loads(line, parse_float=number)
            self._note(("record",), record)
            for event in record["events"]:
                self._note(("event", event["type"]), event)
            for plural, entities in record.items():
                if plural != "events" and isinstance(entities, list):
                    for entity in entities:
                        if isinstance(entity, dict):
                            self._note(("entity", plural), entity)

    def _note(self, kind: Kind, found: Iterable[str]) -> None:
        keys = list(found)
        known = self._keys.setdefault(kind, {})
        for before, key in zip((None, *keys), keys, strict=False):
            known.setdefault(key, set()).update(() if before is None else (before,))

    def knows(self, kind: Kind) -> bool:
        """Say whether such objects are usual."""
        return kind in self._keys or not self._keys

    def usual(self, kind: Kind, keys: Iterable[str]) -> list[str]:
        """Return which of some keys such objects usually have, in their order."""
        known = list(keys)
        return [key for key in self._in_order(kind) if key in known] if kind in self._keys else known

    def _in_order(self, kind: Kind) -> list[str]:
        """Return the keys of such objects so that each stands behind those that stood before it."""
        try:
            return list(TopologicalSorter(self._keys[kind]).static_order())
        except CycleError:  # not always in one order
            return list(self._keys[kind])


NO_HABITS = Habits(())
"""Of nobody: everything is usual."""
NO_HABITS.decimals = True
