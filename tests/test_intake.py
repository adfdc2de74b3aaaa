"""Reading case records from files, folders and standard input."""

import io
import json
import os
import pickle
import random
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from validator.errors import InvalidSource, Place
from validator.limits import Limits
from validator.reading.intake import RawRecord, Rejected, Tally, read_records
from validator.reading.source import Source, decode, read_bytes
from validator.reading.strict_yaml import load_yaml

HOSTILE = Path(__file__).parent / "hostile"
EXPECTED: dict[str, list[str]] = json.loads((HOSTILE / "expected.json").read_text(encoding="utf-8"))
FILES = sorted(name for name in EXPECTED if name.endswith(("json", "ndjson")))


def brief(found: Iterable[RawRecord | Rejected]) -> list[Any]:
    """Write records as their id, or "record", and rejections as "line:column code"."""
    return [
        found.value.get("id", "record")
        if isinstance(found, RawRecord)
        else " ".join(f"{p.place.line}:{p.place.column} {p.code}" for p in found.problems)
        for found in found
    ]


def from_stdin(data: bytes | str, limits: Limits | None = None) -> list[Any]:
    """Read standard input."""
    stream = io.BytesIO(data.encode() if isinstance(data, str) else data)
    return brief(read_records(["-"], stream, limits or Limits()))


def from_file(folder: Path, name: str, data: bytes | str, limits: Limits | None = None) -> list[Any]:
    """Read a file with this content."""
    path = folder / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return brief(read_records([path], None, limits or Limits()))


@pytest.mark.parametrize("name", FILES)
def test_hostile_files(name: str) -> None:
    """Each stored file gives its records and rejections, in order."""
    found = [*read_records([HOSTILE / name])]
    assert ["record" if isinstance(r, RawRecord) else line for r, line in zip(found, brief(found), strict=True)] == (
        EXPECTED[name]
    )
    for one in found:
        for problem in one.problems if isinstance(one, Rejected) else ():
            assert problem.place.path == str(HOSTILE / name)
            assert problem.render("zh")
            assert problem.render("en")


# -- shapes ---------------------------------------------------------------------------------------------------------


def test_one_record_a_line(tmp_path: Path) -> None:
    """Byte order mark, Windows line ends, blank lines and a last line without an end."""
    data = '\ufeff{"id": "a"}\r\n\r\n  \t\n{"id": "b"}\n{"id": "c"}'
    tally = Tally()
    (tmp_path / "r.ndjson").write_bytes(data.encode())
    found = [*read_records([tmp_path / "r.ndjson"], tally=tally)]
    assert brief(found) == ["a", "b", "c"]
    assert [(r.line, r.pointer, r.column) for r in found if isinstance(r, RawRecord)] == [
        (1, "", 1),
        (4, "", 1),
        (5, "", 1),
    ]
    assert tally == Tally(files=1, blank_lines=2, records=3, rejected=0)
    assert from_file(tmp_path, "r.jsonl", data) == ["a", "b", "c"]
    assert from_file(tmp_path, "R.NDJSON", data) == ["a", "b", "c"]


def test_document(tmp_path: Path) -> None:
    """One object or an array of objects, over several lines or one."""
    assert from_file(tmp_path, "o.json", '\ufeff {\n"id": "a"}\n') == ["a"]
    assert from_file(tmp_path, "a.json", ' [{"id": "a"},\r\n {"id": "b"}] ') == ["a", "b"]
    assert from_file(tmp_path, "e.json", "[ ]") == []
    assert from_file(tmp_path, "x.json", "[ ] x") == ["1:5 json-rest"]


@pytest.mark.parametrize(
    ("data", "found"),
    [
        ("", []),
        ("\n \n", []),
        ('{"id": "a"}', ["a"]),
        ('\n{"id": "a"}\n{"id": "b"}\n', ["a", "b"]),
        ('\ufeff{"id": "a"}\n{"id": "b"}', ["a", "b"]),
        ('[{"id": "a"}, {"id": "b"}]', ["a", "b"]),
        ('\ufeff\n [\n{"id": "a"},\n{"id": "b"}\n]', ["a", "b"]),
        ('{\n  "id": "a"\n}\n', ["a"]),
        ('\r\n{"id": "a",\r\n "events": [\r\n{"type": "x"}\r\n]}\r\n', ["a"]),
        ('{"id": "a",\n "events": [\n{"type": "x"},\n{"type": "y"}\n]}', ["a"]),
        ('{"id": "a", "events": [\n{"id": "b"}\n{"id": "c"}\n', ["1:24 json-end", "b", "c"]),
        ('{"id": "a\n{"id": "b"}\n', ["1:8 json-open-text", "b"]),
        ('{"id": "a",\n\n{"id": "b"}', ["1:12 json-end", "b"]),
        ('{"id": "a",}\n{"id": "b"}\n', ["1:12 json-key", "b"]),
        ('rubbish\n{"id": "b"}\n', ["1:1 json-value", "b"]),
        ('{"id": "a"}\n{"id": \n{"id": "c"}\n', ["a", "2:8 json-end", "c"]),
        ('{"id": 1,\n"id": 2}', ["2:1 duplicate-key"]),
        ('{"id": "a"}'.encode("utf-16"), ["1:0 not-utf-8"]),
        ('{"id": "a"}\n'.encode("utf-16-le"), ["1:0 not-utf-8"]),
        ('{"法院": "北京"}\n{"id": "b"}\n'.encode("gb18030"), ["1:3 not-utf-8", "b"]),
    ],
)
def test_standard_input_is_looked_at(tmp_path: Path, data: bytes | str, found: list[str]) -> None:
    """Records by line, an object or an array are told apart, also when the first record is broken."""
    assert from_stdin(data) == found
    assert from_file(tmp_path, "no-ending", data) == found
    assert from_file(tmp_path, "records.txt", data) == found


def test_no_standard_input() -> None:
    """A closed standard input holds nothing."""
    assert brief(read_records(["-"], None)) == []


def test_folder(tmp_path: Path) -> None:
    """Its record files and those of its folders, sorted by path whatever the system's order; others are left alone."""
    for name in ("b.json", "a.ndjson", "c/d.jsonl", "c/a.JSON", "B.json", "notes.txt", "c/x.yaml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(json.dumps({"id": name}))
    assert brief(read_records([tmp_path])) == ["B.json", "a.ndjson", "b.json", "c/a.JSON", "c/d.jsonl"]
    assert brief(read_records([str(tmp_path / "c") + "/"])) == ["c/a.JSON", "c/d.jsonl"]


# -- trouble --------------------------------------------------------------------------------------------------------


def test_folder_without_records(tmp_path: Path) -> None:
    """Nothing to read is said, not passed over."""
    assert brief(read_records([tmp_path])) == ["0:0 no-records-here"]


def test_missing_files_do_not_stop_the_others(tmp_path: Path) -> None:
    """A wrong path, a dangling link, a null character: one rejection each."""
    (tmp_path / "a.json").write_text('{"id": "a"}')
    (tmp_path / "dangling.json").symlink_to(tmp_path / "nowhere")
    paths: list[str | Path] = [tmp_path / "missing.json", "a\0b", tmp_path / "a.json" / "b.json", tmp_path, "x" * 5000]
    found = [*read_records(paths)]
    assert brief(found) == ["0:0 no-such-file"] * 3 + ["a", "0:0 no-such-file", "0:0 unreadable"]
    assert all(p.render("en") for r in found if isinstance(r, Rejected) for p in r.problems)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_unreadable_file(tmp_path: Path) -> None:
    """A file or folder that may not be read is a rejection."""
    (tmp_path / "a.json").write_text("{}")
    (tmp_path / "a.json").chmod(0)
    (tmp_path / "z").mkdir(mode=0)
    assert brief(read_records([tmp_path])) == ["0:0 no-permission", "0:0 no-permission"]


def test_permission_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same where tests run as root."""
    (tmp_path / "a.json").write_text("{}")

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    assert brief(read_records([tmp_path / "a.json"])) == ["0:0 no-permission"]


def test_disk_error_half_way() -> None:
    """What was read before counts; the error is a rejection of its own."""

    class Failing(io.RawIOBase):
        """A stream that breaks after its first line."""

        def __init__(self) -> None:
            self._data = [b'{"id": "a"}\n']

        def readable(self) -> bool:
            return True

        def readinto(self, buffer: Any) -> int:
            if not self._data:
                raise OSError(5, "Input/output error")
            data = self._data.pop()
            buffer[: len(data)] = data
            return len(data)

    found = [*read_records(["-"], io.BufferedReader(Failing()))]
    assert brief(found) == ["a", "0:0 unreadable"]
    assert isinstance(found[1], Rejected)
    assert found[1].problems[0].message("en") == "can't be read: the device failed"


def test_a_linked_folder_is_not_passed_over(tmp_path: Path) -> None:
    """A link in a folder might lead in a circle: it is not followed, and said; named itself it is read."""
    (tmp_path / "docket").mkdir()
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "b.json").write_text('{"id": "b"}')
    (tmp_path / "docket" / "circle").symlink_to(tmp_path / "docket")
    assert brief(read_records([tmp_path / "docket"])) == ["0:0 linked-folder"]
    (tmp_path / "docket" / "a.json").write_text('{"id": "a"}')
    (tmp_path / "docket" / "link").symlink_to(tmp_path / "other")
    assert brief(read_records([tmp_path / "docket"])) == ["0:0 linked-folder", "0:0 linked-folder", "a"]
    assert brief(read_records([tmp_path / "docket" / "link"])) == ["b"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_pipe(tmp_path: Path) -> None:
    """A pipe is read when it is named, and never waited for in a folder."""
    pipe = tmp_path / "p.ndjson"
    os.mkfifo(pipe)
    (tmp_path / "r.json").write_text('{"id": "r"}')
    assert brief(read_records([tmp_path])) == ["0:0 not-a-regular-file", "r"]
    writer = threading.Thread(target=pipe.write_bytes, args=(b'{"id": "a"}\n{"id": "b"}\n',))
    writer.start()
    assert brief(read_records([pipe])) == ["a", "b"]
    writer.join()


def test_names_that_are_no_utf_8(tmp_path: Path) -> None:
    """A file name in another encoding is read and can be shown."""
    name = os.fsencode(tmp_path) + b"/\xb0\xb8.json"
    try:
        Path(os.fsdecode(name)).write_text("[1]")
    except OSError:
        pytest.skip("this system wants file names in UTF-8")
    (found,) = read_records([tmp_path])
    assert isinstance(found, Rejected)
    assert found.problems[0].place.path.endswith(r"\xb0\xb8.json")
    found.problems[0].render("zh").encode()


# -- limits ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("end", ["\n", "\r\n", ""])
def test_line_limit_holds_exactly(tmp_path: Path, end: str) -> None:
    """At the limit a line is read, one past it rejected, and the lines after it are read."""
    limits = Limits(line_bytes=20)
    fits, over = ('{"id": "' + "x" * n + '"}' for n in (10, 11))
    assert from_file(tmp_path, "r.ndjson", fits + end, limits) == ["x" * 10]
    assert from_file(tmp_path, "r.ndjson", over + end, limits) == ["1:0 line-too-long"]
    for length in (11, 12, 13, 14, 100, 65_536, 200_000):
        long = '{"id": "' + "x" * length + '"}'
        data = f'{{"id": "a"}}\n{long}\n{{"id": "b"}}\n'
        assert from_file(tmp_path, "r.ndjson", data, limits) == ["a", "2:0 line-too-long", "b"]
        assert from_stdin(data, limits) == ["a", "2:0 line-too-long", "b"]
        assert from_stdin(f'{long}\n{{"id": "b"}}', limits) == ["1:0 line-too-long", "b"]


def test_array_on_one_line_is_no_long_line() -> None:
    """The limit of a line is not that of a document."""
    data = "[" + '{"id": "a"}, ' * 9 + '{"id": "b"}]'
    assert from_stdin(data, Limits(line_bytes=20)) == ["a"] * 9 + ["b"]


def test_document_limit_holds_exactly(tmp_path: Path) -> None:
    """At the limit a document is read, one past it rejected."""
    data = '[{"id": "a"}]'
    for limit, found in ((len(data), ["a"]), (len(data) - 1, ["0:0 document-too-large"])):
        assert from_file(tmp_path, "d.json", data, Limits(document_bytes=limit)) == found
        assert from_stdin(data, Limits(document_bytes=limit)) == found


def test_a_bad_element_does_not_stop_the_others() -> None:
    """Elements that break our rules, or are nested too deeply, are rejected alone."""
    deep = "[" * 40 + "]" * 40
    data = f'[{{"id": "a"}}, {{"id": 1, "id": 2}}, {{"x": {deep}}}, 7, {{"n": NaN}}, {{"id": "b"}}]'
    assert from_stdin(data) == [
        "a", "1:25 duplicate-key", "1:72 too-deep", "1:124 record-not-object", "1:133 json-not-finite", "b",
    ]  # fmt: skip


def test_every_line_is_a_record_or_a_rejection() -> None:
    """Whatever the lines, none is lost and none stops the others."""
    chance = random.Random(1)  # noqa: S311 - a test
    good = b'{"id": "x", "events": [{"type": "a", "n": 1.5}]}'
    lines = []
    for _ in range(2000):
        line = bytearray(good)
        for _ in range(chance.choice((0, 0, 1, 2))):
            line[chance.randrange(len(line))] = chance.choice(b'[]{}",:\\x0\xff\x00 e')
        lines.append(bytes(line))
    tally = Tally()
    found = [*read_records(["-"], io.BytesIO(good + b"\n" + b"\n".join(lines)), tally=tally)]
    assert len(found) == len(lines) + 1
    assert (tally.records + tally.rejected, tally.blank_lines) == (len(lines) + 1, 0)
    assert [r.line if isinstance(r, RawRecord) else r.problems[0].place.line for r in found] == [
        *range(1, len(lines) + 2)
    ]


# -- problems of a record -------------------------------------------------------------------------------------------


def test_place_of_a_problem(tmp_path: Path) -> None:
    """Line, column and pointer are those in the file; the line is shown with its caret."""
    (tmp_path / "d.json").write_text(
        '[\n  {"id": "a"}, {"id": "京",\n   "events": [{"type": "x"}]}\n]', encoding="utf-8"
    )
    _, found = read_records([tmp_path / "d.json"])
    assert isinstance(found, RawRecord)
    path = str(tmp_path / "d.json")
    assert (found.line, found.column, found.pointer) == (2, 16, "/1")
    assert found.problem("unknown-key", "/events/0/type", name="x").place == Place(path, 3, 24, "/1/events/0/type")
    problem = found.problem("unknown-key", "/id", name="京")
    assert problem.place == Place(path, 2, 23, "/1/id")
    assert problem.render("en").split("\n")[1:3] == ['    2 | ...{"id": "京",', "      |           ^"]
    assert found.problem("unknown-key", "", severity="warning").severity == "warning"
    assert found.problem("unknown-key", "/missing/x").place == Place(path, 2, 16, "/1/missing/x")


def test_place_in_a_line() -> None:
    """The same in newline-delimited JSON."""
    _, found = read_records(["-"], io.BytesIO('{"id": "a"}\n {"id": "b", "甲": 1}\n'.encode()))
    assert isinstance(found, RawRecord)
    assert found.problem("unknown-key", "/甲").place == Place("-", 2, 19, "/甲")


def test_many_problems_of_a_large_record() -> None:
    """The places of thousands of problems are found without reading the record again for each."""
    text = json.dumps({"id": "x", "events": [{"type": "t"}] * 20_000})
    (found,) = read_records(["-"], io.BytesIO(text.encode()))
    assert isinstance(found, RawRecord)
    places = [found.problem("unknown-key", f"/events/{i}/type").place.column for i in range(20_000)]
    assert all(text[column - 1 : column + 2] == '"t"' for column in places)


def test_record_of_an_example_in_a_policy() -> None:
    """An example written in YAML has its places there."""
    node = load_yaml(b"record:\n  id: a\n  events:\n    - {type: x}\n", "p.yaml").at(["record"])
    record = RawRecord.of_node(node)
    assert record.value == {"id": "a", "events": [{"type": "x"}]}
    assert record.problem("unknown-event", "/events/0/type", name="x").place == Place("p.yaml", 4, 14)
    assert record.problem("unknown-key", "/events/0/type", name="x").place == Place("p.yaml", 4, 8)  # of the key
    assert record.problem("unknown-key", "/nothing", name="x").place == Place("p.yaml", 2, 3)
    assert RawRecord.of_node(node, {"id": "b"}).value == {"id": "b"}


def test_records_can_be_sent_to_another_process() -> None:
    """Records and rejections are plain data."""
    found = [*read_records(["-"], io.BytesIO(b'{"id": "a", "n": 1.5}\nx\n'))]
    assert pickle.loads(pickle.dumps(found)) == found  # noqa: S301 - our own bytes


# -- files of any kind ----------------------------------------------------------------------------------------------


def test_bounded_reading(tmp_path: Path) -> None:
    """An ordinary file is read up to a limit; pipes, folders and missing files are refused without waiting."""
    path = tmp_path / "f"
    path.write_bytes(b"12345")
    assert read_bytes(path, 5) == b"12345"
    refused = {
        path: "file-too-large",
        tmp_path: "not-a-regular-file",
        tmp_path / "x": "no-such-file",
        Path("a\0"): "unreadable",
    }
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "p")
        refused[tmp_path / "p"] = "not-a-regular-file"
    for name, code in refused.items():
        with pytest.raises(InvalidSource) as caught:
            read_bytes(name, 4)
        assert [p.code for p in caught.value.problems] == [code]


def test_encodings_are_guessed() -> None:
    """GB18030 is named when the bytes can be that, also when the sample ends inside a character."""
    for text in ("执行监督", "监" * 3000, "a" + "监" * 3000, "a" * 5000 + "监" * 3000, "𠮷" * 2000, "ab" + "𠮷" * 2000):
        with pytest.raises(InvalidSource) as caught:
            decode(text.encode("gb18030"), "f")
        assert dict(caught.value.problems[0].values)["encoding"] == "GB18030"
    for data in (b"caf\xe9 x", b"ab\xff\xff\xff" * 2000):
        with pytest.raises(InvalidSource) as caught:
            decode(data, "f")
        assert dict(caught.value.problems[0].values)["encoding"] == ""


def test_source_lines() -> None:
    """Lines end with any of three marks; lines that don't exist are empty."""
    source = Source("p", "a\r\nb\rc\nd")
    assert [source.line(n) for n in range(6)] == ["", "a", "b", "c", "d", ""]
    assert [source.position(n) for n in (0, 1, 3, 5, 7, 8)] == [(1, 1), (1, 2), (2, 1), (3, 1), (4, 1), (4, 2)]
    assert source.offset(4, 1) == 7
    assert source.place(3) == Place("p", 2, 1)
