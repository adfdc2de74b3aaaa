"""What is running: every clock of a docket with its last day, how urgent it is, and who looks after it (arts 8, 12)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from validator.engine import RecordResult, findings_of, timeline_of
from validator.errors import Place, Problem, UsageError, nearest
from validator.facts.context import Context
from validator.facts.timeline import Timeline
from validator.facts.values import known_parts
from validator.facts.vocabulary import Label
from validator.judging.finding import Finding, Verdict
from validator.judging.interpreter import DEFAULT_OPTIONS, Options
from validator.legal_time.deadline import Period, due
from validator.legal_time.instant import END, LAST, LAST_DAY, Instant, day_end, day_of, format_instant, parse_when
from validator.limits import DEFAULT, Limits
from validator.reading.intake import RawRecord, Rejected
from validator.rules.program import Program

REMINDER, WARNING = "reminder_lead_days", "warning_lead_days"
"""The parameters, in working days, of how long before its end a clock is worth a reminder or a warning."""


class Urgency(StrEnum):
    """How urgent a clock is, the most urgent first."""

    OVERDUE = "overdue"
    LAPSED = "lapsed"
    PERHAPS_OVER = "perhaps_over"
    WARNING = "warning"
    REMINDER = "reminder"
    RUNNING = "running"
    STOPPED = "stopped"
    OPEN = "open"


URGENCY_LABELS: Mapping[Urgency, Label] = {
    Urgency.OVERDUE: Label("已逾期", "overdue"),
    Urgency.LAPSED: Label("已届期，记录未更新", "over, record not updated"),
    Urgency.PERHAPS_OVER: Label("可能已届期", "perhaps over"),
    Urgency.WARNING: Label("预警", "warning"),
    Urgency.REMINDER: Label("提醒", "reminder"),
    Urgency.RUNNING: Label("期限内", "running"),
    Urgency.STOPPED: Label("停止计算", "clock stopped"),
    Urgency.OPEN: Label("没有期限", "no term"),
}


_RANKS = {Urgency.OVERDUE: 0, Urgency.LAPSED: 1, Urgency.PERHAPS_OVER: 2}
_LAST_END = format_instant(LAST + 1)
_NOT_DONE = (str(Verdict.BREACHED), str(Verdict.PENDING))


@dataclass(frozen=True, slots=True)
class Clock:
    """A duty that is not done yet.

    Attributes:
        finding: pending; or breached, when its term is over and it is still not done.  Pending although the term is
            over: the record is known only until an earlier day (`Urgency.LAPSED`).  One of the two, and open which,
            when the end of the term isn't certain and may have passed (`Urgency.PERHAPS_OVER`).
        urgency: how urgent it is.
        working_days: working days left, the last day included; negative: since the last day, 0 also on rest days after
            it; None without one, and if it isn't certain whether it has passed.
        actors: who prompts and corrects, in the order of the norm's remedy.
        owners: to whom the record belongs, by the attribute that was asked for.
        path: the file of the record.
        line: its line.
    """

    finding: Finding
    urgency: Urgency
    working_days: int | None
    actors: tuple[Label, ...]
    owners: tuple[str, ...]
    path: str
    line: int

    @property
    def rank(self) -> tuple[Any, ...]:
        """Sorts clocks: the overdue first, then by their ends; what has no end comes last."""
        finding = self.finding
        return _RANKS.get(self.urgency, len(_RANKS)), finding.due or "~", finding.record, finding.key

    def as_json(self) -> dict[str, Any]:
        """Return the JSON form: that of the finding, with urgency, actors and owners."""
        found = {"urgency": str(self.urgency), "working_days_left": self.working_days, **self.finding.as_json()}
        found |= {"actors": [a.as_json() for a in self.actors], "owners": list(self.owners)}
        return {k: v for k, v in found.items() if v not in (None, [])} | {"path": self.path, "line": self.line}


class Docket:
    """Finds the clocks of one record after the other, as of one moment.

    Attributes:
        waived: records that have been judged and that a waiver names.
        waivers: ids of the waivers that excused something in them.
    """

    def __init__(
        self, program: Program, as_of: Instant, *, context: Mapping[tuple[str, str], Timeline] | None = None,
        options: Options = DEFAULT_OPTIONS, per: str = "", limits: Limits = DEFAULT,
    ) -> None:  # fmt: skip
        """Prepare.

        Args:
            program: the rules.
            as_of: the moment of judgement.
            context: other records that the records name.
            options: which norms, and how.
            per: a link of the vocabulary (``court``) or an attribute of records (``handler_ids``) that says whose
                a record is; "" for nobody's.
            limits: sizes beyond which a record is refused.

        Raises:
            UsageError: no record has such an attribute.
        """
        self.program, self.as_of, self.options, self.limits = program, as_of, options, limits
        self._context = Context.of(context or {})
        self._per = _attributes(program, per)
        self.waived, self.waivers = set[str](), set[str]()
        self._leads = {Urgency.WARNING: self.lead(WARNING), Urgency.REMINDER: self.lead(REMINDER)}

    def clocks(self, raw: RawRecord | Rejected) -> list[Clock] | tuple[Problem, ...]:
        """Return the clocks of a record, the most urgent first; or why it was refused."""
        timeline = timeline_of(self.program, raw, limits=self.limits)
        if not isinstance(timeline, Timeline) or not isinstance(raw, RawRecord):
            return () if isinstance(timeline, Timeline) else timeline.problems
        found = findings_of(self.program, timeline, self.as_of, self._context, self.options)
        if isinstance(found, RecordResult):
            return found.problems
        if timeline.id in self.options.waivers.records:
            self.waived.add(timeline.id)
            self.waivers.update(f.waiver for f in found if f.waiver)
        owners = tuple(self._owners(timeline))
        clocks = [self._clock(f, owners, raw) for f in found if self._is_clock(f)]
        return sorted(clocks, key=lambda c: c.rank)

    def _is_clock(self, finding: Finding) -> bool:
        """Say whether a finding is a duty that runs, or that ran out and is still not done, or one of the two."""
        if finding.verdict is Verdict.PENDING:
            return "holding" not in finding.flags
        if self.program.version(finding.norm, finding.version).mode != "reach":
            return False
        return bool(finding.due_day) if finding.verdict is Verdict.BREACHED else perhaps_not_done(finding)

    def _clock(self, finding: Finding, owners: tuple[str, ...], raw: RawRecord) -> Clock:
        norm = self.program.version(finding.norm, finding.version)
        left = self._left(finding.due_day) if finding.due_day else None
        urgency = self._urgency(finding, left)
        left = None if urgency is Urgency.PERHAPS_OVER else left
        actors = tuple(map(self.program.vocabulary.actor, dict.fromkeys(step.by for step in norm.remedy)))
        return Clock(finding, urgency, left, actors, owners, raw.path, raw.line)

    def _left(self, due_day: str) -> int:
        today, last = day_of(self.as_of), date.fromisoformat(due_day).toordinal()
        calendar = self.program.calendar
        if last >= today:
            return calendar.working_days_between(today, last)
        return -calendar.working_days_between(last, today)

    def _urgency(self, finding: Finding, left: int | None) -> Urgency:
        if finding.verdict is Verdict.BREACHED:
            return Urgency.OVERDUE
        if "suspended" in finding.flags:
            return Urgency.STOPPED
        doubt = over(finding, self.as_of)
        if doubt is not None:
            return doubt
        if left is None:
            return Urgency.OPEN
        for level, lead in self._leads.items():
            if lead is not None and left <= lead:
                return level
        return Urgency.RUNNING

    def lead(self, name: str) -> int | None:
        """Return a lead in working days; None while nobody has set it."""
        parameter = self.program.vocabulary.parameters.get(name)
        found = None if parameter is None else parameter.at(self.as_of)
        return None if found is None else int(found.value)

    def _owners(self, timeline: Timeline) -> Iterator[str]:
        facts = timeline.record.facts
        for kind, attribute in self._per:
            for stated in facts.get(attribute, ())[-1:] if kind == timeline.record_type else ():
                yield from map(str, known_parts(stated.value))


def perhaps_not_done(finding: Finding) -> bool:
    """Say whether a finding that is open is, of a norm that demands something by a day, a duty that is not done."""
    # What waits for a figure that nobody has set has no term yet.
    return finding.could_be == _NOT_DONE and (finding.verdict is Verdict.UNDETERMINED or bool(finding.due_day))


def over(finding: Finding, as_of: Instant) -> Urgency | None:
    """Say whether a term is over, or may be, of which the record does not tell that it was kept; None while it runs.

    Args:
        finding: pending and not suspended, or one that is `perhaps_not_done`.
        as_of: the moment of judgement.

    Returns: `Urgency.LAPSED` when nobody has told what happened since the record was last known; `PERHAPS_OVER`.
    """
    first, last = _last_instants(finding) if finding.due_day else (END, END)
    if finding.verdict is not Verdict.PENDING:
        return Urgency.PERHAPS_OVER
    if as_of <= first:
        return None
    return Urgency.LAPSED if as_of > last else Urgency.PERHAPS_OVER


def _last_instants(finding: Finding) -> tuple[Instant, Instant]:
    """Return the last instant of a term: the earliest that it may be, and the latest (`END`: it is open)."""
    if finding.ends_with_day:
        days = (finding.due_day, finding.latest_day or finding.due_day)
        first, last = (day_end(date.fromisoformat(day).toordinal()) for day in days)
    else:
        ends = (finding.due, finding.due_latest if finding.latest_day else finding.due)
        first, last = (LAST if end == _LAST_END else parse_when(end).lo for end in ends)
    return first, END if finding.due_latest == "open" else last


def _attributes(program: Program, per: str) -> tuple[tuple[str, str], ...]:
    """Return the (record type, attribute) pairs that say whose a record is."""
    if not per:
        return ()
    vocabulary = program.vocabulary
    types = vocabulary.record_types()
    link = vocabulary.links.get(per)
    names = [v for v in vocabulary.variables.values() if v.kind in types]
    sources = link.sources if link is not None and not link.many else [v.name for v in names if v.attribute == per]
    if not sources:
        known = {*vocabulary.links, *(v.attribute for v in names if v.type.kind in types)}
        values = (("name", per), ("nearest", nearest(per, known) or ""), ("words", ", ".join(sorted(known))))
        raise UsageError(Problem("unknown-owner", Place("--per"), values))
    return tuple((kind, attribute) for kind, _, attribute in (s.partition(".") for s in sources))


def until(program: Program, as_of: Instant, period: Period) -> date:
    """Return the last day of a period that begins at a moment: what falls due by then is near."""
    return date.fromordinal(min(due(as_of, period, program.calendar).day, LAST_DAY))


def within(clocks: Iterable[Clock], last: date) -> Iterator[Clock]:
    """Yield the clocks that end by a day, and those that are overdue or may be."""
    for clock in clocks:
        due_day = clock.finding.due_day
        if clock.urgency in (Urgency.OVERDUE, Urgency.PERHAPS_OVER) or (due_day and due_day <= last.isoformat()):
            yield clock
