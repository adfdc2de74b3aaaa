"""A value of a YAML file with its place: what the strict reader makes and problems point at."""

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from msgspec import Struct

from validator.errors import Place, Problem
from validator.reading.source import Source

Scalar = str | int | Decimal | bool | None


class Node(Struct, frozen=True, eq=False):
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
    source: Source = Source("", "")

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
        return 1 if isinstance(self.value, dict | tuple) else max(len(shown(self.value)), 1)

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


def shown(value: Any) -> str:
    """Return a value as it is written in YAML; a list or mapping on one line."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "{" + ", ".join(f"{k}: {shown(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(shown(v.value if isinstance(v, Node) else v) for v in value) + "]"
    return str(value)
