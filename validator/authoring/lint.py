"""Warnings about records and notices that are valid and yet probably not what was meant (``zhijian lint``)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from validator.errors import Problem
from validator.expressions import expression as x
from validator.legal_time.instant import BEGIN, END, day_of, format_day
from validator.legal_time.notices import unfinished
from validator.reading.node import Node
from validator.rules.program import ChainTrigger, Every, Norm, Pattern, Program, Until, Within, expressions_of, leaves
from validator.rules.rulebook import RuleBook

CONTENT_KINDS = frozenset({"content", "separation"})
MACHINE_VERDICTS = 3


def lint(rules: RuleBook) -> Iterator[Problem]:
    """Yield the warnings of all norms, in their order and that of each record, none twice; then those of notices."""
    followers = _followers(rules.program)
    for norm in rules.program.norms:
        found = (*_lint(norm, rules.record(norm)), *_lint_time(rules, norm, followers.get(norm.id, ())))
        yield from sorted(set(found))
    yield from unfinished(rules.notices, rules.program.calendar)


def _lint(norm: Norm, record: Node) -> Iterator[Problem]:
    if norm.kind == "permission" and norm.mode != "at":
        yield _warning(norm, record, "deadline", "permission-outside-at")
    if norm.mode == "hold" and norm.trigger.one_per == "entity":
        yield _warning(norm, record, "trigger", "one-per-in-hold")
    forbids = any(isinstance(c, Pattern) and c.negated for c in leaves(norm.condition))
    if isinstance(norm.deadline, Until) and not norm.deadline.ends and not norm.deadline.with_trigger and forbids:
        yield _warning(norm, record, "deadline", "forbidden-forever")
    if norm.stops and not isinstance(norm.deadline, Within | Every):
        yield _warning(norm, record, "suspended_while", "stops-no-clock")
    for expression in expressions_of(norm):
        yield from _lint_expression(norm, record, expression)
    examples = record.get("examples")
    count = len(examples.members()) if examples is not None else 0
    if norm.check == "machine" and count < MACHINE_VERDICTS:
        yield _warning(norm, record, "id", "few-examples", count=str(count))


# -- times in force ----------------------------------------------------------------------------------------------------
def _followers(program: Program) -> dict[str, list[Norm]]:
    """Return by the id of a norm record the norms that its clock or its violation triggers."""
    found: dict[str, list[Norm]] = {}
    for norm in program.norms:
        for alternative in norm.trigger.alternatives:
            for name in alternative.records if isinstance(alternative, ChainTrigger) else ():
                found.setdefault(name, []).append(norm)
    return found


def _lint_time(rules: RuleBook, norm: Norm, followers: Iterable[Norm]) -> Iterator[Problem]:
    record, span = rules.record(norm), norm.effective
    versions = rules.program.by_id[norm.id]
    before = [v.effective.end for v in versions if v.effective.end < span.start]
    if before and max(before) + 1 < span.start:
        start, end = format_day(day_of(max(before) + 1)), format_day(day_of(span.start - 1))
        yield _warning(norm, record, "effective", "versions-leave-gap", start=start, end=end)
    last = max(v.effective.end for v in versions)
    late = sorted({f.id for f in followers if f.effective.end > last})
    if span.end == last < END and late:
        end, words = format_day(day_of(last)), ", ".join(late)
        yield _warning(norm, record, "effective", "ended-but-named", end=end, words=words)
    if rules.article(norm).get("law") is not None and not span.explicit and span.start > BEGIN:
        yield _warning(norm, record, "id", "own-law-in-force", start=format_day(day_of(span.start)))


def _lint_expression(norm: Norm, record: Node, expression: x.Expression) -> Iterator[Problem]:
    for node in x.walk(expression):
        if isinstance(node, x.Known) and norm.kind not in CONTENT_KINDS:
            yield _warning(norm, record, "id", "known-outside-content")
        if (
            isinstance(node, x.Comparison)
            and node.operator in (">=", ">")
            and isinstance(node.left, x.Fold)
            and node.left.function == "len"
            and isinstance(node.left.source, x.Occurrences)
        ):
            yield _warning(norm, record, "allowed_states", "count-instead-of-event")


def _warning(norm: Norm, record: Node, key: str, code: str, **values: Any) -> Problem:
    return record.at([key]).problem(code, severity="warning", name=norm.id, **values)
