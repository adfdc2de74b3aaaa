"""What a command writes to: never what it reads, never one file twice, and no folder that would be read or removed.

Nor does it judge a file twice, or read standard input for two things. This is asked once for all commands, by the names
of their parameters, before anything is read (`check_targets`).
"""

from __future__ import annotations

import contextlib
import os
import stat
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from validator.batch.forms import FORMS
from validator.errors import Place, Problem, UsageError
from validator.output.publishing import real_path, reported
from validator.reading.files import STDIN, is_folder, record_files
from validator.reading.rule_files import rule_files
from validator.resources import resource_dir

OUTPUTS: Mapping[str, str] = {"output": "-o", "rejects": "--rejects"}
"""Parameters that name a file to be written, with their options."""
FOLDERS = ("checkpoint", "keep")
"""Parameters that name a folder in which a run keeps what it needs itself."""
RECORDS = ("paths", "record", "source", "event", "records", "context")
JUDGED = ("paths", "records")
"""Those of which every record is judged and counted."""
RULES = ("policies", "old", "new")
FILES = ("parameters", "new_parameters", "waivers")
TEMPLATES = "own"
INPUTS = frozenset({*RECORDS, *RULES, *FILES, TEMPLATES})
"""Parameters that name what is read: files, or folders of them."""
_NAMED_BY_FORM = {"form", "own"}  # a command that has one of these writes in forms

_Identity = tuple[int, int]


def check_targets(settings: Mapping[str, Any]) -> None:
    """Refuse outputs and folders of a command that make no sense together with what it reads, and one input twice.

    Raises `UsageError`; `OutputFailed` when the place of an output can't be found out.
    """
    outputs = [(option, settings[name]) for name, option in OUTPUTS.items() if settings.get(name) is not None]
    for option, path in outputs:
        if path in FORMS and _NAMED_BY_FORM & settings.keys():
            raise _refuse("output-is-format", option, name=path)
    check_unread(outputs, settings)
    _check_stdin(settings)
    for name in JUDGED:
        _check_once(_given(settings, name))
    if "rejects" in settings:
        _check_apart(settings)
    for name in FOLDERS:
        if settings.get(name) is not None:
            _check_folder(name, outputs, settings)


def check_unread(outputs: Iterable[tuple[str, str]], settings: Mapping[str, Any]) -> None:
    """Refuse to write (option, file) over what a command reads; files are known by what they are, not by name."""
    targets = {identity: (option, path) for option, path in outputs if (identity := _identity(path)) is not None}
    for identity in _read(settings) if targets else ():
        if identity in targets:
            option, path = targets[identity]
            raise _refuse("output-is-input", option, path=path)


def _read(settings: Mapping[str, Any]) -> Iterator[_Identity | None]:
    """Yield which files a command reads, those in folders too."""
    for name in RECORDS:
        for path in _given(settings, name):
            yield _standard_input() if path == STDIN else _identity(path)
            yield from map(_identity, record_files(path) if is_folder(path) else ())
    if settings.get("paths") == ():
        yield _standard_input()
    for path in (path for name in RULES for path in _given(settings, name)):
        yield from map(_identity, rule_files(Path(path), []))
    if settings.keys() & {*RULES}:
        yield from map(_identity, rule_files(resource_dir("policies"), []))
    for path in (path for name in FILES for path in _given(settings, name)):
        yield _identity(path)
    for folder in _given(settings, TEMPLATES):
        yield from (_identity(Path(parent, name)) for parent, _, names in os.walk(folder) for name in names)


def _given(settings: Mapping[str, Any], name: str) -> tuple[str, ...]:
    value = settings.get(name) or ()
    return (value,) if isinstance(value, str) else tuple(value)


def _identity(path: str | Path) -> _Identity | None:
    """Return what a file is on its disk, whatever it is called; None when it is no ordinary file, or can't be seen."""
    try:
        found = os.stat(path)  # noqa: PTH116 - it may be no name of a file at all
    except (OSError, ValueError):
        return None
    return (found.st_dev, found.st_ino) if stat.S_ISREG(found.st_mode) else None


def _check_stdin(settings: Mapping[str, Any]) -> None:
    """Refuse standard input for two things: the first would take it all, and the second be empty."""
    count = sum(path == STDIN for name in RECORDS for path in _given(settings, name)) + (settings.get("paths") == ())
    if count > 1:
        raise _refuse("stdin-twice", STDIN, count=str(count))


def _check_once(paths: Iterable[str]) -> None:
    """Refuse to judge what is named twice, or stands in a folder that is named too: all would be counted twice."""
    found: dict[Path, str] = {}
    for path in paths:
        with contextlib.suppress(OSError, RuntimeError, ValueError):  # said when it is read
            place = Path(path).resolve()
            if path != STDIN and place in found:
                raise _refuse("input-twice", path, other=found[place])
            found[place] = path
    for place, path in found.items():
        for folder in (folder for folder in place.parents if folder in found):
            raise _refuse("input-twice", path, other=found[folder])


def _standard_input() -> _Identity | None:
    """Return what standard input is, when it is a file."""
    try:
        found = os.fstat(sys.stdin.fileno())
    except (AttributeError, OSError, ValueError):  # closed, or not of the system
        return None
    return (found.st_dev, found.st_ino) if stat.S_ISREG(found.st_mode) else None


def _check_apart(settings: Mapping[str, Any]) -> None:
    """Refuse one file, or standard output, for findings and for refused records."""
    rejects = settings["rejects"]
    if rejects is not None and _place(rejects) == _place(settings["output"]):
        raise _refuse("output-twice", "--rejects", path=rejects)


def _check_folder(name: str, outputs: Iterable[tuple[str, str]], settings: Mapping[str, Any]) -> None:
    """Refuse a folder of a run's own with an output in it, one that would be read as records, or one for two things."""
    folder = settings[name]
    place = _real(folder)
    for option, path in outputs:
        if path != STDIN and _real(path).is_relative_to(place):
            raise _refuse("output-in-folder", option, path=path, folder=folder, option=f"--{name}")
    read = [path for inputs in RECORDS for path in _given(settings, inputs) if path != STDIN]
    others = [settings[other] for other in FOLDERS if other != name and settings.get(other) is not None]
    for path, found in ((path, _real(path)) for path in (*read, *others)):
        if place.is_relative_to(found) or found.is_relative_to(place):
            raise _refuse("folder-in-input", f"--{name}", path=path, folder=folder, option=f"--{name}")


def _place(path: str | None) -> Path | None:
    """Return where something is written; None is standard output."""
    return None if path in (None, STDIN) else _real(str(path))


def _real(path: str) -> Path:
    with reported(path):
        return real_path(path)


def _refuse(code: str, place: str, **values: str) -> UsageError:
    """Return the error for arguments that make no sense."""
    return UsageError(Problem(code, Place(place), tuple(values.items())))
