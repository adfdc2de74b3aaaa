"""Published matters: what a careful reader gets from the facts alone is what the rule set says."""

from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from validator.engine import check, load
from validator.finding import Finding
from validator.instant import END
from validator.intake import read_records
from validator.interpreter import Options
from validator.program import Program

FOLDER = Path(__file__).parent / "records" / "published"
MATTERS: list[dict[str, Any]] = yaml.safe_load((FOLDER / "assessments.yaml").read_text(encoding="utf-8"))["matters"]
CASES = [(m, a, n) for m in MATTERS for a in m["assessments"] for n in a["norms"]]


@cache
def program() -> Program:
    return load()


@cache
def findings(file: str, in_force: bool) -> tuple[Finding, ...]:  # noqa: FBT001 - a cache key
    options = Options(assume_in_force=in_force)
    (result,) = check(program(), read_records([FOLDER / file]), END - 1, options=options)
    assert result.problems == ()
    return result.findings


def test_twelve_matters_are_kept_with_their_sources() -> None:
    """Each record says where it comes from."""
    files = {m["file"] for m in MATTERS}
    assert len(files) == 12
    assert files == {p.name for p in FOLDER.glob("*.json")}


@pytest.mark.parametrize(("matter", "assessment", "norm"), CASES, ids=lambda v: v if isinstance(v, str) else "")
def test_the_assessment_agrees(matter: dict[str, Any], assessment: dict[str, Any], norm: str) -> None:
    """The verdict, and the due day where it is certain, are those of the reader (or the dispute says why not)."""
    found = [f for f in findings(matter["file"], bool(matter.get("assume_in_force"))) if f.norm == norm]
    wanted = assessment.get("entity")
    if wanted and assessment["verdict"] != "not_triggered":
        found = [f for f in found if set(wanted) <= set(f.entities.values())]
    assert found
    assert {str(f.verdict) for f in found} == {assessment["verdict"]}
    if "due_day" in assessment:
        assert {f.due_day for f in found} == {str(assessment["due_day"])}
    if assessment["verdict"] != assessment["reader"]:
        assert assessment.get("dispute")
