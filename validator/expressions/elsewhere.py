"""What the value of an expression may rest on in other records: by which links they are reached, what is read there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import chain

from validator.expressions import expression as x
from validator.expressions.derived import Derived
from validator.facts.vocabulary import Type, Variable, Vocabulary

Path = tuple[str, ...]
"""Record types, one for each step from a record to one that it names or that names it; () is the record itself."""
Elsewhere = Mapping[Path, frozenset[str]]
"""The event types that may be read of the records at the end of a path; any dated fact of theirs may be read too."""

_HERE: frozenset[Path] = frozenset({()})


def elsewhere(
    expressions: Iterable[x.Expression], record_type: str, vocabulary: Vocabulary, derived: Derived
) -> Elsewhere:
    """Return what is read of other records when expressions are read in a record of a type."""
    search = _Search(record_type, vocabulary, derived)
    for expression in expressions:
        search.walk(expression, {})
    return {path: frozenset(names) for path, names in search.found.items() if path}


class _Search:
    """Walks through expressions that are read in a record of a type, from record to record."""

    def __init__(self, record_type: str, vocabulary: Vocabulary, derived: Derived) -> None:
        self.record_type, self.vocabulary, self.derived = record_type, vocabulary, derived
        self.found: defaultdict[Path, set[str]] = defaultdict(set)

    def note(self, path: Path, names: Iterable[str] = ()) -> None:
        """Note that events of some types, and perhaps dated facts, are read at the end of a path."""
        self.found[path].update(names)

    def walk(self, node: x.Expression, loops: Mapping[str, frozenset[Path]]) -> frozenset[Path]:
        """Note what a node reads, and return where the records are from which its value is."""
        match node:
            case x.EntityRoot(kind=kind):
                return frozenset({(kind,)}) if self._is_record(kind) and kind != self.record_type else _HERE
            case x.LoopVariable(name=name):
                return loops.get(name, _HERE)
            case x.Generator(source=source, variable=variable):
                loops = {**loops, variable: self.walk(source, loops)}
                return self._of_parts((node.condition, node.element), loops) | loops[variable]
            case x.Linked(base=base, link=link):
                return self._linked(self.walk(base, loops), link)
            case x.Occurrences(base=base, names=names):
                places = _HERE if base is None else self.walk(base, loops)
                for path in places:
                    self.note(path, names)
                return places
            case x.Read(base=base, variable=variable):
                places = self.walk(base, loops)
                for path in places:
                    self._variable(path, variable)
                return self._led(places, variable.type)
            case x.EventRead(base=base) | x.EventEntity(base=base):
                return self._led(self.walk(base, loops), node.type)
        return self._of_parts(x.parts_of(node), loops) or _HERE

    def _of_parts(self, parts: Iterable[x.Expression | None], loops: Mapping[str, frozenset[Path]]) -> frozenset[Path]:
        return frozenset[Path]().union(*(self.walk(part, loops) for part in parts if part is not None))

    def _linked(self, places: frozenset[Path], name: str) -> frozenset[Path]:
        link = self.vocabulary.links[name]
        if link.many:
            kinds = {source.partition(".")[0] for source in link.sources}
            return frozenset((*path, kind) for path in places for kind in kinds)
        for path in places:
            for source in link.sources:
                self._variable(path, self.vocabulary.variables[source])
        return frozenset((*path, link.to) for path in places)

    def _led(self, places: frozenset[Path], kind: Type) -> frozenset[Path]:
        """Return where the entity is that a value of a type names; one inside of a record is looked up in this one."""
        if self._is_record(kind.kind):
            return frozenset((*path, kind.kind) for path in places)
        return places | _HERE if kind.kind else places

    def _is_record(self, kind: str) -> bool:
        found = self.vocabulary.entities.get(kind)
        return found is not None and found.record

    def _variable(self, path: Path, variable: Variable) -> None:
        """Note what a variable reads of the records at the end of a path, and of others from there."""
        inner = _Search(path[-1] if path else self.record_type, self.vocabulary, self.derived)
        setters = self.derived.setters.get(variable.name, ())
        inner.note((), setters)
        computed = self.derived.expressions.get(variable.name)
        effects = chain.from_iterable(self.derived.effects[event, variable.name] for event in setters)
        for expression in (computed, *(effect.where for effect in effects)):
            if expression is not None:
                inner.walk(expression, {})
        for further, names in inner.found.items():
            self.note(path + further, names)
