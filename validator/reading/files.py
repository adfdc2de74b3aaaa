"""Opens what is to be read: files, folders and standard input, packed or not, one record a line or one document."""

import contextlib
import io
import os
import stat
import zlib
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Literal, NamedTuple, Protocol, cast

from validator.errors import InvalidRecord, Place, Problem, unpacking_reason
from validator.limits import Limits
from validator.reading.source import BOM, Source, printable_path, unreadable, wide_encoding
from validator.reading.strict_json import is_open, read_value

STDIN = "-"
LINE_SUFFIXES = (".ndjson", ".jsonl")
DOCUMENT_SUFFIXES = (".json",)
PACKED_SUFFIXES = (".gz", ".zst")
SUFFIXES = tuple(s + p for s in (*DOCUMENT_SUFFIXES, *LINE_SUFFIXES) for p in ("", *PACKED_SUFFIXES))
BLANKS = b" \t\r\n"

Form = Literal["lines", "document"]

_PEEK = 16  # lines that are looked at
_SLICE = 1024  # bytes unpacked at once: of the densest data that is still only some 30 MiB


@dataclass(slots=True)
class Input:
    """An open file, and what its readers need to know.

    Attributes:
        stream: the content, unpacked.
        path: name for messages.
        limits: sizes beyond which a record or a document is refused.
        form: whether each line is a record or the whole is a document.
        seen: what was read of `stream` to find that out.
    """

    stream: BinaryIO
    path: str
    limits: Limits
    form: Form = "lines"
    seen: list[bytes] = field(default_factory=list)
    unpacked: "_Unpacked | None" = None
    raw: BinaryIO | None = None

    def lines(self) -> Iterator[bytes]:
        """Yield the lines with their ends; of a line over the limit, pieces that are over the limit too."""
        return iter(lambda: self.stream.readline(self.limits.line_bytes + 2), b"")  # 2: the line end

    def consumed(self) -> int:
        """Return how many bytes of the file have been taken, as they are stored; 0 when it can't say."""
        try:
            return 0 if self.raw is None else self.raw.tell()
        except (OSError, ValueError):
            return 0

    def damage(self, line: int = 0) -> Problem | None:
        """Return why the packed data ended before their end, when they did; known once the stream has ended."""
        said = "" if self.unpacked is None else self.unpacked.error
        return Problem("packed-data-broken", Place(self.path, line), unpacking_reason(said)) if said else None


def open_inputs(
    paths: Iterable[str | os.PathLike[str]], stdin: BinaryIO | None, limits: Limits
) -> Generator[Input | Problem, None, None]:
    """Yield inputs, in the order given, each open until the next one is asked for, and why others can't be opened.

    A folder stands for all record files in it and in its folders, sorted by path; links to folders in it are not
    followed, and each is a problem.
    A name that ends in ``.gz`` or ``.zst`` is unpacked as it is read. Standard input (``-``) and files whose names say
    nothing are looked at to see whether they hold lines or a document.
    """
    for path in paths:
        yield from _open_path(os.fspath(path), stdin, limits)


def stored_bytes(paths: Iterable[str | os.PathLike[str]]) -> int:
    """Return how many bytes the files hold, as they are stored; 0 when nobody knows (standard input, a pipe)."""
    total = 0
    for path in [os.fspath(p) for p in paths]:
        files = record_files(path) if path != STDIN and is_folder(path) else [Path(path)]
        try:
            sizes = [file.stat().st_size for file in files if file.is_file()]
        except (OSError, ValueError):
            sizes = []
        if path == STDIN or not sizes:
            return 0
        total += sum(sizes)
    return total


def _open_path(path: str, stdin: BinaryIO | None, limits: Limits) -> Iterator[Input | Problem]:
    try:
        if path == STDIN:
            yield _looked_at(Input(stdin or io.BytesIO(), STDIN, limits))
        elif is_folder(path):
            yield from _open_folder(path, limits)
        else:
            yield from _open_file(path, limits)
    except (OSError, ValueError) as error:  # ValueError: no name that a file could have
        yield unreadable(printable_path(path), error)


def is_folder(path: str | os.PathLike[str]) -> bool:
    """Say whether a path is a folder; it isn't when nobody may look: opening it says why."""
    return os.path.isdir(path)  # noqa: PTH112 - Path.is_dir raises where looking is not permitted


def check_twice_readable(path: str) -> None:
    """Raise `InvalidRecord` for what can be read only once: standard input, a pipe, a device."""
    if path == STDIN or (not is_folder(path) and _is_special(Path(path))):
        raise InvalidRecord(Problem("read-twice", Place(printable_path(path))))


class _Contents(NamedTuple):
    """What is in a folder and in its folders: files of records, links to folders; why others can't be looked into."""

    files: list[Path]
    links: list[Path]
    failures: list[OSError]


def _contents(folder: str) -> _Contents:
    """Return what is in a folder and in its folders, sorted."""
    files, links, failures = list[Path](), list[Path](), list[OSError]()
    for parent, folders, names in os.walk(folder, onerror=failures.append):
        files += (Path(parent, name) for name in names if name.casefold().endswith(SUFFIXES))
        links += (path for path in (Path(parent, name) for name in folders) if path.is_symlink())
    return _Contents(sorted(files, key=lambda p: p.parts), sorted(links), failures)


def record_files(folder: str) -> list[Path]:
    """Return the files of records in a folder and in its folders, sorted."""
    return _contents(folder).files


def _open_folder(folder: str, limits: Limits) -> Iterator[Input | Problem]:
    found, links, failures = _contents(folder)
    for failure in failures:
        yield unreadable(printable_path(failure.filename or folder), failure)
    for path in links:
        yield Problem("linked-folder", Place(printable_path(path)))
    if not (found or failures or links):
        yield Problem("no-records-here", Place(printable_path(folder)))
    for path in found:
        if _is_special(path):  # reading a pipe might wait for ever
            yield Problem("not-a-regular-file", Place(printable_path(path)))
        else:
            yield from _open_path(str(path), None, limits)


def _is_special(path: Path) -> bool:
    """Say whether something is there that is no ordinary file; not when nobody may look: opening it says why."""
    try:
        return not stat.S_ISREG(path.stat().st_mode)
    except OSError:
        return False


def _open_file(path: str, limits: Limits) -> Iterator[Input | Problem]:
    shown = printable_path(path)
    if "\0" in path:
        yield Problem("no-such-file", Place(shown))
        return
    with Path(path).open("rb") as stored:
        file = Input(stored, shown, limits, raw=stored)
        name = Path(path)
        packing = name.suffix.casefold()
        if packing in PACKED_SUFFIXES:
            begin = _inflater if packing == ".gz" else _zstandard()
            if begin is None:
                values = (("suffix", packing), ("package", "zstandard"), ("extra", "zstd"))
                yield Problem("needs-extra", Place(shown), values)
                return
            file.unpacked = _Unpacked(stored, begin)
            file.stream = io.BufferedReader(file.unpacked)
            name = name.with_suffix("")
        suffix = name.suffix.casefold()
        if suffix in LINE_SUFFIXES:
            yield file
        elif suffix in DOCUMENT_SUFFIXES:
            file.form = "document"
            yield file
        else:
            yield _looked_at(file)


# -- packed data --------------------------------------------------------------------------------------------------


class _Unpacker(Protocol):
    """What zlib and zstandard have in common: unpacks one member of a stream."""

    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, /) -> bytes: ...


def _inflater() -> _Unpacker:
    return zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)


def _zstandard() -> Callable[[], _Unpacker] | None:
    """Return what unpacks zstd, or None when the package for that is not installed."""
    try:
        import zstandard  # noqa: PLC0415 - an extra
    except ImportError:
        return None
    return lambda: cast("_Unpacker", zstandard.ZstdDecompressor().decompressobj())


class _Unpacked(io.RawIOBase):
    """Unpacks a stream of one or more members as it is read.

    Where the data are damaged or cut off the stream ends, after all that could be unpacked; `error` then says why.
    """

    def __init__(self, stored: BinaryIO, begin: Callable[[], _Unpacker]) -> None:
        self.error = ""
        self._stored, self._begin = stored, begin
        self._member: _Unpacker | None = begin()
        self._packed = b""
        self._ready = memoryview(b"")
        self._ended = False
        self._read = self._first = 0  # bytes that were read; of these, before the member

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer, as far as the next piece goes; 0 at the end."""
        while not self._ready and not self._ended:
            self._unpack()
        size = min(len(buffer), len(self._ready))
        buffer[:size] = self._ready[:size]
        self._ready = self._ready[size:]
        return size

    def _unpack(self) -> None:
        packed = self._packed or self._more()
        self._packed = b""
        if not packed:
            self._end("" if self._member is None else "unexpected end")
            return
        if self._member is None:
            packed = packed.lstrip(b"\0")  # tapes and disks fill up with zeros
            if not packed:
                return
            self._member, self._first = self._begin(), self._read - len(packed)
        try:
            self._ready = memoryview(self._member.decompress(packed))
        except Exception as error:  # noqa: BLE001 - zlib and zstandard have each their own
            self._ready = memoryview(self._before_damage(packed))
            self._end(str(error))
            return
        if self._member.eof:
            self._packed, self._member = self._member.unused_data, None

    def _more(self) -> bytes:
        packed = self._stored.read(_SLICE)
        self._read += len(packed)
        return packed

    def _before_damage(self, packed: bytes) -> bytes:
        """Return what a damaged piece, the last that was read, unpacks to before its damage.

        What unpacks it has thrown that away, so the member is unpacked once more, and the piece byte by byte.
        """
        found = bytearray()
        with contextlib.suppress(Exception):  # the same error; or what was read can't be read again
            self._stored.seek(self._first)
            member, left = self._begin(), self._read - len(packed) - self._first
            while left and (again := self._stored.read(min(_SLICE, left))):
                member.decompress(again)
                left -= len(again)
            for byte in packed:
                found += member.decompress(bytes((byte,)))
        with contextlib.suppress(OSError):
            self._stored.seek(self._read)
        return bytes(found)

    def _end(self, error: str) -> None:
        self.error, self._ended = error, True


# -- lines or a document --------------------------------------------------------------------------------------------


def _looked_at(file: Input) -> Input:
    """Find out whether a stream holds one document or one record a line."""
    file.form = "lines" if _has_lines(file, file.lines(), file.seen) else "document"
    return file


def _has_lines(file: Input, chunks: Iterator[bytes], seen: list[bytes]) -> bool:
    """Whether a stream holds one record a line; what had to be read for that is appended to `seen`.

    An array is a document. An object that ends on its line is the first of many, or the only one. An object that
    doesn't is a document, unless later a whole object fills a line and the next line begins another or there is none:
    no document looks like that, but records do of which the first is broken.
    """
    whole = False  # the last line was a whole object
    for _ in range(_PEEK):
        chunk = _filled(chunks, seen)
        text = chunk.removeprefix(BOM).strip(BLANKS).decode(errors="replace")
        first = not any(line.removeprefix(BOM).strip(BLANKS) for line in seen[:-1])
        if first and (text.startswith("[") or wide_encoding(chunk)):
            return False
        if len(chunk) > file.limits.line_bytes + 1:  # an array of one line is read above
            return first
        if whole and text[:1] in ("{", ""):
            return True
        if not text:
            return first
        whole = _is_whole(text, file)
        if first and (whole or not text.startswith("{") or not is_open(text)):
            return True
    return False


def _filled(chunks: Iterator[bytes], seen: list[bytes]) -> bytes:
    """Return the next line that isn't blank, or b"" at the end."""
    for chunk in chunks:
        seen.append(chunk)
        if chunk.removeprefix(BOM).strip(BLANKS):
            return chunk
    return b""


def _is_whole(text: str, file: Input) -> bool:
    if not text.startswith("{") or not text.endswith("}") or is_open(text):
        return False
    source = Source(file.path, text)
    item = read_value(source, limits=file.limits)
    return item.end is not None and not item.rest(source)
