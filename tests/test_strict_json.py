"""The JSON reader: exact values, every refusal with its place, and places of values by pointer."""

import json
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from validator.errors import InvalidSource, Problem
from validator.limits import Limits
from validator.reading.strict_json import is_open, is_shallow, line_at, loads, locate, names_once

HOSTILE = Path(__file__).parent / "hostile"
EXPECTED: dict[str, list[str]] = json.loads((HOSTILE / "expected.json").read_text(encoding="utf-8"))
# Here one file is one text, so those that hold good records besides bad ones are left to the tests of the intake.
FILES = sorted(n for n, found in EXPECTED.items() if n.endswith(".json") and len(found) == 1 and n != "scalar.json")
QUICK = 5.0  # seconds of computing; what these tests guard against takes minutes or ends the process


def problems_of(data: bytes | str, limits: Limits | None = None, first_line: int = 1) -> tuple[Problem, ...]:
    """Return the problems for which a text is refused."""
    with pytest.raises(InvalidSource) as caught:
        loads(data.encode() if isinstance(data, str) else data, "d", first_line=first_line, limits=limits or Limits())
    return caught.value.problems


def brief(problems: tuple[Problem, ...]) -> str:
    """Write problems as "line:column code", joined by blanks."""
    return " ".join(f"{p.place.line}:{p.place.column} {p.code}" for p in problems)


# -- what is refused ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FILES)
def test_hostile_files_are_refused_with_every_problem_placed(name: str) -> None:
    """Each stored file gives exactly its problems."""
    found = problems_of((HOSTILE / name).read_bytes())
    assert [brief(found)] == EXPECTED[name]
    for lang in ("zh", "en"):
        assert all(problem.render(lang) for problem in found)


LARGE: dict[str, tuple[Callable[[], str], str]] = {
    "brackets": (lambda: "[" * 50_000, "too-deep"),
    "closed brackets": (lambda: "[" * 50_000 + "]" * 50_000, "too-deep"),
    "braces": (lambda: '{"a":' * 50_000, "too-deep"),
    "brackets after an open quote": (lambda: '["' + '\\"' * 500_000, "json-open-text"),
    "escaped quotes": (lambda: '"\\"' * 100_000 + "\\", "json-rest"),
    "brackets that don't match": (lambda: "[}" * 100_000, "json-value"),
    "many values": (lambda: "[]" * 1_000_000, "json-rest"),
    "a number of a million digits": (lambda: '{"a": ' + "9" * 1_000_000 + "}", "too-many-digits"),
    "a power of a million digits": (lambda: '{"a": 1e' + "9" * 1_000_000 + "}", "number-out-of-range"),
    "backslashes": (lambda: '"' + "\\" * 999_999, "json-escape"),
    "half escapes": (lambda: "\\u" * 100_000, "json-value"),
}


@pytest.mark.parametrize("shape", LARGE)
def test_large_hostile_texts_are_refused_at_once(shape: str) -> None:
    """Size neither ends the process nor takes time that grows with its square."""
    make, code = LARGE[shape]
    text = make()
    start = time.process_time()
    found = problems_of(text)
    assert time.process_time() - start < QUICK
    assert [p.code for p in found] == [code]
    assert all(len(p.render("zh")) < 2000 for p in found)


@pytest.mark.parametrize(
    ("limits", "good", "bad", "found"),
    [
        (Limits(depth=2), '[{"a": 1}]', '[{"a": []}]', "1:8 too-deep"),
        (Limits(depth=2), '[[], {}, "[[["]', "[[[]]]", "1:3 too-deep"),
        (Limits(digits=3), "[123, -123, 12.3, 1e3, 1E-3]", "[1234]", "1:2 too-many-digits"),
        (Limits(digits=3), "-12.3", "-123.4", "1:1 too-many-digits"),
        (Limits(digits=3), "1e+3", "1e+4", "1:1 number-out-of-range"),
        (Limits(document_bytes=4), "1234", "12345", "0:0 document-too-large"),
        (Limits(document_bytes=5), '"条"', '"条a"', "0:0 document-too-large"),
    ],
)
def test_limits_hold_exactly(limits: Limits, good: str, bad: str, found: str) -> None:
    """At the limit a text is read, one past it refused."""
    loads(good.encode(), "d", limits=limits)
    assert brief(problems_of(bad, limits)) == found


def test_default_depth() -> None:
    """Thirty-two levels are read, thirty-three not."""
    assert loads(b"[" * 32 + b"]" * 32, "d")
    assert brief(problems_of("[" * 33 + "]" * 33)) == "1:33 too-deep"


def test_problems_are_reported_up_to_a_limit() -> None:
    """Thousands of problems become a hundred and one more that says so."""
    found = problems_of("[" + "NaN, " * 10_000 + "1]")
    assert len(found) == Limits().problems + 1
    assert found[-1].code == "too-many-problems"


def test_lines_count_from_the_first_one_given() -> None:
    """A line of a larger file knows its number; a byte order mark is fine only at the start of a file."""
    assert brief(problems_of('{"a": 1,\n "a": 2}', first_line=7)) == "8:2 duplicate-key"
    assert problems_of('{"a": 1, "a": 2}', first_line=7)[0].message("en").endswith("the first one is on line 7")
    assert loads("\ufeff1".encode(), "d") == 1
    assert brief(problems_of("\ufeff1", first_line=2)) == "2:1 json-value"


# -- what is read ---------------------------------------------------------------------------------------------------


def test_numbers_are_exact() -> None:
    """Whole numbers stay whole, fractions and powers become decimals, all digits kept."""
    found = loads(b"[1, -0, 0.1, 1.10, 1e2, 123456789012345678, -123456789012345678, 12345678.0123456789]", "d")
    assert found == [1, 0, Decimal("0.1"), Decimal("1.10"), 100, 123456789012345678, -123456789012345678,
                     Decimal("12345678.0123456789")]  # fmt: skip
    assert str(found[3]) == "1.10"
    assert [type(v) for v in found] == [int, int, Decimal, Decimal, Decimal, int, int, Decimal]


def test_escapes_are_read() -> None:
    """Pairs of surrogates are one character; an escaped backslash before u is a backslash."""
    assert loads(rb'["\ud83d\ude00", "\\ud800", "\\\ud83d\ude00", "\u6761\n"]', "d") == [
        "😀",
        r"\ud800",
        "\\😀",
        "条\n",
    ]


TEXTS = st.text(st.characters(codec="utf-8"), max_size=8)
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**17), 10**17) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


def outcome(text: bytes) -> tuple[Any, set[str]]:
    """Return the value, or None and the codes for which the text is refused."""
    try:
        return loads(text, "d"), set()
    except InvalidSource as error:
        for problem in error.problems:
            problem.render("en")
        return None, {problem.code for problem in error.problems}


@settings(max_examples=300, deadline=None)
@given(JSON_VALUES, st.booleans(), st.sampled_from([None, 1]))
def test_what_is_written_is_read(value: Any, ascii_only: bool, indent: int | None) -> None:  # noqa: FBT001 - drawn
    """Whatever Python writes comes back the same."""
    text = json.dumps(value, ensure_ascii=ascii_only, indent=indent)
    assert outcome(text.encode()) == (value, set())


PIECES = st.sampled_from(
    [*'[]{}:,"\\ \n0123.-+eE', "true", "null", '"a"', '"b":', '{"a":', "\\ud83d", "\\ude00", "NaN", "条", "\ufeff"]
)


def reference(text: str) -> Any:
    """Read with the standard library, and tell whether it and our extra rules accept the text."""

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        if len(dict(items)) < len(items):
            raise ValueError
        return dict(items)

    def refuse(_: str) -> Any:
        raise ValueError

    value = json.loads(text, object_pairs_hook=pairs, parse_float=Decimal, parse_constant=refuse)
    json.dumps(value, ensure_ascii=False, default=str).encode()  # lone surrogates can't be encoded
    return value


@settings(max_examples=500, deadline=None)
@given(st.lists(PIECES, max_size=25).map("".join).filter(lambda text: not text.startswith("\ufeff")))
@example('"\\\\ud800"')
@example('"\\ud800\\\\ude00"')
@example('"\\ud83d\\ud83d\\ude00"')
def test_both_readers_agree_with_the_standard_library(text: str) -> None:
    """The fast reader and the one that explains accept the same texts, and every refusal has a place in the text."""
    try:
        wanted = reference(text)
    except ValueError:
        found = problems_of(text.encode())
        lines = text.replace("\r", "\n").split("\n")
        for problem in found:
            assert 1 <= problem.place.line <= len(lines)
            assert 1 <= problem.place.column <= len(lines[problem.place.line - 1]) + 1
            assert problem.render("zh")
        return
    value, codes = outcome(text.encode())
    assert value == wanted or codes <= {"too-many-digits", "number-out-of-range"}


STRINGS = st.sampled_from(
    ['"a"', '"b"', '"\\u0061"', '"\\u6267"', '"执"', '"\\u0022"', '"\\""', '"\\/"', '"\\ud840\\udc00"', '""']
)
SCALARS = STRINGS | st.sampled_from(
    [
        "null",
        "1",
        "-0",
        "1.50",
        "12345678901234567",
        "1234567890123456789",
        "0.1234567890123456789",
        "1e5",
        "1E-400",
        "1e999",
    ]
)
OBJECTS = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(st.tuples(STRINGS, inner), max_size=4).map(
            lambda pairs: "{" + ", ".join(f"{name}: {value}" for name, value in pairs) + "}"
        )
        | st.lists(inner, max_size=3).map(lambda values: "[" + ",".join(values) + "]")
    ),
    max_leaves=12,
)


@settings(max_examples=1500, deadline=None)
@given(OBJECTS)
@example('{"a": "\\u0022\\u0022", "a": "x"}')
@example('{"a": null, "\\u0061": null}')
@example('{"a": 1, "\\u0061": 1}')
def test_where_names_stand_once_the_reader_finds_none_twice(text: str) -> None:
    """The quick look never misses a name that stands twice."""
    try:
        once = names_once(text.encode())
    except msgspec.MsgspecError:  # numbers that no float holds
        once = False
    assert not once or "duplicate-key" not in outcome(text.encode())[1]


def test_the_quick_look_knows_ordinary_texts() -> None:
    """It tells that names of what systems write stand once, and of others that they don't."""
    for text in ('{"a": [1, 2.50, "x", null, {"b": "执\\n\\u6267"}], "c": {}}', "[]"):
        assert names_once(text.encode())
    for text in ('{"a": 1, "a": 1}', '{"a": 1, "\\u0061": 1}', '{"a": [{"b": 1, "b": null}]}'):
        assert not names_once(text.encode())


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=40))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    """No bytes end in anything but a value or problems."""
    outcome(data)


def nested(text: str, depth: int) -> bool:
    """Say, character by character, whether brackets outside of texts go deeper, before one closes what is not open."""
    level, inside, at = 0, False, 0
    while at < len(text):
        char = text[at]
        at += 2 if inside and char == "\\" else 1
        if char == '"':
            inside = not inside
        elif not inside and char in "[]{}":
            level += 1 if char in "[{" else -1
            if level > depth:
                return True
            if level < 0:
                return False
    return False


@settings(max_examples=2000, deadline=None)
@given(
    st.lists(st.sampled_from(["[", "]", "{", "}", '"', '"', "\\", "a", '""', '"a"', '"[', ',"']), max_size=40).map(
        "".join
    )
)
def test_depth_is_that_of_brackets_outside_of_texts(text: str) -> None:
    """Whatever stands in texts, open or closed, and whether or not brackets match."""
    for depth in (1, 2, 4):
        assert is_shallow(text, depth) is not nested(text, depth)


def test_depth_is_known_before_reading() -> None:
    """Brackets in texts don't count, and only the innermost matter."""
    assert is_shallow('["' + "[" * 100 + '"]', 2)
    assert is_shallow("[" + "[]," * 100 + "[]]", 2)
    assert not is_shallow("[[[]]]", 2)
    assert not is_shallow("[" + '{"a": []},' * 100, 2)
    assert is_shallow("]" + "[" * 100, 2)  # a reader stops at the first character
    assert is_open('{"a": [')
    assert not is_open('{"a": "["}')


# -- places ---------------------------------------------------------------------------------------------------------

DOCUMENT = """
{"id": "c1", "a/b": {"~": 1},
 "events": [
   {"type": "京", "at": "2022"},
   [], {"\\u0074ype": null}
 ], "last" : -1.5e3 }
"""


@pytest.mark.parametrize(
    ("pointer", "position"),
    [
        ("", (2, 1)),
        ("/id", (2, 8)),
        ("/a~1b/~0", (2, 27)),
        ("/events/0", (4, 4)),
        ("/events/0/at", (4, 24)),
        ("/events/1", (5, 4)),
        ("/events/2/type", (5, 22)),
        ("/last", (6, 14)),
        ("/events/9/type", (3, 12)),
        ("/nothing", (2, 1)),
        ("/id/deeper", (2, 8)),
        ("/events/x", (3, 12)),
    ],
)
def test_locate(pointer: str, position: tuple[int, int]) -> None:
    """A pointer leads to the value; one that leads out of the text, to the last value on its way."""
    assert locate(DOCUMENT, pointer) == position


def test_line_at() -> None:
    """The line of a place, cut when it is long."""
    assert line_at(DOCUMENT, 3, 12) == (' "events": [', 0)
    text, cut = line_at('{"a": "' + "x" * 10_000 + '", "b": 1}', 1, 10_016)
    assert text.endswith('"b": 1}')
    assert len(text) < 1000
    assert cut + len(text) == 10_017


def pointers(value: Any, here: str = "") -> dict[str, Any]:
    """Return every pointer into a value with what it points at."""
    found = {here: value}
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        found |= pointers(child, f"{here}/" + str(key).replace("~", "~0").replace("/", "~1"))
    return found


@settings(max_examples=200, deadline=None)
@given(JSON_VALUES, st.sampled_from([None, 1]))
def test_every_value_is_found(value: Any, indent: int | None) -> None:
    """At the place of a pointer stands the value that it points at."""
    text = json.dumps(value, indent=indent)
    lines = text.split("\n")
    for pointer, wanted in pointers(value).items():
        line, column = locate(text, pointer)
        rest = "\n".join([lines[line - 1][column - 1 :], *lines[line:]])
        assert json.JSONDecoder().raw_decode(rest)[0] == wanted
