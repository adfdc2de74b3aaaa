"""Prints lines and findings: set out and coloured on a terminal, one line each elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Protocol, TextIO

from validator.errors import columns, visible
from validator.judging.finding import Finding
from validator.output.render import MOST_POINTERS, finding_block, finding_line, worst_first
from validator.output.text import Line, Piece, wrap

_INDENT = "  "


class Screen(Protocol):
    """Where lines are shown in colour; ``width`` is how many columns there are."""

    @property
    def width(self) -> int: ...  # noqa: D102 - said above

    def show(self, line: Line) -> None: ...  # noqa: D102 - said by its name


def _terminal(stream: TextIO, columns: int) -> Screen:
    from validator.output.terminal import Terminal  # noqa: PLC0415 - rich takes long to import and is of no use to a pipe

    return Terminal(stream, columns)


@dataclass(slots=True)
class Printer:
    """Prints lines: coloured and set out on a terminal, plain and never wrapped elsewhere.

    With a number of `columns` the stream is taken for a terminal of that width.
    """

    stream: TextIO
    columns: int = 0
    screen: Screen | None = field(init=False)
    started: bool = False

    def __post_init__(self) -> None:
        self.screen = _terminal(self.stream, self.columns) if self.columns or self.stream.isatty() else None

    @property
    def width(self) -> int:
        """How many columns there are; 0: no limit."""
        return 0 if self.screen is None else self.screen.width

    def line(self, text: Line | str = "") -> None:
        """Print one line: what a terminal would obey, or no eye sees, is written as an escape, whoever wrote it."""
        pieces = (Piece(text),) if isinstance(text, str) else text
        line = tuple(Piece(visible(piece.text), piece.style) for piece in pieces)
        if self.screen is None:
            self.stream.write("".join(piece.text for piece in line) + "\n")
        else:
            self.screen.show(line)

    def sentence(self, text: str) -> None:
        """Print a sentence; on a terminal that is too narrow for it as several lines, below the first ones indented."""
        fits = not self.width or columns(text) <= self.width
        first, *rest = [text] if fits else wrap(text, self.width - len(_INDENT))
        self.line(first)
        for line in rest:
            self.line(_INDENT + line)

    def findings(self, found: Iterable[Finding], path: str, line: int, lang: str, most: int = MOST_POINTERS) -> None:
        """Print findings of one record: one line each, or below a heading on a terminal."""
        findings = worst_first(found)
        if not findings:
            return
        if self.screen is None:
            for finding in findings:
                self.line(finding_line(finding, path, line, lang, most))
            return
        place = f"{visible(path)}:{line}" if line else visible(path)
        if self.started:
            self.line()
        self.started = True
        for text in _heading(visible(findings[0].record), place, self.width):
            self.line(text)
        for finding in findings:
            for text in finding_block(finding, lang, self.width, most):
                self.line(text)


def _heading(record: str, place: str, width: int) -> Iterator[Line]:
    """Yield what stands above the findings of a record; a place that has no room behind the record stands below it."""
    if columns(record) + len(_INDENT) + columns(place) <= width:
        yield Piece(record, "bold"), Piece(_INDENT + place, "dim")
    else:
        yield (Piece(record, "bold"),)
        yield (Piece(_INDENT + place, "dim"),)
