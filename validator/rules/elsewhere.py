"""What rules may read of records other than the one that they judge: of those, the rest need not be kept."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from validator.expressions import expression as x
from validator.rules.program import Program, expressions_of


def read_elsewhere(program: Program) -> Mapping[str, frozenset[str]]:
    """Return the event types, by record type, that rules may read of a record of that type which is not judged.

    A pattern sees the events of the judged record alone.  Others are read by an expression that names them, or as what
    sets a variable; of a variable nobody asks here whose it is, so there may be more than are read.
    """
    found: Mapping[str, frozenset[str]] = program.derived.once(("read elsewhere",), lambda: _by_record_type(program))
    return found


def _by_record_type(program: Program) -> Mapping[str, frozenset[str]]:
    of_kind: defaultdict[str, set[str]] = defaultdict(set)
    for expression in _expressions(program):
        for node in x.walk(expression):
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


def _expressions(program: Program) -> Iterator[x.Expression]:
    """Yield every expression: those of norms, of computed variables, and of what makes an event set a variable."""
    for norm in program.norms:
        yield from expressions_of(norm)
    yield from program.derived.expressions.values()
    for effects in program.derived.effects.values():
        yield from (effect.where for effect in effects if effect.where is not None)
