"""The engine: the public verbs over a program and records: load, check, explain."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from validator.errors import InvalidRecord, Place, Problem
from validator.expressions.work import TooMuchWork
from validator.facts.context import Context
from validator.facts.record import read_record
from validator.facts.timeline import Timeline
from validator.judging.finding import VIOLATIONS, Finding, Verdict
from validator.judging.interpreter import DEFAULT_OPTIONS, Judged, Options, judge_norm, judge_record, judge_whole
from validator.judging.tally import Tally
from validator.legal_time.instant import Instant
from validator.limits import DEFAULT, Limits
from validator.reading.intake import RawRecord, Rejected
from validator.reading.node import Node
from validator.reading.source import Paths, paths_of, wrong_argument
from validator.rules.cache import Cache, key_of
from validator.rules.program import Program


def load(
    paths: Paths = (),
    *,
    parameters: Paths = (),
    overlays: Sequence[Node] = (),
    limits: Limits = DEFAULT,
    cache: Cache | None = None,
) -> Program:
    """Load a rule set (default: the one that ships with the package) with parameter overlays.

    ``overlays`` are read nodes of the same form as parameter files.  The examples inside the records are not checked:
    they are most of a rule set, and judging does not need them; `validator.rules.rulebook.read_rules` checks them.
    ``cache``: where a program that was made of the same bytes is looked for first, and kept; not with ``overlays``.
    One path may stand alone.  Rules that declare no type of records stand on top of the shipped ones.
    Raises `InvalidPolicy` with every problem of every file, `UsageError` for paths or a ``cache`` that are none.
    """
    kept_in: object = cache
    if not isinstance(kept_in, Cache | None):
        raise wrong_argument("cache", kept_in, "Cache", "a Cache")
    paths, parameters = paths_of(paths, "paths"), paths_of(parameters, "parameters")
    with _uncollected():
        key = "" if cache is None or overlays else key_of(paths, parameters, limits)
        if cache is None or not key:
            return _read(paths, parameters, overlays, limits)
        kept = cache.get(key)
        if kept is not None:
            return kept
        program = _read(paths, parameters, overlays, limits)
        if key == key_of(paths, parameters, limits):  # no file was changed meanwhile
            cache.put(key, program)
        return program


@contextmanager
def _uncollected() -> Iterator[None]:
    """Put off the search for garbage: a program is many objects that all stay, and each search goes through them."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _read(paths: Sequence[str], parameters: Sequence[str], overlays: Sequence[Node], limits: Limits) -> Program:
    from validator.rules.rulebook import read_rules  # noqa: PLC0415 - a kept program needs no reader of YAML and schemas

    return read_rules(paths, parameters=parameters, overlays=overlays, limits=limits, examples=False).program


@dataclass(slots=True)
class Summary:
    """What a run did, so that nothing vanishes: records read = judged + rejected.

    Summaries of parts of a run add up (`merge`), in any order, to that of the whole.  ``compiled`` and ``interpreted``
    count by pairs of norm and record which engine judged; what is told of ``kept`` records was found by an earlier run.
    ``waivers`` were used; ``waived`` are the records named by waivers that were there; ``content`` stands for the text
    of all records (`validator.batch.feed.Chunk.content`).
    """

    read: int = 0
    judged: int = 0
    rejected: int = 0
    ignored_events: int = 0
    findings: Counter[str] = field(default_factory=Counter)
    breaches: int = 0
    breaches_by_level: Counter[str] = field(default_factory=Counter)
    assumed: int = 0
    provisional: int = 0
    unattested: int = 0
    fired: set[str] = field(default_factory=set)
    waivers: set[str] = field(default_factory=set)
    waived: set[str] = field(default_factory=set)
    content: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    compiled: int = 0
    interpreted: int = 0
    kept: int = 0

    def add(self, result: RecordResult) -> None:
        """Count what became of one record."""
        self.read += 1
        self.ignored_events += result.ignored_events
        self.judged += not result.rejected
        self.rejected += result.rejected
        for finding in result.findings:
            self.count(finding)

    def add_silent(self, records: int, tally: Tally) -> None:
        """Count records that were judged, and findings that were not made."""
        self.read += records
        self.judged += records
        self.findings[str(Verdict.COMPLIANT)] += tally.compliant
        self.findings[str(Verdict.NOT_TRIGGERED)] += tally.reasons.total()
        self.reasons.update(tally.reasons)
        self.fired |= tally.fired
        self.ignored_events += tally.ignored
        self.compiled += tally.compiled
        self.interpreted += tally.interpreted

    def merge(self, other: Summary) -> None:
        """Add the counts of another part of the run."""
        self.add_plain(other.plain())

    def add_plain(self, plain: Mapping[str, Any]) -> None:
        """Add the counts of another part of the run, as `plain` returned them."""
        for name in _COUNTED:
            setattr(self, name, getattr(self, name) + plain[name])
        for name in _COUNTERS:
            counts = getattr(self, name)
            for key, times in plain[name].items():
                counts[key] += times
        for name in _SETS:
            getattr(self, name).update(plain[name])
        self.content = (self.content + plain["content"]) % _CONTENTS

    def plain(self) -> dict[str, Any]:
        """Return the counts as plain data from which `of_plain` makes them again."""
        return {
            **{name: getattr(self, name) for name in _COUNTED},
            **{name: dict(sorted(getattr(self, name).items())) for name in _COUNTERS},
            **{name: sorted(getattr(self, name)) for name in _SETS},
            "content": self.content,
        }

    @classmethod
    def of_plain(cls, plain: Mapping[str, Any]) -> Summary:
        """Make a summary of what `plain` returned."""
        summary = cls()
        summary.add_plain(plain)
        return summary

    def count(self, finding: Finding, times: int = 1) -> None:
        """Count one finding, or as many that count alike."""
        self.findings[str(finding.verdict)] += times
        if finding.verdict is Verdict.NOT_TRIGGERED:
            self.reasons[finding.reason] += times
        else:
            self.fired.add(finding.norm)
        if finding.waiver:
            self.waivers.add(finding.waiver)
        if finding.verdict in VIOLATIONS:
            if not finding.counted_with:
                self.breaches += times
            self.breaches_by_level[finding.level] += times
        self.assumed += bool(finding.assumed) * times
        self.provisional += ("provisional" in finding.flags) * times
        self.unattested += bool(finding.unattested) * times

    def as_json(self, program: Program, options: Options) -> dict[str, Any]:
        """Return the JSON form, keys in a fixed order."""
        silent = sorted({n.id for n in program.norms if options.selects(n)} - self.fired)
        return {
            "records": {"read": self.read, "judged": self.judged, "rejected": self.rejected},
            "findings": {str(v): self.findings.get(str(v), 0) for v in Verdict},
            "breaches": self.breaches,
            "assumed_same_day": self.assumed,
            "provisional": self.provisional,
            "unattested": self.unattested,
            "ignored_events": self.ignored_events,
            "not_triggered_reasons": dict(sorted(self.reasons.items())),
            "never_fired": silent,
            "records_digest": f"{self.content:064x}",
            "engine": {"compiled": self.compiled, "interpreted": self.interpreted},
        }


_COUNTED = ("read", "judged", "rejected", "ignored_events", "breaches", "assumed", "provisional", "unattested",
            "compiled", "interpreted", "kept")  # fmt: skip
_SETS = ("fired", "waivers", "waived")
_CONTENTS = 1 << 256
_COUNTERS = ("findings", "breaches_by_level", "reasons")


@dataclass(frozen=True, slots=True)
class RecordResult:
    """What became of one input record: its findings, or the problems for which it was rejected."""

    path: str
    line: int
    record: str
    findings: tuple[Finding, ...]
    problems: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()
    ignored_events: int = 0

    @property
    def rejected(self) -> bool:
        """Whether the record was refused."""
        return bool(self.problems)


def check(
    program: Program,
    records: Iterable[RawRecord | Rejected],
    as_of: Instant,
    *,
    context: Mapping[tuple[str, str], Timeline] | None = None,
    options: Options = DEFAULT_OPTIONS,
    ignore_unknown_events: bool = False,
    limits: Limits = DEFAULT,
) -> Iterator[RecordResult]:
    """Judge records one by one, in input order; a record that cannot be read is rejected and the rest goes on."""
    others = Context.of(context or {})
    for raw in records:
        read = timeline_of(program, raw, ignore_unknown_events=ignore_unknown_events, limits=limits)
        found = read if isinstance(read, RecordResult) else findings_of(program, read, as_of, others, options)
        if isinstance(found, RecordResult):
            yield found
        elif isinstance(read, Timeline):
            yield result_of(read, found)


def findings_of(
    program: Program, timeline: Timeline, as_of: Instant, context: Mapping[tuple[str, str], Timeline], options: Options
) -> list[Finding] | RecordResult:
    """Return the findings of a record, or the result of one that takes too much work."""
    try:
        return judge_record(program, timeline, as_of, context=context, options=options)
    except TooMuchWork as error:
        return refused(timeline, error)


def result_of(timeline: Timeline, findings: Iterable[Finding], problems: tuple[Problem, ...] = ()) -> RecordResult:
    """Return the result of a record that was read: its findings, or the problems for which it can't be judged."""
    place, found = timeline.place, tuple(findings)
    return RecordResult(place.path, place.line, timeline.id, found, problems, timeline.warnings, timeline.ignored)


def refused(timeline: Timeline, error: InvalidRecord) -> RecordResult:
    """Return the result of a record that was read and can't be judged."""
    return result_of(timeline, (), error.problems)


def timeline_of(
    program: Program, raw: RawRecord | Rejected, *, ignore_unknown_events: bool = False, limits: Limits = DEFAULT
) -> Timeline | RecordResult:
    """Return a record as it is judged, or the result of one that is refused."""
    if not isinstance(raw, RawRecord):
        place = raw.problems[0].place if raw.problems else Place("")
        return RecordResult(place.path, place.line, "", (), tuple(raw.problems))
    try:
        return read_record(raw, program.vocabulary, ignore_unknown_events=ignore_unknown_events, limits=limits)
    except InvalidRecord as error:
        return RecordResult(raw.path, raw.line, str(raw.value.get("id", "")), (), error.problems)


def read_context(
    program: Program,
    records: Iterable[RawRecord | Rejected],
    limits: Limits = DEFAULT,
    *,
    lean: bool = False,
    compared: bool = False,
) -> tuple[dict[tuple[str, str], Timeline], list[Problem]]:
    """Read context records (``--context``): (record type, id) -> record, and the problems of those refused.

    Args:
        program: the rules.
        records: what was read.
        limits: sizes beyond which a record is refused.
        lean: keep only the events that rules may read of other records.  Such a record can't be judged itself.
        compared: the digest of such a record is of what is kept, so that a change of anything else is none.
    """
    found: dict[tuple[str, str], Timeline] = {}
    problems: list[Problem] = []
    for raw in records:
        if not isinstance(raw, RawRecord):
            problems.extend(raw.problems)
            continue
        try:
            timeline = read_record(raw, program.vocabulary, ignore_unknown_events=True, limits=limits)
        except InvalidRecord as error:
            problems.extend(error.problems)
            continue
        key = (timeline.record_type, timeline.id)
        if key in found:
            problems.append(raw.problem("id-twice", "/id", name=timeline.id, first=found[key].place))
        found[key] = _lean(program, timeline, raw, compared=compared) if lean else timeline
    return found, problems


def _lean(program: Program, timeline: Timeline, raw: RawRecord, *, compared: bool) -> Timeline:
    from validator.rules.elsewhere import read_elsewhere  # noqa: PLC0415 - most runs have no other records

    names = read_elsewhere(program)[timeline.record_type]
    found = timeline.with_only(names)
    if compared:
        found.digest = raw.digest_with(names)
    return found


def explain(
    program: Program,
    timeline: Timeline,
    as_of: Instant,
    norm_id: str,
    *,
    context: Mapping[tuple[str, str], Timeline] | None = None,
    options: Options = DEFAULT_OPTIONS,
) -> list[Judged]:
    """Judge one norm on one record and keep the instances, outcomes and evaluators for showing step by step."""
    return judge_norm(program, timeline, as_of, norm_id, context=context, options=options)


def explain_record(
    program: Program,
    timeline: Timeline,
    as_of: Instant,
    *,
    context: Mapping[tuple[str, str], Timeline] | None = None,
    options: Options = DEFAULT_OPTIONS,
) -> list[Judged]:
    """Judge all norms on one record, once, and keep what each finding rested on; the findings are those of `check`."""
    return judge_whole(program, timeline, as_of, context=context, options=options)
