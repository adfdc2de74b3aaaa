"""What judges the records of one type: code for its plain norms, and which others may be triggered."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from validator.compiling.functions import Compiled, Tables
from validator.compiling.habits import Habits
from validator.compiling.plain import NotPlainError, PlainNorm, plain_norm
from validator.compiling.roles import Roles, roles_of
from validator.judging.interpreter import Options
from validator.rules.program import Norm, Program


@dataclass(frozen=True, slots=True)
class TypeJudge:
    """What judges the records of one type.

    ``others`` are the norms that are not plain, by id; ``standing`` and ``by_event`` (by the number of an event type)
    say which of them may be triggered; ``pairs`` is how many norms there are for a record, plain and others.  Events
    after ``latest`` are not looked at, or are for the interpreter.  ``roles`` says what events mean to the plain ones.
    """

    record_type: str
    compiled: Compiled
    others: Mapping[str, Norm]
    standing: frozenset[str]
    by_event: Mapping[int, frozenset[str]]
    pairs: int
    latest: dt.datetime
    roles: Roles

    def knowing(self, habits: Habits) -> TypeJudge:
        """Return it with code for records that are as usual."""
        return replace(self, compiled=self.compiled.knowing(habits))


def type_judge(
    program: Program, record_type: str, options: Options, tables: Tables, until: dt.datetime
) -> TypeJudge:  # fmt: skip
    """Return what judges the records of a type.

    Args:
        program: the rule set.
        record_type: the type.
        options: which norms, and how.
        tables: those of all code as of one moment; new ones are added.
        until: the moment of judgement.
    """
    chosen = [n for n in program.by_record_type.get(record_type, ()) if options.selects(n)]
    plain, others = sifted(program, chosen, in_force=options.assume_in_force)
    numbers = {name: number for number, name in enumerate(program.vocabulary.events)}
    by_event = {
        numbers[name]: frozenset(n.id for n in norms if n.id in others)
        for (kind, name), norms in program.by_event.items()
        if kind == record_type and name in numbers
    }
    compiled = Compiled(program, record_type, plain, tables, until, in_force=options.assume_in_force)
    return TypeJudge(
        record_type,
        compiled,
        others,
        frozenset(n.id for n in program.standing.get(record_type, ()) if n.id in others),
        {number: ids for number, ids in by_event.items() if ids},
        len(plain) + len(others),
        min(until, compiled.latest),
        roles_of(compiled.norms, numbers, record_type, _hourly(compiled)),
    )


def _hourly(compiled: Compiled) -> int:
    """Return the norms whose terms depend on the time of the day, as a set."""
    return sum(1 << n for n, end in enumerate(compiled.ends) if end is not None and end.exact is not None)


def sifted(
    program: Program, norms: Iterable[Norm], *, in_force: bool = False
) -> tuple[list[PlainNorm], dict[str, Norm]]:
    """Part the norms that are plain by form from the others, which are by id; `in_force`: all are in force always."""
    plain = []
    others: dict[str, Norm] = {}
    for norm in norms:
        try:
            plain.append(plain_norm(program, norm, in_force=in_force))
        except NotPlainError:
            others.setdefault(norm.id, norm)  # of several versions the first gives its title
    return plain, others


def coverage(program: Program) -> float:
    """Return the share of the norms that are plain."""
    return len(sifted(program, program.norms)[0]) / max(len(program.norms), 1)
