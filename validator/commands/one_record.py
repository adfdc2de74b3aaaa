"""What the commands about one record have in common: how it is to be judged, and the record itself."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from validator.commands.settings import (
    load_program,
    moment_of,
    options_of,
    print_problems,
    read_others,
    refused,
    stdin,
    waived,
)
from validator.errors import InvalidRecord, Place, Problem, nearest
from validator.facts.record import read_record
from validator.facts.timeline import Timeline
from validator.judging.interpreter import Options
from validator.legal_time.instant import Instant
from validator.reading.intake import RawRecord, read_records
from validator.rules.program import Program


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


class Asked(NamedTuple):
    """How a record is to be judged: rules, moment, options, other records; ``failed``: something of it was left out."""

    program: Program
    as_of: Instant
    options: Options
    context: Mapping[tuple[str, str], Timeline]
    failed: bool


def asked(
    settings: Mapping[str, Any], select: Iterable[str] = (), code: str = "unknown-selection",
    digest: hashlib._Hash | None = None,
) -> Asked:  # fmt: skip
    """Return what the options of a command (`one_record_options`) ask for; mistakes in what they name are printed.

    Args:
        settings: of the command.
        select: norms to be judged; empty for all.
        code: of the problem of a norm that there isn't.
        digest: takes in the other records.
    """
    lang = settings["lang"]
    as_of = moment_of(settings["as_of"])
    program = load_program(settings["policies"], settings["parameters"], lang)
    options = options_of(program, select, code, in_force=settings["assume_in_force"], attested=False)
    options, faulty = waived(options, settings["waivers"], lang)
    context, problems = read_others(program, settings, digest)
    return Asked(program, as_of, options, context, bool(problems) or faulty)


def one_timeline(program: Program, path: str, settings: Mapping[str, Any]) -> Timeline:
    """Read the record that a command is about; warnings are printed.  Raises what `one_record` does."""
    timeline = read_record(one_record(path, settings["identifier"]), program.vocabulary)
    print_problems(timeline.warnings, settings["lang"])
    return timeline
