"""Entries kept in a folder from one run to later ones, each under the hash of all that it was made of.

What is found there is not trusted for being there: the folder and its files belong to this user and can be changed by
nobody else, and an entry that has not the digest before it is none.  Entries stand for themselves: all processes of a
run keep them as they come, and a run that was stopped has kept what it had.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sqlite3
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path

from validator.errors import Place, Problem, UsageError
from validator.output.publishing import reported
from validator.rules.cache import is_own

DAYS_KEPT = 30
"""An entry that no run has used for so many days is removed."""

_FILE = "kept.sqlite3"
_FILES = frozenset(_FILE + suffix for suffix in ("", "-journal", "-wal", "-shm"))
_TABLE = "CREATE TABLE IF NOT EXISTS kept (key BLOB PRIMARY KEY, used INTEGER NOT NULL, entry BLOB NOT NULL)"
_TODAY = "SELECT CAST(julianday('now') AS INTEGER)"  # by the clock: it says what is old, and nothing of what is found
_PATIENCE = 15  # seconds that one process waits for another to write
_DIGEST = 8  # bytes


def make_folder(folder: str) -> None:
    """Make a folder for entries, or see that it is one.

    Raises:
        UsageError: it holds something else, or somebody else may write in it.
        OutputFailed: it can't be made or read.
    """
    path = Path(folder)
    with reported(folder):
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = dict(_files(path))
        ours = is_own(path.stat()) and all(map(is_own, found.values()))
    foreign = sorted(found.keys() - _FILES)
    if foreign:
        raise UsageError(Problem("keep-foreign", Place(folder), (("name", foreign[0]),)))
    if not ours:
        raise UsageError(Problem("keep-distrusted", Place(folder)))


def _files(path: Path) -> Iterator[tuple[str, os.stat_result]]:
    for entry in path.iterdir():
        with contextlib.suppress(FileNotFoundError):  # another run has just ended, and SQLite removed its journal
            yield entry.name, entry.lstat()


class Store:
    """The entries of a folder, for one process.

    Attributes:
        trouble: why it can't be used (any more), in the words of SQLite; then it knows nothing and keeps nothing.
    """

    def __init__(self, folder: str) -> None:
        """Open a folder that `make_folder` has made."""
        self._today, self.trouble = 0, ""
        self._used: list[bytes] = []
        mask = os.umask(0o077)
        try:
            with self._noticed():
                self._entries = sqlite3.connect(Path(folder, _FILE), timeout=_PATIENCE, isolation_level=None)
                self._entries.execute("PRAGMA journal_mode = WAL")
                self._entries.execute("PRAGMA synchronous = NORMAL")
                self._entries.execute(_TABLE)
                (self._today,) = self._entries.execute(_TODAY).fetchone()
        finally:
            os.umask(mask)

    def get(self, key: bytes) -> bytes | None:
        """Return the entry of a key; None when there is none that is whole.  That it was used is kept by `put`."""
        if self.trouble:
            return None
        found = None
        with self._noticed():
            found = self._entries.execute("SELECT entry, used FROM kept WHERE key = ?", (key,)).fetchone()
        if found is None or not isinstance(found[0], bytes):
            return None
        if found[1] != self._today:
            self._used.append(key)
        digest, packed = found[0][:_DIGEST], found[0][_DIGEST:]
        return zlib.decompress(packed) if digest == _digest(key, packed) else None

    def put(self, entries: Mapping[bytes, bytes]) -> None:
        """Keep entries by their keys, and which others were used."""
        packed = [(key, zlib.compress(entry, 1)) for key, entry in entries.items()]
        rows = [(key, self._today, _digest(key, entry) + entry) for key, entry in packed]
        used = [(self._today, key) for key in self._used]
        self._used.clear()
        if self.trouble or not (rows or used):
            return
        with self._noticed(), self._entries:
            self._entries.execute("BEGIN IMMEDIATE")
            self._entries.executemany("INSERT OR REPLACE INTO kept VALUES (?, ?, ?)", rows)
            self._entries.executemany("UPDATE kept SET used = ? WHERE key = ?", used)

    def close(self) -> None:
        """Remove what no run of the last `DAYS_KEPT` days has used, and leave the rest to later ones."""
        if self.trouble:
            return
        with self._noticed():
            self._entries.execute("DELETE FROM kept WHERE used < ?", (self._today - DAYS_KEPT,))
            self._entries.close()

    @contextlib.contextmanager
    def _noticed(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            self.trouble = self.trouble or str(error)


def _digest(key: bytes, packed: bytes) -> bytes:
    return hashlib.sha256(key + packed).digest()[:_DIGEST]
