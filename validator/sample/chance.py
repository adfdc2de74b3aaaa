"""Values by weight, from `Random.random()` only: Python guarantees its sequence on every platform."""

from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate
from random import Random
from typing import Any, Generic, TypeVar

Record = dict[str, Any]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Odds(Generic[T]):
    """Values by weight; ``bounds`` are the running totals of the weights."""

    values: tuple[T, ...]
    bounds: tuple[int, ...]

    def pick(self, rng: Random) -> T:
        """Return one value by chance."""
        return self.values[bisect_right(self.bounds, rng.random() * self.bounds[-1])]


def odds(*entries: tuple[T, int]) -> Odds[T]:
    """Return the odds of ``(value, weight)`` pairs; the weights need not add up to 100."""
    return Odds(tuple(value for value, _ in entries), tuple(accumulate(weight for _, weight in entries)))


def chance(seed: int, name: object) -> Random:
    """Return the chance of one record of a docket: a text seed is hashed by Random itself, alike in every process."""
    return Random(f"{seed}:{name}")  # noqa: S311 - chance, not secrecy


def between(rng: Random, low: int, high: int) -> int:
    """Return an integer from ``low`` to ``high``, both included."""
    return low + int(rng.random() * (high - low + 1))
