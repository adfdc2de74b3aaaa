"""What rules read of other records: where they look, and that they look nowhere else."""

import json
from collections.abc import Mapping
from functools import cache
from itertools import chain
from typing import Any
from unittest import mock

import pytest
from benchmarks.project import DEMONSTRATION, LAW

from validator.engine import load, read_context
from validator.expressions.binder import Scope, bind
from validator.expressions.elsewhere import elsewhere
from validator.expressions.work import Work
from validator.facts.context import Context
from validator.facts.record import read_record
from validator.facts.timeline import Timeline
from validator.judging.interpreter import judge_record, judge_some
from validator.legal_time.instant import Instant, parse_as_of
from validator.limits import Limits
from validator.reading.intake import RawRecord, line_record
from validator.rules.program import Program, expressions_of
from validator.sample import sample

AS_OF = parse_as_of("2024-12-31")
SOME = 8  # records of each type
SIZE = 300  # what a record of such a docket names is in it

# By hand from policies/vocabulary: the links of entities.yaml, what sets a variable, what a computed one is.
PATHS: list[tuple[str, str, dict[tuple[str, ...], set[str]]]] = [
    ("case", "case.suspended", {}),
    ("case", "any(e.closing_method == other for e in events.case_closed)", {}),
    ("court", "court.level == intermediate", {}),
    ("case", "court.level == intermediate", {("court",): set()}),
    ("case", "court.superior.level == high", {("court",): set(), ("court", "court"): set()}),
    ("oversight", "target_case.type == preservation", {("case",): set()}),
    (
        "oversight",
        "any(e.amount > 0 for e in target_case.events.payment_disbursed)",
        {("case",): {"payment_disbursed"}},
    ),
    ("court", "all(known(o.position) for o in officers)", {("officer",): {"position_started", "position_ended"}}),
    (
        "case",
        "any(len(c.events.supervision_measure_taken) > 0 for c in checks)",
        {("oversight",): {"supervision_measure_taken"}},
    ),
]


@cache
def law() -> Program:
    """Return the law with the parameters of the demonstration."""
    return load([str(LAW)], parameters=[str(DEMONSTRATION)])


@pytest.mark.parametrize(("record_type", "text", "expected"), PATHS, ids=[text for _, text, _ in PATHS])
def test_where_an_expression_looks(record_type: str, text: str, expected: Mapping[tuple[str, ...], set[str]]) -> None:
    """The types of the records on the way, and the events that are read at its end."""
    vocabulary = law().vocabulary
    expression = bind(text, Scope(vocabulary, record_type, frozenset({record_type})))
    assert elsewhere([expression], record_type, vocabulary, law().derived) == expected


def whenever(*_: object) -> frozenset[Instant]:
    """Return every instant at which anything changes in any record of the docket, read or not."""
    return docket_changes()


@cache
def docket_changes() -> frozenset[Instant]:
    """Return them."""
    return frozenset[Instant]().union(*(t.changes(frozenset(t.by_type)) for t in docket()[0]))


def never(*_: object) -> frozenset[Instant]:
    """Return no instant."""
    return frozenset()


@cache
def docket() -> tuple[list[Timeline], Context]:
    """Return the records of a made-up docket, which is its own context."""
    lines = [json.dumps(record, default=float).encode() for record in sample(SIZE, 5)]
    records = [r for r in (line_record("x.ndjson", 1, line, Limits()) for line in lines) if isinstance(r, RawRecord)]
    assert len(records) == SIZE
    context = Context.of(read_context(law(), records)[0])
    return [read_record(record, law().vocabulary) for record in records], context


def readers() -> frozenset[str]:
    """Return the norms that read other records."""
    vocabulary, derived = law().vocabulary, law().derived
    return frozenset(
        norm.id for norm in law().norms if elsewhere(tuple(expressions_of(norm)), norm.record_type, vocabulary, derived)
    )


def judged(changes: Any) -> list[tuple[Any, ...]]:
    """Return what the readers say of some records of each type, with another idea of when other records change."""
    records, context = docket()
    of_type = {t: [r for r in records if r.record_type == t] for t in law().vocabulary.record_types()}
    some = [record for of_one in of_type.values() for record in of_one[:SOME]]
    with mock.patch.object(Context, "changes_around", changes):
        found = chain.from_iterable(judge_some(law(), r, AS_OF, readers(), context=context) for r in some)
        return [(f.record, f.norm, f.key, f.verdict, f.could_be, f.due, f.breach_at, f.decided_at) for f in found]


def test_nothing_is_missed_elsewhere() -> None:
    """Asked whenever anything happens in any record of the docket, the rules say the same; asked never, they do not.

    What would settle an open verdict is not compared: asked at more moments, they may name more of what is coarse.
    """
    usual = judged(Context.changes_around)
    assert judged(whenever) == usual
    assert judged(never) != usual


def steps(record: Timeline, context: Context) -> int:
    """Return how many steps judging a record takes."""
    counters: list[Work] = []

    class Counted(Work):
        def __init__(self, *args: Any) -> None:
            super().__init__(*args)
            counters.append(self)

    with mock.patch("validator.judging.interpreter.Work", Counted):
        judge_record(law(), record, AS_OF, context=context)
    return sum(record.steps - counter.left for counter in counters)


def test_cases_of_a_court_are_no_work_for_each_other() -> None:
    """A case takes as many steps beside its court and all cases of the docket as beside its court alone."""
    records, context = docket()
    cases = [record for record in records if record.record_type == "case"][:12]
    courts = Context({key: record for key, record in context.items() if key[0] != "case"})
    assert [steps(case, context) for case in cases] == [steps(case, courts) for case in cases]
