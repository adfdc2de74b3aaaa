"""What rules may read of records other than the one that they judge: of those, the rest need not be kept."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from validator.expressions.elsewhere import elsewhere
from validator.rules.program import Program, expressions_of


def read_elsewhere(program: Program) -> Mapping[str, frozenset[str]]:
    """Return the event types, by record type, that rules may read of a record of that type which is not judged.

    A pattern sees the events of the judged record alone.  Others are read by an expression that names them, or as what
    sets a variable.
    """
    found: Mapping[str, frozenset[str]] = program.derived.once(("read elsewhere",), lambda: _by_record_type(program))
    return found


def _by_record_type(program: Program) -> Mapping[str, frozenset[str]]:
    found: defaultdict[str, frozenset[str]] = defaultdict(frozenset)
    for norm in program.norms:
        read = elsewhere(expressions_of(norm), norm.record_type, program.vocabulary, program.derived)
        for path, names in read.items():
            found[path[-1]] |= names
    return {record_type: found[record_type] for record_type in program.vocabulary.record_types()}
