"""JSON Schema validators on the payload alone: the schema that `zhijian schema record` makes of the vocabulary."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jsonschema
import jsonschema_rs
import orjson

from validator import load
from validator.authoring.record_schema import record_schema

from ..contestant import Contestant, lines
from ..project import RULES


def contestants() -> Iterator[Contestant]:
    """Yield both validators; each has to refuse a record that is made wrong."""
    schema = record_schema(load([str(RULES)]).vocabulary)
    quick = jsonschema_rs.validator_for(schema).is_valid
    plain = jsonschema.validators.validator_for(schema)(schema).is_valid
    yield Contestant("orjson and jsonschema-rs, payload only", 0, _validating(quick))
    yield Contestant("orjson and jsonschema, payload only", 0, _validating(plain), slow=True)


def _validating(is_valid: Callable[[Any], bool]) -> Callable[[Path], int]:
    def run(path: Path) -> int:
        valid = 0
        for line in lines(path):
            record = orjson.loads(line)
            assert is_valid(record), record["id"]
            valid += 1
        assert not is_valid({**record, "events": [{"type": "unheard_of", "at": "2022-01-04"}]})
        return valid

    return run
