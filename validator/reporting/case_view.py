"""The page of one record as plain data: what `case.html.j2`, `case.md.j2` and `case.txt.j2` are given.

`case_view` is the only thing that makes it and `CaseView.plain` the contract with the templates: every attribute below
is a key of that name, every text can be shown as it is (nothing in it is invisible or redraws its neighbours), times
are Beijing time.  Nothing is left for a template to work out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import groupby
from typing import Any

from validator.errors import visible
from validator.facts.timeline import Event, Timeline, Upstream
from validator.facts.vocabulary import Label, Step
from validator.judging.clock import Stops, trace
from validator.judging.finding import VERDICT_LABELS, VIOLATIONS, Finding, Verdict
from validator.judging.interpreter import Judged, Options
from validator.legal_time.calendar import weekday
from validator.legal_time.deadline import DayNote, Unit, parse_period
from validator.legal_time.instant import (
    BEGIN,
    LAST,
    Instant,
    Interval,
    format_day,
    format_moment,
    same_day,
)
from validator.output.phrases import phrase
from validator.output.render import UNSET, due_text, folded, lateness_text, sentences, worst_first
from validator.questions.explanation import counting_rules, day_reason, place_in_law
from validator.questions.figures import figures
from validator.reporting.chart import Chart, Group, Occurrence, TermBar, chart
from validator.reporting.plain import shown
from validator.reporting.wording import Wording
from validator.rules.labels import LEVELS
from validator.rules.program import Norm, Program
from validator.version import __version__

LONG = 10
"""Days of a counting from which on it is folded, and days of one kind are told as one run."""

_IN_ORDER = frozenset({str(Verdict.COMPLIANT), str(Verdict.EXCUSED)})
_SAY: Mapping[str, Label] = {
    "events": Label("事件", "Events"),
    "terms": Label("期限：逾期的和未定的", "Terms: exceeded or open"),
    "kept": Label("期限：遵守的和豁免的", "Terms: kept or excused"),
    "as_of": Label("判断时点 {as_of}", "as of {as_of}"),
    "term": Label("{norm} {verdict} · {title}", "{norm} {verdict} · {title}"),
    "term_of": Label("{norm} {verdict} · {who}：{title}", "{norm} {verdict} · {who}: {title}"),
    "policies": Label("规则", "policies"),
    "parameters": Label("参数", "parameters"),
    "calendar": Label("日历", "calendar"),
    "record": Label("记录", "record"),
    "context": Label("关联记录", "context records"),
    "waivers": Label("豁免文件", "waivers"),
}


@dataclass(frozen=True, slots=True)
class Count:
    """How many findings have a verdict: its word, its label in the language of the page."""

    verdict: str
    label: str
    count: int


@dataclass(frozen=True, slots=True)
class Fact:
    """Something stated: what, and the value."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class EntityView:
    """An entity of the record: its kind, its id, what is stated about it."""

    kind: str
    id: str
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class RecordView:
    """The record itself.  ``partial``: it does not claim to hold every event; ``known_until``: how far it goes."""

    id: str
    type: str
    facts: tuple[Fact, ...]
    entities: tuple[EntityView, ...]
    partial: bool
    known_until: str


@dataclass(frozen=True, slots=True)
class Footing:
    """On what the page rests: the version of this program, digests (SHA-256 in hex), how the rules were applied."""

    version: str
    digests: tuple[Fact, ...]
    assume_in_force: bool


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happened: what (with its attributes), to whom, when, and its JSON pointer in the record, or ""."""

    label: str
    about: str
    at: str
    pointer: str


@dataclass(frozen=True, slots=True)
class Passage:
    """The sentence of the law on which a finding rests: ``words`` stand between ``before`` and ``after``."""

    place: str
    before: str
    words: str
    after: str


@dataclass(frozen=True, slots=True)
class Run:
    """Days of a counting that are told together: from when to when, their numbers ("" if they don't count), and why."""

    first: str
    last: str
    numbers: str
    reason: str
    days: int


@dataclass(frozen=True, slots=True)
class Counting:
    """How a term was counted.

    Attributes:
        period: its length in words.
        runs: the days one by one or, if it is long, as runs; empty for hours, dates and open periods.
        long: whether it is long.
        rules: by which rules it was counted; "" if the rule set does not say.
        earliest: the start is not known exactly and the earliest one is counted from.
    """

    period: str
    runs: tuple[Run, ...]
    long: bool
    rules: str
    earliest: bool


@dataclass(frozen=True, slots=True)
class Thing:
    """What a finding lists: in words, and as the finding has it."""

    text: str
    pointer: str


@dataclass(frozen=True, slots=True)
class Measure:
    """What has to be done, by whom, on which norms."""

    do: str
    by: str
    basis: str


@dataclass(frozen=True, slots=True)
class Remedy:
    """What follows on one condition: that of a general remedy; "": in any case."""

    when: str
    steps: tuple[Measure, ...]


@dataclass(frozen=True, slots=True)
class ReadingView:
    """The reading taken of a point that the text leaves open, and those not taken."""

    point: str
    taken: str
    alternatives: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Leader:
    """The finding with which another one is counted as one omission: its place in the page and its norm."""

    anchor: str
    norm: str
    title: str


@dataclass(frozen=True, slots=True)
class FindingView:
    """One finding.

    Attributes:
        anchor: id of its place in the page.
        id: the finding's own id.
        norm, title, law: of the norm.
        verdict, label: the word and its label.
        underlying: of what is excused: the label of the verdict that it would have otherwise; "" if that is not known.
        level: how grave a breach of the norm is, in words.
        entities: what it concerns, in words; without the record itself.
        why: why it has this verdict, in sentences.
        trigger: what opened it; None: nothing that is an event.
        since: from when the term or state runs.
        decided: the events that decided a verdict that is certain.
        related: the events that count for one that is not, or that is excused; without the trigger.
        meanwhile: where no event opened it and none decided it: what happened at its beginning, or when it was broken.
        due: the last day (or moment) of the term; "" without one.
        due_latest: the last one that is possible; "" if the due is certain or open.
        counting: how the term was counted; None for what has none.
        late: how late, in words; "" if not.
        missing, asks, settle, unattested: data that are missing; decisions that nobody has taken; dates that would
            settle it; judgements that nobody vouches for.
        evidence: judgements on which it rests.
        remedy: only of breaches and of what was late.
        readings: readings taken of the norm.
        leader: None: counted by itself.
    """

    anchor: str
    id: str
    norm: str
    title: str
    law: Passage
    verdict: str
    label: str
    underlying: str
    level: str
    entities: tuple[str, ...]
    why: tuple[str, ...]
    trigger: Happening | None
    since: str
    decided: tuple[Happening, ...]
    related: tuple[Happening, ...]
    meanwhile: tuple[Happening, ...]
    due: str
    due_latest: str
    counting: Counting | None
    late: str
    missing: tuple[Thing, ...]
    asks: tuple[Thing, ...]
    settle: tuple[Thing, ...]
    unattested: tuple[Thing, ...]
    evidence: tuple[str, ...]
    remedy: tuple[Remedy, ...]
    readings: tuple[ReadingView, ...]
    leader: Leader | None


@dataclass(frozen=True, slots=True)
class ArticleView:
    """The findings of an article: the worst first; ``compliant`` are told in short."""

    number: int
    title: str
    counts: tuple[Count, ...]
    findings: tuple[FindingView, ...]
    compliant: tuple[FindingView, ...]


@dataclass(frozen=True, slots=True)
class Waiting:
    """Findings that wait for the same figures or tables, which a court sets once, and for nothing else."""

    figures: tuple[Thing, ...]
    findings: tuple[FindingView, ...]


@dataclass(frozen=True, slots=True)
class Untriggered:
    """Norms that were not triggered for one reason."""

    reason: str
    norms: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class CaseView:
    """The whole page.

    Attributes:
        record: the record.
        as_of: the moment of judgement as it was asked for.
        judged_until: the moment up to which the record is known, if it is earlier; else "".
        counts: of all eight verdicts, the worst first.
        summary: what has to be known about the counts, in sentences: breaches, presumptions, provisional dates.
        articles: those with findings that are not folded, the article with the worst verdict first.
        waiting: findings that only wait for figures, by figure.
        declaratory: declaratory norms that await review.
        holding: holds that still run.
        untriggered: by reason.
        events: all events, in time order.
        chart: the timeline.
        footing: versions and digests.
    """

    record: RecordView
    as_of: str
    judged_until: str
    counts: tuple[Count, ...]
    summary: tuple[str, ...]
    articles: tuple[ArticleView, ...]
    waiting: tuple[Waiting, ...]
    declaratory: tuple[FindingView, ...]
    holding: tuple[FindingView, ...]
    untriggered: tuple[Untriggered, ...]
    events: tuple[Happening, ...]
    chart: Chart
    footing: Footing

    def plain(self) -> dict[str, Any]:
        """Return the view as dictionaries, lists, texts and numbers, with every text fit to be shown."""
        found: dict[str, Any] = shown(asdict(self))
        return found


def case_view(
    program: Program, timeline: Timeline, judged: Sequence[Judged], as_of: Instant, lang: str,
    *, options: Options, context_digest: str = "",
) -> CaseView:  # fmt: skip
    """Return the page of a record.

    Args:
        program: the rules.
        timeline: the record.
        judged: all that was judged of it, as `validator.engine.explain_record` returns it.
        as_of: the moment of judgement.
        lang: ``zh`` or ``en``.
        options: how it was judged.
        context_digest: digest of the context records.
    """
    return _Page(program, timeline, judged, as_of, lang).view(options, context_digest)


class _Page:
    """Makes the view of one record."""

    def __init__(
        self, program: Program, timeline: Timeline, judged: Sequence[Judged], as_of: Instant, lang: str
    ) -> None:
        self.program, self.timeline, self.as_of, self.lang = program, timeline, as_of, lang
        self.wording = Wording(program, timeline, lang)
        self.judged = {j.finding.finding_id: j for j in judged}
        self.findings = worst_first(j.finding for j in judged)
        until = timeline.known_until
        self.until = as_of if until is None else min(as_of, until)

    def view(self, options: Options, context_digest: str) -> CaseView:
        """Return the view."""
        folds: dict[str, list[Finding]] = {"": [], "folded_hold": [], "folded_declaratory": [], "not_triggered": []}
        for finding in self.findings:
            folds.setdefault(folded(finding), []).append(finding)
        return CaseView(
            self._record(), format_moment(self.as_of, full=False),
            "" if self.until == self.as_of else format_moment(self.until, full=False),
            tuple(self._counts(self.findings)), tuple(self._summary()), tuple(self._articles(folds[""])),
            tuple(self._waiting(found for name, found in sorted(folds.items()) if name.startswith(UNSET))),
            tuple(map(self._finding, folds["folded_declaratory"])), tuple(map(self._finding, folds["folded_hold"])),
            tuple(self._untriggered(folds["not_triggered"])), tuple(map(self._happening, self.timeline.events)),
            self._chart(),
            Footing(__version__, tuple(self._digests(context_digest, options.waivers.digest)), options.assume_in_force),
        )  # fmt: skip

    def _digests(self, context: str, waivers: str) -> Iterator[Fact]:
        others = {"record": self.timeline.digest, "context": context, "waivers": waivers}
        for name, digest in {**self.program.digests, **others}.items():
            if digest:
                yield Fact(_SAY[name].text(self.lang) if name in _SAY else name, digest)

    # -- the record -------------------------------------------------------------------------------------------------
    def _record(self) -> RecordView:
        timeline = self.timeline
        others = [
            EntityView(self.wording.kind(kind), e.id, tuple(self._facts(kind, e.facts)))
            for kind, found in timeline.entities.items()
            if kind != timeline.record_type
            for e in found.values()
        ]
        until = timeline.known_until
        return RecordView(
            timeline.id, self.wording.kind(timeline.record_type),
            tuple(self._facts(timeline.record_type, timeline.record.facts)), tuple(others), timeline.partial,
            "" if until is None else format_moment(until, full=False),
        )  # fmt: skip

    def _facts(self, kind: str, facts: Mapping[str, Any]) -> Iterator[Fact]:
        own = self.program.vocabulary.attributes_of(kind)
        for name, stated in facts.items():
            yield Fact(own[name].label.text(self.lang), self.wording.fact(own[name], stated))

    def _happening(self, event: Event) -> Happening:
        wording = self.wording
        return Happening(wording.told(event), wording.about(event), wording.when(event.at), event.pointer)

    # -- the verdicts -----------------------------------------------------------------------------------------------
    def _counts(self, findings: Iterable[Finding], *, every: bool = True) -> Iterator[Count]:
        counts = Counter(f.verdict for f in findings)
        for verdict in Verdict:
            if every or counts[verdict]:
                yield Count(str(verdict), VERDICT_LABELS[verdict].text(self.lang), counts[verdict])

    def _summary(self) -> Iterator[str]:
        breaches = sum(f.verdict in VIOLATIONS and not f.counted_with for f in self.findings)
        yield phrase(self.lang, "breaches", breaches=breaches)
        for name, n in (
            ("assumed", sum(bool(f.assumed) for f in self.findings)),
            ("provisional_n", sum("provisional" in f.flags for f in self.findings)),
            ("unattested_n", sum(bool(f.unattested) for f in self.findings)),
            ("waiting_n", sum(folded(f).startswith(UNSET) for f in self.findings)),
            ("holding_n", sum(folded(f) == "folded_hold" for f in self.findings)),
            ("declaratory_n", sum(folded(f) == "folded_declaratory" for f in self.findings)),
        ):
            if n:
                yield phrase(self.lang, name, n=n)

    def _articles(self, findings: Sequence[Finding]) -> Iterator[ArticleView]:
        """Yield articles in the order of their worst findings; findings come the worst first."""
        for number in dict.fromkeys(f.article for f in findings):
            found = [f for f in findings if f.article == number]
            title = self._judged(found[0]).instance.norm.article_title.text(self.lang)
            compliant = [f for f in found if f.verdict is Verdict.COMPLIANT]
            others = [f for f in found if f.verdict is not Verdict.COMPLIANT]
            yield ArticleView(
                number, title, tuple(self._counts(found, every=False)),
                tuple(map(self._finding, others)), tuple(map(self._finding, compliant)),
            )  # fmt: skip

    def _waiting(self, groups: Iterable[Sequence[Finding]]) -> Iterator[Waiting]:
        """Yield those of which most findings wait first."""
        for found in sorted(groups, key=len, reverse=True):
            yield Waiting(self._things(found[0].asks), tuple(map(self._finding, found)))

    def _judged(self, finding: Finding) -> Judged:
        return self.judged[finding.finding_id]

    def _finding(self, finding: Finding) -> FindingView:
        judged = self._judged(finding)
        instance, norm = judged.instance, judged.instance.norm
        wording, lang = self.wording, self.lang
        violated = finding.verdict in VIOLATIONS
        certain = violated or finding.verdict is Verdict.COMPLIANT
        counted = judged.outcome.decided if finding.decided else ()
        term = judged.outcome.term
        latest = term.late if term is not None and finding.due_latest not in ("", "open") else None
        return FindingView(
            anchor=_anchor(finding), id=finding.finding_id, norm=norm.id, title=norm.title.text(lang),
            law=_passage(norm, lang), verdict=str(finding.verdict), label=VERDICT_LABELS[finding.verdict].text(lang),
            underlying=VERDICT_LABELS[Verdict(finding.underlying)].text(lang) if finding.underlying else "",
            level=LEVELS[finding.level].text(lang),
            entities=tuple(wording.entity(k, i) for k, i in finding.entities.items() if i != finding.record),
            why=tuple(self._why(judged)), trigger=self._trigger(instance.event), since=wording.when(instance.start),
            decided=tuple(map(self._happening, counted)) if certain else (),
            related=() if certain else tuple(self._happening(e) for e in counted if e is not instance.event),
            meanwhile=tuple(map(self._happening, self._meanwhile(judged))),
            due=due_text(finding), due_latest="" if latest is None else format_moment(latest, full=False),
            counting=self._counting(judged), late=lateness_text(finding.late_by, lang) if finding.late_by else "",
            missing=self._things(finding.missing), asks=self._things(finding.asks),
            settle=self._things(finding.would_settle), unattested=self._things(finding.unattested),
            evidence=tuple(self._evidence(finding)), remedy=tuple(self._remedy(norm)) if violated else (),
            readings=tuple(self._readings(norm)), leader=self._leader(finding),
        )  # fmt: skip

    def _meanwhile(self, judged: Judged) -> list[Event]:
        if judged.instance.event is not None or judged.finding.decided:
            return []
        times = {judged.instance.start}
        if judged.finding.breach_at and judged.outcome.breach is not None:
            times.add(judged.outcome.breach)
        return [e for e in self.timeline.events if e.at in times and e.at.lo > BEGIN]

    def _why(self, judged: Judged) -> Iterator[str]:
        """Yield the sentences of a finding, times in words; what it lists is listed elsewhere."""
        finding, outcome = judged.finding, judged.outcome
        done, broken = outcome.decided_at, outcome.breach
        bare = replace(
            finding, missing=(), asks=(), would_settle=(), unattested=(), counted_with="",
            decided_at=self.wording.when(done) if finding.decided_at and done is not None else "",
            breach_at=self.wording.when(broken) if finding.breach_at and broken is not None else "",
        )  # fmt: skip
        yield from sentences(bare, self.lang)
        if finding.verdict is not Verdict.COMPLIANT:  # which stands in one line, and accuses nobody
            yield from figures(self.program, judged.instance.norm, judged.instance.start.lo, self.lang)

    def _trigger(self, event: Event | None) -> Happening | None:
        if isinstance(event, Upstream):
            return Happening(self.wording.upstream(event), "", self.wording.when(event.at), "")
        return None if event is None else self._happening(event)

    def _things(self, found: Iterable[str]) -> tuple[Thing, ...]:
        return tuple(Thing(self.wording.place(what), what) for what in found)

    def _evidence(self, finding: Finding) -> Iterator[str]:
        for evidence in finding.evidence:
            words = [self.wording.place(evidence["pointer"])]
            words += [evidence[k] for k in ("by", "on", "document") if k in evidence]
            yield self.wording.join(words)

    def _remedy(self, norm: Norm) -> Iterator[Remedy]:
        remedies = self.program.vocabulary.remedies
        for general, steps in groupby(norm.remedy, key=lambda step: step.general):
            when = remedies[general].when.text(self.lang) if general else ""
            yield Remedy(when, tuple(map(self._measure, steps)))

    def _measure(self, step: Step) -> Measure:
        by = self.program.vocabulary.actor(step.by).text(self.lang)
        return Measure(step.do.text(self.lang), by, self.wording.join(list(step.basis)))

    def _readings(self, norm: Norm) -> Iterator[ReadingView]:
        lang = self.lang
        for reading in norm.readings:
            others = tuple(other.text(lang) for other in reading.alternatives)
            yield ReadingView(reading.point.text(lang), reading.taken.text(lang), others)

    def _leader(self, finding: Finding) -> Leader | None:
        leader = self.judged.get(finding.counted_with)
        if leader is None:
            return None
        return Leader(_anchor(leader.finding), leader.finding.norm, leader.finding.title.text(self.lang))

    def _untriggered(self, findings: Iterable[Finding]) -> Iterator[Untriggered]:
        by_reason: dict[str, list[Fact]] = {}
        for finding in findings:
            name, _, what = finding.reason.partition(":")
            events = self.program.vocabulary.events
            what = self.wording.join([events[w].label.text(self.lang) if w in events else w for w in what.split("|")])
            reason = phrase(self.lang, f"reason.{name}", what=what)
            by_reason.setdefault(reason, []).append(Fact(finding.norm, finding.title.text(self.lang)))
        yield from (Untriggered(reason, tuple(norms)) for reason, norms in by_reason.items())

    # -- counting ---------------------------------------------------------------------------------------------------
    def _counting(self, judged: Judged) -> Counting | None:
        instance, finding = judged.instance, judged.finding
        if not finding.period:
            return None
        notes = trace(judged.conditions, instance) if instance.norm.mode == "reach" and finding.due_day else []
        long = len(notes) > LONG + 1
        earliest = bool(notes) and not same_day(*(Interval(t, t) for t in instance.start))
        return Counting(
            parse_period(finding.period).text(self.lang), tuple(self._runs(notes, together=long)), long,
            counting_rules(judged, self.program, self.lang) if notes else "", earliest,
        )  # fmt: skip

    def _runs(self, notes: Iterable[DayNote], *, together: bool) -> Iterator[Run]:
        def kind(note: DayNote) -> object:
            return (note.counted, day_reason(note, self.program, self.lang)) if together else note.day

        for _, group in groupby(notes, kind):
            days = list(group)
            first, last = days[0], days[-1]
            numbers = "" if first.number is None else str(first.number)
            if first.number != last.number:
                numbers += f"–{last.number}"
            reason = day_reason(first, self.program, self.lang)
            yield Run(self._day(first), self._day(last), numbers, reason, len(days))

    def _day(self, note: DayNote) -> str:
        return f"{format_day(note.day)} {weekday(note.day, self.lang)}"

    # -- the timeline -----------------------------------------------------------------------------------------------
    def _chart(self) -> Chart:
        wording = self.wording
        events = [Occurrence(visible(f"{wording.when(e.at)} {wording.event(e)}"), e.at) for e in self.timeline.events]
        terms = [bar for f in self.findings for bar in self._term(self._judged(f))]
        groups = (
            ("terms", [t for t in terms if t.verdict not in _IN_ORDER]),
            ("events", events),
            ("kept", [t for t in terms if t.verdict in _IN_ORDER]),
        )
        label = _SAY["as_of"].text(self.lang).format(as_of=format_moment(self.until, full=False))
        shown = [Group(_SAY[name].text(self.lang), things) for name, things in groups]
        return chart(shown, self.until, label, self.program.calendar)

    def _term(self, judged: Judged) -> Iterator[TermBar]:
        """Yield the bar of a term whose due is known, in earnest or within bounds."""
        finding, outcome, instance = judged.finding, judged.outcome, judged.instance
        term = outcome.term
        if term is None or not finding.due_day or not BEGIN < term.early <= LAST or instance.start.hi <= BEGIN:
            return
        done = outcome.decided_at if finding.decided_at else None
        overrun = None
        if finding.verdict is Verdict.LATE and done is not None:
            overrun = done.hi
        elif finding.verdict is Verdict.BREACHED:
            overrun = self.until
        hourly = term.period is not None and term.period.unit in (Unit.HOURS, Unit.MINUTES)
        yield TermBar(
            self._label(finding), str(finding.verdict),
            instance.start, Interval(term.early, term.late), overrun, done,
            tuple(Stops.of(judged.conditions, instance).intervals(sure=True, hourly=hourly)),
        )  # fmt: skip

    def _label(self, finding: Finding) -> str:
        """Return what stands at a bar: norm, verdict, whom it concerns if there are several; the title may be cut."""
        several = {k: i for k, i in finding.entities.items() if len(self.timeline.entities.get(k, ())) > 1}
        who = self.wording.join([self.wording.entity(kind, i, bare=True) for kind, i in several.items()])
        verdict = VERDICT_LABELS[finding.verdict].text(self.lang)
        words = {"norm": finding.norm, "who": who, "title": finding.title.text(self.lang), "verdict": verdict}
        return visible(_SAY["term_of" if who else "term"].text(self.lang).format(**words))


def _anchor(finding: Finding) -> str:
    return f"f-{finding.finding_id}"


def _passage(norm: Norm, lang: str) -> Passage:
    before, words, after = norm.passage.partition(norm.words) if norm.words else (norm.passage, "", "")
    return Passage(place_in_law(norm, lang), before, words, after)
