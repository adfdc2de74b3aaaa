"""How much work judging one record may be: what takes too much is refused, so that no record holds up all others.

Work is counted in steps and not in seconds, so that it depends on the record alone.
"""

from __future__ import annotations

from validator.errors import InvalidRecord, Place, Problem


class TooMuchWork(InvalidRecord):
    """A record that can't be judged in the steps that it may take."""


class Work:
    """Counts the steps of judging one record: an event or a member of a list that is looked at is one.

    Attributes:
        left: how many steps it may still take.
    """

    __slots__ = ("_limit", "_place", "left")

    def __init__(self, limit: int, place: Place) -> None:
        """Begin to count.

        Args:
            limit: how many steps it may take.
            place: where the record is.
        """
        self.left = self._limit = limit
        self._place = place

    def spend(self, steps: int = 1) -> None:
        """Count some steps.

        Raises `TooMuchWork` when they are too many.
        """
        self.left -= steps
        if self.left < 0:
            raise TooMuchWork(Problem("too-much-work", self._place, (("limit", f"{self._limit:,}"),)))
