"""Reads a record of facts from one JSON object.

A record that says something the vocabulary does not know is refused with the JSON pointer, the line and the nearest
known word; it is never half-read in silence.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from functools import lru_cache
from sys import intern
from typing import Any

from validator.errors import InvalidRecord, Problem, nearest
from validator.facts.timeline import Entity, Event, References, Stated, Timeline, Unreferred, as_start, time_order
from validator.facts.values import Item, Series, data, known_parts
from validator.facts.vocabulary import EventType, Type, Variable, Vocabulary
from validator.legal_time.instant import BadInstant, Instant, Interval, parse_when
from validator.limits import DEFAULT, Limits
from validator.reading.intake import RawRecord

RECORD_KEYS = frozenset(
    {
        "record_type",
        "id",
        "since",
        "timeline",
        "events_in_order",
        "known_until",
        "states",
        "events",
        "provenance",
        "note",
    }
)
EVENT_KEYS = frozenset({"type", "at", "id", "seq", "note"})
ATTESTATION_KEYS = frozenset({"value", "by", "on", "document"})
UNKNOWN = "unknown"
_MAY_BE_UNKNOWN = frozenset({"boolean", "enum", "number", "time"})
_PYTHON: Mapping[str, tuple[Any, ...]] = {"number": (int, Decimal), "boolean": (bool,), "object": (dict,)}
_NO_REFERENCES: Mapping[str, References] = {}
_KEPT = 1 << 14  # pointers that thousands of context records have in common and hold once


def read_record(
    raw: RawRecord, vocabulary: Vocabulary, *, ignore_unknown_events: bool = False, limits: Limits = DEFAULT
) -> Timeline:
    """Read one record.

    Raises `InvalidRecord` with every problem found: unknown keys, words and event types, dangling and repeated ids,
    wrong types, impossible dates.
    """
    return _RecordReader(raw, vocabulary, ignore_unknown_events, limits).read()


class _Alike:
    """Events of one type and time, written out only when there is a second one."""

    def __init__(self, first: Mapping[str, Any]) -> None:
        self.first = first
        self.texts: set[str] = set()

    def has(self, entry: Mapping[str, Any]) -> bool:
        """Say whether one that agrees in every field came before; remember this one."""
        if not self.texts:
            self.texts.add(json.dumps(self.first, sort_keys=True, default=str))
        text = json.dumps(entry, sort_keys=True, default=str)
        known = text in self.texts
        self.texts.add(text)
        return known


class _RecordReader:
    def __init__(self, raw: RawRecord, vocabulary: Vocabulary, ignore_unknown_events: bool, limits: Limits) -> None:  # noqa: FBT001 - private
        self.raw, self.vocabulary, self.limits = raw, vocabulary, limits
        self.ignore_unknown_events = ignore_unknown_events
        self.problems: list[Problem] = []
        self.warnings: list[Problem] = []
        self.entities: dict[str, dict[str, Entity]] = {}
        self.unlisted: dict[str, str] = {}
        self.unread: set[str] = set()  # kinds of which an entity was refused: a reference may mean that one
        self.record_type = ""
        self.ignored = 0

    def fail(self, code: str, pointer: str, **values: object) -> None:
        self.problems.append(self.raw.problem(code, pointer, **{k: str(v) for k, v in values.items()}))

    # -- the record -------------------------------------------------------------------------------------------------
    def read(self) -> Timeline:
        value = self.raw.value
        known = self.vocabulary.record_types()
        self.record_type = value.get("record_type", "")
        if self.record_type not in known:
            self._refuse_type(value, known)
            raise InvalidRecord(tuple(self.problems))
        identifier = value.get("id")
        if not isinstance(identifier, str) or not identifier.strip():
            self.fail("missing-id" if "id" not in value else "bad-id", "/id" if "id" in value else "")
            raise InvalidRecord(tuple(self.problems))
        self._read_record_facts(value, identifier)
        self._read_entities(value)
        self._check_references()
        events = self._read_events(value)
        states = self._read_states(value.get("states"))
        since, until = (self._instant(value.get(k), f"/{k}", last=k == "known_until") for k in ("since", "known_until"))
        timeline = value.get("timeline", "complete")
        if timeline not in ("complete", "partial"):
            self.fail("unknown-code", "/timeline", name=timeline, words="complete, partial", nearest="")
        if self.problems:
            raise InvalidRecord(tuple(sorted(self.problems)))
        by_type: dict[str, list[Event]] = {}
        for event in events:
            by_type.setdefault(event.type.name, []).append(event)
        return Timeline(
            self.record_type, identifier, self.entities, self.unlisted, events, by_type, timeline == "partial", since,
            until, states, self.raw.digest(), tuple(self.warnings), self.ignored, self.raw.place, self.limits.steps,
        )  # fmt: skip

    def _refuse_type(self, value: Mapping[str, Any], known: list[str]) -> None:
        found = value.get("record_type")
        if not isinstance(found, str) and found is not None:
            self.fail("wrong-type", "/record_type", found=_json_type(found), expected="text")
            return
        code = "unknown-record-type" if found else "missing-record-type"
        self.fail(code, "/record_type" if "record_type" in value else "", name=found or "",
                  nearest=nearest(found or "", known) or "", words=", ".join(known))  # fmt: skip

    def _instant(self, value: object, pointer: str, *, last: bool) -> Instant | None:
        if value is None:
            return None
        interval = self._time(value, pointer)
        return None if interval is None else (interval.hi if last else interval.lo)

    def _read_record_facts(self, value: Mapping[str, Any], identifier: str) -> None:
        record = Entity(self.record_type, identifier, "")
        self.entities[self.record_type] = {identifier: record}
        plurals = {k.plural for k in self.vocabulary.kinds_inside(self.record_type)}
        own = self.vocabulary.attributes_of(self.record_type)
        for key, fact in value.items():
            if key in RECORD_KEYS or key in plurals:
                continue
            self._fact(record, own, key, fact, RECORD_KEYS | plurals)
        for key, expected in (("provenance", dict), ("note", str)):
            if key in value and not isinstance(value[key], expected):
                self.fail("wrong-type", f"/{key}", found=_json_type(value[key]), expected=expected.__name__)

    def _fact(
        self, entity: Entity, own: Mapping[str, Variable], key: str, fact: Any, others: Iterable[str] = ()
    ) -> None:
        variable = own.get(key)
        if variable is not None and variable.source not in ("is", "events") and variable.type.takes(fact):
            entity.facts[key] = (Stated(fact),)
            return
        pointer = f"{entity.pointer}/{_escape(key)}"
        if variable is None or variable.source in ("is", "events"):
            if variable is not None:
                self.fail("computed-fact", pointer, name=f"{entity.kind}.{key}")
            elif key != "note":
                self.fail("unknown-key", pointer, name=key, nearest=nearest(key, {*own, *others}) or "")
            return
        if fact is None:
            return
        stated = self._stated(variable, fact, pointer)
        if stated:
            entity.facts[key] = stated

    def _stated(self, variable: Variable, fact: Any, pointer: str) -> tuple[Stated, ...]:
        if isinstance(fact, list) and fact and all(isinstance(f, dict) and "from" in f for f in fact):
            found = []
            for i, entry in enumerate(fact):
                start = self._time(entry["from"], f"{pointer}/{i}/from")
                inner = {k: v for k, v in entry.items() if k != "from"}
                one = self._attestation(variable, inner, f"{pointer}/{i}")
                if start is not None:  # a value that is missing ends the one before it
                    found.append(Stated(one.value, as_start(start), one.by, one.on, one.document, one.attested))
            return tuple(sorted(found, key=lambda s: s.start or Interval(0, 0)))
        if isinstance(fact, dict) and "value" in fact and (variable.type.many or variable.type.base != "object"):
            one = self._attestation(variable, fact, pointer)
            return () if one.value is None else (one,)
        value = self._value(fact, variable.type, pointer)
        return () if value is None else (Stated(value),)

    def _attestation(self, variable: Variable, fact: Mapping[str, Any], pointer: str) -> Stated:
        for key in fact:
            if key not in ATTESTATION_KEYS:
                self.fail(
                    "unknown-key", f"{pointer}/{_escape(key)}", name=key, nearest=nearest(key, ATTESTATION_KEYS) or ""
                )
        value = self._value(fact.get("value"), variable.type, f"{pointer}/value")
        on = self._time(fact["on"], f"{pointer}/on") if fact.get("on") is not None else None
        by, document = (None if fact.get(k) is None else str(fact[k]) for k in ("by", "document"))
        return Stated(value, None, by, on, document, attested=by is not None or on is not None or document is not None)

    # -- values -----------------------------------------------------------------------------------------------------
    def _time(self, value: object, pointer: str) -> Interval | None:
        try:
            return parse_when(value)
        except BadInstant as bad:
            self.fail(bad.code, pointer, **bad.values)
            return None

    def _value(self, value: Any, kind: Type, pointer: str) -> Any:
        """Return the value in the engine's form; None when it is missing (``null``, ``unknown``) or refused.

        A list some members of which are missing may have any others.
        """
        if kind.many and value is not None and not (value == UNKNOWN and kind.base in _MAY_BE_UNKNOWN):
            if not isinstance(value, list):
                self.fail("wrong-type", pointer, found=_json_type(value), expected="list")
                return None
            members = [self._member(v, kind, f"{pointer}/{i}") for i, v in enumerate(value)]
            if None not in members:
                return tuple(members)
            return Series(tuple(Item(m, True) for m in members if m is not None), data(pointer))  # noqa: FBT003 - present
        return self._member(value, kind, pointer)

    def _member(self, value: Any, kind: Type, pointer: str) -> Any:
        """Return a value that is no list, or one of a list, as `_value`."""
        if value is None or (value == UNKNOWN and kind.base in _MAY_BE_UNKNOWN):
            return None
        if kind.base == "time":
            return self._time(value, pointer)
        return self._simple(value, kind, pointer)

    def _simple(self, value: Any, kind: Type, pointer: str) -> Any:
        expected = _PYTHON.get(kind.base, (str,))
        if not isinstance(value, expected) or (isinstance(value, bool) and kind.base != "boolean"):
            self.fail("wrong-type", pointer, found=_json_type(value), expected=kind.base)
            return None
        if kind.base == "enum" and kind.codes is not None and value not in kind.codes:
            self.fail("unknown-code", pointer, name=value, nearest=self.vocabulary.meant(value, kind.codes),
                      words=", ".join(kind.codes))  # fmt: skip
            return None
        if kind.base == "number":
            number = Decimal(value)
            if (kind.low is not None and number < kind.low) or (kind.high is not None and number > kind.high):
                self.fail("out-of-bounds", pointer, found=number, low=_bound(kind.low), high=_bound(kind.high))
            return number
        if kind.base == "object":
            return self._object(value, kind, pointer)
        return value

    def _object(self, value: Mapping[str, Any], kind: Type, pointer: str) -> dict[str, Any]:
        fields = {field.name: field.type for field in kind.fields}
        found = {}
        for key, part in value.items():
            if key not in fields:
                self.fail("unknown-key", f"{pointer}/{_escape(key)}", name=key, nearest=nearest(key, fields) or "")
                continue
            found[key] = self._value(part, fields[key], f"{pointer}/{_escape(key)}")
        return found

    # -- entities ---------------------------------------------------------------------------------------------------
    def _read_entities(self, value: Mapping[str, Any]) -> None:
        for kind in self.vocabulary.kinds_inside(self.record_type):
            pointer = f"/{kind.plural}"
            self.entities[kind.name] = {}
            if value.get(kind.plural) is None:
                self.unlisted[kind.name] = pointer
                continue
            if not isinstance(value[kind.plural], list):
                self.fail("wrong-type", pointer, found=_json_type(value[kind.plural]), expected="list")
                self.unread.add(kind.name)
                continue
            own = self.vocabulary.attributes_of(kind.name)
            for i, entry in enumerate(value[kind.plural]):
                self._read_entity(kind.name, own, entry, f"{pointer}/{i}")

    def _read_entity(self, kind: str, own: Mapping[str, Variable], entry: Any, pointer: str) -> None:
        if not isinstance(entry, dict):
            self.fail("wrong-type", pointer, found=_json_type(entry), expected="object")
            self.unread.add(kind)
            return
        identifier = entry.get("id")
        if not isinstance(identifier, str) or not identifier:
            self.fail("missing-id" if "id" not in entry else "bad-id", f"{pointer}/id" if "id" in entry else pointer)
            self.unread.add(kind)
            return
        if identifier in self.entities[kind]:
            self.fail("id-twice", f"{pointer}/id", name=identifier, first=self.entities[kind][identifier].pointer)
            return
        entity = Entity(kind, identifier, pointer)
        self.entities[kind][identifier] = entity
        for key, fact in entry.items():
            if key != "id":
                self._fact(entity, own, key, fact, ("id", "note"))

    def _check_references(self) -> None:
        """Check that facts which name entities of this record name existing ones."""
        for of_kind in list(self.entities.values()):
            for entity in of_kind.values():
                for attribute, stated in entity.facts.items():
                    kind = self.vocabulary.variables[f"{entity.kind}.{attribute}"].type.kind
                    if kind in self.entities and kind not in self.unlisted and kind != self.record_type:
                        for one in stated:
                            self._check_ids(one.value, kind, f"{entity.pointer}/{_escape(attribute)}")

    def _check_ids(self, value: Any, kind: str, pointer: str) -> None:
        for identifier in known_parts(value):
            if identifier not in self.entities[kind] and kind not in self.unread:
                self.fail("dangling-id", pointer, name=identifier, kind=kind,
                          nearest=nearest(identifier, self.entities[kind]) or "")  # fmt: skip

    # -- events -----------------------------------------------------------------------------------------------------
    def _read_events(self, value: Mapping[str, Any]) -> list[Event]:
        entries = value.get("events", [])
        if not isinstance(entries, list):
            self.fail("wrong-type", "/events", found=_json_type(entries), expected="list")
            return []
        if len(entries) > self.limits.events:
            self.fail("too-many-events", "/events", found=len(entries), limit=self.limits.events)
            return []
        in_order = value.get("events_in_order", False)
        if not isinstance(in_order, bool):
            self.fail("wrong-type", "/events_in_order", found=_json_type(in_order), expected="boolean")
        events: list[Event] = []
        ids: dict[str, str] = {}
        seen: dict[tuple[str, str], _Alike] = {}
        for i, entry in enumerate(entries):
            event = self._read_event(i, entry, ids)
            if event is None or self._repeated(event, entry, seen):
                continue
            if in_order is True and event.seq is None:
                event.seq = i
            events.append(event)
        return sorted(events, key=time_order)

    def _repeated(self, event: Event, entry: Mapping[str, Any], seen: dict[tuple[str, str], _Alike]) -> bool:
        """Two events without id that agree in every field are one occurrence (a warning says so)."""
        if event.id is not None:
            return False
        key = (event.type.name, event.written)
        if key not in seen:
            seen[key] = _Alike(entry)
            return False
        if not seen[key].has(entry):
            return False
        self.warnings.append(
            self.raw.problem("repeated-event", event.pointer, severity="warning", name=event.type.name)
        )
        return True

    def _read_event(self, index: int, entry: Any, ids: dict[str, str]) -> Event | None:
        pointer = _event_pointer(index)
        if not isinstance(entry, dict):
            self.fail("wrong-type", pointer, found=_json_type(entry), expected="object")
            return None
        kind = self._event_type(entry.get("type"), pointer)
        if kind is None:
            return None
        if "at" not in entry:
            self.fail("missing-at", pointer, name=kind.name)
            return None
        at = self._time(entry["at"], f"{pointer}/at")
        refs, values = self._event_parts(kind, entry, pointer)
        identifier, seq = self._event_id(entry.get("id"), pointer, ids), entry.get("seq")
        if seq is not None and (not isinstance(seq, int) or isinstance(seq, bool)):
            self.fail("wrong-type", f"{pointer}/seq", found=_json_type(seq), expected="integer")
            seq = None
        if at is None:
            return None
        written = intern(entry["at"] if isinstance(entry["at"], str) else json.dumps(entry["at"], sort_keys=True))
        return Event(index, kind, at, seq, identifier, refs, values, pointer, written)

    def _event_id(self, identifier: Any, pointer: str, ids: dict[str, str]) -> str | None:
        """Return the id of an event; None when it has none, or one that is refused, which must not order events."""
        if identifier is None:
            return None
        if not isinstance(identifier, str) or not identifier:
            self.fail("bad-id", f"{pointer}/id")
            return None
        if identifier in ids:
            self.fail("id-twice", f"{pointer}/id", name=identifier, first=ids[identifier])
            return identifier
        ids[intern(identifier)] = pointer
        return intern(identifier)

    def _event_type(self, name: Any, pointer: str) -> EventType | None:
        known = self.vocabulary.events
        if isinstance(name, str) and name in known:
            return known[name]
        if isinstance(name, str) and (name in self.vocabulary.ignored_events or self.ignore_unknown_events):
            self.ignored += 1
            return None
        if not isinstance(name, str):
            self.fail("missing-type", pointer)
        else:
            self.fail("unknown-event", f"{pointer}/type", name=name, nearest=self.vocabulary.meant(name, known))
        return None

    def _event_parts(
        self, kind: EventType, entry: Mapping[str, Any], pointer: str
    ) -> tuple[Mapping[str, References], dict[str, Any]]:
        given: dict[str, tuple[str, ...]] = {}
        defaults = self.vocabulary.defaults_of(kind)  # for silence: what is said to be unknown is
        values = {name: value for name, value in defaults.items() if entry.get(name) is None}
        for key, part in entry.items():
            if key in EVENT_KEYS:
                continue
            attribute = kind.attributes.get(key) or self.vocabulary.event_attributes.get(key)
            if attribute is not None:
                if attribute.type.takes(part):  # most do
                    values[key] = intern(part) if isinstance(part, str) else part
                    continue
                value = self._value(part, attribute.type, f"{pointer}/{_escape(key)}")
                if value is not None:
                    values[key] = value
                continue
            reference = key.removesuffix("_id")
            if kind.can_refer(reference) and reference != self.record_type:
                ids = self._reference(reference, part, f"{pointer}/{_escape(key)}")
                if reference in given and given[reference] != ids:
                    self.fail("two-references", f"{pointer}/{_escape(key)}", name=reference)
                given[reference] = ids
            elif reference == self.record_type:
                continue
            elif reference == "document" and isinstance(part, str):
                values["document"] = part  # the evidence on which the event was recorded, no entity of this record
            else:
                known = {
                    *kind.attributes,
                    *kind.refers_to,
                    *kind.one_of,
                    *self.vocabulary.event_attributes,
                    *EVENT_KEYS,
                }
                self.fail("unknown-key", f"{pointer}/{_escape(key)}", name=key, nearest=nearest(key, known) or "")
        return self._references(kind, given, pointer), values

    def _reference(self, kind: str, part: Any, pointer: str) -> tuple[str, ...]:
        ids = tuple(part) if isinstance(part, list) else (part,)
        for i, identifier in enumerate(ids):
            place = f"{pointer}/{i}" if isinstance(part, list) else pointer
            if not isinstance(identifier, str):
                self.fail("wrong-type", place, found=_json_type(identifier), expected="text")
                return ("",)  # something is named, though nobody knows what
            if kind in self.entities and identifier not in self.entities[kind] and kind not in self.unread:
                self.fail("dangling-id", place, name=identifier, kind=kind,
                          nearest=nearest(identifier, self.entities[kind]) or "")  # fmt: skip
        return tuple(map(intern, ids))

    def _references(
        self, kind: EventType, given: Mapping[str, tuple[str, ...]], pointer: str
    ) -> Mapping[str, References]:
        refs: dict[str, References] = dict(given)
        for name, meaning in kind.refers_to.items():
            if refs.get(name) or name not in self.entities or name == self.record_type:
                continue
            passed = self._passed_on(given, name)
            if passed and name not in refs:
                refs[name] = passed
            elif meaning == "required":
                self.fail("missing-reference", pointer, name=name, event=kind.name)
            elif name not in refs:
                refs[name] = _unreferred(pointer, name, everyone=meaning == "all")
        if kind.one_of:
            alternatives = [a for a in kind.one_of if a in self.entities]
            if not any(a in given for a in alternatives) and self.record_type not in kind.one_of:
                self.fail("missing-reference", pointer, name=" | ".join(kind.one_of), event=kind.name)
            for name in alternatives:
                if name != self.record_type:
                    refs.setdefault(name, ())
        return refs or _NO_REFERENCES

    def _passed_on(self, given: Mapping[str, tuple[str, ...]], kind: str) -> References | None:
        """Follow references that an entity passes on: a request about a measure concerns that measure.

        Of several entities named, one that does not say leaves it open which else the event concerns.
        """
        found: list[str] = []
        silent: list[str] = []
        for name, ids in given.items():
            passing = [
                a
                for a in self.vocabulary.entities[name].passes_on
                if self.vocabulary.variables[f"{name}.{a}"].type.kind == kind
            ]
            for entity in (self.entities.get(name, {}).get(i) for i in ids) if passing else ():
                stated = [s.value for a in passing if entity is not None for s in entity.facts.get(a, ())]
                found += [i for value in stated for i in known_parts(value)]
                doubtful = not stated or any(value is None or isinstance(value, Series) for value in stated)
                silent += [f"{entity.pointer}/{passing[0]}"] if entity is not None and doubtful else []
        if not found:
            return None
        return Unreferred(everyone=False, pointer=silent[0], known=tuple(found)) if silent else tuple(found)

    # -- start values -----------------------------------------------------------------------------------------------
    def _read_states(self, part: Any) -> dict[tuple[str, str], Any]:
        """Read ``states``: variable -> value (of the record) or variable -> {entity id: value}."""
        states: dict[tuple[str, str], Any] = {}
        if part is None:
            return states
        if not isinstance(part, dict):
            self.fail("wrong-type", "/states", found=_json_type(part), expected="object")
            return states
        known = {n: v for n, v in self.vocabulary.variables.items() if v.source == "events"}
        for name, value in part.items():
            pointer = f"/states/{_escape(name)}"
            variable = known.get(name)
            if variable is None or variable.kind not in self.entities:
                self.fail("unknown-variable", pointer, name=name, nearest=nearest(name, known) or "")
                continue
            per_entity = value if isinstance(value, dict) else {self.raw.value["id"]: value}
            for identifier, one in per_entity.items():
                if identifier not in self.entities[variable.kind] and variable.kind not in self.unread:
                    self.fail("dangling-id", pointer, name=identifier, kind=variable.kind, nearest="")
                states[name, identifier] = self._value(one, variable.type, pointer)
        return states


def _bound(value: Decimal | None) -> str:
    return "" if value is None else str(value)


@lru_cache(_KEPT)
def _event_pointer(index: int) -> str:
    return f"/events/{index}"


@lru_cache(_KEPT)
def _unreferred(pointer: str, kind: str, *, everyone: bool) -> Unreferred:
    return Unreferred(everyone, f"{pointer}/{kind}")


def _escape(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1") if "~" in key or "/" in key else key


_JSON_TYPES: tuple[tuple[Callable[[Any], bool], str], ...] = (
    (lambda v: v is None, "null"),
    (lambda v: isinstance(v, bool), "boolean"),
    (lambda v: isinstance(v, int | Decimal), "number"),
    (lambda v: isinstance(v, str), "text"),
    (lambda v: isinstance(v, list), "list"),
    (lambda v: isinstance(v, dict), "object"),
)


def _json_type(value: Any) -> str:
    return next((name for test, name in _JSON_TYPES if test(value)), type(value).__name__)
