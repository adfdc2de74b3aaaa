"""What is read at the moments of events, one after the other: not anew where nothing of what is read has changed."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from validator.expressions.memory import Computed, Memory
from validator.expressions.point import Point
from validator.legal_time.instant import END

_AT_FIRST = 4  # readings before the first trial: where few are asked for, a trial is not worth it


class Steady:
    """Reads at points in the order of time.

    Now and then it reads just before a point to learn how long that stands; while this does not help, ever less often.
    """

    def __init__(self, memory: Memory, ask: Callable[[Point], Any]) -> None:
        self._memory, self._ask = memory, ask
        self._since, self._found = END, Computed(None, presumed=False, evidence=frozenset(), until=END)
        self._asked, self._patience = 0, _AT_FIRST

    def at(self, point: Point) -> Any:
        """Return what is read at a point, and leave behind what reading it does."""
        first, last = point.around
        if not (self._since <= first and last < self._found.until) and not self._tried(point):
            return self._ask(point)
        self._memory.leave(self._found)
        return self._found.value

    def _tried(self, point: Point) -> bool:
        """Say whether what is read just before a point stands at it."""
        self._asked += 1
        if self._asked <= self._patience:
            return False
        first, last = point.around
        found = self._memory.apart(partial(self._ask, point.before()))
        if found.until <= last:
            self._asked, self._patience = 0, 2 * self._patience
            return False
        self._since, self._found = first, found
        return True
