"""Batches: the same bytes for any number of workers, after any kill; every refused record listed; packed inputs."""

import contextlib
import csv
import errno
import gzip
import hashlib
import io
import json
import shutil
import signal
import subprocess
import time
import zlib
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

import pyarrow.parquet as pq
import pytest
import zstandard
from command_line import SMALL, Ran, command, run, spawn

from validator import cli
from validator.batch import pool, progress
from validator.batch.chunk import JudgedChunk, Settings
from validator.batch.feed import Chunk, Refused, chunks
from validator.batch.forms import COLUMNS, FORMS, csv_line
from validator.batch.progress import Plain, Standing
from validator.engine import Summary
from validator.errors import EXIT_CODES
from validator.legal_time.instant import parse_as_of
from validator.limits import DEFAULT, Limits
from validator.output.phrases import PHRASES
from validator.reading import files
from validator.reading.json_schema import schema, validate
from validator.reading.strict_yaml import load_yaml

RULES = ("-p", str(SMALL), "--as-of", "2024-01-01")
CHUNK = 2000  # bytes: some ten records
PATIENCE = 300  # seconds until a process counts as hung

# Runs the command line in copies of one process that has loaded everything: `start` returns the copy's id.
DRIVER = """
import os, random, signal, sys, time
from pathlib import Path
from validator import cli
from validator.batch import chunk
from validator.commands import settings
cli.CHUNK_BYTES = 2000
program = settings.load(["{rules}"])
settings.load = lambda *_, **__: program

def start(*arguments):
    copy = os.fork()
    if not copy:
        code = 70
        try:
            cli.main(["check", "-p", "{rules}", "--as-of", "2024-01-01", *arguments])
        except SystemExit as stop:
            code = stop.code
        finally:
            os._exit(code)
    return copy

def ended(copy):
    return os.waitstatus_to_exitcode(os.waitpid(copy, 0)[1])
""".replace("{rules}", str(SMALL))


def docket(count: int) -> list[bytes]:
    """Make lines of records: compliant, late, undetermined, refused, broken, blank."""
    found = []
    for i in range(count):
        events: list[dict[str, Any]] = [{"type": "received", "at": f"2022-{i % 12 + 1:02}-01", "amount": i * 37 % 300}]
        if i % 3:
            events.append({"type": "answered", "at": f"2022-{i % 12 + 1:02}-{i % 20 + 2:02}"})
        if i % 17 == 5:
            events.append({"type": "recieved", "at": "2022"})
        record = {"record_type": "matter", "id": f"(2022)甲{i}号", "kind": "plain", "events": events}
        text = json.dumps(record, ensure_ascii=False)
        found.append((text[:-1] if i % 29 == 7 else "" if i % 31 == 9 else text).encode())
    return found


BLANK = {i for i in range(400) if i % 31 == 9 and i % 29 != 7}
REFUSED = {i for i in range(400) if i % 29 == 7 or i % 17 == 5} - BLANK
COUNTS = {"read": 400 - len(BLANK), "judged": 400 - len(BLANK) - len(REFUSED), "rejected": len(REFUSED)}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a docket."""
    path = tmp_path_factory.mktemp("batch")
    (path / "in.ndjson").write_bytes(b"\n".join(docket(400)))
    return path


def judge(*arguments: str | Path, **more: Any) -> Ran:
    """Run `check` on the small rule set, in small chunks."""
    return run("check", *RULES, *arguments, patches=[mock.patch.object(cli, "CHUNK_BYTES", CHUNK)], **more)


def drive(script: str, cwd: Path) -> Ran:
    """Run a script with the driver."""
    ran = spawn(script=DRIVER + script, cwd=cwd)
    assert ran.code == 0, ran
    return ran


# -- chunks ------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("size", [1, 7, 64, 1000, 1 << 20])
@pytest.mark.parametrize("end", [b"", b"\n", b"\n\n"])
def test_chunks_are_the_input_cut_at_line_ends(tmp_path: Path, size: int, end: bytes) -> None:
    """Put together they are the file; each begins at the line and byte that it says; halves likewise."""
    data = b"\n".join(docket(12)) + b"\r\n \r\rx" + end
    (tmp_path / "x.ndjson").write_bytes(data)
    found = list(chunks([tmp_path / "x.ndjson"], size=size))
    assert b"".join(c.data for c in found) == data
    assert [c.number for c in found] == list(range(len(found)))
    for whole in found:
        for chunk in (whole, *(whole.halves() if len(whole) > 1 else ())):
            assert data[chunk.offset :].startswith(chunk.data)
            assert chunk.first_line == data[: chunk.offset].count(b"\n") + 1
            assert chunk.data.endswith(b"\n") or chunk is found[-1] or chunk.offset + len(chunk.data) == len(data)
    assert found[-1].consumed == len(data)


def test_a_line_that_is_too_long_is_listed_and_not_kept(tmp_path: Path) -> None:
    """Its bytes are counted and hashed; the lines around it are read; the limit holds exactly."""
    long = b"y" * 5000
    data = b"{}\n" + long + b"\n" + b"x" * 100 + b"\n" + long
    (tmp_path / "x.ndjson").write_bytes(data)
    found = list(chunks([tmp_path / "x.ndjson"], limits=Limits(line_bytes=100), size=10))
    refused = [i for c in found for i in c.items if isinstance(i, Refused)]
    assert [(r.offset, r.length, r.problems[0].place.line) for r in refused] == [(3, 5000, 2), (5105, 5000, 4)]
    assert {r.sha256 for r in refused} == {hashlib.sha256(long).hexdigest()}
    assert b"".join(c.data for c in found) == b"{}\n" + b"x" * 100 + b"\n"


def test_an_array_of_refused_elements_comes_in_pieces(tmp_path: Path) -> None:
    """However many elements are no records, only some of them are held at once."""
    (tmp_path / "x.json").write_text("[" + ",".join(["1"] * 10_000) + "]", encoding="utf-8")
    found = list(chunks([tmp_path / "x.json"]))
    assert sum(map(len, found)) == 10_000
    assert max(map(len, found)) < 1000


# -- packed inputs -----------------------------------------------------------------------------------------------------
def members(pack: Callable[[bytes], bytes]) -> Callable[[bytes], bytes]:
    """Pack in two members."""
    return lambda data: pack(data[:777]) + pack(data[777:])


PACKINGS = [
    ("gz", gzip.compress),
    ("gz", members(gzip.compress)),
    ("gz", lambda data: gzip.compress(data) + b"\0" * 2000),
    ("zst", zstandard.compress),
    ("zst", members(zstandard.compress)),
    ("ZST", lambda data: zstandard.ZstdCompressor(write_content_size=False).compress(data)),
]


@pytest.mark.parametrize(("suffix", "pack"), PACKINGS)
@pytest.mark.parametrize("name", ["in.ndjson", "in.json", "in"])
def test_packed_inputs_are_read_like_others(
    tmp_path: Path, name: str, suffix: str, pack: Callable[[bytes], bytes]
) -> None:
    """Lines, a document and a file whose name says nothing, in one member or several, alone or in a folder."""
    lines = [line for line in docket(40) if line]
    data = b"\n".join(lines)
    if name == "in.json":
        data = b"[" + b",\n".join(line for line in lines if line.endswith(b"]}")) + b"]"
    (tmp_path / name).write_bytes(data)
    plain = judge(name, "--output-format", "csv", cwd=tmp_path)
    (tmp_path / f"{name}.{suffix}").write_bytes(pack(data))
    packed = judge(f"{name}.{suffix}", "--output-format", "csv", cwd=tmp_path)
    assert packed.out == plain.out.replace(f",{name},", f",{name}.{suffix},")
    assert packed.out.count("\n") > 20
    if name != "in":
        (tmp_path / "folder").mkdir()
        (tmp_path / f"{name}.{suffix}").rename(tmp_path / "folder" / f"{name}.{suffix}")
        assert judge("folder", "--output-format", "csv", cwd=tmp_path).out.count("\n") == plain.out.count("\n")


@pytest.mark.parametrize(("suffix", "pack"), [PACKINGS[0], PACKINGS[3]])
@pytest.mark.parametrize("damage", ["cut", "flipped", "empty", "no such format"])
def test_damaged_packed_data_are_one_refusal(
    tmp_path: Path, suffix: str, pack: Callable[[bytes], bytes], damage: str
) -> None:
    """What came before the damage is judged, the place is named, other inputs go on."""
    lines = b"".join(line + b"\n" for line in docket(300) if line.endswith(b"]}"))
    packed = bytearray(pack(lines))
    if damage == "cut":
        del packed[-20:]
    elif damage == "flipped":
        packed[len(packed) // 2] ^= 0xFF
    else:
        packed = bytearray(b"" if damage == "empty" else b"hello, hello, hello")
    name = f"in.ndjson.{suffix}"
    (tmp_path / name).write_bytes(packed)
    (tmp_path / "good.ndjson").write_bytes(docket(1)[0])
    ran = judge(name, "good.ndjson", "--rejects", "rejects", "--output-format", "ndjson", cwd=tmp_path)
    assert ran.code == 4
    summary = json.loads(ran.out.splitlines()[-1])["summary"]["records"]
    refused = [json.loads(line) for line in (tmp_path / "rejects").read_text(encoding="utf-8").splitlines()]
    broken = [r for r in refused if r["problems"][0]["code"] == "packed-data-broken"]
    assert len(broken) == 1
    assert summary["read"] == summary["judged"] + len(refused)
    assert '"path": "good.ndjson"' in ran.out
    assert "packed-data-broken" in ran.err


def with_checksum(data: bytes) -> bytes:
    """Pack with zstd, with the checksum at the end that the command writes."""
    return zstandard.ZstdCompressor(write_checksum=True).compress(data)


@pytest.mark.parametrize(
    ("suffix", "packed", "zh", "en"),
    [
        ("gz", gzip.compress(b"{}", mtime=0)[:-9], "没有结束就断了", "they end too early"),
        ("gz", b"hello", "开头不是这种压缩数据", "such data do not begin like this"),
        ("zst", b"hello", "开头不是这种压缩数据", "such data do not begin like this"),
        ("gz", gzip.compress(b"{}", mtime=0)[:-8] + bytes(8), "校验不符", "the checksum does not match"),
        ("zst", with_checksum(b"{}")[:-1] + b"?", "校验不符", "the checksum does not match"),
        ("gz", gzip.compress(b"{}", mtime=0)[:10] + b"\xff" * 9, "内容有误", "they are not what was packed"),
    ],
    ids=["gz cut", "gz begun", "zst begun", "gz checksum", "zst checksum", "gz content"],
)
def test_damage_is_told_in_both_languages(tmp_path: Path, suffix: str, packed: bytes, zh: str, en: str) -> None:
    """Whatever library unpacks it: which kind of damage, in the language of the reader."""
    path = tmp_path / f"in.ndjson.{suffix}"
    path.write_bytes(packed)
    for file in files.open_inputs([path], None, DEFAULT):
        assert isinstance(file, files.Input)
        list(file.lines())
        damage = file.damage()
        assert damage is not None
        assert damage.message("zh") == f"压缩数据损坏或不完整：{zh}；此处以后的记录读不出来"
        assert damage.message("en") == (
            f"the packed data are damaged or cut off: {en}; the records from here on can't be read"
        )


WRONG_AT_THE_END = {
    "gz": (gzip.compress, -8),
    "gz of two members": (members(gzip.compress), -8),
    "gz with a wrong length": (gzip.compress, -3),
    "zst": (with_checksum, -2),
    "zst of two members": (members(with_checksum), -2),
}


@pytest.mark.parametrize("records", [1, 5, 300])
@pytest.mark.parametrize("packing", WRONG_AT_THE_END)
def test_a_wrong_checksum_loses_no_record(tmp_path: Path, packing: str, records: int) -> None:
    """All data stand before the damage, however few bytes they are packed into: every record is judged."""
    good = [b'{"record_type": "matter", "id": "m%d", "events": []}\n' % number for number in range(records)]
    pack, place = WRONG_AT_THE_END[packing]
    packed = bytearray(pack(b"".join(good)))
    packed[place] ^= 0xFF
    name = f"in.ndjson.{packing.split(maxsplit=1)[0]}"
    (tmp_path / name).write_bytes(packed)
    ran = judge(name, "--output-format", "ndjson", cwd=tmp_path)
    told = [json.loads(line) for line in ran.out.splitlines()]
    assert (ran.code, ran.err.count("packed-data-broken")) == (4, 1)
    assert told[-1]["summary"]["records"] == {"read": records + 1, "judged": records, "rejected": 1}
    assert f"{name}:{records + 1}: packed-data-broken" in ran.err


def test_what_unpacks_before_the_damage_is_read(tmp_path: Path) -> None:
    """Wherever a byte is wrong: what a reader that takes one byte after the other gets."""
    data = b"".join(hashlib.sha256(b"%d" % n).hexdigest().encode() + b"\n" for n in range(400))
    packed, path, lost = gzip.compress(data), tmp_path / "in.ndjson.gz", 0
    for place in range(20, len(packed), 101):
        changed = bytearray(packed)
        changed[place] ^= 0xFF
        path.write_bytes(changed)
        unpacker, wanted = zlib.decompressobj(wbits=31), b""
        with contextlib.suppress(zlib.error):
            for byte in changed:
                wanted += unpacker.decompress(bytes((byte,)))
        for file in files.open_inputs([path], None, DEFAULT):
            assert isinstance(file, files.Input)
            assert file.stream.read() == wanted
            assert bool(file.damage()) is not unpacker.eof
        lost += len(wanted) < len(data)
    assert lost > 10


def test_without_its_package_a_form_is_refused_in_words(tmp_path: Path) -> None:
    """Each extra is named with the command that installs it; the other inputs go on."""
    (tmp_path / "x.ndjson.zst").write_bytes(zstandard.compress(b"{}"))
    with mock.patch.object(files, "_zstandard", return_value=None):
        ran = judge("x.ndjson.zst", "--lang", "en", cwd=tmp_path)
    assert ran.code == 4
    assert "pip install 'zhijian-validator[zstd]'" in ran.err
    with mock.patch.dict("sys.modules", {"pyarrow.parquet": None}):
        ran = judge("--output-format", "parquet", "--lang", "en")
    assert ran.code == 2
    assert "pip install 'zhijian-validator[parquet]'" in ran.err


# -- forms -------------------------------------------------------------------------------------------------------------
def test_csv_is_read_back_by_a_csv_reader(folder: Path) -> None:
    """One row a finding, the columns as documented; the mark is there on request only; days are days."""
    ran = judge("in.ndjson", "--output-format", "csv", cwd=folder)
    table = list(csv.DictReader(io.StringIO(ran.out, newline="")))
    lines = judge("in.ndjson", "--output-format", "ndjson", cwd=folder).out.splitlines()
    found = [json.loads(line)["finding"] for line in lines if line.startswith('{"finding"')]
    assert list(table[0]) == list(COLUMNS)
    assert [(r["record"], r["norm"], r["verdict"], r["due_day"], int(r["line"])) for r in table] == [
        (f["record"], f["norm"], f["verdict"], f.get("due_day", ""), f["line"]) for f in found
    ]
    late = [f["late_by"]["calendar_days"] if "late_by" in f else "" for f in found]
    assert [r["late_calendar_days"] for r in table] == [str(n) for n in late]
    assert {r["verdict"] for r in table}.isdisjoint({"compliant", "not_triggered"})
    assert "\r\n" in ran.out
    marked = judge("in.ndjson", "--output-format", "csv", "--bom", cwd=folder)
    assert marked.out == "\ufeff" + ran.out
    assert PHRASES["zh"]["records"].format(**COUNTS) in ran.err


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_cells_are_no_formulas(start: str) -> None:
    """What a spreadsheet would calculate begins with an apostrophe; numbers and other texts stay."""
    (row,) = csv.reader(io.StringIO(csv_line([f"{start}1+1", "a=b", -1, None, 'x"\n']), newline=""))
    assert row == [f"'{start}1+1", "a=b", "-1", "", 'x"\n']


def test_parquet_holds_the_rows_of_csv_typed(folder: Path, tmp_path: Path) -> None:
    """The same cells; numbers and days have their types; header and summary are metadata."""
    judge("in.ndjson", "--output-format", "parquet", "-o", tmp_path / "x.parquet", cwd=folder)
    table = pq.read_table(tmp_path / "x.parquet")
    assert table.column_names == list(COLUMNS)
    kinds = {"text": "string", "number": "int64", "day": "date32[day]", "flag": "bool"}
    assert [str(t) for t in table.schema.types] == [kinds[k] for k in COLUMNS.values()]
    plain = judge("in.ndjson", "--output-format", "csv", cwd=folder).out
    rows = [csv_line(row.values()) for row in table.to_pylist()]
    assert "".join([csv_line(COLUMNS), *rows]) == plain
    metadata = pq.read_metadata(tmp_path / "x.parquet").metadata
    assert json.loads(metadata[b"zhijian.summary"])["records"] == COUNTS
    assert json.loads(metadata[b"zhijian.header"])["policy_digest"]


def test_header_summary_and_refusals_have_their_schemas(folder: Path, tmp_path: Path) -> None:
    """Every line of NDJSON but findings, and every line of the list of refused records."""
    ran = judge("in.ndjson", "--output-format", "ndjson", "--rejects", tmp_path / "r", "--rejects-content", cwd=folder)
    others = [line for line in ran.out.splitlines() if not line.startswith('{"finding"')]
    refused = (tmp_path / "r").read_text(encoding="utf-8").splitlines()
    assert len(others) == 2 + len(refused)
    for name, lines in (("output", others), ("reject", refused)):
        form = schema(name)
        for line in lines:
            assert [p.render("en") for p in validate(load_yaml(line.encode(), "line"), form)] == []


# -- refused records ---------------------------------------------------------------------------------------------------
def test_refused_records_are_listed_without_their_content(folder: Path, tmp_path: Path) -> None:
    """Offset, length and digest find the bytes in the file; nothing of them stands in the list unless asked for."""
    data = (folder / "in.ndjson").read_bytes()
    ran = judge("in.ndjson", "--rejects", tmp_path / "r", "--output-format", "ndjson", cwd=folder)
    text = (tmp_path / "r").read_text(encoding="utf-8")
    refused = [json.loads(line) for line in text.splitlines()]
    counts = json.loads(ran.out.splitlines()[-1])["summary"]["records"]
    assert counts == COUNTS
    assert [one["line"] for one in refused] == sorted(i + 1 for i in REFUSED)
    for one in refused:
        raw = data[one["offset"] : one["offset"] + one["length"]]
        assert hashlib.sha256(raw).hexdigest() == one["sha256"]
        assert raw == data.split(b"\n")[one["line"] - 1]
    assert {p["code"] for one in refused for p in one["problems"]} == {"unknown-event", "json-end"}
    assert {p["pointer"] for one in refused for p in one["problems"]} >= {"/events/2/type"}
    assert "recieved" not in text
    assert "甲" not in text
    judge("in.ndjson", "--rejects", tmp_path / "r", "--rejects-content", cwd=folder)
    whole = [json.loads(line) for line in (tmp_path / "r").read_text(encoding="utf-8").splitlines()]
    assert [w.pop("content").encode() for w in whole] == [data.split(b"\n")[r["line"] - 1] for r in refused]
    assert whole == refused


def test_refused_elements_of_an_array_have_their_place(tmp_path: Path) -> None:
    """Pointer and byte offset in the document, behind a byte order mark and Chinese text."""
    bad = '{"record_type": "matter", "id": "乙", "colour": 1}'
    text = f"\ufeff[\n {docket(1)[0].decode()},\r\n  {bad}, 7]"
    (tmp_path / "x.json").write_text(text, encoding="utf-8", newline="")
    judge("x.json", "--rejects", "r", cwd=tmp_path)
    first, second = (json.loads(line) for line in (tmp_path / "r").read_text(encoding="utf-8").splitlines())
    data = text.encode()
    assert data[first["offset"] : first["offset"] + first["length"]] == bad.encode()
    assert (first["line"], first["pointer"]) == (3, "/1")
    assert (second["line"], second["pointer"], second["problems"][0]["code"]) == (3, "/2", "record-not-object")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--rejects", "x", "-o", "./x"], "output-twice"),
        (["--rejects", "in.ndjson", "in.ndjson"], "output-is-input"),
        (["--rejects-content"], "option-needs"),
        (["--resume"], "option-needs"),
        (["--bom"], "option-needs"),
        (["--bom", "--output-format", "text", "-o", "x.csv"], "option-needs"),
    ],
)
def test_options_that_make_no_sense_are_refused(folder: Path, arguments: list[str], code: str) -> None:
    """Exit 2, before anything is written."""
    before = (folder / "in.ndjson").read_bytes()
    ran = judge(*arguments, cwd=folder)
    assert (ran.code, code in ran.err) == (2, True), ran
    assert (folder / "in.ndjson").read_bytes() == before
    assert not (folder / "x").exists()


# -- workers -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("form", FORMS)
def test_any_number_of_workers_gives_the_same_bytes(folder: Path, tmp_path: Path, form: str) -> None:
    """Output, refused records, messages and code."""
    ran = {}
    for workers in (1, 2, 3):
        target, rejects = tmp_path / f"{workers}", tmp_path / f"r{workers}"
        done = judge("in.ndjson", "-j", str(workers), "--output-format", form, "-o", target, "--rejects", rejects,
                     cwd=folder)  # fmt: skip
        ran[workers] = (done, target.read_bytes(), rejects.read_bytes())
    assert ran[1] == ran[2] == ran[3]
    assert ran[1][0].code == 4


def test_a_record_that_kills_is_isolated(folder: Path, tmp_path: Path) -> None:
    """The workers that die are replaced, all other records are judged, the one is refused as lost."""
    shutil.copy(folder / "in.ndjson", tmp_path / "in.ndjson")
    script = """
read = chunk.line_record
def deadly(path, number, line, limits):
    if number == {killer}:
        os.kill(os.getpid(), signal.SIGKILL)
    return read(path, number, line, limits)
chunk.line_record = deadly
assert ended(start("in.ndjson", "-j", "2", "--output-format", "ndjson", "-o", "killed", "--rejects", "rejects")) == 4
chunk.line_record = read
assert ended(start("in.ndjson", "--output-format", "ndjson", "-o", "straight", "--rejects", "others")) == 4
""".replace("{killer}", "133")
    drive(script, tmp_path)
    straight = [json.loads(line) for line in (tmp_path / "straight").read_text(encoding="utf-8").splitlines()]
    killed = [json.loads(line) for line in (tmp_path / "killed").read_text(encoding="utf-8").splitlines()]
    lost = [k["rejected"][0] for k in killed if "rejected" in k and k["rejected"][0]["code"] == "worker-lost"]
    assert [one["line"] for one in lost] == [133]
    assert [k for k in killed[1:-1] if k.get("finding", {}).get("line") != 133 and "finding" in k] == [
        s for s in straight[1:-1] if s.get("finding", {}).get("line") != 133 and "finding" in s
    ]
    before, after = straight[-1]["summary"]["records"], killed[-1]["summary"]["records"]
    assert after == {**before, "judged": before["judged"] - 1, "rejected": before["rejected"] + 1}
    raw = (tmp_path / "in.ndjson").read_bytes().split(b"\n")[132]
    refused = [json.loads(line) for line in (tmp_path / "rejects").read_text(encoding="utf-8").splitlines()]
    (one,) = (r for r in refused if r["problems"][0]["code"] == "worker-lost")
    assert one["sha256"] == hashlib.sha256(raw).hexdigest()


def test_a_worker_that_dies_once_costs_nothing(folder: Path, tmp_path: Path) -> None:
    """Its chunk is tried again: the bytes are those of a straight run."""
    shutil.copy(folder / "in.ndjson", tmp_path / "in.ndjson")
    script = """
read = chunk.line_record
def deadly(path, number, line, limits):
    mark = Path(f"died-{number}")
    if number % 50 == 0 and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return read(path, number, line, limits)
assert ended(start("in.ndjson", "-o", "straight")) == 4
chunk.line_record = deadly
assert ended(start("in.ndjson", "-j", "2", "-o", "killed")) == 4
"""
    drive(script, tmp_path)
    assert len(list(tmp_path.glob("died-*"))) >= 7
    assert (tmp_path / "killed").read_bytes() == (tmp_path / "straight").read_bytes()


@pytest.mark.parametrize("jobs", ["0", "-1", "257", "99999999999999999999"])
def test_a_number_of_workers_that_makes_no_sense_is_refused(folder: Path, jobs: str) -> None:
    """Exit 2, and no process is started."""
    with mock.patch.object(pool, "judged", side_effect=AssertionError):
        assert judge("in.ndjson", "-j", jobs, cwd=folder).code == 2


@pytest.mark.parametrize(("lines", "most"), [(0, 0), (1, 1), (3, 3), (9, 4)])
def test_no_more_workers_are_started_than_there_is_work(lines: int, most: int) -> None:
    """One for each chunk, up to as many as are wanted."""

    def blank(chunk: Chunk) -> JudgedChunk:
        return JudgedChunk(chunk.number, b"", b"", (), Summary(), Counter())

    given = [Chunk(number, "x", data=b"\n", lines=1) for number in range(lines)]
    start = pool._Pool._start
    with mock.patch.object(pool._Pool, "_start", autospec=True, side_effect=start) as started:
        found = list(pool.judged(given, blank, Settings(parse_as_of("2024-01-01")), 4))
    assert [judged.number for judged in found] == list(range(lines))
    assert started.call_count == most


def test_fewer_processes_than_wanted_do_the_work(folder: Path, tmp_path: Path) -> None:
    """Where the system starts no more: those that there are give the same bytes; without any it is said, and no bug."""
    start = pool._Pool._start
    for most, code in ((8, 4), (1, 4), (0, 2)):

        def limited(self: Any, most: int = most) -> Any:
            if len(self.workers) == most:
                raise OSError(errno.EAGAIN, "Resource temporarily unavailable")
            return start(self)

        with mock.patch.object(pool._Pool, "_start", limited):
            ran = judge(folder / "in.ndjson", "-j", "3", "-o", tmp_path / f"out{most}")
        assert (ran.code, "no-process" in ran.err) == (code, most == 0), ran
    assert (tmp_path / "out1").read_bytes() == (tmp_path / "out8").read_bytes()
    assert not (tmp_path / "out0").exists()


def test_a_bug_in_a_worker_is_said_in_the_parent() -> None:
    """An exception crosses as words; the run ends as with one worker."""

    def broken(_: Chunk) -> JudgedChunk:
        raise KeyError("x")

    settings = Settings(parse_as_of("2024-01-01"))
    with pytest.raises(pool.WorkerFailed, match="KeyError: 'x'"):
        list(pool.judged([Chunk(0, "x", data=b"{}", lines=1)], broken, settings, 2))


def test_a_sent_program_judges_like_a_copied_one(folder: Path) -> None:
    """Where processes can't be copied the program is sent to the workers: the same bytes."""
    copied = judge("in.ndjson", "-j", "2", cwd=folder)
    with mock.patch.object(pool, "_COPIES", new=False):
        assert judge("in.ndjson", "-j", "2", cwd=folder) == copied


# -- checkpoints -------------------------------------------------------------------------------------------------------
KILLING = """
chance = random.Random({seed})
began = time.monotonic()
assert ended(start("in.ndjson", "--output-format", "{form}", "-o", "straight", "--rejects", "straight-r")) == 4
whole = time.monotonic() - began
kills = finished = 0
while kills < {kills} or not finished:
    copy = start("in.ndjson", "--output-format", "{form}", "-o", "out", "--rejects", "out-r", "-j", str(1 + kills % 2),
                 "--checkpoint", "done", "--resume")
    if kills < {kills}:
        time.sleep(chance.random() * whole * 0.7)
        os.kill(copy, signal.SIGKILL)
    code = ended(copy)
    kills += code == -9
    if code != -9:
        assert code == 4, code
        finished += 1
        assert Path("out").read_bytes() == Path("straight").read_bytes()
        assert Path("out-r").read_bytes() == Path("straight-r").read_bytes()
        assert not Path("done").exists()
        Path("out").unlink()
    elif Path("out").exists():
        assert Path("out").read_bytes() == Path("straight").read_bytes()
        Path("out").unlink()
print(kills, finished)
"""


def kill(folder: Path, kills: int, form: str, seed: int) -> None:
    """Kill runs at random moments until there were so many kills, resuming each time."""
    script = KILLING.replace("{kills}", str(kills)).replace("{form}", form).replace("{seed}", str(seed))
    ran = drive(script, folder)
    assert int(ran.out.split()[0]) == kills


@pytest.mark.parametrize("form", ["ndjson", "parquet"])
def test_killed_and_resumed_runs_end_with_the_same_bytes(folder: Path, tmp_path: Path, form: str) -> None:
    """A few kills at random moments."""
    shutil.copy(folder / "in.ndjson", tmp_path / "in.ndjson")
    kill(tmp_path, 4, form, 1)


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMS)
def test_a_hundred_kills_change_nothing(folder: Path, tmp_path: Path, form: str) -> None:
    """A hundred kills in every form."""
    shutil.copy(folder / "in.ndjson", tmp_path / "in.ndjson")
    kill(tmp_path, 100, form, 2)


@pytest.fixture
def stopped(folder: Path, tmp_path: Path) -> Path:
    """A folder with a run that was stopped in the middle, and its checkpoint."""
    shutil.copy(folder / "in.ndjson", tmp_path / "in.ndjson")

    def stop(self: Plain[Any], standing: Standing, done: int) -> None:
        del self, done
        if standing.summary.read > 150:
            raise KeyboardInterrupt

    ran = judge("in.ndjson", "-o", "out", "--checkpoint", "done", cwd=tmp_path)
    assert ran.code == 4
    with mock.patch.object(Plain, "report", stop):
        assert judge("in.ndjson", "-o", "out2", "--checkpoint", "done", cwd=tmp_path).code == 130
    assert sorted(p.name for p in tmp_path.iterdir()) == ["done", "in.ndjson", "out"]
    return tmp_path


RESUME = ("in.ndjson", "-o", "out2", "--checkpoint", "done", "--resume")


def test_a_stopped_run_goes_on_where_it_was(stopped: Path) -> None:
    """What is done is not judged again."""
    with mock.patch.object(Summary, "add", autospec=True, side_effect=Summary.add) as add:
        assert judge(*RESUME, cwd=stopped).code == 4
    assert 0 < add.call_count < 250
    assert (stopped / "out2").read_bytes() == (stopped / "out").read_bytes()
    assert not (stopped / "done").exists()


def test_the_rate_of_a_resumed_run_is_its_own(stopped: Path) -> None:
    """What an earlier run did is shown once, before anything is judged, and does not count as done by this one."""
    seen: list[tuple[int, int]] = []

    def look(self: Plain[Any], standing: Standing, done: int) -> None:
        del self, done
        seen.append((standing.summary.read, standing.earlier))

    adding = mock.patch.object(Summary, "add", autospec=True, side_effect=Summary.add)
    with mock.patch.object(Plain, "report", look), adding as add:
        assert judge(*RESUME, cwd=stopped).code == 4
    (first, *later) = seen
    assert first[0] == first[1] > 150
    assert {earlier for _, earlier in later} == {first[1]}
    assert later[-1][0] - later[-1][1] == add.call_count
    words = progress.judged("en")(Standing(Summary(read=9000), 6000), 60.0)
    assert words == "9000 records, 50 a second, 0 breaches, 0 rejected"


@pytest.mark.parametrize(
    "damage",
    ["journal cut", "output cut", "output changed", "journal gone", "first line cut", "count changed", "line changed",
     "lines of others"],
)  # fmt: skip
def test_a_damaged_checkpoint_is_used_as_far_as_it_goes(stopped: Path, damage: str) -> None:
    """What a power failure may leave: lines and outputs that are cut off or hold something else."""
    journal, output = stopped / "done" / "journal.ndjson", stopped / "done" / "output.part"
    first, *lines = journal.read_bytes().splitlines(keepends=True)
    if damage == "journal cut":
        journal.write_bytes(journal.read_bytes()[:-5])
    elif damage == "count changed":
        journal.write_bytes(b"".join((first, *lines)).replace(b'"breaches": ', b'"breaches": 1', 1))
    elif damage == "line changed":
        journal.write_bytes(b"".join((first, lines[0].replace(b'"sizes"', b'"seizs"'), *lines[1:])))
    elif damage == "lines of others":
        journal.write_bytes(first + b"{}\n" + b"[" * 100_000 + b"\n")
    elif damage == "output cut":
        output.write_bytes(output.read_bytes()[:-500])
    elif damage == "output changed":
        data = bytearray(output.read_bytes())
        data[len(data) // 2 : len(data) // 2 + 50] = bytes(50)
        output.write_bytes(data)
    elif damage == "journal gone":
        journal.unlink()
    else:
        journal.write_bytes(journal.read_bytes()[:20])
    assert judge(*RESUME, cwd=stopped).code == 4
    assert (stopped / "out2").read_bytes() == (stopped / "out").read_bytes()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (["--findings", "all"], "checkpoint-differs"),
        (["--as-of", "2023-01-01"], "checkpoint-differs"),
        (["--select", "A1"], "checkpoint-differs"),
        (["--context", "in.ndjson"], "checkpoint-differs"),
        (["--output-format", "csv"], "checkpoint-differs"),
        (["--parameters", "more.yaml"], "checkpoint-differs"),
        (["-j", "2"], ""),
    ],
)
def test_another_run_is_refused(stopped: Path, change: list[str], code: str) -> None:
    """Policies, parameters, context, moment and options have to be the same; the number of workers need not."""
    (stopped / "more.yaml").write_text(
        "parameters:\n  answer_days: {values: [{from: 2020-01-01, value: 3, basis: {zh: 试, en: T}}]}\n",
        encoding="utf-8",
    )
    ran = judge(*RESUME, *change, cwd=stopped)
    assert (ran.code, code in ran.err) == (2 if code else 4, True), ran
    assert (stopped / "done").exists() is bool(code)


def test_another_program_does_not_go_on(stopped: Path) -> None:
    """It may judge the rest otherwise, though its version is the same."""
    with mock.patch.object(cli, "source_digest", return_value="another"):
        ran = judge(*RESUME, cwd=stopped)
    assert (ran.code, "checkpoint-differs" in ran.err, "source_digest" in ran.err) == (2, True, True)
    assert judge(*RESUME, cwd=stopped).code == 4


def test_another_input_is_refused(stopped: Path) -> None:
    """One digit of a record that was judged, or a file that has become shorter: said with the file's name."""
    data = (stopped / "in.ndjson").read_bytes()
    for changed in (data.replace(b"2022-02-01", b"2022-02-02", 1), data[:1000]):
        (stopped / "in.ndjson").write_bytes(changed)
        ran = judge(*RESUME, cwd=stopped)
        assert (ran.code, "checkpoint-input" in ran.err) == (2, True), ran
    (stopped / "in.ndjson").write_bytes(data)
    assert judge(*RESUME, cwd=stopped).code == 4


def test_a_checkpoint_is_not_overwritten_and_not_shared(stopped: Path) -> None:
    """Without --resume an unfinished run stays; a run that is going on keeps its folder for itself."""
    ran = judge(*RESUME[:-1], cwd=stopped)
    assert (ran.code, "checkpoint-exists" in ran.err) == (2, True)
    script = """
import fcntl
held = open("done/.zhijian-checkpoint", "r+b")
fcntl.lockf(held, fcntl.LOCK_EX)
assert ended(start(*{arguments})) == 2
""".replace("{arguments}", repr(RESUME))
    assert "checkpoint-in-use" in drive(script, stopped).err


def test_a_checkpoint_is_removed_before_another_run_can_take_it(folder: Path, tmp_path: Path) -> None:
    """Whoever comes while its files are deleted is refused; after the last of them it is a folder like any new one."""
    shutil.copy(folder / "in.ndjson", tmp_path / "in.ndjson")
    script = """
unlink, codes = Path.unlink, []
def slow(path):
    unlink(path)
    if path.parent.name == "done":
        codes.append(ended(start("in.ndjson", "-o", "out2", "--checkpoint", "done")))
Path.unlink = slow
os.register_at_fork(after_in_child=lambda: setattr(Path, "unlink", unlink))
try:
    cli.main(["check", "-p", "{rules}", "--as-of", "2024-01-01", "in.ndjson", "-o", "out", "--checkpoint", "done"])
except SystemExit as stop:
    assert stop.code == 4
assert codes == [2, 2, 2, 2, 4], codes
""".replace("{rules}", str(SMALL))
    assert drive(script, tmp_path).err.count("checkpoint-in-use") == 4
    assert (tmp_path / "out").read_bytes() == (tmp_path / "out2").read_bytes()
    assert not (tmp_path / "done").exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_run_that_is_told_to_stop_leaves_its_checkpoint(
    folder: Path, tmp_path: Path, number: signal.Signals, workers: str
) -> None:
    """130 and 143, no worker and no unfinished file left; the run can go on."""
    shutil.copy(folder / "in.ndjson", tmp_path / "in.ndjson")
    script = f"""
read = chunk.line_record
def slow(*arguments):
    time.sleep(0.02)
    return read(*arguments)
chunk.line_record = slow
signal.signal(signal.SIGINT, signal.default_int_handler)
copy = start("in.ndjson", "-o", "out", "-j", "{workers}", "--checkpoint", "done")
journal = Path("done/journal.ndjson")
while not journal.exists() or journal.read_bytes().count(b"\\n") < 3:
    time.sleep(0.02)
os.kill(copy, {int(number)})
assert ended(copy) == {128 + number}
"""
    ran = drive(script, tmp_path)
    assert EXIT_CODES[128 + number]["zh"] in ran.err
    assert sorted(p.name for p in tmp_path.iterdir()) == ["done", "in.ndjson"]
    assert judge("in.ndjson", "-o", "out", "--checkpoint", "done", "--resume", cwd=tmp_path).code == 4


# -- outputs that fail -------------------------------------------------------------------------------------------------
def test_a_full_disk_leaves_what_was_there(folder: Path, tmp_path: Path) -> None:
    """Output, list of refused records or checkpoint: 74, the old files stay, no unfinished one does."""
    shutil.copy(folder / "in.ndjson", tmp_path / "in.ndjson")
    for name in ("out", "rejects"):
        (tmp_path / name).write_text("old", encoding="utf-8")
    script = """
import resource
resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000))
assert ended(start("in.ndjson", "-o", "out", "--rejects", "rejects")) == 74
assert ended(start("in.ndjson", "-o", "out", "--rejects", "rejects", "-j", "2")) == 74
assert ended(start("in.ndjson", "-o", "out", "--rejects", "rejects", "--checkpoint", "done")) == 74
"""
    drive(script, tmp_path)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["done", "in.ndjson", "out", "rejects"]
    assert {(tmp_path / name).read_text(encoding="utf-8") for name in ("out", "rejects")} == {"old"}


@pytest.mark.parametrize("more", [[], ["--checkpoint", "done"]])
@pytest.mark.parametrize("option", ["-o", "--rejects"])
def test_a_target_that_cannot_be_written_is_said_at_once(
    folder: Path, tmp_path: Path, option: str, more: list[str]
) -> None:
    """A missing folder, or a folder as target: 74 before anything is judged."""
    for target in (tmp_path / "a" / "b", tmp_path):
        with mock.patch.object(Summary, "add", side_effect=AssertionError):
            assert judge(folder / "in.ndjson", option, target, *more, cwd=tmp_path).code == 74
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_reader_that_leaves_ends_the_run(tmp_path: Path, workers: str) -> None:
    """``| head -1``: 74 and not a word, workers included."""
    good = b"".join(line + b"\n" for line in docket(400) if line.endswith(b"]}"))
    (tmp_path / "in.ndjson").write_bytes(good * 5)
    arguments = command("check", *RULES, tmp_path / "in.ndjson", "-j", workers, "--select", "A1.1,A2.2")
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.wait(PATIENCE) == 74


# -- progress ----------------------------------------------------------------------------------------------------------
def test_without_a_terminal_progress_is_a_line_a_minute(capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing in the first minute; then counts, rate and share; nothing again for a minute."""
    clock = mock.patch.object(time, "monotonic", side_effect=[0.0, 59.0, 61.0, 62.0, 122.0])
    with clock, progress.progress(200, progress.judged("en"), bar=False) as report:
        for done in (10, 50, 60, 100):
            report(Standing(Summary(read=done * 61, breaches=2, rejected=1)), done)
    first, second = capsys.readouterr().err.splitlines()
    assert first == "zhijian  25 %  3050 records, 50 a second, 2 breaches, 1 rejected"
    assert second.startswith("zhijian  50 %  6100 records, 50 a second")


def test_the_whole_is_known_before_the_start(folder: Path) -> None:
    """Sizes of files and folders add up; of a pipe nobody knows."""
    size = (folder / "in.ndjson").stat().st_size
    assert files.stored_bytes([folder / "in.ndjson", folder]) == 2 * size
    assert files.stored_bytes([folder, "-"]) == 0
