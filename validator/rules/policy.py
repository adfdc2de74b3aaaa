"""The files of a rule set: read strictly, checked against the schemas, sorted into vocabulary and articles."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from msgspec.structs import replace

from validator.errors import InvalidSource, Problem
from validator.limits import DEFAULT, Limits
from validator.reading.json_schema import schema, validate
from validator.reading.node import Node
from validator.reading.rule_files import holds_article, rule_set_files
from validator.reading.source import read_bytes
from validator.reading.strict_yaml import load_yaml

_ID = re.compile(rb"\bid:[ \t]*['\"]?([\w.]+)")


@dataclass(frozen=True, slots=True)
class RuleSet:
    """The read files of a rule set.  ``digest`` is the sha256 of their names and bytes; ``digests`` by what they hold.

    ``words_known``: no file of the vocabulary was refused; otherwise nothing can be said about names in articles.
    ``refused_ids``: the ids in articles that were refused: their norms are missing, not unknown.
    """

    vocabulary: tuple[Node, ...]
    articles: tuple[Node, ...]
    digest: str
    problems: tuple[Problem, ...]
    words_known: bool = True
    refused_ids: frozenset[str] = frozenset()
    digests: Mapping[str, str] = field(default_factory=dict)


def read_rule_set(paths: Sequence[str], limits: Limits = DEFAULT, *, examples: bool = True) -> RuleSet:
    """Read the files of a rule set (`rule_set_files`).  Problems are collected; a file with problems is left out.

    ``examples``: whether the examples are checked too.  They are most of a rule set and no part of the law.
    """
    articles: list[Node] = []
    vocabulary: list[Node] = []
    problems: list[Problem] = []
    digest = hashlib.sha256()
    parts: dict[str, hashlib._Hash] = defaultdict(hashlib.sha256)
    words_known = True
    refused: set[str] = set()
    for path in rule_set_files(paths):
        node, data, found = read_file(path, limits, examples=examples)
        problems.extend(found)
        named = f"{path.name}\0{len(data)}\0".encode() + data
        digest.update(named)
        parts[_part(node)].update(named)
        if node is not None and not found:
            (articles if node.get("article") is not None else vocabulary).append(node)
        elif holds_article(data):
            refused.update(found.decode(errors="replace") for found in _ID.findall(data))
        else:
            words_known = False
    return RuleSet(
        tuple(vocabulary), tuple(articles), digest.hexdigest(), tuple(problems), words_known, frozenset(refused),
        {part: hashed.hexdigest() for part, hashed in sorted(parts.items())},
    )  # fmt: skip


def _part(node: Node | None) -> str:
    """Return the part of a rule set that a file belongs to: figures, calendar, or the policies themselves."""
    if node is None or not isinstance(node.value, dict) or node.get("article") is not None:
        return "policies"
    if node.get("calendar") is not None:
        return "calendar"
    return "parameters" if node.get("parameters") is not None or node.get("tables") is not None else "policies"


def read_file(
    path: Path, limits: Limits = DEFAULT, kind: str = "", *, examples: bool = True
) -> tuple[Node | None, bytes, list[Problem]]:
    """Read one YAML file and check it against a schema (``kind``: article, vocabulary, overlay; "": by content)."""
    try:
        data = read_bytes(path, limits.policy_bytes)
    except InvalidSource as error:
        return None, b"", list(error.problems)
    try:
        node = load_yaml(data, str(path), limits)
    except InvalidSource as error:
        return None, data, list(error.problems)
    if not isinstance(node.value, dict):
        return None, data, [node.problem("not-a-mapping")]
    mistaken = _mistaken(node, kind)
    if mistaken is not None:
        return None, data, [mistaken]
    name = kind or ("article" if node.get("article") is not None or node.get("records") is not None else "vocabulary")
    checked = node if examples or name != "article" else _without_examples(node)
    return node, data, validate(checked, schema(name))


def _mistaken(node: Node, kind: str) -> Problem | None:
    """Say that a file was given in the place of another kind of file, rather than all that it lacks to be that."""
    keys = {key for key, _ in node.items()}
    if kind == "overlay":
        return node.problem("rules-for-figures") if keys & {"article", "records"} else None
    entries = [entry for _, part in node.items() for _, entry in part.items()]
    values_only = all("values" in dict(e.items()) and not {"label", "unit"} & dict(e.items()).keys() for e in entries)
    return node.problem("figures-for-rules") if entries and keys <= {"parameters", "tables"} and values_only else None


def _without_examples(article: Node) -> Node:
    """Return an article's node without the examples of its records."""
    records = article.get("records")
    if records is None or not isinstance(article.value, dict):
        return article
    kept = tuple(
        replace(r, value={k: v for k, v in r.value.items() if k != "examples"}) if isinstance(r.value, dict) else r
        for r in records.members()
    )
    return replace(article, value={**article.value, "records": replace(records, value=kept)}) if kept else article
