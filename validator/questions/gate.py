"""May this step be taken now?  The difference between judging a record without and with one more event (art. 12).

Only norms that are judged at their trigger, or that hold until an end, can forbid a step: a term that begins or ends
forbids nothing.  A breach or a doubt that there was before the step, and that it does not make worse, is not its doing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from validator.engine import timeline_of
from validator.errors import InvalidRecord, Problem
from validator.facts.context import Context
from validator.facts.timeline import Timeline, Upstream
from validator.facts.vocabulary import Label
from validator.judging.finding import VIOLATIONS, Finding, Verdict
from validator.judging.instance import Instance
from validator.judging.interpreter import DEFAULT_OPTIONS, Judged, Options, judge_whole
from validator.legal_time.instant import Instant, format_instant, format_moment
from validator.limits import DEFAULT, Limits
from validator.output.phrases import phrase
from validator.reading.intake import RawRecord
from validator.rules.program import Both, Condition, Pattern, Program, leaves

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
        record: the record with the step.
        as_of: the moment of judgement, as text.
        denied: what the step would violate.
        doubtful: what it might violate; the missing facts are named.
        starts: duties whose time would begin to run, with their ends.
        settles: duties that were running, or over, and would be done.
    """

    answer: Answer
    event: str
    record: Timeline = field(compare=False, repr=False)
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
    before = {_opening(j.instance): j for j in judge_whole(program, now, moment, context=others, options=options)}
    after = judge_whole(program, then, moment, context=others, options=options)
    changes = [_Change(step.pointer, j, before.get(_opening(j.instance))) for j in after]
    denied = [c for c in changes if c.violates()]
    doubtful = [c for c in changes if c.may_violate()]
    return Gate(
        Answer.DENY if denied else Answer.REVIEW if doubtful else Answer.ALLOW,
        step.pointer, then, format_instant(moment),
        tuple(c.obstacle(program) for c in denied), tuple(c.obstacle(program) for c in doubtful),
        tuple(c.now.finding for c in changes if _runs(c.now) and not (c.before and _runs(c.before))),
        tuple(j.finding for j in after if j.instance.norm.mode == "reach" and step.pointer in j.finding.decided),
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
@dataclass(frozen=True, slots=True)
class _Change:
    """An instance with a step (its pointer) and, if it was there, without it."""

    step: str
    now: Judged
    before: Judged | None

    def violates(self) -> bool:
        """Say whether the step violates a norm.

        One more forbidden event does.  A state that was wrong before, and still is at the step, is not its doing.
        """
        if not self._forbids() or not _is_violated(self.now):
            return False
        if self.before is None or not _is_violated(self.before):
            return True
        return _counts(self.now) and self.now.outcome.times > self.before.outcome.times

    def may_violate(self) -> bool:
        """Say whether the step may violate a norm, where it does not for sure.

        A doubt that there was before is not its doing, unless it is itself what may be wrong, or the doubt rests on
        something more.  After a sure violation only one more event that may be forbidden counts.
        """
        if not self._forbids() or self.violates() or not (_is_violated(self.now) or _is_doubtful(self.now)):
            return False
        if self.before is None:
            return True
        itself = any(event.pointer == self.step for event in self.now.outcome.perhaps)
        if _is_violated(self.before):
            return itself and _counts(self.now)
        return itself or not (_is_doubtful(self.before) and self.now.outcome.causes <= self.before.outcome.causes)

    def obstacle(self, program: Program) -> Obstacle:
        """Say why the step may not be taken, or not unseen."""
        return Obstacle(self.now.finding, *unmet(program, self.now))

    def _forbids(self) -> bool:
        return self.now.instance.norm.mode in _FORBIDDING


def _opening(instance: Instance) -> tuple[object, ...]:
    """Name an instance by the place of what opened it, which no step behind it changes.

    Its key changes when another event of the same type and time opens one too.
    """
    norm, event = instance.norm, instance.event
    opening: object = instance.key
    if isinstance(event, Upstream):
        opening = _opening(event.instance)
    elif event is not None:
        opening = event.pointer
    return norm.id, norm.effective.start, *instance.entities.items(), opening


def _is_violated(judged: Judged) -> bool:
    return judged.finding.verdict in VIOLATIONS


def _is_doubtful(judged: Judged) -> bool:
    return judged.finding.verdict in _OPEN and "breached" in judged.finding.could_be


def _counts(judged: Judged) -> bool:
    """Say whether each forbidden event violates a norm anew: it forbids events, and no state."""
    return all(isinstance(part, Pattern) for part in leaves(judged.instance.norm.condition))


def _runs(judged: Judged) -> bool:
    """Say whether a duty is to be done in time or, without a term, some day."""
    return judged.finding.verdict is Verdict.PENDING and "holding" not in judged.finding.flags


def unmet(program: Program, judged: Judged) -> tuple[tuple[Label, ...], tuple[Label, ...]]:
    """Return which events must have come before a trigger and have not, and which must not have and have.

    Only of norms that are judged at their trigger, and as far as their condition asks for events.  Each label names one
    thing that is needed; where one of several would do, it names them all.
    """
    norm = judged.instance.norm
    if norm.mode != "at":
        return (), ()
    lacking = [
        (asked[0].negated, _named(program, asked, more=more)) for asked, more in _lacking(judged, norm.condition)
    ]
    first, never = (dict.fromkeys(label for is_never, label in lacking if is_never is part) for part in (False, True))
    return tuple(first), tuple(never)


def _lacking(judged: Judged, condition: Condition) -> Iterator[tuple[list[Pattern], bool]]:
    """Yield patterns of which one has to be met and is not known to be, and whether something else would do instead.

    What is forbidden by one part of a choice is not told: where another part is met, it may have happened.
    """
    if isinstance(condition, Both) and condition.conjunction:
        for part in condition.parts:
            yield from _lacking(judged, part)
        return
    parts = condition.parts if isinstance(condition, Both) else (condition,)
    asked = [p for p in parts if isinstance(p, Pattern) and not (p.negated and isinstance(condition, Both))]
    if asked and judged.conditions.truth_at_trigger(judged.instance, condition) is not True:
        yield asked, len(asked) < len(parts)


def _named(program: Program, asked: list[Pattern], *, more: bool) -> Label:
    """Name the events of patterns of which one is enough; ``more`` says that something else would be enough as well."""
    labels = [program.vocabulary.events[name].label for name in dict.fromkeys(n for p in asked for n in p.events)]
    zh, en = (
        phrase(lang, "or").join([*(label.text(lang) for label in labels), *([phrase(lang, "else")] if more else [])])
        for lang in ("zh", "en")
    )
    return Label(zh, en)
