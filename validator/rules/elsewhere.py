"""What rules may read of records other than the one that they judge: of those, the rest need not be kept."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from validator.expressions import expression as x
from validator.rules.program import Program, expressions_of


def read_elsewhere(program: Program) -> Mapping[str, frozenset[str]]:
    """Return the event types, by record type, that rules may read of a record of that type which is not judged.

    A pattern sees the events of the judged record alone.  Others are read by an expression that names them, or as what
    sets a variable.  Of a variable it is not always asked here whose it is, so there may be more than are read; one
    that a norm reads of its own asset, payment or the like is of the judged record.  What a computed variable reads of
    its own counts where the variable itself is read.
    """
    found: Mapping[str, frozenset[str]] = program.derived.once(("read elsewhere",), lambda: _by_record_type(program))
    return found


def _by_record_type(program: Program) -> Mapping[str, frozenset[str]]:
    of_kind: defaultdict[str, set[str]] = defaultdict(set)
    for node in _nodes(program):
        if isinstance(node, x.Occurrences) and node.base is not None:
            of_kind[node.base.type.kind].update(node.names)
        elif isinstance(node, x.Read):
            of_kind[node.variable.kind].update(program.derived.reads_of(node.variable).events)
    vocabulary = program.vocabulary
    return {
        record_type: frozenset[str]().union(
            of_kind[record_type], *(of_kind[kind.name] for kind in vocabulary.kinds_inside(record_type))
        )
        for record_type in vocabulary.record_types()
    }


def _nodes(program: Program) -> Iterator[x.Expression]:
    """Yield what expressions of norms, computed variables and effects are made of, as far as it may read elsewhere."""
    for norm in program.norms:
        for expression in expressions_of(norm):
            yield from _not_own(program, expression)
    for computed in program.derived.expressions.values():
        yield from _not_own(program, computed)
    for effects in program.derived.effects.values():
        for effect in effects:
            yield from () if effect.where is None else x.walk(effect.where)


def _not_own(program: Program, expression: x.Expression) -> Iterator[x.Expression]:
    """Yield the nodes but for those that read of what only the judged record can list, say of its own assets."""
    nodes = list(x.walk(expression))
    stays = not any(_leads_away(program, node) for node in nodes)
    for node in nodes:
        inside = isinstance(node, x.Read) and not program.vocabulary.entities[node.variable.kind].record
        if not (inside and (stays or isinstance(getattr(node, "base", None), x.EntityRoot))):
            yield node


def _leads_away(program: Program, node: x.Expression) -> bool:
    """Say whether another record comes into an expression here."""
    if isinstance(node, x.Occurrences):
        return node.base is not None
    kind = program.vocabulary.entities.get(node.type.kind)
    return kind is not None and kind.record and not isinstance(node, x.EntityRoot)
