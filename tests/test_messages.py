"""Problems, their sentences in both languages, and the exceptions that carry them."""

import ast
import json
import pickle
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import validator
from validator.errors import (
    EXIT_CODES,
    EXIT_PRECEDENCE,
    InvalidPolicy,
    InvalidRecord,
    InvalidSource,
    OutputFailed,
    Place,
    Problem,
    UsageError,
    ZhijianError,
    columns,
    exit_code,
    nearest,
    problem_at,
    visible,
)
from validator.messages import LANGUAGES, MESSAGES, Message, type_words

MODULES = sorted(Path(validator.__file__).parent.rglob("*.py"))
# Calls whose first text is a problem code.
MAKERS = {
    "Problem", "problem", "problem_at", "problem_at_offset", "fail", "_fail", "_refuse", "_note", "_lacks", "_broken",
    "_Finding", "_Ambiguous", "BadInstant", "BadPeriod", "BindError",
}  # fmt: skip

every_message = pytest.mark.parametrize("code", sorted(MESSAGES))


def texts_of(message: Message, lang: str) -> list[str]:
    """Return the sentence and the lines of advice."""
    return [message.text(lang), *message.help(lang)]


def codes_used() -> Iterator[tuple[str, str]]:
    """Yield (code, where) for every problem code that a module writes down in a call that makes a problem."""
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            first = node.args[0]
            choices = [first.body, first.orelse] if isinstance(first, ast.IfExp) else [first]
            for choice in choices:
                if name in MAKERS and isinstance(choice, ast.Constant) and isinstance(choice.value, str):
                    yield choice.value, f"{path.name}:{node.lineno}"


def test_every_code_has_its_sentence() -> None:
    """No module makes a problem that nobody wrote a sentence for."""
    assert [f"{where} {code}" for code, where in codes_used() if code not in MESSAGES] == []


def test_every_sentence_is_used() -> None:
    """No sentence is left over from a problem that no longer exists."""
    texts: set[str] = set()
    beginnings: list[str] = []
    for path in MODULES:
        if path.name == "messages.py":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                texts.add(node.value)
            elif isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
                beginnings.append(str(node.values[0].value))
    made = tuple(b for b in beginnings if re.fullmatch(r"[a-z]+-", b))
    assert [code for code in MESSAGES if code not in texts and not code.startswith(made)] == []


@every_message
def test_both_languages_say_the_same(code: str) -> None:
    """Chinese and English are both there and have the same placeholders, in the sentence and in each advice."""
    message = MESSAGES[code]
    zh, en = texts_of(message, "zh"), texts_of(message, "en")
    assert zh[0]
    assert en[0]
    assert [Message.placeholders(t) for t in zh] == [Message.placeholders(t) for t in en]


@every_message
def test_sentences_keep_the_style(code: str) -> None:
    """One line, no final stop, English in lower case, user input in the right quotes."""
    message = MESSAGES[code]
    for lang in LANGUAGES:
        for text in texts_of(message, lang):
            assert not re.search(r"[\n\t]|  ", text)
            assert not re.search(r"[.。！]$|\w!$", text)
    for text in texts_of(message, "en"):
        assert re.match(r"[^A-Z]|[A-Z]{2}|Beijing", text)
        assert "“" not in text
    assert "`" not in "".join(texts_of(message, "zh"))


@every_message
def test_sentences_can_be_filled(code: str) -> None:
    """Filled in with values, or with none, every sentence renders in both languages."""
    message = MESSAGES[code]
    names = {name for lang in LANGUAGES for text in texts_of(message, lang) for name in Message.placeholders(text)}
    for values in ((), tuple((name, "甲") for name in sorted(names))):
        for lang in LANGUAGES:
            rendered = Problem(code, Place("f", 1, 1), values).render(lang)
            assert rendered.startswith(f"f:1:1: {code}: ")
            assert not any(f"{{{name}}}" in rendered for name in names)


# -- rendering ----------------------------------------------------------------------------------------------------


def test_caret_stands_under_the_column() -> None:
    """East Asian wide characters take two columns, combining marks none."""
    line = "标题: e\u0301｛ab"
    rendered = problem_at("duplicate-key", Place("p.yaml", 3, 8), line, {"name": "ab", "first": 1}, width=2).render(
        "zh"
    )
    _, shown, caret, _ = rendered.split("\n")
    assert shown == f"    3 | {line}"
    assert caret == "      | " + " " * (4 + 2 + 1 + 2) + "^^"


def test_wide_characters_get_wide_carets() -> None:
    """A wide character is underlined by two carets."""
    rendered = problem_at("unknown-key", Place("p", 1, 1), "甲乙: 1", {"name": "甲乙"}, width=2).render("en")
    assert rendered.split("\n")[2] == "      | ^^^^"


def test_whole_problem_in_both_languages() -> None:
    """The head line, the source line, the caret, the pointer and the advice."""
    place = Place("d.json", 2, 10, "/events/0/type")
    values = {"name": "filed", "nearest": "file", "words": "a, b"}
    problem = problem_at("unknown-key", place, '{"type": "filed"}', values, width=7)
    assert problem.render("en") == (
        "d.json:2:10: unknown-key: there is no key `filed` here\n"
        '    2 | {"type": "filed"}\n'
        "      |          ^^^^^^^\n"
        "  at: /events/0/type\n"
        "  help: did you mean `file`?"
    )
    assert problem.render("zh").endswith("  位置: /events/0/type\n  提示: 是不是“file”？")


def test_advice_falls_back() -> None:
    """Without a near word the next advice is given, and none when that has no values either."""
    place = Place("p", 1, 1)
    assert Problem("unknown-key", place, (("name", "x"), ("nearest", ""), ("words", "a"))).help("en").endswith(": a")
    assert Problem("unknown-key", place, (("name", "x"), ("nearest", ""), ("words", ""))).help("en") == ""


def test_values_by_language() -> None:
    """A value may differ by language."""
    values = (("expected_en", "a date"), ("expected_zh", "日期"), ("text", "x"))
    assert Problem("wrong-form", Place("p"), values).message("zh") == "“x”的形式不对，应为：日期"
    assert Problem("wrong-form", Place("p"), values).message("en") == "`x` has the wrong form, expected: a date"


def test_warnings_say_so() -> None:
    """The word stands before the code."""
    assert Problem("yaml-tag", Place("p", 1), severity="warning").render("zh").startswith("p:1: 警告: yaml-tag: ")
    assert Problem("yaml-tag", Place("p"), severity="warning").render("en").startswith("p: warning: yaml-tag: ")


def test_input_cannot_draw_on_the_terminal() -> None:
    """Escape sequences, line ends, bidirectional overrides and lone surrogates are shown as escapes."""
    evil = "a\x1b[31m\u202eb\u2066\x07\r\n\x9b\ud800\u200b\ufeff"
    problem = problem_at("unknown-key", Place(f"x{evil}", 1, 2, f"/{evil}"), evil, {"name": evil, "nearest": evil})
    for lang in LANGUAGES:
        text = problem.render(lang)
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", text)
        assert len(text.split("\n")) == 5
        text.encode()
        json.dumps(problem.as_json(lang), ensure_ascii=False).encode()
    assert r"a\u001b[31m\u202eb\u2066\u0007\r\n\u009b\ud800\u200b\ufeff" in problem.render("en")


def test_ordinary_characters_stay() -> None:
    """Rare characters of names, private ones included, wide spaces and emoji are shown as they are."""
    for text in ("𠮷野家", "\ue000", "甲\u3000乙", "\U000323af", "👨", "e\u0301", "ｆｕｌｌ"):
        assert visible(text) == text
    assert columns("甲a") == 3


def test_long_lines_are_cut_around_the_column() -> None:
    """A line of megabytes shows 200 characters, the caret still under the right one."""
    line = "x" * 500 + "Y" + "z" * 1_000_000
    problem = problem_at("yaml-tag", Place("p", 1, 501), line)
    assert len(problem.line_text) == 200
    _, shown, caret, *_ = problem.render("en").split("\n")
    assert shown[caret.index("^")] == "Y"
    assert shown.startswith("    1 | ...x")
    assert shown.endswith("z...")


def test_long_values_are_cut() -> None:
    """A quoted value of megabytes does not fill the screen."""
    assert len(Problem("yaml-tag", Place("p"), (("name", "n" * 1_000_000),)).render("en")) < 500


def test_caret_never_leaves_the_line() -> None:
    """A width beyond the line's end is cut, and a column after it still gets a caret."""
    assert problem_at("yaml-tag", Place("p", 1, 3), "abcd", width=99).render("en").split("\n")[2].endswith("|   ^^")
    assert problem_at("yaml-tag", Place("p", 1, 5), "abcd", width=9).render("en").split("\n")[2].endswith("|     ^")


def test_unknown_code_still_says_something() -> None:
    """A missing sentence must not hide the problem."""
    assert Problem("no-such-code", Place("p"), (("a", "1"),)).render("zh") == "p: no-such-code: a=1"


def test_problem_as_json() -> None:
    """Plain data with the sentence in the wanted language."""
    problem = Problem("yaml-tag", Place("p", 1, 2, "/a"), (("name", "!x"),))
    assert json.loads(json.dumps(problem.as_json("en"))) == {
        "code": "yaml-tag", "severity": "error", "path": "p", "line": 1, "column": 2, "pointer": "/a",
        "message": "a tag `!x` stands here, expected content without tags",
        "help": "remove the tag; quote a text that begins with !", "values": {"name": "!x"},
    }  # fmt: skip


def test_problems_sort_by_place_then_code() -> None:
    """The order of the file, whatever order they were found in."""
    places = {"b": Place("p", 10), "a": Place("p", 10), "z": Place("p", 9), "c": Place("o", 99)}
    found = [Problem(code, place) for code, place in places.items()]
    assert [p.code for p in sorted(found)] == ["c", "z", "a", "b"]
    assert len({*found, *found}) == 4


# -- exceptions and exit codes ------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [InvalidSource, InvalidPolicy, InvalidRecord, UsageError, OutputFailed])
def test_exceptions_can_be_sent_to_another_process(kind: type[ZhijianError]) -> None:
    """They carry problems only, so that pickling gives back the same."""
    error = kind(problem_at("yaml-tag", Place("p", 1, 2), "x: !y", {"name": "!y"}))
    again = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
    assert type(again) is kind
    assert again.problems == error.problems
    assert str(again).startswith("p:1:2: yaml-tag: ")
    assert kind.exit_code in EXIT_CODES


def test_exit_codes() -> None:
    """The precedence is the documented one and covers the whole table."""
    assert sorted(EXIT_PRECEDENCE) == sorted(EXIT_CODES)
    assert [c for c in EXIT_PRECEDENCE if c in (2, 3, 74, 4, 1, 5)] == [2, 3, 74, 4, 1, 5]
    assert exit_code([]) == 0
    assert exit_code([0, 5, 1]) == 1
    assert exit_code([1, 4, 74]) == 74
    assert exit_code([1, 130, 4]) == 130
    assert all(EXIT_CODES[code][lang] for code in EXIT_CODES for lang in LANGUAGES)


# -- near words ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("acheivement", "achievement"),
        ("Case-Type", "case_type"),
        ("case type", "case_type"),
        ("ｃａｓｅ＿ｔｙｐｅ", "case_type"),
        ("查封财物", "查封财产"),
        ("zzz", None),
        ("", None),
        ("achievement" * 1000, None),
    ],
)
def test_nearest(word: str, found: str | None) -> None:
    """A typing error, another case or width finds its word; nonsense finds nothing, and quickly."""
    known = {"achievement", "case_type", "查封财产"}
    assert nearest(word, known) == found
    assert nearest(word, sorted(known, reverse=True)) == found


def test_type_words() -> None:
    """Kinds of values are named as policy staff call them; codes of another kind stay."""
    assert type_words("string | array", "zh") == "文本或列表"
    assert type_words("array | thing", "en") == "a list or thing"
    assert type_words("list of occurrence", "zh") == "列表（每项是事件）"
    assert type_words("list of occurrence", "en") == "a list (each an event)"
