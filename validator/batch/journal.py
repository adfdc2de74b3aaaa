"""The checkpoint of a run: what is done so far, so that a killed run goes on where it was and ends with the same bytes.

The folder is made by the run, or was empty, and is marked before anything else is written in it: one that holds
something and has no mark is somebody else's and stays as it is. Whoever has locked the mark has the folder. It holds
``journal.ndjson`` and the outputs of the chunks one behind the other. The first line of the journal says which run it
is, every other line what came of one chunk, with digests of what went in and what came out. A line that is cut off or
has not the digest before it, or whose output is not there as it says, counts for nothing, and neither does what follows
it: so nothing depends on the order in which a system writes to its disk.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Self

from validator.batch.chunk import JudgedChunk
from validator.batch.feed import Chunk
from validator.engine import Summary
from validator.errors import Place, Problem, UsageError
from validator.output.publishing import json_line, reported

if sys.platform != "win32":  # there two runs in one folder are the user's own affair
    import fcntl

_JOURNAL = "journal.ndjson"
_PARTS = ("output.part", "rejects.part", "problems.part")
_MARK = ".zhijian-checkpoint"


@dataclass(frozen=True, slots=True)
class Done:
    """A chunk that was judged before.

    Attributes:
        source: digest of the chunk.
        summary: its counts.
        folds: its counts of findings that text leaves out.
    """

    source: str
    summary: Summary
    folds: Counter[str]


class Journal:
    """A checkpoint folder that this run has for itself.

    Args:
        folder: where it is, or is made.
        identity: all that the bytes of the run depend on besides its input.
        resume: go on with what is there; otherwise there must be nothing.

    Raises:
        UsageError: the folder belongs to another run, or to one that is going on, or holds what no run has made.
        OutputFailed: it can't be written.
    """

    def __init__(self, folder: str, identity: Mapping[str, Any], *, resume: bool) -> None:
        self._folder, self._shown = Path(folder), folder
        self._files = contextlib.ExitStack()
        self.done: list[Done] = []
        self._sizes: list[tuple[int, ...]] = []
        with contextlib.ExitStack() as failing:
            failing.callback(self.__exit__)
            with reported(folder):
                self._claim()
                mark = self._open(_MARK)
            self._lock(mark)
            with reported(folder):
                self._journal, *parts = (self._open(name) for name in (_JOURNAL, *_PARTS))
                self._parts: tuple[BinaryIO, ...] = tuple(parts)
                self._begin(json.loads(json_line(identity)), resume=resume)
            failing.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Leave everything as it is, for another run."""
        with contextlib.suppress(OSError):
            self._files.close()

    def append(self, chunk_digest: str, judged: JudgedChunk, problems: bytes) -> None:
        """Note what came of the next chunk; raises `OutputFailed`."""
        pieces = (judged.output, judged.rejects, problems)
        sizes = tuple(map(len, pieces))
        entry = {
            "source": chunk_digest, "sizes": sizes, "sha256": hashlib.sha256(b"".join(pieces)).hexdigest(),
            "summary": judged.summary.plain(), "folds": dict(sorted(judged.folds.items())),
        }  # fmt: skip
        with reported(self._shown):
            for part, piece in zip(self._parts, pieces, strict=True):
                part.write(piece)
                part.flush()
            self._journal.write(_line(json_line(entry).encode()))
            self._journal.flush()
        self._sizes.append(sizes)

    def pieces(self) -> Iterator[tuple[bytes, bytes, bytes]]:
        """Yield output, rejects and problems of every chunk, in order."""
        for part in self._parts:
            part.seek(0)
        for sizes in self._sizes:
            output, rejects, problems = (part.read(size) for part, size in zip(self._parts, sizes, strict=True))
            yield output, rejects, problems

    def remove(self) -> None:
        """Remove the checkpoint: the run is over.  No other run can take it before its mark is gone, the last of it."""
        if sys.platform == "win32":  # what is open can't be removed there
            self.__exit__()
        with contextlib.suppress(OSError):
            for name in (_JOURNAL, *_PARTS, _MARK):  # without the mark the others would be nobody's
                (self._folder / name).unlink()
        self.__exit__()
        with contextlib.suppress(OSError):  # somebody has put something there, or the next run has
            self._folder.rmdir()

    def _claim(self) -> None:
        """Make the folder, or take one that is empty or a run has marked; what is in any other stays as it is."""
        self._folder.mkdir(parents=True, exist_ok=True)
        found = [path.name for path in self._folder.iterdir()]
        if found and _MARK not in found:
            raise self._refuse("checkpoint-foreign", name=min(found))

    def _open(self, name: str) -> BinaryIO:
        """Open a file of the folder, or make it; a link, which would lead to a file of somebody else, fails."""
        flags = os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)  # some systems have no such links
        return self._files.enter_context(
            open(self._folder / name, "r+b", opener=lambda path, mode: os.open(path, mode | flags, 0o666))
        )

    def _lock(self, mark: BinaryIO) -> None:
        """Keep other runs out; the lock ends with this process, however it ends."""
        if sys.platform != "win32":
            try:
                fcntl.lockf(mark, fcntl.LOCK_EX | fcntl.LOCK_NB)
                # A run that ended may have removed it since it was opened.
                ours = os.path.samestat(os.fstat(mark.fileno()), (self._folder / _MARK).stat())
            except OSError:
                ours = False
            if not ours:
                raise self._refuse("checkpoint-in-use")

    def _begin(self, identity: dict[str, Any], *, resume: bool) -> None:
        first = self._journal.readline()
        found = _parsed(first)
        if found is None:  # new, or killed while it wrote its first line
            self._cut(0, [0] * len(_PARTS))
            self._journal.write(_line(json_line(identity).encode()))
            self._journal.flush()
            return
        if not resume:
            raise self._refuse("checkpoint-exists")
        changed = sorted(k for k in {*identity, *found} if identity.get(k) != found.get(k))
        if changed:
            raise self._refuse("checkpoint-differs", what=", ".join(changed))
        self._recover(len(first))

    def _recover(self, end: int) -> None:
        """Take over what is whole, and cut off the rest."""
        ends = [0] * len(_PARTS)
        for line in self._journal:
            entry = _parsed(line)
            if entry is None:
                break
            pieces = [part.read(size) for part, size in zip(self._parts, entry["sizes"], strict=True)]
            if hashlib.sha256(b"".join(pieces)).hexdigest() != entry["sha256"]:
                break
            self.done.append(Done(entry["source"], Summary.of_plain(entry["summary"]), Counter(entry["folds"])))
            self._sizes.append(tuple(entry["sizes"]))
            end += len(line)
            ends = [a + b for a, b in zip(ends, entry["sizes"], strict=True)]
        self._cut(end, ends)

    def _cut(self, end: int, ends: list[int]) -> None:
        for file, size in zip((self._journal, *self._parts), (end, *ends), strict=True):
            file.seek(size)
            file.truncate()

    def check(self, number: int, chunk: Chunk | None) -> Done:
        """Return what was done of a chunk; raises `UsageError` when another chunk was judged in its place."""
        done = self.done[number]
        if chunk is None or done.source != chunk.digest():
            raise self._refuse("checkpoint-input", where=chunk.path if chunk is not None else "")
        return done

    def _refuse(self, code: str, **values: str) -> UsageError:
        return UsageError(Problem(code, Place(self._shown), tuple(values.items())))


def _line(text: bytes) -> bytes:
    """Return a line of the journal: the SHA-256 of a JSON object in hex, and it."""
    return b'["%b", %b]\n' % (hashlib.sha256(text).hexdigest().encode(), text)


def _parsed(line: bytes) -> dict[str, Any] | None:
    """Return the object of a line of the journal; None for one that was cut off or changed."""
    text = line[len(_line(b"")) - len(b"]\n") : -len(b"]\n")]
    if line != _line(text):
        return None
    found: dict[str, Any] = json.loads(text)
    return found
