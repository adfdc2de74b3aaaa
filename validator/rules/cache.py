"""Programs kept between runs, each under the hash of everything it was made from.

What is found on disk is not trusted for being there.  An entry is used only if the folder and the file are plain,
belong to this user and can be changed by nobody else, if the entry names the key that was asked for, and if its content
has the hash that stands before it; and even then nothing but the plain data classes of a program can be made from it.
Anything else is passed over, and the reason is handed to whoever wants to know it.

The hash covers names and bytes of the rule files and schemas, the source of what reads them in this package and in
libraries, and the version of Python.  It is taken from the bytes on every run: times and sizes of files prove nothing.
"""

from __future__ import annotations

import errno
import hashlib
import io
import os
import pickle
import re
import stat
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, fields, is_dataclass
from decimal import Decimal
from enum import Enum
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from validator import errors
from validator.errors import InvalidSource, Place, Problem, system_reason
from validator.expressions import derived, expression
from validator.expressions.closures import closure
from validator.facts import vocabulary
from validator.legal_time import calendar, deadline, instant
from validator.limits import Limits
from validator.reading import node, source
from validator.reading.rule_files import rule_set_files
from validator.reading.source import path_of, read_bytes
from validator.resources import resource_dir
from validator.rules import program
from validator.rules.program import Program

SWITCH = "ZHIJIAN_CACHE"
OFF = "off"
KEPT = 8  # entries; one is about a megabyte

_MAGIC = b"zhijian program 1\n"
_SUFFIX = ".program"
_OURS = re.compile(r"[0-9a-f]{64}\.program|\.[0-9a-f]{64}\.program\.[0-9]+")  # an entry, or one half written
_PACKAGE = Path(errors.__file__).parent
_READERS = ("expressions", "facts", "legal_time", "reading", "rules")  # with the modules beside them: what reads rules
_LIBRARIES = ("chinese_calendar", "jsonschema", "yaml")  # what they say goes into a program
_MODULES = (calendar, deadline, derived, errors, expression, instant, node, program, source, vocabulary)
_OTHERS_MAY_WRITE = stat.S_IWGRP | stat.S_IWOTH


def cache_folder(environment: Mapping[str, str]) -> Path | None:
    """Return where programs are kept for a user, by the variables of the environment; None: nowhere.

    ``ZHIJIAN_CACHE`` is a folder or ``off``; else it is ``zhijian`` in ``XDG_CACHE_HOME`` (if that is an absolute path)
    or in ``~/.cache``.
    """
    wanted = environment.get(SWITCH, "")
    if wanted == OFF or not hasattr(os, "geteuid"):  # where files have no owner, nothing can be trusted
        return None
    if wanted:
        return Path(wanted)
    shared, home = Path(environment.get("XDG_CACHE_HOME", "")), Path(environment.get("HOME", ""))
    if shared.is_absolute():
        return shared / "zhijian"
    return home / ".cache" / "zhijian" if home.is_absolute() else None


# -- the key -----------------------------------------------------------------------------------------------------------
def key_of(paths: Sequence[str], parameters: Sequence[str], limits: Limits) -> str:
    """Return the hash of everything that a program depends on, as 64 hexadecimal digits.

    It is "" when a file can't be read; who reads it in earnest says why.
    Raises `InvalidPolicy` for a path that does not exist or holds no rules.
    """
    rules = rule_set_files(paths)
    digest = hashlib.sha256(f"{sys.implementation.name} {sys.version} {limits} {len(rules)} {len(parameters)}".encode())
    try:
        for file in (*rules, *map(Path, parameters)):
            _add(digest, file, read_bytes(file, limits.policy_bytes))
        for file in _own_files():
            _add(digest, file, file.read_bytes())
    except (InvalidSource, OSError):
        return ""
    return digest.hexdigest()


def _add(digest: hashlib._Hash, file: Path, data: bytes) -> None:
    digest.update(b"%b\0%d\0" % (os.fsencode(file), len(data)))
    digest.update(data)


def _own_files() -> Iterator[Path]:
    """Yield the schemas, the sources that read rules, and those of the libraries, which are not imported for it."""
    yield from sorted(resource_dir("schemas").glob("*.json"))
    for name in ("", *_READERS):
        yield from sorted((_PACKAGE / name).glob("*.py"))
    for name in _LIBRARIES:
        found = find_spec(name)
        for folder in (found.submodule_search_locations or ()) if found is not None else ():
            yield from sorted(Path(folder).glob("*.py"))


# -- from a program to bytes and back ----------------------------------------------------------------------------------
def _fields(kind: type) -> tuple[str, ...] | None:
    """Return the names of what a data class is called with; None: it is no data class."""
    if issubclass(kind, Enum):
        return ("value",)
    names = getattr(kind, "__struct_fields__", getattr(kind, "_fields", None))  # of a struct, of a named tuple
    if names is None and is_dataclass(kind):
        names = tuple(f.name for f in fields(kind) if f.init)
    # what a private field holds was found from the others, and is found again
    return None if names is None else tuple(name for name in names if not name.startswith("_"))


_FIELDS: Mapping[type, tuple[str, ...]] = {
    kind: names
    for module in _MODULES
    for kind in vars(module).values()
    if isinstance(kind, type) and kind.__module__ == module.__name__ and (names := _fields(kind)) is not None
}
_PARTS: tuple[Any, ...] = (*_FIELDS, Decimal, closure)
_NAMED: Mapping[tuple[str, str], Any] = {(part.__module__, part.__qualname__): part for part in _PARTS}
"""The classes that a program is made of, and the one function that it names."""


class _Writer(pickle.Pickler):
    """Writes a data class as a call with its fields: that is read several times faster than what pickle does itself."""

    def reducer_override(self, value: Any) -> Any:
        """Return how to make a value again; refuse what a reader would refuse."""
        kind = type(value)
        if kind in _FIELDS:
            return kind, tuple(getattr(value, name) for name in _FIELDS[kind])
        if kind is Decimal or value in _PARTS:
            return NotImplemented
        raise pickle.PicklingError(f"{kind.__module__}.{kind.__qualname__} is no part of a program")


class _Reader(pickle.Unpickler):
    """Makes the data classes of a program and nothing else, whatever the bytes ask for."""

    def find_class(self, module: str, name: str, /) -> Any:
        """Return what a program names.  Raises `pickle.UnpicklingError` for anything else."""
        if (module, name) not in _NAMED:
            raise pickle.UnpicklingError(f"{module}.{name} is no part of a program")
        return _NAMED[module, name]


def encoded(made: Program, key: str) -> bytes:
    """Return an entry: what it is, its key, the hash of its content, its content.

    Raises `pickle.PicklingError` when the program holds anything but plain data classes.
    """
    stream = io.BytesIO()
    _Writer(stream, protocol=5).dump(made)
    content = stream.getvalue()
    return _head(key, content) + content


def decoded(entry: bytes, key: str) -> Program | None:
    """Return the program of an entry; None when it is another's, cut off, changed or no program at all."""
    content = entry[len(_head(key, b"")) :]
    if not entry.startswith(_head(key, content)):
        return None
    try:
        found = _Reader(io.BytesIO(content)).load()
    except Exception:  # noqa: BLE001 - bytes that nobody vouches for may fail in any way
        return None
    return found if isinstance(found, Program) else None


def _head(key: str, content: bytes) -> bytes:
    return _MAGIC + key.encode() + b"\n" + hashlib.sha256(content).hexdigest().encode() + b"\n"


# -- the folder --------------------------------------------------------------------------------------------------------
class _Distrusted(Exception):  # noqa: N818 - named after what became of it
    """A folder or file that somebody else could have made or changed."""


def _unheard(_: Problem) -> None:
    """Tell nobody; a lambda could not be sent to another process."""


@dataclass(frozen=True, slots=True)
class Cache:
    """The folder in which programs are kept.  ``report`` is told why it could not be used; that is never an error.

    Raises `UsageError` for a folder that is no path.
    """

    folder: Path
    report: Callable[[Problem], None] = _unheard

    def __post_init__(self) -> None:
        """Take every kind of path."""
        object.__setattr__(self, "folder", Path(path_of(self.folder, "folder")))

    def get(self, key: str) -> Program | None:
        """Return the program kept under a key; None when there is none that can be trusted."""
        with self._reported(), self._opened() as folder, suppress(FileNotFoundError):
            entry = _read(key + _SUFFIX, folder)
            found = decoded(entry, key)
            if found is None:
                self._say("cache-damaged", key + _SUFFIX)
            return found
        return None

    def put(self, key: str, made: Program) -> None:
        """Keep a program, and the newest others; a reader finds the old entry or the whole new one."""
        with self._reported():
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            entry = encoded(made, key)
            with self._opened() as folder:
                _write(key + _SUFFIX, entry, folder)
                _prune(folder)

    @contextmanager
    def _opened(self) -> Iterator[int]:
        """Open the folder, so that all that follows is about this folder even when the path is given to another."""
        descriptor = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            _trust(descriptor, "")
            yield descriptor
        finally:
            os.close(descriptor)

    @contextmanager
    def _reported(self) -> Iterator[None]:
        try:
            yield
        except FileNotFoundError:
            pass  # nothing is kept yet
        except _Distrusted as distrusted:
            self._say("cache-distrusted", str(distrusted))
        except (OSError, ValueError, pickle.PicklingError) as error:  # ValueError: no name that a folder could have
            link = isinstance(error, OSError) and error.errno in (errno.ELOOP, errno.ENOTDIR)
            self._say("cache-distrusted" if link else "cache-unusable", "", **dict(system_reason(error)))

    def _say(self, code: str, name: str, **values: str) -> None:
        self.report(Problem(code, Place(str(self.folder / name)), tuple(values.items()), severity="warning"))


def is_own(found: os.stat_result) -> bool:
    """Say whether what is found is a plain file or folder of this user that nobody else can change.

    Where files have no owner, nothing is.
    """
    plain = stat.S_ISDIR(found.st_mode) or stat.S_ISREG(found.st_mode)
    user = os.geteuid() if hasattr(os, "geteuid") else None
    return plain and found.st_uid == user and not found.st_mode & _OTHERS_MAY_WRITE


def _trust(descriptor: int, name: str) -> None:
    if not is_own(os.fstat(descriptor)):
        raise _Distrusted(name)


def _read(name: str, folder: int) -> bytes:
    # Opened without waiting: a named pipe that nobody writes to would hang otherwise.
    descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
    with os.fdopen(descriptor, "rb") as file:
        _trust(descriptor, name)
        return file.read()


def _write(name: str, entry: bytes, folder: int) -> None:
    """Write a file beside its place and move it there."""
    part = f".{name}.{os.getpid()}"
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600, dir_fd=folder)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(entry)
        os.rename(part, name, src_dir_fd=folder, dst_dir_fd=folder)
    except BaseException:
        with suppress(OSError):
            os.unlink(part, dir_fd=folder)
        raise


def _prune(folder: int) -> None:
    """Delete all but the newest entries, and what was left half written long ago; files of others stay."""
    with os.scandir(folder) as found:
        ours = [(e.stat(follow_symlinks=False).st_mtime_ns, e.name) for e in found if _OURS.fullmatch(e.name)]
    for _, name in sorted(ours, reverse=True)[KEPT:]:
        with suppress(OSError):  # another process was faster
            os.unlink(name, dir_fd=folder)
