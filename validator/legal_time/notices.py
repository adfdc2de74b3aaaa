"""The notices that make the calendar: days off, make-up workdays and closures, read and checked.

The days off and the make-up workdays come from ``chinese_calendar``, which follows the yearly notices of the State
Council, and from the section ``calendar`` of the policies, which adds later notices and local closures.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, Final

from chinese_calendar import constants

from validator.errors import InvalidPolicy, Problem
from validator.legal_time.calendar import Name, WorkCalendar, is_weekday
from validator.legal_time.instant import BadInstant, day_of, format_day, parse_when
from validator.reading.json_schema import schema, validate
from validator.reading.node import Node

_NOTICE_OF_NEXT_YEAR: Final = (12, 1)  # a notice may name days from here on of the year before its own
_NATIONAL_DAY: Final = (10, 1)  # the last holiday of a year: a notice that gives it off is whole
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


def load_calendar(*nodes: Node | None) -> WorkCalendar:
    """Build the calendar from the built-in notices and the ``calendar`` sections of the policies.

    Days named by a section win over the built-in ones, a later year's notice over an earlier one's, and a closure
    over all notices. A year is settled by a notice that reaches National Day, built in or not.

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
        if entry.year is not None and entry.whole:
            years.add(entry.year)
    return WorkCalendar(rest, frozenset(made_up), frozenset(years))


def unfinished(nodes: Iterable[Node], calendar: WorkCalendar) -> Iterator[Problem]:
    """Yield a warning for every notice of a year that it does not settle, nor anything else.

    Args:
        nodes: files with a section ``calendar`` that `load_calendar` has read.
        calendar: what it made of them.
    """
    for node in nodes:
        for entry in _entries(node.at(["calendar"]), []):
            if entry.year is not None and entry.year not in calendar.years:
                place = entry.node.at(["year"])
                yield place.problem("calendar-year-unfinished", severity="warning", width=4, found=str(entry.year))


@dataclass(frozen=True, slots=True)
class _Entry:
    """A checked item of the section: the notice of a year, or a closure (no year)."""

    node: Node
    year: int | None
    rest: dict[int, Name]
    workdays: dict[int, Node]

    @property
    def whole(self) -> bool:
        """Say whether it is the notice of a whole year, and not of its first holidays only."""
        return self.year is not None and date(self.year, *_NATIONAL_DAY).toordinal() in self.rest


def _entries(section: Node, problems: list[Problem]) -> Iterator[_Entry]:
    """Yield the items of a section; what is wrong with them goes to ``problems``."""
    shape = validate(section, _section_schema())
    problems += shape
    if shape:
        return
    for node in section.value if isinstance(section.value, tuple) else ():
        yield _entry(node, problems)


@cache
def _section_schema() -> dict[str, Any]:
    """Return the schema of the section, cut out of the one for vocabulary files."""
    whole = schema("vocabulary")
    section: dict[str, Any] = whole["properties"]["calendar"]
    return section | {"$schema": whole["$schema"], "$defs": whole["$defs"]}


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
            if is_weekday(day) and day not in rest:
                yield node.problem("calendar-workday-needless", width=_DATE_WIDTH, found=format_day(day))


def _members(node: Node | None) -> tuple[Node, ...]:
    return node.value if node is not None and isinstance(node.value, tuple) else ()


def _built_in() -> tuple[dict[int, Name], set[int], set[int]]:
    made_up = {day.toordinal() for day in constants.workdays}
    rest = {day.toordinal(): _name(word) for day, word in constants.holidays.items()}
    # A notice may name days of the December before; only one that reaches National Day is the year's own.
    years = {day.year for day, word in constants.holidays.items() if word == constants.Holiday.national_day.value}
    return rest, made_up, years


def _name(word: str) -> Name:
    """Name a holiday of the library; one that a later version adds keeps its English name."""
    return Name(_NAMES.get(word, word), _ENGLISH.get(word, word))
