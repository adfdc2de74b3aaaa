"""ZEN (`zen-engine`): compiled expressions decide, the host does the rest."""

from collections.abc import Iterator
from functools import partial

import zen

from ..contestant import Contestant, judging
from .host import GUARDS, Facts, outcomes


def contestants() -> Iterator[Contestant]:
    """Yield ZEN with its expressions compiled once."""
    guards = {name: zen.compile_expression(text) for name, text in GUARDS.items()}

    def decide(guard: str, facts: Facts) -> str:
        return str(guards[guard].evaluate(facts))

    yield judging("ZEN expressions, the rest by hand", 16, partial(outcomes, decide))
