"""Kept programs: found again when nothing has changed, made again when anything has, and never trusted blindly."""

import errno
import json
import os
import pickle
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from command_line import SMALL, command, load, spawn
from msgspec import structs

from validator import engine
from validator.engine import check
from validator.errors import InvalidPolicy, Problem
from validator.judging.interpreter import Options
from validator.legal_time.instant import parse_as_of
from validator.limits import DEFAULT
from validator.output.publishing import json_line
from validator.reading.intake import read_records
from validator.rules import cache, rulebook
from validator.rules.cache import KEPT, Cache, cache_folder, decoded, encoded, key_of
from validator.rules.program import Program
from validator.sample import sample

KEY = "0" * 64
OTHER = "1" * 64
AS_OF = parse_as_of("2024-01-01")
MATTER = {
    "record_type": "matter",
    "id": "m1",
    "persons": [{"id": "p1", "role": "giver"}],
    "events": [{"type": "received", "at": "2022-01-26"}],
}


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """Return a rule set that a test may change."""
    return Path(shutil.copytree(SMALL, tmp_path / "rules"))


class Kept:
    """A cache that remembers what it reported."""

    def __init__(self, folder: Path) -> None:
        self.problems: list[Problem] = []
        self.folder = folder
        self.cache = Cache(folder, self.problems.append)

    @property
    def codes(self) -> list[str]:
        """The codes reported since the last time; both languages can say them."""
        found = [p.code for p in self.problems]
        assert all("?" not in p.render(lang) for p in self.problems for lang in ("zh", "en"))
        self.problems.clear()
        return found

    def entry(self, key: str = KEY) -> Path:
        """Return the file of a key."""
        return self.folder / f"{key}.program"


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    """Return a cache that holds the small rule set."""
    made = Kept(tmp_path / "kept")
    made.cache.put(KEY, load([str(SMALL)]))
    assert made.codes == []
    return made


def findings(program: Program, path: Path) -> list[str]:
    """Return what a program says of the records of a file, as it is written."""
    results = check(program, read_records([str(path)]), AS_OF, options=Options(assume_in_force=True))
    return [json_line(f.as_json()) for result in results for f in result.findings]


# -- found again -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("paths", [[str(SMALL)], []], ids=["small", "shipped"])
def test_a_kept_program_judges_as_the_one_it_was_made_from(paths: list[str], tmp_path: Path) -> None:
    """Findings with a kept program are those without it, byte for byte, and so is the schema of what it accepts."""
    docket = tmp_path / "docket.ndjson"
    records = [MATTER] if paths else sample(40, 7)
    docket.write_text("".join(json_line(record) + "\n" for record in records), encoding="utf-8")
    program = load(paths)
    again = decoded(encoded(program, KEY), KEY)
    assert again is not None
    assert findings(again, docket) == findings(program, docket) != []
    assert again.digest == program.digest
    assert list(again.vocabulary.events) == list(program.vocabulary.events)


def test_what_was_one_object_is_one_object_again() -> None:
    """Expressions and norms are compared by identity, so the indexes hold the norms themselves."""
    program = decoded(encoded(load([str(SMALL)]), KEY), KEY)
    assert program is not None
    norms = {id(norm) for norm in program.norms}
    indexes: tuple[Any, ...] = (program.by_id, program.by_record_type, program.by_event, program.standing)
    assert {id(norm) for index in indexes for found in index.values() for norm in found} == norms
    setters = {id(s) for event in program.vocabulary.events.values() for s in event.sets}
    assert {id(e.setter) for effects in program.derived.effects.values() for e in effects} == setters


def test_the_second_load_reads_no_rules(rules: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hit is a hit: nothing is parsed or bound."""
    kept = Kept(tmp_path / "kept")
    first = engine.load([str(rules)], cache=kept.cache)
    monkeypatch.setattr(rulebook, "read_rules", mock.Mock(side_effect=AssertionError("read again")))
    second = engine.load([str(rules)], cache=kept.cache)
    assert second is not first
    assert second.digest == first.digest
    assert kept.codes == []


# -- made again --------------------------------------------------------------------------------------------------------
def add_byte(path: Path) -> None:
    """Change a file by one byte, and not its time."""
    before = path.stat()
    path.write_bytes(path.read_bytes() + b"\n")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


CHANGES: dict[str, Callable[[Path], object]] = {
    "a byte of an article": lambda folder: add_byte(folder / "rules" / "article-1.yaml"),
    "a byte of the vocabulary": lambda folder: add_byte(folder / "rules" / "vocabulary.yaml"),
    "a name": lambda folder: (folder / "rules" / "article-1.yaml").rename(folder / "rules" / "article-7.yaml"),
    "one file less": lambda folder: (folder / "rules" / "article-2.yaml").unlink(),
    "a parameter": lambda folder: add_byte(folder / "own.yaml"),
    "a schema": lambda folder: add_byte(folder / "schemas" / "article.schema.json"),
    "the source": lambda folder: add_byte(folder / "package" / "rules" / "policy.py"),
    "the version": lambda folder: (folder / "package" / "version.py").write_text("__version__ = '9'\n"),
    "a library": lambda folder: add_byte(folder / "library" / "__init__.py"),
}


@pytest.fixture
def house(rules: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with everything that a key depends on, in small."""
    (tmp_path / "own.yaml").write_text("parameters: {}\n", encoding="utf-8")
    for name in ("schemas/article.schema.json", "package/rules/policy.py", "package/api.py", "library/__init__.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("{}\n", encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(cache, "_LIBRARIES", ("library",))
    monkeypatch.setattr(cache, "resource_dir", lambda name: tmp_path / name)
    monkeypatch.setattr(cache, "_PACKAGE", tmp_path / "package")
    assert rules == tmp_path / "rules"
    return tmp_path


def key_in(house: Path) -> str:
    """Return the key of the rule set in a folder."""
    return key_of([str(house / "rules")], [str(house / "own.yaml")], DEFAULT)


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_every_change_has_another_key(change: Callable[[Path], object], house: Path) -> None:
    """What is not the same to the byte is not taken for the same, whatever its time and size say."""
    before = key_in(house)
    assert len(before) == 64
    assert key_in(house) == before
    change(house)
    assert key_in(house) not in (before, "")


def test_what_reads_rules_is_part_of_the_key() -> None:
    """Whatever is imported to read rules is among the sources that a key covers: with another it is another program."""
    script = """
import sys, types
package = sys.modules["validator"] = types.ModuleType("validator")  # without what the package itself imports
package.__path__ = [sys.argv[1]]
import validator.rules.rulebook, validator.reading.json_schema
print(*(m.__file__ for n, m in sys.modules.items() if n.startswith("validator.") and m.__file__), sep="\\n")
"""
    folder = Path(cache.__file__).parent.parent
    found = subprocess.run([sys.executable, "-c", script, folder], capture_output=True, text=True, check=True)
    imported = {Path(line) for line in found.stdout.splitlines()}
    assert {folder / "expressions" / "closures.py", folder / "reading" / "strict_yaml.py"} < imported
    assert imported <= {*cache._own_files()}


def test_other_pythons_limits_and_arguments_have_another_key(house: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The key also tells apart what stands in no file."""
    rules, own = [str(house / "rules")], [str(house / "own.yaml")]
    keys = [key_of(rules, own, DEFAULT), key_of(rules, [], DEFAULT), key_of(rules, own * 2, DEFAULT)]
    keys.append(key_of(rules, own, replace(DEFAULT, depth=31)))
    monkeypatch.setattr(sys, "version", sys.version + "+")
    keys.append(key_of(rules, own, DEFAULT))
    assert len({*keys}) == 5


def test_a_changed_rule_is_seen_at_once(rules: Path, tmp_path: Path) -> None:
    """With a full cache an amended rule set is read anew, and a broken one is refused."""
    kept = Kept(tmp_path / "kept")
    before = engine.load([str(rules)], cache=kept.cache)
    article = rules / "article-1.yaml"
    text = article.read_text(encoding="utf-8")
    article.write_text(text.replace("deadline: 2 working days", "deadline: 3 working days"), encoding="utf-8")
    after = engine.load([str(rules)], cache=kept.cache)
    assert after.digest == engine.load([str(rules)]).digest != before.digest
    article.write_text(text.replace("event: received", "event: recieved"), encoding="utf-8")
    with pytest.raises(InvalidPolicy, match="unknown-event"):
        engine.load([str(rules)], cache=kept.cache)
    article.write_text(text, encoding="utf-8")
    assert engine.load([str(rules)], cache=kept.cache).digest == before.digest
    assert len([*kept.folder.iterdir()]) == 2


def test_what_changes_while_it_is_read_is_not_kept(
    rules: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A program that may be of other bytes than its key is used once and not kept."""
    monkeypatch.setattr(engine, "key_of", mock.Mock(side_effect=[KEY, OTHER]))
    engine.load([str(rules)], cache=Cache(tmp_path / "kept"))
    assert not (tmp_path / "kept").exists()


def test_what_cannot_be_read_is_reported_as_without_a_cache(rules: Path, tmp_path: Path) -> None:
    """A parameter file that is missing is the same error with a cache, and nothing is kept."""
    missing = str(tmp_path / "missing.yaml")
    said = []
    for folder in (None, Cache(tmp_path / "kept")):
        with pytest.raises(InvalidPolicy) as refused:
            engine.load([str(rules)], parameters=[missing], cache=folder)
        said.append(str(refused.value))
    assert said[0] == said[1]
    assert missing in said[0]
    assert not (tmp_path / "kept").exists()


# -- not trusted -------------------------------------------------------------------------------------------------------
def linked(path: Path) -> None:
    """Put a link in the place of a file or folder."""
    moved = path.with_name(path.name + ".moved")
    path.rename(moved)
    path.symlink_to(moved)


def piped(path: Path) -> None:
    """Put a named pipe in the place of a file."""
    path.unlink()
    os.mkfifo(path, 0o600)


TRICKS: dict[str, tuple[str, Callable[[Path], object]]] = {
    "folder for all": ("folder", lambda path: path.chmod(0o777)),
    "folder for the group": ("folder", lambda path: path.chmod(0o720)),
    "folder is a link": ("folder", linked),
    "file for all": ("file", lambda path: path.chmod(0o606)),
    "file for the group": ("file", lambda path: path.chmod(0o660)),
    "file is a link": ("file", linked),
    "file is a pipe": ("file", piped),
}


@pytest.mark.parametrize(("what", "trick"), TRICKS.values(), ids=TRICKS)
def test_what_others_could_have_made_is_passed_over(what: str, trick: Callable[[Path], object], kept: Kept) -> None:
    """A link, a pipe, or what others may write is not read, and the reason can be had."""
    trick(kept.folder if what == "folder" else kept.entry())
    assert kept.cache.get(KEY) is None
    assert kept.codes == ["cache-distrusted"]


def test_what_belongs_to_another_user_is_passed_over(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    """An owner other than the one who runs the program is not believed."""
    monkeypatch.setattr(os, "geteuid", lambda: kept.entry().stat().st_uid + 1)
    assert kept.cache.get(KEY) is None
    kept.cache.put(OTHER, load([str(SMALL)]))
    assert kept.codes == ["cache-distrusted"] * 2
    assert not kept.entry(OTHER).exists()


def test_a_file_that_is_not_trusted_is_replaced(kept: Kept, tmp_path: Path) -> None:
    """A link in the place of an entry gives way to the entry; what it led to stays as it was."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_bytes(b"mine")
    kept.entry().unlink()
    kept.entry().symlink_to(elsewhere)
    kept.cache.put(KEY, load([str(SMALL)]))
    assert elsewhere.read_bytes() == b"mine"
    assert not kept.entry().is_symlink()
    assert kept.cache.get(KEY) is not None
    assert kept.codes == []


def test_only_the_user_can_read_and_write_what_is_kept(tmp_path: Path) -> None:
    """The folder has mode 0700 and an entry 0600, also when the user's mask is open."""
    before = os.umask(0)
    try:
        Cache(tmp_path / "a" / "kept").put(KEY, load([str(SMALL)]))
    finally:
        os.umask(before)
    folder = tmp_path / "a" / "kept"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert [stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()] == [0o600]


# -- damaged or forged -------------------------------------------------------------------------------------------------
def test_a_damaged_entry_is_made_again(rules: Path, tmp_path: Path) -> None:
    """Whatever is cut off or changed is noticed, ignored and overwritten by the next load."""
    kept = Kept(tmp_path / "kept")
    engine.load([str(rules)], cache=kept.cache)
    (path,) = kept.folder.iterdir()
    whole = path.read_bytes()
    key = path.stem
    cut = [whole[:n] for n in (0, 1, len(whole) // 3, len(whole) - 1)]
    places = (0, 20, 85, 150, 151, *range(200, 20_000, 997))
    flipped = [whole[:n] + bytes([whole[n] ^ 1 << n % 8]) + whole[n + 1 :] for n in places]
    for damaged in (*cut, *flipped, whole + b"\0"):
        path.write_bytes(damaged)
        assert kept.cache.get(key) is None
        assert kept.codes == ["cache-damaged"]
    assert engine.load([str(rules)], cache=kept.cache).digest == engine.load([str(rules)]).digest
    assert kept.codes == ["cache-damaged"]
    assert kept.cache.get(key) is not None


def test_an_entry_of_another_key_is_not_taken(kept: Kept) -> None:
    """Renaming an entry does not make it the program of other rules."""
    kept.entry().rename(kept.entry(OTHER))
    assert kept.cache.get(OTHER) is None
    assert kept.codes == ["cache-damaged"]
    assert kept.cache.get(KEY) is None
    assert kept.codes == []  # there is none, which is nothing to report


class Evil:
    """A value that is made by calling something."""

    def __init__(self, function: Callable[..., Any], *arguments: Any) -> None:
        self.call = function, arguments

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        """Return the call."""
        return self.call


def sealed(content: bytes) -> bytes:
    """Return content as an entry, with the right key and hash: what only the owner of the folder could do."""
    return cache._head(KEY, content) + content


def test_nothing_is_executed(tmp_path: Path) -> None:
    """Well-sealed bytes that ask for a function get nothing: only the data classes of a program can be made."""
    mark = tmp_path / "executed"
    calls = [
        Evil(os.system, f"touch {mark}"),
        Evil(Path.touch, mark),
        Evil(exec, f"open({str(mark)!r}, 'w')"),
        Evil(getattr, Program, "__init__"),
        Evil(subprocess.check_call, ["touch", str(mark)]),
        Evil(cache.cache_folder, {}),
    ]
    dotted = b"\x80\x04\x8c\x11validator.program\x94\x8c\x0fdataclass.sys.x\x94\x93."
    for content in (*(pickle.dumps(call, 4) for call in calls), dotted):
        assert decoded(sealed(content), KEY) is None
    assert not mark.exists()
    with pytest.raises(pickle.UnpicklingError, match=r"posix\.system is no part"):
        cache._Reader(mock.Mock(read=None, readline=None)).find_class("posix", "system")


@pytest.mark.parametrize("value", [None, 3, {"norms": ()}, b"", [[[]]]])
def test_what_is_no_program_is_not_taken_for_one(value: object) -> None:
    """Harmless values of another kind are no program either."""
    assert decoded(sealed(pickle.dumps(value, 4)), KEY) is None


@pytest.mark.parametrize(
    "content", [b"", b".", b"garbage", b"\x80\x05\x95\xff\xff\xff\xff\xff\xff\xff\x7f", b"(" * 99_999]
)
def test_garbage_is_not_taken_for_a_program(content: bytes) -> None:
    """Bytes that are no pickle at all are passed over like any others."""
    assert decoded(sealed(content), KEY) is None


def test_only_plain_data_is_written(kept: Kept) -> None:
    """A program that holds anything else is not kept, and the reason is said."""
    strange = structs.replace(load([str(SMALL)]), digest=kept)  # a value of another kind is what is tested
    kept.cache.put(OTHER, strange)
    assert kept.codes == ["cache-unusable"]
    assert not kept.entry(OTHER).exists()


# -- the folder --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("step", ["mkdir", "open", "rename", "scandir"])
@pytest.mark.parametrize("code", [errno.EROFS, errno.EACCES, errno.ENOSPC])
def test_a_folder_that_cannot_be_written_is_no_error(
    step: str, code: int, rules: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a full disk or in a read-only home the rules are read and used, and no half file is left."""
    kept = Kept(tmp_path / "kept")
    real = getattr(os, step)

    def failing(path: Any, *arguments: Any, **more: Any) -> Any:
        if step in ("rename", "scandir") or "kept" in str(path) or "dir_fd" in more:
            raise OSError(code, os.strerror(code))
        return real(path, *arguments, **more)

    with monkeypatch.context() as patch:
        patch.setattr(os, step, failing)
        kept.cache.put(KEY, load([str(SMALL)]))
    assert [p.message("zh").isascii() or os.strerror(code) in p.message("zh") for p in kept.problems] == [False]
    assert kept.codes == ["cache-unusable"]
    left = [path.name for path in kept.folder.iterdir()] if kept.folder.exists() else []
    assert left == ([f"{KEY}.program"] if step == "scandir" else [])
    assert engine.load([str(rules)], cache=Cache(Path("/dev/null/kept"))).norms


def test_the_newest_are_kept(kept: Kept) -> None:
    """Only some entries stay, the newest; files of others are left alone, remains of a killed writer are not."""
    others = {"notes.txt", "evening.program", "concert.program.pdf"}
    for name in others:
        (kept.folder / name).write_text("mine", encoding="utf-8")
    (kept.folder / f".{KEY}.program.77").write_bytes(b"half")
    for path in kept.folder.iterdir():
        os.utime(path, (0, 0))
    program = load([str(SMALL)])
    for n in range(KEPT):
        kept.cache.put(f"{n:064}", program)
        os.utime(kept.entry(f"{n:064}"), (n + 1, n + 1))
    kept.cache.put(OTHER, program)
    left = {f"{n:064}.program" for n in range(1, KEPT)} | {f"{OTHER}.program"} | others
    assert {path.name for path in kept.folder.iterdir()} == left


@pytest.mark.parametrize(
    ("environment", "folder"),
    [
        ({"HOME": "/home/li"}, "/home/li/.cache/zhijian"),
        ({"HOME": "/home/li", "XDG_CACHE_HOME": "/var/li"}, "/var/li/zhijian"),
        ({"HOME": "/home/li", "XDG_CACHE_HOME": "relative"}, "/home/li/.cache/zhijian"),
        ({"HOME": "/home/li", "XDG_CACHE_HOME": ""}, "/home/li/.cache/zhijian"),
        ({"HOME": "/home/li", "ZHIJIAN_CACHE": "here"}, "here"),
        ({"HOME": "/home/li", "ZHIJIAN_CACHE": ""}, "/home/li/.cache/zhijian"),
        ({"HOME": "/home/li", "ZHIJIAN_CACHE": "off"}, None),
        ({"HOME": "relative"}, None),
        ({}, None),
    ],
)
def test_where_programs_are_kept(environment: dict[str, str], folder: str | None) -> None:
    """The variables of the environment say where, and `off` says nowhere."""
    assert cache_folder(environment) == (None if folder is None else Path(folder))


# -- the command line --------------------------------------------------------------------------------------------------
@pytest.fixture
def matter(tmp_path: Path) -> list[str]:
    """Return the arguments of a check of one small record."""
    path = tmp_path / "matter.json"
    path.write_text(json.dumps(MATTER), encoding="utf-8")
    return ["check", str(path), "--as-of", "2024-01-01", "-p", str(SMALL), "--output-format", "ndjson", "--show-all"]


def test_the_command_says_the_same_with_and_without(matter: list[str], tmp_path: Path) -> None:
    """Cold, warm and without a cache the output is the same; `off` writes nothing anywhere."""
    home, folder = tmp_path / "home", tmp_path / "kept"
    home.mkdir()
    places = {"HOME": str(home), "XDG_CACHE_HOME": str(home)}
    without = spawn(*matter, env={**places, "ZHIJIAN_CACHE": "off"})
    assert [*home.iterdir()] == []
    cold, warm = (spawn(*matter, env={**places, "ZHIJIAN_CACHE": str(folder)}) for _ in range(2))
    assert without == cold == warm
    assert '"finding"' in warm.out
    assert [*home.iterdir()] == []
    assert len([*folder.iterdir()]) == 1
    assert spawn(*matter, env={**places, "ZHIJIAN_CACHE": ""}) == warm
    assert len([*(home / "zhijian").iterdir()]) == 1


def test_the_reason_is_said_to_a_developer(matter: list[str], tmp_path: Path) -> None:
    """A cache that is not trusted changes nothing but one line, and that only when it was asked for."""
    folder = tmp_path / "kept"
    folder.mkdir()
    folder.chmod(0o777)
    quiet = spawn(*matter, env={"ZHIJIAN_CACHE": str(folder)})
    loud = spawn(*matter, env={"ZHIJIAN_CACHE": str(folder), "ZHIJIAN_DEBUG": "1"})
    assert (quiet.code, quiet.out) == (loud.code, loud.out)
    assert "cache" not in quiet.err
    assert f"{folder}: 警告: cache-distrusted" in loud.err
    assert [*folder.iterdir()] == []


def test_processes_at_once_do_each_other_no_harm(matter: list[str], tmp_path: Path) -> None:
    """Several first runs at the same time all answer alike and leave one whole entry."""
    folder = tmp_path / "kept"
    environment = {**os.environ, "ZHIJIAN_CACHE": str(folder), "ZHIJIAN_DEBUG": "1"}
    started = [
        subprocess.Popen(command(*matter), stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment)
        for _ in range(4)
    ]
    said = {(*process.communicate(), process.returncode) for process in started}
    assert len(said) == 1
    (path,) = folder.iterdir()
    assert Cache(folder).get(path.stem) is not None
