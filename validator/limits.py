"""The limits of everything that is read, as one frozen value: data that is too large is refused, never half read."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Largest sizes that are still accepted; one more is refused with a message that names the limit.

    Attributes:
        policy_bytes: bytes of one YAML file.
        depth: how deep lists and mappings may be nested, in YAML and in JSON; the outermost counts as one.
        nodes: values (scalars, lists and mappings, keys included) of one YAML file.
        scalar: characters of one YAML text.
        line_bytes: bytes of one line of newline-delimited JSON, its line end not counted.
        document_bytes: bytes of one JSON document.
        events: events of one record.
        steps: of judging one record: each event that is looked at is one, each time.
        digits: digits of one number, before and after the decimal point together; a power of ten is limited likewise.
        expression: characters of one expression.
        problems: problems reported of one YAML file or one JSON text; the rest is only said to exist.
    """

    policy_bytes: int = 1 << 20
    depth: int = 32
    nodes: int = 50_000
    scalar: int = 64 << 10
    line_bytes: int = 8 << 20
    document_bytes: int = 32 << 20
    events: int = 100_000
    steps: int = 30_000_000
    digits: int = 18
    expression: int = 400
    problems: int = 100


DEFAULT = Limits()
