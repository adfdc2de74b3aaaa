"""The same input gives the same bytes: in any time zone, locale, hash seed, folder and optimisation level."""

import json
from pathlib import Path

import pytest
from command_line import ROOT, SMALL, Ran, run, spawn
from plain_records import Record

from validator import Options, check_many, load, parse_as_of, read_context
from validator.judging.finding import Finding, Verdict
from validator.limits import DEFAULT
from validator.output.publishing import json_line
from validator.reading.intake import line_record
from validator.sample import sample, sample_courts

RULES = ("-p", str(SMALL), "--as-of", "2024-01-01")
FORMATS = ("text", "json", "ndjson")
HARSH = {"TZ": "America/St_Johns", "LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR.UTF-8", "PYTHONHASHSEED": "3"}
VARIANTS: dict[str, tuple[dict[str, str], tuple[str, ...]]] = {
    "UTC, C, seed 0": ({"TZ": "UTC", "LC_ALL": "C", "PYTHONHASHSEED": "0"}, ()),
    "Shanghai, Chinese, seed 1": ({"TZ": "Asia/Shanghai", "LC_ALL": "zh_CN.UTF-8", "PYTHONHASHSEED": "1"}, ()),
    "St. John's, Turkish, seed 3": (HARSH, ()),
    "POSIX, seed 2, UTF-8 mode off": ({"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONHASHSEED": "2"}, ("-X", "utf8=0")),
    "GBK, optimised": ({"PYTHONIOENCODING": "gbk", "TZ": "Pacific/Kiritimati"}, ("-O",)),
}
# Runs one command in several formats in one process: starting one is what takes the time.
EVERY_FORMAT = """
import sys
from validator.cli import main
for form in ("text", "json", "ndjson"):
    try:
        main(["check", *sys.argv[1:], "--output-format", form, "--show-all"])
    except SystemExit as stop:
        print("code", stop.code)
"""


def records() -> list[dict[str, object]]:
    """Make records of the small rule set: ties, coarse dates, Turkish letters, years beyond the calendar."""
    found: list[dict[str, object]] = []
    for i, at in enumerate(("2022-03-01", "2022-03", "2022", "2022-03-01T23:59:59Z", "2099-12-30", "unknown")):
        person = {"id": "İIıi", "role": "giver"}
        events = [
            {"type": "received", "at": at, "amount": 500},
            {"type": "answered", "at": "2022-03-01", "person": "İIıi", "good": False},
            {"type": "held", "at": "2022-03-01", "person": "İIıi"},
            {"type": "frozen", "at": {"not_before": "2022-02", "not_after": "2022-05"}},
        ]
        found.append(
            {"record_type": "matter", "id": f"(2022)İ{i}号", "kind": "plain", "persons": [person], "events": events}
        )
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with records, good and bad."""
    path = tmp_path_factory.mktemp("records")
    text = "".join(json.dumps(r, ensure_ascii=False) + "\n" for r in records())
    (path / "good.ndjson").write_text(text, encoding="utf-8")
    (path / "bad.ndjson").write_text('{"record_type": "matter", "id": "案", "İ": 1}\n{\n', encoding="utf-8")
    return path


def all_formats(rules: Path, paths: list[str], cwd: Path, env: dict[str, str], flags: tuple[str, ...]) -> Ran:
    """Run `check` in every format in a process of its own."""
    arguments = ["-p", str(rules), "--as-of", "2024-01-01", *paths]
    return spawn(*arguments, cwd=cwd, env=env, flags=flags, script=EVERY_FORMAT)


def test_nothing_around_a_run_changes_its_bytes(folder: Path) -> None:
    """Text, JSON and NDJSON, findings and messages, under every variant."""
    ran = {
        name: all_formats(SMALL, ["good.ndjson", "bad.ndjson"], folder, env, flags)
        for name, (env, flags) in VARIANTS.items()
    }
    first, *others = ran.values()
    assert first.out.count("code 4") == len(FORMATS)
    assert "(2022)İ5号" in first.out
    assert [name for name, other in zip(list(ran)[1:], others, strict=True) if other != first] == []


def test_the_folder_a_run_starts_in_does_not_matter(folder: Path, tmp_path: Path) -> None:
    """The same relative paths from another folder give the same bytes."""
    for path in folder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    arguments = (
        "check",
        "-p",
        SMALL,
        "--as-of",
        "2024-01-01",
        "--output-format",
        "ndjson",
        "good.ndjson",
        "bad.ndjson",
    )
    assert run(*arguments, cwd=folder) == run(*arguments, cwd=tmp_path)


def test_the_order_of_lines_is_the_order_of_findings(folder: Path) -> None:
    """Each record's findings depend on the record alone: a docket in another order gives the same findings."""
    text = (folder / "good.ndjson").read_text(encoding="utf-8").splitlines(keepends=True)
    arguments = ("check", *RULES, "--output-format", "ndjson", "--show-all")

    def by_record(lines: list[str]) -> dict[str, list[dict[str, object]]]:
        found: dict[str, list[dict[str, object]]] = {}
        for line in run(*arguments, stdin="".join(lines)).out.splitlines():
            finding = json.loads(line).get("finding")
            if finding is not None:
                found.setdefault(finding["record"], []).append({k: v for k, v in finding.items() if k != "line"})
        return found

    assert by_record(text) == by_record(text[::-1])


def test_the_shipped_rules_give_the_same_bytes(tmp_path: Path) -> None:
    """The real rule set on a sample docket with its courts: hash seeds, locales and optimisation change nothing."""
    (tmp_path / "docket.ndjson").write_text(
        "".join(json.dumps(r, ensure_ascii=False, default=float) + "\n" for r in sample(12, 5)), encoding="utf-8"
    )
    (tmp_path / "courts.ndjson").write_text(
        "".join(json.dumps(r, ensure_ascii=False, default=float) + "\n" for r in sample_courts()), encoding="utf-8"
    )
    arguments = (
        "check",
        "docket.ndjson",
        "--context",
        "courts.ndjson",
        "--as-of",
        "2024-01-01",
        "--output-format",
        "ndjson",
    )
    here = run(*arguments, cwd=tmp_path)
    assert here.code in (0, 1)
    assert here.out.count('{"finding": ') > 20
    there = spawn(*arguments, cwd=tmp_path, env=HARSH, flags=("-O",))
    assert there == here


def test_what_nobody_asks_about_does_not_matter() -> None:
    """A court whose first person responsible is no president: what a third officer does changes nothing of that."""
    rules = ROOT / "policies"
    program = load([str(rules)], parameters=[str(rules / "parameters.demo.yaml")])
    court = {"record_type": "court", "id": "甲", "first_responsible_officer_id": "一", "events": []}
    post = {"type": "position_started", "at": "2020-01-06T09:00:00+08:00", "position": "judge"}
    first = {"record_type": "officer", "id": "一", "court_id": "甲", "events": [post]}
    posts = [{**post, "at": f"2023-05-{day:02}T09:00:00+08:00"} for day in range(1, 29)]
    third = {"record_type": "officer", "id": "三", "court_id": "甲", "events": posts}

    def judged(*others: Record) -> list[Finding]:
        read = [line_record("docket", 1, json_line(record).encode(), DEFAULT) for record in (court, *others)]
        raws = [raw for raw in read if raw is not None]
        context, problems = read_context(program, raws)
        assert problems == []
        options = Options(select=frozenset({"A4.2"}))
        results = check_many(program, raws[:1], parse_as_of("2025-06-30"), context=context, options=options)
        return [finding for result in results for finding in result.findings]

    alone = judged(first)
    assert [f.verdict for f in alone] == [Verdict.BREACHED]
    assert judged(first, third) == alone
