"""The papers to which findings lead: reminder, notice, report, letter of supervision; as views for templates.

Which findings a paper is about follows from their verdicts and from the remedies of their norms: a step of a remedy
says by which kind of paper it is done (``letter``), or rests on the same norm as a step that says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from validator.facts.timeline import Event, Timeline, Upstream
from validator.facts.vocabulary import Step
from validator.judging.finding import VERDICT_LABELS, Finding, Verdict
from validator.judging.instance import Instance
from validator.judging.interpreter import Judged
from validator.legal_time.instant import Instant, day_of, format_day
from validator.output.phrases import phrase
from validator.output.render import ends_text, sentences, worst_first
from validator.output.text import moment
from validator.questions.due import URGENCY_LABELS, over, perhaps_not_done
from validator.questions.explanation import place_in_law
from validator.questions.figures import figures
from validator.reporting.plain import shown
from validator.reporting.wording import Wording
from validator.rules.program import ChainTrigger, Norm, Pattern, Program, leaves


class Letter(StrEnum):
    """The kinds of paper, as ``letter`` in a step of a remedy has them."""

    REMINDER = "reminder"
    NOTICE = "notice"
    REPORT = "report"
    SUPERVISION = "supervision"


NAMES: Mapping[str, Letter] = {
    **{str(kind): kind for kind in Letter},
    "节点预警提示": Letter.REMINDER, "提示": Letter.REMINDER,
    "督促纠正通知": Letter.NOTICE, "通知": Letter.NOTICE,
    "报告": Letter.REPORT,
    "督办函": Letter.SUPERVISION, "督办": Letter.SUPERVISION,
}  # fmt: skip
"""The words by which a kind is asked for."""

_VERDICTS: Mapping[Letter, frozenset[Verdict]] = {
    Letter.REMINDER: frozenset({Verdict.PENDING}),
    Letter.NOTICE: frozenset({Verdict.BREACHED, Verdict.LATE}),
    Letter.REPORT: frozenset({Verdict.BREACHED}),
    Letter.SUPERVISION: frozenset({Verdict.BREACHED}),
}
_NO_CLOCK = frozenset({"suspended", "holding", "open_ended"})


@dataclass(frozen=True, slots=True)
class Matter:
    """A record as it was judged: the rules, its facts, its findings with what they rest on, as of when."""

    program: Program
    timeline: Timeline
    judged: Sequence[Judged]
    as_of: Instant

    def instance(self, finding: Finding) -> Instance:
        """Return the instance of a norm that a finding is about."""
        return next(j.instance for j in self.judged if j.finding is finding)


def letter_view(matter: Matter, kind: Letter, within: int, lang: str) -> dict[str, Any]:
    """Return what a template of a letter prints; ``reports/README.md`` gives every name with its shape.

    Args:
        matter: what was judged.
        kind: of paper.
        within: a reminder is about terms that end in so many days, counted from the day of judgement, or may be over.
        lang: ``zh`` or ``en``.
    """
    found = chosen(matter, kind, within)
    listed = {f.finding_id for f in found}
    heads = [f for f in found if f.counted_with not in listed]
    wording = Wording(matter.program, matter.timeline, lang)
    facts = [
        _fact(matter, kind, head, [f for f in found if f.counted_with == head.finding_id], wording) | {"number": number}
        for number, head in enumerate(heads, 1)
    ]
    measures = list(_measures(matter, kind, heads, lang))
    steps = [step for f in found for step in _steps(matter.program, _norm(matter, f), kind)]
    grounds = dict.fromkeys(basis for step in steps for basis in step.basis)
    record = matter.timeline
    view: dict[str, Any] = {
        "kind": str(kind),
        "as_of": format_day(day_of(matter.as_of)),
        "within": within,
        "record": {"id": record.id, "type": matter.program.vocabulary.entities[record.record_type].label.text(lang)},
        "facts": facts,
        "measures": measures,
        "grounds": [_law(norm, lang) for basis in grounds for norm in _in_force(matter, basis)],
    }
    return {name: shown(value) for name, value in view.items()}


def chosen(matter: Matter, kind: Letter, within: int) -> list[Finding]:
    """Return the findings that a letter is about: terms by their end, all else the worst first."""
    corrected = _corrections(matter.program)
    found = [
        f
        for f in (j.finding for j in matter.judged)
        if (f.verdict in _VERDICTS[kind] or (kind is Letter.REMINDER and _perhaps_over(matter, f)))
        and next(_steps(matter.program, _norm(matter, f), kind), None) is not None
        and not any(e.type.name in corrected for e in _naming(matter.timeline, f))
    ]
    if kind is not Letter.REMINDER:
        return worst_first(found)
    last = format_day(day_of(matter.as_of) + within)
    return sorted((f for f in found if f.due_day and f.due_day <= last and not f.flagged & _NO_CLOCK),
                  key=lambda f: f.due)  # fmt: skip


def _perhaps_over(matter: Matter, finding: Finding) -> bool:
    return _norm(matter, finding).mode == "reach" and perhaps_not_done(finding)


def _norm(matter: Matter, finding: Finding) -> Norm:
    """Return the version of the norm by which a finding was judged."""
    return matter.program.version(finding.norm, finding.version)


# -- which step leads to which paper -----------------------------------------------------------------------------------
def _papers(program: Program) -> dict[str, str]:
    """Return by the norm on which a step of a general remedy rests the paper by which the step is done."""
    steps = (step for remedy in program.vocabulary.remedies.values() for step in remedy.steps if step.letter)
    return {basis: step.letter for step in steps for basis in step.basis}


def _steps(program: Program, norm: Norm, kind: Letter) -> Iterator[Step]:
    """Yield the steps of a norm's remedy that are done by a kind of paper."""
    papers = _papers(program)
    for step in norm.remedy:
        if kind in ({step.letter} if step.letter else {papers.get(b) for b in step.basis}):
            yield step


def _corrections(program: Program) -> frozenset[str]:
    """Return the types of events that correct a violation: those whose absence is what is reported.

    A report rests on a norm whose clock begins when another is violated; what that other one demands is the correction.
    """
    norms = (n for basis, kind in _papers(program).items() if kind == Letter.REPORT for n in _norms(program, basis))
    demanded = (
        part
        for norm in norms
        for alternative in norm.trigger.alternatives
        if isinstance(alternative, ChainTrigger) and alternative.on_breach
        for record in alternative.records
        for upstream in program.by_id[record]
        for part in leaves(upstream.condition)
    )
    return frozenset(name for part in demanded if isinstance(part, Pattern) for name in part.events)


def _norms(program: Program, name: str) -> list[Norm]:
    """Return the norm records that a basis names: by their own id, or all of a norm."""
    return [n for n in program.norms if name == n.id] or [n for n in program.norms if name == n.norm]


def _in_force(matter: Matter, name: str) -> list[Norm]:
    """Return the norm records that a basis names, in the versions as of which a letter is written."""
    found = _norms(matter.program, name)
    return [n for n in found if n.effective.start <= matter.as_of <= n.effective.end] or found


def _naming(timeline: Timeline, finding: Finding) -> list[Event]:
    """Return the events that say the key of a finding: prompts, corrections, reports."""
    return [e for e in timeline.events if finding.key in e.values.values()]


# -- parts of the view -------------------------------------------------------------------------------------------------
def _fact(matter: Matter, kind: Letter, finding: Finding, also: Iterable[Finding], wording: Wording) -> dict[str, Any]:
    program, instance, lang = matter.program, matter.instance(finding), wording.lang
    norm = instance.norm
    pointers = {finding.trigger, *finding.decided}
    doubt = over(finding, matter.as_of) if kind is Letter.REMINDER else None
    happened = [e for e in matter.timeline.events if e.pointer in pointers]
    happened += [e for e in _naming(matter.timeline, finding) if e not in happened]
    return {
        "title": finding.title.text(lang),
        "verdict": str(finding.verdict),
        "word": VERDICT_LABELS[finding.verdict].text(lang),
        "done": finding.verdict is Verdict.LATE,
        "due": ends_text(finding, lang) if doubt else finding.due_day,
        "over": URGENCY_LABELS[doubt].text(lang) if doubt else "",
        "about": phrase(lang, "comma").join(
            f"{program.vocabulary.entities[kind].label.text(lang)} {'?' if identifier is None else identifier}"
            for kind, identifier in finding.entities.items()
            if identifier != finding.record
        ),
        "why": phrase(lang, "semicolon").join(
            [*sentences(wording.in_words(finding), lang), *figures(program, norm, instance.start.lo, lang)]
        ),
        "events": [
            *_upstream(instance.event, wording),
            *({"label": wording.told(e), "at": moment(e.written), "pointer": e.pointer} for e in happened),
        ],
        "law": _law(norm, lang),
        "steps": [
            {"do": step.do.text(lang), "by": program.vocabulary.actor(step.by).text(lang)}
            for step in _steps(program, norm, kind)
            if not step.general
        ],
        "also": [{"title": f.title.text(lang), "law": _law(_norm(matter, f), lang)} for f in also],
    }


def _measures(matter: Matter, kind: Letter, heads: Iterable[Finding], lang: str) -> Iterator[dict[str, str]]:
    """Yield the steps of general remedies for a paper, each once, with the numbers of the facts that it follows."""
    facts: dict[Step, list[str]] = {}
    vocabulary = matter.program.vocabulary
    for number, head in enumerate(heads, 1):
        for step in _steps(matter.program, _norm(matter, head), kind):
            if step.general:
                facts.setdefault(step, []).append(str(number))
    for step, numbers in facts.items():
        yield {
            "facts": phrase(lang, "comma").join(numbers),
            "do": step.do.text(lang),
            "by": vocabulary.actor(step.by).text(lang),
            "when": vocabulary.remedies[step.general].when.text(lang),
        }


def _upstream(event: Event | None, wording: Wording) -> Iterator[dict[str, str]]:
    """Yield the finding from which another follows, as an event of a fact."""
    if isinstance(event, Upstream):
        yield {"label": wording.upstream(event), "at": wording.when(event.at), "pointer": event.pointer}


def _law(norm: Norm, lang: str) -> dict[str, str]:
    return {"norm": norm.id, "place": place_in_law(norm, lang), "words": norm.words, "passage": norm.passage}
