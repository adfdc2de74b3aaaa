"""The courts of every docket, their staff, and how matters are numbered: what the records of a docket share."""

from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from random import Random
from typing import NamedTuple

from validator.sample.chance import between, chance
from validator.sample.days import FIRST_FILING, LAST_FILING, next_workday
from validator.sample.figures import BY_SUPERIOR, CASE_TYPES, MATTERS, OFFICER_EVERY, TYPE_CHARACTERS


class Court(NamedTuple):
    """A basic court by its code, the court above it and its share of the docket."""

    code: str
    superior: str
    share: int


COURTS = (
    Court("京0105", "京03", 16),
    Court("粤0304", "粤03", 12),
    Court("豫0105", "豫01", 8),
    Court("沪0115", "沪01", 8),
    Court("浙0106", "浙01", 6),
    Court("川0107", "川01", 6),
    Court("苏0508", "苏05", 5),
    Court("粤0305", "粤03", 5),
    Court("鄂0106", "鄂01", 4),
    Court("京0112", "京03", 3),
    Court("黔0102", "黔01", 3),
    Court("皖1522", "皖15", 2),
    Court("鄂1181", "鄂11", 2),
    Court("黑1004", "黑10", 1),
)
"""Codes as on published rulings.  The shares follow 勃利 (445 cases in a half year of 2021) against one court with a
serial above 41 000 in the same year."""
CYCLE = sum(court.share for court in COURTS)
"""So many matters in a row are shared out among the courts once."""
SUPREME = "最高法"
FIRST_SERIAL = 1000
"""Serials begin at this, times the share of the court, so that big courts have long ones (guess)."""
SUPERIORS = {court.code: court.superior for court in COURTS}
BASIC_LENGTH = 5
"""Characters of the code of a basic court; the province's own is one."""

POSTS = (
    ("president", "leader", True),
    ("vice_president", "leader", True),
    ("bureau_chief", "leader", True),
    ("deputy_bureau_chief", "leader", True),
    ("team_leader", "independent_handler", True),
    ("judge", "independent_handler", True),
    ("judge", "independent_handler", True),
    ("judge", "independent_handler", True),
    ("judge_assistant", "other", False),
    ("enforcement_officer", "independent_handler", False),
    ("judicial_police", "other", False),
    ("clerk", "other", False),
)
"""Post, category and whether a quota judge holds it, of the first, second ... of the staff of a court."""
PRESIDENT, VICE_PRESIDENT, CHIEF, DEPUTY_CHIEF, TEAM_LEADER, JUDGE = range(1, 7)
STAFF = {"basic": 12, "intermediate": 8, "high": 5, "supreme": 4}
"""How many of a court's staff are told of."""


@lru_cache(maxsize=64)
def level(code: str) -> str:
    """Return the level of a court by its code."""
    if code == SUPREME:
        return "supreme"
    return "high" if len(code) == 1 else "basic" if len(code) >= BASIC_LENGTH else "intermediate"


@lru_cache(maxsize=64)
def superior(code: str) -> str | None:
    """Return the court above: none above the Supreme People's Court."""
    if code in SUPERIORS:
        return SUPERIORS[code]
    return None if code == SUPREME else SUPREME if len(code) == 1 else code[0]


@lru_cache(maxsize=64)
def line_of(code: str) -> tuple[str, ...]:
    """Return a court and those above it, upwards."""
    above = superior(code)
    return (code,) if above is None else (code, *line_of(above))


def common_superior(one: str, other: str) -> str:
    """Return the lowest court above both."""
    above = line_of(other)[1:]
    return next(code for code in line_of(one)[1:] if code in above)


@lru_cache(maxsize=1)
def court_codes() -> tuple[str, ...]:
    """Return the codes of all courts: each basic one before those above it."""
    lines = [code for court in COURTS for code in line_of(court.code) if code != SUPREME]
    return (*dict.fromkeys(lines), SUPREME)


def officer_id(code: str, number: int) -> str:
    """Return the id of the first, second ... of the staff of a court, as far as it goes."""
    return f"{code}-o{min(number, STAFF[level(code)])}"


@lru_cache(maxsize=1)
def staff() -> tuple[tuple[str, int], ...]:
    """Return every officer by court and number."""
    return tuple((code, number) for code in court_codes() for number in range(1, STAFF[level(code)] + 1))


def entry(index: int) -> tuple[str, int]:
    """Return what record ``index`` is: a court, an officer or a matter, and the number of it among these.

    Courts come first, one beside each matter, then officers, one in so many records, until all have been told.  So
    what a matter names is in the docket too, nearly from the start.
    """
    courts = len(court_codes())
    if index < 2 * courts:
        return ("court" if index % 2 else "matter", index // 2)
    later = index - 2 * courts
    turn, place = divmod(later, OFFICER_EVERY)
    if place == 0 and turn < len(staff()):
        return "officer", turn
    return "matter", courts + later - min(turn + 1, len(staff()))


@lru_cache(maxsize=1)
def _places() -> tuple[tuple[Court, int, int, int], ...]:
    """Return for each matter of a cycle: its court, its place there and at the court above, and the share of that."""
    found = []
    above: dict[str, int] = {}
    shares: dict[str, int] = {}
    for court in COURTS:
        shares[court.superior] = shares.get(court.superior, 0) + court.share
    for court in COURTS:
        for place in range(court.share):
            above[court.superior] = above.get(court.superior, 0) + 1
            found.append((court, place + 1, above[court.superior], shares[court.superior]))
    return tuple(found)


def court_of(number: int) -> str:
    """Return the basic court of matter ``number``."""
    return _places()[number % CYCLE][0].code


class Heading(NamedTuple):
    """What other records know of a case: type, day of filing, court and number."""

    type: str
    filed: int
    court: str
    id: str


def heading(rng: Random, number: int) -> Heading:
    """Return the heading of case ``number``; no serial is given twice by one court."""
    turn, place = divmod(number, CYCLE)
    court, here, above, share = _places()[place]
    kind = CASE_TYPES.pick(rng)
    filed = next_workday(FIRST_FILING + int(rng.random() * (LAST_FILING - FIRST_FILING)))
    code, serial = court.code, (FIRST_SERIAL + turn) * court.share + here
    if kind in BY_SUPERIOR:
        code, serial = court.superior, (FIRST_SERIAL + turn) * share + above
    year = date.fromordinal(filed).year
    return Heading(kind, filed, code, f"({year}){code}{TYPE_CHARACTERS[kind]}{serial}号")


@lru_cache(maxsize=64)
def _numbers(code: str) -> tuple[int, ...]:
    """Return the numbers of the first matters of a court and of those under it."""
    return tuple(number for number, place in enumerate(_places()) if code in line_of(place[0].code))


def _cases(seed: int, numbers: Iterator[int]) -> Iterator[Heading]:
    for number in numbers:
        rng = chance(seed, number)
        if MATTERS.pick(rng) == "case":
            yield heading(rng, number)


def earlier_case(seed: int, number: int, rng: Random) -> Heading | None:
    """Return a case told shortly before matter ``number``, if there is any."""
    return next(_cases(seed, iter(range(number - between(rng, 1, 30), -1, -1))), None)


def case_of_court(seed: int, code: str, rng: Random, before: int) -> Heading | None:
    """Return one of the first cases of a court, or of one under it, filed before a day."""
    numbers = _numbers(code)
    start = between(rng, 0, len(numbers) - 1)
    cases = _cases(seed, iter(numbers[start:] + numbers[:start]))
    return next((case for case in cases if case.filed < before), None)
