r"""The one reader of JSON: strict, exact, and every problem has its line and column.

Python's own scanner reads what is right at its full speed: fractions become decimals, and its hooks refuse repeated
keys, NaN, Infinity and numbers of too many digits. It never sees a text that is nested too deeply. Only when something
is refused a second, slower reader walks the text to say what and where, so the messages are the same with every
version of Python.
"""

import json
import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any

import msgspec
from msgspec import Struct

from validator.errors import InvalidSource, Place, Problem
from validator.limits import DEFAULT, Limits
from validator.reading.source import Source, decode

_BLANK = re.compile(r"[ \t\n\r]*")


def loads(data: bytes, path: str, *, first_line: int = 1, limits: Limits = DEFAULT) -> Any:
    """Read one JSON text.

    Args:
        data: the text in UTF-8; at the start of a file with or without a byte order mark.
        path: name of the file, for messages.
        first_line: number of the first line of `data` in the file.
        limits: sizes beyond which it is refused.

    Returns:
        dict, list, str, int, Decimal, bool or None.

    Raises:
        InvalidSource: with every problem that can be seen.
    """
    if len(data) > limits.document_bytes:
        raise InvalidSource(Problem("document-too-large", Place(path), (("limit", str(limits.document_bytes)),)))
    return loads_text(decode(data, path, first_line), path, first_line=first_line, limits=limits)


def loads_text(text: str, path: str, *, first_line: int = 1, limits: Limits = DEFAULT) -> Any:
    """Read one JSON text that is decoded already; otherwise like `loads`.

    Raises:
        InvalidSource: with every problem that can be seen.
    """
    source = Source(path, text)
    item = read_value(source, first_line=first_line, limits=limits)
    problems = item.problems or item.rest(source, first_line)
    if problems:
        raise InvalidSource(problems)
    return item.value


class Item(Struct, frozen=True):
    """A JSON value read from a text.

    Attributes:
        value: the value; None when there are problems.
        start: offset at which it begins.
        end: offset after it; None when it is so broken that nobody can say where it ends.
        problems: why it is refused.
    """

    value: Any
    start: int
    end: int | None
    problems: tuple[Problem, ...] = ()

    def rest(self, source: Source, first_line: int = 1) -> tuple[Problem, ...]:
        """Return the problem that something follows the value, if something does."""
        at = len(source.text) if self.end is None else skip_blank(source.text, self.end)
        if at == len(source.text):
            return ()
        values = {"found": source.text[at : at + _REST_SHOWN].rstrip()}
        return (source.problem_at_offset("json-rest", at, values, 1, first_line),)


_REST_SHOWN = 20


def read_value(
    source: Source, *, start: int = 0, first_line: int = 1, limits: Limits = DEFAULT, shallow: bool | None = None
) -> Item:
    """Read the JSON value that begins at `start`, after blanks; never raises for what it finds.

    Args:
        source: the text.
        start: offset at which to begin.
        first_line: number of the first line of the text in the file.
        limits: sizes beyond which the value is refused.
        shallow: what `is_shallow` says of the text, when it is known already.
    """
    text = source.text
    start = skip_blank(text, start)
    if is_shallow(text, limits.depth) if shallow is None else shallow:
        try:
            value, end = _decoder(limits.digits)(text, start)
        except ValueError:
            pass
        else:
            if text.find("\\u", start, end) < 0 or not _MAYBE_LONE.search(text, start, end):
                return Item(value, start, end)
    return _diagnose(source, start, first_line, limits)


def _diagnose(source: Source, start: int, first_line: int, limits: Limits) -> Item:
    walk = _Walk(source, start, first_line, limits)
    end: int | None = None
    try:
        walk.run()
        end = walk.at
    except _Broken:
        pass
    if not walk.found:  # it only looked dangerous
        return Item(_decoder(limits.digits)(source.text, start)[0], start, end)
    problems = (source.problem_at_offset(f.code, f.offset, f.values, f.width, first_line) for f in walk.found)
    return Item(None, start, end, tuple(problems))


def names_once(data: bytes) -> bool:
    r"""Say whether in a JSON text, which decodes, surely no name stands twice in one object.

    What is decoded and written again has each name once.  So its quotes tell, if none hides in an escape (``\\u0022``).
    """
    if b"\\u00" in data:
        return False
    return _encode(_decode(data)).count(b'"') == data.count(b'"')


_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode


def skip_blank(text: str, at: int) -> int:
    """Return the offset of the first character from `at` on that is no JSON white space."""
    match = _BLANK.match(text, at)
    return match.end() if match else at


# -- the fast reader --------------------------------------------------------------------------------------------------

# A text or anything else that is no bracket; possessive, so that an open quote can't make it try again.
_NO_BRACKET = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[^"\[\]{}]++', re.DOTALL)
_ONE_KIND = {ord("{"): "[", ord("}"): "]"}
_TO_ONE_KIND = bytes.maketrans(b"{}", b"[]")
_NO_MARKS = bytes(set(range(256)) - set(b'"[]{}'))
# Half of a surrogate pair as an escape, unless the other half is beside it. An escaped backslash may fool it.
_MAYBE_LONE = re.compile(
    r"\\u[dD](?:[89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])|(?<!\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD])[c-fC-F])"
)


def is_shallow(text: str, depth: int) -> bool:
    """Whether no list or mapping is nested deeper than `depth`, up to the place where brackets cease to match."""
    if text.count("[") + text.count("{") <= depth:
        return True
    brackets = inner = _brackets(text)
    for _ in range(depth):  # each round takes away the innermost level everywhere
        if not inner:
            return True
        inner = inner.replace("[]", "")
    if not inner:
        return True
    level = 0
    for bracket in brackets:
        level += 1 if bracket == "[" else -1
        if level > depth:
            return False
        if level < 0:
            break
    return True


def _brackets(text: str) -> str:
    """Return the brackets of a text, all of one kind, without those inside of texts.

    Where no text has one, which is nearly everywhere, the quotes of all texts stand side by side once all else is gone;
    before a bracket in a text an odd number of quotes would stand.
    """
    if "\\" not in text:
        marks = text.encode("utf-8", "replace").translate(_TO_ONE_KIND, _NO_MARKS).replace(b'""', b"")
        if b'"' not in marks:
            return marks.decode()
    return _NO_BRACKET.sub("", text).translate(_ONE_KIND)


def is_open(text: str) -> bool:
    """Whether a text opens more lists and mappings than it closes: JSON that goes on in the next line."""
    brackets = _brackets(text)
    return brackets.count("[") > brackets.count("]")


class _Refused(ValueError):  # noqa: N818 - raised inside the scanner's hooks, never leaves this module
    """The fast reader met something; the slow one says what."""


@lru_cache(maxsize=8)
def _decoder(digits: int) -> Callable[[str, int], tuple[Any, int]]:
    def number(text: str) -> Decimal:
        if (len(text) > digits or "e" in text or "E" in text) and number_problem(text, digits):
            raise _Refused
        return Decimal(text)

    def integer(text: str) -> int:
        if len(text) > digits and number_problem(text, digits):
            raise _Refused
        return int(text)

    return json.JSONDecoder(
        object_pairs_hook=_object, parse_float=number, parse_int=integer, parse_constant=_constant
    ).raw_decode


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _Refused
    return found


def _constant(_text: str) -> Any:
    raise _Refused


_POWER_LENGTH = 6  # characters of an exponent that are worth converting


def number_problem(text: str, digits: int) -> tuple[str, dict[str, object]] | None:
    """Return the code and values of what is wrong with the size of a JSON number, or None."""
    mantissa, _, power = text.lower().partition("e")
    count = len(mantissa) - mantissa.count("-") - mantissa.count(".")
    if count > digits:
        return "too-many-digits", {"text": text, "found": count, "limit": digits}
    if power and (len(power) > _POWER_LENGTH or abs(int(power)) > digits):
        return "number-out-of-range", {"text": text, "limit": digits}
    return None


# -- the slow reader --------------------------------------------------------------------------------------------------

_STRING = re.compile(r'"(?:[^"\\\x00-\x1f]++|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*+')
_TOKEN = re.compile(r'[^\s,\[\]{}":]+')
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")
_ESCAPE = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(\\u[dD][89a-fA-F][0-9a-fA-F]{2})|\\.", re.DOTALL
)
_GIVE_UP = 1000  # levels up to which the end of what is nested too deeply is looked for
_NOT_FINITE = ("nan", "inf", "infinity")


class _Finding(Struct, frozen=True):
    code: str
    offset: int
    width: int = 1
    values: dict[str, object] = {}


class _Broken(Exception):  # noqa: N818 - becomes a problem
    """The structure is lost: nobody can say where the value ends. What is wrong has been noted."""


class _Level(Struct):
    """A list or mapping that is open; `keys` has the offset of each key and is None for a list."""

    keys: dict[str, int] | None

    @property
    def closing(self) -> str:
        return "]" if self.keys is None else "}"


class _Walk:
    """Walks one value from `at`, without recursion, and notes in `found` whatever the fast reader refuses."""

    def __init__(self, source: Source, at: int, first_line: int, limits: Limits) -> None:
        self.source, self.text, self.at, self.limits = source, source.text, at, limits
        self._first_line = first_line
        self.found: list[_Finding] = []
        self._levels: list[_Level] = []
        self._deep = False

    def note(self, finding: _Finding) -> None:
        """Keep a finding; beyond the limit only say that there are more."""
        if len(self.found) < self.limits.problems:
            self.found.append(finding)
        elif len(self.found) == self.limits.problems:
            self.found.append(_Finding("too-many-problems", finding.offset, 1, {"limit": self.limits.problems}))

    def run(self) -> None:
        """Walk to the end of the value.

        Raises:
            _Broken: it can't be told where the value ends.
        """
        self._value()
        while self._levels:
            level = self._levels[-1]
            char = self._next()
            if char == level.closing:
                self.at += 1
                self._levels.pop()
            elif char == ",":
                self.at += 1
                if level.keys is not None:
                    self._key(level)
                self._value()
            elif char:
                self._broken("json-comma", found=char, closing=level.closing)
            else:
                self._broken("json-end", closing=level.closing)

    def _next(self) -> str:
        self.at = skip_blank(self.text, self.at)
        return self.text[self.at : self.at + 1]

    def _broken(self, code: str, **values: object) -> None:
        self.note(_Finding(code, self.at, 1, values))
        raise _Broken

    def _value(self) -> None:
        """Walk a scalar, or into a list or mapping as far as its first scalar."""
        while True:
            char = self._next()
            if char not in ("[", "{"):
                self._scalar(char)
                return
            self._check_depth()
            self.at += 1
            level = _Level({} if char == "{" else None)
            self._levels.append(level)
            if self._next() == level.closing:
                return  # `run` closes it
            if level.keys is not None:
                self._key(level)

    def _check_depth(self) -> None:
        if len(self._levels) < self.limits.depth:
            return
        if not self._deep:
            self._deep = True
            self.note(_Finding("too-deep", self.at, 1, {"limit": self.limits.depth}))
        if len(self._levels) > _GIVE_UP:
            raise _Broken

    def _key(self, level: _Level) -> None:
        char = self._next()
        if char != '"':
            if not char:
                self._broken("json-end", closing=level.closing)
            self._broken("json-key", found=self._word())
        start = self.at
        name = self._string()
        keys = level.keys if level.keys is not None else {}
        if name in keys:
            first = self.source.position(keys[name])[0] + self._first_line - 1
            self.note(_Finding("duplicate-key", start, self.at - start, {"name": name, "first": first}))
        keys.setdefault(name, start)
        char = self._next()
        if char != ":":
            self._broken("json-colon" if char else "json-end", found=char, closing=":")
        self.at += 1

    def _scalar(self, char: str) -> None:
        if char == '"':
            self._string()
            return
        if not char:
            if self._levels:
                self._broken("json-end", closing=self._levels[-1].closing)
            self._broken("json-empty")
        word = self._word()
        if not _TOKEN.match(word):
            self._broken("json-value", found=word)
        self._check_word(word)
        self.at += len(word)

    def _word(self) -> str:
        match = _TOKEN.match(self.text, self.at)
        return match.group() if match else self.text[self.at : self.at + 1]

    def _check_word(self, word: str) -> None:
        if word in ("true", "false", "null"):
            return
        if _NUMBER.fullmatch(word):
            refused = number_problem(word, self.limits.digits)
            if refused:
                self.note(_Finding(refused[0], self.at, len(word), refused[1]))
        elif word.lstrip("+-").lower() in _NOT_FINITE:
            self.note(_Finding("json-not-finite", self.at, len(word), {"text": word}))
        elif word[0] in "+-." or word[0].isdigit():
            self.note(_Finding("json-number", self.at, len(word), {"text": word}))
        else:
            self.note(_Finding("json-value", self.at, len(word), {"found": word}))

    def _string(self) -> str:
        start = self.at
        match = _STRING.match(self.text, start)
        end = match.end() if match else start + 1
        char = self.text[end : end + 1]
        if char == '"':
            self.at = end + 1
            for escape in _ESCAPE.finditer(self.text, start, end):
                if escape.group(1):
                    self.note(_Finding("json-surrogate", escape.start(), len(escape[1]), {"found": escape[1]}))
            return str(json.loads(self.text[start : self.at]))
        if not char:
            self._broken("json-open-text")
        self.at = end
        if char == "\\":
            self._broken("json-escape", found=self.text[end : end + (6 if self.text[end + 1 : end + 2] == "u" else 2)])
        self._broken("json-control", found=char)
        return ""


# -- places -----------------------------------------------------------------------------------------------------------


def locate(text: str, pointer: str) -> tuple[int, int]:
    """Return the line and column, from 1, of the value at a JSON pointer (RFC 6901) in a JSON text that was read.

    When the pointer leads out of the text, the place is that of the last value on its way.
    """
    return _locator(text).position(pointer)


def line_at(text: str, line: int, column: int) -> tuple[str, int]:
    """Return the part of a line of a JSON text near a column, and how many characters of the line stand before it."""
    return _locator(text).source.around(line, column)


@lru_cache(maxsize=1)  # problems of one record come together
def _locator(text: str) -> "_Locator":
    return _Locator(text)


class _Locator:
    """Finds values in one text; what it has seen of a list or mapping it keeps, for the next pointer."""

    def __init__(self, text: str) -> None:
        self.source = Source("", text)
        self._children: dict[int, dict[str, int]] = {}

    def position(self, pointer: str) -> tuple[int, int]:
        at = skip_blank(self.source.text, 0)
        for step in pointer_steps(pointer):
            if at not in self._children:
                self._children[at] = dict(_children(self.source.text, at))
            child = self._children[at].get(step)
            if child is None:
                break
            at = child
        return self.source.position(at)


def pointer_steps(pointer: str) -> Sequence[str]:
    """Return the keys and indices of a JSON pointer."""
    return [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]


_skip = json.JSONDecoder(parse_float=str, parse_int=str).raw_decode


def _children(text: str, at: int) -> list[tuple[str, int]]:
    """Return (key or index, offset of the value) of the list or mapping at `at`; none for a scalar."""
    opening = text[at : at + 1]
    if opening not in ("[", "{"):
        return []
    found: list[tuple[str, int]] = []
    closing = "]" if opening == "[" else "}"
    at = skip_blank(text, at + 1)
    while text[at : at + 1] not in (closing, ""):
        name = str(len(found))
        if opening == "{":
            name, at = _skip(text, at)
            at = skip_blank(text, skip_blank(text, at) + 1)
        found.append((name, at))
        at = skip_blank(text, _skip(text, at)[1])
        if text[at : at + 1] == ",":
            at = skip_blank(text, at + 1)
    return found
