"""Reads files of waivers; an entry with a mistake is left out and told, the others count."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from validator.errors import Problem
from validator.judging.waiver import Waiver, Waivers
from validator.limits import DEFAULT
from validator.reading.json_schema import schema, validate
from validator.reading.node import Node
from validator.reading.source import read_bytes
from validator.reading.strict_yaml import load_yaml


def read_waivers(paths: Iterable[str]) -> tuple[Waivers, list[Problem]]:
    """Read waivers (``waivers: [...]`` in YAML) and what is wrong with entries.

    Raises `InvalidSource` for a file that can't be read or is no YAML.
    """
    found: dict[str, Waiver] = {}
    problems: list[Problem] = []
    form, digest = schema("waivers"), hashlib.sha256()
    for path in paths:
        data = read_bytes(Path(path), DEFAULT.policy_bytes)
        digest.update(data)
        whole = load_yaml(data, path, DEFAULT)
        entries = whole.get("waivers")
        if entries is None or not isinstance(entries.value, tuple):
            problems.append((whole if entries is None else entries).problem("no-waivers"))
            continue
        for entry in entries.members():
            faults = validate(entry, form) or list(_mistakes(entry, found))
            problems += faults
            if not faults:
                waiver = _waiver(entry)
                found[waiver.id] = waiver
    return Waivers(tuple(found.values()), digest.hexdigest()), problems


def _mistakes(entry: Node, found: Iterable[str]) -> Iterable[Problem]:
    """Yield what a schema can't say: days that there are not, an end before the beginning, a number given twice."""
    identifier = str(entry.at(["id"]).value)
    if identifier in found:
        yield entry.at(["id"]).problem("waiver-twice", id=identifier)
    days = []
    for key in ("granted", "expires"):
        try:
            days.append(date.fromisoformat(str(entry.at([key]).value)))
        except ValueError:
            yield entry.at([key]).problem("time-date", found=str(entry.at([key]).value))
    if len(days) == len({"granted", "expires"}) and days[1] < days[0]:
        yield entry.at(["expires"]).problem("waiver-ends-before", id=identifier)


def _waiver(entry: Node) -> Waiver:
    plain = entry.plain
    return Waiver(
        plain["id"], frozenset(plain["norms"]), frozenset(plain["records"]), plain.get("entities", {}),
        plain["reason"], plain["approved_by"], date.fromisoformat(plain["granted"]).toordinal(),
        date.fromisoformat(plain["expires"]).toordinal(), entry.place,
    )  # fmt: skip
