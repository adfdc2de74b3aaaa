"""The rules of the house that no linter knows: see CONTRIBUTING.md."""

import ast
import os
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import validator
from validator.reading.strict_yaml import load_yaml
from validator.resources import resource_dir

ROOT = Path(__file__).parent.parent
MODULES = sorted((ROOT / "validator").rglob("*.py"))
TREES = {path: ast.parse(path.read_text(encoding="utf-8")) for path in MODULES}
CONFIG: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))

MAX_FUNCTION_LINES = 40
EDGES = {"cli.py", "settings.py", "__main__.py", "progress.py"}  # may look at the clock, the environment and the locale
SPEAKS_OF_THE_LAW = {"cli.py", "commands", "messages.py", "sample"}  # show norm ids as examples to the user, or records
ENGINE_EVENTS = {"review_recorded"}  # event types that the record language itself gives a meaning

every_module = pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)


def docstring_of(node: ast.AST) -> ast.expr | None:
    """Return the docstring expression of a module, class or function."""
    body = getattr(node, "body", None)
    if isinstance(body, list) and body and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        return body[0].value
    return None


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Count the lines of a function from its `def`, without its docstring."""
    docstring = docstring_of(function)
    end = function.end_lineno or function.lineno
    without = 0 if docstring is None else (docstring.end_lineno or docstring.lineno) - docstring.lineno + 1
    return end - function.lineno + 1 - without


def strings(tree: ast.Module) -> Iterator[ast.Constant]:
    """Yield the text constants of a module that are no docstrings."""
    docstrings = {id(docstring_of(node)) for node in ast.walk(tree)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node


def imports(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield (line, dotted name) of everything a module imports."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def accesses(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield (line, dotted name) of every attribute access of a module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            yield node.lineno, f"{ast.unparse(node.value)}.{node.attr}"


@cache
def declared_events() -> set[str]:
    """Return the event types that the shipped vocabulary declares."""
    files = [load_yaml(path.read_bytes(), str(path)).plain for path in sorted(resource_dir("policies").rglob("*.yaml"))]
    return {event for file in files if "article" not in file for event in file.get("events", {})}


@every_module
def test_functions_are_short(path: Path) -> None:
    """No function has more than 40 lines besides its docstring."""
    functions = (node for node in ast.walk(TREES[path]) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    assert [f"{f.name}: {length(f)} lines" for f in functions if length(f) > MAX_FUNCTION_LINES] == []


def test_modules_have_telling_names() -> None:
    """No module is a drawer for everything."""
    drawers = {"base", "common", "core", "helper", "helpers", "manager", "misc", "util", "utils"}
    assert [path.name for path in MODULES if path.stem in drawers] == []


@every_module
def test_nothing_is_imported_for_types_only(path: Path) -> None:
    """There is no TYPE_CHECKING block, so the import contract sees every import."""
    assert [line for line, name in imports(TREES[path]) if name.endswith("TYPE_CHECKING")] == []


@every_module
def test_a_verdict_depends_on_nothing_but_its_inputs(path: Path) -> None:
    """Only the command line reads the clock, the environment, the locale or an unseeded source of chance."""
    modules = re.compile(r"(time|locale|secrets|uuid)(\..*)?|os\.(environ|getenv|urandom)|random\.(?!Random$).*")
    calls = re.compile(r".*\b(datetime|date)\.(now|today|utcnow)|os\.(environ|getenv|urandom)|random\.(?!Random$).*")
    found = [f"{line}: {name}" for line, name in imports(TREES[path]) if modules.fullmatch(name)]
    found += [f"{line}: {name}" for line, name in accesses(TREES[path]) if calls.fullmatch(name)]
    assert path.name in EDGES or found == []


@every_module
def test_yaml_is_read_by_the_strict_reader_only(path: Path) -> None:
    """No module uses a loader that builds objects, keeps the last of two equal keys or crashes on deep input."""
    loaders = re.compile(r"yaml\.(load|load_all|safe_load|safe_load_all|\w*Loader|unsafe_load|full_load)")
    used = {name for _, name in (*imports(TREES[path]), *accesses(TREES[path])) if loaders.fullmatch(name)}
    allowed = {"yaml.SafeLoader", "yaml.CSafeLoader"} if path.name == "strict_yaml.py" else set()
    assert used <= allowed


@every_module
def test_the_engine_knows_no_law(path: Path) -> None:
    """No norm id and no event type of the shipped law stands in the code: another rule set works as well."""
    if {path.name, path.parent.name} & SPEAKS_OF_THE_LAW:
        return
    law = declared_events() - ENGINE_EVENTS
    norm = re.compile(r"A\d+\.\d+[a-z]?")
    texts = [(text.lineno, str(text.value)) for text in strings(TREES[path])]
    found = [f"{line}: {text}" for line, text in texts if text in law or norm.fullmatch(text)]
    assert found == []


def test_nothing_is_left_to_do() -> None:
    """What is not there yet is not there: no reminders in code, policies, schemas, reports and documents."""
    reminder = re.compile(r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK")) + r")\b")
    folders = ("validator", "tests", "policies", "schemas", "reports")
    files = [path for folder in folders for path in (ROOT / folder).rglob("*") if path.is_file()]
    texts = [path for path in [*files, *ROOT.glob("*.md")] if path.suffix in {".py", ".md", ".yaml", ".json", ".j2"}]
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in texts
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1)
        if reminder.search(line) and path != ROOT / "CONTRIBUTING.md"
    ]
    assert found == []


def test_every_ignored_check_has_its_reason() -> None:
    """Each ignored ruff rule is explained on its line."""
    lines = (ROOT / "pyproject.toml").read_text(encoding="utf-8").splitlines()
    rules = [line for line in lines if re.match(r'\s+"[A-Z]+\d*",', line)]
    settings = CONFIG["tool"]["ruff"]["lint"]
    ignored = len(settings["ignore"]) + sum(map(len, settings["per-file-ignores"].values()))
    assert len(rules) == ignored
    assert [line for line in rules if not re.search(r"#\s*\w+", line)] == []


def test_version_has_its_changes_listed() -> None:
    """The changelog has a heading for the version of the package."""
    headings = re.findall(r"^## \[(.+?)\]", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert headings[0] == "Unreleased"
    assert headings[1] == validator.__version__


def test_readme_says_how_to_run_the_tests() -> None:
    """The command that continuous integration runs stands in the README, marked, in a fenced block."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    block = re.search(r"<!-- test-command -->\s*\n```[a-z]*\n(.+?)\n```", readme, re.DOTALL)
    assert block is not None
    assert "pytest" in block.group(1)
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
