"""CEL in Rust (`common-expression-language`): compiled programs decide, the host does the rest."""

from collections.abc import Iterator
from functools import partial

import cel

from ..contestant import Contestant, judging
from .host import GUARDS, Facts, outcomes


def contestants() -> Iterator[Contestant]:
    """Yield CEL with its programs compiled once."""
    guards = {name: cel.compile(text) for name, text in GUARDS.items()}

    def decide(guard: str, facts: Facts) -> str:
        return str(guards[guard].execute(facts))

    yield judging("CEL (Rust), the rest by hand", 16, partial(outcomes, decide))
