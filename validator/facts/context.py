"""The other records of a run: those that a record names, and those that name it (record language, section 12)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

from msgspec.structs import replace

from validator.facts.timeline import Event, Timeline
from validator.facts.values import known_parts
from validator.facts.vocabulary import Vocabulary
from validator.legal_time.instant import Instant
from validator.reading.source import wrong_argument

_Key = tuple[str, str]  # record type and id
_Neighbours = Mapping[str, Sequence[Timeline]]  # by record type


@dataclass(slots=True)
class _Named:
    """Who names whom in one attribute: by id the records that name it, and the records that do not say."""

    by_id: dict[str, list[Timeline]] = field(default_factory=dict)
    silent: list[Timeline] = field(default_factory=list)


def _key(timeline: Timeline) -> _Key:
    return timeline.record_type, timeline.id


class Context(Mapping[tuple[str, str], Timeline]):
    """Records by (record type, id), indexed by what they name: a docket may be its own context."""

    def __init__(self, records: Mapping[tuple[str, str], Timeline]) -> None:
        self._records = dict(records)
        self._types = frozenset(record_type for record_type, _ in records)
        self._named: dict[tuple[str, str], _Named] = {}
        self._seen: dict[tuple[_Key, tuple[str, ...]], tuple[Event, ...]] = {}
        self._near: dict[_Key, _Neighbours] = {}
        self._judged: tuple[Timeline, _Neighbours] | None = None  # a record that is none of these
        self._vocabulary: Vocabulary | None = None  # the one by which both were found

    def __getitem__(self, key: tuple[str, str]) -> Timeline:
        return self._records[key]

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._records)

    def __len__(self) -> int:
        return len(self._records)

    @classmethod
    def of(cls, records: Mapping[tuple[str, str], Timeline]) -> Context:
        """Return records as a context; a context stays what it is, with its index.

        Raises `UsageError` for what is no mapping, such as all that `read_context` returns.
        """
        given: object = records
        if isinstance(records, Context):
            return records
        if not isinstance(given, Mapping):
            expected = ("read_context 返回的两项中的第一项", "the first of the two things that read_context returns")
            raise wrong_argument("context", given, *expected)
        return cls(records)

    def seen(self, timeline: Timeline, names: tuple[str, ...]) -> Sequence[Event]:
        """Return the events of some types of a record, in order, whose places say that they are in that record."""
        key = (_key(timeline), names)
        if key not in self._seen:
            found = timeline.of_types(names)
            self._seen[key] = tuple(replace(e, pointer=f"{timeline.whence} {e.pointer}", _doubt=None) for e in found)
        return self._seen[key]

    def has(self, record_type: str) -> bool:
        """Say whether there is any record of a type."""
        return record_type in self._types

    def naming(self, record_type: str, attribute: str, identifier: str) -> list[tuple[Timeline, bool]]:
        """Return the records of a type that name an id in an attribute, and (False) those that do not say; by id."""
        named = self._index(record_type, attribute)
        found = [(t, True) for t in named.by_id.get(identifier, ())] + [(t, False) for t in named.silent]
        return sorted(found, key=lambda p: p[0].id)

    def _index(self, record_type: str, attribute: str) -> _Named:
        key = (record_type, attribute)
        if key not in self._named:
            found = self._named[key] = _Named()
            for timeline in self._records.values():
                if timeline.record_type != record_type:
                    continue
                stated = timeline.record.facts.get(attribute, ())
                ids = {identifier for one in stated for identifier in known_parts(one.value)}
                for identifier in ids:
                    found.by_id.setdefault(identifier, []).append(timeline)
                if not ids:
                    found.silent.append(timeline)
        return self._named[key]

    def changes_around(
        self, timeline: Timeline, vocabulary: Vocabulary, read: Mapping[tuple[str, ...], frozenset[str]]
    ) -> frozenset[Instant]:
        """Return when something may change that is read of the records around one.

        Args:
            timeline: the one.
            vocabulary: says how records name each other.
            read: the event types that matter, by the types of the records from step to step on the way to where they
                are read; dated facts always do.
        """
        found: set[Instant] = set()
        for path, names in read.items():
            reached = [timeline]
            for record_type in path:
                steps = (self.next_to(one, record_type, vocabulary) for one in reached)
                reached = list(dict.fromkeys(chain.from_iterable(steps)))
            found.update(*(other.changes(names) for other in reached if other is not timeline))
        return frozenset(found)

    def next_to(self, timeline: Timeline, record_type: str, vocabulary: Vocabulary) -> Sequence[Timeline]:
        """Return the records of a type next to one; if that is one of these, they are found once for the whole run.

        Those next to any other are kept until the next one is judged.
        """
        if vocabulary is not self._vocabulary:
            self._vocabulary, self._near, self._judged = vocabulary, {}, None
        key = _key(timeline)
        if not self.holds(timeline):
            judged = self._judged  # read once: another thread may judge another record
            if judged is None or judged[0] is not timeline:
                judged = self._judged = timeline, _by_type(self._neighbours(timeline, vocabulary))
            return judged[1].get(record_type, ())
        if key not in self._near:
            self._near[key] = _by_type(self._neighbours(timeline, vocabulary))
        return self._near[key].get(record_type, ())

    def holds(self, timeline: Timeline) -> bool:
        """Say whether a record is one of these, not another reading of it."""
        return self._records.get(_key(timeline)) is timeline

    def _neighbours(self, timeline: Timeline, vocabulary: Vocabulary) -> Iterator[Timeline]:
        for link in vocabulary.links.values():
            for source in link.sources:
                kind, _, attribute = source.partition(".")
                if not link.many:
                    yield from self._known(link.to, _stated_ids(timeline, kind, attribute))
                elif link.to == timeline.record_type:
                    yield from (other for other, _ in self.naming(kind, attribute, timeline.id))
        types = {name for name, kind in vocabulary.entities.items() if kind.record and self.has(name)}
        for kind, entities in timeline.entities.items():
            for variable in vocabulary.attributes_of(kind).values():
                if entities and variable.type.kind in types:
                    yield from self._known(variable.type.kind, _stated_ids(timeline, kind, variable.attribute))
        for event in timeline.events:
            yield from self._of_event(event, types)

    def _of_event(self, event: Event, types: Collection[str]) -> Iterator[Timeline]:
        for kind, refs in event.refs.items():
            if isinstance(refs, tuple) and kind in types:
                yield from self._known(kind, refs)
        for name, value in event.values.items():
            attribute = event.type.attributes.get(name)
            if attribute is not None and attribute.type.kind in types:
                yield from self._known(attribute.type.kind, known_parts(value))

    def _known(self, record_type: str, identifiers: tuple[str, ...]) -> Iterator[Timeline]:
        for identifier in identifiers:
            other = self.get((record_type, identifier))
            if other is not None:
                yield other


def _by_type(timelines: Iterable[Timeline]) -> _Neighbours:
    found: dict[str, list[Timeline]] = {}
    for timeline in dict.fromkeys(timelines):
        found.setdefault(timeline.record_type, []).append(timeline)
    return found


def _stated_ids(timeline: Timeline, kind: str, attribute: str) -> tuple[str, ...]:
    """Return the ids that the entities of a kind state in an attribute."""
    values = (s.value for e in timeline.entities.get(kind, {}).values() for s in e.facts.get(attribute, ()))
    return tuple(i for value in values for i in known_parts(value))
