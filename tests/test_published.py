"""Published matters: what a careful reader gets from the facts alone is what the rule set says."""

from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from validator.engine import check, load
from validator.judging.finding import Finding
from validator.judging.interpreter import Options
from validator.legal_time.instant import END
from validator.reading.intake import read_records
from validator.rules.program import Program

FOLDER = Path(__file__).parent / "records" / "published"
MATTERS: list[dict[str, Any]] = yaml.safe_load((FOLDER / "assessments.yaml").read_text(encoding="utf-8"))["matters"]
KNOWN = [(m, a) for m in MATTERS for a in m["assessments"]]
CASES = [
    pytest.param(
        m, a, n, id=f"{m['matter']}-{n}", marks=[pytest.mark.xfail(reason=a["bug"], strict=True)] if "bug" in a else []
    )
    for m, a in KNOWN
    for n in a["norms"]
]
SILENT = [pytest.param(m, a, id=f"{m['matter']}-{a['article']}") for m, a in KNOWN if not a["norms"]]


@cache
def program() -> Program:
    """Load the shipped rule set once."""
    return load()


@cache
def findings(file: str, in_force: bool) -> tuple[Finding, ...]:  # noqa: FBT001 - a cache key
    """Judge one published matter with every fact that it ever tells."""
    options = Options(assume_in_force=in_force)
    (result,) = check(program(), read_records([FOLDER / file]), END - 1, options=options)
    assert result.problems == ()
    return result.findings


def test_twelve_matters_are_kept_with_their_sources() -> None:
    """Each record says where it comes from."""
    files = {m["file"] for m in MATTERS}
    assert len(files) == 12
    assert files == {p.name for p in FOLDER.glob("*.json")}


def of(matter: dict[str, Any], norm: str) -> list[Finding]:
    """Return the findings of a record of the rule set on a matter."""
    return [f for f in findings(matter["file"], bool(matter.get("assume_in_force"))) if f.norm == norm]


def test_assessments_name_records_of_the_rule_set() -> None:
    """What is asserted is what the reading is about; a word that differs from the reader's has its reason."""
    known = {n.id for n in program().norms}
    for matter, assessment in KNOWN:
        place = (matter["matter"], assessment["article"], assessment["place"])
        assert set(assessment["norms"]) <= set(assessment["concerns"]) <= known, place
        assert {f"A{assessment['article']}"} == {n.partition(".")[0] for n in assessment["concerns"]}, place
        assert bool(assessment["norms"]) == ("verdict" in assessment), place
        assert assessment.get("verdict") == assessment["reader"] or assessment.get("dispute"), place


@pytest.mark.parametrize(("matter", "assessment", "norm"), CASES)
def test_the_assessment_agrees(matter: dict[str, Any], assessment: dict[str, Any], norm: str) -> None:
    """The verdict, and the due day where it is certain, are those of the reader (or the dispute says why not)."""
    found = of(matter, norm)
    wanted = assessment.get("entity")
    if wanted and assessment["verdict"] != "not_triggered":
        found = [f for f in found if set(wanted) <= set(f.entities.values())]
    if "events" in assessment:
        assert set(assessment["events"]) <= {f.trigger for f in found}
        found = [f for f in found if f.trigger in assessment["events"]]
    assert found
    assert {str(f.verdict) for f in found} == {assessment["verdict"]}
    if "due_day" in assessment:
        assert {f.due_day for f in found} == {str(assessment["due_day"])}
    if "due" in assessment:
        assert {f.due for f in found} == {assessment["due"]}


@pytest.mark.parametrize(("matter", "assessment"), SILENT)
def test_another_kind_of_record_says_nothing(matter: dict[str, Any], assessment: dict[str, Any]) -> None:
    """A norm about another kind of record gives no finding, not even that it is not triggered."""
    assert [f.norm for n in assessment["concerns"] for f in of(matter, n)] == []
