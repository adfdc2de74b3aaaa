"""Findings that were changed show it: one line, one byte, the order, the end."""

import gzip
from pathlib import Path

import pytest
from command_line import run


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
