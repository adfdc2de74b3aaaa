"""The floor: reading the lines and decoding them, with no rule and no output."""

import json
from collections.abc import Iterator
from pathlib import Path
from types import GenericAlias
from typing import Any

import msgspec
import orjson

from .contestant import Contestant, lines

FLOOR = "orjson.loads (the floor)"


def needed_fields() -> Any:
    """Return the type of a record with only what the rules need."""
    event = msgspec.defstruct(
        "Event", [("type", str), ("at", str), ("asset", str | None, None), ("payment", str | None, None)], gc=False
    )
    asset = msgspec.defstruct("Asset", [("id", str), ("value", int)], gc=False)
    return msgspec.defstruct(
        "Case",
        [
            ("id", str), ("claim_amount", int), ("debtor_is_enterprise", bool), ("self_disposal_days", int),
            ("assets", GenericAlias(list, (asset,))), ("events", GenericAlias(list, (event,))),
        ],
        gc=False,
    )  # fmt: skip


def readers() -> Iterator[Contestant]:
    """Yield the ways to read, the floor first."""
    decoders: dict[str, Any] = {
        FLOOR: orjson.loads,
        "msgspec, only the fields that the rules need": msgspec.json.Decoder(needed_fields()).decode,
        "msgspec, everything": msgspec.json.Decoder().decode,
        "json.loads": json.loads,
    }
    for name, decode in decoders.items():
        yield Contestant(name, 0, _reading(decode))


def _reading(decode: Any) -> Any:
    def run(path: Path) -> int:
        read = 0
        for line in lines(path):
            decode(line)
            read += 1
        return read

    return run
