"""CEL in Python (`cel-python`): programs decide, the host does the rest."""

from collections.abc import Iterator
from functools import partial

import celpy

from ..contestant import Contestant, judging
from .host import GUARDS, Facts, outcomes


def contestants() -> Iterator[Contestant]:
    """Yield CEL with its programs compiled once."""
    environment = celpy.Environment()
    guards = {name: environment.program(environment.compile(text)) for name, text in GUARDS.items()}

    def decide(guard: str, facts: Facts) -> str:
        return str(guards[guard].evaluate({name: _typed(value) for name, value in facts.items()}))

    yield judging("cel-python, the rest by hand", 16, partial(outcomes, decide), slow=True)


def _typed(value: object) -> object:
    return celpy.celtypes.BoolType(value) if isinstance(value, bool) else celpy.celtypes.IntType(value)
