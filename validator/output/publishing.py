"""Writing results: to standard output, or to a file that is published whole or not at all.

A stream that fails says so as a problem (`OutputFailed`); a reader that has gone away (``| head -1``) is no problem of
the run and stops it quietly (`ReaderGone`).
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import stat
import sys
from collections.abc import Callable, Iterator
from decimal import Decimal
from json.encoder import encode_basestring
from pathlib import Path
from typing import IO, Any, BinaryIO, TextIO, TypeVar, cast

from validator.errors import OutputFailed, Place, Problem, system_reason

T = TypeVar("T")
_ENCODER = json.JSONEncoder(ensure_ascii=False)
TEMPORARY = "TMPDIR"
"""What messages call the folder of temporary files: the variable that moves it."""
_PART = ".zhijian-"  # how the name of an unfinished file begins


class ReaderGone(Exception):  # noqa: N818 - named after what happened
    """Nobody reads standard output any more."""


class Guarded:
    """A stream whose failures are `OutputFailed` or `ReaderGone`; everything else is the stream's own."""

    def __init__(self, stream: IO[Any] | None, path: str) -> None:
        self._stream, self._path = stream, path

    def write(self, data: Any) -> int:
        """Write; a stream that is closed fails like one that is full."""
        return self._guarded(lambda stream: stream.write(data))

    def flush(self) -> None:
        """Flush; a closed stream, to which nothing can have been written, holds nothing."""
        if self._stream is not None:
            self._guarded(lambda stream: stream.flush())

    @property
    def closed(self) -> bool:
        """Say whether this was closed; of a stream that is not there writing says so."""
        return self._stream is not None and self._stream.closed

    def isatty(self) -> bool:
        """Say whether the stream is a terminal."""
        return self._stream is not None and self._stream.isatty()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def _guarded(self, action: Callable[[IO[Any]], T]) -> T:
        if self._stream is None:
            raise failed(self._path, OSError(errno.EBADF, os.strerror(errno.EBADF)))
        try:
            return action(self._stream)
        except BrokenPipeError:
            raise ReaderGone from None
        except OSError as error:
            raise failed(self._path, error) from error


class _Asides(Guarded):
    """Standard error: what it doesn't take is lost, and the run is what it would be without."""

    def write(self, data: Any) -> int:
        """Write what can be written."""
        with self._heedless():
            super().write(data)
        return len(data)

    def flush(self) -> None:
        """Flush what can be flushed."""
        with self._heedless():
            super().flush()

    @contextlib.contextmanager
    def _heedless(self) -> Iterator[None]:
        try:
            yield
        except (OutputFailed, ReaderGone):
            silence(self._stream)


def failed(path: str, error: OSError) -> OutputFailed:
    """Return the exception for an output that could not be written."""
    return OutputFailed(Problem("output-failed", Place(path), system_reason(error)))


@contextlib.contextmanager
def guarded_streams() -> Iterator[None]:
    """Guard standard output and standard error while the block runs; both are UTF-8, whatever the locale.

    Results go to standard output, and a run whose results are lost fails. What standard error doesn't take is lost, and
    no run fails for that.
    """
    kept = sys.stdout, sys.stderr
    for stream in kept:
        with contextlib.suppress(AttributeError, ValueError):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace", newline="\n")  # type: ignore[union-attr]
    out, err = kept
    sys.stdout, sys.stderr = cast("TextIO", Guarded(out, "-")), cast("TextIO", _Asides(err, "-"))
    try:
        yield
    finally:
        sys.stdout, sys.stderr = kept


def silence(stream: IO[Any] | None) -> None:
    """Send what a stream still holds nowhere, so that the flush at the end of the program cannot fail again."""
    if stream is not None:
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


@contextlib.contextmanager
def opened(target: str | None) -> Iterator[TextIO]:
    """Open a target for UTF-8 text: None or ``-`` is standard output, else a file replaced only when all is written.

    Raises `OutputFailed` when it cannot be written; an earlier file of that name is then left as it was, also when the
    block raises. A link is followed; a device or a pipe is written directly.
    """
    if target in (None, "-"):
        yield sys.stdout
        sys.stdout.flush()
        return
    if _is_special(named := Path(str(target))):
        with reported(target):
            device = named.open("w", encoding="utf-8", errors="backslashreplace", newline="\n")
        try:
            guarded = Guarded(device, str(target))
            yield cast("TextIO", guarded)
            guarded.flush()
        finally:
            with contextlib.suppress(OSError):  # said by the flush
                device.close()
        return
    with reported(target):
        path = real_path(str(target))
    with _replacing(path, str(target)) as stream:
        yield stream


@contextlib.contextmanager
def opened_binary(target: str | None) -> Iterator[BinaryIO]:
    """Open a target for bytes; otherwise like `opened`."""
    with opened(target) as text:
        text.flush()
        yield cast("BinaryIO", Guarded(getattr(text, "buffer", None), target or "-"))


def probe(target: str | None) -> None:
    """Find out whether a file could be published under a name, and leave everything as it is.

    Raises `OutputFailed` when the folder isn't there or nothing can be written in it.
    """
    import tempfile  # noqa: PLC0415 - many runs write no file

    if target in (None, "-") or _is_special(Path(str(target))):
        return
    with reported(target):
        path = real_path(str(target))
        _refuse_folder(path)
        with tempfile.NamedTemporaryFile(prefix=_PART, suffix=".part", dir=path.parent):
            pass


def real_path(path: str) -> Path:
    """Return a path without links, also of what is not there yet; raises `OSError` when the working folder is gone."""
    return Path(os.path.realpath(path))


def _is_special(path: Path) -> bool:
    """Say whether something is there that is neither a file nor a folder: a device, a pipe.

    This is asked of the path as it was given: what ``/dev/stdout`` leads to may be a pipe, which has no name.
    """
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError):  # nothing is there, or nobody may look: writing says why
        return False
    return not stat.S_ISREG(mode) and not stat.S_ISDIR(mode)


def _refuse_folder(path: Path) -> None:
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))


@contextlib.contextmanager
def _replacing(path: Path, shown: str) -> Iterator[TextIO]:
    """Open a new file beside ``path`` that takes its place at the end of the block, unless the block raises."""
    import tempfile  # noqa: PLC0415 - many runs write no file

    with reported(shown):
        _refuse_folder(path)
        mode = _mode(path)
        handle, name = tempfile.mkstemp(prefix=_PART, suffix=".part", dir=path.parent)
    temporary: Path | None = Path(name)
    stream = os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace", newline="\n")
    try:
        yield cast("TextIO", Guarded(stream, shown))
        with reported(shown):
            stream.flush()
            os.fsync(stream.fileno())
            stream.close()
            Path(name).chmod(mode)
            Path(name).replace(path)
            temporary = None
            _sync_folder(path.parent)
    finally:
        with contextlib.suppress(OSError):
            stream.close()
        if temporary is not None:
            with contextlib.suppress(OSError):
                temporary.unlink()


@contextlib.contextmanager
def reported(shown: object) -> Iterator[None]:
    """Turn failures of the system in the block into `OutputFailed` at a path."""
    try:
        yield
    except OSError as error:
        raise failed(str(shown), error) from error


@contextlib.contextmanager
def temporary_folder() -> Iterator[Path]:
    """Make a folder that is there during the block; raises `OutputFailed` when there is no place for one."""
    import tempfile  # noqa: PLC0415 - most runs need none

    with reported(TEMPORARY):
        folder = tempfile.TemporaryDirectory()
    with folder as name:
        yield Path(name)


def _mode(path: Path) -> int:
    """Return the permissions of a file, or those a new file gets."""
    if path.exists():
        return stat.S_IMODE(path.stat().st_mode)
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def _sync_folder(folder: Path) -> None:
    """Make the new name last; not every system can open a folder."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def json_line(value: object) -> str:
    """Write JSON on one line; decimals exactly, as they were read."""
    try:
        return _ENCODER.encode(value)
    except TypeError:
        return _exact(value)


def _exact(value: object) -> str:
    if isinstance(value, str):
        return encode_basestring(value)
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, dict):
        return "{" + ", ".join([f"{encode_basestring(str(k))}: {_exact(v)}" for k, v in value.items()]) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join([_exact(v) for v in value]) + "]"
    return json.dumps(value)


def pretty(value: object, width: int = 120, indent: str = "", used: int = 0) -> str:
    """Write JSON for people: what fits stands on one line, lists of words fill lines, else one member stands a line.

    Args:
        value: what to write.
        width: columns of a line.
        indent: blanks before the lines after the first.
        used: columns of the first line that are taken.
    """
    line = json_line(value)
    if len(indent) + used + len(line) <= width or not isinstance(value, dict | list) or not value:
        return line
    inner = indent + "  "
    if isinstance(value, dict):
        keys = {k: f"{json_line(k)}: " for k in value}
        parts = [keys[k] + pretty(v, width, inner, len(keys[k]) + 1) for k, v in value.items()]
    elif any(isinstance(v, dict | list) for v in value):
        parts = [pretty(v, width, inner, 1) for v in value]
    else:
        parts = _filled([json_line(v) for v in value], width - len(inner) - 1)
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    return f"{opening}\n{inner}" + f",\n{inner}".join(parts) + f"\n{indent}{closing}"


def _filled(words: list[str], width: int) -> list[str]:
    """Join words to lines of at most ``width`` columns, where they fit."""
    lines = [words[0]]
    for word in words[1:]:
        if len(lines[-1]) + len(word) + 2 <= width:
            lines[-1] += f", {word}"
        else:
            lines.append(word)
    return lines
