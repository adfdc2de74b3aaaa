"""The seal of findings: a hash of the header and all lines, in the summary, by which a changed file shows."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO

from validator.errors import Place, Problem

SEAL = "seal"
_NOT_SEALED = (SEAL, "engine")


class Seal:
    """SHA-256 of lines, each with its end, in their order; the summary, without its seal, closes it.

    Which engine judged what is left out: either finds the same.
    """

    def __init__(self) -> None:
        self._hash = hashlib.sha256()

    def add(self, data: bytes) -> None:
        """Take in more of the file."""
        self._hash.update(data)

    def closed(self, summary: Mapping[str, Any]) -> str:
        """Return the seal with a summary, in hex."""
        whole = self._hash.copy()
        sealed = {name: value for name, value in summary.items() if name not in _NOT_SEALED}
        whole.update(json.dumps(sealed, ensure_ascii=False, sort_keys=True).encode("utf-8", "backslashreplace"))
        return whole.hexdigest()

    def is_broken_by(self, line: bytes) -> bool:
        """Say whether the line of the summary has a seal, and not the one of what was taken in."""
        summary = _value(line).get("summary")
        return isinstance(summary, dict) and SEAL in summary and self.closed(summary) != summary[SEAL]


def is_sealed(line: bytes) -> bool:
    """Say whether a line goes under the seal: all but the summary do."""
    return not line.startswith(b'{"summary"')


class Sealing:
    """A stream whose bytes go under a seal too."""

    def __init__(self, stream: BinaryIO, seal: Seal) -> None:
        self._stream, self._seal = stream, seal

    def write(self, data: bytes) -> int:
        """Write."""
        self._seal.add(data)
        return self._stream.write(data)


@dataclass(frozen=True, slots=True)
class Verified:
    """What became of checking a seal.

    Attributes:
        problems: why the file is not as it was written; none: it is.
        lines: how many lines it has.
        header: what its first line says; empty if it has none.
    """

    problems: tuple[Problem, ...]
    lines: int
    header: Mapping[str, Any]


def verify(lines: Iterable[bytes], path: str) -> Verified:
    """Check the lines of a file of findings, each with its end, against its seal."""
    seal, header, number = Seal(), None, 0
    last: dict[str, Any] = {}
    for number, line in enumerate(lines, 1):
        value = _value(line) if number == 1 or not is_sealed(line) else {}
        if number == 1:
            header = value.get("header")
        if last:
            return Verified((Problem("seal-not-last", Place(path, number)),), number, header or {})
        if "summary" in value:
            last = value["summary"] if isinstance(value["summary"], dict) else {}
        else:
            seal.add(line)
    problems = list(_faults(seal, header, last, Place(path, number)))
    return Verified(tuple(problems), number, header if isinstance(header, dict) else {})


def _faults(seal: Seal, header: Any, summary: dict[str, Any], end: Place) -> Iterable[Problem]:
    if not isinstance(header, dict):
        yield Problem("no-findings-header", Place(end.path, min(end.line, 1)))
    elif not summary:
        yield Problem("findings-cut-off", end)
    elif SEAL not in summary:
        yield Problem("no-seal", end)
    elif seal.closed(summary) != summary[SEAL]:
        yield Problem("seal-broken", end)


def _value(line: bytes) -> dict[str, Any]:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
