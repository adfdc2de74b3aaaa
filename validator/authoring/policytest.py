"""Runs the examples that stand inside the records of a rule set (``zhijian test``)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from msgspec.structs import replace

from validator.engine import read_context
from validator.errors import InvalidPolicy, InvalidRecord, Place, Problem, nearest
from validator.facts.record import read_record
from validator.facts.timeline import Timeline
from validator.facts.vocabulary import Dated, figure_of
from validator.judging.finding import Finding
from validator.judging.interpreter import Options, judge_some
from validator.judging.scribe import settled
from validator.legal_time.instant import BEGIN, BadInstant, Instant, parse_as_of
from validator.reading.intake import RawRecord
from validator.reading.node import Node
from validator.rules.program import Norm, Program
from validator.rules.rulebook import RuleBook

FLAGS = ("suspended", "holding", "provisional", "rolled", "open_ended", "assumed_in_force")
EXAMPLE_ID = "example"


class Difference(NamedTuple):
    """One way in which what was found differs from what was expected; "" where there is nothing on that side."""

    key: str
    expected: str
    found: str

    def text(self, lang: str) -> str:
        """Return the difference in words."""
        if not self.found:
            return f"应有结论 {self.expected}，实际没有" if lang == "zh" else f"expected {self.expected}, found nothing"
        if not self.expected:
            return f"多出结论 {self.found}" if lang == "zh" else f"found {self.found}, which nothing expects"
        if lang == "zh":
            return f"{self.key}：应为 {self.expected}，实为 {self.found}"
        return f"{self.key}: expected {self.expected}, found {self.found}"


@dataclass(frozen=True, slots=True)
class ExampleResult:
    """What came of one example: it holds, or ``differences`` says how what was found differs from what was expected."""

    norm: Norm
    name: str
    place: Place
    verdicts: tuple[str, ...]
    differences: tuple[Difference, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether the example came out as expected."""
        return not self.differences and not self.problems


def run_examples(rules: RuleBook, norm: Norm) -> Iterator[ExampleResult]:
    """Run the examples of one norm record."""
    for example in rules.examples(norm):
        yield _run(rules.program, norm, example)


def _run(program: Program, norm: Norm, example: Node) -> ExampleResult:
    name = str(example.at(["name"]).value)
    try:
        findings = judge_example(program, norm, example)
    except (InvalidRecord, InvalidPolicy) as error:
        return ExampleResult(norm, name, example.place, (), problems=error.problems)
    except BadInstant as bad:
        problem = example.at(["as_of"]).problem(bad.code, **bad.values)
        return ExampleResult(norm, name, example.place, (), problems=(problem,))
    differences = tuple(_compare(findings, example.at(["expect"]).plain))
    return ExampleResult(norm, name, example.place, tuple(str(f.verdict) for f in findings), differences)


def example_differences(program: Program, norm: Norm, example: Node) -> list[Difference]:
    """Return how the findings of an example differ from the expected ones; nothing when it holds."""
    return list(_compare(judge_example(program, norm, example), example.at(["expect"]).plain))


class Posed(NamedTuple):
    """What an example asks: to judge a record by rules with its own figures, as of its moment, beside its context."""

    program: Program
    raw: RawRecord
    context: Mapping[tuple[str, str], Timeline]
    as_of: Instant
    options: Options


def judge_example(program: Program, norm: Norm, example: Node) -> list[Finding]:
    """Judge the record of an example under its own parameters, tables, context and as_of; raises as `posed` does."""
    asked = posed(program, norm, example)
    timeline = read_record(asked.raw, asked.program.vocabulary)
    return settled(
        judge_some(asked.program, timeline, asked.as_of, {norm.id}, context=asked.context, options=asked.options)
    )


def posed(program: Program, norm: Norm, example: Node) -> Posed:
    """Return what an example asks.

    Raises:
        InvalidRecord: the record, or a context record, cannot be read.
        InvalidPolicy: a parameter or a table is unknown or has a value that does not fit.
        BadInstant: the moment is none.
    """
    plain = example.plain
    program = _with_values(program, example.get("parameters"), example.get("tables"))
    record = {"record_type": norm.record_type, "id": EXAMPLE_ID, **(plain["record"] or {})}
    raw = RawRecord.of_node(example.at(["record"]), record)
    context_node = example.get("context")
    others = [RawRecord.of_node(c) for c in context_node.members()] if context_node is not None else []
    context, problems = read_context(program, others)
    if problems:
        raise InvalidRecord(tuple(problems))
    options = Options(
        frozenset({norm.id}), bool(plain.get("assume_in_force")), bool(plain.get("require_attestation"))
    )  # fmt: skip
    return Posed(program, raw, context, parse_as_of(str(plain["as_of"])), options)


def _with_values(program: Program, parameters: Node | None, tables: Node | None) -> Program:
    """Return the program with parameters and tables set for all time."""
    vocabulary = program.vocabulary
    changed, filled = dict(vocabulary.parameters), dict(vocabulary.tables)
    problems: list[Problem | None] = []
    for name, node in parameters.items() if parameters is not None else ():
        if name not in changed:
            problems.append(_unknown("unknown-parameter", node, name, changed))
            continue
        problems.append(changed[name].problem(node))
        changed[name] = replace(changed[name], values=(Dated(BEGIN, figure_of(node.value)),))
    for name, node in tables.items() if tables is not None else ():
        if name not in filled:
            problems.append(_unknown("unknown-table", node, name, filled))
            continue
        filled[name] = replace(filled[name], values=(Dated(BEGIN, tuple(node.plain)),))
    refused = tuple(p for p in problems if p is not None)
    if refused:
        raise InvalidPolicy(refused)
    return replace(program, vocabulary=replace(vocabulary, parameters=changed, tables=filled))


def _unknown(code: str, node: Node, name: str, known: Iterable[str]) -> Problem:
    return node.problem(code, key=True, name=name, nearest=nearest(name, known) or "")


def _compare(findings: list[Finding], expected: Any) -> Iterator[Difference]:
    """Yield how the findings differ from the expected ones; each expectation takes one finding."""
    wanted = expected if isinstance(expected, list) else [expected]
    left = list(findings)
    for one in (w for w in wanted for _ in range(int(w.get("count", 1)))):
        match = next((f for f in left if not list(_differences(f, one))), None)
        if match is not None:
            left.remove(match)
            continue
        near = next((f for f in left if _about(f, one)), left[0] if left else None)
        if near is None:
            yield Difference("", _shown(one), "")
            continue
        left.remove(near)
        yield from _differences(near, one)
    for finding in left:
        yield Difference("", "", f"{finding.verdict} ({finding.key})")


def _about(finding: Finding, expected: Mapping[str, Any]) -> bool:
    return not _entities(expected.get("entity")) - set(finding.entities.values())


def _entities(entity: Any) -> set[Any]:
    """The expected entities: none, one id or several."""
    return set(entity) if isinstance(entity, list) else {entity} - {None}


def _differences(finding: Finding, expected: Mapping[str, Any]) -> Iterator[Difference]:
    found = finding.as_json()
    for key, value in expected.items():
        if key == "entity":
            if not _about(finding, expected):
                yield Difference(key, _shown(value), _shown(dict(finding.entities)))
            continue
        if key == "count":
            continue
        actual = found.get(key, False) if key in FLAGS else found.get(key)
        if isinstance(actual, list) or isinstance(value, list):
            wanted = sorted(value if isinstance(value, list) else [value])
            same = sorted(actual or []) == wanted
        else:
            same = actual == value or str(actual) == str(value)
        if not same:
            yield Difference(key, _shown(value), _shown(actual))


def _shown(value: object) -> str:
    if value is None:
        return "-"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
