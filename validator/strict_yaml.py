"""The one reader of YAML: strict, safe, and every value keeps its line and column.

Bytes become parser events; events are counted and composed here, one at a time and without recursion, so that no
nesting can exhaust a stack and nothing is ever constructed from a tag. Refused are duplicate keys, anchors, aliases,
tags, merge keys, directives, second documents, tabs and invisible characters. Unquoted values mean what a clerk
thinks they mean or are refused: ``no`` and ``2022-01-26`` are texts, ``12`` and ``0.5`` numbers, ``012``, ``1_000``,
``0x1F``, ``1e3``, ``.5`` and ``12:30`` need quotes.

`validate` checks a tree against a JSON Schema (draft 2020-12) and says what is wrong in words of the record language.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import yaml
from jsonschema import Draft202012Validator, TypeChecker
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend

from validator.errors import INVISIBLE, InvalidSource, Place, Problem, nearest
from validator.limits import DEFAULT, Limits
from validator.source import Source, decode

Scalar = str | int | Decimal | bool | None

# Only its event stream is used; the safe loader is named so that nothing unsafe is within reach.
_LOADER: Any = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """A value of a YAML file with its place. Compared by identity; compare `plain` to compare content.

    Attributes:
        value: text, whole number, decimal, true, false, None, a tuple of nodes, or a dict of nodes in file order.
        place: where the value starts.
        key_place: where the key of this value starts, when it is the value of a mapping.
        source: the file.
    """

    value: Scalar | tuple["Node", ...] | dict[str, "Node"]
    place: Place
    key_place: Place | None = None
    source: Source = field(default=Source("", ""), repr=False)

    @property
    def plain(self) -> Any:
        """The value as ordinary data: dict, list, str, int, Decimal, bool or None."""
        if isinstance(self.value, dict):
            return {key: node.plain for key, node in self.value.items()}
        if isinstance(self.value, tuple):
            return [node.plain for node in self.value]
        return self.value

    def at(self, path: Sequence[str | int]) -> "Node":
        """Return the node at a path of keys and list indices.

        Raises:
            KeyError: there is no such key or index.
        """
        node = self
        for step in path:
            child = node._child(step)
            if child is None:
                raise KeyError(step)
            node = child
        return node

    def closest(self, path: Sequence[str | int]) -> "Node":
        """Return the node at a path or, when the path leaves the tree, the last node before."""
        node = self
        for step in path:
            child = node._child(step)
            if child is None:
                break
            node = child
        return node

    def _child(self, step: str | int) -> "Node | None":
        if isinstance(self.value, dict):
            return self.value.get(str(step))
        if isinstance(self.value, tuple) and str(step).isdecimal() and int(step) < len(self.value):
            return self.value[int(step)]
        return None

    def get(self, key: str) -> "Node | None":
        """Return the value of `key`, or None when this is no mapping or lacks it."""
        return self.value.get(key) if isinstance(self.value, dict) else None

    def members(self) -> tuple["Node", ...]:
        """Return the members of a list; nothing for any other value."""
        return self.value if isinstance(self.value, tuple) else ()

    def items(self) -> Iterable[tuple[str, "Node"]]:
        """Return the keys and values of a mapping in file order; nothing for any other value."""
        return self.value.items() if isinstance(self.value, dict) else ()

    def problem(
        self, code: str, *, key: bool = False, offset: int = 0, width: int | None = None, severity: str = "error",
        **values: Any,
    ) -> Problem:  # fmt: skip
        """Make a problem of this value.

        Args:
            code: key of `validator.messages.MESSAGES`.
            key: point at the key instead of the value (at the value, when it has no key).
            offset: characters into a text, for what stands inside it; exact also in quotes and on later lines.
            width: characters underlined; by default the whole value or key, from an offset one.
            severity: "error" or "warning".
            values: the values of the message.
        """
        place = self.key_place if key and self.key_place is not None else self.place
        if place is self.place and offset:
            place = self._inside(offset)
        if width is None:
            width = 1 if offset else self._width(place)
        return self.source.problem(code, place, width, severity, **values)

    def _width(self, place: Place) -> int:
        line = self.source.line(place.line)[place.column - 1 :]
        if place is not self.place:
            found = re.match(r"'(?:[^']|'')*'|\"(?:[^\"\\]|\\.)*\"|[^:,}\]]*[^:,}\]\s]", line)
            return found.end() if found else 1
        if isinstance(self.value, str):
            quotes = 2 if line[:1] in ("'", '"') else 0
            return 1 if line[:1] in ("|", ">") else len(self.value) + quotes
        return 1 if isinstance(self.value, dict | tuple) else max(len(_shown(self.value)), 1)

    def _inside(self, offset: int) -> Place:
        """Return the place of a character of a text, found by walking the text and its source side by side.

        Folding and indentation change white space only, so the other characters correspond one by one.
        """
        if not isinstance(self.value, str) or not self.place.line:
            return self.place
        text = self.source.text
        at = self.source.offset(self.place.line, self.place.column)
        style = text[at : at + 1]
        if style in ("|", ">"):
            at = self.source.offset(self.place.line + 1, 1)
            style = ""
        elif style in ("'", '"'):
            at += 1
        for unit in self.value[:offset]:
            at = _skip_unit(text, at, unit, style)
        if offset < len(self.value) and not self.value[offset].isspace():
            at = _skip_space(text, at)
        return self.source.place(min(at, len(text)))


def _skip_space(text: str, at: int) -> int:
    while at < len(text) and text[at].isspace():
        at += 1
    return at


def _skip_unit(text: str, at: int, unit: str, style: str) -> int:
    """Return the offset after the source of one character `unit` of a text."""
    if unit.isspace() and text[at : at + 1] != "\\":
        return at + 1 if text[at : at + 1] == unit and unit != "\n" else at
    at = _skip_space(text, at)
    if style == "'" and text.startswith("''", at):
        return at + 2
    if style == '"' and text[at : at + 1] == "\\":
        length = {"x": 4, "u": 6, "U": 10}.get(text[at + 1 : at + 2], 2)
        return at + length
    return at + 1


# -- loading ----------------------------------------------------------------------------------------------------------


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
        raise InvalidSource(sorted(problems) or [Problem("empty-document", Place(path))])
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
        composer.problems.append(_syntax_problem(source, error))
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
            problems.append(_more(place, limits))
            break
    return problems


def _more(place: Place, limits: Limits) -> Problem:
    return Problem("too-many-problems", place, (("limit", str(limits.problems)),))


class _StopReading(Exception):  # noqa: N818 - not an error: what is read so far has its problems noted
    """Reading further would help nobody."""


@dataclass(slots=True)
class _Frame:
    """A list or mapping that is being read. `keys` is None for a list."""

    start: Place
    key_place: Place | None
    items: list[Node] = field(default_factory=list)
    keys: dict[str, Node] | None = None
    key: str | None = None
    next_key_place: Place | None = None

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
        self._stack: list[_Frame] = []
        self._count = 0
        self._documents = 0

    def take(self, event: yaml.Event) -> None:
        """Take the next event.

        Raises:
            _StopReading: a limit is passed, or a second document starts.
        """
        match event:
            case yaml.ScalarEvent():
                self._scalar(event)
            case yaml.AliasEvent():
                self._refuse("yaml-alias", event, name=event.anchor)
                self._put(None, self._place(event))
            case yaml.CollectionStartEvent():
                self._open(event)
            case yaml.CollectionEndEvent():
                self._close()
            case yaml.DocumentStartEvent():
                self._document(event)
            case _:
                return

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
        self._stack.append(_Frame(place, key_place, keys=keys))
        self._counted(event)

    def _close(self) -> None:
        frame = self._stack.pop()
        parent = self._stack[-1] if self._stack else None
        if parent is not None and parent.wants_key:  # refused when it was opened
            parent.key, parent.next_key_place = None, frame.start
            return
        value = tuple(frame.items) if frame.keys is None else frame.keys
        self._put(value, frame.start)

    def _scalar(self, event: yaml.ScalarEvent) -> None:
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
        self._put(self._resolved(event) if plain else event.value, place)

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
        first = (frame.keys or {}).get(event.value)
        if first is not None and first.key_place is not None:
            self._refuse("duplicate-key", event, name=event.value, first=first.key_place.line)
            return None
        return str(event.value)

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
            self.problems.append(_more(place, self.limits))
            raise _StopReading


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
_WIDE_COLON = re.compile(r"\s*(?:-\s+)*[^\s：:'\"#]+(：)")
_WIDE_SPACE = re.compile(r"\s*?([\u3000\xa0])")
_WIDE_QUOTE = re.compile(r"[^'\"#]*?:\s*([“”‘’＂＇])[^'\"]*:\s")


def _syntax_problem(source: Source, error: yaml.YAMLError) -> Problem:
    if not isinstance(error, yaml.MarkedYAMLError):
        return Problem("yaml-syntax", Place(source.path), (("reason", str(error)),))
    words = f"{error.context or ''}; {error.problem or ''}"
    found = ((code, which) for pattern, code, which in _SYNTAX if re.search(pattern, words))
    code, which = next(found, ("yaml-syntax", "problem"))
    mark = (error.context_mark if which == "context" else error.problem_mark) or error.problem_mark
    place = Place(source.path, mark.line + 1, mark.column + 1) if mark is not None else Place(source.path)
    wide = _wide_character(source, place)
    if wide is not None:
        return wide
    code, place = _better(source, code, place)
    rest = source.line(place.line)[place.column - 1 :]
    name = re.sub(r"[\s,\]}].*", "", rest if code == "yaml-tag" else rest[1:])
    return source.problem(code, place, found=rest[:1], name=name, reason=error.problem or "")


def _wide_character(source: Source, place: Place) -> Problem | None:
    """Find the usual cause of a syntax error in Chinese text: a full-width character typed for a YAML sign."""
    for number in (place.line, place.line - 1):
        line = source.line(number)
        for pattern, code in (
            (_WIDE_SPACE, "yaml-fullwidth-space"),
            (_WIDE_COLON, "yaml-fullwidth-colon"),
            (_WIDE_QUOTE, "yaml-fullwidth-quote"),
        ):
            match = pattern.match(line)
            if match:
                return source.problem(code, Place(source.path, number, match.start(1) + 1))
    return None


def _better(source: Source, code: str, place: Place) -> tuple[str, Place]:
    """Move a problem to where its cause is likely to be."""
    line = source.line(place.line)
    before = line[: place.column - 1]
    if code == "yaml-escape":
        return code, _bad_escape(source, place)
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


# -- schema -----------------------------------------------------------------------------------------------------------


def _is_number(_checker: TypeChecker, value: object) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def _is_integer(_checker: TypeChecker, value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


# Decimals are numbers, and a whole number is one that is written as one.
_SchemaValidator: Any = extend(  # type: ignore[no-untyped-call]
    Draft202012Validator,
    type_checker=Draft202012Validator.TYPE_CHECKER.redefine_many({"number": _is_number, "integer": _is_integer}),
)


def validate(node: Node, schema: Mapping[str, Any], limits: Limits = DEFAULT) -> list[Problem]:
    """Check a tree against a JSON Schema of draft 2020-12.

    Descriptions in the schema ("Chinese / English") become what a message says was expected.

    Returns:
        The problems in file order, at most `limits.problems` and a last one that says so; none when the tree fits.
    """
    problems: set[Problem] = set()
    explainer = _Explainer(node, schema)
    for error in _SchemaValidator(schema).iter_errors(node.plain):
        problems.update(explainer.explain(error))
        if len(problems) >= limits.problems:
            problems.add(_more(explainer.last, limits))
            break
    return sorted(problems - explainer.said_already())


class _Explainer:
    """Turns schema errors into problems of the nodes they are about."""

    def __init__(self, root: Node, schema: Mapping[str, Any]) -> None:
        self._root, self._schema = root, schema
        self.last = root.place
        self._misspelt: set[tuple[Place, str]] = set()  # (mapping, key that was meant)
        self._missing: list[tuple[Place, Sequence[str], Problem]] = []  # (mapping, keys it lacks, problem)
        self._handlers: dict[str, Callable[[ValidationError, Node], Iterable[Problem]]] = {
            "additionalProperties": self._unknown_keys,
            "unevaluatedProperties": self._unknown_keys,
            "required": self._missing_keys,
            "dependentRequired": self._needed_keys,
            "enum": self._word,
            "const": self._word,
            "type": self._type,
            "pattern": self._form,
            "format": self._form,
            "uniqueItems": self._repeated,
            "anyOf": self._branches,
            "oneOf": self._branches,
        }

    def said_already(self) -> set[Problem]:
        """Return the problems of missing keys that are there, only misspelt, which another problem says better."""
        return {
            problem
            for place, keys, problem in self._missing
            if any(misspelt == (place, key) for key in keys for misspelt in self._misspelt)
        }

    def explain(self, error: ValidationError) -> Iterator[Problem]:
        """Yield the problems that a schema error stands for."""
        node = self._root.closest([*error.absolute_path])
        self.last = node.place
        if "propertyNames" in error.absolute_schema_path and isinstance(node.value, dict):
            yield self._key_name(error, node)
            return
        keyword = str(error.validator)
        if keyword in self._handlers:
            yield from self._handlers[keyword](error, node)
        elif keyword in _SIZES:
            yield _size_problem(error, node, keyword)
        elif error.schema is False:
            yield _not_here(error, node)
        else:
            yield node.problem("not-allowed", rule=keyword)

    # -- keys
    def _unknown_keys(self, error: ValidationError, node: Node) -> Iterator[Problem]:
        known = self._known_keys(error.schema)
        patterns = error.schema.get("patternProperties", {}) if isinstance(error.schema, Mapping) else {}
        free = [key for key in known if node.get(key) is None]
        for key, child in node.items():
            if key in known or any(re.search(pattern, key) for pattern in patterns):
                continue
            meant = nearest(key, free) or ""
            self._misspelt.add((node.place, meant))
            yield child.problem("unknown-key", key=True, name=key, nearest=meant, words=_listed(free or known))

    def _known_keys(self, schema: Any) -> list[str]:
        """Return the keys a schema names, also through its references and branches, in the order it names them."""
        found: dict[str, None] = {}
        seen: set[int] = set()
        waiting = [schema]
        while waiting:
            part = waiting.pop(0)
            if not isinstance(part, Mapping) or id(part) in seen:
                continue
            seen.add(id(part))
            found.update(dict.fromkeys(k for k, v in part.get("properties", {}).items() if v is not False))
            if part.get("additionalProperties") is not False:  # closed schemas see their own keys only
                waiting += [part.get(keyword) for keyword in ("if", "then", "else")]
                waiting += [branch for keyword in ("allOf", "anyOf", "oneOf") for branch in part.get(keyword, ())]
                waiting += [*part.get("dependentSchemas", {}).values(), self._target(part)]
        return list(found)

    def _target(self, schema: Mapping[str, Any]) -> Any:
        """Follow a reference inside the schema."""
        reference = schema.get("$ref", "")
        if not reference.startswith("#/"):
            return None
        part: Any = self._schema
        for step in reference[2:].split("/"):
            part = part.get(step.replace("~1", "/").replace("~0", "~"), {}) if isinstance(part, Mapping) else {}
        return part

    def _missing_keys(self, error: ValidationError, node: Node) -> Iterator[Problem]:
        for key in _rule(error):
            if node.get(key) is None and f"{key!r} is a required" in error.message:
                part = error.schema.get("properties", {}).get(key, {}) if isinstance(error.schema, Mapping) else {}
                yield self._lacks(node, [key], "missing-key", name=key, **self._description(part))

    def _needed_keys(self, error: ValidationError, node: Node) -> Iterator[Problem]:
        for key, needs in _rule(error).items():
            for needed in needs:
                if node.get(key) is not None and node.get(needed) is None:
                    yield node.at([key]).problem("key-needs-key", key=True, name=key, needed=needed)

    def _lacks(self, node: Node, keys: Sequence[str], code: str, **values: Any) -> Problem:
        problem = node.problem(code, key=True, **values)  # the key of the mapping is where its reader looks
        self._missing.append((node.place, keys, problem))
        return problem

    def _key_name(self, error: ValidationError, node: Node) -> Problem:
        name = str(error.instance)
        child = node.get(name) or node
        if error.validator in ("enum", "const"):
            words = _words(error)
            return child.problem(
                "unknown-key", key=True, name=name, nearest=nearest(name, words) or "", words=_listed(words)
            )
        if error.validator == "pattern":
            return child.problem("wrong-key-form", key=True, text=name, **self._form_of(error))
        return child.problem("not-allowed", key=True, rule=f"propertyNames {error.validator}")

    # -- values
    def _word(self, error: ValidationError, node: Node) -> Iterator[Problem]:
        yield self._unknown_word(node, _words(error))

    @staticmethod
    def _unknown_word(node: Node, words: Sequence[str]) -> Problem:
        if isinstance(node.value, dict | tuple):
            return node.problem("wrong-type", found=_type_of(node.value), expected=_listed(words))
        name = _shown(node.value)
        return node.problem("unknown-word", name=name, nearest=nearest(name, words) or "", words=_listed(words))

    def _type(self, error: ValidationError, node: Node) -> Iterator[Problem]:
        yield self._wrong_type(node, _as_list(_rule(error)))

    @staticmethod
    def _wrong_type(node: Node, expected: Sequence[str]) -> Problem:
        text = node.value
        if isinstance(text, str) and "object" in expected:
            if "：" in text:
                return node.problem("yaml-fullwidth-colon", offset=text.index("："))
            if re.match(r"[^\s:]+:[^\s:/]", text):
                return node.problem("missing-space", text=text)
        empty = node.value is None  # nothing can be underlined, so point at the key
        return node.problem("wrong-type", key=empty, found=_type_of(text), expected=" | ".join(expected))

    def _form(self, error: ValidationError, node: Node) -> Iterator[Problem]:
        yield node.problem("wrong-form", text=_shown(node.value), **self._form_of(error))

    def _form_of(self, error: ValidationError) -> dict[str, Any]:
        described = self._description(error.schema)
        return described or {"expected": str(_rule(error))}

    def _description(self, schema: Any) -> dict[str, Any]:
        """Return the description of a schema, or of what it refers to, by language."""
        while isinstance(schema, Mapping) and "description" not in schema:
            schema = self._target(schema)
        if not isinstance(schema, Mapping):
            return {}
        chinese, _, english = str(schema["description"]).partition(" / ")
        return {"expected_zh": chinese, "expected_en": english or chinese}

    @staticmethod
    def _repeated(_error: ValidationError, node: Node) -> Iterator[Problem]:
        seen: list[Any] = []
        for item in node.members():
            plain = item.plain
            if any(plain == other and type(plain) is type(other) for other in seen):
                yield item.problem("repeated-item", text=_shown(plain))
            seen.append(plain)

    # -- alternatives
    def _branches(self, error: ValidationError, node: Node) -> Iterator[Problem]:
        """Explain why no alternative fits: by what all lack alike, else by the alternative that was meant."""
        context = error.context or []
        here = [e for e in context if not e.path]
        if not context:  # oneOf: more than one fits
            yield node.problem("not-allowed", rule=str(error.validator))
        elif all(e.validator == "required" for e in context) and here == context:
            words = [*dict.fromkeys(key for e in context for key in _rule(e) if node.get(key) is None)]
            yield self._lacks(node, words, "missing-one-key", words=_listed(words))
        elif all(e.validator in ("enum", "const") for e in context) and here == context:
            yield self._unknown_word(node, [*dict.fromkeys(word for e in context for word in _words(e))])
        elif all(e.validator == "type" for e in context) and here == context:
            kinds = [k for e in context for k in _as_list(_rule(e))]
            yield self._wrong_type(node, [*dict.fromkeys(kinds)])
        else:
            for found in _meant_branch(context):
                yield from self.explain(found)


def _meant_branch(context: Sequence[ValidationError]) -> list[ValidationError]:
    """Return the errors of the alternative the writer most likely meant.

    That is one whose type fits and whose discriminating words fit; of these the one with the fewest errors, and of
    these the first.
    """
    branches: dict[Any, list[ValidationError]] = {}
    for error in context:
        branches.setdefault(error.relative_schema_path[0], []).append(error)

    def distance(errors: list[ValidationError]) -> tuple[int, int, int]:
        of_type = sum(e.validator == "type" and not e.path for e in errors)
        of_word = sum(e.validator in ("const", "enum", "required", "additionalProperties") for e in errors)
        return (of_type, of_word, len(errors))

    return min(branches.values(), key=distance)


# (keyword, our code)
_SIZES = {
    "minItems": "too-few-items",
    "maxItems": "too-many-items",
    "minProperties": "too-few-keys",
    "maxProperties": "too-many-keys",
    "minLength": "text-too-short",
    "maxLength": "text-too-long",
    "minimum": "number-too-small",
    "exclusiveMinimum": "number-too-small",
    "maximum": "number-too-large",
    "exclusiveMaximum": "number-too-large",
}


def _size_problem(error: ValidationError, node: Node, keyword: str) -> Problem:
    found = _shown(node.value) if keyword.endswith("imum") else str(len(_instance(error)))
    return node.problem(_SIZES[keyword], found=found, limit=_rule(error))


def _rule(error: ValidationError) -> Any:
    """Return the value of the keyword that failed."""
    return error.validator_value


def _instance(error: ValidationError) -> Any:
    return error.instance


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _not_here(error: ValidationError, node: Node) -> Problem:
    """Say that a key is one too many; the error knows its value only, not its name."""
    found = ((name, child) for name, child in node.items() if child.plain == error.instance)
    name, child = next(found, ("", node))
    return child.problem("key-not-here", key=True, name=name)


def _words(error: ValidationError) -> list[str]:
    values = _rule(error) if error.validator == "enum" else [_rule(error)]
    return [_shown(value) for value in values]


_WORDS_SHOWN = 12


def _listed(words: Sequence[str]) -> str:
    more = ", ..." if len(words) > _WORDS_SHOWN else ""
    return ", ".join(words[:_WORDS_SHOWN]) + more


def _type_of(value: Any) -> str:
    if value is None:
        return "null"
    kinds = ((bool, "boolean"), (int, "integer"), (Decimal, "number"), (str, "string"), (dict, "object"))
    return next((name for kind, name in kinds if isinstance(value, kind)), "array")


def _shown(value: Any) -> str:
    """Return a value as it is written in YAML; a list or mapping on one line."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "{" + ", ".join(f"{k}: {_shown(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_shown(v.value if isinstance(v, Node) else v) for v in value) + "]"
    return str(value)
