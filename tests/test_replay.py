"""Findings that were changed show it, and judging again says whether anything else has: which part, which record."""

import gzip
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from command_line import ROOT, SMALL, run

from validator.commands.settings import MOST_WARNINGS
from validator.output.seal import Seal


@pytest.fixture(scope="module")
def findings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Findings of a small docket."""
    folder = tmp_path_factory.mktemp("findings")
    run("sample", "--n", "5", "--seed", "4", "-o", folder / "docket.ndjson")
    chosen = ("--as-of", "2025-06-01", "--output-format", "ndjson", "-o", folder / "findings.ndjson", "--exit-zero")
    assert run("check", folder / "docket.ndjson", *chosen).code == 0
    return folder / "findings.ndjson"


def test_what_was_written_is_intact(findings: Path, tmp_path: Path) -> None:
    """A file as it was written, also packed, and one from standard input."""
    assert run("verify", findings).code == 0
    (tmp_path / "findings.ndjson.gz").write_bytes(gzip.compress(findings.read_bytes()))
    assert run("verify", tmp_path / "findings.ndjson.gz").code == 0
    ran = run("verify", "-", stdin=findings.read_bytes(), env={"ZHIJIAN_LANG": "en"})
    assert (ran.code, ran.out.startswith("-: intact, ")) == (0, True)
    assert ", as of 2025-06-01, " in ran.out


def test_any_change_breaks_the_seal(findings: Path, tmp_path: Path) -> None:
    """A line removed, doubled, swapped, added, a digit, a blank, the summary's count, the line end; each is seen."""
    lines = findings.read_bytes().splitlines(keepends=True)
    middle = len(lines) // 2
    digit = lines[middle].replace(b'"article": ', b'"article": 1', 1)
    changed = {
        "removed": [*lines[:middle], *lines[middle + 1 :]],
        "header removed": lines[1:],
        "doubled": [*lines[:middle], lines[middle], *lines[middle:]],
        "swapped": [*lines[: middle - 1], lines[middle], lines[middle - 1], *lines[middle + 1 :]],
        "edited": [*lines[:middle], digit, *lines[middle + 1 :]],
        "blank": [*lines[:middle], b" " + lines[middle], *lines[middle + 1 :]],
        "line end": [*lines[:middle], lines[middle].replace(b"\n", b"\r\n"), *lines[middle + 1 :]],
        "cut off": lines[:-1],
        "cut short": [*lines[:-1], lines[-1][:-20]],
        "more": [*lines, lines[1]],
        "header": [lines[0].replace(b"2025-06-01", b"2025-06-02"), *lines[1:]],
        "summary": [*lines[:-1], lines[-1].replace(b'"read": 5', b'"read": 6')],
        "empty": [],
    }
    for name, broken in changed.items():
        path = tmp_path / f"{name}.ndjson"
        path.write_bytes(b"".join(broken))
        assert broken != lines, name
        ran = run("verify", path)
        assert ran.code == 4, (name, ran)
        assert str(path) in ran.err


def test_what_is_no_findings_is_told(tmp_path: Path) -> None:
    """A record, another program's lines, a file that is not there."""
    path = tmp_path / "case.ndjson"
    path.write_text('{"record_type": "case", "id": "x"}\n', encoding="utf-8")
    assert "no-findings-header" in run("verify", path).err
    assert run("verify", tmp_path / "nothing.ndjson").code == 4


# -- judging again -----------------------------------------------------------------------------------------------------
@pytest.fixture
def run_before(tmp_path: Path) -> Path:
    """A folder with rules, figures, a docket and the findings that these gave."""
    shutil.copytree(ROOT / "policies", tmp_path / "rules")
    shutil.move(tmp_path / "rules" / "parameters.demo.yaml", tmp_path / "figures.yaml")
    run("sample", "--n", "6", "--seed", "4", "-o", tmp_path / "docket.ndjson")
    chosen = ("--as-of", "2025-06-01T10:00:00+08:00", "--select", "A11,A13,A22", "--exit-zero")
    target = ("--output-format", "ndjson", "-o", tmp_path / "findings.ndjson")
    assert judge(tmp_path, "check", tmp_path / "docket.ndjson", *chosen, *target)[0] == 0
    return tmp_path


def judge(folder: Path, *arguments: Any) -> tuple[int, str]:
    """Run a command with the folder's rules and figures; return the code and what it says."""
    ran = run(*arguments, "-p", folder / "rules", "--parameters", folder / "figures.yaml", "--lang", "en")
    return ran.code, ran.out + ran.err


def again(folder: Path) -> tuple[int, str]:
    """Judge the folder's docket again."""
    return judge(folder, "replay", folder / "findings.ndjson", "--records", folder / "docket.ndjson")


def changed(path: Path, old: bytes, new: bytes) -> None:
    """Change one place in a file."""
    data = path.read_bytes()
    assert old in data
    path.write_bytes(data.replace(old, new, 1))


def test_nothing_has_changed(run_before: Path) -> None:
    """The same records, rules, figures, moment and options give the same findings, by whatever engine."""
    code, told = again(run_before)
    assert code == 0, told
    assert told.startswith("identical")


@pytest.mark.parametrize(
    ("name", "old", "new", "part", "differ"),
    [
        ("rules/article-13.yaml", "# 第13条".encode(), "# 第13條".encode(), "policies", False),
        ("rules/article-13.yaml", b"\n    deadline: 5", b"\n    deadline: 1", "policies", True),
        ("rules/vocabulary/events-case.yaml", b"en: Case closed", b"en: Case closee", "policies", False),
        ("figures.yaml", b"value: 1,", b"value: 2,", "parameters", None),
        ("rules/parameters.yaml", b"# ", b"#  ", "parameters", False),
        ("rules/calendar.yaml", b"to: 2026-02-23", b"to: 2026-02-24", "calendar", False),
    ],
    ids=["comment", "figure", "word", "demo figure", "comment of figures", "holiday"],
)  # fmt: skip
def test_the_part_that_has_changed_is_named(
    run_before: Path,
    name: str,
    old: bytes,
    new: bytes,
    part: str,
    differ: bool | None,  # noqa: FBT001 - of a table
) -> None:
    """One byte of a policy, a figure or the calendar: that part and no other; and whether findings differ."""
    changed(run_before / name, old, new)
    code, told = again(run_before)
    assert code == 1, told
    assert told.splitlines()[0] == f"changed: {part}"
    assert differ is None or ("0 findings differ" in told) is not differ


def test_warnings_are_told_as_by_check(tmp_path: Path) -> None:
    """Of a warning that many records have, judging again prints no more than judging did; on request it prints all."""
    received = {"type": "received", "at": "2022-03-01T09:00:00"}
    twice = [{"record_type": "matter", "id": f"m{n}", "events": [received, received]} for n in range(MOST_WARNINGS + 3)]
    records, found = tmp_path / "records.ndjson", tmp_path / "findings.ndjson"
    records.write_text("".join(json.dumps(r) + "\n" for r in twice), encoding="utf-8")
    rules = ("-p", SMALL, "--lang", "en")
    run("check", records, *rules, "--as-of", "2022-06-01", "--output-format", "ndjson", "-o", found)
    few, every = (run("replay", found, "--records", records, *rules, *more) for more in ((), ("--all-warnings",)))
    assert few.err.count(": warning: repeated-event: ") == MOST_WARNINGS
    assert "repeated-event: 3 more" in few.err
    assert every.err.count(": warning: repeated-event: ") == len(twice)
    assert few.out == every.out


def test_the_record_that_has_changed_is_named(run_before: Path) -> None:
    """A blank in one record: its text has changed, the findings have not."""
    lines = (run_before / "docket.ndjson").read_text("utf-8").splitlines(keepends=True)
    place = next(i for i, line in enumerate(lines) if '"record_type": "case"' in line)
    identifier = lines[place].split('"id": "')[1].split('"')[0]
    lines[place] = lines[place].replace("{", "{ ", 1)
    (run_before / "docket.ndjson").write_text("".join(lines), encoding="utf-8")
    code, told = again(run_before)
    assert (code, told.splitlines()[:3]) == (
        1,
        ["changed: records", f"records whose text has changed: {identifier}", "0 findings differ"],
    )


def test_what_differs_under_the_same_verdict_is_named(tmp_path: Path) -> None:
    """Answered a day later still: late as before, by one day more."""
    records, found = tmp_path / "records.ndjson", tmp_path / "findings.ndjson"
    for day in ("2022-03-14", "2022-03-15"):
        events = [{"type": "received", "at": "2022-03-01T09:00:00"}, {"type": "answered", "at": f"{day}T09:00:00"}]
        records.write_text(json.dumps({"record_type": "matter", "id": "m", "kind": "plain", "events": events}) + "\n")
        if not found.exists():
            run("check", records, "-p", SMALL, "--as-of", "2022-06-01", "-o", found)
    told = run("replay", found, "--records", records, "-p", SMALL, "--lang", "en").out.splitlines()
    late = [line for line in told if line.startswith("  m  A1.1  ")]
    assert len(late) == 1, told
    assert late[0].endswith(": still late, other in decided_at, late_by"), late


def test_another_version_is_named_and_changed_findings_are_refused(run_before: Path) -> None:
    """The header says with which version; findings that were changed, and what has no header, are refused."""
    findings = run_before / "findings.ndjson"
    changed(findings, b'"zhijian": "', b'"zhijian": "9')
    code, told = again(run_before)
    assert (code, "seal-broken" in told) == (4, True)
    sealed(findings)
    assert again(run_before)[1].splitlines()[0] == "changed: version"
    for old, new in ((b'"select": [', b'"select": 5, "x": ['), (b'"as_of": "', b'"as-of": "')):
        changed(findings, old, new)
        sealed(findings)
        code, told = again(run_before)
        assert (code, "no-findings-header" in told) == (4, True)


def sealed(path: Path) -> None:
    """Seal changed findings again, as somebody might who wants the change not to be seen; junk lines included."""
    *lines, last = path.read_bytes().splitlines(keepends=True)
    junk = [b"\xff\n", b"[]\n", b'{"finding": 5}\n', b'{"finding": {"record": []}}\n']
    seal = Seal()
    for line in (*lines, *junk):
        seal.add(line)
    summary = json.loads(last)["summary"]
    end = json.dumps({"summary": summary | {"seal": seal.closed(summary)}}, ensure_ascii=False).encode() + b"\n"
    path.write_bytes(b"".join((*lines, *junk, end)))
