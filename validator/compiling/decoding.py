"""Decodes records into the types of plain records: as they usually are written, or with their times as they stand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress
from typing import Any

import msgspec

from validator.compiling.habits import NO_HABITS, Habits
from validator.compiling.judges import TypeJudge
from validator.compiling.plain import ANY_TIME, EXACT_TIME, one_of, record_struct
from validator.compiling.proof import is_in_thousandths, is_same, is_spaced, says_all
from validator.compiling.runtime import BEIJING, Abroad, Slow
from validator.facts.vocabulary import Vocabulary
from validator.reading.files import BLANKS

LESSONS = 1000
"""Plain records after which what is usual is learned: about as many as pay for it."""
ODD = (Slow, OverflowError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
"""What reading or judging a record raises that is not plain in fact, or near the end of time."""
_EVERY = 4  # of how many one is looked at
_MOST_APART = 64  # chunks that are read line by line before all lines of one are tried again


class _Ignored(msgspec.Struct, frozen=True):
    """Stands for an event that nobody declared, so that the others keep their places."""

    number: int = -1


IGNORED = _Ignored()


@dataclass(frozen=True, slots=True)
class Reading:
    """Types of records that are as usual, and what judges them, by the number of the record type."""

    type: Any
    decode: Callable[[bytes], Any]
    decode_lines: Callable[[bytes], list[Any]]
    judges: tuple[TypeJudge, ...]


class Decoding:
    """Types for the records of a vocabulary.

    Attributes:
        usual: for records with exact times and only usual keys, once it is known what is usual.
        loose: for all others.
        buffer: what the last record is written as.
        encode, encode_into: write a record as bytes, and into the buffer.
        fractions: usual records may have numbers that are no whole ones.
    """

    def __init__(self, vocabulary: Vocabulary, judges: Iterable[TypeJudge], *, ignore_unknown_events: bool) -> None:
        self._vocabulary, self._ignores = vocabulary, ignore_unknown_events
        self.usual = self._reading(judges, {}, EXACT_TIME)
        self.loose = self._reading(self.usual.judges, {}, ANY_TIME)
        encoder = msgspec.json.Encoder()
        self.buffer, self.encode, self.encode_into = bytearray(), encoder.encode, encoder.encode_into
        self._encode_lines = encoder.encode_lines
        self._learning: list[tuple[str, bytes]] | None = []
        self.fractions = True
        self._apart = self._still_apart = 0

    @property
    def is_learning(self) -> bool:
        """Whether it isn't known yet what is usual."""
        return self._learning is not None

    def _reading(self, judges: Iterable[TypeJudge], habits: Mapping[str, Habits], at: Any) -> Reading:
        by_number = tuple(judges)
        types = [
            record_struct(self._vocabulary, j.record_type, j.compiled.codes, habits.get(j.record_type, NO_HABITS), at)
            for j in by_number
        ]
        either = one_of(types, "record_type")
        decoder = msgspec.json.Decoder(either)
        return Reading(either, decoder.decode, decoder.decode_lines, by_number)

    def learn(self, record_type: str, line: bytes) -> None:
        """Note a plain record; after enough of them, read faster what is as usual."""
        if self._learning is None:
            return
        self._learning.append((record_type, line))
        if len(self._learning) < LESSONS:
            return
        lines: dict[str, list[bytes]] = {}
        for name, known in self._learning[::_EVERY]:
            lines.setdefault(name, []).append(known)
        self._learning = None
        habits = {name: Habits(found) for name, found in lines.items()}
        judges = [j.knowing(habits[j.record_type]) if j.record_type in habits else j for j in self.usual.judges]
        self.usual = self._reading(judges, habits, EXACT_TIME)
        self.fractions = len(habits) < len(judges) or any(h.decimals for h in habits.values())

    def together(self, data: bytes) -> tuple[list[Any], bool] | None:
        """Return the records of lines all of which are as usual, and whether the lines are what they are written as.

        Else the lines have blanks between words, or escapes of letters.  None: one of them is otherwise, or it isn't
        known yet what is usual.  After that it is tried ever less often.
        """
        if self.is_learning or self._still_apart:
            self._still_apart = max(self._still_apart - 1, 0)
            return None
        try:
            records = self.usual.decode_lines(data)
        except ODD:
            records = []
        written = self._encode_lines(records)
        exact = written == data or written[:-1] == data  # the last line may lack its end
        if exact or (data.count(b"\n") + (data[-1:] != b"\n") == len(records) and is_same(data, written)):
            self._apart = 0
            return records, exact
        self._apart = self._still_apart = min(2 * self._apart + 1, _MOST_APART)
        return None

    def same(self, raw: bytes, events: Sequence[Any]) -> bytes:
        """Return a line without blanks around it if it says what is in the buffer, also of times; else raise `Slow`.

        Raises `Abroad` if it says so with its times in another form.
        """
        line, written = raw.strip(BLANKS), self.buffer
        if is_same(line, written):
            return line
        if is_spaced(line, written) or is_in_thousandths(line, written):
            raise Abroad
        times = all(event.at.tzinfo is BEIJING for event in events)
        times = times and all(line.count(part) == written.count(part) for part in (b'+08:00"', b"T"))
        if not times or (b"." in line and any(event.at.microsecond for event in events)) or not says_all(line, written):
            raise Slow
        return line

    def read(self, line: bytes) -> tuple[Any, Sequence[Any]]:
        """Return a record with its times as they stand, and its events with what is ignored among them.

        What it would be written as is in the buffer then.  Raises one of `ODD`.
        """
        try:
            record = self.loose.decode(line)
        except msgspec.ValidationError:
            if not self._ignores and not self._vocabulary.ignored_events:
                raise
            return self._read_declared(line)
        self.encode_into(record, self.buffer)
        return record, record.events

    def _read_declared(self, line: bytes) -> tuple[Any, Sequence[Any]]:
        """Read a record that has events which nobody declared."""
        whole = msgspec.json.decode(line)
        self.encode_into(whole, self.buffer)
        events = whole.get("events") if isinstance(whole, dict) else None
        if not isinstance(events, list):
            raise Slow
        declared = [not self._is_ignored(event) for event in events]
        record = msgspec.convert({**whole, "events": list(compress(events, declared))}, self.loose.type)
        those = iter(record.events)
        return record, [next(those) if known else IGNORED for known in declared]

    def _is_ignored(self, event: object) -> bool:
        """Say whether the strict reader passes over an event; raises `Slow` when it refuses it."""
        name = event.get("type") if isinstance(event, dict) else None
        if not isinstance(name, str):
            raise Slow
        return name not in self._vocabulary.events and (self._ignores or name in self._vocabulary.ignored_events)
