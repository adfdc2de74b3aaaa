"""Names what findings point at in the words of the vocabulary: places of a record, entities, events, times, values.

A finding says ``/assets/0/indivisible``; whoever reads a report is told “财产 a1（不动产）：不可分割”.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from validator.facts.timeline import Entity, Event, Stated, Timeline, Unreferred, Upstream
from validator.facts.values import Series, known_parts
from validator.facts.vocabulary import MONEY, Attribute, EventType, Label, Type, Variable, Vocabulary
from validator.judging.finding import Finding
from validator.legal_time.instant import (
    BEGIN,
    END,
    LAST,
    Interval,
    day_end,
    day_of,
    day_start,
    format_day,
    format_instant,
)
from validator.rules.program import Norm, Program

_SAY: Mapping[str, Label] = {
    "and": Label("、", ", "),
    "of": Label("{whole}：{part}", "{whole}: {part}"),
    "in": Label("{name}（{more}）", "{name} ({more})"),
    "unknown_time": Label("时间不明", "time unknown"),
    "not_after": Label("不晚于 {last}", "not after {last}"),
    "not_before": Label("不早于 {first}", "not before {first}"),
    "between": Label("{first} 至 {last}", "{first} to {last}"),
    "holds_from": Label("自 {start} 起", "from {start}"),
    "time": Label("发生时间", "time of the event"),
    "since": Label("自何日起如此", "since when it is so"),
    "timeline": Label("记录是否完整（有无未记入的事件）", "whether the record is complete (no event left out)"),
    "events": Label("事件", "events"),
    "numbered": Label("第 {number} 个事件的{part}", "event {number}: {part}"),
    "states": Label("开始时的状态：{what}", "state at the beginning: {what}"),
    "which": Label("是哪一个“{kind}”", "which one: {kind}"),
    "unknown_one": Label("{kind}（不知是哪一个）", "{kind} (which one is not known)"),
    "everyone": Label("全部“{kind}”", "all of kind: {kind}"),
    "list_of": Label("“{kind}”的清单", "the list: {kind}"),
    "context": Label("关联记录：{kind} {id}", "context record: {kind} {id}"),
    "contexts": Label("关联记录：{kind}", "context records: {kind}"),
    "parameter": Label("参数“{label}”（本院未设）", "parameter “{label}” (not set by the court)"),
    "table": Label("目录“{label}”（未设）", "table “{label}” (not set)"),
    "review": Label("对 {norm}“{title}”的评议", "a review of {norm} “{title}”"),
    "happening": Label("{what} · {about}", "{what} · {about}"),
    "then": Label("；", "; "),
    "upstream_start": Label("{norm}“{title}”的期限从何时起算", "from when the term of {norm} “{title}” runs"),
    "upstream": Label("{norm}“{title}”的期限", "the term of {norm} “{title}”"),
    "clock": Label("{norm} 的期限从何时起算", "from when the term of {norm} runs"),
    "trigger": Label("触发的时间", "time of the trigger"),
    "event_time": Label("事件的时间", "time of an event"),
    "of_event": Label("事件的“{label}”", "of an event: {label}"),
    "until": Label("期间结束的时间", "when the period ends"),
    "empty": Label("清单里的内容", "what the list contains"),
    "money": Label("{number} 元", "{number} yuan"),
    "object": Label("（{parts}）", "({parts})"),
    "field": Label("，", ", "),
    "yes": Label("是", "yes"),
    "no": Label("否", "no"),
    "unknown": Label("不明", "unknown"),
}
_TIMES = {"trigger": "trigger", "trigger.at": "trigger", "event.at": "event_time", "until": "until",
          "empty list": "empty", "/timeline": "timeline", "/events": "events"}  # fmt: skip
_TELLING = ("name", "role", "type")
"""Attributes that tell entities of a kind apart, the best first."""
_OF_EVENT = re.compile(r"(?:event\.|trigger\.|/events/\*/)(\w+)")
_NUMBER = re.compile(r"/[0-9]+(?=/|$)")
_CONTEXT = re.compile(r"context (?P<kind>[^/ ]+)(?:/(?P<id>.*?))?(?: /(?P<attribute>\S+))?")


class Wording:
    """Words for one record in one language (``zh`` or ``en``)."""

    def __init__(self, program: Program, timeline: Timeline, lang: str) -> None:
        self.program, self.vocabulary, self.timeline, self.lang = program, program.vocabulary, timeline, lang
        self._entities = {e.pointer: e for kind in timeline.entities.values() for e in kind.values()}
        self._events = {e.pointer: e for e in timeline.events}

    def say(self, name: str, /, **values: str) -> str:
        """Return a phrase of this module, filled."""
        return _SAY[name].text(self.lang).format(**values)

    def join(self, words: Iterator[str] | list[str]) -> str:
        """Join words to a list."""
        return _SAY["and"].text(self.lang).join(words)

    # -- entities and events ----------------------------------------------------------------------------------------
    def kind(self, name: str) -> str:
        """Name an entity kind."""
        kind = self.vocabulary.entities.get(name)
        return name if kind is None else kind.label.text(self.lang)

    def entity(self, kind: str, identifier: str | None, *, bare: bool = False) -> str:
        """Name an entity by kind, id and what tells it apart; ``bare`` leaves out the kind."""
        if identifier is None:
            return self.say("unknown_one", kind=self.kind(kind))
        found = self.timeline.entities.get(kind, {}).get(identifier)
        name = identifier if bare else f"{self.kind(kind)} {identifier}"
        more = "" if found is None or kind == self.timeline.record_type else self._telling(found)
        return self.say("in", name=name, more=more) if more else name

    def _telling(self, entity: Entity) -> str:
        own = self.vocabulary.attributes_of(entity.kind)
        for attribute in _TELLING:
            if attribute in entity.facts and attribute in own:
                return self.value(own[attribute], entity.facts[attribute][-1].value)
        return ""

    def event(self, event: Event) -> str:
        """Name an event: what happened, and to what."""
        about = self.about(event)
        label = event.type.label.text(self.lang)
        return self.say("happening", what=label, about=about) if about else label

    def told(self, event: Event) -> str:
        """Name what happened with what the record says of it in attributes of its own: result, kind, number, court."""
        details = (
            self.say("of", whole=self.event_attribute(event.type, name), part=self.value(own, event.values[name]))
            for name, own in event.type.attributes.items()
            if event.values.get(name) is not None
        )
        label, more = event.type.label.text(self.lang), self.say("then").join(details)
        return self.say("happening", what=label, about=more) if more else label

    def about(self, event: Event) -> str:
        """Name the entities that an event refers to."""
        return self.join(self._references(event))

    def _references(self, event: Event) -> Iterator[str]:
        for kind, refs in event.refs.items():
            if not isinstance(refs, Unreferred):
                yield from (self.entity(kind, r) for r in refs)
            elif refs.everyone:
                yield self.say("everyone", kind=self.kind(kind))

    # -- places -----------------------------------------------------------------------------------------------------
    def place(self, what: str) -> str:
        """Name what a finding lists as missing, asked for or open: a JSON pointer, a parameter, a review, a clock."""
        if what in _TIMES:
            return self.say(_TIMES[what])
        if what.startswith("/"):
            return self._pointer(what)
        if what.startswith(("event.", "trigger.")):
            return self.say("of_event", label=_some_attribute(self.vocabulary, what.partition(".")[2], self.lang))
        word, _, rest = what.partition(" ")
        if word == "review" and rest:
            return self._norm("review", rest)
        if word == "context":
            return self._context(what)
        for prefix, names in (("param", self.vocabulary.parameters), ("table", self.vocabulary.tables)):
            if what.startswith(f"{prefix}.") and what.partition(".")[2] in names:
                label = names[what.partition(".")[2]].label.text(self.lang)
                return self.say("parameter" if prefix == "param" else "table", label=label)
        return self._norm("upstream_start" if what.endswith("/at") else "upstream", what)

    def upstream(self, event: Upstream) -> str:
        """Name the finding from which another follows."""
        norm: Norm = event.instance.norm
        return self.say("upstream", norm=norm.id, title=norm.title.text(self.lang))

    def in_words(self, finding: Finding) -> Finding:
        """Return a finding that lists what is missing, asked for or open in words."""
        listed = (finding.missing, finding.asks, finding.would_settle, finding.unattested)
        missing, asks, settle, unattested = (tuple(map(self.place, found)) for found in listed)
        return replace(finding, missing=missing, asks=asks, would_settle=settle, unattested=unattested)

    def _norm(self, name: str, key: str) -> str:
        """Name a norm by the key of one of its instances, which does not say by which of its versions."""
        norms = self.program.by_id.get(key.partition(":")[0], ())
        titles = dict.fromkeys(n.title.text(self.lang) for n in norms)
        return self.say(name, norm=norms[0].id, title=" / ".join(titles)) if norms else key

    def _context(self, what: str) -> str:
        found = _CONTEXT.fullmatch(what)
        if found is None:
            return what
        kind, identifier, attribute = found["kind"], found["id"], found["attribute"]
        name = self.say("context" if identifier else "contexts", kind=self.kind(kind), id=identifier or "")
        return self.say("of", whole=name, part=self._place_in(kind, attribute.split("/"))) if attribute else name

    def _place_in(self, kind: str, steps: list[str]) -> str:
        """Name a place in a record of a kind that is not at hand."""
        match steps:
            case ["states", *state] if state:
                return self._state(state)
            case ["events", number, name] if number.isdecimal():
                part = self.say("time") if name == "at" else _some_attribute(self.vocabulary, name, self.lang)
                return self.say("numbered", number=str(int(number) + 1), part=part)
            case [name]:
                return self._attribute(kind, name)
        place = "/".join(steps)
        return datum(self.vocabulary, kind, of_any(f"/{place}"), self.lang) or place

    def _attribute(self, kind: str, name: str) -> str:
        own = self.vocabulary.attributes_of(kind).get(name)
        return self.say("timeline") if name == "timeline" else name if own is None else own.label.text(self.lang)

    def _pointer(self, pointer: str) -> str:
        steps = [s.replace("~1", "/").replace("~0", "~") for s in pointer.split("/")[1:]]
        owner = "/".join(pointer.split("/")[:3])
        if steps[0] == "states" and len(steps) > 1:
            return self._state(steps[1:])
        if owner in self._events:
            return self._of_event(self._events[owner], steps[2:])
        if len(steps) > 1 and steps[-1] == "on":
            return self.say("of", whole=self._pointer(pointer.rpartition("/")[0]), part=self.say("since"))
        if owner in self._entities:
            entity = self._entities[owner]
            name = self.entity(entity.kind, entity.id)
            return self.say("of", whole=name, part=self._attribute(entity.kind, steps[2])) if steps[2:] else name
        return self._of_record(steps[0])

    def _of_record(self, step: str) -> str:
        plural = self.vocabulary.plural_of(step)
        if plural is not None:
            return self.say("list_of", kind=plural.label.text(self.lang))
        if step in self.vocabulary.attributes_of(self.timeline.record_type):
            return self._attribute(self.timeline.record_type, step)
        return self.say("which", kind=self.kind(step))

    def _state(self, steps: list[str]) -> str:
        variable = self.vocabulary.variables.get(steps[0])
        if variable is None:
            return self.say("states", what=steps[0])
        whose = f"{self.entity(variable.kind, steps[1])} " if steps[1:] else ""
        return self.say("states", what=whose + variable.label.text(self.lang))

    def _of_event(self, event: Event, steps: list[str]) -> str:
        name = f"{self.event(event)} {self.when(event.at)}"
        if not steps:
            return name
        part = self.say("time") if steps[0] == "at" else self.event_attribute(event.type, steps[0])
        return self.say("of", whole=name, part=part)

    def event_attribute(self, event: EventType, name: str) -> str:
        """Name an attribute of an event."""
        return self._named(event.attributes.get(name) or self.vocabulary.event_attributes.get(name), name)

    def _named(self, own: Attribute | None, name: str) -> str:
        """Name an attribute by its label; without one by the entity kind of that name, or as it is written."""
        return self.kind(name) if own is None or own.label is None else own.label.text(self.lang)

    # -- times and values -------------------------------------------------------------------------------------------
    def when(self, at: Interval) -> str:
        """Write a time as precisely as it is known: a moment, a day, a month, a year, or its bounds."""
        first, last = (None if t in (BEGIN, END) or not 0 <= t <= LAST else day_of(t) for t in at)
        if first is None and last is None:
            return self.say("unknown_time")
        if first is None or last is None:
            name = "not_after" if first is None else "not_before"
            return self.say(name, first=format_day(first or 0), last=format_day(last or 0))
        if at.lo == at.hi:
            return format_instant(at.lo, full=False)
        if at.lo == day_start(first) and at.hi == day_end(last):
            return self._days(first, last)
        return self.say("between", first=format_instant(at.lo, full=False), last=format_instant(at.hi, full=False))

    def _days(self, first: int, last: int) -> str:
        low, high, after = format_day(first), format_day(last), format_day(last + 1)
        if first == last:
            return low
        if low.endswith("-01") and after.endswith("-01") and low[:7] == high[:7]:
            return low[:7]
        if low.endswith("-01-01") and high.endswith("-12-31") and low[:4] == high[:4]:
            return low[:4]
        return self.say("between", first=low, last=high)

    def fact(self, variable: Variable, stated: tuple[Stated, ...]) -> str:
        """Write the values of a fact, each with the time from which it holds."""
        return self.join([self._stated(variable, s) for s in stated])

    def _stated(self, variable: Variable, stated: Stated) -> str:
        text = self.value(variable, stated.value)
        if stated.start is None:
            return text
        day = day_of(stated.start.lo)
        whole = stated.start.lo == stated.start.hi == day_start(day)
        start = format_day(day) if whole else self.when(stated.start)
        return self.say("in", name=text, more=self.say("holds_from", start=start))

    def value(self, variable: Variable | Attribute, value: Any) -> str:
        """Write a value of a variable, or of an attribute of an event."""
        if isinstance(value, Series):
            return self.join([*(self.value(variable, v) for v in known_parts(value)), self.say("unknown")])
        if isinstance(value, list | tuple) and not isinstance(value, Interval):
            return self.join([self.value(variable, v) for v in value])
        if isinstance(value, Interval):
            return self.when(value)
        if value is None or isinstance(value, bool):
            return self.say("unknown" if value is None else "yes" if value else "no")
        if isinstance(value, int | Decimal):
            number = f"{value:f}" if isinstance(value, Decimal) else str(value)
            return self.say("money", number=number) if variable.type.unit == MONEY.unit else number
        if isinstance(value, Mapping):
            return self._object(variable.type, value)
        label = dict(variable.labels).get(value)
        return str(value) if label is None else label.text(self.lang)

    def _object(self, kind: Type, value: Mapping[str, Any]) -> str:
        """Write the fields of an object in its order, each as label and value."""
        fields = {field.name: field for field in kind.fields}
        parts = (
            self.say("of", whole=self._named(fields[name], name), part=self.value(fields[name], part))
            for name, part in value.items()
        )
        return self.say("object", parts=self.say("field").join(parts)) if value else self.say("unknown")


def _some_attribute(vocabulary: Vocabulary, name: str, lang: str) -> str:
    """Name an attribute of whatever event has it, or an entity to which events refer."""
    events = (own for event in vocabulary.events.values() if (own := event.attributes.get(name)) is not None)
    labels = (own.label.text(lang) for own in events if own.label is not None)
    kind = vocabulary.entities.get(name)
    return next(labels, name if kind is None else kind.label.text(lang))


# -- places of no one record -------------------------------------------------------------------------------------------
def of_any(place: str) -> str:
    """Return the place of a datum in any record: /assets/0/value is /assets/*/value."""
    return _NUMBER.sub("/*", place)


def datum(vocabulary: Vocabulary, record_type: str, place: str, lang: str) -> str:
    """Name a datum of all records of a type, such as ``/assets/*/value``; "" when the vocabulary has no name for it."""
    if place in _TIMES or place == "/events/*/at":
        return _SAY[_TIMES.get(place, "event_time")].text(lang)
    of_event = _OF_EVENT.fullmatch(place)
    if of_event is not None:
        return _SAY["of_event"].text(lang).format(label=_some_attribute(vocabulary, of_event[1], lang))
    if place.endswith(":*"):
        return _SAY["clock"].text(lang).format(norm=place.removesuffix(":*"))
    if place.startswith("context "):
        kind = vocabulary.entities.get(place.removeprefix("context ").partition("/")[0])
        return "" if kind is None else _SAY["contexts"].text(lang).format(kind=kind.label.text(lang))
    if place.endswith("/on"):
        whole = datum(vocabulary, record_type, place.removesuffix("/on"), lang)
        return whole and _SAY["of"].text(lang).format(whole=whole, part=_SAY["since"].text(lang))
    first, _, rest = place.removeprefix("/").partition("/")
    if not rest:
        for kind in vocabulary.entities.values():
            if first in (kind.plural, kind.name):
                return (
                    _SAY["list_of" if first == kind.plural else "which"].text(lang).format(kind=kind.label.text(lang))
                )
    owners = {kind.plural: kind.name for kind in vocabulary.entities.values()}
    name = rest if first == "states" else f"{owners.get(first, '')}.{rest.removeprefix('*/')}" if rest else ""
    variable = vocabulary.variables.get(name or f"{record_type}.{first}")
    return "" if variable is None else variable.label.text(lang)
