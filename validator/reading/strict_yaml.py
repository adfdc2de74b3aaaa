"""The one reader of YAML: strict, safe, and every value keeps its line and column.

Bytes become parser events; events are counted and composed here, one at a time and without recursion, so that no
nesting can exhaust a stack and nothing is ever constructed from a tag. Refused are duplicate keys, anchors, aliases,
tags, merge keys, directives, second documents, tabs and invisible characters. Unquoted values mean what a clerk
thinks they mean or are refused: ``no`` and ``2022-01-26`` are texts, ``12`` and ``0.5`` numbers, ``012``, ``1_000``,
``0x1F``, ``1e3``, ``.5`` and ``12:30`` need quotes.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import lru_cache
from typing import Any

import yaml

from validator.errors import INVISIBLE, InvalidSource, Place, Problem, too_many
from validator.limits import DEFAULT, Limits
from validator.reading.halfwidth import half
from validator.reading.node import Node, Scalar
from validator.reading.source import Source, decode

# Only its event stream is used; the safe loader is named so that nothing unsafe is within reach.
_LOADER: Any = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader


def load_yaml(data: bytes, path: str, limits: Limits = DEFAULT) -> Node:
    """Read one YAML document.

    Args:
        data: the file; UTF-8, with or without a byte order mark.
        path: its name, for messages.
        limits: sizes beyond which it is refused.

    Raises:
        InvalidSource: with every problem that can be seen, in the order of the file.
    """
    if len(data) > limits.policy_bytes:
        raise InvalidSource(Problem("file-too-large", Place(path), (("limit", str(limits.policy_bytes)),)))
    source = Source(path, decode(data, path))
    hidden = _hidden(source, limits)
    if hidden:  # the parsers differ in what they make of these characters
        raise InvalidSource(hidden)
    root, problems = _compose(source, limits, _LOADER)
    if problems or root is None or root.value is None:
        # A fault of a text may be one of the syntax as well.
        found = {(p.place, p.code): p for p in sorted(problems, reverse=True)}
        raise InvalidSource(sorted(found.values()) or [Problem("empty-document", Place(path))])
    return root


def _compose(source: Source, limits: Limits, loader: Any) -> tuple[Node | None, list[Problem]]:
    composer = _Composer(source, limits)
    try:
        for event in yaml.parse(source.text, Loader=loader):
            composer.take(event)
    except yaml.YAMLError as error:
        if loader is not yaml.SafeLoader and "nesting depth" in str(error):
            # The parser in C looks ahead and gives up before it says where our own limit is passed.
            return _compose(source, limits, yaml.SafeLoader)
        composer.problems.append(_syntax_problem(source, error, composer.last_scalar))
    except _StopReading:
        pass
    return composer.root, composer.problems


_HIDDEN = re.compile("(?![\n\r])" + INVISIBLE.pattern)


def _hidden(source: Source, limits: Limits) -> list[Problem]:
    problems: list[Problem] = []
    tab_line = 0
    for match in _HIDDEN.finditer(source.text):
        place = source.place(match.start())
        if match.group() == "\t":
            if place.line == tab_line:  # one message a line is enough
                continue
            tab_line = place.line
            problems.append(source.problem("tab-character", place))
        else:
            problems.append(source.problem("invisible-character", place, found=match.group()))
        if len(problems) >= limits.problems:
            problems.append(too_many(place, limits.problems))
            break
    return problems


class _StopReading(Exception):  # noqa: N818 - not an error: what is read so far has its problems noted
    """Reading further would help nobody."""


@dataclass(slots=True)
class _Frame:
    """A list or mapping that is being read.

    `keys` is None for a list; `item`: it stands behind the dash of a list; `loose`: a key without a colon was refused.
    """

    start: Place
    key_place: Place | None
    items: list[Node] = field(default_factory=list)
    keys: dict[str, Node] | None = None
    key: str | None = None
    next_key_place: Place | None = None
    item: bool = False
    loose: bool = False

    @property
    def wants_key(self) -> bool:
        return self.keys is not None and self.next_key_place is None

    def add(self, node: Node) -> None:
        if self.keys is None:
            self.items.append(node)
            return
        if self.key is not None:  # None: the key was refused, so its value has nowhere to go
            self.keys[self.key] = node
        self.key = self.next_key_place = None


class _Composer:
    """Builds nodes from events and notes what is refused; goes on after a problem where that makes sense."""

    def __init__(self, source: Source, limits: Limits) -> None:
        self.source, self.limits = source, limits
        self.problems: list[Problem] = []
        self.root: Node | None = None
        self.last_scalar: yaml.ScalarEvent | None = None
        self._stack: list[_Frame] = []
        self._count = 0
        self._documents = 0
        self._steps: dict[type, Callable[[Any], None]] = {  # looked up: a rule set has a quarter of a million events
            yaml.ScalarEvent: self._scalar,
            yaml.AliasEvent: self._alias,
            yaml.SequenceStartEvent: self._open,
            yaml.MappingStartEvent: self._open,
            yaml.SequenceEndEvent: self._close,
            yaml.MappingEndEvent: self._close,
            yaml.DocumentStartEvent: self._document,
        }

    def take(self, event: yaml.Event) -> None:
        """Take the next event.

        Raises:
            _StopReading: a limit is passed, or a second document starts.
        """
        step = self._steps.get(type(event))
        if step is not None:
            step(event)

    def _alias(self, event: yaml.AliasEvent) -> None:
        self._refuse("yaml-alias", event, name=event.anchor)
        self._put(None, self._place(event))

    def _document(self, event: yaml.DocumentStartEvent) -> None:
        self._documents += 1
        if self._documents > 1:
            self._refuse("second-document", event)
            raise _StopReading
        if event.version or event.tags:
            self._refuse("yaml-directive", event)

    def _open(self, event: yaml.CollectionStartEvent) -> None:
        if len(self._stack) >= self.limits.depth:
            self._refuse("too-deep", event, limit=self.limits.depth)
            raise _StopReading
        self._decorations(event)
        place = self._place(event)
        parent = self._stack[-1] if self._stack else None
        if parent is not None and parent.wants_key:
            self._refuse("key-not-simple", event)
        keys: dict[str, Node] | None = {} if isinstance(event, yaml.MappingStartEvent) else None
        key_place = parent.next_key_place if parent is not None else None
        item = parent is not None and parent.keys is None and not event.flow_style
        self._stack.append(_Frame(place, key_place, keys=keys, item=item))
        self._counted(event)

    def _close(self, _: yaml.Event) -> None:
        frame = self._stack.pop()
        parent = self._stack[-1] if self._stack else None
        if parent is not None and parent.wants_key:  # refused when it was opened
            parent.key, parent.next_key_place = None, frame.start
            return
        value = tuple(frame.items) if frame.keys is None else frame.keys
        self._put(value, frame.start)

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        before, self.last_scalar = self.last_scalar, event
        self._decorations(event)
        self._counted(event)
        place = self._place(event)
        plain = bool(event.implicit[0])
        self._check_text(event, place, plain=plain)
        frame = self._stack[-1] if self._stack else None
        if frame is not None and frame.wants_key:
            frame.key = self._key(event, frame, plain=plain)
            frame.next_key_place = place
            return
        if plain and not event.value and before is not None and frame is not None and frame.key is not None:
            self._check_colon(before, frame)
        self._put(self._resolved(event) if plain else event.value, place)

    def _check_colon(self, key: yaml.ScalarEvent, frame: _Frame) -> None:
        """Refuse a key that has no value since it has no colon: in braces a part of a text becomes one by a comma."""
        end: Any = key.end_mark
        if frame.loose or _COLON.match(self.source.text, self.source.offset(end.line + 1, end.column + 1)):
            return
        frame.loose = True  # a text with three commas is one mistake
        place, slip = self._place(key), _SLIP_AFTER_KEY.match(key.value)
        if slip is None:
            self._note("yaml-lone-key", place, self._span(key, place), name=key.value)
        elif slip.lastgroup == "glued":
            self._note("missing-space", place, self._span(key, place), text=key.value)
        else:
            code = "yaml-fullwidth-colon" if slip.lastgroup == "colon" else "yaml-fullwidth-space"
            self._note(code, replace(place, column=place.column + slip.start(str(slip.lastgroup))), 1)

    def _check_text(self, event: yaml.ScalarEvent, place: Place, *, plain: bool) -> None:
        if len(event.value) > self.limits.scalar:
            self._refuse("text-too-long", event, found=len(event.value), limit=self.limits.scalar)
        if event.style in ("|", ">") and not _BLOCK_START.fullmatch(self.source.line(place.line)[place.column - 1 :]):
            self._note("yaml-bad-start", place, 1, found=event.style)  # the parser in C drops what follows the sign
        if plain and event.value != event.value.strip():  # YAML's own blanks are gone already
            self._refuse("yaml-fullwidth-space", event)
        if plain or not INVISIBLE.search(event.value.translate(_LINE_CHARACTERS)):
            return
        if _SURROGATE.search(event.value):  # the parser in Python lets it pass
            self._note("yaml-escape", _bad_escape(self.source, place), 1)
        else:  # from an escape
            self._refuse("invisible-character", event, found=event.value)

    def _key(self, event: yaml.ScalarEvent, frame: _Frame, *, plain: bool) -> str | None:
        if plain and event.value == "<<":
            self._refuse("merge-key", event)
            return None
        before = len(self.problems)
        if plain and not isinstance(self._resolved(event), str):
            if len(self.problems) == before:
                self._refuse("key-not-text", event, name=event.value)
            return None
        keys = frame.keys or {}
        first = keys.get(event.value)
        if first is None or first.key_place is None:
            return str(event.value)
        if frame.item and event.value == next(iter(keys)):
            self._refuse("yaml-no-dash", event, name=event.value, first=first.key_place.line)
            frame.keys = {}  # the keys that follow are those of the item that begins here
            return str(event.value)
        self._refuse("duplicate-key", event, name=event.value, first=first.key_place.line)
        return None

    def _resolved(self, event: yaml.ScalarEvent) -> Scalar:
        """Return what an unquoted value means."""
        try:
            return resolve(event.value, self.limits.digits)
        except _Ambiguous as refused:
            self._refuse(refused.code, event, **refused.values)
            return None

    def _decorations(self, event: Any) -> None:
        if event.anchor is not None:
            self._refuse("yaml-anchor", event, name=event.anchor)
        if event.tag is not None:
            self._refuse("yaml-tag", event, name=event.tag.replace("tag:yaml.org,2002:", "!!"))

    def _counted(self, event: yaml.Event) -> None:
        self._count += 1
        if self._count > self.limits.nodes:
            self._refuse("too-many-values", event, limit=self.limits.nodes)
            raise _StopReading

    def _put(self, value: Any, place: Place) -> None:
        frame = self._stack[-1] if self._stack else None
        if frame is None:
            self.root = Node(value, place, None, self.source)
            return
        if frame.wants_key:  # an alias as a key, already refused
            frame.key, frame.next_key_place = None, place
            return
        frame.add(Node(value, place, frame.next_key_place, self.source))

    def _place(self, event: yaml.Event) -> Place:
        mark: Any = event.start_mark
        return Place(self.source.path, mark.line + 1, mark.column + 1)

    def _refuse(self, code: str, event: yaml.Event, **values: Any) -> None:
        place = self._place(event)
        self._note(code, place, self._span(event, place), **values)

    @staticmethod
    def _span(event: yaml.Event, place: Place) -> int:
        end: Any = event.end_mark
        return int(end.column) + 1 - place.column if end.line + 1 == place.line else 1

    def _note(self, code: str, place: Place, width: int, **values: Any) -> None:
        self.problems.append(self.source.problem(code, place, width, **values))
        if len(self.problems) >= self.limits.problems:
            self.problems.append(too_many(place, self.limits.problems))
            raise _StopReading


_COLON = re.compile(r"\s*:")
_SLIP_AFTER_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:(?P<colon>：)|:(?:(?P<blank>[\u3000\xa0])|(?P<glued>[^\s/])))")
_LINE_CHARACTERS = {ord(char): None for char in "\t\n\r"}
_BLOCK_START = re.compile(r"[|>][-+1-9]{0,2}(?: +#.*| *)")
_SURROGATE = re.compile("[\ud800-\udfff]")


# -- unquoted values --------------------------------------------------------------------------------------------------

_WORDS: Mapping[str, bool | None] = {"": None, "~": None, "null": None, "true": True, "false": False}
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]*)")
_FRACTION = re.compile(r"-?(?:0|[1-9][0-9]*)\.[0-9]+")
# What YAML 1.1 or 1.2, or a reader of numbers, might take for a number although it isn't plainly written as one.
_NUMBER_LIKE = re.compile(
    r"""[-+]?(?:
        [0-9][0-9_]*(?:\.[0-9_]*)?(?:[eE][-+]?[0-9]+)? | \.[0-9][0-9_]*(?:[eE][-+]?[0-9]+)?
        | 0[xX][0-9a-fA-F_]+ | 0[oO][0-7_]+ | 0[bB][01_]+ | \.(?:inf|Inf|INF)
    )|\.(?:nan|NaN|NAN)""",
    re.VERBOSE,
)
_CLOCK = re.compile(r"[-+]?[0-9][0-9_]*(?::[0-9]{1,2})+(?:\.[0-9_]*)?")


class _Ambiguous(Exception):  # noqa: N818 - a refusal that becomes a problem
    def __init__(self, code: str, **values: str) -> None:
        super().__init__(code)
        self.code, self.values = code, values


@lru_cache(maxsize=4096)  # keys and codes come again and again
def resolve(text: str, digits: int) -> Scalar:
    """Return what an unquoted YAML scalar means.

    Raises:
        _Ambiguous: it could be a number, a boolean or nothing in another reader's eyes.
    """
    if text in _WORDS:
        return _WORDS[text]
    if text.lower() in _WORDS:
        plain = text.lower()
        raise _Ambiguous("ambiguous-word", text=text, plain=plain, **_MEANINGS[plain])
    first = text[0]
    if not (first.isascii() and (first.isdigit() or first in "+-.")):
        return text
    whole, fraction = _INTEGER.fullmatch(text), _FRACTION.fullmatch(text)
    if whole or fraction:
        count = sum(char.isdigit() for char in text)
        if count > digits:
            raise _Ambiguous("too-many-digits", text=text, found=str(count), limit=str(digits))
        return int(text) if whole else Decimal(text)
    if _NUMBER_LIKE.fullmatch(text):
        raise _Ambiguous("ambiguous-number", text=text)
    if _CLOCK.fullmatch(text):
        raise _Ambiguous("unquoted-clock", text=text)
    return text


_MEANINGS = {
    "true": {"meaning_zh": "“是”", "meaning_en": "yes"},
    "false": {"meaning_zh": "“否”", "meaning_en": "no"},
    "null": {"meaning_zh": "空值", "meaning_en": "nothing"},
}


# -- syntax errors ----------------------------------------------------------------------------------------------------

# (words of the parser's context and problem, our code, where it points): both parsers' wordings, first match wins.
_SYNTAX: tuple[tuple[str, str, str], ...] = (
    (r"quoted scalar; found unexpected (end of stream|document)", "yaml-open-quote", "context"),
    (r"quoted scalar; ", "yaml-escape", "context"),
    (r"plain scalar; found unexpected ':'", "yaml-colon-alone", "problem"),
    (r"mapping values are not allowed", "yaml-colon", "problem"),
    (r"(sequence entries|mapping keys) are not allowed", "yaml-indentation", "problem"),
    (r"could not find expected ':'", "yaml-no-colon", "context"),
    (r"an anchor; ", "yaml-anchor", "context"),
    (r"an alias; ", "yaml-alias", "context"),
    (r"a tag; |undefined tag handle", "yaml-tag", "context"),
    (r"directive", "yaml-directive", "context"),
    (r"block scalar; ", "yaml-bad-start", "context"),
    (r"flow (sequence|mapping); ", "yaml-open-bracket", "context"),
    (r"cannot start any token|node content", "yaml-bad-start", "problem"),
    (r"block (mapping|collection); ", "yaml-indentation", "problem"),
    (r"expected '?<document start>", "yaml-indentation", "problem"),
)
_GOOD_ESCAPES = re.compile(
    r"""
    "(?:[^"\\]|\\(?:[0abtnvfre\x20\t"/\\N_LP\r\n]
        |x[0-9a-fA-F]{2}|u(?![dD][89a-fA-F])[0-9a-fA-F]{4}|U00(?:0[0-9a-fA-F]|10)[0-9a-fA-F]{4}))*+
    """,
    re.VERBOSE,
)
_QUOTED = ("'", '"')
_GLUED = re.compile(r"(?:- +)*[A-Za-z_][\w.]*:[^\s/]")
_WIDE_COLON = re.compile(r"\s*(?:-\s+)*[^\s：:'\"#]+(：)")
_WIDE_SPACE = re.compile(r"(?:\s*?|[^'\"#]*?: *)([\u3000\xa0])")
_WIDE_QUOTE = re.compile(r"[^'\"#]*?:\s*([“”‘’＂＇])[^'\"]*:\s")
_WIDE_DASH = re.compile(r" *(?:- +)*([－﹣−–—])(?![－—])")
_DASH_ALONE = re.compile(r" *(?:- +)*(-)[^\s\d.-]")
# In a text without quotes that ends in a fault: a bracket at its beginning or end, a comma before a key in brackets.
_WIDE_BRACKET = re.compile(r"(^[｛［【]|[｝］】](?=\s*(?:[\r\n,\]}]|$)))")
_WIDE_COMMA = re.compile(r"([，、])\s*[A-Za-z_]\w*\s*$")


def _syntax_problem(source: Source, error: yaml.YAMLError, last: yaml.ScalarEvent | None) -> Problem:
    if not isinstance(error, yaml.MarkedYAMLError):
        return Problem("yaml-syntax", Place(source.path), (("reason", str(error)),))
    words = f"{error.context or ''}; {error.problem or ''}"
    found = ((code, which) for pattern, code, which in _SYNTAX if re.search(pattern, words))
    code, which = next(found, ("yaml-syntax", "problem"))
    mark = (error.context_mark if which == "context" else error.problem_mark) or error.problem_mark
    place = Place(source.path, mark.line + 1, mark.column + 1) if mark is not None else Place(source.path)
    likely = (
        _open_on_its_line(source, code, error, last)
        or _wide_in_text(source, code, error, last)
        or _wide_character(source, place)
    )
    if likely is not None:
        return likely
    code, place = _better(source, code, place, error.problem_mark)
    rest = source.line(place.line)[place.column - 1 :]
    name = re.sub(r"[\s,\]}].*", "", rest if code == "yaml-tag" else rest[1:])
    glued = _GLUED.match(rest) if code == "yaml-no-colon" else None
    if glued is not None:
        return source.problem("missing-space", place, len(rest.rstrip()), text=rest.rstrip())
    return source.problem(code, place, found=rest[:1], name=name, reason=error.problem or "")


def _open_on_its_line(
    source: Source, code: str, error: yaml.MarkedYAMLError, last: yaml.ScalarEvent | None
) -> Problem | None:
    """Find the quote that nobody closed: its text runs on to the next quote, and what stands behind can't be read."""
    fault: Any = error.problem_mark
    start: Any = error.context_mark if code == "yaml-escape" else None
    end: Any = None if last is None or last.style not in _QUOTED else last.end_mark
    if last is not None and end is not None and fault is not None and end.line == fault.line:
        start = last.start_mark
    if start is None or fault is None or start.line == fault.line:
        return None
    place = Place(source.path, start.line + 1, start.column + 1)
    return source.problem("yaml-quote-runs-on", place, line=fault.line + 1, column=fault.column + 1)


def _wide_in_text(
    source: Source, code: str, error: yaml.MarkedYAMLError, last: yaml.ScalarEvent | None
) -> Problem | None:
    """Find a full-width bracket or comma in the text without quotes that was read before the fault."""
    mark: Any = error.problem_mark
    if last is None or last.style in _QUOTED or mark is None:
        return None
    begin: Any = last.start_mark
    start = source.offset(begin.line + 1, begin.column + 1)
    text = source.text[start : source.offset(mark.line + 1, mark.column + 1)]
    found = _WIDE_BRACKET.search(text) or (_WIDE_COMMA.search(text) if code == "yaml-open-bracket" else None)
    if found is None:
        return None
    sign, place = found.group(1), source.place(start + found.start(1))
    return source.problem("fullwidth-sign", place, found=sign, expected=half(sign))


def _wide_character(source: Source, place: Place) -> Problem | None:
    """Find the usual cause of a syntax error in Chinese text: a full-width character typed for a YAML sign."""
    for number in (place.line, place.line - 1):
        line = source.line(number)
        for pattern, code in (
            (_WIDE_SPACE, "yaml-fullwidth-space"),
            (_WIDE_COLON, "yaml-fullwidth-colon"),
            (_WIDE_QUOTE, "yaml-fullwidth-quote"),
            (_WIDE_DASH, "yaml-dash"),
            (_DASH_ALONE, "yaml-dash"),
        ):
            match = pattern.match(line)
            if match:
                return source.problem(code, Place(source.path, number, match.start(1) + 1), found=match.group(1))
    return None


def _better(source: Source, code: str, place: Place, fault: Any) -> tuple[str, Place]:
    """Move a problem to where its cause is likely to be; `fault` is where the parser gave up."""
    line = source.line(place.line)
    before = line[: place.column - 1]
    if code == "yaml-escape":
        return code, _bad_escape(source, place)
    if code == "yaml-open-bracket" and fault.line + 1 == place.line and line[fault.column : fault.column + 1] == ":":
        return "yaml-second-colon", replace(place, column=fault.column + 1)
    if code == "yaml-indentation" and source.line(place.line - 1).startswith("..."):
        return "second-document", place
    if code == "yaml-indentation" and before.strip(" -"):
        return "yaml-after-value", place
    if code != "yaml-colon" or ": " in before:
        return code, place
    above = [n for n in range(place.line - 1, 0, -1) if source.line(n).strip()][:2]
    if not above or re.search(r":(?:\s|$)", source.line(above[0])) or _indent(source.line(above[0])) != _indent(line):
        return code, place
    starts_text = len(above) > 1 and _indent(source.line(above[1])) < _indent(line)
    if starts_text and not source.line(above[1]).rstrip().endswith(":"):
        return code, place  # the line above goes on with a text begun before it
    return "yaml-no-colon", Place(source.path, above[0], _indent(source.line(above[0])) + 1)


def _bad_escape(source: Source, place: Place) -> Place:
    """Return the place of the first backslash that is no escape, in the text in double quotes at `place`."""
    match = _GOOD_ESCAPES.match(source.text, source.offset(place.line, place.column))
    return place if match is None else source.place(match.end())


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))
