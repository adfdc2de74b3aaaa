"""May this step be taken now?  The difference between judging a record without and with one more event (art. 12).

Only norms that are judged at their trigger, or that hold until an end, can forbid a step: a term that begins or ends
forbids nothing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from validator.engine import timeline_of
from validator.errors import InvalidRecord, Problem
from validator.facts.context import Context
from validator.facts.timeline import Timeline
from validator.facts.vocabulary import Label
from validator.judging.finding import VIOLATIONS, Finding, Verdict
from validator.judging.interpreter import DEFAULT_OPTIONS, Judged, Options, judge_norm, judge_record
from validator.legal_time.instant import Instant, format_instant, format_moment
from validator.limits import DEFAULT, Limits
from validator.reading.intake import RawRecord
from validator.rules.program import Norm, Pattern, Program, leaves

_FORBIDDING = ("at", "hold")
_OPEN = (Verdict.UNDETERMINED, Verdict.NEEDS_REVIEW)


class Answer(StrEnum):
    """What a gate says."""

    ALLOW = "allow"
    DENY = "deny"
    REVIEW = "review"


@dataclass(frozen=True, slots=True)
class Obstacle:
    """A finding for which a step may not be taken, or may not be taken unseen.

    Attributes:
        finding: of the record with the step.
        first: what must have happened before it and has not, as far as events can do it.
        never: what must not have happened before it and has.
    """

    finding: Finding
    first: tuple[Label, ...] = ()
    never: tuple[Label, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the JSON form: that of the finding, and what must come first."""
        found = self.finding.as_json()
        for name in ("first", "never"):
            labels = getattr(self, name)
            if labels:
                found[name] = [label.as_json() for label in labels]
        return found


@dataclass(frozen=True, slots=True)
class Gate:
    """Whether a step may be taken, why not, and what it would bring about.

    Attributes:
        answer: deny if a norm would be violated, review if one might be, else allow.
        event: pointer of the step in the record with it.
        as_of: the moment of judgement, as text.
        denied: what the step would violate.
        doubtful: what it might violate; the missing facts are named.
        starts: duties whose time would begin to run, with their ends.
        settles: duties that were running, or over, and would be done.
    """

    answer: Answer
    event: str
    as_of: str
    denied: tuple[Obstacle, ...] = ()
    doubtful: tuple[Obstacle, ...] = ()
    starts: tuple[Finding, ...] = ()
    settles: tuple[Finding, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "answer": str(self.answer), "event": self.event, "as_of": self.as_of,
            "denied": [o.as_json() for o in self.denied], "doubtful": [o.as_json() for o in self.doubtful],
            "starts": [f.as_json() for f in self.starts], "settles": [f.as_json() for f in self.settles],
        }  # fmt: skip


def gate(
    program: Program,
    record: RawRecord,
    event: RawRecord,
    as_of: Instant,
    *,
    context: Mapping[tuple[str, str], Timeline] | None = None,
    options: Options = DEFAULT_OPTIONS,
    limits: Limits = DEFAULT,
) -> Gate:
    """Say whether one more event may happen to a record.

    Args:
        program: the rules.
        record: the record as it is.
        event: the event as it would stand in it; without ``at`` it happens at ``as_of``.
        as_of: the moment of judgement; if the event is later, its time is.
        context: other records that the record names.
        options: which norms, and how.
        limits: sizes beyond which a record is refused.

    Raises:
        InvalidRecord: the record or the event can't be read; each problem stands where it is.
    """
    now = _read(program, record, limits)
    then = _with(program, record, event, as_of, limits)
    step = max(then.events, key=lambda e: e.index)
    moment = max(as_of, step.at.hi)
    others = Context.of(context or {})
    before = {f.key: f for f in judge_record(program, now, moment, context=others, options=options)}
    after = judge_record(program, then, moment, context=others, options=options)
    norms = {norm.id: norm for norm in program.norms}
    changed = [f for f in after if _differs(f, before.get(f.key))]
    forbidding = [f for f in changed if norms[f.norm].mode in _FORBIDDING]
    denied = [f for f in forbidding if f.verdict in VIOLATIONS and _is_new(f, before.get(f.key), norms[f.norm])]
    doubtful = [f for f in forbidding if f.verdict in _OPEN and "breached" in f.could_be]
    reasons = _Reasons(program, then, moment, others, options)
    return Gate(
        Answer.DENY if denied else Answer.REVIEW if doubtful else Answer.ALLOW, step.pointer, format_instant(moment),
        tuple(map(reasons.obstacle, denied)), tuple(map(reasons.obstacle, doubtful)),
        tuple(f for f in changed if _runs(f) and not _runs(before.get(f.key))),
        tuple(f for f in changed if norms[f.norm].mode == "reach" and step.pointer in f.decided),
    )  # fmt: skip


def _read(program: Program, record: RawRecord, limits: Limits) -> Timeline:
    read = timeline_of(program, record, limits=limits)
    if isinstance(read, Timeline):
        return read
    raise InvalidRecord(read.problems)


def _with(program: Program, record: RawRecord, event: RawRecord, as_of: Instant, limits: Limits) -> Timeline:
    """Read a record with one more event; a problem of the event is told where the event stands."""
    step = {"at": format_moment(as_of)} | event.value
    value = record.value | {"events": [*(record.value.get("events") or ()), step]}
    place = f"/events/{len(value['events']) - 1}"
    read = timeline_of(program, replace(record, value=value, text=_written(value), node=None), limits=limits)
    if isinstance(read, Timeline):
        return read
    raise InvalidRecord([_placed(p, place, event) for p in read.problems])


def _written(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def _placed(problem: Problem, place: str, event: RawRecord) -> Problem:
    pointer = problem.place.pointer
    if pointer != place and not pointer.startswith(f"{place}/"):
        return problem
    return event.problem(problem.code, pointer[len(place) :], **dict(problem.values))


# -- the difference ----------------------------------------------------------------------------------------------------
def _differs(finding: Finding, before: Finding | None) -> bool:
    """Say whether a finding is new or another than before; that the record has another digest is no difference."""
    if before is None:
        return finding.verdict is not Verdict.NOT_TRIGGERED
    return replace(before, finding_id="", counted_with="") != replace(finding, finding_id="", counted_with="")


def _is_new(finding: Finding, before: Finding | None, norm: Norm) -> bool:
    """Say whether a violation is not only one that there was before.

    One more forbidden event is.  A state that was wrong before, and still is at the step, is not the step's doing.
    """
    if before is None or before.verdict not in VIOLATIONS:
        return True
    return finding.times > before.times and all(isinstance(p, Pattern) for p in leaves(norm.condition))


def _runs(finding: Finding | None) -> bool:
    """Say whether a duty is to be done in time or, without a term, some day."""
    return finding is not None and finding.verdict is Verdict.PENDING and "holding" not in finding.flags


@dataclass(frozen=True, slots=True)
class _Reasons:
    """Finds what must come before a step: the parts of a condition that are false then."""

    program: Program
    timeline: Timeline
    as_of: Instant
    context: Context
    options: Options

    def obstacle(self, finding: Finding) -> Obstacle:
        judged = judge_norm(
            self.program, self.timeline, self.as_of, finding.norm, context=self.context, options=self.options
        )
        found = next((j for j in judged if j.finding.key == finding.key), None)
        return Obstacle(finding) if found is None else Obstacle(finding, *unmet(self.program, found))


def unmet(program: Program, judged: Judged) -> tuple[tuple[Label, ...], tuple[Label, ...]]:
    """Return which events must have come before a trigger and have not, and which must not have and have.

    Only of norms that are judged at their trigger, and as far as their condition asks for events.
    """
    norm = judged.instance.norm
    if norm.mode != "at":
        return (), ()
    false = [
        part
        for part in leaves(norm.condition)
        if isinstance(part, Pattern) and judged.conditions.truth_at_trigger(judged.instance, part) is not True
    ]
    names = [dict.fromkeys(n for p in false if p.negated is negated for n in p.events) for negated in (False, True)]
    first, never = (tuple(program.vocabulary.events[n].label for n in part) for part in names)
    return first, never
