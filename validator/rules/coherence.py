"""What must fit together once records are bound: within one norm, and between norms (record language, section 16)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from validator.errors import Place, Problem, nearest
from validator.expressions import expression as x
from validator.expressions.binder import attribute_of, shared_attributes
from validator.facts.timeline import CHAIN
from validator.facts.vocabulary import EventType, Vocabulary
from validator.legal_time.instant import BEGIN, Instant, day_of, format_day
from validator.reading.node import Node
from validator.rules.program import (
    Both,
    By,
    ChainTrigger,
    Condition,
    EventTrigger,
    Every,
    NoDeadline,
    Norm,
    Pattern,
    Review,
    StateTrigger,
    Trigger,
    Within,
    leaves,
)


def opening_types(trigger: Trigger | None, vocabulary: Vocabulary) -> tuple[EventType, ...] | None:
    """Return the types of what may open an instance; None when nothing that has attributes does."""
    if trigger is None or any(isinstance(a, StateTrigger) for a in trigger.alternatives):
        return None
    names = [e for a in trigger.alternatives if isinstance(a, EventTrigger) for e in a.events]
    chained = any(isinstance(a, ChainTrigger) for a in trigger.alternatives)
    return (*(vocabulary.events[n] for n in dict.fromkeys(names)), *([CHAIN] if chained else []))


# -- one norm ----------------------------------------------------------------------------------------------------------
def check_norm(norm: Norm, record: Node, vocabulary: Vocabulary) -> Iterator[Problem]:
    """Yield what does not fit within a norm, each with its place in the record as written."""
    yield from _check_patterns(norm, record)
    yield from _check_exceptions(norm, record)
    yield from _check_class(norm, record)
    yield from _check_one_per(norm.trigger, record.at(["trigger"]), vocabulary)
    yield from _check_deadline(norm, record)


def _placed(condition: Condition, node: Node) -> Iterator[tuple[Condition, Node]]:
    """Yield what a condition is put together from, each with its place."""
    if isinstance(condition, Both):
        written = node.at(["all_of" if condition.conjunction else "any_of"])
        for part, place in zip(condition.parts, written.members(), strict=True):
            yield from _placed(part, place)
    else:
        yield condition, node


def _check_patterns(norm: Norm, record: Node) -> Iterator[Problem]:
    for part, node in _placed(norm.condition, record.at(["allowed_states"])):
        if not isinstance(part, Pattern):
            continue
        if norm.mode == "reach" and part.negated:
            yield node.problem("negation-in-reach")
        if norm.mode == "hold" and not part.negated:
            yield node.problem("event-in-hold")
        if part.any_time and norm.mode != "reach":
            yield node.problem("window-outside-reach")
        if part.within_last is not None and norm.mode != "at":
            yield node.problem("within-last-outside-at")


def _check_exceptions(norm: Norm, record: Node) -> Iterator[Problem]:
    """In reach an exception counts from the trigger on, when nothing has happened yet."""
    written = record.get("unless")
    for ground, entry in zip(norm.unless, () if written is None else written.members(), strict=True):
        for part, node in _placed(ground.condition, entry.get("when") or entry):
            if isinstance(part, Pattern) and part.negated and norm.mode == "reach":
                yield node.problem("absence-excuses")
            if isinstance(part, Pattern) and part.within_last is not None and norm.mode != "at":
                yield node.problem("within-last-outside-at")


def _check_class(norm: Norm, record: Node) -> Iterator[Problem]:
    """Verify the class that the author declares: a review makes it human, and nothing else does.

    Whether a fact rests on evidence is for the author to say: an attested variable, or an event that is signed.
    """
    asked = (norm.condition, *(g.condition for g in norm.unless))
    reviews = any(isinstance(part, Review) for condition in asked for part in leaves(condition))
    says = norm.check == "human" or (norm.kind == "declaratory" and norm.check == "evidence")
    if says != reviews:
        expected = "human" if reviews else "evidence | machine"
        yield record.at(["check"]).problem("check-does-not-fit", found=norm.check, expected=expected)
    if norm.kind == "declaratory":
        always = all(isinstance(a, StateTrigger) and a.expression is None for a in norm.trigger.alternatives)
        if not always or not isinstance(norm.deadline, NoDeadline) or norm.question is None or norm.remedy:
            yield record.at(["kind"]).problem("declaratory-asks-only")


def _check_one_per(trigger: Trigger, node: Node, vocabulary: Vocabulary) -> Iterator[Problem]:
    by_event, by_breach = (
        any(isinstance(a, EventTrigger) for a in trigger.alternatives),
        any(isinstance(a, ChainTrigger) and a.on_breach for a in trigger.alternatives),
    )
    name, types = trigger.one_per, opening_types(trigger, vocabulary) or ()
    if by_event and by_breach and name != "breach_id":
        yield (node.get("one_per") or node).problem("breach-counted-twice")
    elif name not in ("", "entity") and attribute_of(vocabulary, types, name) is None:
        near = nearest(name, shared_attributes(types)) or ""
        yield node.at(["one_per"]).problem(
            "unknown-attribute", name=name, base="trigger", nearest=near, width=max(len(name), 1)
        )


def _check_deadline(norm: Norm, record: Node) -> Iterator[Problem]:
    deadline = norm.deadline
    if isinstance(deadline, Every) and not isinstance(norm.condition, Pattern):
        yield record.at(["allowed_states"]).problem("series-needs-event")
    if not isinstance(deadline, By):
        return
    upstream = [a for a in norm.trigger.alternatives if isinstance(a, ChainTrigger)]
    by_clocks = len(upstream) == len(norm.trigger.alternatives) and not any(a.on_breach for a in upstream)
    path = deadline.path
    upstream_due = upstream and isinstance(path, x.EventRead) and path.attribute == "due"
    if (upstream_due or deadline.lead is not None) and not by_clocks:
        yield record.at(["deadline"]).problem("lead-without-clock")


# -- norms together ----------------------------------------------------------------------------------------------------
def check_norms(norms: list[Norm], records: Mapping[Place, Node]) -> Iterator[Problem]:
    """Yield what does not fit between norms: versions, what counts together, chains.  ``records``: as written."""
    yield from _check_versions(norms, records)
    yield from _check_counts_with(norms, records)
    yield from _check_chains(norms, records)


def _check_versions(norms: list[Norm], records: Mapping[Place, Node]) -> Iterator[Problem]:
    """Versions of one id must have disjoint times of force; of a file that repeats another's norms one is told."""
    told: set[tuple[str, str]] = set()
    for i, one in enumerate(norms):
        for two in norms[i + 1 :]:
            if one.id == two.id and max(_first(one), _first(two)) <= min(one.effective.end, two.effective.end):
                files = (one.place.path, two.place.path)
                if files not in told:
                    yield _overlap(one, two, *(records[norm.place].at(["id"]) for norm in (one, two)))
                told |= {files} if files[0] != files[1] and not _last_day(one, two) else set()


def _first(norm: Norm) -> Instant:
    """Return from when on a version takes what begins: one that reaches back takes what began at any time."""
    return BEGIN if norm.effective.reaches_back else norm.effective.start


def _last_day(one: Norm, two: Norm) -> str:
    """Return the day on which the earlier of two versions should end, "" where the rules do not say which it is."""
    later = max((one, two), key=lambda n: n.effective.start)
    if not later.effective.explicit or one.effective.start == two.effective.start:
        return ""
    return format_day(day_of(later.effective.start) - 1)


def _overlap(one: Norm, two: Norm, first: Node, second: Node) -> Problem:
    """Say that two records have one id at one time, and what was meant: two versions, or a file for another one."""
    name, last = Path(first.place.path).name, _last_day(one, two)
    same, meant = second.place.path == first.place.path, name == Path(second.place.path).name
    back = last if one.effective.reaches_back or two.effective.reaches_back else ""
    return second.problem(
        "versions-overlap", name=second.value, path=first.place.path, first=first.place.line, back=back, last=last,
        twice=name if meant and not same else "", file="" if meant else name,
    )  # fmt: skip


def _check_counts_with(norms: list[Norm], records: Mapping[Place, Node]) -> Iterator[Problem]:
    known = {n.id: n for n in norms}
    for norm in norms:
        node = records[norm.place].get("counts_with")
        for part in node.members() if node is not None else ():
            other = known.get(str(part.value))
            if other is not None and (other.subject != norm.subject or other.kinds != norm.kinds):
                yield part.problem("counts-other-subject", name=other.id)


def _check_chains(norms: list[Norm], records: Mapping[Place, Node]) -> Iterator[Problem]:
    """Upstream records exist and fit, and no chain feeds itself."""
    known = {n.id: n for n in norms}
    upstream: dict[str, set[str]] = {}
    for norm in norms:
        for alternative, node in _chain_nodes(norm, records[norm.place]):
            for name, part in zip(alternative.records, node.members(), strict=True):
                other = known.get(name)
                if other is None:  # unknown, or refused: `validator.rules.references` says so
                    continue
                code = _misfit(norm, other, on_breach=alternative.on_breach)
                if code:
                    yield part.problem(code, name=name, subject=other.subject)
                else:
                    upstream.setdefault(norm.id, set()).add(name)
    for norm in norms:
        path = _loop(norm.id, upstream)
        if path:
            yield records[norm.place].at(["trigger"]).problem("chain-loops", path=" → ".join(path))


def _misfit(norm: Norm, upstream: Norm, *, on_breach: bool) -> str:
    """Return the code of why an upstream norm never opens anything of a norm, "" if it does."""
    if norm.subject not in (upstream.subject, norm.record_type) or norm.record_type != upstream.record_type:
        return "chain-other-subject"
    if on_breach:
        return "breach-of-no-deadline" if isinstance(upstream.deadline, NoDeadline) else ""
    return "" if isinstance(upstream.deadline, Within | By) else "clock-of-no-clock"


def _chain_nodes(norm: Norm, record: Node) -> Iterator[tuple[ChainTrigger, Node]]:
    trigger = record.at(["trigger"])
    parts = trigger.get("any_of")
    nodes = parts.members() if parts is not None else (trigger,)
    for alternative, node in zip(norm.trigger.alternatives, nodes, strict=True):
        if isinstance(alternative, ChainTrigger):
            yield alternative, node.at(["breach_of" if alternative.on_breach else "clock_of"])


def _loop(start: str, upstream: Mapping[str, set[str]]) -> list[str]:
    """Return the path on which a norm feeds itself, or nothing."""
    open_paths, seen = [[start]], set[str]()
    while open_paths:
        path = open_paths.pop()
        for name in sorted(upstream.get(path[-1], ())):
            if name == start:
                return [*path, name]
            if name not in seen:
                seen.add(name)
                open_paths.append([*path, name])
    return []
