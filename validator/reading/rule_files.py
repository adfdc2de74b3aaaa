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
_RECORDS = re.compile(rb"^[^#\n]*\brecord[\"']?[ \t]*:[ \t]*true\b", re.MULTILINE)


def _policy_files(paths: Iterable[str]) -> list[Path]:
    """Return the YAML files of files and directories (recursive), without parameter overlays, in a fixed order.

    A file that several of the paths lead to is there once.
    Raises `InvalidPolicy` for a path that does not exist or may not be looked into, or a directory without YAML files.
    """
    found: dict[str, Path] = {}
    problems: list[Problem] = []
    for path in map(Path, paths):
        failures: list[OSError | ValueError] = []
        inside = rule_files(path, failures)
        problems += [unreadable(printable_path(getattr(f, "filename", None) or path), f) for f in failures]
        if not inside and not failures:
            problems.append(Problem("no-policies", Place(printable_path(path))))
        for file in inside:
            found.setdefault(os.path.realpath(file), file)
    if problems:
        raise InvalidPolicy(tuple(problems))
    return list(found.values())


def rule_files(path: Path, failures: list[OSError | ValueError]) -> list[Path]:
    """Return a file, or the YAML files of a directory as `_policy_files` does; why others can't be read is added."""
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


def holds_article(data: bytes) -> bool:
    """Say whether the outermost keys of a file's bytes are those of an article."""
    return _ARTICLE.search(data) is not None


def _is_overlay(path: Path) -> bool:
    return path.name.startswith(OVERLAY) and path.stem != OVERLAY.rstrip(".")


def rule_set_files(paths: Sequence[str]) -> list[Path]:
    """Return the files of a rule set, in a fixed order: by default those of the one that ships.

    Rules that declare no type of records stand on top of the shipped ones: their articles, words and days are added,
    and a file that holds the same as the shipped one of its name (an article, or words) stands in place of it.
    Raises `InvalidPolicy` for a path that does not exist or holds no rules.
    """
    shipped = str(resource_dir("policies"))
    if not paths:
        return _policy_files([shipped])
    files = _policy_files(paths)
    written = {path: _bytes(path) for path in files}
    if any(_declares_records(data) for data in written.values() if not holds_article(data)):
        return files
    own = {(path.name, holds_article(data)) for path, data in written.items()}
    names = {name for name, _ in own}  # only of these the shipped file has to be looked into
    kept = (p for p in _policy_files([shipped]) if p.name not in names or (p.name, holds_article(_bytes(p))) not in own)
    return [*kept, *files]


def _declares_records(data: bytes) -> bool:
    """Say whether words that are written in a file make a type of records."""
    return _RECORDS.search(data) is not None


def _bytes(path: Path, limits: Limits = DEFAULT) -> bytes:
    """Return what a file holds; nothing for one that can't be read, which whoever reads the rules will say."""
    try:
        return read_bytes(path, limits.policy_bytes)
    except InvalidSource:
        return b""
