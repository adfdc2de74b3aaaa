"""The JSON Schema of records, made from the vocabulary (``schemas/record.schema.json`` agrees with it, by a test)."""

from __future__ import annotations

from typing import Any

from validator.timeline import EVENT_KEYS, RECORD_KEYS
from validator.vocabulary import Attribute, EventType, Type, Variable, Vocabulary

DRAFT = "https://json-schema.org/draft/2020-12/schema"
_WHEN = {"$ref": "#/$defs/when"}
_REFERENCE = {"$ref": "#/$defs/reference"}


def record_schema(vocabulary: Vocabulary) -> dict[str, Any]:
    """Return a JSON Schema (draft 2020-12) for records of all record types of a vocabulary."""
    types = vocabulary.record_types()
    return {
        "$schema": DRAFT,
        "title": "Zhijian record",
        "type": "object",
        "required": ["record_type", "id"],
        "properties": {"record_type": {"enum": types}, "id": {"type": "string", "minLength": 1}},
        "allOf": [
            {
                "if": {"properties": {"record_type": {"const": t}}, "required": ["record_type"]},
                "then": {"$ref": f"#/$defs/{t}"},
            }
            for t in types
        ],
        "$defs": {
            "when": _when(),
            "reference": {"type": ["string", "array"], "items": {"type": "string"}},
            "event": _event_schema(vocabulary),
            **{t: _record(vocabulary, t) for t in types},
            **{k.name: _entity(vocabulary, k.name) for k in vocabulary.entities.values() if not k.record},
            **{f"event_{e.name}": _event(vocabulary, e) for e in vocabulary.events.values()},
        },
    }


def _when() -> dict[str, Any]:
    text = {
        "type": "string",
        "pattern": r"^(unknown|\d{4}(-\d{2}(-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}(:?\d{2})?)?)?)?)?)$",
    }
    bounds = {"not_before": text, "not_after": text}
    return {
        "anyOf": [text, {"type": "object", "properties": bounds, "additionalProperties": False, "minProperties": 1}]
    }


def _record(vocabulary: Vocabulary, record_type: str) -> dict[str, Any]:
    own = {v.attribute: _fact(v) for v in vocabulary.attributes_of(record_type).values() if _given(v)}
    lists = {
        k.plural: {"type": ["array", "null"], "items": {"$ref": f"#/$defs/{k.name}"}}
        for k in vocabulary.kinds_inside(record_type)
    }
    keys: dict[str, Any] = {
        "record_type": {"const": record_type}, "id": {"type": "string", "minLength": 1}, "since": _WHEN,
        "timeline": {"enum": ["complete", "partial"]}, "events_in_order": {"type": "boolean"}, "known_until": _WHEN,
        "states": {"type": "object"}, "events": {"type": "array", "items": {"$ref": "#/$defs/event"}},
        "source": {"type": "object"}, "note": {"type": "string"},
    }  # fmt: skip
    assert set(keys) == RECORD_KEYS  # noqa: S101 - one list of keys, kept in step
    return {"type": "object", "additionalProperties": False, "properties": {**keys, **lists, **own}}


def _given(variable: Variable) -> bool:
    return variable.source not in ("is", "events")


def _entity(vocabulary: Vocabulary, kind: str) -> dict[str, Any]:
    own = {v.attribute: _fact(v) for v in vocabulary.attributes_of(kind).values() if _given(v)}
    keys: dict[str, Any] = {"id": {"type": "string", "minLength": 1}, "note": {}}
    return {"type": "object", "required": ["id"], "additionalProperties": False, "properties": {**own, **keys}}


def _fact(variable: Variable) -> dict[str, Any]:
    """A fact: a bare value, an attestation, or a dated list of either."""
    value = _value(variable.type)
    attested = {"value": value, "by": {}, "on": _WHEN, "document": {}}
    forms: list[dict[str, Any]] = [value]
    if variable.type.base != "object":
        forms.append({"type": "object", "required": ["value"], "properties": attested, "additionalProperties": False})
    dated = {
        "type": "object",
        "required": ["from"],
        "properties": {"from": _WHEN, **attested},
        "additionalProperties": False,
    }
    forms.append({"type": "array", "minItems": 1, "items": dated})
    return {"description": f"{variable.label.zh} / {variable.label.en}", "anyOf": forms}


def _value(kind: Type) -> dict[str, Any]:
    if kind.many:
        return {"type": ["array", "null"], "items": _value(kind.one())}
    if kind.base == "time":
        return {"anyOf": [_WHEN, {"type": "null"}]}
    if kind.base == "enum" and kind.codes is not None:
        return {"enum": [*kind.codes, *([] if "unknown" in kind.codes else ["unknown"]), None]}
    if kind.base == "object":
        fields = {n: _value(t) for n, t in kind.fields}
        return {"type": ["object", "null"], "properties": fields, "additionalProperties": False}
    if kind.base == "boolean":
        return {"enum": [True, False, "unknown", None]}
    if kind.base == "number":
        bounds = {"minimum": _bound(kind.low), "maximum": _bound(kind.high)}
        number = {"type": "number", **{k: v for k, v in bounds.items() if v is not None}}
        return {"anyOf": [number, {"enum": ["unknown", None]}]}
    return {"type": ["string", "null"]}


def _bound(value: object) -> float | int | None:
    return None if value is None else int(str(value)) if str(value).lstrip("-").isdigit() else float(str(value))


def _event_schema(vocabulary: Vocabulary) -> dict[str, Any]:
    names = [*vocabulary.events, *sorted(vocabulary.ignored_events)]
    return {
        "type": "object",
        "required": ["type"],
        "properties": {"type": {"enum": names}},
        "allOf": [
            {
                "if": {"properties": {"type": {"const": name}}, "required": ["type"]},
                "then": {"$ref": f"#/$defs/event_{name}"},
            }
            for name in vocabulary.events
        ],
    }


def _event(vocabulary: Vocabulary, event: EventType) -> dict[str, Any]:
    keys: dict[str, Any] = {"type": {"const": event.name}, "at": _WHEN, "id": {"type": "string", "minLength": 1},
                            "seq": {"type": ["integer", "null"]}, "note": {}}  # fmt: skip
    assert set(keys) == EVENT_KEYS  # noqa: S101 - one list of keys, kept in step
    for kind in (*event.refers_to, *event.one_of, *vocabulary.record_types()):
        keys |= {kind: _REFERENCE, f"{kind}_id": _REFERENCE}
    attributes: dict[str, Attribute] = {**vocabulary.event_attributes, **event.attributes}
    keys |= {name: _value(attribute.type) for name, attribute in attributes.items()}
    return {
        "description": f"{event.label.zh} / {event.label.en}", "type": "object", "required": ["type", "at"],
        "additionalProperties": False, "properties": keys,
    }  # fmt: skip
