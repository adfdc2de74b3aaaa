"""What commands write to: never what they read, whatever it is called, and no folder that holds files of others."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import click
import pytest
from command_line import SMALL, Ran, command, run

from validator import cli
from validator.batch.journal import Journal
from validator.commands.targets import INPUTS, OUTPUTS

AS_OF = ("--as-of", "2024-01-01")
CHECK = ("check", "-p", str(SMALL), *AS_OF)
MATTER = '{"record_type": "matter", "id": "good", "kind": "plain", "events": [{"type": "received", "at": "2022"}]}\n'
CASE = (
    '{"record_type": "case", "id": "(2022)京0105执1号", "type": "first_enforcement", "court_id": "c", "events": []}\n'
)
PARAMETERS = "parameters: {answer_days: {values: [{from: 2020-01-01, value: 3, basis: {zh: 甲, en: A}}]}}\n"
NEITHER = {
    "as_of", "bom", "checkpoint", "count", "engine", "form", "identifier", "jobs", "keep", "kind", "lang", "name",
    "norm", "per", "period", "rejects_content", "select", "seed", "start", "within", "fail_on",
}  # fmt: skip
"""Parameters that name no file, and the folders of a run, which have checks of their own."""
ONLY_READ = {("findings", "verify"), ("findings", "replay"), ("policies", "lint"), ("policies", "test")}
"""Parameters of commands that write no file."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with one of everything that commands read."""
    (tmp_path / "dock" / "inner").mkdir(parents=True)
    files = {"d.ndjson": MATTER, "c.ndjson": CASE, "dock/inner/b.ndjson": MATTER, "p.yaml": PARAMETERS,
             "w.yaml": "waivers: []\n", "step.json": '{"type": "closed"}'}  # fmt: skip
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    shutil.copytree(SMALL, tmp_path / "pol")
    (tmp_path / "own" / "letters").mkdir(parents=True)
    (tmp_path / "own" / "letters" / "notice.zh.docx").write_bytes(b"x")
    (tmp_path / "link").symlink_to("dock/inner/b.ndjson")
    return tmp_path


def content(folder: Path) -> dict[Path, bytes]:
    """Return all files with what is in them."""
    return {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def assert_untouched(folder: Path, arguments: tuple[str, ...], code: str) -> Ran:
    """The command is refused (exit 2) with a code, and changes no file."""
    before = content(folder)
    ran = run(*arguments, cwd=folder)
    assert (ran.code, f": {code}: " in ran.err) == (2, True), ran
    assert content(folder) == before
    return ran


@pytest.mark.parametrize(
    "arguments",
    [
        (*CHECK, "-", "--context", "-"),
        (*CHECK, "--context", "-"),
        (*CHECK, "-", "-"),
        ("due", *AS_OF, "--context", "-"),
        ("gate", "-", "--event", "-", *AS_OF),
        ("explain", "-", "A1.1", "--context", "-", *AS_OF),
        ("diff", "pol", "pol", "--records", "-", "--context", "-", *AS_OF),
    ],
)
def test_standard_input_is_not_read_for_two_things(arguments: tuple[str, ...], folder: Path) -> None:
    """The one would take it all, and no record would be judged; without record files it is read for these."""
    assert_untouched(folder, arguments, "stdin-twice")


@pytest.mark.parametrize(
    "arguments",
    [
        (*CHECK, "d.ndjson", "./d.ndjson"),
        (*CHECK, "dock/inner/b.ndjson", "dock"),
        (*CHECK, "dock", "link"),
        (*CHECK, "dock", "d.ndjson", "dock/inner"),
        ("due", "dock", "dock/inner/b.ndjson", "-p", str(SMALL), *AS_OF),
        ("diff", "pol", "pol", "--records", "dock", "--records", "link", *AS_OF),
    ],
)
def test_no_record_is_judged_twice(arguments: tuple[str, ...], folder: Path) -> None:
    """A file beside the folder in which it stands would count twice; a link is the file to which it leads."""
    assert_untouched(folder, arguments, "input-twice")


def test_what_is_named_beside_a_folder_is_read(folder: Path) -> None:
    """A context may be what is judged, and files beside a folder stand in none."""
    ran = run(*CHECK, "d.ndjson", "dock", "--context", "dock", cwd=folder)
    assert "input-twice" not in ran.err


# -- outputs and inputs ------------------------------------------------------------------------------------------------
DUE = ("due", "c.ndjson", *AS_OF)
OVERWRITING = [
    ("due", "d.ndjson", "-p", str(SMALL), *AS_OF, "-o", "d.ndjson"),
    ("due", "dock", "-p", str(SMALL), *AS_OF, "-o", "link"),
    ("due", "d.ndjson", "-p", "pol", *AS_OF, "-o", "pol/article-1.yaml"),
    (*DUE, "--context", "d.ndjson", "-o", "d.ndjson"),
    (*DUE, "--waivers", "w.yaml", "-o", "w.yaml"),
    ("gate", "d.ndjson", "-p", str(SMALL), "--event", "{}", *AS_OF, "-o", "d.ndjson"),
    ("gate", "d.ndjson", "-p", str(SMALL), "--event", "step.json", *AS_OF, "-o", "./step.json"),
    (*CHECK, "d.ndjson", "-o", "d.ndjson"),
    (*CHECK, "d.ndjson", "--rejects", "d.ndjson"),
    (*CHECK, "dock", "-o", "dock/inner/b.ndjson"),
    (*CHECK, "dock", "--rejects", "dock/inner/b.ndjson"),
    (*CHECK, "dock", "-o", "link"),
    (*CHECK, "d.ndjson", "--parameters", "p.yaml", "-o", "p.yaml"),
    (*CHECK, "d.ndjson", "--parameters", "p.yaml", "--rejects", "p.yaml"),
    (*CHECK, "d.ndjson", "--waivers", "w.yaml", "-o", "w.yaml"),
    (*CHECK, "d.ndjson", "--context", "dock", "-o", "dock/inner/b.ndjson"),
    ("check", "d.ndjson", "-p", "pol", *AS_OF, "-o", "pol/article-1.yaml"),
    ("check", "d.ndjson", "-p", "pol/article-1.yaml", "-p", "pol", *AS_OF, "-o", "pol/article-1.yaml"),
    ("norms", "-p", "pol", "-o", "pol/vocabulary.yaml"),
    ("norms", "--parameters", "p.yaml", "-o", "p.yaml"),
    ("diff", "pol", "pol", "-o", "pol/article-1.yaml"),
    ("diff", "pol", "pol", "--new-parameters", "p.yaml", "-o", "p.yaml"),
    ("diff", "pol", "pol", "--records", "dock", *AS_OF, "-o", "dock/inner/b.ndjson"),
    ("letter", "notice", "c.ndjson", *AS_OF, "--template", "own", "-o", "own/letters/notice.zh.docx"),
    ("letter", "notice", "c.ndjson", *AS_OF, "-o", "c.ndjson"),
]


@pytest.mark.parametrize("arguments", OVERWRITING, ids=" ".join)
def test_no_output_takes_the_place_of_what_is_read(arguments: tuple[str, ...], folder: Path) -> None:
    """Records, rules, parameters, waivers, other records, templates; by another name, and in folders too."""
    assert_untouched(folder, arguments, "output-is-input")


def test_the_shipped_rules_are_read_too(folder: Path) -> None:
    """Where no others are named, and below articles of one's own."""
    for arguments in (("norms",), ("check", "d.ndjson", *AS_OF), ("diff", "own", "own")):
        with mock.patch("validator.commands.targets.resource_dir", return_value=folder / "pol"):
            assert_untouched(folder, (*arguments, "-o", "pol/article-1.yaml"), "output-is-input")


def test_a_report_does_not_take_the_place_of_its_source(folder: Path) -> None:
    """A record in a file that is named like a page."""
    shutil.copy(folder / "c.ndjson", folder / "c.txt")
    assert_untouched(folder, ("report", "c.txt", *AS_OF, "-o", "c.txt"), "output-is-input")


def test_a_calendar_does_not_take_the_place_of_a_record(folder: Path) -> None:
    """The files in a folder of calendars are outputs as well."""
    (folder / "calendars").mkdir()
    event = '{"type": "case_materials_received", "at": "2023-12-29"}'
    received = f'"parties": [{{"id": "d", "role": "debtor"}}], "events": [{event}]'
    (folder / "calendars" / "c.ics").write_text(CASE.replace('"events": []', received), encoding="utf-8")
    chosen = (*AS_OF, "--output-format", "ics", "--per", "court", "-o", "calendars")
    with mock.patch("validator.commands.running._file_name", return_value="c"):
        assert_untouched(folder, ("due", "calendars/c.ics", *chosen), "output-is-input")


def test_standard_input_is_read_too(folder: Path) -> None:
    """``check - -o x < x``, and without ``-``."""
    for paths in ((), ("-",)):
        with (folder / "d.ndjson").open("rb") as file:
            arguments = command(*CHECK, *paths, "-o", "d.ndjson")
            done = subprocess.run(arguments, stdin=file, cwd=folder, capture_output=True, check=False)
        assert (done.returncode, b"output-is-input" in done.stderr) == (2, True)
    assert (folder / "d.ndjson").read_text(encoding="utf-8") == MATTER


def test_a_new_file_beside_what_is_read_is_written(folder: Path) -> None:
    """In a folder of records, of rules, or over a file that nobody reads."""
    for target in ("dock/out.ndjson", "pol/out.txt", "step.json", "out"):
        assert run("check", "dock", "-p", "pol", *AS_OF, "-o", target, cwd=folder).code == 0
        (folder / target).unlink()


def parameters() -> Iterator[tuple[str, click.Parameter]]:
    """Yield every parameter of every command that takes text and no fixed choice."""
    for name in cli.cli.list_commands(click.Context(cli.cli)):
        command = cli.cli.get_command(click.Context(cli.cli), name)
        assert command is not None
        yield from ((name, p) for p in command.params if not (isinstance(p, click.Option) and p.is_flag))


def test_it_is_known_of_every_parameter_whether_it_names_files() -> None:
    """A new option that reads or writes has to be listed where outputs are checked."""
    known = {*INPUTS, *OUTPUTS, *NEITHER}
    unknown = [
        (parameter.name, name)
        for name, parameter in parameters()
        if parameter.name not in known and not isinstance(parameter.type, click.Choice)
    ]
    assert set(unknown) <= ONLY_READ
    assert {p.name for _, p in parameters()} >= {*INPUTS, *OUTPUTS}


# -- checkpoints -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("dock", "--checkpoint", "dock/night"), "folder-in-input"),
        (("dock", "--checkpoint", "dock"), "folder-in-input"),
        (("dock/../dock/inner", "--checkpoint", "dock/inner/x/y"), "folder-in-input"),
        (("d.ndjson", "--context", "dock", "--checkpoint", "dock/night"), "folder-in-input"),
        (("new/journal.ndjson", "--checkpoint", "new"), "folder-in-input"),
        (("d.ndjson", "--checkpoint", "pol"), "checkpoint-foreign"),
        (("d.ndjson", "--checkpoint", "pol", "--resume"), "checkpoint-foreign"),
        (("d.ndjson", "--checkpoint", "new", "--rejects", "new/r"), "output-in-folder"),
        (("d.ndjson", "--checkpoint", "new", "-o", "new/x/../output.part"), "output-in-folder"),
        (("dock", "--keep", "dock/night", "--output-format", "csv"), "folder-in-input"),
        (("d.ndjson", "--context", "dock", "--keep", "dock/inner", "--output-format", "csv"), "folder-in-input"),
        (("d.ndjson", "--keep", "new", "--checkpoint", "new/x", "--output-format", "csv"), "folder-in-input"),
        (("d.ndjson", "--keep", "new", "--checkpoint", "new", "--output-format", "csv"), "folder-in-input"),
        (("d.ndjson", "--keep", "pol", "--output-format", "csv"), "keep-foreign"),
        (("d.ndjson", "--keep", "new", "-o", "new/x", "--output-format", "csv"), "output-in-folder"),
    ],
)
def test_a_folder_of_a_run_that_is_no_place_of_its_own_is_refused(
    arguments: tuple[str, ...], code: str, folder: Path
) -> None:
    """In the input or around it, with files of others in it, or with an output in it: nothing is written."""
    assert_untouched(folder, (*CHECK, *arguments), code)
    assert not (folder / "new").exists()


@pytest.mark.parametrize("name", ["journal.ndjson", "output.part", "letter.txt"])
def test_files_of_others_are_never_changed_or_deleted(name: str, folder: Path) -> None:
    """Whatever their names are, also with --resume."""
    (folder / "mine").mkdir()
    (folder / "mine" / name).write_text("mine", encoding="utf-8")
    for more in ((), ("--resume",)):
        ran = assert_untouched(folder, (*CHECK, "d.ndjson", "--checkpoint", "mine", *more), "checkpoint-foreign")
        assert name in ran.err


@pytest.mark.parametrize("name", [".zhijian-checkpoint", "journal.ndjson", "output.part"])
def test_a_checkpoint_does_not_lead_to_files_of_others(name: str, folder: Path) -> None:
    """A link that somebody has put into a folder with a mark is not followed, wherever it leads."""
    (folder / "night").mkdir()
    (folder / "night" / ".zhijian-checkpoint").touch()
    (folder / "night" / name).unlink(missing_ok=True)
    for target in ("w.yaml", "nowhere"):
        (folder / "night" / name).symlink_to(folder / target)
        before = (folder / "w.yaml").read_bytes()
        ran = run(*CHECK, "d.ndjson", "-o", "out", "--checkpoint", "night", cwd=folder)
        assert (ran.code, ": output-failed: " in ran.err) == (74, True), ran
        assert (folder / "w.yaml").read_bytes() == before
        assert not (folder / "nowhere").exists()
        (folder / "night" / name).unlink()


def test_a_folder_that_is_empty_or_not_there_is_taken(folder: Path) -> None:
    """And is removed at the end, with all that the run made."""
    (folder / "empty").mkdir()
    for name in ("empty", "a/b"):
        assert run(*CHECK, "d.ndjson", "-o", "out", "--checkpoint", name, cwd=folder).code == 0
        assert not (folder / name).exists()


def test_a_file_that_comes_into_a_checkpoint_stays(folder: Path) -> None:
    """What somebody puts there during the run is not the run's."""
    note, append = folder / "night" / "note.txt", Journal.append

    def put(self: Journal, *judged: Any) -> None:
        note.write_text("mine", encoding="utf-8")
        append(self, *judged)

    with mock.patch.object(Journal, "append", put):
        assert run(*CHECK, "d.ndjson", "-o", "out", "--checkpoint", "night", cwd=folder).code == 0
    assert [path.name for path in note.parent.iterdir()] == ["note.txt"]
