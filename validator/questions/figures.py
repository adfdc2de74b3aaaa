"""The figures of parameters on which a finding rests: a court sets them, not the law, and the reader is told so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from validator.facts.vocabulary import Dated
from validator.legal_time.deadline import Period, Unit
from validator.legal_time.instant import Instant, day_of, format_day
from validator.output.phrases import phrase
from validator.rules.program import Norm, Program, parameters_of


def figures(program: Program, norm: Norm, start: Instant, lang: str) -> Iterator[str]:
    """Yield a sentence for each parameter that a norm reads: its figure at the start, with its basis and its first day.

    Of a parameter that has figures, but none at the start, it says from when it has one, or has none any more.
    """
    for name in dict.fromkeys(parameters_of(norm)):
        parameter = program.vocabulary.parameters[name]
        found, told = parameter.row(start), {"label": parameter.label.text(lang)}
        if found is not None:
            yield _row(found, parameter.unit, told, lang)
        elif parameter.values:
            yield phrase(lang, "figure_later", **told, day=format_day(day_of(parameter.values[0].start)))


def _row(row: Dated, unit: str, told: Mapping[str, str], lang: str) -> str:
    """Say what a row of a parameter says: a figure, or that there is none any more."""
    day = format_day(day_of(row.start))
    basis = "" if row.basis is None else row.basis.text(lang)
    if row.value is None:
        return phrase(lang, "figure_repealed", **told, day=day, basis=basis)
    told = {**told, "value": _amount(row.value, unit, lang)}
    if not basis:
        return phrase(lang, "figure", **told)
    return phrase(lang, "figure_since" if row.start > 0 else "figure_by", **told, basis=basis, day=day)


def _amount(value: Any, unit: str, lang: str) -> str:
    return Period(int(value), Unit(unit)).text(lang) if unit in frozenset(Unit) else str(value)
