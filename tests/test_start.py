"""What is imported when: whoever asks for little does not wait for what others need."""

import json
from pathlib import Path

import pytest
from command_line import SMALL, spawn

HEAVY = {"click", "jinja2", "jsonschema", "rich", "yaml"}
"""What a start must not wait for, if it can do without."""

RECORD = {"record_type": "matter", "id": "m1", "events": []}
REPORT = f"""
def report():
    import json
    here = {{name.partition('.')[0] for name in sys.modules}}
    print(json.dumps(sorted(here & set({sorted(HEAVY)!r}))), file=sys.__stderr__)
atexit.register(report)
"""
MAIN = "from validator.cli import main; main()"


def loaded(code: str, *arguments: str, cache: Path | None = None) -> set[str]:
    """Return which of the heavy libraries a fresh interpreter has imported after some code."""
    script = f"import atexit, sys; sys.argv = {['zhijian', *arguments]!r}\n{REPORT}{code}\n"
    ran = spawn(script=script, env={} if cache is None else {"ZHIJIAN_CACHE": str(cache)})
    return set(json.loads(ran.err.splitlines()[-1]))


def test_the_report_sees_what_is_there() -> None:
    """The measure itself: a library that is imported is found."""
    assert loaded("import yaml, click") == {"yaml", "click"}


def test_the_library_loads_nothing_heavy() -> None:
    """`import validator` brings every public name and none of the heavy libraries."""
    assert loaded("import validator; [getattr(validator, name) for name in validator.__all__]") == set()


@pytest.mark.parametrize(
    ("command", "allowed"),
    [
        (["--version"], {"click"}),
        (["check", "--help"], {"click"}),
        (["sample", "--n", "1"], {"click", "jsonschema"}),
        (["deadline", "2022-09-28", "3 working days"], {"click", "jsonschema", "yaml"}),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_a_command_loads_what_it_needs(command: list[str], allowed: set[str]) -> None:
    """No command waits for the libraries of another one."""
    assert loaded(MAIN, *command) == allowed


def test_judging_with_a_kept_program_loads_no_reader_of_rules(tmp_path: Path) -> None:
    """The first check reads YAML and schemas; the second one finds the program and needs neither."""
    record = tmp_path / "case.json"
    record.write_text(json.dumps(RECORD), encoding="utf-8")
    command = ["check", str(record), "--as-of", "2024-01-01", "-p", str(SMALL)]
    assert loaded(MAIN, *command, cache=tmp_path / "kept") == {"click", "jsonschema", "yaml"}
    assert loaded(MAIN, *command, cache=tmp_path / "kept") == {"click"}
