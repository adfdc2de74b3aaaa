"""The figures of parameters on which a finding rests: a court sets them, not the law, and the reader is told so."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from validator.legal_time.deadline import Period, Unit
from validator.legal_time.instant import Instant
from validator.output.phrases import phrase
from validator.rules.program import Norm, Program, parameters_of


def figures(program: Program, norm: Norm, start: Instant, lang: str) -> Iterator[str]:
    """Yield a sentence for each parameter that a norm reads and that is set at its start: figure and basis."""
    for name in dict.fromkeys(parameters_of(norm)):
        parameter = program.vocabulary.parameters[name]
        found = parameter.at(start)
        if found is None:
            continue
        told = {"label": parameter.label.text(lang), "value": _amount(found.value, parameter.unit, lang)}
        if found.basis is None:
            yield phrase(lang, "figure", **told)
        else:
            yield phrase(lang, "figure_by", **told, basis=found.basis.text(lang))


def _amount(value: Any, unit: str, lang: str) -> str:
    return Period(int(value), Unit(unit)).text(lang) if unit in frozenset(Unit) else str(value)
