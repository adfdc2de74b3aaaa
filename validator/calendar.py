"""Which days are working days, and why the others are not.

The days off and the make-up workdays come from ``chinese_calendar``, which follows the yearly notices of the State
Council, and from the section ``calendar`` of the policies, which adds later notices and local closures. Days are
numbered as ``date.toordinal`` does. In a year without a notice Monday to Friday are taken as working days; such a day
is not *covered*, and whoever uses it must say so.
"""

import hashlib
import json
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from itertools import accumulate
from typing import Any, Final

from chinese_calendar import constants

from validator.errors import InvalidPolicy, Problem
from validator.instant import FIRST_DAY, LAST_DAY, BadInstant, day_of, format_day, parse_when
from validator.resources import resource_dir
from validator.strict_yaml import Node, validate

_WEEK: Final = 7
_WORKING_WEEK: Final = 5
_NOTICE_OF_NEXT_YEAR: Final = (12, 1)  # a notice may name days from here on of the year before its own
_LONGEST_REST: Final = 366  # days in a row; more is a wrong year
_DATE_WIDTH: Final = 10  # characters of a date, for the mark under it

_NAMES: Final = {
    "New Year's Day": "元旦",
    "Spring Festival": "春节",
    "Tomb-sweeping Day": "清明节",
    "Labour Day": "劳动节",
    "Dragon Boat Festival": "端午节",
    "Mid-autumn Festival": "中秋节",
    "National Day": "国庆节",
    "Anti-Fascist 70th Day": "抗战胜利纪念日",
}
_ENGLISH: Final = {
    "Mid-autumn Festival": "Mid-Autumn Festival",
    "Anti-Fascist 70th Day": "Victory Day (70th anniversary)",
}
_REASONS: Final = {
    "working": ("工作日", "working day"),
    "make-up": ("调休上班", "make-up workday"),
    "weekend": ("周末", "weekend"),
}


@dataclass(frozen=True, slots=True)
class Name:
    """The name of a holiday or closure in both languages."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True, eq=False)
class WorkCalendar:
    """Working days from 0001-01-01 to 9999-12-31.

    ``rest`` maps days off to their names, ``made_up`` holds working days that fall on a weekend (or that an overlay
    declares), ``years`` the years with a published notice. Everything else is derived: one byte for each day
    between the first and last exceptional one, and running totals, so that every question is answered in one step.
    """

    rest: Mapping[int, Name]
    made_up: frozenset[int]
    years: frozenset[int]
    first: int = field(init=False)  # the first day of the table
    table: bytes = field(init=False)  # 1 for a working day
    totals: Sequence[int] = field(init=False)  # totals[i]: working days among the first i days of the table
    ordinals: Sequence[int] = field(init=False)  # the working days of the table
    runs: tuple[tuple[int, int], ...] = field(init=False)  # first and last day of each covered stretch
    digest: str = field(init=False)  # changes whenever an answer could

    def __post_init__(self) -> None:
        days = [*self.rest, *self.made_up] or [FIRST_DAY]
        first, last = min(days), max(days)
        table = bytearray(_plain(day) for day in range(first, last + 1))
        for day in self.rest:
            table[day - first] = 0
        for day in self.made_up:
            table[day - first] = 1
        runs = tuple(_covered(self.years))
        derived = {
            "first": first,
            "table": bytes(table),
            "totals": array("i", accumulate(table, initial=0)),
            "ordinals": array("i", (first + i for i, working in enumerate(table) if working)),
            "runs": runs,
            "digest": hashlib.sha256(b"%d %s %r" % (first, bytes(table), runs)).hexdigest(),
        }
        for name, value in derived.items():
            object.__setattr__(self, name, value)

    def is_working(self, day: int) -> bool:
        """Say whether a day is a working day."""
        at = day - self.first
        return bool(self.table[at]) if 0 <= at < len(self.table) else _plain(day)

    def covers(self, day: int) -> bool:
        """Say whether a notice is published for a day's year (the next one may still move the last days of it)."""
        return self.covers_all(day, day)

    def covers_all(self, first: int, last: int) -> bool:
        """Say whether published notices settle every day from ``first`` to ``last``; true for none."""
        if last < first:
            return True
        at = bisect_right(self.runs, (first, LAST_DAY)) - 1
        return at >= 0 and last <= self.runs[at][1]

    def kind(self, day: int) -> str:
        """Return ``working``, ``make-up`` or ``rest``."""
        if not self.is_working(day):
            return "rest"
        return "make-up" if day in self.made_up else "working"

    def reason(self, day: int, lang: str) -> str:
        """Say what a day is: the name of the holiday or closure, 周末, 调休上班 or 工作日, in ``zh`` or ``en``."""
        name = self.rest.get(day)
        if name is not None:
            return name.zh if lang == "zh" else name.en
        kind = self.kind(day)
        return _REASONS["weekend" if kind == "rest" else kind][lang != "zh"]

    def nth_working_day(self, day: int, n: int) -> int:
        """Return the n-th working day (n >= 1) after a day; may lie after year 9999."""
        at = day - self.first + 1
        if 0 < at < len(self.totals):  # nearly always, so without the detour over ranks
            rank = self.totals[at] + n
            if rank <= len(self.ordinals):
                return self.ordinals[rank - 1]
        return self._select(self._rank(day) + n)

    def working_days_between(self, a: int, b: int) -> int:
        """Return how many working days there are after ``a`` up to and including ``b``, for ``a <= b``."""
        return self._rank(b) - self._rank(a)

    def next_working_day(self, day: int) -> int:
        """Return the day itself if it is a working day, else the first one after it."""
        return day if self.is_working(day) else self._select(self._rank(day) + 1)

    def _rank(self, day: int) -> int:
        """Return the number of working days from 0001-01-01 up to and including a day."""
        at = day - self.first + 1
        if at <= 0:
            return _weekdays(day)
        before = _weekdays(self.first - 1)
        if at < len(self.totals):
            return before + self.totals[at]
        return before + self.totals[-1] + _weekdays(day) - _weekdays(self.first + len(self.table) - 1)

    def _select(self, rank: int) -> int:
        """Return the working day with a rank (>= 1): the inverse of ``_rank``."""
        before = _weekdays(self.first - 1)
        if rank <= before:
            return _weekday_at(rank)
        if rank - before <= len(self.ordinals):
            return self.ordinals[rank - before - 1]
        rest = rank - before - len(self.ordinals)
        return _weekday_at(_weekdays(self.first + len(self.table) - 1) + rest)


def load_calendar(*nodes: Node | None) -> WorkCalendar:
    """Build the calendar from the built-in notices and the ``calendar`` sections of the policies.

    Days named by a section win over the built-in ones, a later year's notice over an earlier one's, and a closure
    over all notices.

    Args:
        nodes: files with a section ``calendar``, or the values of such sections; None is skipped.

    Raises:
        InvalidPolicy: with every problem of the sections.
    """
    problems: list[Problem] = []
    sections = [node.get("calendar") if node is not None and isinstance(node.value, dict) else node for node in nodes]
    entries = [entry for node in sections if node is not None for entry in _entries(node, problems)]
    rest, made_up, years = _built_in()
    problems += _repeated(entries)
    problems += _needless(entries, rest)
    if problems:
        raise InvalidPolicy(tuple(sorted(problems)))
    for entry in sorted(entries, key=lambda entry: (entry.year is None, entry.year or 0)):
        rest |= entry.rest
        made_up -= entry.rest.keys()
        made_up |= entry.workdays.keys()
        for day in entry.workdays:
            rest.pop(day, None)
        if entry.year is not None:
            years.add(entry.year)
    return WorkCalendar(rest, frozenset(made_up), frozenset(years))


@dataclass(frozen=True, slots=True)
class _Entry:
    """A checked item of the section: the notice of a year, or a closure (no year)."""

    node: Node
    year: int | None
    rest: dict[int, Name]
    workdays: dict[int, Node]


def _entries(section: Node, problems: list[Problem]) -> Iterator[_Entry]:
    """Yield the items of a section; what is wrong with them goes to ``problems``."""
    shape = validate(section, _schema())
    problems += shape
    if shape:
        return
    for node in section.value if isinstance(section.value, tuple) else ():
        yield _entry(node, problems)


@cache
def _schema() -> dict[str, Any]:
    """Return the schema of the section, cut out of the one for vocabulary files."""
    whole = json.loads((resource_dir("schemas") / "vocabulary.schema.json").read_text(encoding="utf-8"))
    schema: dict[str, Any] = whole["properties"]["calendar"]
    return schema | {"$schema": whole["$schema"], "$defs": whole["$defs"]}


def _entry(node: Node, problems: list[Problem]) -> _Entry:
    numbered = node.get("year")
    year = None if numbered is None else int(str(numbered.value))
    entry = _Entry(node, year, {}, {})
    if year is None:
        spans = [(node, node.at(["closure"]))]
    else:
        spans = [(part, part.at(["name"])) for part in _members(node.get("holidays"))]
    for span, name in spans:
        days = _span(span, year, problems)
        twice = next((day for day in days if day in entry.rest), None)
        if twice is not None:
            problems.append(span.at(["from"]).problem("calendar-day-twice", found=format_day(twice)))
        entry.rest.update(dict.fromkeys(days, Name(str(name.at(["zh"]).value), str(name.at(["en"]).value))))
    for part in _members(node.get("workdays")):
        day = _day(part, year, problems)
        if day in entry.rest:
            problems.append(part.problem("calendar-day-twice", found=format_day(day), width=_DATE_WIDTH))
        elif day is not None:
            entry.workdays[day] = part
    return entry


def _span(node: Node, year: int | None, problems: list[Problem]) -> range:
    """Return the days from ``from`` to ``to``; none if they are wrong."""
    first, last = (_day(node.at([key]), year, problems) for key in ("from", "to"))
    if first is None or last is None:
        return range(0)
    if first > last:
        end = node.at(["to"])
        problems.append(
            end.problem("calendar-ends-before-start", width=_DATE_WIDTH, first=format_day(first), last=format_day(last))
        )
        return range(0)
    if last - first >= _LONGEST_REST:
        length = last - first + 1
        end = node.at(["to"])
        problems.append(
            end.problem("calendar-rest-too-long", width=_DATE_WIDTH, found=str(length), most=str(_LONGEST_REST))
        )
        return range(0)
    return range(first, last + 1)


def _day(node: Node, year: int | None, problems: list[Problem]) -> int | None:
    try:
        day = day_of(parse_when(node.value).lo)
    except BadInstant as bad:
        problems.append(node.problem(bad.code, width=_DATE_WIDTH, found=str(node.value)))
        return None
    if year is None:
        return day
    first, last = date(year - 1, *_NOTICE_OF_NEXT_YEAR).toordinal(), date(year, 12, 31).toordinal()
    if not first <= day <= last:
        found, earliest, latest = (format_day(d) for d in (day, first, last))
        problems.append(
            node.problem("calendar-outside-year", width=_DATE_WIDTH, found=found, first=earliest, last=latest)
        )
        return None
    return day


def _repeated(entries: Iterable[_Entry]) -> Iterator[Problem]:
    """Yield a problem for every second notice of a year."""
    seen: set[int] = set()
    for entry in entries:
        if entry.year in seen:
            yield entry.node.at(["year"]).problem("calendar-year-twice", width=4, found=str(entry.year))
        elif entry.year is not None:
            seen.add(entry.year)


def _needless(entries: Sequence[_Entry], built_in: Mapping[int, Name]) -> Iterator[Problem]:
    """Yield a problem for every declared workday that was one anyway: most likely a wrong date."""
    rest = built_in.keys() | {day for entry in entries for day in entry.rest}
    for entry in entries:
        for day, node in entry.workdays.items():
            if _plain(day) and day not in rest:
                yield node.problem("calendar-workday-needless", width=_DATE_WIDTH, found=format_day(day))


def _members(node: Node | None) -> tuple[Node, ...]:
    return node.value if node is not None and isinstance(node.value, tuple) else ()


def _plain(day: int) -> bool:
    """Say whether a day is one of Monday to Friday; 0001-01-01 was a Monday."""
    return (day - 1) % _WEEK < _WORKING_WEEK


def _weekdays(day: int) -> int:
    """Return how many days from 0001-01-01 up to and including ``day`` are Monday to Friday."""
    weeks, days = divmod(day, _WEEK)
    return weeks * _WORKING_WEEK + min(days, _WORKING_WEEK)


def _weekday_at(rank: int) -> int:
    weeks, days = divmod(rank - 1, _WORKING_WEEK)
    return weeks * _WEEK + days + 1


def _covered(years: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Yield the first and last settled day of every run of years with a notice."""
    known = set(years)
    start = None
    for year in sorted(known):
        start = year if start is None else start
        if year + 1 not in known:
            yield date(start, 1, 1).toordinal(), date(year, 12, 31).toordinal()
            start = None


def _built_in() -> tuple[dict[int, Name], set[int], set[int]]:
    made_up = {day.toordinal() for day in constants.workdays}
    rest = {day.toordinal(): _name(word) for day, word in constants.holidays.items()}
    # A notice may name days of the December before; only one that reaches National Day is the year's own.
    years = {day.year for day, word in constants.holidays.items() if word == constants.Holiday.national_day.value}
    return rest, made_up, years


def _name(word: str) -> Name:
    """Name a holiday of the library; one that a later version adds keeps its English name."""
    return Name(_NAMES.get(word, word), _ENGLISH.get(word, word))
