"""Amounts in fen, and as exact yuan."""

from decimal import Decimal
from functools import lru_cache
from random import Random

from validator.sample.figures import (
    CLAIM_MEDIAN,
    CLAIM_STEP,
    HUGE_CLAIM,
    HUGE_CLAIM_FLOOR,
    HUGE_SPREAD,
    WHOLE_YUAN,
)


@lru_cache(maxsize=1)
def _ladder() -> tuple[int, ...]:
    """Return 55 rungs of a log-normal scale in fen, the median on rung 27, by integer arithmetic only."""
    up = [CLAIM_MEDIAN]
    down = [CLAIM_MEDIAN]
    for _ in range(27):
        up.append(up[-1] * CLAIM_STEP // 1000)
        down.append(down[-1] * 1000 // CLAIM_STEP)
    return (*reversed(down), *up[1:])


def claim(rng: Random) -> int:
    """Return a claim in fen.  The ones among 53 random bits are as good as normal; each is one rung of the ladder."""
    if rng.random() < HUGE_CLAIM:
        return int(HUGE_CLAIM_FLOOR / (1 - rng.random() * HUGE_SPREAD))
    rungs = _ladder()
    rung = int(rng.random() * (1 << 53)).bit_count()
    low, high = rungs[rung], rungs[rung + 1]
    fen = low + int(rng.random() * (high - low))
    return max(100, fen // 100 * 100 if rng.random() < WHOLE_YUAN else fen)


def yuan(fen: int) -> int | Decimal:
    """Return an amount as exact yuan: an integer, or a decimal with two digits."""
    whole, rest = divmod(fen, 100)
    return Decimal(f"{whole}.{rest:02}") if rest else whole
