"""Whatever bytes of what they read are changed, commands say what is wrong and never fail: no exit 70, no traceback.

The seed is fixed.  More runs, with another seed::

    CHANGED_RUNS=20000 CHANGED_SEED=7 pytest tests/test_changed_bytes.py
"""

import json
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from command_line import run

RUNS = int(os.environ.get("CHANGED_RUNS", "150"))
SEED = int(os.environ.get("CHANGED_SEED", "1"))
AS_OF = ("--as-of", "2025-06-30")
STRANGE = (
    b'"', b"{", b"}", b"[", b"]", b"null", b"-1", b"1e9", b"\xff", b"\\u0000", b'"finding":', b"9999-12-31", b"\n",
    b"true", b"0001-01-01T00:00:00Z", "号".encode(), b"\xe2\x80\xae", b"{{7*7}}",
)  # fmt: skip
EVENT = {"type": "case_closed", "closing_method": "terminated_pro_tem", "at": "2025-06-20T10:00:00+08:00"}
WAIVER = {"id": "w", "norms": ["A13.1"], "records": ["x"], "reason": "r", "approved_by": "p", "granted": "2025-01-01",
          "expires": "2025-12-31"}  # fmt: skip
COMMANDS: tuple[tuple[str, ...], ...] = (
    ("report", "findings.ndjson", "-o", "out.html"),
    ("report", "record.json", *AS_OF, "-o", "out.html"),
    ("verify", "findings.ndjson"),
    ("replay", "findings.ndjson", "--records", "docket.ndjson"),
    ("gate", "record.json", "--event", "event.json", *AS_OF),
    ("due", "record.json", *AS_OF),
    ("due", "record.json", *AS_OF, "--output-format", "ics"),
    ("letter", "notice", "record.json", *AS_OF),
    ("explain", "record.json", "A14.4", *AS_OF),
    ("check", "docket.ndjson", *AS_OF, "--waivers", "waivers.yaml", "--exit-zero"),
)


def changed(data: bytes, rng: Random) -> bytes:
    """Change some bytes: another one, some out, something strange in, some copied elsewhere."""
    found = bytearray(data)
    for _ in range(rng.choice((0, 1, 1, 2, 5, 30))):
        place, kind = rng.randrange(len(found) + 1), rng.random()
        if kind < 0.3:
            found[place : place + 1] = bytes([rng.randrange(256)])
        elif kind < 0.5:
            del found[place : place + rng.randrange(1, 20)]
        elif kind < 0.7:
            found[place:place] = rng.choice(STRANGE)
        else:
            other = rng.randrange(len(found) + 1)
            found[place : place + 10] = found[other : other + 10]
    return bytes(found)


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What the commands read, unchanged."""
    folder = tmp_path_factory.mktemp("inputs")
    run("sample", "--n", "3", "--seed", "5", "-o", "docket.ndjson", cwd=folder)
    target = ("--output-format", "ndjson", "-o", "findings.ndjson", "--exit-zero")
    assert run("check", "docket.ndjson", *AS_OF, *target, cwd=folder).code == 0
    docket = (folder / "docket.ndjson").read_bytes()
    return {
        "docket.ndjson": docket,
        "findings.ndjson": (folder / "findings.ndjson").read_bytes(),
        "record.json": next(line for line in docket.splitlines() if b'"record_type": "case"' in line),
        "event.json": json.dumps(EVENT).encode(),
        "waivers.yaml": json.dumps({"waivers": [WAIVER]}, indent=1).encode(),
    }


def runs(inputs: dict[str, bytes], folder: Path) -> Iterator[tuple[int, tuple[str, ...], int, str]]:
    """Yield runs of commands on changed inputs: number, command, exit code, what it said of mistakes."""
    for number in range(SEED * 1_000_000, SEED * 1_000_000 + RUNS):
        rng = Random(number)  # noqa: S311 - a fixed draw
        command = rng.choice(COMMANDS)
        for name, data in inputs.items():
            (folder / name).write_bytes(changed(data, rng) if name in command else data)
        ran = run(*command, cwd=folder)
        yield number, command, ran.code, ran.err


def test_no_change_makes_a_command_fail(inputs: dict[str, bytes], tmp_path: Path) -> None:
    """Exit codes are those that are documented for what a user can do wrong, or that all is well."""
    codes: Counter[int] = Counter()
    for number, command, code, said in runs(inputs, tmp_path):
        assert code in (0, 1, 2, 3, 4, 5), (number, command, said)
        assert "Traceback" not in said, (number, command, said)
        assert code == 0 or said, (number, command)
        codes[code] += 1
    assert {0, 1, 4} <= codes.keys()
