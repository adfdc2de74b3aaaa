"""Warnings about records and notices that are valid and yet probably not what was meant (``zhijian lint``)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from validator.errors import Problem
from validator.expressions import expression as x
from validator.legal_time.notices import unfinished
from validator.reading.node import Node
from validator.rules.program import Every, Norm, Pattern, Until, Within, expressions_of, leaves
from validator.rules.rulebook import RuleBook

CONTENT_KINDS = frozenset({"content", "separation"})
MACHINE_VERDICTS = 3


def lint(rules: RuleBook) -> Iterator[Problem]:
    """Yield the warnings of all norms, in their order and that of each record, none twice; then those of notices."""
    for norm in rules.program.norms:
        yield from sorted(set(_lint(norm, rules.record(norm))))
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
