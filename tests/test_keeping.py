"""Kept findings (``check --keep``): the same bytes as if all were judged, and what can't have changed is not judged."""

import json
import os
import re
import shutil
import sqlite3
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from command_line import SMALL, Ran, load, run, spawn

from validator import cli
from validator.batch.store import DAYS_KEPT, Store, make_folder
from validator.output.publishing import json_line
from validator.resources import resource_dir
from validator.rules.program import Program
from validator.sample import sample

DEMO = ("--parameters", str(resource_dir("policies") / "parameters.demo.yaml"))
DAYS = ("2023-06-15", "2023-06-16", "2023-06-16T10:00:00+08:00", "2023-06-30", "2024-01-01", "2023-06-20")
STANDING = {"2023-06-16": 27, "2023-06-30": 24}
"""On these days so many of the 30 records at least must stand: little happens in them in between."""


def kept(ran: Ran) -> int:
    """Return how many records a run has not judged anew."""
    found = re.search(r"^(\d+)/\d+ 条记录沿用以前的结论", ran.err, re.MULTILINE)
    assert found is not None, ran
    return int(found.group(1))


@cache
def program_of(policies: tuple[str, ...], parameters: tuple[str, ...], _lang: str) -> Program:
    """Load rules once."""
    return load(list(policies), parameters=list(parameters))


def check(folder: Path, *arguments: str, keep: bool = True, chunk: int = 20_000) -> Ran:
    """Judge in.json or in.ndjson, in small chunks, into out; ``keep``: with the findings kept in the folder k."""
    how = ["--keep", "k"] if keep else ["--engine", "interpreter"]
    how += [] if "--output-format" in arguments else ["--output-format", "ndjson"]
    patches = [mock.patch.object(cli, "CHUNK_BYTES", chunk), mock.patch.object(cli, "load_program", program_of)]
    records = "in.json" if (folder / "in.json").exists() else "in.ndjson"
    ran = run("check", records, *how, "--exit-zero", "-o", "out", *arguments, cwd=folder, patches=patches)
    assert ran.code in (0, 4), ran
    return ran


def assert_same(folder: Path, *arguments: str) -> int:
    """Judge with kept findings and without; return how many records were not judged anew."""
    straight = check(folder, *arguments, keep=False)
    wanted = (folder / "out").read_bytes()
    ran = check(folder, *arguments)
    assert (folder / "out").read_bytes() == wanted
    assert ran.code == straight.code
    lines = [line for line in ran.err.splitlines() if "沿用" not in line]
    assert lines == straight.err.splitlines()
    return kept(ran)


def write(folder: Path, records: Sequence[dict[str, Any]], name: str = "in.ndjson") -> None:
    """Write records, one a line."""
    lines = (json.dumps(record, ensure_ascii=False) + "\n" for record in records)
    (folder / name).write_text("".join(lines), encoding="utf-8")


def docket(count: int, seed: int) -> list[dict[str, Any]]:
    """Return the first records of a synthetic docket."""
    return [json.loads(json_line(record)) for record in sample(count, seed)]


@pytest.fixture(scope="module")
def sampled() -> list[dict[str, Any]]:
    """Thirty records of a synthetic docket, and what they name."""
    return docket(30, 7)


@pytest.fixture
def folder(tmp_path: Path, sampled: list[dict[str, Any]]) -> Path:
    """A folder with a docket of the shipped law."""
    write(tmp_path, sampled)
    return tmp_path


def small(number: int, *events: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return a record of the small rule set."""
    return {"record_type": "matter", "id": f"m{number}", "kind": "plain", "events": list(events), **more}


RECEIVED = {"type": "received", "at": "2022-03-01", "amount": 5}
SMALL_RULES = ("-p", str(SMALL))


# -- the same bytes ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "view",
    [
        ("--output-format", "ndjson"),
        ("--output-format", "ndjson", "--findings", "all"),
        ("--output-format", "csv", "--assume-in-force"),
        ("--output-format", "json", "--require-attestation"),
    ],
    ids=["problems", "all", "csv", "json"],
)
def test_day_after_day_the_output_is_that_of_a_run_that_judges_all(view: tuple[str, ...], folder: Path) -> None:
    """The docket is its own context; figures are those of the demonstration; one moment lies before the last."""
    for day in DAYS:
        stood = assert_same(folder, "--as-of", day, "--context", "in.ndjson", *DEMO, *view)
        assert stood >= STANDING.get(day, 0), day
    assert assert_same(folder, "--as-of", DAYS[-1], "--context", "in.ndjson", *DEMO, *view) >= 25


def test_what_was_changed_is_judged_anew_and_what_asked_about_it(folder: Path, sampled: list[dict[str, Any]]) -> None:
    """A case; then the court of several, of which cases ask for facts and for no events."""
    way = ("--as-of", "2023-06-15", "--context", "in.ndjson")
    assert assert_same(folder, *way) == 0
    all_but_now = assert_same(folder, *way)
    records = json.loads(json.dumps(sampled))
    case = next(r for r in records if r["record_type"] == "case" and len(r["events"]) > 5)
    case["events"] = case["events"][:3]
    write(folder, records)
    assert all_but_now - 4 <= assert_same(folder, *way) < all_but_now
    court = next(
        r for r in records if r["record_type"] == "court" and any(o.get("court_id") == r["id"] for o in records)
    )
    court["events"] = court["events"][:-1]
    write(folder, records)
    assert all_but_now - 2 <= assert_same(folder, *way) < all_but_now
    asking = sum(r.get("court_id") == court["id"] for r in records)
    court["superior_court_id"] = "另一个法院"
    write(folder, records)
    assert all_but_now - asking - 2 <= assert_same(folder, *way) < all_but_now - 1


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_refused_and_blank_lines_and_workers(jobs: str, tmp_path: Path) -> None:
    """What is refused is read anew each time, and told each time; a record twice in a docket is told twice."""
    lines = [json.dumps(small(i, RECEIVED, {"type": "answered", "at": f"2022-03-{i % 20 + 2:02}"})) for i in range(200)]
    lines[3:3] = ["", "{", lines[5], '{"record_type": "matter"}', "  " + lines[6] + " \r"]
    (tmp_path / "in.ndjson").write_bytes(b"\xef\xbb\xbf" + "\n".join(lines).encode())
    way = (*SMALL_RULES, "-j", jobs, "--output-format", "ndjson", "--findings", "all", "--rejects", "no")
    assert assert_same(tmp_path, "--as-of", "2024-01-01", *way) <= 2
    assert assert_same(tmp_path, "--as-of", "2024-01-02", *way) == 201  # not the first, behind the mark
    assert (tmp_path / "no").read_text(encoding="utf-8").count("\n") == 2


def test_records_in_an_array(tmp_path: Path) -> None:
    """However they come, records are known by their text; one with a warning says where it stands, and is read anew."""
    twice = {**small(1, RECEIVED, RECEIVED)}
    records = [small(0, RECEIVED), twice, small(2)]
    write(tmp_path, records)
    way = (*SMALL_RULES, "--as-of", "2024-01-01", "--output-format", "ndjson")
    assert assert_same(tmp_path, *way) == 0
    (tmp_path / "in.json").write_text("[" + ",\n".join(map(json.dumps, records[::-1])) + "]", encoding="utf-8")
    assert assert_same(tmp_path, *way) == 2


def test_a_breach_goes_on_and_two_count_as_one(tmp_path: Path) -> None:
    """Days of lateness are those of today; the breach that leads is named by its new id."""
    write(tmp_path, docket(12, 3))
    for day, least in (("2030-01-01", 0), ("2030-01-02", 5)):
        way = ("--as-of", day, "--output-format", "ndjson", *DEMO)
        assert assert_same(tmp_path, *way) >= least
        lines = [json.loads(line) for line in (tmp_path / "out").read_text(encoding="utf-8").splitlines()]
        found = [line["finding"] for line in lines if "finding" in line]
        ids = {f["finding_id"] for f in found}
        assert any("late_by" in f for f in found)
        assert all(f["counted_with"] in ids for f in found if "counted_with" in f)


UNKNOWN_SINCE = """
article: 3
title: {{zh: 限时办理, en: Done within hours}}
records:
  - id: A3.1
    title: {{zh: 紧急的{0}内致电, en: Call about what is urgent within {0}}}
    source: {{paragraph: 1, sentence: 1}}
    kind: achievement
    check: machine
    level: high
    subject: matter
    trigger: {{state: matter.urgent}}
    deadline: {0}
    allowed_states: {{event: called}}
    remedy: none
"""


@pytest.mark.parametrize("deadline", ["24 hours", "150 minutes", "2 days"])
def test_what_may_have_begun_at_any_moment_up_to_now_ends_some_time_from_now(deadline: str, tmp_path: Path) -> None:
    """Nobody says whether it is urgent, so its term may end some hours from now, also the next day; of each record."""
    shutil.copytree(SMALL, tmp_path / "rules")
    (tmp_path / "rules" / "article-3.yaml").write_text(UNKNOWN_SINCE.format(deadline), encoding="utf-8")
    called = [{"type": "called", "at": at} for at in ("2022-02-01", "2024-01-01T09:30:00+08:00")]
    write(tmp_path, [small(number, RECEIVED, *called[:number]) for number in (0, 1, 2, 0)])
    for clock in ("10:00:00", "11:00:00", "11:00:00.000001", "22:00:00", "23:00:00"):
        assert_same(tmp_path, "-p", "rules", "--as-of", f"2024-01-01T{clock}+08:00", "--findings", "all")


# -- what else findings depend on --------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "other",
    [
        ("--assume-in-force",),
        ("--require-attestation",),
        ("--findings", "all"),
        ("--select", "A1"),
        ("--ignore-unknown-events",),
        ("--parameters", "figures.yaml"),
        ("--waivers", "waivers.yaml"),
    ],
    ids=lambda o: o[0],
)
def test_other_rules_or_options_find_nothing_that_was_kept(other: tuple[str, ...], tmp_path: Path) -> None:
    """Only what was found by the same rules, figures and options counts."""
    write(tmp_path, [small(i, RECEIVED) for i in range(5)])
    program_of.cache_clear()  # the file of figures is another one
    values = "[{from: 2020-01-01, value: 3, basis: {zh: 甲, en: A}}]"
    (tmp_path / "figures.yaml").write_text(f"parameters: {{answer_days: {{values: {values}}}}}\n", encoding="utf-8")
    waiver = "{records: [m1], norms: [A1.1], reason: {zh: 甲, en: A}, approved_by: 院长, until: 2030-01-01}"
    (tmp_path / "waivers.yaml").write_text(f"waivers: [{waiver}]\n", encoding="utf-8")
    way = (*SMALL_RULES, "--as-of", "2024-01-01", "--output-format", "ndjson")
    assert assert_same(tmp_path, *way) == 0
    assert assert_same(tmp_path, *way) == 5
    assert assert_same(tmp_path, *way, *other) == 0


def test_another_program_finds_nothing_that_was_kept(tmp_path: Path) -> None:
    """Its own source is part of what findings are known by, and the Python that runs it."""
    write(tmp_path, [small(0, RECEIVED)])
    way = (*SMALL_RULES, "--as-of", "2024-01-01")
    check(tmp_path, *way)
    assert kept(check(tmp_path, *way)) == 1
    for name, another in (("validator.batch.keeping.source_digest", lambda: "another"), ("sys.version", "4.0")):
        with mock.patch(name, another):
            assert kept(check(tmp_path, *way)) == 0


def test_a_waiver_that_ends_is_no_longer_told(tmp_path: Path) -> None:
    """Whether it is in force is asked of the day."""
    write(tmp_path, [small(0, RECEIVED)])
    text = "waivers: [{records: [m0], norms: [A1.1], reason: {zh: 甲, en: A}, approved_by: 院长, until: 2024-01-05}]\n"
    (tmp_path / "w.yaml").write_text(text, encoding="utf-8")
    for day in ("2024-01-04", "2024-01-05", "2024-01-06", "2024-01-07"):
        assert_same(tmp_path, *SMALL_RULES, "--as-of", day, "--waivers", "w.yaml", "--output-format", "ndjson")


@pytest.mark.parametrize("other", ["--engine=compiled", "--output-format=text", "--output-format=parquet"])
def test_what_keeps_nothing_is_refused(other: str, tmp_path: Path) -> None:
    """Compiled code is faster than what is kept; and a text or a table is not written record by record."""
    write(tmp_path, [small(0)])
    forms = () if "format" in other else ("--output-format", "csv")
    ran = run("check", "in.ndjson", *SMALL_RULES, "--keep", "k", other, *forms, cwd=tmp_path)
    assert (ran.code, "option-needs" in ran.err, (tmp_path / "k").exists()) == (2, True, False)


@pytest.mark.parametrize("form", ["ndjson", "json", "csv"])
def test_whatever_a_record_says_is_written_as_it_is(form: str, tmp_path: Path) -> None:
    """What looks like a mark, a number of a mark, or a sign of a format; and names of files with quotes and commas."""
    ids = ["\ue0000\ue001", "\ue0003\ue001", "987650000001", "1987650000000123", "100 %b %s %", "a,b", 'q"uote', "=1+1"]
    records = [{**small(0, RECEIVED), "id": identifier} for identifier in ids]
    (tmp_path / "in").mkdir()
    for name in ('a,"b".ndjson', "案件.ndjson", "%b.ndjson"):
        write(tmp_path / "in", records, name)
    outputs = []
    for how in (["--keep", "k"], ["--engine", "interpreter"], ["--keep", "k"]):
        ran = run("check", "in", *SMALL_RULES, "--as-of", "2024-01-01", "--output-format", form, *how, cwd=tmp_path)
        outputs.append(ran.out)
    assert outputs[0] == outputs[1] == outputs[2]
    assert kept(ran) >= 3 * (len(ids) - 4)


# -- trust -------------------------------------------------------------------------------------------------------------
def test_an_entry_that_was_changed_counts_for_nothing(tmp_path: Path) -> None:
    """A bit in what is kept, or the entry of another record: all is judged anew."""
    write(tmp_path, [small(i, RECEIVED) for i in range(4)])
    way = (*SMALL_RULES, "--as-of", "2024-01-01", "--output-format", "ndjson")
    check(tmp_path, *way)
    with sqlite3.connect(tmp_path / "k" / "kept.sqlite3") as entries:
        rows = entries.execute("SELECT key, entry FROM kept ORDER BY key").fetchall()
        changed = [bytes([*rows[0][1][:-9], rows[0][1][-9] ^ 1, *rows[0][1][-8:]]), rows[3][1], b"", "text"]
        for (key, _), entry in zip(rows, changed, strict=True):
            entries.execute("UPDATE kept SET entry = ? WHERE key = ?", (entry, key))
    entries.close()
    assert assert_same(tmp_path, *way) == 0
    assert assert_same(tmp_path, *way) == 4


@pytest.mark.parametrize("damage", ["no database", "cut", "empty", "another table"])
def test_a_damaged_file_is_told_and_all_is_judged(damage: str, tmp_path: Path) -> None:
    """The run goes on without it."""
    write(tmp_path, [small(i, RECEIVED) for i in range(200)])
    way = (*SMALL_RULES, "--as-of", "2024-01-01", "--output-format", "ndjson")
    check(tmp_path, *way)
    wanted = (tmp_path / "out").read_bytes()
    file = tmp_path / "k" / "kept.sqlite3"
    if damage == "another table":
        file.unlink()
        with sqlite3.connect(file) as entries:
            entries.execute("CREATE TABLE kept (key TEXT)")
        entries.close()
        file.chmod(0o600)
    else:
        data = file.read_bytes()
        file.write_bytes({"no database": b"x" * 5000, "cut": data[: len(data) // 2 + 100], "empty": b""}[damage])
    ran = check(tmp_path, *way)
    assert (tmp_path / "out").read_bytes() == wanted
    assert kept(ran) == 0
    assert ("keep-unusable" in ran.err) == (damage != "empty")
    assert ran.err.count("keep-unusable") <= 1


@pytest.mark.parametrize("what", ["folder", "file", "link"])
def test_what_others_may_change_proves_nothing(what: str, tmp_path: Path) -> None:
    """A folder or file that others may write, or a link to one: exit 2, and nothing is judged."""
    write(tmp_path, [small(0)])
    way = (*SMALL_RULES, "--as-of", "2024-01-01")
    check(tmp_path, *way)
    folder = tmp_path / "k"
    if what == "link":
        (folder / "kept.sqlite3").rename(tmp_path / "elsewhere")
        (folder / "kept.sqlite3").symlink_to(tmp_path / "elsewhere")
    else:
        (folder if what == "folder" else folder / "kept.sqlite3").chmod(0o770)
    (tmp_path / "out").unlink()
    ran = run("check", "in.ndjson", *way, "--keep", "k", "-o", "out", "--output-format", "csv", cwd=tmp_path)
    assert (ran.code, "keep-distrusted" in ran.err, (tmp_path / "out").exists()) == (2, True, False)


def test_the_folder_and_its_file_are_the_users_alone(tmp_path: Path) -> None:
    """Findings are personal data."""
    write(tmp_path, [small(0)])
    check(tmp_path, *SMALL_RULES, "--as-of", "2024-01-01")
    modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "k", *(tmp_path / "k").iterdir())}
    assert modes == {"k": 0o700, "kept.sqlite3": 0o600}


def test_a_file_that_another_run_removes_meanwhile_is_none(tmp_path: Path) -> None:
    """SQLite removes its journal when the last run that has it open ends."""
    store = Store(str(tmp_path))
    store.put({b"a": b"1"})
    looked = Path.lstat

    def ending(path: Path) -> os.stat_result:
        if path.name.endswith("-wal"):
            store.close()
        return looked(path)

    assert (tmp_path / "kept.sqlite3-wal").exists()
    with mock.patch.object(Path, "lstat", ending):
        make_folder(str(tmp_path))
    assert not (tmp_path / "kept.sqlite3-wal").exists()


def test_what_no_run_has_used_for_long_is_removed(tmp_path: Path) -> None:
    """An entry is there for thirty days after the last run that used it."""
    store = Store(str(tmp_path))
    store.put({b"a": b"1", b"b": b"2"})
    store.close()
    for days in (DAYS_KEPT, 1):
        with sqlite3.connect(tmp_path / "kept.sqlite3") as entries:
            entries.execute("UPDATE kept SET used = used - ?", (days,))
        entries.close()
        store = Store(str(tmp_path))
        assert store.get(b"a") == b"1"
        store.put({})
        store.close()
        assert not store.trouble
    again = Store(str(tmp_path))
    assert (again.get(b"a"), again.get(b"b")) == (b"1", None)


KILLED = f"""
import os
from validator import cli
from validator.batch import store
cli.CHUNK_BYTES = 2000
kept = store.Store.put
def put(self, *more):
    kept(self, *more)
    put.times = getattr(put, "times", 0) + 1
    if put.times == 7:
        os.kill(os.getpid(), 9)
store.Store.put = put
cli.main(["check", "-p", {str(SMALL)!r}, "--as-of", "2024-01-01", "in.ndjson", "-o", "out.ndjson", "--keep", "k",
          *MORE])
"""
"""Judges in.ndjson and is killed behind the seventh chunk."""


@pytest.mark.parametrize("more", [[], ["--checkpoint", "c"]], ids=["alone", "with a checkpoint"])
def test_a_killed_run_has_kept_what_it_had(more: list[str], tmp_path: Path) -> None:
    """The next one uses it, and its output is that of a run that judges all; with a checkpoint it goes on."""
    write(tmp_path, [small(i, RECEIVED) for i in range(300)])
    script = KILLED.replace("*MORE", f"*{more!r}")
    assert spawn(script=script, cwd=tmp_path, env={"ZHIJIAN_CACHE": "off"}).code == -9
    assert not (tmp_path / "out.ndjson").exists()
    way = (*SMALL_RULES, "--as-of", "2024-01-01", "--output-format", "ndjson")
    if more:
        patches = [mock.patch.object(cli, "CHUNK_BYTES", 2000)]
        paths = ("in.ndjson", "-o", "resumed", "--keep", "k", *more, "--resume")
        ran = run("check", *paths, *way, cwd=tmp_path, patches=patches)
        assert (ran.code, 0 < kept(ran) < 300) == (1, True)
        assert kept(check(tmp_path, *way, chunk=2000)) == 300
        assert (tmp_path / "resumed").read_bytes() == (tmp_path / "out").read_bytes()
    else:
        assert 0 < assert_same(tmp_path, *way) < 300
