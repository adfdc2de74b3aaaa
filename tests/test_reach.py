"""Paths that nobody can reach or read: too long, not permitted, in a folder that is gone, below a file, a pipe."""

import errno
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import pytest
from command_line import SMALL, Ran, command, run

from validator.batch import sinks
from validator.errors import EXIT_CODES
from validator.output.phrases import PHRASES

AS_OF = ("--as-of", "2024-01-01")
RULES = ("-p", str(SMALL), *AS_OF)
MATTER = '{"record_type": "matter", "id": "good", "kind": "plain", "events": [{"type": "received", "at": "2022"}]}\n'
CASE = (
    '{"record_type": "case", "id": "(2022)京0105执1号", "type": "first_enforcement", "court_id": "c", "events": []}\n'
)
LATE = {
    **json.loads(CASE), "parties": [{"id": "d1", "role": "debtor"}],
    "events": [{"type": "case_materials_received", "at": "2022-03-03T09:00:00+08:00"}],
}  # fmt: skip
LONG = "a" * 300
DROPPED = "-dac_override,-dac_read_search"
CONFINED = ("setpriv", f"--inh-caps={DROPPED}", f"--bounding-set={DROPPED}")
"""What makes a process of the super-user obey permissions."""

REFUSED: list[tuple[int, tuple[str, ...]]] = [
    (4, ("check", "PATH", *RULES)),
    (4, ("check", "d.ndjson", *RULES, "--context", "PATH")),
    (74, ("check", "d.ndjson", *RULES, "-o", "PATH")),
    (74, ("check", "d.ndjson", *RULES, "--rejects", "PATH")),
    (74, ("check", "d.ndjson", *RULES, "--checkpoint", "PATH")),
    (3, ("check", "d.ndjson", "-p", "PATH", *AS_OF)),
    (3, ("check", "d.ndjson", "--parameters", "PATH", *AS_OF)),
    (3, ("check", "d.ndjson", "--waivers", "PATH", *AS_OF)),
    (4, ("report", "PATH", *RULES)),
    (74, ("report", "d.ndjson", *RULES, "-o", "PATH.html")),
    (3, ("report", "d.ndjson", *RULES, "--template", "PATH")),
    (3, ("lint", "PATH")),
    (3, ("test", "PATH")),
    (3, ("diff", "PATH", str(SMALL))),
    (3, ("diff", str(SMALL), "PATH")),
    (3, ("schema", "record", "-p", "PATH")),
    (4, ("due", "PATH", *RULES)),
    (74, ("due", "d.ndjson", *RULES, "-o", "PATH.json")),
    (74, ("due", "c.ndjson", *AS_OF, "--output-format", "ics", "--per", "court", "-o", "PATH")),
    (4, ("gate", "d.ndjson", "--event", "PATH", *RULES)),
    (74, ("gate", "c.ndjson", "--event", '{"type": "case_closed"}', *AS_OF, "-o", "PATH")),
    (74, ("sample", "--n", "1", "-o", "PATH")),
    (74, ("norms", "-p", str(SMALL), "-o", "PATH.json")),
    (74, ("letter", "notice", "late.json", *AS_OF, "-o", "PATH.md")),
    (4, ("replay", "PATH", "--records", "c.ndjson")),
    (4, ("verify", "PATH")),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with records."""
    (tmp_path / "d.ndjson").write_text(MATTER, encoding="utf-8")
    (tmp_path / "c.ndjson").write_text(CASE, encoding="utf-8")
    (tmp_path / "late.json").write_text(json.dumps(LATE), encoding="utf-8")
    return tmp_path


def assert_said(ran: Ran, code: int, *codes: str) -> None:
    """The code, one of some problems, and a last line that says why."""
    assert ran.code == code, ran
    assert any(f": {problem}: " in ran.err for problem in codes), ran
    assert ran.last == PHRASES["zh"]["exit"].format(code=code, meaning=EXIT_CODES[code]["zh"])


@pytest.mark.parametrize(("code", "arguments"), REFUSED)
def test_a_name_that_is_too_long_is_refused(code: int, arguments: tuple[str, ...], folder: Path) -> None:
    """As input, as rules, as output, of every command."""
    before = sorted(folder.iterdir())
    ran = run(*(a.replace("PATH", LONG) for a in arguments), cwd=folder)
    assert_said(ran, code, "unreadable", "output-failed")
    assert sorted(folder.iterdir()) == before


@pytest.fixture
def secret(folder: Path) -> Iterator[Path]:
    """A folder of somebody else, in which there is a record."""
    inner = folder / "secret"
    inner.mkdir(mode=0o700)
    shutil.copy(folder / "d.ndjson", inner / "d.ndjson")
    if os.geteuid():
        inner.chmod(0)
    elif shutil.which("setpriv") is None:
        pytest.skip("the super-user may read everything, and there is no setpriv")
    else:
        os.chown(inner, 65534, 65534)
    yield inner
    if inner.exists():
        inner.chmod(0o700)


def confined(*arguments: str, cwd: Path) -> Ran:
    """Run a command in a process that obeys permissions."""
    prefix = () if os.geteuid() else CONFINED
    done = subprocess.run([*prefix, *command(*arguments)], cwd=cwd, capture_output=True, check=False)
    return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())


@pytest.mark.parametrize(("code", "arguments"), [r for r in REFUSED if {"sample", *RULES} & {*r[1]}])
def test_what_may_not_be_looked_into_is_refused(code: int, arguments: tuple[str, ...], secret: Path) -> None:
    """A file in a folder of somebody else."""
    ran = confined(*(a.replace("PATH", "secret/d.ndjson") for a in arguments), cwd=secret.parent)
    assert_said(ran, code, "no-permission", "output-failed")


def test_such_a_path_costs_only_its_own_refusal(folder: Path) -> None:
    """Before, between and after files that can be read: these are judged."""
    (folder / "e.ndjson").write_text(MATTER, encoding="utf-8")
    ran = run("check", LONG, "d.ndjson", f"{LONG}b", "e.ndjson", *RULES, "--output-format", "ndjson", cwd=folder)
    assert_said(ran, 4, "unreadable")
    summary = json.loads(ran.out.splitlines()[-1])["summary"]
    assert summary["records"] == {"read": 4, "judged": 2, "rejected": 2}


def test_a_file_that_may_only_be_listed_costs_only_its_own_refusal(secret: Path) -> None:
    """In a folder that may be read and not searched; what comes after it in the folder above is judged."""
    (secret.parent / "z.ndjson").write_text(MATTER, encoding="utf-8")
    for name in ("c.ndjson", "late.json"):
        (secret.parent / name).unlink()
    secret.chmod(0o444)
    ran = confined("check", ".", *RULES, "--output-format", "ndjson", cwd=secret.parent)
    assert_said(ran, 4, "no-permission")
    assert ran.err.startswith("secret/d.ndjson: no-permission: ")
    summary = json.loads(ran.out.splitlines()[-1])["summary"]
    assert summary["records"] == {"read": 3, "judged": 2, "rejected": 1}


def test_rules_that_may_only_be_listed_are_not_passed_over(secret: Path) -> None:
    """A rule set without the files that can't be read would be another law."""
    if os.geteuid():
        secret.chmod(0o700)
    (secret / "article-9.yaml").write_text("article: 9\n", encoding="utf-8")
    shutil.copytree(SMALL, secret.parent / "pol")
    moved = secret.rename(secret.parent / "pol" / "secret")
    for mode in (0o444, 0):
        moved.chmod(mode)
        assert_said(confined("lint", "pol", cwd=secret.parent), 3, "no-permission")
    moved.chmod(0o700)


@pytest.mark.parametrize("target", ["c.ndjson", "c.ndjson/x", "/proc/x"])
def test_a_folder_that_cannot_be_made_is_said(target: str, folder: Path) -> None:
    """Calendars where there is a file, below one, or where nobody may write: 74."""
    if target.startswith("/proc") and not Path("/proc/self").exists():
        pytest.skip("no such place here")
    arguments = ("due", "late.json", *AS_OF, "--output-format", "ics", "--per", "court", "-o", target)
    assert_said(run(*arguments, cwd=folder), 74, "output-failed")
    assert (folder / "c.ndjson").read_text(encoding="utf-8") == CASE


GONE = "import os; os.mkdir('gone'); os.chdir('gone'); os.rmdir('../gone'); from validator.cli import main; main()"


@pytest.mark.parametrize(
    ("code", "more"),
    [(74, ("-o", "x")), (74, ("--rejects", "x")), (74, ("--checkpoint", "x")), (4, ("x",)), (0, ())],
)
def test_a_working_folder_that_is_gone(code: int, more: tuple[str, ...], folder: Path) -> None:
    """What is named from there can't be read or written; the rest can."""
    arguments = command("check", folder / "d.ndjson", *RULES, "--exit-zero", *more, script=GONE)
    done = subprocess.run(arguments, cwd=folder, capture_output=True, check=False)
    assert done.returncode == code, done.stderr.decode()
    assert b"Traceback" not in done.stderr


# -- what is there and can't be used -----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("code", "arguments", "problem"),
    [
        (4, ("report", "pipe", *AS_OF), "read-twice"),
        (4, ("replay", "pipe", "--records", "c.ndjson"), "read-twice"),
        (4, ("replay", "-", "--records", "c.ndjson"), "read-twice"),
        (3, ("lint", "pipe"), "not-a-regular-file"),
        (3, ("check", "d.ndjson", "-p", "pipe", *AS_OF), "not-a-regular-file"),
        (3, ("check", "d.ndjson", "--parameters", "pipe", *AS_OF), "not-a-regular-file"),
    ],
)
def test_a_pipe_where_a_file_is_wanted_is_not_waited_for(
    code: int, arguments: tuple[str, ...], problem: str, folder: Path
) -> None:
    """What is read twice, or is to be hashed before it is read."""
    os.mkfifo(folder / "pipe")
    assert_said(run(*arguments, cwd=folder), code, problem)


NO_SPACE = OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("what", ["TemporaryFile", "TemporaryDirectory"])
def test_a_full_folder_of_temporary_files_is_no_bug(what: str, folder: Path) -> None:
    """Problems that wait for the end of a JSON document, and findings that are made again: 74."""
    (folder / "bad.ndjson").write_text("{}\n" * 20, encoding="utf-8")
    written = run("check", "c.ndjson", *AS_OF, "--output-format", "ndjson", "-o", "f.ndjson", cwd=folder)
    assert written.err == ""
    patches = [mock.patch.object(tempfile, what, side_effect=NO_SPACE), mock.patch.object(sinks, "_MEMORY", 100)]
    arguments = {
        "TemporaryFile": ("check", "bad.ndjson", *RULES, "--output-format", "json"),
        "TemporaryDirectory": ("replay", "f.ndjson", "--records", "c.ndjson"),
    }[what]
    ran = run(*arguments, cwd=folder, patches=patches)
    assert_said(ran, 74, "output-failed")
    assert "TMPDIR: output-failed" in ran.err


@pytest.mark.parametrize(
    ("target", "zh", "en"),
    [
        (".", "这是文件夹", "it is a folder"),
        ("nowhere/x", "没有可以写入的文件夹", "there is no folder to write in"),
        ("c.ndjson/x", "路径中间有一段不是文件夹", "a part of the path is no folder"),
        (LONG, "名称太长", "the name is too long"),
    ],
)
def test_why_nothing_can_be_written_is_said_in_the_language(target: str, zh: str, en: str, folder: Path) -> None:
    """The words of the system are English; a court reads why in its own."""
    for lang, reason in (("zh", zh), ("en", en)):
        ran = run("check", "d.ndjson", *RULES, "-o", target, "--lang", lang, cwd=folder)
        assert (ran.code, ran.err.splitlines()[0].endswith(reason)) == (74, True), ran
