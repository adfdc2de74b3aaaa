"""Reads the one record that a command is about."""

from __future__ import annotations

from validator.commands.settings import refused, stdin
from validator.errors import InvalidRecord, Place, Problem, nearest
from validator.intake import RawRecord, read_records


def one_record(path: str, identifier: str | None) -> RawRecord:
    """Read the record with an id, or the only one; what else is wrong with the file is no hindrance.

    Raises `InvalidRecord` when there is none that can be read, `UsageError` when it is open which one is meant.
    """
    found: dict[str, RawRecord] = {}
    problems: list[Problem] = []
    for raw in read_records([path], stdin()):
        if isinstance(raw, RawRecord):
            found.setdefault(str(raw.value.get("id", "")), raw)
        else:
            problems.extend(raw.problems)
    if not found or (identifier is None and problems):
        raise InvalidRecord(problems or [Problem("json-empty", Place(path))])
    if identifier is None and len(found) > 1:
        raise refused("which-record", path, count=str(len(found)), first=next(iter(found)))
    name = next(iter(found)) if identifier is None else identifier
    if name not in found:
        raise refused("record-not-found", path, name=name, nearest=nearest(name, found) or "")
    return found[name]
