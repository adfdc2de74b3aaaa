"""Counts findings in one pass: what a docket shows, in memory that does not grow with the number of findings.

Counts are kept by what a rule set and the courts limit (verdicts, norms, courts, articles); what an input could make
long without end (codes, places of missing data) is kept up to a number of kinds, and of records and findings only the
worst or the next ones are kept.
"""

from __future__ import annotations

import heapq
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from validator.errors import Problem
from validator.judging.finding import VIOLATIONS, Verdict
from validator.legal_time.calendar import WorkCalendar
from validator.legal_time.instant import day_of
from validator.reporting.courts import NO_COURT, Courts
from validator.reporting.findings_file import Entry, FindingsFile, Header, Refusal, Told, Totals, Words
from validator.reporting.wording import of_any
from validator.rules.labels import LEVELS

T = TypeVar("T")
WINDOWS = (1, 3, 10)
"""In so many working days something falls due."""
AGES = (7, 30, 90, 180, 365, 730)
"""Last calendar day of each class of what is overdue; the last class has no end."""
MOST_KINDS = 5000
"""So many codes, places and norms are told apart; further ones are counted together."""
MOST_COURTS = 10_000
MOST_LISTED = 50
"""Findings in a list of the worst or the next ones."""
OF_A_COURT = 5
"""Records listed of a court."""
MOST_PROBLEMS = 20
"""Problems of the file that are told in full."""
NORMS_OF_A_RECORD = 3

_VIOLATIONS = frozenset(map(str, VIOLATIONS))
_OPEN = frozenset({str(Verdict.UNDETERMINED), str(Verdict.NEEDS_REVIEW)})
_TELL_EVERY = 4096  # lines
RANKS = {level: -i for i, level in enumerate(LEVELS)}
"""The higher, the graver."""
_ID = re.compile(r"^(context [^/]+/|[^/:]+:).+")  # of another record, or of the instance of another norm


class Kinds(Generic[T]):
    """Counts by kind; of more than ``most`` kinds the later ones are counted together, in ``others``."""

    def __init__(self, most: int = MOST_KINDS) -> None:
        self.counts: dict[T, int] = {}
        self.others = 0
        self._most = most

    def add(self, kind: T) -> None:
        """Count one."""
        counts = self.counts
        known = kind in counts
        if known or len(counts) < self._most:
            counts[kind] = counts[kind] + 1 if known else 1
        else:
            self.others += 1

    def most_common(self, n: int) -> list[tuple[T, int]]:
        """Return the most frequent kinds; of equals the one that came first."""
        return sorted(self.counts.items(), key=lambda kind: -kind[1])[:n]


class Top(Generic[T]):
    """The ``most`` things with the highest keys; of equals those that came first."""

    def __init__(self, most: int) -> None:
        self._most, self._heap, self.offered = most, list[tuple[Any, int, T]](), 0

    def takes(self, key: Any) -> bool:
        """Count something offered; say whether it is to be kept."""
        self.offered += 1
        return len(self._heap) < self._most or key > self._heap[0][0]

    def keep(self, key: Any, thing: T) -> None:
        """Keep what `takes` has taken."""
        put = heapq.heappush if len(self._heap) < self._most else heapq.heappushpop
        put(self._heap, (key, -self.offered, thing))

    def best(self) -> list[T]:
        """Return what is kept, the highest key first."""
        return [thing for _, _, thing in sorted(self._heap, key=lambda kept: kept[:2], reverse=True)]


@dataclass(slots=True)
class RecordCount:
    """What was found of one record; ``worst`` is (rank of the level, days overdue) of its worst violation."""

    id: str
    type: str
    path: str
    line: int
    verdicts: Counter[str] = field(default_factory=Counter)
    articles: Counter[int] = field(default_factory=Counter)
    norms: dict[str, None] = field(default_factory=dict)
    worst: tuple[int, int] = (-len(LEVELS), 0)

    @property
    def violations(self) -> int:
        """How many findings of it are violations."""
        return sum(self.verdicts[v] for v in _VIOLATIONS)


@dataclass(slots=True)
class CourtCount:
    """What was found of the records of one court; ``violating`` are those with a violation."""

    violating: int = 0
    verdicts: Counter[str] = field(default_factory=Counter)
    articles: Counter[int] = field(default_factory=Counter)
    worst: Top[RecordCount] = field(default_factory=lambda: Top(OF_A_COURT))

    def add(self, record: RecordCount) -> None:
        """Add a record."""
        self.verdicts.update(record.verdicts)
        if not record.violations:
            return
        self.violating += 1
        self.articles.update(record.articles)
        key = (record.violations, record.worst)
        if self.worst.takes(key):
            self.worst.keep(key, record)


@dataclass(slots=True)
class NormCount:
    """How often one norm was violated, and in how many records."""

    title: Words
    level: str
    verdicts: Counter[str] = field(default_factory=Counter)
    records: int = 0


@dataclass(slots=True)
class RefusalCount:
    """How many records were refused with a code, and the first of them."""

    records: int
    first: Refusal


class Docket:
    """Everything that a docket shows, counted line by line.

    Args:
        header: the first line of the findings.
        calendar: counts working days.
        courts: know the court of a record.
    """

    def __init__(self, header: Header, calendar: WorkCalendar, courts: Courts) -> None:
        self.header, self.calendar, self._courts = header, calendar, courts
        self.moment = header.moment
        self.day = day_of(self.moment)
        self.horizons = tuple(calendar.nth_working_day(self.day, n) for n in WINDOWS)
        self.verdicts: Counter[str] = Counter()
        self.breaches = self.violating = self.waived = self.refused = self.broken = 0
        self.courts: dict[str, CourtCount] = {}
        self.norms: dict[str, NormCount] = {}
        self.other_norms = 0
        self.overdue: Counter[tuple[int, str]] = Counter()
        self.due: Counter[tuple[int, str]] = Counter()
        self.over: Counter[str] = Counter()
        self.worst: Top[Entry] = Top(MOST_LISTED)
        self.next: Top[Entry] = Top(MOST_LISTED)
        self.perhaps_over: Top[Entry] = Top(MOST_LISTED)
        self.missing: Kinds[tuple[str, str]] = Kinds()
        self.coarse: Kinds[tuple[str, str]] = Kinds()
        self.refusals: dict[str, RefusalCount] = {}
        self.problems: list[Problem] = []
        self.totals: Totals | None = None
        self._record: RecordCount | None = None

    def add(self, told: Told) -> None:
        """Take in what a line says."""
        if isinstance(told, Entry):
            self._finding(told)
        elif isinstance(told, Totals):
            self.totals = told
        elif isinstance(told, Problem):
            self.broken += 1
            if len(self.problems) < MOST_PROBLEMS:
                self.problems.append(told)
        else:
            self._refusal(told)

    def end(self) -> None:
        """Close the last record."""
        record, self._record = self._record, None
        if record is None:
            return
        self.violating += bool(record.violations)
        for norm in record.norms:
            self.norms[norm].records += 1
        court = self._courts.of(record.type, record.id)
        if court not in self.courts and len(self.courts) >= MOST_COURTS:
            court = NO_COURT
        self.courts.setdefault(court, CourtCount()).add(record)

    # -- one line -----------------------------------------------------------------------------------------------------
    def _finding(self, found: Entry) -> None:
        record = self._record
        if record is None or record.id != found.record or record.line != found.line or record.path != found.path:
            self.end()
            record = self._record = RecordCount(found.record, found.record_type, found.path, found.line)
        verdict = found.verdict
        self.verdicts[verdict] += 1
        self.waived += bool(found.waiver)
        record.verdicts[verdict] += 1
        if verdict in _VIOLATIONS:
            self._violation(record, found)
        elif found.over(self.moment) is not None:
            self._over(found)
        elif verdict == "pending":
            self._pending(found)
        if verdict in _OPEN:
            kind = found.record_type
            for place in dict.fromkeys(map(_general, found.missing)):
                self.missing.add((kind, place))
            for place in dict.fromkeys(map(_general, found.would_settle)):
                self.coarse.add((kind, place))

    def _violation(self, record: RecordCount, found: Entry) -> None:
        self.breaches += not found.counted_with
        record.articles[found.article] += 1
        days = found.late_by.calendar_days if found.late_by is not None else 0
        key = (RANKS[found.level], days)
        record.worst = max(record.worst, key)
        norm = self.norms.get(found.norm)
        if norm is None and len(self.norms) < MOST_KINDS:
            norm = self.norms[found.norm] = NormCount(found.title, found.level)
        if norm is None:
            self.other_norms += 1
        else:
            norm.verdicts[found.verdict] += 1
            record.norms[found.norm] = None
        if found.verdict == "breached" and found.due_day is not None:
            self.overdue[_age(days), found.level] += 1
        if self.worst.takes(key):
            self.worst.keep(key, found)

    def _over(self, found: Entry) -> None:
        self.over[found.level] += 1
        key = (RANKS[found.level], -found.due_day.toordinal() if found.due_day is not None else 0)
        if self.perhaps_over.takes(key):
            self.perhaps_over.keep(key, found)

    def _pending(self, found: Entry) -> None:
        if found.due_day is None or found.suspended:
            return
        due = found.due_day.toordinal()
        for window, last in enumerate(self.horizons):
            if due <= last:
                self.due[window, found.level] += 1
        if due <= self.horizons[-1]:
            key = (-due, RANKS[found.level])
            if self.next.takes(key):
                self.next.keep(key, found)

    def _refusal(self, problems: Iterable[Refusal]) -> None:
        self.refused += 1
        for code, problem in {p.code: p for p in problems}.items():
            known = self.refusals.get(code)
            if known is not None:
                known.records += 1
            elif len(self.refusals) < MOST_KINDS:
                self.refusals[code] = RefusalCount(1, problem)


def count(file: FindingsFile, docket: Docket) -> Iterator[int]:
    """Take in all lines of a file; yield now and then how many have been read, for who wants to tell it."""
    for number, told in enumerate(file):
        docket.add(told)
        if number % _TELL_EVERY == 0:
            yield file.lines
    docket.end()


def _general(place: str) -> str:
    """Return the place of a datum for all records, and for all other records and instances that are named."""
    if place == "trigger.at":
        return "trigger"
    return _ID.sub(r"\1*", of_any(place))


def _age(days: int) -> int:
    """Return the class of `AGES` of what has been overdue for so many days."""
    return next((i for i, last in enumerate(AGES) if days <= last), len(AGES))
