"""The JSON Schema of records, made from the vocabulary (``schemas/record.schema.json`` agrees with it, by a test).

What `validator.facts.record.read_record` accepts satisfies the schema, and the schema refuses what the reader refuses
for the form of a record: keys, types, codes, bounds, times, missing references.  A schema cannot see what concerns
several values at once; `DIFFERENCES` lists it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from validator.facts.record import ATTESTATION_KEYS, EVENT_KEYS, RECORD_KEYS
from validator.facts.vocabulary import EventType, Type, Variable, Vocabulary
from validator.limits import DEFAULT

DRAFT = "https://json-schema.org/draft/2020-12/schema"
DIFFERENCES = frozenset({"dangling-id", "id-twice", "two-references", "missing-reference", "time-date", "time-order"})
"""Problems that only the reader finds: ids that name nothing or name two things, a reference that the named entity
should pass on, days that the calendar lacks and intervals that end before they begin.  (The schema does demand the
references that nothing can pass on.)"""

_END = r"$(?!\n)"  # `$` of Python also stands before a last line end
_DAY = r"(?!0000)[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01])"
_CLOCK = r"(([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{1,6}0*)?)?|24:00(:00(\.0+)?)?)"
_ZONE = r"(Z|[+-](0[0-9]|1[0-3])(:?[0-5][0-9])?|[+-]14(:?00)?)?"
_TIME = rf"{_DAY}([T ]{_CLOCK}{_ZONE})?)?)?"
_UNKNOWN = f"^unknown{_END}"
_OPEN_TO_UNKNOWN = frozenset({"boolean", "enum", "number", "time"})
_ID = {"type": "string", "minLength": 1}

Schema = dict[str, Any]


def record_schema(vocabulary: Vocabulary) -> Schema:
    """Return a JSON Schema (draft 2020-12) for records of all record types of a vocabulary."""
    return _Builder(vocabulary).record_file()


class _Builder:
    """Builds the schema; equal definitions are kept once, under the name of the first that uses them."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self.types = vocabulary.record_types()
        self.shared: dict[str, Schema] = {}
        self.names: dict[str, str] = {}

    def record_file(self) -> Schema:
        """Return the whole schema."""
        found: Schema = {
            "$schema": DRAFT,
            "title": "Zhijian record",
            "description": "一件案件等的记录 / what is known of one case or other record",
            "type": "object",
            "required": ["record_type", "id"],
            "properties": {"record_type": {"enum": self.types}},
            **_chosen("record_type", {t: f"record_{t}" for t in self.types}, {"additionalProperties": True}),
        }
        events = self.vocabulary.events
        definitions: dict[str, Schema] = {
            **{f"record_{t}": self._record(t) for t in self.types},
            **{f"entity_{k.name}": self._entity(k.name) for k in self.vocabulary.entities.values() if not k.record},
            "event": self._any_event(),
            **{f"event_{e.name}": self._event(e) for e in events.values()},
        }
        return {**found, "$defs": {**definitions, **dict(sorted(self.shared.items()))}}

    def _share(self, name: str, schema: Schema) -> Schema:
        text = json.dumps(schema, sort_keys=True)
        if text not in self.names:
            self.names[text] = name
            self.shared[name] = schema
        return {"$ref": f"#/$defs/{self.names[text]}"}

    # -- records and entities -----------------------------------------------------------------------------------------
    def _record(self, record_type: str) -> Schema:
        kinds = self.vocabulary.kinds_inside(record_type)
        lists = {k.plural: {"type": ["array", "null"], "items": {"$ref": f"#/$defs/entity_{k.name}"}} for k in kinds}
        events = {"$ref": "#/$defs/event", "allOf": list(self._events_of(record_type))}
        keys: Schema = {
            "record_type": {"const": record_type}, "id": {"type": "string", "pattern": r"\S"},
            "since": self._time(null=True), "timeline": {"enum": ["complete", "partial"]},
            "events_in_order": {"type": "boolean"}, "known_until": self._time(null=True),
            "states": self._states(record_type, [k.name for k in kinds]),
            "events": {"type": "array", "maxItems": DEFAULT.events, "items": events},
            "provenance": {"type": "object", "additionalProperties": True}, "note": {"type": "string"},
        }  # fmt: skip
        assert set(keys) == RECORD_KEYS  # noqa: S101 - one list of keys, kept in step
        properties = {**self._facts(record_type), **lists, **keys}
        return {"type": "object", "additionalProperties": False, "properties": properties}

    def _entity(self, kind: str) -> Schema:
        keys: Schema = {"id": _ID, "note": {}}
        return {
            "type": "object", "required": ["id"], "additionalProperties": False,
            "properties": {**self._facts(kind), **keys},
        }  # fmt: skip

    def _facts(self, kind: str) -> dict[str, Schema]:
        own = self.vocabulary.attributes_of(kind).values()
        return {v.attribute: self._fact(v) for v in own if v.source not in ("is", "events")}

    def _states(self, record_type: str, kinds: Sequence[str]) -> Schema:
        """The start values: by variable the value, or by variable and entity id."""
        states: dict[str, Schema] = {}
        for variable in self.vocabulary.variables.values():
            if variable.source != "events" or variable.kind not in (record_type, *kinds):
                continue
            value = self._value(variable.type, variable.name)
            by_id: Schema = {"type": "object", "additionalProperties": value}
            states[variable.name] = (
                {"if": {"type": "object"}, "then": by_id, "else": value} if variable.kind == record_type else by_id
            )
        return {"type": ["object", "null"], "additionalProperties": False, "properties": states}

    # -- values -------------------------------------------------------------------------------------------------------
    def _fact(self, variable: Variable) -> Schema:
        """A fact: a bare value, an attestation, or a dated list of either."""
        value = self._value(variable.type, variable.name)
        name = value["$ref"].rpartition("/")[2]
        given: Schema = {"value": value, "by": {}, "on": self._time(null=True), "document": {}}
        assert set(given) == ATTESTATION_KEYS  # noqa: S101 - one list of keys, kept in step
        dated: Schema = {
            "type": "object", "additionalProperties": False, "required": ["from"],
            "properties": {"from": self._time(), **given},
        }  # fmt: skip
        attested: Schema = {"type": "object", "additionalProperties": False, "properties": given}
        is_dated = {"type": "array", "minItems": 1, "items": {"type": "object", "required": ["from"]}}
        fact: Schema = {"if": is_dated, "then": {"type": "array", "items": dated}, "else": value}
        if variable.type.many or variable.type.base != "object":
            fact = {"if": {"type": "object", "required": ["value"]}, "then": attested, "else": fact}
        shared = self._share(f"fact_{name}", fact)
        return {"description": f"{variable.label.zh} / {variable.label.en}", **shared}

    def _time(self, *, null: bool = False) -> Schema:
        text = {"type": "string", "pattern": f"^{_TIME}{_END}"}
        form: Schema = {
            "description": "时间：时刻、日、月、年，或最早与最晚 / a moment, a day, a month, a year, or bounds",
            "type": ["string", "object", *(["null"] if null else [])],
            "pattern": f"^(unknown|{_TIME}){_END}",
            "properties": {"not_before": text, "not_after": text},
            "additionalProperties": False,
            "minProperties": 1,
        }
        return self._share("when_or_null" if null else "when", form)

    def _value(self, kind: Type, name: str) -> Schema:
        """Return a reference to the definition of a type; ``name`` names it when it is not a common one."""
        if kind.many:
            form = {"type": ["array", "null"], "items": self._value(kind.one(), name)}
            if kind.base in _OPEN_TO_UNKNOWN:
                form |= {"type": ["array", "null", "string"], "pattern": _UNKNOWN}
            return self._share(f"list_{name}", form)
        if kind.base == "time":
            return self._time(null=True)
        if kind.base == "boolean":
            return self._share("boolean", {"enum": [True, False, "unknown", None]})
        if kind.base == "number":
            return self._number(kind, name)
        if kind.base == "enum" and kind.codes is not None:
            return self._share(f"code_{name}", {"enum": [*dict.fromkeys((*kind.codes, "unknown")), None]})
        if kind.base == "object":
            fields = {f.name: self._value(f.type, f"{name}.{f.name}") for f in kind.fields}
            return self._share(
                f"object_{name}", {"type": ["object", "null"], "properties": fields, "additionalProperties": False}
            )
        return self._share("any_text", {"type": ["string", "null"]})

    def _number(self, kind: Type, name: str) -> Schema:
        bounds = {k: _bound(b) for k, b in (("minimum", kind.low), ("maximum", kind.high)) if b is not None}
        form = {"type": ["number", "string", "null"], "pattern": _UNKNOWN, **bounds}
        return self._share("number" if not bounds else "amount" if bounds == {"minimum": 0} else f"number_{name}", form)

    # -- events -------------------------------------------------------------------------------------------------------
    def _any_event(self) -> Schema:
        names = [*self.vocabulary.events, *sorted(self.vocabulary.ignored_events - set(self.vocabulary.events))]
        chosen = _halved("type", {n: f"event_{n}" for n in sorted(self.vocabulary.events)})
        return {"type": "object", "required": ["type"], "properties": {"type": {"enum": names}}, **chosen}

    def _event(self, event: EventType) -> Schema:
        keys: Schema = {
            "type": {"const": event.name}, "at": self._time(), "id": {"type": ["string", "null"], "minLength": 1},
            "seq": {"type": ["integer", "null"]}, "note": {},
        }  # fmt: skip
        assert set(keys) == EVENT_KEYS  # noqa: S101 - one list of keys, kept in step
        attributes = self.vocabulary.attributes_of_event(event)
        named = {n: self._value(a.type, f"{event.name}.{n}") for n, a in attributes.items()}
        references: dict[str, Schema] = {"document": {"type": "string"}, "document_id": {"type": "string"}}
        for kind in (*event.refers_to, *event.one_of):
            if kind not in self.types:  # the record's own type may be named in any way
                reference = self._reference(required=event.refers_to.get(kind) == "required")
                references |= {kind: reference, f"{kind}_id": reference}
        return {
            "description": f"{event.label.zh} / {event.label.en}", "type": "object", "required": ["type", "at"],
            "additionalProperties": False, "properties": {**references, **named, **keys},
            "patternProperties": {rf"^({'|'.join(self.types)})(_id)?$": {}},
        }  # fmt: skip

    def _reference(self, *, required: bool) -> Schema:
        """One id or several."""
        form: Schema = {"type": ["string", "array"], "items": {"type": "string"}}
        if required:
            return self._share("some_ids", form | {"minItems": 1})
        return self._share("ids", form)

    def _events_of(self, record_type: str) -> Iterator[Schema]:
        """Yield what the events of a record of one type must name, and what they can't."""
        inside = [k.name for k in self.vocabulary.kinds_inside(record_type)]
        wanted: dict[tuple[str, ...], list[str]] = {}
        for event in self.vocabulary.events.values():
            for kind, meaning in event.refers_to.items():
                if meaning == "required" and kind in inside and kind != record_type:
                    wanted.setdefault((kind, *self._passing(kind, event)), []).append(event.name)
            if event.one_of and record_type not in event.one_of:
                wanted.setdefault(tuple(k for k in event.one_of if k in inside), []).append(event.name)
        for kinds, names in wanted.items():
            forms = [{"required": [key]} for kind in kinds for key in (kind, f"{kind}_id")]
            yield {"if": _is_one_of("type", names), "then": {"anyOf": forms} if forms else False}
        yield from self._foreign_keys(record_type)

    def _foreign_keys(self, record_type: str) -> Iterator[Schema]:
        """Yield which events may name records of other types: by a reference, or by an attribute of that name."""
        ignored = sorted(self.vocabulary.ignored_events)
        alike: dict[tuple[tuple[str, ...], tuple[str, ...]], list[str]] = {}
        for key in (key for other in self.types if other != record_type for key in (other, f"{other}_id")):
            free = {e.name for e in self.vocabulary.events.values() if key in e.attributes}
            able = [e.name for e in self.vocabulary.events.values() if e.can_refer(key.removesuffix("_id"))]
            alike.setdefault(((*sorted(free), *ignored), tuple(n for n in able if n not in free)), []).append(key)
        ids = self._reference(required=False)
        for (free_names, able_names), keys in alike.items():
            found: Schema = {"properties": dict.fromkeys(keys, False)}
            if able_names:
                named = {"properties": dict.fromkeys(keys, ids)}
                found = {"if": _is_one_of("type", able_names), "then": named, "else": found}
            yield {"if": _is_one_of("type", free_names), "else": found} if free_names else found

    def _passing(self, kind: str, event: EventType) -> Iterator[str]:
        """Yield the kinds through which an event may refer to ``kind`` without naming it."""
        for other in self.vocabulary.entities.values():
            variables = (self.vocabulary.variables.get(f"{other.name}.{a}") for a in other.passes_on)
            if event.can_refer(other.name) and any(v is not None and v.type.kind == kind for v in variables):
                yield other.name


def _is_one_of(key: str, names: Iterable[str]) -> Schema:
    return {"properties": {key: {"enum": list(names)}}}


def _chosen(key: str, definitions: Mapping[str, str], otherwise: Schema) -> Schema:
    """Choose a definition by the value of a key, one after the other."""
    found = otherwise
    for name, definition in reversed(list(definitions.items())):
        found = {
            "if": {"properties": {key: {"const": name}}, "required": [key]},
            "then": {"$ref": f"#/$defs/{definition}"},
            "else": found,
        }
    return found


def _halved(key: str, definitions: Mapping[str, str]) -> Schema:
    """Choose a definition by the value of a key, in halves: a validator looks at few of many."""
    names = list(definitions)
    if len(names) == 1:
        test = {"properties": {key: {"const": names[0]}}, "required": [key]}
        return {"if": test, "then": {"$ref": f"#/$defs/{definitions[names[0]]}"}}
    half = len(names) // 2
    first, second = ({n: definitions[n] for n in part} for part in (names[:half], names[half:]))
    return {"if": _is_one_of(key, first), "then": _halved(key, first), "else": _halved(key, second)}


def _bound(value: object) -> float | int:
    return int(str(value)) if str(value).lstrip("-").isdigit() else float(str(value))
