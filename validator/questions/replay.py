"""Judging again: are findings what the same records, rules and moment give, and if not, what has changed?"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

PARTS = ("policies", "parameters", "calendar")
"""The parts of a rule set that have digests of their own."""
OPTIONS = ("assume_in_force", "require_attestation", "ignore_unknown_events", "select", "findings", "as_of")
"""What the header of findings says of how they were judged."""
_NOT_SAID = ("finding_id", "counted_with", "path", "line")
SHOWN = 20
"""Findings that are named of those that differ."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A finding that is other than it was: its verdict before and now, "" where there is none.

    ``members`` are those that differ while the verdict does not.
    """

    record: str
    norm: str
    key: str
    old: str
    new: str
    members: tuple[str, ...] = ()


@dataclass(slots=True)
class Replayed:
    """What came of judging again.

    Attributes:
        changed: what is not what it was: version, policies, parameters, calendar, context, waivers, options, records.
        records: ids of records whose text is known to have changed; only those with findings can be named.
        differences: the first findings that are other than they were.
        count: how many are.
    """

    changed: list[str] = field(default_factory=list)
    records: list[str] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)
    count: int = 0

    @property
    def identical(self) -> bool:
        """Whether nothing has changed: neither what the findings rest on, nor a finding."""
        return not self.changed and not self.count


@dataclass(slots=True)
class _Side:
    """One file of findings: its header, its summary, and the findings that the other file does not have as they are."""

    header: Mapping[str, Any]
    summary: Mapping[str, Any] = field(default_factory=dict)
    findings: dict[tuple[str, str, str], Mapping[str, Any]] = field(default_factory=dict)


def _header(lines: Iterator[bytes]) -> Mapping[str, Any]:
    """Return the header of findings, by taking their first line; empty if it is none."""
    return _inside(next(lines, b""), "header")


def _inside(line: bytes, name: str) -> dict[str, Any]:
    """Return the mapping that stands under a name in a line; empty if there is none."""
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    inside = found.get(name) if isinstance(found, dict) else None
    return inside if isinstance(inside, dict) else {}


def compare(before: Iterable[bytes], after: Iterable[bytes]) -> Replayed:
    """Compare the lines of two whole files of findings, the second of which was judged again."""
    lines = iter(before), iter(after)
    old, new = (_Side(_header(side)) for side in lines)
    _read_apart(old, new, *lines)
    found = Replayed(_changed(old, new))
    alike = not {"version", *PARTS, "options"} & set(found.changed)
    for key in dict.fromkeys((*old.findings, *new.findings)):
        one, other = old.findings.get(key, {}), new.findings.get(key, {})
        if alike and one and other and one.get("finding_id") != other.get("finding_id") and key[1] not in found.records:
            found.records.append(key[1])  # nothing else goes into the id than the text of the record
        if _said(one) != _said(other):
            found.count += 1
            if found.count <= SHOWN:
                found.differences.append(_difference(key, one, other))
    return found


def _difference(key: tuple[str, str, str], one: Mapping[str, Any], other: Mapping[str, Any]) -> Difference:
    """Return how two findings under a key differ; either may be empty."""
    old, new = _text(one, "verdict"), _text(other, "verdict")
    before, now = _said(one), _said(other)
    members = (name for name in sorted({*before, *now}) if before.get(name) != now.get(name))
    return Difference(key[1], _text(one or other, "norm"), key[2], old, new, tuple(members) if old == new else ())


def _said(finding: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a finding says, without its ids, which follow from what it rests on, and without where it stood."""
    return {name: value for name, value in finding.items() if name not in _NOT_SAID}


def _read_apart(old: _Side, new: _Side, before: Iterator[bytes], after: Iterator[bytes]) -> None:
    """Read two files side by side; what is equal line by line, which is most of it, is not kept."""
    while True:
        one, other = next(before, b""), next(after, b"")
        if one != other or not one:
            _keep(old, one)
            _keep(new, other)
            break
        _keep(old, one, summary=True)
        _keep(new, other, summary=True)
    for side, rest in ((old, before), (new, after)):
        for line in rest:
            _keep(side, line)


def _keep(side: _Side, line: bytes, *, summary: bool = False) -> None:
    if line.startswith(b'{"summary"'):
        side.summary = _inside(line, "summary")
    elif not summary:
        finding = _inside(line, "finding")
        if finding:
            side.findings[_text(finding, "record_type"), _text(finding, "record"), _text(finding, "key")] = finding


def _text(finding: Mapping[str, Any], name: str) -> str:
    return str(finding.get(name, ""))


def _changed(old: _Side, new: _Side) -> list[str]:
    sides = (old, new)

    def differ(*path: str, where: str = "header") -> bool:
        return len({json.dumps(_at(getattr(side, where), path), sort_keys=True) for side in sides}) > 1

    found = {"version": differ("zhijian")}
    found |= {part: differ("digests", part) for part in PARTS}
    found |= {name: differ(f"{name}_digest") for name in ("context", "waivers")}
    found |= {"options": any(differ(name) for name in OPTIONS), "records": differ("records_digest", where="summary")}
    return [name for name, differs in found.items() if differs]


def _at(value: Any, path: Iterable[str]) -> Any:
    for step in path:
        value = value.get(step) if isinstance(value, dict) else None
    return value
