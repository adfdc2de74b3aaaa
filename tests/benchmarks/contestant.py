"""What is measured: something that goes through a file of records, alone or with judging them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from .oracle import Outcome

Judging = Callable[[Path], Iterable[Outcome]]


@dataclass(frozen=True, slots=True)
class Contestant:
    """One row of the table.

    Attributes:
        name: what it is, as printed.
        rules: how many of the rules it judges; 0 = it only reads.
        run: goes once through a file; how much it found is returned so that nothing is left undone.
        outcomes: what it finds, for comparing with the oracle; None = nothing to compare.
        sees: whether it can find such an outcome at all; of the others it must find every one, and no more.
        knows_places: whether it can say which event triggered, and when the answer is due.
        slow: it takes so long that it gets fewer records.
    """

    name: str
    rules: int
    run: Callable[[Path], int]
    outcomes: Judging | None = None
    sees: Callable[[Outcome], bool] = lambda _: True
    knows_places: bool = True
    slow: bool = False

    def disagreements(self, path: Path, expected: Iterable[Outcome]) -> int:
        """Count the outcomes that only the oracle or only the contestant finds in a file."""
        if self.outcomes is None:
            return 0
        wanted = {o if self.knows_places else _placeless(o) for o in expected if self.sees(o)}
        found = list(self.outcomes(path))
        return len(wanted.symmetric_difference(found)) + len(found) - len(set(found))


def _placeless(outcome: Outcome) -> Outcome:
    return outcome._replace(trigger="", due="")


def judging(name: str, rules: int, outcomes: Judging, *, slow: bool = False) -> Contestant:
    """Return a contestant whose run is to list its outcomes."""
    return Contestant(name, rules, lambda path: sum(1 for _ in outcomes(path)), outcomes, slow=slow)


def lines(path: Path) -> Iterator[bytes]:
    """Yield the lines of a file."""
    with path.open("rb", buffering=1 << 20) as file:
        yield from file
