"""Runs the command line for tests: inside this process, as a process of its own, or at a terminal."""

import contextlib
import fcntl
import io
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

import pytest

from validator import cli, engine
from validator.commands import authoring, settings
from validator.rules import rulebook
from validator.rules.program import Program
from validator.rules.rulebook import RuleBook

ROOT = Path(__file__).parent.parent
SMALL = ROOT / "tests" / "data" / "small"
ANSI = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")


class Ran(NamedTuple):
    """What came of a command."""

    code: int
    out: str
    err: str

    @property
    def last(self) -> str:
        """The last line on standard error."""
        return self.err.rstrip("\n").rpartition("\n")[2]


@cache
def _read(paths: tuple[str, ...]) -> RuleBook:
    return rulebook.read_rules(paths, examples=False)


def read_rules(paths: Sequence[str] = (), *, parameters: Sequence[str] = (), **more: Any) -> RuleBook:
    """Read a rule set as the command line does; the shipped and the small one only once."""
    if not parameters and list(paths) in ([], [str(SMALL)]):
        return _read(tuple(paths))
    return rulebook.read_rules(paths, parameters=parameters, **more)


def load(paths: Sequence[str] = (), *, parameters: Sequence[str] = (), **more: Any) -> Program:
    """Load a rule set as the command line does; the shipped and the small one only once."""
    if not parameters and list(paths) in ([], [str(SMALL)]):
        return _read(tuple(paths)).program
    return engine.load(paths, parameters=parameters, **more)


def _environment(more: Mapping[str, str]) -> dict[str, str]:
    """The environment without what would change a run, and with some more."""
    unwanted = ("ZHIJIAN_", "NO_COLOR", "FORCE_COLOR", "PYTHON", "COLUMNS", "LINES")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(unwanted)}
    return {**kept, "ZHIJIAN_CACHE": "off", **more}


def run(
    *arguments: str | Path,
    stdin: str | bytes = b"",
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    patches: Iterable[Any] = (),
) -> Ran:
    """Run a command inside this process, with everything piped."""
    given = stdin.encode() if isinstance(stdin, str) else stdin
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="ascii") for _ in range(2))
    with contextlib.ExitStack() as stack:
        stack.enter_context(mock.patch.dict(os.environ, _environment(env or {}), clear=True))
        stack.enter_context(mock.patch.object(settings, "load", load))
        stack.enter_context(mock.patch.object(authoring, "read_rules", read_rules))
        for patch in patches:
            stack.enter_context(patch)
        stack.enter_context(mock.patch.object(sys, "stdin", io.TextIOWrapper(io.BytesIO(given))))
        stack.enter_context(mock.patch.object(sys, "stdout", out))
        stack.enter_context(mock.patch.object(sys, "stderr", err))
        stack.enter_context(contextlib.chdir(cwd or Path.cwd()))
        with pytest.raises(SystemExit) as stop:
            cli.main([str(a) for a in arguments])
    texts = []
    for stream in (out, err):
        stream.flush()
        buffer = stream.buffer
        assert isinstance(buffer, io.BytesIO)
        texts.append(buffer.getvalue().decode())
    assert isinstance(stop.value.code, int)
    return Ran(stop.value.code, *texts)


def command(*arguments: str | Path, flags: Sequence[str] = (), script: str = "") -> list[str]:
    """Return the words that start the command line, or a script that uses it, as a process."""
    what = ["-c", script] if script else ["-m", "validator.cli"]
    return [sys.executable, *flags, *what, *map(str, arguments)]


def spawn(
    *arguments: str | Path,
    stdin: bytes = b"",
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    flags: Sequence[str] = (),
    script: str = "",
) -> Ran:
    """Run a command, or a script that uses it, as a process of its own, with everything piped."""
    done = subprocess.run(
        command(*arguments, flags=flags, script=script),
        input=stdin,
        cwd=cwd or ROOT,
        env=_environment(env or {}),
        capture_output=True,
        check=False,
    )
    return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())


def at_terminal(
    *arguments: str | Path, columns: int = 80, env: Mapping[str, str] | None = None, piped: bool = False
) -> Ran:
    """Run a command at a terminal; with ``piped`` only standard error is one. ``out`` has the terminal's line ends."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    with subprocess.Popen(
        command(*arguments),
        stdin=subprocess.DEVNULL if piped else theirs,
        stdout=subprocess.PIPE if piped else theirs,
        stderr=theirs,
        cwd=ROOT,
        env=_environment({"TERM": "xterm-256color", **(env or {})}),
    ) as process:
        os.close(theirs)
        shown = b""
        with contextlib.suppress(OSError):  # the other end is closed
            while block := os.read(ours, 65536):
                shown += block
        out = process.stdout.read() if process.stdout is not None else b""
        code = process.wait()
    os.close(ours)
    terminal = shown.decode().replace("\r\n", "\n")
    return Ran(code, out.decode(), terminal) if piped else Ran(code, terminal, "")
