"""Published enforcement matters get the verdicts that a careful reader gives them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from validator.engine import check, load
from validator.finding import Finding, Verdict
from validator.instant import parse_as_of
from validator.intake import read_records
from validator.interpreter import Options
from validator.program import Program
from validator.strict_yaml import load_yaml

FOLDER = Path(__file__).parent / "records" / "published"
MATTERS: list[dict[str, Any]] = load_yaml((FOLDER / "assessments.yaml").read_bytes(), "assessments.yaml").plain[
    "matters"
]
LATER = parse_as_of("2030-01-01")  # every record says until when it is known


@pytest.fixture(scope="module")
def program() -> Program:
    """Return the shipped rule set."""
    return load()


def findings_of(program: Program, matter: dict[str, Any]) -> tuple[Finding, ...]:
    """Judge the record of a matter."""
    options = Options(assume_in_force=matter["assume_in_force"])
    [result] = check(program, read_records([str(FOLDER / matter["file"])]), LATER, options=options)
    assert [problem.render("en") for problem in (*result.problems, *result.warnings)] == []
    return result.findings


def asserted(matter: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the norm records that a matter says something about, each with the assessment."""
    for assessment in matter["assessments"]:
        yield from ((norm, assessment) for norm in assessment["norms"])


@pytest.mark.parametrize("matter", MATTERS, ids=lambda matter: Path(matter["file"]).stem)
def test_verdicts_are_those_of_a_careful_reader(program: Program, matter: dict[str, Any]) -> None:
    """Each norm named gives the verdict, for the entity and with the due day that the reader has worked out."""
    findings = findings_of(program, matter)
    for norm, assessment in asserted(matter):
        [found] = [finding for finding in findings if finding.norm == norm]
        assert (norm, found.verdict) == (norm, Verdict(assessment["verdict"]))
        if found.verdict is not Verdict.NOT_TRIGGERED:
            assert list(found.entities.values()) == assessment["entity"]
        for name in {"due", "due_day"} & assessment.keys():
            assert getattr(found, name) == assessment[name]


def test_every_record_has_its_assessments() -> None:
    """No record lies beside the list, and a verdict that differs from the reader's says why."""
    assert sorted(matter["file"] for matter in MATTERS) == sorted(path.name for path in FOLDER.glob("*.json"))
    for matter in MATTERS:
        for assessment in matter["assessments"]:
            assert assessment["reader"] == assessment["verdict"] or assessment["dispute"]
