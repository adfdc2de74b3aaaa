"""Waivers: a waived breach is excused and keeps its verdict underneath; what did nothing, or is wrong, is told."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from command_line import run

# Received on Monday 3 March 2025, never queried: the term of A13.1 ended on Monday the 10th, for both debtors.
CASE = {
    "record_type": "case", "id": "案1", "type": "first_enforcement",
    "parties": [{"id": "d1", "role": "debtor"}, {"id": "d2", "role": "debtor"}],
    "events": [{"type": "case_materials_received", "at": "2025-03-03T09:00:00+08:00"}],
}  # fmt: skip
WAIVER = {
    "id": "豁1", "norms": ["A13.1"], "records": ["案1"], "reason": "系统停机", "approved_by": "院长",
    "granted": "2025-03-01", "expires": "2025-06-30",
}  # fmt: skip


@pytest.fixture
def case(tmp_path: Path) -> Path:
    """The case as a file."""
    path = tmp_path / "case.json"
    path.write_text(json.dumps(CASE, ensure_ascii=False), encoding="utf-8")
    return path


def waivers(folder: Path, *entries: dict[str, Any]) -> Path:
    """Write a file of waivers: JSON is YAML too."""
    path = folder / "waivers.yaml"
    path.write_text(json.dumps({"waivers": list(entries)}, ensure_ascii=False), encoding="utf-8")
    return path


def judged(case: Path, *entries: dict[str, Any], as_of: str = "2025-03-20", **more: Any) -> tuple[dict[str, str], str]:
    """Return the verdict of A13.1 for each debtor, and what standard error says."""
    chosen = ("--as-of", as_of, "--select", "A13.1", "--output-format", "ndjson", "--exit-zero")
    ran = run("check", case, *chosen, "--waivers", waivers(case.parent, *entries), **more)
    found = [json.loads(line).get("finding") for line in ran.out.splitlines()]
    return {f["entities"]["party"]: f["verdict"] for f in found if f}, ran.err


def test_a_waived_breach_is_excused_and_keeps_its_verdict(case: Path) -> None:
    """The finding names the waiver, who gave it and why; the breach is no longer counted."""
    chosen = ("--as-of", "2025-03-20", "--select", "A13.1", "--output-format", "ndjson")
    ran = run("check", case, *chosen, "--waivers", waivers(case.parent, WAIVER))
    assert (ran.code, ran.err) == (0, "")
    lines = [json.loads(line) for line in ran.out.splitlines()]
    found = [line["finding"] for line in lines if "finding" in line]
    assert {f["verdict"] for f in found} == {"excused"}
    assert {f["underlying"] for f in found} == {"breached"}
    assert {f["waiver"] for f in found} == {"豁1"}
    assert {f["ground"]["zh"] for f in found} == {"院长批准（豁1）：系统停机"}
    assert {f["due_day"] for f in found} == {"2025-03-10"}
    assert lines[-1]["summary"]["breaches"] == 0
    assert run("check", case, *chosen).code == 1


def test_only_what_is_named_is_waived(case: Path) -> None:
    """Another norm, another record, another debtor: the breach stands."""
    assert judged(case, WAIVER | {"norms": ["A13"]})[0] == {"d1": "excused", "d2": "excused"}
    assert judged(case, WAIVER | {"entities": {"party": "d2"}})[0] == {"d1": "breached", "d2": "excused"}
    assert judged(case, WAIVER | {"norms": ["A13.2"]})[0] == {"d1": "breached", "d2": "breached"}
    assert judged(case, WAIVER | {"records": ["案2"]})[0] == {"d1": "breached", "d2": "breached"}


@pytest.mark.parametrize(
    ("as_of", "verdict", "code"),
    [
        ("2025-06-30", "excused", ""),
        ("2025-07-01", "breached", "waiver-expired"),
        ("2025-03-20", "excused", ""),
    ],
)
def test_the_last_day_is_included(case: Path, as_of: str, verdict: str, code: str) -> None:
    """As of the last day it counts, the day after it is expired and told."""
    found, told = judged(case, WAIVER, as_of=as_of)
    assert set(found.values()) == {verdict}
    assert (code in told) if code else told == ""


def test_what_would_be_no_breach_stays_and_the_waiver_is_unused(case: Path) -> None:
    """Before the end of the term it runs on; the waiver was not needed, and is told so."""
    found, told = judged(case, WAIVER, as_of="2025-03-05")
    assert set(found.values()) == {"pending"}
    assert "waiver-unused" in told


def test_every_mistake_is_told_and_the_others_count(case: Path) -> None:
    """A missing approver, a day that there isn't, a number given twice, an unknown norm, a record that isn't there."""
    entries = [
        {k: v for k, v in WAIVER.items() if k != "approved_by"},
        WAIVER | {"id": "豁2", "expires": "2025-02-30"},
        WAIVER | {"id": "豁3", "granted": "2025-09-01"},
        WAIVER,
        WAIVER,
        WAIVER | {"id": "豁4", "norms": ["A99.1"], "records": ["案9"]},
        WAIVER | {"id": "豁5", "granted": "2025-06-01"},
    ]
    found, told = judged(case, *entries)
    assert set(found.values()) == {"excused"}
    for code in ("missing-key", "time-date", "waiver-ends-before", "waiver-twice", "waiver-unknown-norm",
                 "waiver-orphaned", "waiver-not-yet"):  # fmt: skip
        assert told.count(f": {code}: ") == 1, (code, told)
    path = waivers(case.parent, *entries)
    assert run("check", case, "--as-of", "2025-03-20", "--waivers", path, "--exit-zero").code == 4
    path.write_text("waiver: []", encoding="utf-8")
    assert "no-waivers" in run("check", case, "--as-of", "2025-03-20", "--waivers", path).err
    assert run("check", case, "--as-of", "2025-03-20", "--waivers", case.parent / "none.yaml").code == 3


def test_every_engine_and_any_number_of_workers_waive_alike(tmp_path: Path) -> None:
    """The same bytes, whether records are judged one by one, compiled, or by two processes."""
    docket = tmp_path / "docket.ndjson"
    lines = [json.dumps(CASE | {"id": f"案{i}"}, ensure_ascii=False) + "\n" for i in range(40)]
    docket.write_text("".join(lines), encoding="utf-8")
    path = waivers(tmp_path, WAIVER | {"records": ["案3", "案17"]}, WAIVER | {"id": "豁9", "records": ["案99"]})
    outputs = []
    for engine, jobs in (("interpreter", "1"), ("compiled", "1"), ("compiled", "2")):
        ran = run("check", docket, "--as-of", "2025-03-20", "--waivers", path, "--engine", engine, "-j", jobs,
                  "--output-format", "ndjson", "--exit-zero")  # fmt: skip
        found = [json.loads(line) for line in ran.out.splitlines()]
        assert {f["finding"]["record"] for f in found[1:-1] if f["finding"]["verdict"] == "excused"} == {"案3", "案17"}
        assert ran.err.count("waiver-orphaned") == 1
        outputs.append([line for line in ran.out.splitlines() if '{"finding": ' in line])
    assert outputs[0] == outputs[1] == outputs[2]


def test_what_runs_counts_waivers_too(case: Path) -> None:
    """`due` no longer lists what is excused; expiry is judged at the same moment."""
    path = waivers(case.parent, WAIVER)
    chosen = ("--select", "A13.1", "--output-format", "json", "--waivers", path)
    assert run("due", case, "--as-of", "2025-03-20", *chosen).out == ""
    later = [json.loads(line) for line in run("due", case, "--as-of", "2025-07-01", *chosen).out.splitlines()]
    assert {c["urgency"] for c in later} == {"overdue"}


def test_what_runs_tells_waivers_that_do_nothing(case: Path) -> None:
    """`due` says of waivers what `check` says: which is for a record that is not there, which has expired."""
    path = waivers(case.parent, WAIVER, {**WAIVER, "id": "豁2", "records": ["案9"]})
    for as_of, codes in (("2025-03-20", {"waiver-orphaned"}), ("2025-07-01", {"waiver-orphaned", "waiver-expired"})):
        chosen = (case, "--as-of", as_of, "--select", "A13.1", "--waivers", path, "--lang", "en")
        told = [set(re.findall(r"waiver-\w+", run(*asked, *chosen).err)) for asked in (("due",), ("check",))]
        assert told == [codes, codes]


@pytest.mark.parametrize("form", ["html", "md"])
def test_the_page_of_a_docket_tells_waivers_from_exceptions(case: Path, form: str) -> None:
    """Of what is excused the page says how much a file of waivers excused; where there is none it says nothing."""
    findings, page = case.parent / "findings.ndjson", case.parent / f"docket.{form}"
    chosen = ("--as-of", "2025-03-20", "--select", "A13.1", "--output-format", "ndjson", "-o", findings, "--exit-zero")
    for more, told in ((("--waivers", waivers(case.parent, WAIVER)), True), ((), False)):
        assert run("check", case, *chosen, *more).code == 0
        assert run("report", findings, "-o", page).code == 0
        assert ("其中依豁免文件豁免 2 项。" in page.read_text(encoding="utf-8")) is told
