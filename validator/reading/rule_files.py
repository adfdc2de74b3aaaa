"""Which files a rule set is made of."""

import os
import re
import stat
from collections.abc import Iterable, Sequence
from pathlib import Path

from validator.errors import InvalidPolicy, InvalidSource, Place, Problem
from validator.limits import DEFAULT, Limits
from validator.reading.source import printable_path, read_bytes, unreadable
from validator.resources import resource_dir

SUFFIXES = (".yaml", ".yml")
OVERLAY = "parameters."

_ARTICLE = re.compile(rb"^(article|records)[ \t]*:", re.MULTILINE)


def policy_files(paths: Iterable[str]) -> list[Path]:
    """Return the YAML files of files and directories (recursive), without parameter overlays, in a fixed order.

    Raises `InvalidPolicy` for a path that does not exist or may not be looked into, or a directory without YAML files.
    """
    found: list[Path] = []
    problems: list[Problem] = []
    for path in map(Path, paths):
        failures: list[OSError | ValueError] = []
        inside = rule_files(path, failures)
        problems += [unreadable(printable_path(getattr(f, "filename", None) or path), f) for f in failures]
        if not inside and not failures:
            problems.append(Problem("no-policies", Place(printable_path(path))))
        found.extend(inside)
    if problems:
        raise InvalidPolicy(tuple(problems))
    return found


def rule_files(path: Path, failures: list[OSError | ValueError]) -> list[Path]:
    """Return a file, or the YAML files of a directory as `policy_files` does; why others can't be read is added."""
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError) as error:  # ValueError: no name that a file could have
        failures.append(error)
        return []
    if not stat.S_ISDIR(mode):  # of a pipe or a device reading says what it is
        return [path]
    walk = os.walk(path, onerror=failures.append)
    return sorted(p for parent, _, names in walk for p in (Path(parent, name) for name in names) if _is_rules(p))


def _is_rules(path: Path) -> bool:
    """Say whether a file in a directory holds rules; also when nobody may look: reading it says why."""
    if path.suffix not in SUFFIXES or _is_overlay(path):
        return False
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except FileNotFoundError:  # a link to nothing
        return False
    except OSError:
        return True


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
