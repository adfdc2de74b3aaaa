"""The YAML reader: what it reads, what it refuses and where it says so, and the schema check on top of it."""

import json
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from validator.errors import InvalidSource, Place, Problem
from validator.limits import Limits
from validator.reading import json_schema, strict_yaml
from validator.reading.json_schema import validate
from validator.reading.node import Node
from validator.reading.strict_yaml import load_yaml

HOSTILE = Path(__file__).parent / "hostile"
EXPECTED: dict[str, list[str]] = json.loads((HOSTILE / "expected.json").read_text(encoding="utf-8"))
FILES = sorted(path.name for path in HOSTILE.glob("*.yaml") if path.name in EXPECTED)
LOADERS = [yaml.SafeLoader, *([yaml.CSafeLoader] if yaml.__with_libyaml__ else [])]
QUICK = 2.0  # seconds of computing; what these tests guard against takes minutes or ends the process


@pytest.fixture(params=LOADERS, ids=lambda loader: str(loader.__name__))
def both_parsers(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run a test with the parser in C and with the one in Python: an installation may have either."""
    monkeypatch.setattr(strict_yaml, "_LOADER", request.param)


def load(text: str, limits: Limits | None = None) -> Node:
    """Read a text."""
    return load_yaml(text.encode(), "p.yaml", limits or Limits())


def problems_of(data: bytes | str, limits: Limits | None = None) -> tuple[Problem, ...]:
    """Return the problems for which a text is refused."""
    with pytest.raises(InvalidSource) as caught:
        load_yaml(data.encode() if isinstance(data, str) else data, "p.yaml", limits or Limits())
    return caught.value.problems


def brief(problems: tuple[Problem, ...] | list[Problem]) -> list[str]:
    """Write problems as "line:column code"."""
    return [f"{p.place.line}:{p.place.column} {p.code}" for p in problems]


# -- what is refused ------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("both_parsers")
@pytest.mark.parametrize("name", FILES)
def test_hostile_files_are_refused_with_every_problem_placed(name: str) -> None:
    """Each stored file gives exactly its problems, with either parser."""
    found = problems_of((HOSTILE / name).read_bytes())
    assert brief(found) == EXPECTED[name]
    for lang in ("zh", "en"):
        assert all(problem.render(lang) for problem in found)


def test_every_hostile_file_is_expected() -> None:
    """No stored file is forgotten."""
    assert {p.name for p in HOSTILE.iterdir()} == {*EXPECTED, "expected.json", "texts-that-look-odd.yaml"}


NESTED: dict[str, Callable[[int], str]] = {
    "brackets": lambda n: "[" * n,
    "closed brackets": lambda n: "[" * n + "]" * n,
    "braces": lambda n: "{a: " * n,
    "mixed": lambda n: "[{a: " * (n // 2),
    "dashes": lambda n: "- " * n + "x",
    "question marks": lambda n: "? " * n + "x",
    "indentation": lambda n: "".join(" " * i + "a:\n" for i in range(min(n, 1000))),
    "bracket keys": lambda n: "? [" * n,
}


@pytest.mark.usefixtures("both_parsers")
@pytest.mark.parametrize("shape", NESTED)
def test_deep_nesting_is_refused_at_once(shape: str) -> None:
    """Fifty thousand levels neither end the process nor take time."""
    text = NESTED[shape](50_000)
    start = time.process_time()
    found = problems_of(text)
    assert time.process_time() - start < QUICK
    assert found[-1].code == "too-deep"


@pytest.mark.usefixtures("both_parsers")
@pytest.mark.parametrize("text", ["a: &a [x]\n" + "b: *a\n" * 20_000, "- !!python/none\n" * 20_000, "a: 1\n" * 20_000])
def test_problems_are_reported_up_to_a_limit(text: str) -> None:
    """Thousands of problems become a hundred and one more that says so."""
    start = time.process_time()
    found = problems_of(text)
    assert time.process_time() - start < QUICK
    assert len(found) == Limits().problems + 1
    assert sum(p.code == "too-many-problems" for p in found) == 1


@pytest.mark.usefixtures("both_parsers")
@pytest.mark.parametrize(
    ("limits", "good", "bad", "code"),
    [
        (Limits(depth=3), "[[{a: 1}]]", "[[{a: [1]}]]", "1:7 too-deep"),
        (Limits(nodes=5), "a: [1, 2]", "a: [1, 2, 3]", "1:11 too-many-values"),
        (Limits(scalar=4), "a: bcde", "a: bcdef", "1:4 text-too-long"),
        (Limits(scalar=4), "a: '甲乙丙丁'", "a: '甲乙丙丁戊'", "1:4 text-too-long"),
        (Limits(digits=3), "[123, -12.3]", "[1234]", "1:2 too-many-digits"),
        (Limits(policy_bytes=5), "a: 12", "a: 123", "0:0 file-too-large"),
    ],
)
def test_limits_hold_exactly(limits: Limits, good: str, bad: str, code: str) -> None:
    """At the limit a text is read, one past it refused."""
    load(good, limits)
    assert brief(problems_of(bad, limits)) == [code]


def test_all_problems_are_reported_at_once() -> None:
    """Different mistakes of one file come in the order of the file, also when its syntax breaks later."""
    found = problems_of("a: 012\nb: &x 1\na: 2\nc: [1\n")
    assert brief(found) == ["1:4 ambiguous-number", "2:4 yaml-anchor", "3:1 duplicate-key", "4:4 yaml-open-bracket"]


def test_duplicate_key_names_both_places() -> None:
    """The message has the line of the first."""
    (found,) = problems_of("甲: 1\n乙: 2\n甲: 3\n")
    assert found.message("zh") == "键“甲”重复，第 1 行已有"


def test_an_open_quote_names_both_places() -> None:
    """Where the quote began, and where its text could be read no further."""
    (found,) = problems_of('a: "x\nb: 1\nc: "d"\n')
    assert found.message("zh") == "此处的引号在这一行没有结束，后面的内容到第 3 行第 5 列读不通"
    assert "line 3, column 5" in found.message("en")


def test_a_wide_sign_is_named_with_what_is_written_instead() -> None:
    """Sign and counterpart stand in the message."""
    (found,) = problems_of("a: {type: x，at: 2022}\n")
    assert found.message("zh") == "此处是全角的 ， ，应写半角的 ,"
    assert found.message("en") == "the full-width `，` stands here, expected the half-width `,`"


@pytest.mark.usefixtures("both_parsers")
def test_wide_signs_of_a_text_are_not_blamed() -> None:
    """Chinese punctuation belongs to a text; what is wrong beside it is reported as before."""
    assert brief(problems_of("a: {zh: 甲，乙, en: x\n")) == ["1:4 yaml-open-bracket"]
    assert brief(problems_of("a: 甲，乙: 丙\n")) == ["1:7 yaml-colon"]
    assert load("a: {zh: 【甲】乙（丙），丁, en: x}\nb: '“x”'\n").at(["a", "zh"]).value == "【甲】乙（丙），丁"


def test_encodings_are_named() -> None:
    """The advice has the command that converts the file."""
    for name, encoding in (("gb18030", "GB18030"), ("utf-16-le", "UTF-16"), ("utf-16-be-no-bom", "UTF-16BE")):
        (found,) = problems_of((HOSTILE / f"{name}.yaml").read_bytes())
        assert f"iconv -f {encoding} -t UTF-8" in found.help("en")


# -- what is read ---------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("both_parsers")
def test_unquoted_values() -> None:
    """Numbers, true, false and nothing are those; what only looks like something else is text."""
    found = load("[null, ~, true, false, 0, -0, 12, -7, 0.5, -12.50, 123456789012345678]").plain
    assert found == [None, None, True, False, 0, 0, 12, -7, Decimal("0.5"), Decimal("-12.50"), 123456789012345678]
    assert [type(v) for v in found[4:10]] == [int, int, int, int, Decimal, Decimal]


@pytest.mark.usefixtures("both_parsers")
def test_texts_that_look_odd_stay_texts() -> None:
    """Words, dates, identifiers and everything in quotes mean what is written."""
    found = load_yaml((HOSTILE / "texts-that-look-odd.yaml").read_bytes(), "p.yaml").plain
    assert all(isinstance(value, str) for value in found)
    assert found[:12] == [
        "no", "yes", "on", "off", "y", "N", "2022-01-26", "2024-02-30", "2024-01-01 10:00:00",
        "2024-01-01T10:00:00+08:00", "1.2.3", "A13.1",
    ]  # fmt: skip
    assert found[15:17] == ["012", "12:30"]


@pytest.mark.usefixtures("both_parsers")
def test_key_no_is_a_text() -> None:
    """`no` is no boolean as a key either."""
    assert load("no: 1\non: 2\n").plain == {"no": 1, "on": 2}


@pytest.mark.usefixtures("both_parsers")
def test_places_are_those_of_an_editor() -> None:
    """Lines and columns count from one, in characters, with or without a byte order mark, after any line end."""
    for end in ("\n", "\r\n", "\r"):
        for mark in ("", "\ufeff"):
            node = load(mark + f"标题: 甲{end}# 注{end}款:{end}  - {{句: '乙', 𠮷: 3}}{end}")
            assert node.place == Place("p.yaml", 1, 1)
            assert node.at(["标题"]).place == Place("p.yaml", 1, 5)
            assert node.at(["款"]).key_place == Place("p.yaml", 3, 1)
            third = node.at(["款", 0, "𠮷"])
            assert (third.key_place, third.place) == (Place("p.yaml", 4, 14), Place("p.yaml", 4, 17))
            assert node.at(["款", 0]).key_place is None


def test_navigation() -> None:
    """Paths, keys, items and members; a wrong path is a KeyError, `closest` stops before it."""
    node = load("a: [{b: 1}, 2]\nc:\n")
    assert node.at(["a", 0, "b"]).value == 1
    assert node.at(["a", "0", "b"]).value == 1
    assert node.closest(["a", 0, "x", "y"]) is node.at(["a", 0])
    wrong: list[list[str | int]] = [["x"], ["a", 2], ["a", -1], ["a", "x"], ["a", 0, "b", "c"]]
    for path in wrong:
        with pytest.raises(KeyError):
            node.at(path)
    assert node.get("a") is node.at(["a"])
    assert node.get("x") is None
    assert node.at(["a", 1]).get("x") is None
    assert [key for key, _ in node.items()] == ["a", "c"]
    assert [*node.at(["a"]).items()] == []
    assert node.at(["c"]).value is None
    assert node.plain == {"a": [{"b": 1}, 2], "c": None}


STYLES = {
    "plain": "k: ab cd == ef",
    "quoted": "k: 'ab cd == ef'",
    "double": 'k: "ab cd == ef"',
    "flow": "{j: [x], k: ab cd == ef, l: 1}",
    "plain on two lines": "k: ab\n  cd == ef",
    "quoted on two lines": "k: 'ab\n\n  cd == ef'",
    "literal": "k: |\n  ab cd == ef\n",
    "literal on two lines": "k: |-\n\n    ab\n    cd == ef\n",
    "folded": "k: > # note\n   ab\n   cd == ef\n",
    "on the next line": "k:\n  ab cd == ef",
    "escapes": 'k: "\\x61\\u0062 cd\\u0020== ef"',
    "doubled quotes": "k: '''ab'' cd == ef'",
}


@pytest.mark.usefixtures("both_parsers")
@pytest.mark.parametrize("text", STYLES.values(), ids=STYLES.keys())
def test_offset_into_a_text_is_exact_in_every_style(text: str) -> None:
    """A character of a text is found in the source through quotes, escapes, folding and indentation."""
    node = load(text).at(["k"])
    value = str(node.value)
    for word in ("cd", "ef", "=="):
        problem = node.problem("unknown-key", offset=value.index(word), width=2, name=word)
        shown = text.split("\n")[problem.place.line - 1]
        assert shown[problem.place.column - 1 :].startswith(word)
        assert problem.width == 2


def test_problem_underlines_the_value_or_the_key() -> None:
    """Without a width, the whole of what is meant."""
    node = load("role: 'debtor'\n'a b': 12\n")
    role = node.at(["role"])
    assert role.problem("yaml-tag").width == len("'debtor'")
    assert role.problem("yaml-tag", key=True).width == len("role")
    assert node.at(["a b"]).problem("yaml-tag", key=True).width == len("'a b'")
    assert node.at(["a b"]).problem("yaml-tag").width == 2
    assert node.problem("yaml-tag", key=True).place == node.place
    assert role.problem("yaml-tag", severity="warning", name=3).values == (("name", "3"),)


# -- anything at all ------------------------------------------------------------------------------------------------

PIECES = st.sampled_from(
    [
        *"abc01.-:#&*!|>%@`'\"{}[],?~<=\\\n\r\t \u3000：“”条𠮷\u200b\x00\ufeff",
        "\n  ",
        "\n    ",
        "- ",
        ": ",
        "no",
        "12:30",
        "---\n",
    ]
)


def outcome(data: bytes) -> Any:
    """Return the plain value, or where and why it is refused."""
    try:
        return load_yaml(data, "p.yaml").plain
    except InvalidSource as error:
        lines = data.decode(errors="replace").replace("\r\n", "\n").replace("\r", "\n").split("\n")
        for problem in error.problems:
            assert 0 <= problem.place.line <= len(lines) + 1
            assert problem.render("zh")
            assert problem.render("en")
        return brief(error.problems)


@settings(max_examples=400, deadline=None)
@given(st.lists(PIECES, max_size=40).map("".join))
def test_any_text_is_read_or_refused_alike_by_both_parsers(text: str) -> None:
    """No text ends in anything but a value or a placed problem, and what one parser reads the other reads alike."""
    found = []
    for loader in LOADERS:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(strict_yaml, "_LOADER", loader)
            found.append(outcome(text.encode()))
    refused = [isinstance(o, list) and bool(o) and isinstance(o[0], str) and " " in o[0] for o in found]
    if not any(refused):
        assert found[1:] == found[:-1]


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    """The same for bytes."""
    outcome(data)


VISIBLE = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cf", "Cs", "Zl", "Zp", "Cn")), max_size=12)
SCALARS = st.none() | st.booleans() | st.integers(-(10**17), 10**17) | VISIBLE
TREES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(VISIBLE, inner, max_size=4))


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(VISIBLE, TREES, min_size=1, max_size=4))
def test_what_is_written_as_json_is_read_as_it_is(value: dict[str, Any]) -> None:
    """JSON is YAML: texts in double quotes, numbers and words come back as they were."""
    for indent in (None, 2):
        assert load(json.dumps(value, ensure_ascii=False, indent=indent)).plain == value


# -- schema ---------------------------------------------------------------------------------------------------------

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "id": {"$ref": "#/$defs/id"},
        "title": {"$ref": "#/$defs/text"},
        "kind": {
            "enum": ["achievement", "maintenance"],
            "x-labels": {"achievement": "达成义务", "maintenance": "维持义务"},
        },
        "number": {"type": "number", "minimum": 0, "maximum": 10},
        "whole": {"type": "integer"},
        "tags": {
            "type": "array",
            "items": {"type": "string", "minLength": 2},
            "minItems": 1,
            "maxItems": 3,
            "uniqueItems": True,
        },
        "either": {"anyOf": [{"type": "string", "maxLength": 3}, {"$ref": "#/$defs/text"}]},
        "one": {"oneOf": [{"required": ["a"]}, {"required": ["b"]}]},
        "word": {"anyOf": [{"const": "x"}, {"enum": ["yy", True]}]},
        "kinds": {"anyOf": [{"type": "string"}, {"type": "array"}]},
        "names": {"type": "object", "propertyNames": {"$ref": "#/$defs/id"}, "minProperties": 1, "maxProperties": 2},
        "words": {"type": "object", "propertyNames": {"enum": ["zh", "en"]}},
        "none": False,
        "odd": {"not": {"const": 3}},
        "pair": {"dependentRequired": {"a": ["b"]}},
        "choice": {
            "type": "object",
            "if": {"properties": {"type": {"const": "p"}}, "required": ["type"]},
            "then": {"properties": {"p": {"type": "string"}}, "required": ["p"]},
            "else": {"properties": {"q": {"type": "string"}}},
            "properties": {"type": {"type": "string"}},
            "unevaluatedProperties": False,
        },
    },
    "required": ["id"],
    "additionalProperties": False,
    "$defs": {
        "id": {"description": "编号，如 A1 / an id such as A1", "type": "string", "pattern": "^[A-Z][0-9]$"},
        "tag": {"type": "string", "minLength": 2},
        "text": {
            "description": "两种语言 / both languages",
            "type": "object",
            "properties": {"zh": {"type": "string", "description": "中文 / Chinese"}, "en": {"type": "string"}},
            "required": ["zh", "en"],
            "additionalProperties": False,
        },
    },
}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("id: A1\nnumber: 0.5\nwhole: 3\nkind: achievement", []),
        ("kind: maintenance", ["1:1 missing-key"]),
        ("id: B", ["1:5 wrong-form"]),
        ("id: A1\nkindd: achievement", ["2:1 unknown-key"]),
        ("idd: A1", ["1:1 unknown-key"]),
        ("id: A1\nkind: acheivement", ["2:7 unknown-word"]),
        ("id: A1\nkind: [a]", ["2:7 wrong-type"]),
        ("id: A1\ntitle: {zh: 甲}", ["2:1 missing-key"]),
        ("id: A1\ntitle: {zh: 甲, enn: x}", ["2:16 unknown-key"]),
        ("id: A1\ntitle: 甲", ["2:8 wrong-type"]),
        ("id: A1\ntitle:", ["2:1 wrong-type"]),
        ("id: A1\ntitle:\nzh: 甲\nen: x", ["3:1 too-far-out"]),
        ("id: A1\nnames:\nA1: x\nA2: y", ["3:1 too-far-out"]),
        ("id: A1\ntitle:\ntags: [aa]\nenn: x", ["2:1 wrong-type", "4:1 unknown-key"]),
        ("title: {zh: 甲, en: x, id: A1}", ["1:23 too-far-in"]),
        ("id: A1\ntitle: zh:甲", ["2:8 missing-space"]),
        ("id: A1\ntitle: zh：甲", ["2:10 yaml-fullwidth-colon"]),
        ("id: A1\ntitle: zh:\xa0甲", ["2:11 yaml-fullwidth-space"]),
        ("ｉｄ: A1", ["1:1 fullwidth-sign"]),
        ("id: A1\ntitle: ｛zh", ["2:8 fullwidth-sign"]),
        ("id: A1\ntags: 【aa，bb】", ["2:7 fullwidth-sign"]),
        ("id: A1\ntags:\n  -aa\n  -bb", ["3:3 yaml-dash"]),
        ("id: A1\ntags:\n  － aa", ["3:3 yaml-dash"]),
        ("id: A1\ntags:\n  －aa: 1", ["3:3 yaml-dash"]),
        ("id: A1\nnumber: -1", ["2:9 number-too-small"]),
        ("id: A1\nnumber: 10.5", ["2:9 number-too-large"]),
        ("id: A1\nnumber: true", ["2:9 wrong-type"]),
        ("id: A1\nwhole: 1.0", ["2:8 wrong-type"]),
        ("id: A1\ntags: []", ["2:7 too-few-items"]),
        ("id: A1\ntags: [aa, bb, cc, aa]", ["2:7 too-many-items", "2:20 repeated-item"]),
        ("id: A1\ntags: [a, bb]", ["2:8 text-too-short"]),
        ("id: A1\neither: abcd", ["2:9 text-too-long"]),
        ("id: A1\neither: {zh: 甲, e: x}", ["2:17 unknown-key"]),
        ("id: A1\neither: {zh: 1, en: x}", ["2:14 wrong-type"]),
        ("id: A1\nkinds: 3", ["2:8 wrong-type"]),
        ("id: A1\none: {c: 1}", ["2:1 missing-one-key"]),
        ("id: A1\none: {a: 1, b: 2}", ["2:6 not-allowed"]),
        ("id: A1\nword: z", ["2:7 unknown-word"]),
        ("id: A1\nnames: {b: 1}", ["2:9 wrong-key-form"]),
        ("id: A1\nnames: {}", ["2:8 too-few-keys"]),
        ("id: A1\nnames: {A1: 1, A2: 2, A3: 3}", ["2:8 too-many-keys"]),
        ("id: A1\nwords: {cn: 1}", ["2:9 unknown-key"]),
        ("id: A1\nnone: 1", ["2:1 key-not-here"]),
        ("id: A1\nodd: 3", ["2:6 not-allowed"]),
        ("id: A1\npair: {a: 1}", ["2:8 key-needs-key"]),
        ("id: A1\nchoice: {type: p}", ["2:1 missing-key"]),
        ("id: A1\nchoice: {type: p, p: x, r: 1}", ["2:25 unknown-key"]),
        ("id: A1\nchoice: {type: o, q: 1}", ["2:22 wrong-type"]),
        ("[]", ["1:1 wrong-type"]),
    ],
)
def test_schema_errors_become_placed_problems(text: str, found: list[str]) -> None:
    """Each mistake gives one problem at the key or value it is about."""
    problems = validate(load(text), SCHEMA)
    assert brief(problems) == found
    for lang in ("zh", "en"):
        for problem in problems:
            assert "?" not in problem.message(lang)


def test_schema_messages_say_what_was_meant() -> None:
    """Near words, descriptions by language, types in words."""

    def said(text: str, lang: str) -> str:
        (problem,) = validate(load(text), SCHEMA)
        return problem.message(lang) + " | " + problem.help(lang)

    assert said("id: A1\nknid: achievement", "en") == "there is no key `knid` here | did you mean `kind`?"
    assert said("id: B", "zh") == "“B”的形式不对，应为：编号，如 A1 | "
    assert said("id: Ａ１", "zh").endswith("| 是不是“A1”？")
    assert said("id: A1\nkind: 达成", "zh").endswith(" | 是不是“achievement”？")
    assert said("id: A1\nnames: {a-b: 1}", "zh") == "键“a-b”的形式不对，应为：编号，如 A1 | "
    assert (
        said("id: A1\ntitle: 3", "en")
        == "a whole number stands here, expected a mapping | how it is written: both languages"
    )
    assert said("id: A1\ntitle: {en: x}", "zh") == "缺少键“zh” | 中文"
    assert said("id: A1\nkinds: 1", "en") == "a whole number stands here, expected text or a list | "
    assert said("id: A1\nword: y", "zh") == "不认识“y”，应为：x, yy, true | 是不是“yy”？"
    assert "keys that may stand here: title, kind" in said("id: A1\nzzzz: 1", "en")


def test_schema_problems_are_limited() -> None:
    """Very many become the first hundred and one that says so."""
    found = validate(load("id: A1\ntags: [" + "a, " * 500 + "]"), {"properties": {"tags": {"items": {"minLength": 2}}}})
    assert len(found) == Limits().problems + 1
    assert found[-1].code == "too-many-problems"


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.sampled_from([*SCHEMA["properties"], "idd"]), TREES, max_size=5))
def test_any_tree_is_validated(value: dict[str, Any]) -> None:
    """Whatever the tree, problems come out, each with its place and its sentences."""
    node = load(json.dumps(value, ensure_ascii=False))
    problems = validate(node, SCHEMA)
    assert bool(problems) == bool([*json_schema._SchemaValidator(SCHEMA).iter_errors(value)])
    for problem in problems:
        assert problem.place.line == 1
        assert problem.render("zh")
        assert problem.render("en")
