"""A synthetic docket: records in the shape that real courts report, for demonstrations, tests and timing.

``sample(n, seed)`` yields the records of one made-up docket: cases, petitions, oversight matters and disputes, and the
courts and officers that they name.  Nobody in it exists.  Record ``i`` depends on ``(seed, i)`` alone, so a short
docket is the beginning of a longer one, and the same ``(n, seed)`` gives the same records on every platform: the only
source of chance is ``Random.random()``, whose sequence Python guarantees, and amounts and times are integers (no
logarithm of a C library is asked).

A docket can be its own context: from 200 records on, what a record names is in it (`universe.entry`).
`sample_courts` yields the courts alone, for cases that come from elsewhere.

The shares stand in `figures`, each with its source.  A further record type is one more function in `WRITERS`.
"""

from collections.abc import Callable, Iterator
from random import Random

from validator.sample.case import enforcement_case
from validator.sample.chance import Record, chance
from validator.sample.court import court
from validator.sample.dispute import dispute
from validator.sample.figures import MATTERS
from validator.sample.officer import officer
from validator.sample.oversight import oversight
from validator.sample.petition import petition
from validator.sample.universe import court_codes, entry, heading, staff

__all__ = ["WRITERS", "sample", "sample_courts"]


def _case(rng: Random, number: int, _seed: int) -> Record:
    return enforcement_case(rng, heading(rng, number))


WRITERS: dict[str, Callable[[Random, int, int], Record]] = {
    "case": _case,
    "petition": petition,
    "oversight": oversight,
    "dispute": dispute,
}
"""What writes a matter, from chance, its number and the seed."""


def sample(n: int, seed: int) -> Iterator[Record]:
    """Yield the first ``n`` records of the docket ``seed``.

    Amounts are ``int`` (whole yuan) or ``Decimal`` with two digits; everything else is plain JSON data.
    """
    codes, officers = court_codes(), staff()
    for index in range(n):
        kind, number = entry(index)
        if kind == "court":
            yield court(seed, codes[number])
        elif kind == "officer":
            yield officer(seed, *officers[number])
        else:
            rng = chance(seed, number)
            yield WRITERS[MATTERS.pick(rng)](rng, number, seed)


def sample_courts(seed: int = 1) -> Iterator[Record]:
    """Yield all courts of the docket ``seed``, as context records."""
    return (court(seed, code) for code in court_codes())
