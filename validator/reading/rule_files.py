"""Which files a rule set is made of."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from validator.errors import InvalidPolicy, InvalidSource, Place, Problem
from validator.limits import DEFAULT, Limits
from validator.reading.source import read_bytes
from validator.resources import resource_dir

SUFFIXES = (".yaml", ".yml")
OVERLAY = "parameters."

_ARTICLE = re.compile(rb"^(article|records)[ \t]*:", re.MULTILINE)


def policy_files(paths: Iterable[str]) -> list[Path]:
    """Return the YAML files of files and directories (recursive), without parameter overlays, in a fixed order.

    Raises `InvalidPolicy` for a path that does not exist or a directory without YAML files.
    """
    found: list[Path] = []
    problems: list[Problem] = []
    for text in paths:
        path = Path(text)
        if path.is_file():
            found.append(path)
            continue
        inside = sorted(
            p for p in path.rglob("*") if p.suffix in SUFFIXES and p.is_file() and not _is_overlay(p)
        ) if path.is_dir() else []  # fmt: skip
        if not inside:
            code = "no-policies" if path.is_dir() else "no-such-file"
            problems.append(Problem(code, Place(str(path)), (("path", str(path)),)))
        found.extend(inside)
    if problems:
        raise InvalidPolicy(tuple(problems))
    return found


def is_article(path: Path, limits: Limits = DEFAULT) -> bool:
    """Say whether a file holds an article and no vocabulary, by its outermost keys; unreadable ones do not."""
    try:
        return holds_article(read_bytes(path, limits.policy_bytes))
    except InvalidSource:
        return False


def holds_article(data: bytes) -> bool:
    """Say whether the outermost keys of a file's bytes are those of an article."""
    return _ARTICLE.search(data) is not None


def _is_overlay(path: Path) -> bool:
    return path.name.startswith(OVERLAY) and path.stem != OVERLAY.rstrip(".")


def on_top_of_shipped(policies: Sequence[str]) -> list[str]:
    """Return the files of a rule set; articles alone stand in place of the shipped ones of the same names.

    Raises `InvalidPolicy` for a path that does not exist or holds no rules.
    """
    own = policy_files(policies)
    if not own or not all(is_article(p) for p in own):
        return list(policies)
    shipped = policy_files([str(resource_dir("policies"))])
    replaced = {p.name for p in own}
    return [*(str(p) for p in shipped if p.name not in replaced or not is_article(p)), *policies]
