"""What a vocabulary gives (defaults, first values, values that events set) counts like what a record says."""

from functools import cache
from pathlib import Path

import pytest

from validator import check
from validator.authoring.policytest import run_examples
from validator.checker import Checker
from validator.legal_time.instant import parse_as_of
from validator.output.publishing import json_line
from validator.rules.rulebook import RuleBook, read_rules

LOGS = Path(__file__).parent / "data" / "logs"
NORMS = ("A1.1", "A1.2", "A1.3")


@cache
def rules() -> RuleBook:
    """Read the rule set once."""
    return read_rules([str(LOGS)])


@pytest.mark.parametrize("norm", NORMS)
def test_the_examples_hold(norm: str) -> None:
    """Dates, amounts, codes and texts, of an event's own attributes and of those that all events have."""
    (found,) = (n for n in rules().program.norms if n.id == norm)
    results = list(run_examples(rules(), found))
    assert len(results) >= 3
    assert [(r.name, r.differences, r.problems) for r in results if not r.holds] == []


@pytest.mark.parametrize("norm", NORMS)
def test_compiled_code_says_the_same(norm: str) -> None:
    """It knows the defaults too, or leaves the record to the interpreter."""
    (found,) = (n for n in rules().program.norms if n.id == norm)
    for example in rules().examples(found):
        line = json_line({"record_type": "job", "id": "j1"} | example.at(["record"]).plain).encode()
        as_of = parse_as_of(example.at(["as_of"]).plain)
        compiled = Checker(rules().program, as_of).check(line, all_findings=True)
        wanted = check(rules().program, line, as_of)
        assert compiled is not None
        assert [f.as_json() for f in compiled.findings] == [f.as_json() for f in wanted.findings]
